#!/usr/bin/env bash
# What a CUDA build does on a real card, in one table and one JSON file, beside the CPU of the same machine:
#
#     benches/gpu_check.sh BINARY SOURCE.zh [REFERENCE.en] [--out FILE.json] [--device cuda:0] [--seconds 500]
#     benches/gpu_check.sh target/release/kuaibao SOURCE.zh --device cpu --dry-run    # the same steps, small, without a card
#     benches/gpu_check.sh BINARY SOURCE.zh [REFERENCE.en] --pack FOLDER    # the binary, packed, and 400 lines, to take along
#     benches/gpu_check.sh FOLDER                                           # what was packed, on a machine that has the tree
#
# BINARY is a build with `--features cuda` (CONTRIBUTING.md says how to make one without a GPU); nothing is compiled here.
# To pack, build with `--no-default-features --features cuda,pdf`: the tree has the bundled model.
# It finds CUDA's libraries where a toolkit or the packages of PyTorch have them.
# PYTHON names a Python with torch, transformers and safetensors, which make the random weights; CTranslate2 is measured
# beside kuaibao where that Python has it.
set -euo pipefail
exec "${PYTHON:-python3}" "$(dirname "$0")/gpu_check.py" "$@"
