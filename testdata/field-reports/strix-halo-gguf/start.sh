#!/usr/bin/env bash
# The same on the release's own image, as it was tried on the gfx1151 box.
set -euo pipefail
GFX=gfx1151
MODEL=${MODEL:-/models/qwen2.5-14b-instruct-q4_k_m.gguf}
DTYPE=bfloat16

docker run --rm --device /dev/kfd --device /dev/dri --group-add video --group-add render --ipc=host \
    --name "vllm-$GFX" -v /srv/models:/models:ro \
    vllm/vllm-openai-rocm:v0.14.1 \
    "$MODEL" --tokenizer Qwen/Qwen2.5-14B-Instruct --dtype "$DTYPE"
