// Paged attention. Compiled for every target of the build; targets without a guard of their own get the stub.
#include <cassert>
#include <hip/hip_runtime.h>

#if defined(__gfx90a__) || defined(__gfx942__) || defined(__gfx950__)
  #define MINI_CDNA
#endif

#if defined(__gfx1100__) || defined(__gfx1101__) || \
    defined(__gfx1150__) || defined(__gfx1151__)
  #define MINI_RDNA3
#endif

#if defined(__gfx1200__) || defined(__gfx1201__)
  #define MINI_RDNA4
#endif

#define UNREACHABLE_CODE assert(false);

#if defined(MINI_CDNA)

__global__ void paged_attention_ll4mi_kernel(const float* query, float* out) {
  out[threadIdx.x] = query[threadIdx.x] * 64.0f;
}

#elif defined(MINI_RDNA3) || defined(MINI_RDNA4)

__global__ void paged_attention_ll4mi_kernel(const float* query, float* out) {
  out[threadIdx.x] = query[threadIdx.x] * 32.0f;
}

#else

__global__ void paged_attention_ll4mi_kernel(const float* query, float* out) {
  UNREACHABLE_CODE
}

#endif
