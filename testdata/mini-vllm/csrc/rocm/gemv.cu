// Matrix times vector for RDNA 3. CMake adds this file only when gfx1100 is among the targets.
#include <cassert>
#include <string>
#include <hip/hip_runtime.h>

#if defined(__GFX11__)
__global__ void mini_gemv(const float* matrix, const float* vector, float* out) {
  out[threadIdx.x] = matrix[threadIdx.x] * vector[threadIdx.x];
}
#else
__global__ void mini_gemv(const float*, const float*, float*) { assert(false); }
#endif

bool mini_gemv_runs_on(const std::string& name) { return name.rfind("gfx11", 0) == 0; }
