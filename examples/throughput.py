#!/usr/bin/env python3
"""What an engine costs over one process on the same cores, start-up apart.

    examples/throughput.py [ray] [spark] [--articles 300] [--rounds 3] [--cores 2]

Each is timed on so many articles and on three times as many: the difference is steady state, the
rest start-up. Rounds of all are run in turn, and medians taken, for a machine is never quite quiet.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engines", nargs="*", default=["ray", "spark"])
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    options = parser.parse_args()
    program = os.environ.get("KUAIBAO") or "kuaibao"
    sizes = [options.articles, 3 * options.articles]
    cores = str(options.cores)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for size in sizes:
            lines = (json.dumps({"id": i, "text": article(i)}, ensure_ascii=False) for i in range(size))
            (folder / f"{size}.jsonl").write_text("".join(line + "\n" for line in lines))

        def command(engine, size, output):
            if engine == "one process":
                return [program, "brief", "--jsonl", "--quiet", "--beam", "1", "--workers", cores]
            # One process with all cores, as the one it is compared with.
            one = ["--actors", "1"] if engine == "ray" else ["--processes", "1"]
            pieces = ["--block", "100"] if engine == "ray" else ["--partition", str(size)]
            lines = folder / f"{size}.jsonl"
            return [HERE / "run", engine, lines, "-o", output, *one, *pieces, "--workers", cores, "--beam", "1"]

        times = {engine: {size: [] for size in sizes} for engine in ["one process", *options.engines]}
        for count in range(options.rounds):
            for engine in times:
                for size in sizes:
                    output = folder / f"{engine}-{size}-{count}".replace(" ", "-")
                    started = time.monotonic()
                    with (folder / f"{size}.jsonl").open() as lines:
                        subprocess.run(command(engine, size, output), stdin=lines, check=True,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    times[engine][size].append(time.monotonic() - started)
    print(f"{cores} cores, {options.rounds} rounds, {sizes[0]} and {sizes[1]} articles of 150 characters")
    print("| | articles/s in steady state | over one process | start-up, s |\n|---|---:|---:|---:|")
    plain = None
    for engine, by_size in times.items():
        less, more = (statistics.median(by_size[size]) for size in sizes)
        each = (more - less) / (sizes[1] - sizes[0])
        plain = plain or each
        print(f"| {engine} | {1 / each:.1f} | {(each / plain - 1) * 100:+.1f} % | {less - sizes[0] * each:.1f} |")
    print(json.dumps(times))


if __name__ == "__main__":
    main()
