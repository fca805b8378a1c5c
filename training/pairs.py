"""Pairs, as `prepare.py` writes them, and the batches that are made of them in processes of their own."""

import lzma
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
import sentencepiece
from formulae import in_words, ordinal

# How often a pair of each kind is drawn, relative to the others; --weight changes them, a kind that is not named
# here has 1. Machine translations are many of few texts; technical texts are many, and no news. Nobody knows where nc and
# gov are from, and without them nothing was lost that could be measured.
WEIGHTS = {
    "wmt-ref": 2, "ntrex": 2, "headline": 1.5, "tico": 1.5, "xquad": 1.5, "nc": 0, "gov": 0, "prose": 0.8, "wmt-zhen-mt": 0.8, "wmt-enzh-mt": 0.7,
    "tatoeba": 0.5, "game": 0.4, "caption": 0.3, "law": 0.3, "docs": 0.25, "dictionary": 0.3, "formula": 0.5}
MAX_LENGTH = 160  # pieces; a longer pair is left out


class Vocabulary:
    """One vocabulary for both languages, as opus-mt models have it: the English pieces first, then
    the pieces that only Chinese has, `<pad>` last."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.source = sentencepiece.SentencePieceProcessor(model_file=str(self.folder / "source.spm"))
        self.target = sentencepiece.SentencePieceProcessor(model_file=str(self.folder / "target.spm"))
        self.ids = {self.target.id_to_piece(i): i for i in range(self.target.vocab_size())}
        self.english = len(self.ids)
        for i in range(self.source.vocab_size()):
            self.ids.setdefault(self.source.id_to_piece(i), len(self.ids))
        self.pad = self.ids["<pad>"] = len(self.ids)
        self.eos = self.ids["</s>"]
        self.source_ids = np.array([self.ids[self.source.id_to_piece(i)] for i in range(self.source.vocab_size())], np.int64)

    def chinese(self, lines, sample=0.0):
        """Arrays of ids, each with `</s>`. With `sample`, a line is cut up otherwise each time (Kudo 2018,
        https://arxiv.org/abs/1804.10959), which keeps a model from learning a small text by heart."""
        drawn = {"enable_sampling": True, "alpha": sample, "nbest_size": -1} if sample else {}
        return [np.append(self.source_ids[line], self.eos) for line in self.source.encode(lines, num_threads=1, **drawn)]

    def of_english(self, lines):
        return [np.append(np.array(line, np.int64), self.eos) for line in self.target.encode(lines, num_threads=1)]

    def text(self, ids):
        """The English of ids up to `</s>`."""
        ids = ids[: ids.index(self.eos)] if self.eos in ids else ids
        return self.target.decode([i for i in ids if i < self.english])


def read_pairs(folder, weights):
    """(kind, Chinese, English) of every `*.tsv` and `*.tsv.xz` of the folder."""
    rows = []
    for path in sorted(Path(folder).glob("*.tsv*")):
        opened = lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else open(path, encoding="utf-8")
        with opened as lines:
            found = (line.rstrip("\n").split("\t") for line in lines)
            rows += [tuple(row) for row in found if len(row) == 3 and weights.get(row[0], 1) > 0]
    if not rows:
        raise SystemExit(f"{folder} has no .tsv or .tsv.xz with the columns kind, Chinese, English; prepare.py makes them")
    return rows


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
            whole = str(max(1, int(other_digits("1" * random.choice([1, 2, 3] if amount[3] != "万亿" else [1])))))
            part = f".{random.randint(1, 9)}" if amount[2] else ""
            value = round(float(whole + part) * UNITS[amount[3]])
            zh = zh[: amount.start()] + whole + part + amount[3] + zh[amount.end() :]
            return zh, en[: same[0].start()] + in_words(value) + en[same[0].end() :]
    ours, theirs = (Counter(re.findall(r"[0-9]+", side)) for side in (zh, en))
    other = {run: other_digits(run) for run, count in ours.items() if count == 1 == theirs[run]}
    zh, en = (re.sub(r"[0-9]+", lambda run: other.get(run[0], run[0]), side) for side in (zh, en))
    # Weights that were trained without this line write "the 3th".
    return zh, re.sub(r"\b([0-9]+)(?:st|nd|rd|th)\b", lambda day: ordinal(int(day[1])), en)


def cut(pairs, tokens, multiple, pad):
    """Batches of (source, target) arrays of ids, padded: at most `tokens` a side, pairs of like lengths together;
    lengths that differ by less than `multiple` count as equal."""
    up = lambda n: -(-n // multiple) * multiple
    pairs.sort(key=lambda pair: (max(up(len(pair[0])), up(len(pair[1]))), up(len(pair[1])), len(pair[0])))
    at = 0
    while at < len(pairs):
        n, width = 0, 0
        while at + n < len(pairs) and n < 4096:
            w = max(width, len(pairs[at + n][0]), len(pairs[at + n][1]))
            if n and w * (n + 1) > tokens:
                break
            width, n = w, n + 1
        batch, at = pairs[at : at + n], at + n
        sides = []
        for side in (0, 1):
            rows = np.full((n, up(max(len(pair[side]) for pair in batch))), pad, np.uint16)
            for row, pair in zip(rows, batch):
                row[: len(pair[side])] = pair[side]
            sides.append(rows)
        yield sides


def encode(pairs, vocabulary, sample=0.0):
    made = zip(vocabulary.chinese([pair[0] for pair in pairs], sample), vocabulary.of_english([pair[1] for pair in pairs]))
    return [pair for pair in made if 1 < len(pair[0]) <= MAX_LENGTH and 1 < len(pair[1]) <= MAX_LENGTH]


def make_batches(seed, rows, weights, args, out):
    """What a process does: draws pairs by the weights of their kinds for ever, and puts batches into a queue."""
    random.seed(seed)
    draw = np.random.default_rng(seed)
    vocabulary = Vocabulary(args.tokenizers)
    ends = np.cumsum([weights.get(row[0], 1) for row in rows])
    chunk = max(2000, args.tokens * 48 // 28)  # pairs that are sorted together: the more, the less padding
    while True:
        picked = [rows[i][1:] for i in np.searchsorted(ends, draw.random(chunk) * ends[-1])]
        picked = [vary_figures(*pair) if random.random() < args.vary else pair for pair in picked]
        made = list(cut(encode(picked, vocabulary, args.sample), args.tokens, args.multiple, vocabulary.pad))
        random.shuffle(made)
        for batch in made:
            out.put(batch)
