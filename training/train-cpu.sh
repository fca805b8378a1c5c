#!/bin/sh
# Trains a model on a CPU, out of the way of other work:
#
#     training/train-cpu.sh PAIRS WORK SECONDS [options of train.py]
#
# PYTHON names a Python other than python3.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$1 work=$2 seconds=$3
shift 3
# Memory that a step frees is kept for the next one, in huge pages: a third of the time otherwise goes to page faults.
export GLIBC_TUNABLES=glibc.malloc.hugetlb=1 MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=536870912
exec nice -n 19 "${PYTHON:-python3}" -u "$here/train.py" --data "$data" --work "$work" --out "$work/out" \
    --lr 8e-4 --warmup 500 --seconds "$seconds" "$@"
