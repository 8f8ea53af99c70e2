"""AITER kernels. The image builds them for gfx942 and gfx950."""

from vllm.platforms.rocm import on_gfx9


def is_aiter_found_and_supported() -> bool:
    try:
        import aiter  # noqa: F401
    except ImportError:
        return False
    return on_gfx9()


def fused_rope(query, key):
    if is_aiter_found_and_supported():
        from aiter import rope_cached

        return rope_cached(query, key)
    return query, key
