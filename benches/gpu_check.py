"""The steps of `gpu_check.sh`, which says how it is called.

Each step is a process of its own with a time limit; one that fails is a row that says so, and the next goes on. Steps in
the order of what they are worth, so that a run that is cut short has shown the most:

1. f32 of the device against f32 of the CPU, every line, greedy and 4 beams;
2. the briefs of `inputs/` from both, but for scores;
3. f16 and bf16 against f32: lines equal, BLEU where there is a reference;
4. tokens/s by batch (1 … 512 sentences of 40 tokens) at 1 and 4 beams, peak memory of the card, start-up;
5. random weights of the size of opus-mt, of NLLB-600M and of T5-base: tokens/s in f16;
6. CTranslate2 in f16 on the same weights and lines, its best batch;
7. errors: a device that is not there, a card whose memory another process has nearly or wholly filled (batches are
   halved, and say so; then one clear error), a second process beside the first.
"""

import argparse
import json
import lzma
import os
import site
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Named by its folder, so that weights that are still being trained can stand there.
BUNDLED = ROOT / "models/kuaibao-tiny-zh-en"
FAMILIES = ROOT / "tests/fixtures/families"

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("binary", type=Path, help="a build, or a folder that --pack wrote, which has the lines too")
parser.add_argument("source", type=Path, nargs="?", help="Chinese, a sentence a line")
parser.add_argument("reference", type=Path, nargs="?", help="English, line by line")
parser.add_argument("--device", default="cuda:0")
parser.add_argument("--lines", type=int, default=400)
parser.add_argument("--seconds", type=float, default=500, help="no step begins after so long")
parser.add_argument("--out", type=Path, default=Path("gpu_check.json"))
parser.add_argument("--only", metavar="STEPS", help="names of steps, with commas between them: tokens_equal, briefs_equal, halves, by_batch, sizes, beside_ctranslate2, errors")
parser.add_argument("--dry-run", action="store_true", help="few lines and small weights: does every step work?")
parser.add_argument("--pack", type=Path, metavar="FOLDER", help="write the binary, packed, and the lines there, and run nothing")
args = parser.parse_args()

began = time.time()
work = Path(tempfile.mkdtemp(prefix="gpu-check-"))
if args.binary.is_dir():
    folder, args.binary = args.binary, work / "kuaibao"
    args.binary.write_bytes(lzma.decompress((folder / "kuaibao.xz").read_bytes()))
    args.binary.chmod(0o755)
    args.source, reference = folder / "lines.zh", folder / "lines.en"
    args.reference = reference if reference.exists() else None
if not args.source:
    parser.error("SOURCE is needed")
read = lambda path: path.read_text(encoding="utf-8").split("\n")
lines = [line for line in read(args.source) if line.strip()]
lines = lines[: 12 if args.dry_run else args.lines]
if args.pack:
    args.pack.mkdir(parents=True, exist_ok=True)
    (args.pack / "kuaibao.xz").write_bytes(lzma.compress(args.binary.read_bytes(), preset=6))
    for name, path in (("lines.zh", args.source), ("lines.en", args.reference)):
        if path:
            (args.pack / name).write_text("\n".join(read(path)[: args.lines]) + "\n", encoding="utf-8")
    tracked = subprocess.check_output(["git", "-C", ROOT, "ls-files", "-z"], text=True).split("\0")
    tree = sum((ROOT / name).stat().st_size for name in tracked if (ROOT / name).is_file())
    packed = sum(path.stat().st_size for path in args.pack.iterdir())
    print(f"{args.pack}: {packed / 2**20:.1f} MiB, the tree {tree / 2**20:.1f} MiB, together {(packed + tree) / 2**20:.1f} MiB")
    sys.exit()
source = work / "source.zh"
source.write_text("\n".join(lines) + "\n", encoding="utf-8")
batches = (1, 8) if args.dry_run else (1, 8, 32, 128, 512)
TOKENS = 8 if args.dry_run else 40  # tokens that each sentence of a random model runs to
report = {"schema": "kuaibao.gpu-check/1", "device": args.device, "lines": len(lines), "rows": []}


