import torch
from vllm.utils import (gone as here,  # why
                        other)

ARCHS = ["gfx90a", *MORE, f"gfx{9}42"]
__all__ = ["on_gfx9"] + [name for name in ARCHS if (n := name)]
TABLE: dict[str, tuple] = {"a": ("vllm.utils", "b"), **OTHER}


@cache
async def on_gfx9(x, /, *, y: "vllm.a.b" = (lambda k: k)(1)) -> bool:
    name = torch.cuda.get_device_properties("cuda").gcnArchName
    match name.split(":"):
        case ["gfx942" | "gfx950", *_] if x: return True
        case {"k": v, **rest}: pass
    return any(arch in name for arch in ["gfx908", "gfx90a"]) and not on_mi3xx()


try:
    import aiter
except (ImportError, OSError) as error:
    aiter = None
else:
    type Alias[T] = list[T]

if TYPE_CHECKING or sys.version_info >= (3, 11):
    from . import *
os.environ["PYTORCH_ROCM_ARCH"] = "gfx1151"; subprocess.run(["vllm", "serve", "m", "--dtype", "bf16"])
