#!/usr/bin/env python3
"""Measure how time and memory grow with the length of an article, the beams, the batch and the
number of articles.

    cargo build --release
    python3 benches/cost_curves.py [--only length articles] [--prefix "chrt -r 2"] [--most-articles 10000]

Prints Markdown tables and writes plots to benches/plots/. Texts are the paragraphs of inputs/, as
`kuaibao split` gives them, repeated in random order with other numbers, from a fixed seed. Every
row is one run of a process. Time is wall time and user + system time of the process, loading
included; for beams and batches, wall time is that of translating alone, median of --rounds, and CPU
time is that of `kuaibao bench`: two start-ups and one round more than --rounds. Memory is the
process's VmHWM, polled; for beams and batches what `kuaibao bench` says.
"""
import argparse, json, math, os, random, re, shlex, subprocess, tempfile, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GROUPS = ["batch", "beam", "length", "articles"]

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--binary", type=Path, default=ROOT / "target/release/kuaibao")
parser.add_argument("--plots", type=Path, default=ROOT / "benches/plots")
parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS)
parser.add_argument("--prefix", type=shlex.split, default=[], help="command that every run is started with")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--longest", type=int, default=100_000, help="characters of the longest article")
parser.add_argument("--most-articles", type=int, default=1000, help="10000 takes long")
args = parser.parse_args()
KUAIBAO = [*args.prefix, str(args.binary)]


def paragraphs():
    found = subprocess.run([*KUAIBAO, "split", ROOT / "inputs", "--json"], stdout=subprocess.PIPE, check=True, cwd=ROOT)
    pages = [json.loads(line) for line in found.stdout.splitlines()]
    return [p for page in pages for article in page["articles"] for p in article["paragraphs"]]


def varied(paragraph, rng):
    """The paragraph with other numbers; dates and clock times stay."""
    digits = lambda m: str(rng.randint(1, 9)) + "".join(str(rng.randint(0, 9)) for _ in m[0][1:])
    return re.sub(r"(?<![\d.])\d+(?![\d年月日时時分至])", digits, paragraph)


def article(length, pool, rng):
    """A headline, a date and paragraphs of so many characters in all, the last cut after a sentence."""
    head = "白鹭港三期工程开工\n澜江日报 2026年3月18日\n\n"
    text = []
    left = length
    while left > 0:
        rest = rng.sample(pool, len(pool))
        for paragraph in rest:
            paragraph = varied(paragraph, rng)
            if len(paragraph) > left:
                ends = [m.end() for m in re.finditer("。", paragraph)]
                paragraph = paragraph[: next((e for e in ends if e >= left), len(paragraph))]
            text.append(paragraph)
            left -= len(paragraph)
            if left <= 0:
                break
    return head + "\n".join(text) + "\n"


def run(command):
    """Wall seconds, CPU seconds and peak MiB of a process, and what it printed."""
    with tempfile.TemporaryFile() as out:
        began = time.monotonic()
        child = subprocess.Popen(command, stdout=out, cwd=ROOT)
        peak = 0
        while True:
            # The mark only rises, so the last reading before the end is the highest of all.
            try:
                status = Path(f"/proc/{child.pid}/status").read_text()
                # Until it is replaced, the process is a copy of this one, or the prefix.
                if status.startswith(f"Name:\t{args.binary.name[:15]}\n") and (found := re.search(r"VmHWM:\s+(\d+)", status)):
                    peak = int(found[1])
            except OSError:
                pass
            pid, code, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(0.005)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(code)
        if child.returncode:
            raise SystemExit(f"{shlex.join(map(str, command))} ended with {child.returncode}")
        out.seek(0)
        return wall, usage.ru_utime + usage.ru_stime, peak / 1024, out.read()


def brief(path, scratch, name):
    output = Path(scratch) / f"out-{name}"
    wall, cpu, peak, _ = run([*KUAIBAO, "brief", path, "-o", output, "--beam", "1", "--quiet", "--max-bytes", "100000000"])
    entries = json.loads((output / "run.json").read_text())["entries"]
    return wall, cpu, peak, entries


def bench(lines, *options):
    _, cpu, _, out = run([*KUAIBAO, "bench", "--lines", lines, "--json", "--quiet", "--rounds", str(args.rounds), *map(str, options)])
    found = json.loads(out)
    return found["seconds"], cpu, found["peak_memory_bytes"] / 2**20, found


