#!/bin/bash
# Writes the note of a release.
set -euo pipefail
PYTORCH_ROCM_ARCH=$(buildkite-agent meta-data get rocm-arch 2>/dev/null || echo "gfx90a;gfx942;gfx950;gfx1100;gfx1101;gfx1150;gfx1151;gfx1200;gfx1201")
printf 'Images for %s\n' "${PYTORCH_ROCM_ARCH}"
export HIP_ARCHITECTURES=gfx942;gfx950
