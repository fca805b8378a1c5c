#!/usr/bin/env python3
"""Run kuaibao, CTranslate2 and transformers in turn on the same sentences with the same weights.

    python3 -m venv /some/where/outside/the/repository
    …/pip install torch transformers sentencepiece ctranslate2 sacrebleu
    cargo build --release
    …/python benches/side_by_side.py --source SOURCE.zh [--reference REFERENCE.en] [--lines 600]
    …/python benches/side_by_side.py --source SOURCE.zh --random-opus TOKENIZER --tokens 40 --lines 100

Each engine runs in a process of its own, which loads its model once and keeps it. CTranslate2 and
transformers are first tuned: every setting of SETTINGS translates a part of the lines once, and the
fastest is kept. Then every round runs each engine once, so that whatever else the machine does hits
all of them; medians over the rounds are printed with ratios, BLEU, the share of lines that equal
transformers', and each process's peak memory. Time is that of translating, loading left out;
kuaibao's is what `kuaibao bench` measures, with no setting tuned.

    …/pip install --no-deps fxtranslate==0.5.0 slimt==0.1.0
    …/python benches/side_by_side.py --marian base

--marian makes a Marian-native model of the size of Firefox's (base, base-memory) with random weights,
and runs kuaibao q8 beside fxtranslate and slimt, one thread each: sentences alone and, where an engine
does that, in batches. Every sentence runs to the limit of twice its tokens.

--random-opus makes a model of opus-mt's size (d_model 512, 6 + 6 layers, its vocabulary) with random
weights, from the tokenizer in the folder TOKENIZER, and lets every sentence run to --tokens tokens.
"""
import argparse, html, json, os, statistics, subprocess, sys, tempfile, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORES = os.cpu_count()
SETTINGS = {
    "ctranslate2": [
        {"inter_threads": inter, "intra_threads": intra, "max_batch_size": size, "batch_type": kind}
        for inter, intra in ((CORES, 1), (1, CORES))
        for size, kind in ((32, "examples"), (64, "examples"), (1024, "tokens"), (4096, "tokens"))
    ],
    "transformers": [{"batch": batch} for batch in (8, 32, 64)],
}

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--model", type=Path, default=ROOT / "models/kuaibao-tiny-zh-en")
parser.add_argument("--source", type=Path)
parser.add_argument("--marian", choices=["base", "base-memory"])
parser.add_argument("--marian-folder", type=Path, metavar="FOLDER", help="where it lies already, or is made")
parser.add_argument("--reference", type=Path)
parser.add_argument("--lines", type=int, default=600, help="how many lines of the source")
parser.add_argument("--beams", type=int, nargs="+", default=[1, 4])
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--random-opus", type=Path, metavar="TOKENIZER")
parser.add_argument("--tokens", type=int, help="let every sentence run to so many tokens")
parser.add_argument("--binary", type=Path, default=ROOT / "target/release/kuaibao")
parser.add_argument("--engines", nargs="+", default=["kuaibao q8", "ctranslate2 int8", "kuaibao f32", "ctranslate2 float32", "transformers float32"])
parser.add_argument("--serve", nargs=2, metavar=("ENGINE", "FOLDER"), help=argparse.SUPPRESS)
args = parser.parse_args()


class CTranslate2:
    """Pieces in, pieces out."""

    def __init__(self, folder, precision):
        import ctranslate2

        self.load = lambda **threads: ctranslate2.Translator(folder, device="cpu", compute_type=precision, **threads)
        self.threads = self.translator = None

    def run(self, sources, beam, tokens, setting):
        threads = {k: setting[k] for k in ("inter_threads", "intra_threads")}
        if threads != self.threads:
            self.translator = None
            self.threads, self.translator = threads, self.load(**threads)
            self.translator.translate_batch(sources[:8], beam_size=beam)
        length = {"min_decoding_length": tokens, "max_decoding_length": tokens} if tokens else {"max_decoding_length": 512}
        began = time.time()
        found = self.translator.translate_batch(sources, beam_size=beam, max_batch_size=setting["max_batch_size"], batch_type=setting["batch_type"], **length)
        return [f.hypotheses[0] for f in found], time.time() - began


