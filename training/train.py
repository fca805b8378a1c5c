#!/usr/bin/env python3
"""Trains a Chinese-English Marian model in Hugging Face layout, on a GPU or a CPU.

    python training/train.py --data PAIRS --out OUT --size small --seconds 560                  # from nothing
    python training/train.py --data PAIRS --out OUT --size tiny --seconds 28800 --work WORK --start models/kuaibao-tiny-zh-en

PAIRS holds what `prepare.py` wrote. The learning rate rises for --warmup steps, stays, and falls to 0 over the last
--anneal of the time, so that every call ends with a finished model in OUT: weights in float16, as kuaibao and
transformers read them. With --work a checkpoint is kept there, and the same command goes on where it was stopped.
Needs torch, numpy, sentencepiece, safetensors;
with sacrebleu the BLEU of --dev is told at the end. README.md beside this script says what was learnt.
"""

import argparse
import multiprocessing
import os
import time
from pathlib import Path

BEGAN = time.time()

import numpy as np
import torch
import torch.nn.functional as F
from model import SIZES, Marian
from pairs import WEIGHTS, Vocabulary, cut, encode, make_batches, read_pairs

ROOT = Path(__file__).resolve().parent.parent


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True, help="folder of the pairs")
    p.add_argument("--out", type=Path, required=True, help="folder for the model when the time is over")
    p.add_argument("--work", type=Path, help="folder of the checkpoint")
    p.add_argument("--tokenizers", type=Path, default=ROOT / "models/kuaibao-tiny-zh-en", help="folder of source.spm and target.spm")
    p.add_argument("--start", type=Path, help="begin from a model's weights where there is no checkpoint")
    p.add_argument("--table", type=Path, help="what lexical.py wrote: where to begin without --start")
    p.add_argument("--size", choices=SIZES, default="small")
    p.add_argument("--seconds", type=float, required=True, help="of this call, from the start of the process to the finished model")
    p.add_argument("--anneal", type=float, default=0.4, help="share of the time, at its end, in which the learning rate falls to 0")
    p.add_argument("--weight", action="append", default=[], metavar="KIND=N", help="how often a pair of this kind is drawn")
    p.add_argument("--tokens", type=int, help="padded tokens a side a batch [default: 32768 on a GPU, 2048 on a CPU]")
    p.add_argument("--lr", type=float, default=9e-4)
    p.add_argument("--warmup", type=int, default=600, help="steps")
    p.add_argument("--dropout", type=float, default=0.1)
    p.add_argument("--sample", type=float, default=0.2, help="smoothing of the segmentations that are drawn of a source; 0: always the best one")
    p.add_argument("--vary", type=float, default=0.25, help="share of the pairs whose figures are exchanged for others")
    p.add_argument("--dev", type=Path, help="PREFIX of held-out PREFIX.zh and PREFIX.en, whose loss is told")
    p.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 2), help="processes that make batches")
    p.add_argument("--cpu", action="store_true")
    return p.parse_args()


class SmoothedLoss(torch.autograd.Function):
    """Cross-entropy with label smoothing 0.1, summed, of rows `hidden` against the output matrix. The
    gradients are made with the loss, `rows` at a time, so that the scores (tokens x 8,000) are
    never held: on a CPU that is a third of the time. The loss that is returned is the unsmoothed one."""

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


