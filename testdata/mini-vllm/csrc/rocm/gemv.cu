// Matrix times vector for RDNA 3. CMake adds this file only when gfx1100 is among the targets.
#include <cassert>
#include <hip/hip_runtime.h>

#if defined(__gfx1100__) || defined(__gfx1101__) || defined(__gfx1151__)
__global__ void mini_gemv(const float* matrix, const float* vector, float* out) {
  out[threadIdx.x] = matrix[threadIdx.x] * vector[threadIdx.x];
}
#else
__global__ void mini_gemv(const float*, const float*, float*) { assert(false); }
#endif