class Transformers:
    """Ids in, ids out."""

    def __init__(self, folder, precision):
        import torch
        from transformers import MarianMTModel

        torch.set_num_threads(CORES)
        self.torch, self.model = torch, MarianMTModel.from_pretrained(folder, dtype=getattr(torch, precision)).eval()

    def run(self, sources, beam, tokens, setting):
        torch, pad = self.torch, self.model.config.pad_token_id
        length = {"min_new_tokens": tokens, "max_new_tokens": tokens} if tokens else {"max_length": 512}
        order = sorted(range(len(sources)), key=lambda i: -len(sources[i]))
        found = [None] * len(sources)
        began = time.time()
        with torch.inference_mode():
            for first in range(0, len(order), setting["batch"]):
                part = [sources[i] for i in order[first : first + setting["batch"]]]
                ids = torch.tensor([row + [pad] * (len(part[0]) - len(row)) for row in part])
                rows = self.model.generate(input_ids=ids, attention_mask=(ids != pad).long(), num_beams=beam, **length)
                for i, row in zip(order[first:], rows.tolist()):
                    found[i] = row
        return found, time.time() - began


def serve(name, folder):
    """A line of JSON in, a line of JSON out."""
    kind, precision = name.split()
    engine = {"ctranslate2": CTranslate2, "transformers": Transformers}[kind](folder, precision)
    for line in sys.stdin:
        found, seconds = engine.run(**json.loads(line))
        status = Path("/proc/self/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
        print("\n" + json.dumps({"found": found, "seconds": seconds, "peak": peak}), flush=True)


FXTRANSLATE = """
from fxtranslate import Translator
read = lambda name: open(f"{folder}/{name}", "rb").read()
translator = Translator(read("model.alphas.bin"), read("vocab.spm"), read("vocab.spm"), read("lex.s2t.bin") if shortlist else None)
run = lambda lines: [translator.translate(line) for line in lines]
"""
# The package fetches a list of models when it is imported, so only its extension is.
SLIMT = """
import glob, importlib.util
path = [p for d in sys.path for p in glob.glob(d + "/slimt/_slimt*.so")][0]
spec = importlib.util.spec_from_file_location("_slimt", path)
slimt = importlib.util.module_from_spec(spec)
spec.loader.exec_module(slimt)
config = slimt.Config()
config.encoder_layers, config.decoder_layers, config.split_mode = 6, layers, "paragraph"
model = slimt.Model(config=config, package=slimt.Package(model=f"{folder}/model.alphas.bin", vocabulary=f"{folder}/vocab.spm", shortlist=f"{folder}/lex.s2t.bin"))
service = slimt.Service(workers=1, cache_size=0)
run = lambda lines: [r for first in range(0, len(lines), batch) for r in service.translate(model, lines[first : first + batch])]
"""
TIMED = """
import json, sys, time
folder, shortlist, layers, batch = sys.argv[1], sys.argv[2] == "True", int(sys.argv[3]), int(sys.argv[4])
began = time.time()
{load}
loaded = time.time() - began
lines = open(f"{{folder}}/sources.txt", encoding="utf-8").read().splitlines()
run(lines[:2])
began = time.time()
run(lines)
seconds = time.time() - began
peak = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) * 1024
print(json.dumps({{"seconds": seconds, "peak": peak, "load": loaded}}))
"""


def marian(size):
    """Tokens a second of each engine, in turn, over the rounds."""
    folder = args.marian_folder or Path(tempfile.mkdtemp())
    if not (folder / "model.alphas.bin").exists():
        make = ROOT / "tests/fixtures/marian/make_marian_fixture.py"
        subprocess.run([sys.executable, make, "--real", size, "--out", folder], check=True)
    one_thread = dict(os.environ, OMP_NUM_THREADS="1", RAYON_NUM_THREADS="1")
    layers = {"base": 2, "base-memory": 4}[size]

    def python(code, shortlist, batch):
        done = subprocess.run([sys.executable, "-c", TIMED.format(load=code), folder, str(shortlist), str(layers), str(batch)], capture_output=True, text=True, env=one_thread)
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[-1])
        return json.loads(done.stdout.splitlines()[-1])

    def kuaibao(batch, *flags):
        command = [args.binary, "bench", "--lines", "--rounds", "1", "--json", "--quiet", "--workers", "1", "--batch", str(batch), "--precision", "q8", *flags, "--translator", folder, folder / "sources.txt"]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=one_thread).stdout)
        kuaibao.tokens = found["tokens"]
        return {"seconds": found["seconds"], "peak": found["peak_memory_bytes"], "load": found["start_up_seconds"]}

    engines = {
        "kuaibao q8, alone": lambda: kuaibao(1),
        "kuaibao q8, alone, shortlist": lambda: kuaibao(1, "--shortlist"),
        "kuaibao q8, in batches": lambda: kuaibao(1024),
        "kuaibao q8, in batches, shortlist": lambda: kuaibao(1024, "--shortlist"),
        "fxtranslate, alone": lambda: python(FXTRANSLATE, False, 1),
        "fxtranslate, alone, shortlist": lambda: python(FXTRANSLATE, True, 1),
        "slimt, alone, shortlist": lambda: python(SLIMT, True, 1),
        "slimt, in eights, shortlist": lambda: python(SLIMT, True, 8),
    }
    found = {name: [] for name in engines}
    for _ in range(args.rounds):
        for name, run in engines.items():
            try:
                found[name].append(run())
            except (RuntimeError, FileNotFoundError) as error:
                print(f"{name}: {error}", file=sys.stderr)
    print(f"{size}, random weights, {kuaibao.tokens} tokens, one thread each, the best of {args.rounds} rounds")
    for name, runs in found.items():
        if runs:
            speeds = [kuaibao.tokens / run["seconds"] for run in runs]
            peak, load = max(run["peak"] for run in runs), min(run["load"] for run in runs)
            print(f"  {name:34} {max(speeds):6.0f} tokens/s ({min(speeds):.0f}–{max(speeds):.0f})  {peak / 2**20:4.0f} MiB  {load:.2f} s to load")


