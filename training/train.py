#!/usr/bin/env python3
"""Trains a Chinese-English Marian model in Hugging Face layout, on a GPU or a CPU; resumable.

    python training/train.py --data DATA --work WORK --size tiny --seconds 7200 --out WORK/out

Reads every `*.tsv` and `*.tsv.xz` of DATA (columns: kind, Chinese, English), a dictionary in the
format of CC-CEDICT where there is one, and the tokenizers of `models/kuaibao-tiny-zh-en`. WORK keeps
a checkpoint: the same command again goes on where it stopped. OUT gets the weights as
`MarianMTModel.from_pretrained` and kuaibao read them (float16). Needs torch, transformers,
sentencepiece, safetensors, numpy, scipy. See README.md beside this script.
"""

import argparse
import gzip
import json
import logging
import lzma
import math
import os
import random
import re
import shutil
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import sentencepiece
import torch
from formulae import Formulae, in_words
from transformers import GenerationConfig, MarianConfig, MarianMTModel

ROOT = Path(__file__).resolve().parent.parent
# Width, feed-forward, encoder layers, decoder layers, heads. Widths that 256 divides suit the
# 8-bit kernels; a shallow decoder is what decoding time is spent on.
SIZES = {
    "tiny": (256, 1024, 6, 2, 4),  # 12 M parameters
    "small": (512, 1024, 6, 2, 8),  # 29 M
}
# How often a pair of each kind is seen in one pass; --weight changes them. Kinds that are not named
# here are seen once. The machine translations are many of few texts. `lctt` is left out: its texts
# are non-commercial in part; `bm`, because it is too noisy.
WEIGHTS = {"wmt-ref": 3, "wmt-zhen-mt": 0.8, "wmt-enzh-mt": 0.6, "nc": 1.5, "gov": 2, "bm": 0, "tatoeba": 0.5, "dictionary": 0.5, "formula": 1, "lctt": 0}
LOWER_CASED = {"gov"}  # kinds whose English has lost its capitals
FORMULAE = 40_000  # how many pairs are made by rules
MAX_LENGTH = 160  # pieces; a longer pair is left out


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the pairs")
    parser.add_argument("--dictionary", type=Path, help="CC-CEDICT, as it is published (.u8, .txt, .gz)")
    parser.add_argument("--work", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--out", type=Path, help="folder for the model when the time is over")
    parser.add_argument("--tokenizers", type=Path, default=ROOT / "models/kuaibao-tiny-zh-en", help="folder of source.spm and target.spm")
    parser.add_argument("--start", type=Path, help="begin from a model's weights where WORK has no checkpoint")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--seconds", type=float, required=True, help="how long this call trains")
    parser.add_argument("--anneal", type=float, default=0.0, help="seconds at the end in which the learning rate falls to 0")
    parser.add_argument("--weight", action="append", default=[], metavar="KIND=N", help="how often a pair of this kind is seen in one pass")
    parser.add_argument("--tokens", type=int, help="padded target tokens a batch [default: 40960 on a GPU, 2048 on a CPU]")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--warmup", type=int, default=1000, help="steps")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--sample", type=float, default=0.2, help="smoothing of the Chinese segmentations that are drawn; 0: always the best one")
    parser.add_argument("--vary", type=float, default=0.3, help="share of the pairs whose figures and names are exchanged for others")
    parser.add_argument("--random-init", action="store_true", help="start from random weights alone")
    return parser.parse_args()


