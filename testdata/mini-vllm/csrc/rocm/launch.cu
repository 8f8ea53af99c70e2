// Launches the kernels.
#include <string>
#include <torch/all.h>
#include <hip/hip_runtime.h>

static bool is_rdna() {
  hipDeviceProp_t properties;
  (void)hipGetDeviceProperties(&properties, 0);
  std::string name = properties.gcnArchName;
  return name.find("gfx11") == 0 || name.find("gfx12") == 0;
}

// Targets are defined in the device pass alone, so the host never sees this check.
#if defined(__gfx90a__)
  #define CHECK_CACHE(type) TORCH_CHECK(type != "fp8", "gfx90a has no FP8")
#else
  #define CHECK_CACHE(type)
#endif

void paged_attention(torch::Tensor& query, const std::string& type) {
  CHECK_CACHE(type);
  const int lanes = is_rdna() ? 32 : 64;
  TORCH_CHECK(query.size(-1) % lanes == 0);
}