if args.serve:
    serve(*args.serve)
    sys.exit()
if args.marian:
    marian(args.marian)
    sys.exit()
if not args.source:
    parser.error("--source or --marian is needed")

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
import ctranslate2, sacrebleu
from transformers import MarianConfig, MarianMTModel, MarianTokenizer

work = Path(tempfile.mkdtemp())
if args.random_opus:
    args.tokens = args.tokens or 40
    args.model = work / "random-opus"
    tokenizer = MarianTokenizer.from_pretrained(args.random_opus)
    pad = tokenizer.pad_token_id
    config = MarianConfig(
        vocab_size=len(tokenizer), d_model=512, encoder_layers=6, decoder_layers=6, encoder_ffn_dim=2048, decoder_ffn_dim=2048,
        encoder_attention_heads=8, decoder_attention_heads=8, activation_function="swish", scale_embedding=True, pad_token_id=pad,
        eos_token_id=tokenizer.eos_token_id, bos_token_id=tokenizer.eos_token_id, decoder_start_token_id=pad, forced_eos_token_id=None)
    model = MarianMTModel(config)
    model.generation_config.forced_eos_token_id = None
    model.save_pretrained(args.model)
    for name in ("source.spm", "target.spm", "vocab.json", "tokenizer_config.json"):
        (args.model / name).write_bytes((args.random_opus / name).read_bytes())
tokenizer = MarianTokenizer.from_pretrained(args.model)
lines = args.source.read_text(encoding="utf-8").split("\n")[: args.lines]
references = args.reference and args.reference.read_text(encoding="utf-8").split("\n")[: args.lines]
if references:
    references = [reference for line, reference in zip(lines, references) if line.strip()]