def row(step, **values):
    """Prints a row, and keeps what there is so far: a run that is killed loses nothing."""
    report["rows"].append({"step": step, **values})
    report["seconds"] = round(time.time() - began, 1)
    args.out.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{step:34}", "  ".join(f"{key} {value}" for key, value in values.items()), flush=True)


# CUDA's libraries, where they came with a Python package: a toolkit's own are found by the system.
LIBRARIES = [str(path) for root in {*site.getsitepackages(), *sys.path} for path in Path(root or ".").glob("nvidia/*/lib")]
ENVIRONMENT = {
    **os.environ,
    "KUAIBAO_MODELS": str(ROOT / "models"),
    "LD_LIBRARY_PATH": ":".join(filter(None, [os.environ.get("LD_LIBRARY_PATH"), *LIBRARIES])),
}


def kuaibao(*flags, timeout=240):
    command = [str(args.binary), *map(str, flags)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=ENVIRONMENT)


def said(run):
    """What the program said last, or whatever stands last."""
    lines = run.stderr.strip().split("\n")
    return ([line for line in lines if line.startswith("kuaibao: ")] or lines)[-1][:300]


class Memory(threading.Thread):
    """The most memory that the card had in use, sampled ten times a second; None without nvidia-smi."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self.done = None, threading.Event()

    def run(self):
        query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
        while not self.done.wait(0.1):
            try:
                used = int(subprocess.check_output(query, text=True, stderr=subprocess.DEVNULL).split()[0])
            except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
                return
            self.peak = max(self.peak or 0, used)


def translated(device, precision, beam):
    run = kuaibao("translate", "--lines", "--quiet", "--translator", BUNDLED, "--device", device, "--precision", precision, "--beam", beam, source)
    if run.returncode:
        raise RuntimeError(said(run))
    return run.stdout.split("\n")[: len(lines)]


def bench(model, *flags):
    memory = Memory()
    if args.device != "cpu":
        memory.start()
    run = kuaibao("bench", "--lines", "--json", "--quiet", "--rounds", 1, "--translator", model, "--device", args.device, *flags, source)
    memory.done.set()
    if run.returncode:
        raise RuntimeError(said(run))
    found = json.loads(run.stdout)
    return {
        "tokens/s": round(found["tokens_per_second"]),
        "start-up s": round(found["start_up_seconds"], 2),
        "host MiB": round(found["peak_memory_bytes"] / 2**20),
        "card MiB": memory.peak,
    }


def bleu(texts):
    if not args.reference:
        return None
    try:
        import sacrebleu
    except ImportError:
        return None
    wanted = [line for line in args.reference.read_text(encoding="utf-8").split("\n")][: len(texts)]
    return round(sacrebleu.corpus_bleu(texts, [wanted]).score, 2)


def tokens_equal():
    for beam in (1, 4):
        cpu, device = translated("cpu", "f32", beam), translated(args.device, "f32", beam)
        differ = [i for i, (a, b) in enumerate(zip(cpu, device)) if a != b]
        row(f"f32 against the CPU, beam {beam}", equal=f"{len(cpu) - len(differ)}/{len(cpu)}", differ=differ[:10])


def briefs_equal():
    found = {}
    for device in ("cpu", args.device):
        out = work / f"briefs-{device.replace(':', '-')}"
        run = kuaibao("brief", ROOT / "inputs", "-o", out, "--quiet", "--translator", BUNDLED, "--device", device, "--precision", "f32")
        if run.returncode:
            raise RuntimeError(said(run))
        briefs = {}
        for path in sorted(out.rglob("*.json")):
            if path.name in ("run.json", "page.json"):
                continue
            brief = json.loads(path.read_text(encoding="utf-8"))
            brief.pop("signature", None)
            briefs[str(path.relative_to(out))] = without_scores(brief)
        found[device] = briefs
    a, b = found["cpu"], found[args.device]
    row("briefs but for scores", equal=f"{sum(a[k] == b.get(k) for k in a)}/{len(a)}", differ=[k for k in a if a[k] != b.get(k)][:5])


def without_scores(value):
    if isinstance(value, dict):
        return {key: without_scores(v) for key, v in value.items() if key != "score"}
    return [without_scores(v) for v in value] if isinstance(value, list) else value


def halves():
    exact = translated(args.device, "f32", 4)
    row("f32, beam 4", BLEU=bleu(exact))
    for precision in ("f16", "bf16"):
        texts = translated(args.device, precision, 4)
        same = sum(a == b for a, b in zip(exact, texts))
        row(f"{precision} against f32, beam 4", equal=f"{same}/{len(exact)}", BLEU=bleu(texts))


def by_batch():
    for beam in (1, 4):
        for size in batches:
            row(f"bundled f16, beam {beam}, batch {size}", **bench(BUNDLED, "--precision", "f16", "--beam", beam, "--batch", size * 40 * beam))


def random_model(kind):
    """A model with random weights by seed 1, of the size of a published one, and a tokenizer of ours."""
    import torch
    import transformers as t

    t.logging.set_verbosity_error()
    torch.manual_seed(1)
    small = args.dry_run
    folder = work / kind
    if kind == "opus-mt":
        tokenizer = BUNDLED
        base = json.loads((BUNDLED / "config.json").read_text())
        width, layers, vocabulary = (64, 2, base["vocab_size"]) if small else (512, 6, 65_001)
        config = t.MarianConfig(**{**base, "d_model": width, "encoder_layers": layers, "decoder_layers": layers, "encoder_ffn_dim": 4 * width, "decoder_ffn_dim": 4 * width, "encoder_attention_heads": 8, "decoder_attention_heads": 8, "vocab_size": vocabulary, "decoder_vocab_size": vocabulary})
        model = t.MarianMTModel(config)
    elif kind == "nllb-600m":
        tokenizer = FAMILIES / "nllb"
        base = json.loads((tokenizer / "config.json").read_text())
        width, layers, vocabulary = (64, 2, base["vocab_size"]) if small else (1024, 12, 256_206)
        # The fixture's positions end before a model that never stops does.
        config = t.M2M100Config(**{**base, "max_position_embeddings": 1024, "d_model": width, "encoder_layers": layers, "decoder_layers": layers, "encoder_ffn_dim": 4 * width, "decoder_ffn_dim": 4 * width, "encoder_attention_heads": 16 if not small else 4, "decoder_attention_heads": 16 if not small else 4, "vocab_size": vocabulary})
        model = t.M2M100ForConditionalGeneration(config)
    else:
        tokenizer = FAMILIES / "t5"
        base = json.loads((tokenizer / "config.json").read_text())
        width, layers, vocabulary = (64, 2, base["vocab_size"]) if small else (768, 12, 32_128)
        config = t.T5Config(**{**base, "d_model": width, "d_kv": 64, "d_ff": 4 * width, "num_heads": 12 if not small else 4, "num_layers": layers, "num_decoder_layers": layers, "vocab_size": vocabulary})
        model = t.T5ForConditionalGeneration(config)
    # A token that the tokenizer has no piece for cannot be written: its logit is 0, and of the others half are more.
    with torch.no_grad():
        for table in {model.get_input_embeddings().weight, model.get_output_embeddings().weight}:
            table[base["vocab_size"] :] = 0
    model.to(torch.float16).save_pretrained(folder)
    for path in tokenizer.iterdir():
        known = path.name in ("config.json", "generation_config.json", "README.md") or path.name.startswith(("expected", "tokens"))
        if path.suffix != ".safetensors" and not known:
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


def sizes():
    for kind in ("opus-mt", "nllb-600m", "t5-base"):
        try:
            folder = random_model(kind)
            for beam in (1, 4):
                row(f"{kind}, random, f16, beam {beam}", **bench(folder, "--precision", "f16", "--beam", beam, "--tokens", TOKENS))
        except Exception as error:  # the next size may work
            row(f"{kind}, random", failed=str(error)[:300])


def beside_ctranslate2():
    try:
        import ctranslate2
        import sentencepiece
    except ImportError as error:
        row("CTranslate2 f16", left_out=str(error))
        return
    folder = work / "ct2"
    device = "cuda" if args.device.startswith("cuda") else "cpu"
    precision = "float16" if device == "cuda" else "float32"
    ctranslate2.converters.TransformersConverter(str(BUNDLED)).convert(str(folder), quantization=precision)
    engine = ctranslate2.Translator(str(folder), device=device, compute_type=precision)
    pieces = sentencepiece.SentencePieceProcessor(str(BUNDLED / "source.spm"))
    inputs = [pieces.encode(line, out_type=str) + ["</s>"] for line in lines]
    for beam in (1, 4):
        best = 0.0
        for size in (32, 128, 512):
            engine.translate_batch(inputs[:size], beam_size=beam, max_batch_size=size)
            start = time.time()
            found = engine.translate_batch(inputs, beam_size=beam, max_batch_size=size)
            best = max(best, sum(len(f.hypotheses[0]) + 1 for f in found) / (time.time() - start))
        row(f"CTranslate2 {precision}, beam {beam}", **{"tokens/s": round(best)})


HOG = """
import sys, torch
free, _ = torch.cuda.mem_get_info(0)
blocks = []
try:
    while free > float(sys.argv[1]) * 2**20:
        blocks.append(torch.empty(min(1 << 30, int(free - float(sys.argv[1]) * 2**20)), dtype=torch.uint8, device="cuda:0"))
        free, _ = torch.cuda.mem_get_info(0)
