#!/usr/bin/env python3
"""Writes the sample and the figures of README.md, the bundled model's manifest and its card.

    cargo build --release
    benches/readme.py              # from benches/measured.json and the table of benches/README.md
    benches/readme.py --measure    # measure first: WMT 2022 in ../shared/eval, two minutes on a quiet machine
    benches/readme.py --check      # fail where a document says something else

The sample is made in f32, so that every machine makes the same. Speeds are those of benches/README.md's
first table, which `side_by_side.py` prints.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("KUAIBAO") or str(ROOT / "target/release/kuaibao")
MEASURED = ROOT / "benches/measured.json"
WMT22 = ROOT.parent / "shared/eval/wmt22"
SAMPLE = "spring-tea.gb18030.txt"


def run(*args):
    env = os.environ | {"KUAIBAO_MODELS": str(ROOT / "models"), "HF_HUB_OFFLINE": "1", "KUAIBAO_CONFIG": os.devnull}
    return subprocess.run([PROGRAM, *map(str, args)], env=env, check=True, capture_output=True, text=True).stdout


def measure():
    """Scores on all lines of WMT 2022; figures right on the lines that hold some."""
    zh, en = (WMT22.with_name(f"wmt22.{end}") for end in ("zh", "en"))
    with tempfile.TemporaryDirectory() as folder:
        outputs = {"plain": [], "repaired": ["--repair"]}
        right = {}
        for name, flags in outputs.items():
            path = pathlib.Path(folder) / name
            path.write_text(run("translate", "--lines", "--quiet", *flags, zh))
            check = ("check", "--source", zh, "--target", path)
            lines = int(re.search(r"(\d+) with figures", run(*check).splitlines()[-1])[1])
            found = map(json.loads, run(*check, "--json").splitlines())
            wrong = sum(bool(line["missing"] or line["wrong"]) for line in found)
            right[name] = round(100 * (1 - wrong / lines), 1)
        opus = WMT22.with_name("wmt22.opusmt.en")
        systems = ["--system", f"plain={folder}/plain", "--system", f"opus={opus}"]
        report = json.loads(run("eval", "--source", zh, "--reference", en, *systems, "--json", "--quiet"))
        scores = {
            system["name"]: {score["metric"]: round(score["score"], 2) for score in system["scores"]}
            for system in report["systems"]
            if system["name"] in ("plain", "opus")
        }
    return {
        "bleu": scores["plain"]["BLEU"],
        "chrf2++": scores["plain"]["chrF2++"],
        "opus_bleu": scores["opus"]["BLEU"],
        "lines": len(zh.read_text().splitlines()),
        "figure_lines_right": right["plain"],
        "figure_lines_right_repaired": right["repaired"],
    }


def speeds():
    """Tokens a second of kuaibao q8 and CTranslate2 int8, greedy and with four beams."""
    table = (ROOT / "benches/README.md").read_text()
    row = {
        engine: [int(n.replace(",", "")) for n in re.findall(r"([\d,]+) \(", re.search(rf"\| {engine} \|(.*)", table)[1])]
        for engine in ("kuaibao q8", "CTranslate2 int8")
    }
    ours, theirs = row["kuaibao q8"][:2], row["CTranslate2 int8"][:2]
    return ours, [a / b for a, b in zip(ours, theirs)]


def sample():
    """The parts of the sample's brief that the README shows, as quoted Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        run("brief", ROOT / "inputs", "-o", folder, "--quiet", "--precision", "f32")
        text = (pathlib.Path(folder) / SAMPLE / "1.md").read_text()
    lines = text.splitlines()
    sections = dict(section.split("\n", 1) for section in text.split("\n## ")[1:])
    banner = next(line for line in lines if "Machine translation" in line).removeprefix("> ")
    check = [line for line in sections["Check first"].splitlines() if line]
    summary = [line for line in sections["Summary"].splitlines() if line]
    table = [line for line in sections["Key figures"].splitlines() if line.startswith("|")]
    rows = list(dict.fromkeys([row for row in table[2:] if "亩" in row][:1] + [row for row in table[2:] if "⚠" in row][:2]))
    parts = [
        banner,
        f"**Check first**: {check[0]}",
        *check[1:2],
        f"**Summary.** {summary[0]} …",
        "\n".join(table[:2] + rows),
    ]
    wrapped = ["\n".join(wrap(line) for line in part.splitlines()) for part in parts]
    quoted = "\n\n".join(wrapped).splitlines()
    return "\n".join(f"> {line}".rstrip() for line in quoted)


def wrap(line, width=104):
    """A line in several, as Markdown reads them together; a table's row stays whole."""
    if line.startswith("|"):
        return line
    indent = "  " if line.startswith("- ") else ""
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def put(text, pattern, *values):
    """The text with what the groups of the pattern hold replaced; the pattern must be there once."""
    found = list(re.finditer(pattern, text))
    if len(found) != 1:
        sys.exit(f"{len(found)} places for {pattern!r}")
    match = found[0]
    for group in reversed(range(len(values))):
        start, end = match.span(group + 1)
        text = text[:start] + values[group] + text[end:]
    return text


def documents(measured):
    """Each document as it has to be."""
    one = lambda number: f"{number:.1f}"
    tokens, times = speeds()
    bleu, chrf, opus = (one(measured[key]) for key in ("bleu", "chrf2++", "opus_bleu"))
    readme = (ROOT / "README.md").read_text()
    readme = put(readme, r"([\d,]+) lines: BLEU ([\d.]+), chrF2\+\+ ([\d.]+); opus-mt's published\s+output ([\d.]+) and",
                 f"{measured['lines']:,}", bleu, chrf, opus)
    readme = put(readme, r"the bundled model has (\d+) % wholly right, and (\d+) % with",
                 f"{measured['figure_lines_right']:.0f}", f"{measured['figure_lines_right_repaired']:.0f}")
    readme = put(readme, r"translates ([\d,]+) tokens/s greedily and ([\d,]+) with 4 beams in 8 bits:\s+([\d.]+)\s+and ([\d.]+) times",
                 *(f"{round(n, -2):,}" for n in tokens), *map(one, times))
    readme = put(readme, r"(?s)with the bundled model:\n\n(> .*?)\n\nThe figures come from", sample())
    manifest = ROOT / "models/kuaibao-tiny-zh-en.toml"
    toml = put(manifest.read_text(), r"\(BLEU ([\d.]+) on wmt22, opus-mt-zh-en ([\d.]+)\)", bleu, opus)
    return {ROOT / "README.md": readme, manifest: toml}


def main():
    if "--measure" in sys.argv:
        MEASURED.write_text(json.dumps(measure(), indent=2) + "\n")
    wrong = []
    for path, text in documents(json.loads(MEASURED.read_text())).items():
        if path.read_text() != text:
            wrong.append(str(path.relative_to(ROOT)))
            if "--check" not in sys.argv:
                path.write_text(text)
    if "--check" in sys.argv and wrong:
        sys.exit(f"out of date: {', '.join(wrong)}; run benches/readme.py")
    print(f"changed: {', '.join(wrong) or 'nothing'}")


if __name__ == "__main__":
    main()
