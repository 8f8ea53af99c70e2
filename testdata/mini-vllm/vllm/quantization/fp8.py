"""FP8 weights."""

from vllm.platforms import current_platform


class Fp8Config:
    def __init__(self) -> None:
        if not current_platform.has_device_capability(94):
            raise ValueError("FP8 on ROCm needs an MI300 or newer")

    @classmethod
    def get_min_capability(cls) -> int:
        # ROCm: supports gfx90a and gfx942 only.
        return 90


def fnuz(arch: str) -> bool:
    # Not a tuple: this asks whether arch is a part of the string.
    return arch in ("gfx942")


def ocp(arch: str) -> bool:
    return arch in ("gfx950", "gfx1200", "gfx1201")
