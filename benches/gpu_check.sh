#!/usr/bin/env bash
# What a CUDA build does on a real card, in one table and one JSON file, beside the CPU of the same machine:
#
#     benches/gpu_check.sh BINARY SOURCE.zh [REFERENCE.en] [--out FILE.json] [--device cuda:0] [--seconds 500]
#     benches/gpu_check.sh target/release/kuaibao inputs.zh --device cpu --dry-run    # the same steps, small, without a card
#
# BINARY is a build with `--features cuda` (CONTRIBUTING.md says how to make one without a GPU); nothing is compiled here.
# PYTHON names a Python with torch, transformers and safetensors, which make the random weights; CTranslate2 is measured
# beside kuaibao where that Python has it.
set -euo pipefail
exec "${PYTHON:-python3}" "$(dirname "$0")/gpu_check.py" "$@"
