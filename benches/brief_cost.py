#!/usr/bin/env python3
"""What a brief costs, in CPU time of its translation alone, and how many of its sentences are flagged.

    cargo build --release
    benches/brief_cost.py                                  # inputs/
    benches/brief_cost.py inputs ../shared/cases/articles  # other folders of texts

Each command is run several times in turn, start-up and all; the least user time counts. `translate --raw` is
the translation: nothing checked, nothing mended.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("KUAIBAO") or str(ROOT / "target/release/kuaibao")
RUNS = 5
ENV = os.environ | {"KUAIBAO_MODELS": str(ROOT / "models"), "HF_HUB_OFFLINE": "1", "KUAIBAO_CONFIG": os.devnull}


def seconds(*args):
    """User time of the program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([PROGRAM, *map(str, args)], env=ENV, check=True, capture_output=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def counted(folder):
    """Sentences of the briefs in a folder, those flagged, and all their flags."""
    translated = [
        sentence
        for path in folder.rglob("*.json")
        if (brief := json.loads(path.read_text())).get("schema") == "kuaibao.brief/1"
        for sentence in brief["translation"]
    ]
    flags = [sentence["flags"] for sentence in translated]
    return len(flags), sum(map(bool, flags)), sum(map(len, flags))


def main():
    for folder in map(pathlib.Path, sys.argv[1:] or [ROOT / "inputs"]):
        texts = sorted(folder.glob("*.txt"))
        raw, brief = [], []
        with tempfile.TemporaryDirectory() as parent:
            for run in range(RUNS):
                out = pathlib.Path(parent) / str(run)
                raw.append(seconds("translate", "--raw", *texts))
                brief.append(seconds("brief", *texts, "-o", out))
            sentences, flagged, flags = counted(out)
        print(
            f"{folder}: translation {min(raw):.2f} s, brief {min(brief):.2f} s, {min(brief) / min(raw):.2f} times;"
            f" {flagged} of {sentences} sentences flagged, {flags} flags"
        )


if __name__ == "__main__":
    main()
