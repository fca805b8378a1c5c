#!/usr/bin/env python3
"""Trains a Chinese-English Marian model in Hugging Face layout, on a GPU or a CPU; resumable.

    python training/train.py --data DATA --work WORK --size tiny --seconds 7200 --out WORK/out

Reads every `*.tsv` and `*.tsv.xz` of DATA (columns: kind, Chinese, English) and the tokenizers of
`models/kuaibao-tiny-zh-en`. WORK keeps the encoded pairs and a checkpoint: the same command again
goes on where it stopped. OUT gets the averaged weights as `MarianMTModel.from_pretrained` and
kuaibao read them (float16). Needs torch, transformers, sentencepiece, safetensors, numpy, scipy.
See README.md beside this script.
"""

import argparse
import json
import logging
import lzma
import math
import os
import random
import shutil
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import sentencepiece
import torch
from transformers import GenerationConfig, MarianConfig, MarianMTModel

ROOT = Path(__file__).resolve().parent.parent
# Width, feed-forward, encoder layers, decoder layers, heads. Widths that 256 divides suit the
# 8-bit kernels; a shallow decoder is what decoding time is spent on.
SIZES = {
    "tiny": (256, 1024, 6, 2, 4),  # 12 M parameters
    "small": (512, 1024, 6, 2, 8),  # 29 M
}
# How often a pair of each kind is seen in one pass; --weight changes them. Kinds that are not named
# here are seen once. `lctt` is left out: its texts are non-commercial in part.
WEIGHTS = {"wmt-ref": 2, "wmt-zhen-mt": 1.2, "wmt-enzh-mt": 0.8, "nc": 1.5, "gov": 3, "bm": 0.6, "tatoeba": 0.4, "lctt": 0}
MAX_LENGTH = 160  # pieces; a longer pair is left out


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the pairs")
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
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--vary", type=float, default=0.3, help="share of the pairs whose figures get other digits")
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

    def encode(self, zh, en):
        source_ids = [self.ids[self.source.id_to_piece(i)] for i in range(self.source.vocab_size())]
        threads = os.cpu_count()
        zh = self.source.encode(zh, num_threads=threads)
        en = self.target.encode(en, num_threads=threads)
        return [([source_ids[t] for t in a], b) for a, b in zip(zh, en)]


def read_pairs(data, cache, vocabulary):
    """(kind, Chinese ids, English ids) of every pair that is not too long."""
    if not cache.exists():
        rows = []
        for path in sorted(data.glob("*.tsv*")):
            opened = lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else open(path, encoding="utf-8")
            with opened as lines:
                rows += [row for row in (line.rstrip("\n").split("\t") for line in lines) if len(row) == 3]
        if not rows:
            raise SystemExit(f"{data} has no .tsv or .tsv.xz with the columns kind, Chinese, English")
        encoded = vocabulary.encode([row[1] for row in rows], [row[2] for row in rows])
        pairs = [(row[0], zh, en) for row, (zh, en) in zip(rows, encoded) if 0 < len(zh) <= MAX_LENGTH and 0 < len(en) <= MAX_LENGTH]
        torch.save(pairs, cache)
    return torch.load(cache)


def batches(pairs, weights, tokens, multiple, chunk):
    """Endless batches of pair indices, of like lengths, at most `tokens` padded tokens each; lengths
    that differ by less than `multiple` are taken as equal."""

    def lengths(i):
        return tuple(-(-(len(pairs[i][side]) + 1) // multiple) * multiple for side in (2, 1))

    while True:
        order = []
        for i, (kind, _, _) in enumerate(pairs):
            weight = weights.get(kind, 1)
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


def vary_figures(zh, en, digits):
    """The pair with other digits in the figures that stand once on both sides, so that figures are
    learnt to be copied."""

    def runs(ids):
        found, start = {}, None
        for i, token in enumerate(ids + [-1]):
            if token in digits:
                start = i if start is None else start
            elif start is not None:
                found.setdefault(tuple(ids[start:i]), []).append(start)
                start = None
        return found

    ours, theirs = runs(zh), runs(en)
    zh, en = list(zh), list(en)
    for run, at in ours.items():
        if len(at) == 1 and len(theirs.get(run, ())) == 1:
            other = [random.choice(digits[1:] if i == 0 and len(run) > 1 else digits) for i in range(len(run))]
            zh[at[0] : at[0] + len(run)] = other
            start = theirs[run][0]
            en[start : start + len(run)] = other
    return zh, en


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

    def incidence(side, width):
        rows = [sorted(set(pair[side])) for pair in pairs]
        ends = np.cumsum([0] + [len(row) for row in rows])
        return sp.csr_matrix((np.ones(ends[-1], np.float32), np.concatenate(rows), ends), shape=(len(rows), width))

    zh, en = incidence(1, len(vocabulary.ids)), incidence(2, vocabulary.targets)
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
    """A running mean of the weights: what is exported."""

    def __init__(self, model):
        self.weights = {name: value.detach().clone().float() for name, value in floats(model).items()}

    @torch.no_grad()
    def take(self, model, step, steps):
        keep = min(0.9995, (step + 1) / (step + 10)) ** steps
        for name, value in floats(model).items():
            self.weights[name].lerp_(value.float(), 1 - keep)


def export(folder, model, average, vocabulary):
    final = MarianMTModel(model.config)
    final.load_state_dict({**final.state_dict(), **{name: value.cpu() for name, value in average.weights.items()}})
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
    pairs = read_pairs(args.data, args.work / "pairs.pt", vocabulary)
    pairs = [pair for pair in pairs if weights.get(pair[0], 1) > 0]
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
    length = sum(len(pair[2]) for pair in pairs)
    print(f"{len(pairs)} pairs, {length / 1e6:.1f}M target tokens, {parameters / 1e6:.1f}M parameters, {device}, step {step}, seen {seen / 1e6:.1f}M", flush=True)

    def tensor(rows):
        width = -(-max(map(len, rows)) // multiple) * multiple
        return torch.tensor([row + [vocabulary.pad] * (width - len(row)) for row in rows]).to(device, non_blocking=True)

    digits = [vocabulary.ids[digit] for digit in "0123456789"]
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
        drawn = [pairs[i][1:] for i in batch]
        drawn = [vary_figures(zh, en, digits) if random.random() < args.vary else (zh, en) for zh, en in drawn]
        x = tensor([zh + [vocabulary.eos] for zh, _ in drawn])  # (batch, source)
        y = tensor([en + [vocabulary.eos] for _, en in drawn])  # (batch, target)
        y_in = torch.cat([torch.full((len(batch), 1), vocabulary.pad, device=device), y[:, :-1]], 1)
        real = y != vocabulary.pad
        n = sum(len(en) + 1 for _, en in drawn)
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
        export(args.out, model, average, vocabulary)
    print(f"done at step {step}, {seen / 1e6:.1f}M target tokens seen", flush=True)


if __name__ == "__main__":
    main()
