#!/usr/bin/env python3
"""What an engine costs over one process on the same cores, start-up apart.

    examples/throughput.py [ray] [spark] [--articles 2000] [--sentences 5] [--beam 1] [--rounds 3] [--cores 2]

Two figures. The rate is that at which the kuaibao process writes its answers. The CPU time is that of
all the engine's processes beside kuaibao's own: on cores that are all busy it is what the engine
takes away, and it does not change with the speed of a machine that others use. Both between the first
quarter of the answers and nine tenths: what an engine does before and after is start-up. Rounds of all are
run in turn, and medians taken. Linux (reads /proc).
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


def article(i, sentences):
    """Sentences of some 30 characters, in paragraphs of five."""
    said = []
    for n in range(sentences):
        i += n // 5
        said.append([
            f"青河县今年新修公路{i + 1}公里，总投资{i + 2}万元。",
            f"县交通局局长周文远介绍，全县公路已有{i + 900}公里。",
            f"“路通了，山里的茶叶{i % 20 + 2}小时就能运到城里。”周文远说。",
            f"去年，全县茶叶产量{i + 300}吨，比前年增长{i % 9 + 2}%。",
            f"今年下半年，县里还将修建{i % 7 + 3}座桥，预计明年{i % 12 + 1}月完工。",
        ][n % 5] + ("\n" if n % 5 == 4 else ""))
    return "".join(said)


def written(pid):
    """Bytes that a process has written so far; none once it has ended."""
    try:
        io = pathlib.Path(f"/proc/{pid}/io").read_text()
    except OSError:
        return None
    return int(io.split("wchar: ")[1].split()[0]) if "wchar: " in io else None


def cpu_times(root):
    """Seconds of CPU that each living process under `root` has taken, with the children it has waited for."""
    parents, taken = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        pid = int(entry.name)
        parents[pid] = int(fields[1])
        taken[pid] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def below(pid):
        while pid and pid != root:
            pid = parents.get(pid, 0)
        return pid == root

    return {pid: seconds for pid, seconds in taken.items() if below(pid)}


def measured(command, lines, pids, size):
    """In steady state: articles a second, and milliseconds of CPU an article of kuaibao and of all else;
    and the seconds that the whole run takes more than at that rate."""
    pids.write_text("")
    started = time.monotonic()
    log = tempfile.TemporaryFile()
    with lines.open() as stdin:
        run = subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=log)
    # A time, the bytes written by then, and the CPU time of kuaibao and of the others by then.
    seen, most, next_look = [], {}, 0
    while run.poll() is None:
        pid = pids.read_text().strip()
        so_far = written(pid) if pid else None
        if so_far is not None:
            now = time.monotonic()
            if now >= next_look:
                # What a process had taken when it was last seen alive stays counted.
                most |= cpu_times(run.pid)
                next_look = now + 0.25
            own = most.get(int(pid), 0)
            seen.append((now, so_far, own, sum(most.values()) - own))
        time.sleep(0.02)
    whole = time.monotonic() - started
    if run.returncode != 0:
        log.seek(0)
        sys.exit(log.read().decode()[-3000:])

    def reached(share):
        """The first look at which this share of all bytes was written."""
        return next(look for look in seen if look[1] >= share * seen[-1][1])

    first, last = reached(0.25), reached(0.9)
    seconds, answered, own, others = (b - a for a, b in zip(first, last))
    articles = size * answered / seen[-1][1]
    rate = articles / seconds
    return rate, own / articles * 1000, others / articles * 1000, whole - size / rate


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engines", nargs="*", default=["ray", "spark"])
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--sentences", type=int, default=5, help="of an article")
    parser.add_argument("--beam", default="1", help="as of `kuaibao brief`")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    options = parser.parse_args()
    program, cores, size = os.environ.get("KUAIBAO") or "kuaibao", str(options.cores), options.articles
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lines, pids, noted = folder / "articles.jsonl", folder / "pid", folder / "kuaibao"
        records = (json.dumps({"id": i, "text": article(i, options.sentences)}, ensure_ascii=False) for i in range(size))
        lines.write_text("".join(record + "\n" for record in records))
        # The process writes its number down before it becomes the program.
        noted.write_text(f'#!/bin/sh\necho $$ > {pids}\nexec "{program}" "$@"\n')
        noted.chmod(0o755)
        os.environ["KUAIBAO"] = str(noted)

        def command(engine, output):
            flags = ["--beam", options.beam, "--workers", cores]
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
    length = len(article(0, options.sentences))
    print(f"{cores} cores, {options.rounds} rounds, {size} articles of {length} characters, beam {options.beam}")
    print("| | articles/s in steady state | CPU ms an article: kuaibao | the engine | of kuaibao's | start-up and end, s |")
    print("|---|---:|---:|---:|---:|---:|")
    for engine, rounds in found.items():
        rate, own, others, rest = (statistics.median(values) for values in zip(*rounds))
        print(f"| {engine} | {rate:.1f} | {own:.2f} | {others:.2f} | {others / own * 100:.1f} % | {rest:.1f} |")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
