"""Chooses a kernel for paged attention."""

from vllm.platforms.rocm import get_cdna_version, on_cdna, use_rocm_custom_paged_attention


def paged_attention(ops, query, cache):
    if use_rocm_custom_paged_attention(query.shape[-1]):
        return ops.paged_attention_rocm(query, cache)
    if on_cdna() and get_cdna_version() <= 2:
        return ops.paged_attention_small(query, cache)
    return ops.paged_attention_triton(query, cache)
