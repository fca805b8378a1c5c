#!/usr/bin/env python3
"""What an engine costs over one process on the same cores, start-up apart.

    examples/throughput.py [ray] [spark] [--articles 2000] [--rounds 3] [--cores 2]

The rate is that at which the kuaibao process writes its answers, between the first quarter of them
and nine tenths: what an engine does before and after is start-up. Rounds of all are run in turn, and
medians taken, for a machine is never quite quiet. Linux (reads /proc).
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def article(i):
    """Five sentences, some 150 characters."""
    return (
        f"青河县今年新修公路{i + 1}公里，总投资{i + 2}万元。县交通局局长周文远介绍，全县公路已有{i + 900}公里。"
        f"“路通了，山里的茶叶当天就能运到城里。”周文远说。去年，全县茶叶产量{i + 300}吨，比前年增长{i % 9 + 2}%。"
        f"今年下半年，县里还将修建{i % 7 + 3}座桥，预计明年{i % 12 + 1}月完工。"
    )


def written(pid):
    """Bytes that a process has written so far; none once it has ended."""
    try:
        io = pathlib.Path(f"/proc/{pid}/io").read_text()
    except OSError:
        return None
    return int(io.split("wchar: ")[1].split()[0]) if "wchar: " in io else None


def measured(command, lines, pids, size):
    """Articles a second in steady state, and the seconds that the whole run takes more than that."""
    pids.write_text("")
    started = time.monotonic()
    log = tempfile.TemporaryFile()
    with lines.open() as stdin:
        run = subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=log)
    seen = []
    while run.poll() is None:
        pid = pids.read_text().strip()
        so_far = written(pid) if pid else None
        if so_far is not None:
            seen.append((time.monotonic(), so_far))
        time.sleep(0.02)
    whole = time.monotonic() - started
    if run.returncode != 0:
        log.seek(0)
        sys.exit(log.read().decode()[-3000:])

    def reached(share):
        """When this share of all bytes was written."""
        goal = share * seen[-1][1]
        after = next(i for i, (_, so_far) in enumerate(seen) if so_far >= goal)
        (t0, b0), (t1, b1) = seen[max(after - 1, 0)], seen[after]
        return t1 if b1 == b0 else t0 + (t1 - t0) * (goal - b0) / (b1 - b0)

    first, last = 0.25, 0.9
    rate = size * (last - first) / (reached(last) - reached(first))
    return rate, whole - size / rate


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engines", nargs="*", default=["ray", "spark"])
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    options = parser.parse_args()
    program, cores, size = os.environ.get("KUAIBAO") or "kuaibao", str(options.cores), options.articles
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lines, pids, noted = folder / "articles.jsonl", folder / "pid", folder / "kuaibao"
        records = (json.dumps({"id": i, "text": article(i)}, ensure_ascii=False) for i in range(size))
        lines.write_text("".join(record + "\n" for record in records))
        # The process writes its number down before it becomes the program.
        noted.write_text(f'#!/bin/sh\necho $$ > {pids}\nexec "{program}" "$@"\n')
        noted.chmod(0o755)
        os.environ["KUAIBAO"] = str(noted)

        def command(engine, output):
            flags = ["--beam", "1", "--workers", cores]
            if engine == "one process":
                return [noted, "brief", "--jsonl", "--quiet", *flags]
            # One process with all cores, as the one it is compared with.
            one = ["--actors", "1"] if engine == "ray" else ["--processes", "1"]
            return [HERE / "run", engine, lines, "-o", output, *one, *flags]

        found = {engine: [] for engine in ["one process", *options.engines]}
        for count in range(options.rounds):
            for engine in found:
                output = folder / f"{engine}-{count}".replace(" ", "-")
                found[engine].append(measured(command(engine, output), lines, pids, size))
    print(f"{cores} cores, {options.rounds} rounds, {size} articles of 150 characters")
    print("| | articles/s in steady state | over one process | start-up and end, s |\n|---|---:|---:|---:|")
    plain = None
    for engine, rounds in found.items():
        rate, rest = (statistics.median(values) for values in zip(*rounds))
        plain = plain or rate
        print(f"| {engine} | {rate:.1f} | {(plain / rate - 1) * 100:+.1f} % | {rest:.1f} |")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
