#!/usr/bin/env python3
"""ROUGE of kuaibao's summaries and headlines against the first sentences of the same translations.

    cargo build --release
    python3 benches/summaries.py                      # inputs/ against benches/references/
    python3 benches/summaries.py --source SRC.zh --reference TGT.en [--lines 2000]

Without --source the sample articles are briefed, and their summaries held against references that we
wrote ourselves, five sentences an article. With it each line of SRC is an article and each line of
TGT its headline; spaces between the words of SRC are taken out. Flags that follow `--` go to
`kuaibao brief`, so that any route can be measured: `-- --summarizer distilbart-cnn`.

The baselines are the first and the first three sentences of the very translation that was
summarised: what is compared is the choice, not the model.
"""
import argparse, json, subprocess, sys, tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
own, brief_flags = sys.argv[1:], []
if "--" in own:
    at = own.index("--")
    own, brief_flags = own[:at], own[at + 1 :]
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--source", type=Path)
parser.add_argument("--reference", type=Path)
parser.add_argument("--lines", type=int, default=2000)
parser.add_argument("--binary", type=Path, default=ROOT / "target/release/kuaibao")
args = parser.parse_args(own)
work = Path(tempfile.mkdtemp())


def kuaibao(*command, **options):
    return subprocess.run([args.binary, *map(str, command)], check=True, text=True, **options)


def evaluate(*what):
    for lead in (1, 3):
        print(f"\nlead-{lead}", flush=True)
        kuaibao("eval", "--quiet", "--task", "summary", "--lead", lead, "--list", 0, *what)


if args.source is None:
    kuaibao("brief", "--quiet", *brief_flags, ROOT / "inputs", "-o", work / "briefs")
    evaluate("--reference", ROOT / "benches/references", "--system", f"summary={work / 'briefs'}")
    sys.exit()

sources = args.source.read_text(encoding="utf-8").split("\n")[: args.lines]
references = args.reference.read_text(encoding="utf-8").split("\n")[: args.lines]
pairs = [(s.replace(" ", ""), r.strip()) for s, r in zip(sources, references) if s.strip() and r.strip()]
lines = "".join(json.dumps({"id": i, "text": s}) + "\n" for i, (s, _) in enumerate(pairs))
briefs = kuaibao("brief", "--jsonl", "--quiet", *brief_flags, input=lines, stdout=subprocess.PIPE).stdout
with open(work / "set.jsonl", "w", encoding="utf-8") as out:
    for line, (source, reference) in zip(briefs.splitlines(), pairs, strict=True):
        brief = json.loads(line)
        body = [s["en"] for s in brief["translation"] if s["role"] == "body"]
        summary = [s["en"] for s in brief["summary"]]
        out.write(json.dumps({
            "source": source, "reference": reference, "document": "\n".join(body),
            "hypotheses": {"summary": "\n".join(summary), "headline": brief["headline"]["en"]},
        }) + "\n")
evaluate("--jsonl", f"set={work / 'set.jsonl'}")