class Trainer:
    def __init__(self, args, say):
        self.args, self.vocabulary = args, Vocabulary(args.tokenizers)
        self.gpu, self.device = args.gpu, "cuda" if args.gpu else "cpu"
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cuda.enable_cudnn_sdp(False)  # it plans anew for each shape of a batch
        self.model = Marian(args.size, self.vocabulary, args.dropout)
        if args.table:
            self.model.place(np.load(args.table))
        if args.start:
            self.model.load(args.start)
        self.model.to(self.device).train()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=args.lr, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.0, fused=True)
        self.step = self.seen = 0
        self.checkpoint = args.work and args.work / "checkpoint.pt"
        if self.checkpoint and self.checkpoint.exists():
            saved = torch.load(self.checkpoint, map_location=self.device)
            self.model.load_state_dict(saved["model"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.step, self.seen = saved["step"], saved["seen"]
        self.dev = []
        if args.dev:
            self.dev = list(zip(*(args.dev.with_suffix(f".{side}").read_text(encoding="utf-8").split("\n") for side in ("zh", "en"))))
            self.dev = [pair for pair in self.dev if all(pair)]
        say(f"{sum(p.numel() for p in self.model.parameters()) / 1e6:.1f}M parameters, {torch.cuda.get_device_name() if self.gpu else 'cpu'}, step {self.step}, seen {self.seen / 1e6:.1f}M")

    def save(self):
        part = self.checkpoint.with_suffix(".part")
        torch.save({"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "step": self.step, "seen": self.seen}, part)
        os.replace(part, self.checkpoint)

    def tensor(self, rows):
        rows = torch.from_numpy(rows.astype("int64"))
        return (rows.pin_memory() if self.gpu else rows).to(self.device, non_blocking=True)

    def hidden(self, batch):
        """Hidden states of the real pieces of the target side, and the pieces wanted."""
        source, target = batch
        real = target.ravel() != self.vocabulary.pad
        at, wanted = self.tensor(real.nonzero()[0]), self.tensor(target.ravel()[real])
        source, target = self.tensor(source), self.tensor(target)
        target_in = torch.cat([torch.full_like(target[:, :1], self.vocabulary.pad), target[:, :-1]], 1)
        with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.gpu):
            hidden = self.model(source, target_in).flatten(0, 1)
        return hidden.index_select(0, at).float(), wanted

    def learn(self, batch, rate):
        """One step: the unsmoothed loss a piece, and the number of pieces."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        hidden, wanted = self.hidden(batch)
        loss = SmoothedLoss.apply(hidden, self.model.words(), wanted, 8192 if self.gpu else 512) / len(wanted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step, self.seen = self.step + 1, self.seen + len(wanted)
        return loss.detach(), len(wanted)

    @torch.no_grad()
    def held_out(self, most=512):
        """Cross-entropy a piece of the first held-out pairs."""
        self.model.eval()
        total = count = 0
        for batch in cut(encode(self.dev[:most], self.vocabulary), self.args.tokens, self.args.multiple, self.vocabulary.pad):
            hidden, wanted = self.hidden(batch)
            total += F.cross_entropy(hidden @ self.model.words().T, wanted, reduction="sum").item()
            count += len(wanted)
        self.model.train()
        return total / count

    def bleu(self):
        """Of greedy translations of the held-out lines: a look, not the score of the card."""
        import sacrebleu

        self.model.eval()
        ids = self.vocabulary.chinese([zh for zh, _ in self.dev])
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        found = [""] * len(ids)
        for at in range(0, len(order), 64):
            lines = order[at : at + 64]
            source = torch.full((len(lines), max(len(ids[i]) for i in lines)), self.vocabulary.pad)
            for row, i in zip(source, lines):
                row[: len(ids[i])] = torch.from_numpy(ids[i])
            with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.gpu):
                out = self.model.translate(source.to(self.device), min(500, 20 + 2 * source.shape[1]))
            for i, row in zip(lines, out.tolist()):
                found[i] = self.vocabulary.text(row)
        self.model.train()
        return sacrebleu.corpus_bleu(found, [[en for _, en in self.dev]]).score


def main():
    args = options()
    weights = WEIGHTS | {kind: float(n) for kind, n in (weight.split("=", 1) for weight in args.weight)}
    args.gpu = not args.cpu and torch.cuda.device_count() > 0
    args.tokens = args.tokens or (32768 if args.gpu else 2048)
    args.multiple = 8 if args.gpu else 1  # tensor cores want eights; a CPU gains more from no padding
    for folder in filter(None, (args.out, args.work)):
        folder.mkdir(parents=True, exist_ok=True)
    log = open((args.work or args.out) / "train.log", "a", encoding="utf-8")

    def say(text):
        line = f"{time.time() - BEGAN:7.1f}s {text}"
        print(line, flush=True)
        print(line, file=log, flush=True)

    rows = read_pairs(args.data, weights)
    say(f"{len(rows)} pairs, {args.workers} makers of batches; {vars(args)}")
    queue = multiprocessing.Queue(64)
    makers = [multiprocessing.Process(target=make_batches, args=(int(BEGAN) + n, rows, weights, args, queue), daemon=True) for n in range(args.workers)]
    for maker in makers:  # before the GPU is touched
        maker.start()
    trainer = Trainer(args, say)
    end = BEGAN + args.seconds - (15 if args.dev else 8)  # what the last look and the export take
    start = last = shown = time.time()
    fall = end - args.anneal * (end - start)
    loss_sum, tokens, waited = torch.zeros((), device=trainer.device), 0, 0.0
    while (now := time.time()) < end:
        rate = args.lr * min(1.0, (trainer.step + 1) / args.warmup, (end - now) / (end - fall) if args.anneal else 1.0)
        batch = queue.get()
        waited += time.time() - now
        loss, n = trainer.learn(batch, rate)
        loss_sum += loss * n
        tokens += n
        if trainer.step % (200 if trainer.gpu else 100) == 0:
            mean, now = loss_sum.item() / tokens, time.time()
            rates = f"rate {rate:.1e}, {tokens / (now - last):,.0f} tokens/s ({waited / (now - last):.0%} waiting for batches), seen {trainer.seen / 1e6:.1f}M"
            look = trainer.dev and now - shown > (30 if trainer.gpu else 900)
            say(f"step {trainer.step} loss {mean:.3f}{f', held out {trainer.held_out():.3f}' if look else ''}, {rates}")
            shown = now if look else shown
            last, tokens, waited = time.time(), 0, 0.0
            loss_sum.zero_()
        if trainer.checkpoint and trainer.step % 1000 == 0:
            trainer.save()
    trainer.model.save(args.out, trainer.vocabulary)
    if trainer.checkpoint:
        trainer.save()
    if trainer.dev:
        try:
            say(f"held out {trainer.held_out(len(trainer.dev)):.3f}, BLEU {trainer.bleu():.2f} (greedy)")
        except ImportError as missing:
            say(f"held out {trainer.held_out(len(trainer.dev)):.3f} ({missing}: no BLEU)")
    say(f"done at step {trainer.step}, {trainer.seen / 1e6:.1f}M target tokens seen")
    for maker in makers:
        maker.terminate()
    os._exit(0)  # the makers' queue need not be emptied


if __name__ == "__main__":
    main()