lines = [line for line in lines if line.strip()]
(work / "source.zh").write_text("\n".join(lines) + "\n", encoding="utf-8")
ids = [tokenizer(line).input_ids for line in lines]
pieces = [tokenizer.convert_ids_to_tokens(row) for row in ids]


class Kuaibao:
    def __init__(self, precision):
        self.flags = ["--quiet", "--translator", str(args.model), "--precision", precision]

    def run(self, beam, _setting, count=None):
        flags = [*self.flags, "--beam", str(beam)]
        source = work / "source.zh"
        command = [args.binary, "bench", "--lines", "--rounds", "1", "--json", *flags, source]
        if args.tokens:
            command[2:2] = ["--tokens", str(args.tokens)]
        measured = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        texts = [] if args.tokens else subprocess.run([args.binary, "translate", "--lines", "--raw", *flags, source], check=True, capture_output=True, text=True).stdout.split("\n")[: len(lines)]
        return texts, measured["seconds"], measured["peak_memory_bytes"]


class Served:
    def __init__(self, name):
        kind, precision = name.split()
        self.kind, folder = kind, args.model
        if kind == "ctranslate2":
            folder = work / precision
            ctranslate2.converters.TransformersConverter(str(args.model)).convert(str(folder), quantization=precision)
        self.process = subprocess.Popen([sys.executable, __file__, "--source", args.source, "--serve", name, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, beam, setting, count=None):
        sources = (ids if self.kind == "transformers" else pieces)[:count]
        print(json.dumps({"sources": sources, "beam": beam, "tokens": args.tokens, "setting": setting}), file=self.process.stdin, flush=True)
        line = "\n"
        while not line.startswith('{"found"'):
            line = self.process.stdout.readline()
        answer = json.loads(line)
        rows = answer["found"]
        if self.kind == "ctranslate2":
            rows = [tokenizer.convert_tokens_to_ids(row) for row in rows]
        return [tokenizer.decode(row, skip_special_tokens=True) for row in rows], answer["seconds"], answer["peak"]


engines = {name: Kuaibao(name.split()[1]) if name.startswith("kuaibao") else Served(name) for name in args.engines}


def tokens(texts):
    """Target tokens of a result, counted alike for every engine."""
    return args.tokens * len(lines) if args.tokens else sum(len(tokenizer(text_target=text).input_ids) for text in texts)


for beam in args.beams:
    best = {}
    for name, engine in engines.items():
        settings = SETTINGS.get(name.split()[0], [None])
        part = max(len(lines) // 4, 1)
        best[name] = settings[0] if len(settings) == 1 else min(settings, key=lambda s: engine.run(beam, s, part)[1])
    speeds, texts, peaks = {name: [] for name in engines}, {}, {}
    for _ in range(args.rounds):
        for name, engine in engines.items():
            texts[name], seconds, peaks[name] = engine.run(beam, best[name])
            speeds[name].append(tokens(texts[name]) / seconds)
    print(f"\nbeam {beam}, {len(lines)} lines, {CORES} cores, median of {args.rounds} rounds")
    median = {name: statistics.median(speeds[name]) for name in engines}
    for name in engines:
        row = f"  {name:21} {median[name]:7.0f} tokens/s ({min(speeds[name]):.0f}–{max(speeds[name]):.0f})  {peaks[name] / 2**20:5.0f} MiB"
        for other in ("ctranslate2 int8", "transformers float32"):
            if other in engines:
                row += f"  {median[name] / median[other]:5.2f} × {other}"
        if references and not args.tokens:
            row += f"  BLEU {sacrebleu.corpus_bleu(texts[name], [references]).score:.2f}"
        if "transformers float32" in texts and not args.tokens:
            # A model that learnt `&quot;` from its data says so; kuaibao prints the mark.
            equal = sum(html.unescape(a) == html.unescape(b) for a, b in zip(texts[name], texts["transformers float32"]))
            row += f"  {100 * equal / len(lines):.1f} % of lines as transformers"
        print(row + (f"  {best[name]}" if best[name] else ""), flush=True)