except torch.OutOfMemoryError:
    pass
print(free, flush=True)
sys.stdin.read()
"""


def full_memory():
    """What is done beside a process that leaves so many MiB of the card."""
    if not args.device.startswith("cuda"):
        row("a full memory", left_out="no card")
        return
    # One batch of all lines, many times over: with it the logits alone take gigabytes.
    many = work / "many.zh"
    many.write_text("\n".join(lines * (1 + 6000 // len(lines))) + "\n", encoding="utf-8")
    for left in (4096, 64):
        hog = subprocess.Popen([sys.executable, "-c", HOG, str(left)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        free = int(hog.stdout.readline() or 0)
        try:
            flags = ["--translator", BUNDLED, "--device", args.device, "--precision", "f32", "--beam", 4, many]
            if left > 1024:
                run = kuaibao("bench", "--lines", "--json", "--rounds", 1, "--batch", 10**8, *flags)
            else:
                run = kuaibao("translate", "--lines", "--quiet", *flags)
        finally:
            hog.stdin.close()
            hog.wait()
        halved = run.stderr.count("halved")
        row(f"{free / 2**20:.0f} MiB left of the card", exit=run.returncode, halved=halved, said=said(run))


def errors():
    run = kuaibao("translate", "--lines", "--translator", BUNDLED, "--device", "cuda:7", source)
    row("a device that is not there", exit=run.returncode, said=said(run))
    full_memory()
    flags = ["translate", "--lines", "--quiet", "--translator", BUNDLED, "--device", args.device, "--precision", "f32", source]
    run = kuaibao(*flags)
    other = subprocess.Popen([str(args.binary), *map(str, flags)], stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    beside = kuaibao(*flags)
    other.wait()
    row("a second process on the card", exit=beside.returncode, same=beside.stdout == run.stdout)


try:
    card = subprocess.check_output(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"], text=True).strip()
except (OSError, subprocess.CalledProcessError):
    card = None
report["card"] = card
row("machine", card=card, cores=os.cpu_count())
for step in (tokens_equal, briefs_equal, halves, by_batch, sizes, beside_ctranslate2, errors):
    if args.only and step.__name__ not in args.only.split(","):
        continue
    if time.time() - began > args.seconds:
        row(step.__name__, left_out="no time left")
        continue
    try:
        step()
    except Exception as error:  # what comes next may work
        row(step.__name__, failed=str(error)[:300])
print(f"{args.out}: {len(report['rows'])} rows in {time.time() - began:.0f} s")
sys.exit(any("failed" in r for r in report["rows"]))
