"""Which GPU this is, and what it can do."""

import torch

BOARDS = {
    "gfx90a": "MI250",
    "gfx942": "MI300X",
    "gfx950": "MI355X",
}


def board_name() -> str:
    # The key may be "gfx942:sramecc+:xnack-".
    return BOARDS[torch.cuda.get_device_properties("cuda").gcnArchName]


def on_gfx1x() -> bool:
    name = torch.cuda.get_device_properties("cuda").gcnArchName
    return any(arch in name for arch in ["gfx11", "gfx12"])


def on_gfx9() -> bool:
    name = torch.cuda.get_device_properties("cuda").gcnArchName
    return any(arch in name for arch in ["gfx90a", "gfx942", "gfx950"])


def on_cdna() -> bool:
    name = torch.cuda.get_device_properties("cuda").gcnArchName
    return any(arch in name for arch in ["gfx9"])


def get_cdna_version() -> int:
    name = torch.cuda.get_device_properties("cuda").gcnArchName
    if "gfx90a" in name:
        return 2
    if "gfx942" in name:
        return 3
    if "gfx950" in name:
        return 4
    return 0


def use_rocm_custom_paged_attention(head_size: int) -> bool:
    if on_gfx9():
        return head_size in (64, 128)
    return on_gfx1x() and head_size == 128


class RocmPlatform:
    supported_quantization = ["awq", "gptq", "fp8"]
    # bitsandbytes does not work on gfx9 yet: it assumes that a warp has 32 lanes.
    if not on_gfx9():
        supported_quantization += ["bitsandbytes"]

    def has_device_capability(self, capability: int) -> bool:
        major, minor = torch.cuda.get_device_capability()
        return major * 10 + minor >= capability

    def supports_fp8(self) -> bool:
        name = torch.cuda.get_device_properties("cuda").gcnArchName
        return any(arch in name for arch in ["gfx94", "gfx95", "gfx12"])