class Vocabulary:
    """One vocabulary for both languages, as opus-mt models have it: the English pieces first, then
    the pieces that only Chinese has, `<pad>` last."""

    def __init__(self, folder):
        self.folder = folder
        self.source = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
        self.target = sentencepiece.SentencePieceProcessor(model_file=str(folder / "target.spm"))
        self.ids = {self.target.id_to_piece(i): i for i in range(self.target.vocab_size())}
        self.targets = len(self.ids)
        for i in range(self.source.vocab_size()):
            self.ids.setdefault(self.source.id_to_piece(i), len(self.ids))
        self.pad = self.ids["<pad>"] = len(self.ids)
        self.eos = self.ids["</s>"]

        self.source_ids = [self.ids[self.source.id_to_piece(i)] for i in range(self.source.vocab_size())]

    def encode(self, zh, en, sample=0.0):
        """Ids of the lines of both sides. With `sample`, the Chinese is cut up otherwise each time
        (Kudo 2018, https://arxiv.org/abs/1804.10959), which keeps a model from learning a small text
        by heart."""
        threads = os.cpu_count() if len(zh) > 1000 else 1
        drawn = {"enable_sampling": True, "alpha": sample, "nbest_size": -1} if sample else {}
        zh = self.source.encode(zh, num_threads=threads, **drawn)
        return [[self.source_ids[t] for t in line] for line in zh], self.target.encode(en, num_threads=threads)


def rows_of(data):
    for path in sorted(data.glob("*.tsv*")):
        opened = lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else open(path, encoding="utf-8")
        with opened as lines:
            yield from (row for row in (line.rstrip("\n").split("\t") for line in lines) if len(row) == 3)


def cleaned(zh, en):
    """Without soft hyphens, spaces in Chinese, and spaces inside quotation marks."""
    zh = re.sub(r"(?<![A-Za-z0-9])\s+|\s+(?![A-Za-z0-9])", "", zh.replace("\u00ad", ""))
    en = re.sub(r'" ([^"]*?) "', r'"\1"', en.replace("\u00ad", "").replace("\u00ac", ""))
    return zh, re.sub(r" ([?!:;])", r"\1", en)


class Truecaser:
    """Gives words the case that they mostly have inside the sentences of other texts, and given names
    a capital."""

    def __init__(self, lines, surnames):
        self.surnames = surnames
        forms = defaultdict(Counter)
        for line in lines:
            for word in re.findall(r"(?<=[a-z,] )[A-Za-z]+", line):
                forms[word.lower()][word] += 1
        for word, counts in forms.items():
            counts[word] *= 2  # in doubt none: many capitals are those of headlines
        self.forms = {word: max(counts, key=counts.get) for word, counts in forms.items()}

    def apply(self, line):
        line = re.sub(r"(?<!['A-Za-z])[A-Za-z]+", lambda word: self.forms.get(word[0].lower(), word[0]), line)
        given = lambda name: f"{name[1]} {name[2].capitalize()}" if name[1] in self.surnames and name[2] not in self.forms else name[0]
        line = re.sub(r"\b([A-Z][a-z]+) ([a-z]+)", given, line)
        return line[:1].upper() + line[1:]


def read_pairs(data, dictionary, weights, vocabulary):
    """(kind, Chinese, English, Chinese length, English length) of the pairs that are not too long;
    lengths in pieces."""
    rows = [(kind, *cleaned(zh, en)) for kind, zh, en in rows_of(data) if weights.get(kind, 1) > 0]
    if not rows:
        raise SystemExit(f"{data} has no .tsv or .tsv.xz with the columns kind, Chinese, English")
    case = Truecaser((row[2] for row in rows if row[0] not in LOWER_CASED), dictionary.surnames)
    rows = [(kind, zh, case.apply(en) if kind in LOWER_CASED else en) for kind, zh, en in rows]
    rows += [("dictionary", zh, en) for zh, en in dictionary.pairs]
    if dictionary.people:
        formulae = Formulae(dictionary.somebody)
        rows += [("formula", zh, en) for zh, en in formulae.glossary() + [formulae.pair() for _ in range(FORMULAE)]]
    zh, en = vocabulary.encode([row[1] for row in rows], [row[2] for row in rows])
    pairs = [(*row, len(a), len(b)) for row, a, b in zip(rows, zh, en)]
    return [pair for pair in pairs if 0 < pair[3] <= MAX_LENGTH and 0 < pair[4] <= MAX_LENGTH]


