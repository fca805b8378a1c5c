#!/usr/bin/env python3
"""Kills processes and workers of an example in mid-run, and compares with one undisturbed process.

    examples/kill_test.py ray 2000
    examples/kill_test.py spark 2000

Articles are generated. One `kuaibao` process is killed, then the engine's worker (Ray's actor,
Spark's Python worker) that keeps another. Every article must come out once, with the bytes that
one undisturbed `kuaibao brief --jsonl` gives. Linux (reads /proc).
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = ["--beam", "1"]
COUNT_A_PIECE = {"ray": ["--block", "50"], "spark": ["--partition", "100"]}

READ = """
import sys, pyarrow.parquet
for brief in pyarrow.parquet.read_table(sys.argv[1])["brief"].to_pylist():
    print(brief)
"""


def articles(count):
    for i in range(count):
        text = f"青河县今年新修公路{i + 1}公里，总投资{i + 2}万元，县交通局局长周文远介绍。"
        yield json.dumps({"id": f"a{i}", "text": text}, ensure_ascii=False)


def parent(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def main():
    engine, count = sys.argv[1], int(sys.argv[2])
    program = os.environ.get("KUAIBAO") or "kuaibao"
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lines = folder / "articles.jsonl"
        lines.write_text("".join(line + "\n" for line in articles(count)))
        with lines.open() as stdin:
            plain = subprocess.run([program, "brief", "--jsonl", "--quiet", *FLAGS], stdin=stdin,
                                   capture_output=True, check=True, text=True).stdout

        # Every process of the run writes its number down before it becomes the program.
        pids = folder / "pids"
        pids.touch()
        noted = folder / "kuaibao"
        noted.write_text(f'#!/bin/sh\necho $$ >> {pids}\nexec "{program}" "$@"\n')
        noted.chmod(0o755)
        output = folder / "out"
        command = [HERE / "run", engine, lines, "-o", output, *COUNT_A_PIECE[engine], *FLAGS]
        log = (folder / "log").open("w+")
        run = subprocess.Popen(command, env=os.environ | {"KUAIBAO": str(noted)}, stdout=log, stderr=log)

        def started(so_many):
            while run.poll() is None and len(pids.read_text().split()) < so_many:
                time.sleep(0.05)
            return [int(pid) for pid in pids.read_text().split()]

        killed = []
        first = started(2)
        if len(first) >= 2:
            time.sleep(0.5)
            for kind, victim in [("process", first[0]), ("worker", parent(first[1]))]:
                try:
                    os.kill(victim, signal.SIGKILL)
                    killed.append(kind)
                except ProcessLookupError:
                    pass
                time.sleep(0.5)
        code = run.wait()
        restarted = len(pids.read_text().split()) - len(first)
        log.seek(0)
        said = log.read()
        if code != 0 or killed != ["process", "worker"]:
            print(said[-4000:], file=sys.stderr)
            sys.exit(f"{engine}: exit code {code}, killed: {killed}")
        python = pathlib.Path(os.environ.get("KUAIBAO_VENVS") or HERE.parent / "target/examples")
        got = subprocess.run([python / engine / "bin/python", "-c", READ, output / "briefs"],
                             capture_output=True, check=True, text=True).stdout
    expected, got = sorted(plain.splitlines()), sorted(got.splitlines())
    if got != expected:
        sys.exit(f"{engine}: {len(expected)} briefs expected, {len(got)} came, "
                 f"{len(set(expected) - set(got))} of the expected are missing")
    print(f"{engine}: a process and a worker killed, {restarted} processes started after that; "
          f"{len(got)} briefs, each once, equal to those of one process")


if __name__ == "__main__":
    main()
