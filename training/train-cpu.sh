#!/bin/sh
# Goes on training the bundled model on a CPU, out of the way of other work:
#
#     training/train-cpu.sh DATA WORK SECONDS [options of train.py]
#
# PYTHON names a Python other than python3. With libjemalloc2 it is half again as fast.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$1 work=$2 seconds=$3
shift 3
jemalloc=$(ls /usr/lib/*/libjemalloc.so.2 2>/dev/null | head -n 1)
if [ -n "$jemalloc" ]; then export LD_PRELOAD="$jemalloc"; fi
export MALLOC_CONF="oversize_threshold:1,background_thread:true,metadata_thp:auto,thp:always,dirty_decay_ms:9000000000,muzzy_decay_ms:9000000000"
export ONEDNN_PRIMITIVE_CACHE_CAPACITY=8192 HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error
exec nice -n 19 "${PYTHON:-python3}" -u "$here/train.py" --data "$data" --work "$work" --out "$work/out" \
    --start "$here/../models/kuaibao-tiny-zh-en" --size tiny --tokens 2048 --dropout 0 --lr 8e-4 --warmup 500 \
    --seconds "$seconds" "$@"