class Dictionary:
    """What CC-CEDICT (https://www.mdbg.net/chinese/dictionary?page=cc-cedict) has for training: short
    pairs, and the names that take the place of others."""

    ENTRY = re.compile(r"\S+ (\S+) \[([^]]*)\] /(.*)/")
    NOT_A_GLOSS = re.compile(r"(variant|abbr\.|old form|same as|see|used|surname|CL:|also|Japanese|erhua|Kangxi)\b")

    def __init__(self, path=None):
        self.pairs = []  # (Chinese, English)
        self.readings = defaultdict(set)  # a character's syllables
        self.surnames = defaultdict(set)  # "Wang": its characters
        self.people = []  # (surname, its reading, given name, its reading)
        self.names = {}  # "北京": "Beijing"
        if path is None:
            return
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            entries = [m.groups() for m in map(self.ENTRY.match, lines) if m]
        for zh, pinyin, glosses in entries:
            if not re.fullmatch(r"[\u4e00-\u9fff]+", zh):
                continue
            pinyin = pinyin.replace("u:", "u").split()
            syllables = [re.sub(r"[\d\W]", "", syllable) for syllable in pinyin]
            if len(zh) == 1:
                self.readings[zh].add(syllables[0].lower())
                if f"surname {syllables[0]}" in glosses:
                    self.surnames[syllables[0]].add(zh)
            gloss = re.sub(r"\s*\([^)]*\)\s*", " ", re.split(r"[/;]", glosses)[0])
            gloss = re.sub(r"^to (?=\w)", "", re.split(r", |\[|\|", gloss)[0].strip())
            if self.NOT_A_GLOSS.match(gloss) or not 0 < len(gloss.split()) <= 6 or not gloss.isascii():
                continue
            self.pairs.append((zh, gloss))
            given = "".join(syllables[1:]).capitalize()
            if 2 <= len(zh) == len(syllables) <= 3 and gloss == f"{syllables[0]} {given}":
                self.people.append((zh[0], syllables[0], zh[1:], given))
            elif len(zh) > 1 and not re.match("[周星礼].*[一-六日]$|.*节$", zh) and pinyin[0][:1].isupper() and all(word[:1].isupper() for word in gloss.split()):
                self.names[zh] = gloss
        self.people = [person for person in self.people if person[0] in self.surnames[person[1]]]
        self.kinds = defaultdict(list)  # names by their shape in both languages
        for zh, en in self.names.items():
            self.kinds[self.kind(zh, en)].append((zh, en))

    @staticmethod
    def kind(zh, en):
        """What names have in common that can stand for each other: 省, "Province"."""
        return zh[-1] if en.split()[-1] in ("Province", "City", "County", "District", "River", "Sea", "Island") else "", len(en.split())

    def person(self, zh, en):
        """A person whose name stands once on both sides: (Chinese, English)."""
        for surname, given in re.findall(r"\b([A-Z][a-z]+) ([A-Z][a-z]+)\b", en):
            if surname not in self.surnames or len(re.findall(rf"\b{surname}\b", en)) != 1:
                continue
            for i, character in enumerate(zh):
                if character not in self.surnames[surname]:
                    continue
                for n in (3, 2):
                    name = zh[i : i + n]
                    if len(name) == n and zh.count(name) == 1 and self.reads(name[1:], given.lower()):
                        return name, f"{surname} {given}"
        return None

    def reads(self, characters, pinyin):
        if not characters:
            return not pinyin
        return any(pinyin.startswith(r) and self.reads(characters[1:], pinyin[len(r) :]) for r in self.readings[characters[0]])

    def name(self, zh, en):
        """A name of the dictionary that stands once on both sides: (Chinese, English)."""
        found = [zh[i : i + n] for n in (4, 3, 2) for i in range(len(zh) - n + 1) if zh[i : i + n] in self.names]
        found = [(a, self.names[a]) for a in found]
        found = [(a, b) for a, b in found if zh.count(a) == 1 and len(re.findall(rf"\b{re.escape(b)}\b", en)) == 1]
        return random.choice(found) if found else None

    def somebody(self):
        """A person who need not exist: (Chinese, English)."""
        (a, b, _, _), (_, _, c, d) = random.choice(self.people), random.choice(self.people)
        return a + c, f"{b} {d}"

    def varied(self, zh, en):
        """The pair with another person's name, or another name, in the place of one."""
        if zh in self.names:
            return zh, en
        if self.people and (old := self.person(zh, en)):
            new = self.somebody()
        elif self.names and (old := self.name(zh, en)):
            new = random.choice(self.kinds[self.kind(*old)])
        else:
            return zh, en
        return zh.replace(old[0], new[0]), re.sub(rf"\b{re.escape(old[1])}\b", new[1], en)