def slope(points):
    """How a curve grows from its first point to its last: 1 is linear."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    return math.log(y1 / y0) / math.log(x1 / x0)


def table(heads, rows):
    print("| " + " | ".join(heads) + " |")
    print("|" + "---:|" * len(heads))
    for row in rows:
        print("| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else cell for cell in row) + " |", flush=True)
    print()


def plot(name, label, series):
    """Log-log lines; a series is its name and its points."""
    width, height, left, bottom, top, right = 480, 320, 64, 48, 16, 130
    xs = [x for _, points in series for x, _ in points]
    ys = [y for _, points in series for _, y in points]
    x0, x1 = math.log10(min(xs)), math.log10(max(xs))
    y0, y1 = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
    at_x = lambda x: left + (math.log10(x) - x0) / (x1 - x0) * (width - left - right)
    at_y = lambda y: height - bottom - (math.log10(y) - y0) / (y1 - y0) * (height - bottom - top)
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for power in range(y0, y1 + 1):
        y = at_y(10**power)
        svg.append(f'<path d="M{left} {y:.1f}H{width - right}" stroke="#ddd"/><text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{10**power:g}</text>')
    for x in sorted(set(xs)):
        svg.append(f'<path d="M{at_x(x):.1f} {top}V{height - bottom}" stroke="#eee"/><text x="{at_x(x):.1f}" y="{height - bottom + 16}" text-anchor="middle">{x:,}</text>')
    for (title, points), colour in zip(series, ("#1f5fa8", "#c0504d", "#4f8a3c")):
        line = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in points)
        svg.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        svg += [f'<circle cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="3" fill="{colour}"/>' for x, y in points]
        x, y = points[-1]
        svg.append(f'<text x="{at_x(x) + 8:.1f}" y="{at_y(y) + 4:.1f}" fill="{colour}">{title}</text>')
    middle = (left + width - right) / 2
    svg.append(f'<text x="{middle}" y="{height - 12}" text-anchor="middle">{label}</text>')
    svg.append(f'<text transform="translate(14 {(height - bottom + top) / 2}) rotate(-90)" text-anchor="middle">seconds, MiB</text></svg>')
    args.plots.mkdir(parents=True, exist_ok=True)
    (args.plots / f"{name}.svg").write_text("\n".join(svg) + "\n")


def curves(name, label, rows):
    """Plots wall time, CPU time and memory of rows (x, wall, cpu, peak)."""
    kinds = [("CPU time, s", 2), ("peak memory, MiB", 3)]
    series = [(title, [(row[0], row[i]) for row in rows]) for title, i in kinds]
    plot(name, label, series)
    for title, points in series:
        print(f"{title}: grows as {label} to the power of {slope(points):.2f}.")
    print()


def main(scratch):
    pool = paragraphs()
    rng = random.Random(1)
    lines = scratch / "lines.zh"
    long = article(3000, pool, rng).split("\n")[3:]
    lines.write_text("\n".join(s for p in long for s in re.findall(r"[^。]+。?", p)) + "\n")
    for name, values, option in (("batch", (64, 256, 1024, 4096), "--batch"), ("beam", (1, 2, 4, 6, 8), "--beam")):
        if name not in args.only:
            continue
        fixed = ["--beam", 4] if name == "batch" else []
        rows = []
        for value in values:
            seconds, cpu, peak, found = bench(lines, option, value, *fixed)
            rows.append((value, seconds, cpu, peak))
        heads = ["tokens a batch" if name == "batch" else "beams", "translating, s", "CPU of the whole run, s", "peak memory, MiB"]
        table(heads, [(v, f"{s:.2f}", f"{c:.2f}", f"{p:.0f}") for v, s, c, p in rows])
        curves(name, "beams" if name == "beam" else "tokens a batch", rows)
    if "length" in args.only:
        rows = []
        shown = []
        for length in (n for n in (1000, 3000, 10_000, 30_000, 100_000) if n <= args.longest):
            path = scratch / f"length-{length}.txt"
            path.write_text(article(length, pool, rng))
            wall, cpu, peak, entries = brief(path, scratch, path.stem)
            rows.append((length, wall, cpu, peak))
            shown.append((length, len(entries), f"{wall:.1f}", f"{cpu:.1f}", f"{cpu * 1000 / length:.2f}", f"{peak:.0f}"))
        table(["characters", "articles found", "wall, s", "CPU, s", "CPU, s per 1,000", "peak memory, MiB"], shown)
        curves("length", "characters", rows)
    if "articles" in args.only:
        rows = []
        shown = []
        for count in (n for n in (10, 100, 1000, 10_000) if n <= args.most_articles):
            folder = scratch / f"articles-{count}"
            folder.mkdir()
            for i in range(count):
                (folder / f"{i:05}.txt").write_text(article(60, pool, rng))
            wall, cpu, peak, entries = brief(folder, scratch, folder.name)
            done = sum(entry["status"] == "done" for entry in entries)
            rows.append((count, wall, cpu, peak))
            shown.append((count, done, f"{wall:.1f}", f"{cpu:.1f}", f"{cpu * 1000 / count:.0f}", f"{peak:.0f}"))
        table(["files", "briefs", "wall, s", "CPU, s", "CPU, ms a file", "peak memory, MiB"], shown)
        curves("articles", "files", rows)


with tempfile.TemporaryDirectory() as folder:
    main(Path(folder))
