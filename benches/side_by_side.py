#!/usr/bin/env python3
"""Run kuaibao, CTranslate2 and transformers in turn on the same sentences with the same weights.

    python3 -m venv /some/where/outside/the/repository
    …/pip install torch transformers sentencepiece ctranslate2 sacrebleu
    cargo build --release
    …/python benches/side_by_side.py --source SOURCE.zh [--reference REFERENCE.en] [--lines 300]

Every round runs each engine once, so that whatever else the machine does hits all of them; medians
over the rounds are printed with ratios, BLEU and the share of lines that equal transformers'. Time
is that of translating: loading and warming up are not counted, but for kuaibao, which is timed as a
whole process (start-up and loading included).
"""
import argparse, json, os, statistics, subprocess, sys, tempfile, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--model", type=Path, default=ROOT / "models/kuaibao-tiny-zh-en")
parser.add_argument("--source", type=Path, required=True)
parser.add_argument("--reference", type=Path)
parser.add_argument("--lines", type=int, default=300, help="how many lines of the source")
parser.add_argument("--beams", type=int, nargs="+", default=[1, 4])
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--binary", type=Path, default=ROOT / "target/release/kuaibao")
parser.add_argument("--no-transformers", action="store_true", help="leave out the slowest")
args = parser.parse_args()

import ctranslate2, sacrebleu, torch
from transformers import MarianMTModel, MarianTokenizer

cores = os.cpu_count()
torch.set_num_threads(cores)
tokenizer = MarianTokenizer.from_pretrained(args.model)
lines = args.source.read_text(encoding="utf-8").split("\n")[: args.lines]
lines = [line for line in lines if line.strip()]
references = args.reference and args.reference.read_text(encoding="utf-8").split("\n")[: args.lines]
work = Path(tempfile.mkdtemp())
(work / "source.zh").write_text("\n".join(lines) + "\n", encoding="utf-8")
pieces = [tokenizer.convert_ids_to_tokens(tokenizer(line).input_ids) for line in lines]


def tokens(texts):
    """Target tokens of a result, counted alike for every engine."""
    return sum(len(tokenizer(text_target=text).input_ids) for text in texts)


def kuaibao(precision):
    def run(beam):
        command = [args.binary, "translate", "--lines", "--quiet", "--translator", args.model, "--precision", precision, "--beam", str(beam), work / "source.zh"]
        began = time.time()
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return out.split("\n")[: len(lines)], time.time() - began
    return run


def ct2(compute_type):
    folder = work / compute_type
    converter = ctranslate2.converters.TransformersConverter(str(args.model))
    converter.convert(str(folder), quantization=compute_type)
    # One engine a core, each single-threaded: its best setting for batches.
    translator = ctranslate2.Translator(str(folder), device="cpu", compute_type=compute_type, inter_threads=cores, intra_threads=1)
    def run(beam):
        translator.translate_batch(pieces[:8], beam_size=beam)
        began = time.time()
        found = translator.translate_batch(pieces, beam_size=beam, max_batch_size=2048, batch_type="tokens", max_decoding_length=512)
        spent = time.time() - began
        return [tokenizer.decode(tokenizer.convert_tokens_to_ids(f.hypotheses[0]), skip_special_tokens=True) for f in found], spent
    return run


def transformers(beam):
    model = transformers.model
    order = sorted(range(len(lines)), key=lambda i: -len(lines[i]))
    found = [None] * len(lines)
    began = time.time()
    with torch.inference_mode():
        for first in range(0, len(order), 16):
            part = order[first : first + 16]
            batch = tokenizer([lines[i] for i in part], return_tensors="pt", padding=True)
            for i, row in zip(part, model.generate(**batch, num_beams=beam, max_length=512)):
                found[i] = tokenizer.decode(row, skip_special_tokens=True)
    return found, time.time() - began


engines = {"kuaibao f32": kuaibao("f32"), "kuaibao q8": kuaibao("q8"), "ctranslate2 float32": ct2("float32"), "ctranslate2 int8": ct2("int8")}
if not args.no_transformers:
    transformers.model = MarianMTModel.from_pretrained(args.model, dtype=torch.float32).eval()
    engines["transformers f32"] = transformers
for beam in args.beams:
    speeds, texts = {name: [] for name in engines}, {}
    for _ in range(args.rounds):
        for name, run in engines.items():
            texts[name], spent = run(beam)
            speeds[name].append(tokens(texts[name]) / spent)
    print(f"\nbeam {beam}, {len(lines)} lines, {cores} cores, median of {args.rounds} rounds")
    best = statistics.median(speeds["ctranslate2 int8"])
    for name in engines:
        median = statistics.median(speeds[name])
        row = f"  {name:20} {median:8.0f} tokens/s  {median / best:5.2f} × ctranslate2 int8"
        if references:
            row += f"  BLEU {sacrebleu.corpus_bleu(texts[name], [references[: len(lines)]]).score:.2f}"
        if "transformers f32" in texts:
            equal = sum(a == b for a, b in zip(texts[name], texts["transformers f32"]))
            row += f"  {100 * equal / len(lines):.1f} % of lines as transformers"
        print(row, flush=True)