def batches(pairs, weights, tokens, multiple, chunk):
    """Endless batches of pair indices, of like lengths, at most `tokens` padded tokens each; lengths
    that differ by less than `multiple` are taken as equal."""

    def lengths(i):
        return tuple(-(-(pairs[i][side] + 1) // multiple) * multiple for side in (4, 3))

    while True:
        order = []
        for i, pair in enumerate(pairs):
            weight = weights.get(pair[0], 1)
            order += [i] * (int(weight) + (random.random() < weight % 1))
        random.shuffle(order)
        for start in range(0, len(order), chunk):
            made, batch, width = [], [], 0
            for i in sorted(order[start : start + chunk], key=lengths):
                n = max(lengths(i))
                if batch and len(batch) % 8 == 0 and max(width, n) * (len(batch) + 8) > tokens:
                    made.append(batch)
                    batch, width = [], 0
                batch.append(i)
                width = max(width, n)
            if batch:
                made.append(batch)
            random.shuffle(made)
            yield from made


UNITS = {"万": 10**4, "亿": 10**8, "万亿": 10**12, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
SCALED = re.compile(r"(\d+)(\.\d+)?(万亿|万|亿)")
IN_ENGLISH = re.compile(r"(?<![\d.,])(\d[\d,]*(?:\.\d+)?)(?:[ -](thousand|million|billion|trillion))?(?![\d,]*\d)")


def other_digits(run):
    return random.choice("123456789" if len(run) > 1 else "0123456789") + "".join(random.choices("0123456789", k=len(run) - 1))


def vary_figures(zh, en):
    """The pair with other figures in the place of those that stand once on both sides: other digits
    for digits, and for an amount in 万 or 亿 another one, with its value in English."""
    amounts = list(SCALED.finditer(zh))
    if len(amounts) == 1:
        amount = amounts[0]
        value = round(float(amount[1] + (amount[2] or "")) * UNITS[amount[3]])
        same = [m for m in IN_ENGLISH.finditer(en) if round(float(m[1].rstrip(",").replace(",", "")) * UNITS.get(m[2], 1)) == value]
        if len(same) == 1:
            whole = random.choice("123456789") + other_digits("1" * random.choice([1, 2, 3] if amount[3] != "万亿" else [1]))[: random.randint(0, 3)]
            part = f".{random.randint(1, 9)}" if amount[2] else ""
            value = round(float(whole + part) * UNITS[amount[3]])
            zh = zh[: amount.start()] + whole + part + amount[3] + zh[amount.end() :]
            return zh, en[: same[0].start()] + in_words(value) + en[same[0].end() :]
    ours, theirs = (Counter(re.findall(r"[0-9]+", side)) for side in (zh, en))
    other = {run: other_digits(run) for run, count in ours.items() if count == 1 == theirs[run]}
    return tuple(re.sub(r"[0-9]+", lambda run: other.get(run[0], run[0]), side) for side in (zh, en))


class SmoothedLoss(torch.autograd.Function):
    """Cross-entropy with label smoothing 0.1, summed, of rows `hidden` against the output matrix. The
    gradients are made with the loss, `rows` at a time, so that the scores (tokens x 8,000) are
    never held. The loss that is returned is the unsmoothed one."""

    @staticmethod
    def forward(ctx, hidden, matrix, wanted, rows, smoothing=0.1):
        d_hidden, d_matrix = torch.empty_like(hidden), torch.zeros_like(matrix)
        loss = hidden.new_zeros(())
        for start in range(0, len(hidden), rows):
            h, y = hidden[start : start + rows], wanted[start : start + rows, None]
            p = torch.softmax(h @ matrix.T, dim=1)
            loss -= p.gather(1, y).clamp_min(1e-20).log().sum()
            p.scatter_add_(1, y, torch.full_like(y, smoothing - 1, dtype=p.dtype))  # d loss / d scores, less smoothing / size
            torch.mm(p, matrix, out=d_hidden[start : start + rows])
            d_matrix.addmm_(p.T, h)
        share = smoothing / len(matrix)
        d_hidden -= share * matrix.sum(0)
        d_matrix -= share * hidden.sum(0)
        ctx.save_for_backward(d_hidden, d_matrix)
        return loss

    @staticmethod
    def backward(ctx, d):
        d_hidden, d_matrix = ctx.saved_tensors
        return d * d_hidden, d * d_matrix, None, None, None


def new_model(size, dropout, vocabulary):
    d, ffn, encoder, decoder, heads = SIZES[size]
    return MarianMTModel(MarianConfig(
        vocab_size=len(vocabulary.ids), share_encoder_decoder_embeddings=True, tie_word_embeddings=True,
        d_model=d, encoder_layers=encoder, decoder_layers=decoder, encoder_ffn_dim=ffn, decoder_ffn_dim=ffn,
        encoder_attention_heads=heads, decoder_attention_heads=heads, activation_function="relu",
        max_position_embeddings=512, pad_token_id=vocabulary.pad, eos_token_id=vocabulary.eos,
        bos_token_id=vocabulary.eos, decoder_start_token_id=vocabulary.pad, forced_eos_token_id=vocabulary.eos,
        scale_embedding=True, dropout=dropout, init_std=d**-0.5))


def translation_table(pairs, vocabulary):
    """For each Chinese piece the English ones that it goes with, by how often they stand in the same
    pair: (pieces, English pieces), rows that sum to 1."""

    def incidence(lines, width):
        rows = [sorted(set(line)) for line in lines]
        ends = np.cumsum([0] + [len(row) for row in rows])
        return sp.csr_matrix((np.ones(ends[-1], np.float32), np.concatenate(rows), ends), shape=(len(rows), width))

    zh, en = vocabulary.encode([pair[1] for pair in pairs], [pair[2] for pair in pairs])
    zh, en = incidence(zh, len(vocabulary.ids)), incidence(en, vocabulary.targets)
    zh_count, en_count = np.asarray(zh.sum(0)).ravel(), np.asarray(en.sum(0)).ravel()
    together = (zh.T @ en).tocsr()
    rows, columns, scores = [], [], []
    for f in range(together.shape[0]):
        part = slice(together.indptr[f], together.indptr[f + 1])
        j, count = together.indices[part], together.data[part]
        more = count > 1.5 * zh_count[f] * en_count[j] / len(pairs)  # than by chance
        j, count = j[more], count[more]
        phi = count**2 / (zh_count[f] * en_count[j])
        best = np.argsort(-phi)[:12]
        rows += [f] * len(best)
        columns += j[best].tolist()
        scores += phi[best].tolist()
    table = sp.csr_matrix((scores, (rows, columns)), shape=together.shape)
    for _ in range(2):  # an English piece goes mostly to the Chinese pieces that explain it best
        table = table @ sp.diags(1 / np.sqrt(np.asarray(table.sum(0)).ravel() + 1e-9))
        table = sp.diags(1 / (np.asarray(table.sum(1)).ravel() + 1e-9)) @ table
    return table


@torch.no_grad()
def lexical_init(model, pairs, vocabulary):
    """Places each Chinese piece near the English ones that it goes with, makes the encoder nearly the
    identity, and lets the decoder copy what it attends to."""
    shared = model.model.shared.weight
    targets, pad = vocabulary.targets, vocabulary.pad
    english = shared[:targets].cpu().double().numpy()
    english = english - english.mean(0)
    mixed = translation_table(pairs, vocabulary).power(1.5) @ english
    norm = np.linalg.norm(mixed, axis=1, keepdims=True)
    size = np.median(np.linalg.norm(english, axis=1))
    start = np.where(norm > 0, 0.9 * mixed / np.maximum(norm, 1e-9) * size, shared.cpu().numpy())
    start = torch.tensor(start[targets:pad], dtype=shared.dtype, device=shared.device)
    shared[targets:pad] = start + 0.3 * shared[targets:pad]
    for layer in model.model.encoder.layers:
        layer.self_attn.out_proj.weight.mul_(0.1)
        layer.fc2.weight.mul_(0.1)
    for layer in model.model.decoder.layers:
        torch.nn.init.eye_(layer.encoder_attn.v_proj.weight)
        torch.nn.init.eye_(layer.encoder_attn.out_proj.weight).mul_(0.7)


def floats(model):
    return {name: value for name, value in model.state_dict().items() if value.dtype.is_floating_point}


class Average:
    """A running mean of the weights: what is exported of a model that is not annealed."""

    def __init__(self, model):
        self.weights = {name: value.detach().clone().float() for name, value in floats(model).items()}

    @torch.no_grad()
    def take(self, model, step, steps):
        keep = min(0.9995, (step + 1) / (step + 10)) ** steps
        for name, value in floats(model).items():
            self.weights[name].lerp_(value.float(), 1 - keep)


def export(folder, model, weights, vocabulary):
    final = MarianMTModel(model.config)
    final.load_state_dict({**final.state_dict(), **{name: value.cpu() for name, value in weights.items()}})
    final.final_logits_bias[:, vocabulary.targets :] = -1e4  # never trained as output: no Chinese piece, no <pad>
    folder.mkdir(parents=True, exist_ok=True)
    final.half().save_pretrained(folder)
    pad, eos = vocabulary.pad, vocabulary.eos
    GenerationConfig(
        max_length=512, num_beams=6, pad_token_id=pad, eos_token_id=eos, bos_token_id=eos,
        decoder_start_token_id=pad, forced_eos_token_id=eos, bad_words_ids=[[pad]]).save_pretrained(folder)
    for name in ("source.spm", "target.spm"):
        shutil.copy(vocabulary.folder / name, folder / name)
    (folder / "vocab.json").write_text(json.dumps(vocabulary.ids, ensure_ascii=False), encoding="utf-8")
    tokenizer = {"source_lang": "zho", "target_lang": "eng", "tokenizer_class": "MarianTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer), encoding="utf-8")


def main():
    args = options()
    weights = WEIGHTS | {kind: float(n) for kind, n in (weight.split("=", 1) for weight in args.weight)}
    args.work.mkdir(parents=True, exist_ok=True)
    logging.disable(logging.WARNING)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokens_a_batch = args.tokens or (40960 if device == "cuda" else 2048)
    torch.manual_seed(0)
    random.seed(0)
    torch.backends.cuda.matmul.allow_tf32 = True
    # Lengths in eights suit tensor cores; a CPU gains more from no padding.
    multiple, chunk, rows = (8, 200_000, 8192) if device == "cuda" else (1, 60_000, 512)

    vocabulary = Vocabulary(args.tokenizers)
    dictionary = Dictionary(args.dictionary)
    pairs = read_pairs(args.data, dictionary, weights, vocabulary)
    model = new_model(args.size, args.dropout, vocabulary).to(device).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.0, fused=True)
    step = seen = 0
    checkpoint = args.work / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        step, seen = saved["step"], saved["seen"]
    elif args.start:
        model.load_state_dict(MarianMTModel.from_pretrained(args.start).float().state_dict())
    elif not args.random_init:
        lexical_init(model, pairs, vocabulary)
    average = Average(model)
    if checkpoint.exists():
        average.weights = saved["average"]
    random.seed(step)  # what is gone on with is not what was begun with

    def save():
        part = checkpoint.with_suffix(".part")
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "average": average.weights, "step": step, "seen": seen}
        torch.save(state, part)
        os.replace(part, checkpoint)

    parameters = sum(p.numel() for p in model.parameters())
    length = sum(pair[4] * weights.get(pair[0], 1) for pair in pairs)
    print(f"{len(pairs)} pairs, {length / 1e6:.1f}M target tokens a pass, {parameters / 1e6:.1f}M parameters, {device}, step {step}, seen {seen / 1e6:.1f}M", flush=True)

    def tensor(rows):
        width = -(-max(map(len, rows)) // multiple) * multiple
        return torch.tensor([row + [vocabulary.pad] * (width - len(row)) for row in rows]).to(device, non_blocking=True)

    began = last = time.time()
    loss_sum = torch.zeros((), device=device)
    tokens = 0
    for batch in batches(pairs, weights, tokens_a_batch, multiple, chunk):
        left = args.seconds - (time.time() - began)
        if left <= 0:
            break
        rate = args.lr * min((step + 1) / args.warmup, math.sqrt(args.warmup * 4 / max(step + 1, args.warmup * 4)))
        if args.anneal:
            rate *= min(1.0, left / args.anneal)
        for group in optimizer.param_groups:
            group["lr"] = rate
        drawn = [pairs[i][1:3] for i in batch]
        drawn = [vary_figures(*dictionary.varied(zh, en)) if random.random() < args.vary else (zh, en) for zh, en in drawn]
        zh, en = vocabulary.encode(*map(list, zip(*drawn)), sample=args.sample)
        x = tensor([line[:MAX_LENGTH] + [vocabulary.eos] for line in zh])  # (batch, source)
        y = tensor([line + [vocabulary.eos] for line in en])  # (batch, target)
        y_in = torch.cat([torch.full((len(batch), 1), vocabulary.pad, device=device), y[:, :-1]], 1)
        real = y != vocabulary.pad
        n = sum(len(line) + 1 for line in en)
        with torch.autocast(device, dtype=torch.bfloat16, enabled=device == "cuda"):
            hidden = model.model(input_ids=x, attention_mask=(x != vocabulary.pad), decoder_input_ids=y_in, use_cache=False).last_hidden_state
        english = model.model.shared.weight[: vocabulary.targets]  # English pieces alone: export() bars the others
        loss = SmoothedLoss.apply(hidden[real].float(), english, y[real], rows) / n
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step, seen, tokens = step + 1, seen + n, tokens + n
        loss_sum += loss.detach() * n
        if step % 5 == 0:
            average.take(model, step, 5)
        if step % 100 == 0:
            now = time.time()
            print(f"step {step} loss {loss_sum.item() / tokens:.3f} {tokens / (now - last):.0f} tokens/s seen {seen / 1e6:.1f}M {(now - began) / 60:.1f} min", flush=True)
            last, tokens = now, 0
            loss_sum.zero_()
        if step % 1000 == 0:
            save()
    save()
    if args.out:
        export(args.out, model, floats(model) if args.anneal else average.weights, vocabulary)
    print(f"done at step {step}, {seen / 1e6:.1f}M target tokens seen", flush=True)


if __name__ == "__main__":
    main()
