#!/usr/bin/env python3
"""Fits the tagger of names, `src/people/tagger.bin`.

    pip install torch numpy
    fit_tagger.py LABELS PAIRS DICTIONARY OUT [--first MINUTES] [--second MINUTES] [--measure FILE ...]

What is learnt: `named.tsv`, who is named in 47,800 sentences, marked by reading, of PAIRS (lines of kind, Chinese and English), told by
the sentences' hashes; LABELS, what `second_names.py` makes of what `label_names.py` writes: other sentences of parallel
news, who their English names, and whom another recogniser takes for people; our own sentences of `tests/people`, but for
the sets in `ASIDE`. DICTIONARY is jieba's `dict.txt`. Sentences with names are read under other names too, made of the
tables of surnames and of characters of given names, and a pronoun becomes a name, so that what stands around names is
learnt rather than who is in the news. Where the labels contradict each other nothing is learnt; what a first fit and
one of them agree on counts in a second. The weights are averages over the steps (Polyak & Juditsky, "Acceleration of
Stochastic Approximation by Averaging", 1992).

Sentences of `named.tsv` whose hash begins with 0 are never learnt; precision and recall on them, and on files of the
format of `tests/people` given to --measure, are printed.
"""
import argparse
import collections
import hashlib
import lzma
import multiprocessing
import os
import random
import re
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
ASIDE = {"posts.tsv", "quotes.tsv", "genres-8.tsv", "odds.tsv"}
VOCABULARY, PAIRS = 3400, 16000
EMBEDDING, PAIR, WIDTH, WORDS = 32, 16, 128, 8
DILATIONS = (1, 2, 4, 2, 1)
O, B, I, E = range(4)
IGNORED = -100
LONGEST = 192


def sections(path):
    section = None
    for line in open(os.path.join(HERE, "src", path), encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("["):
            section = line[1:-1].split(":")[0]
        elif line and not line.startswith("#"):
            yield section, line


SURNAME = {}
SURNAMES = collections.defaultdict(list)
for section, line in sections("text/surnames.txt"):
    for s in line.split() if section == "compound" else line:
        SURNAME.setdefault(s, section)
        SURNAMES[section].append(s)
CLASSES = {"common": 1, "known": 2, "rare": 3}
GIVEN = {}
for section, line in sections("people/given.txt"):
    for c in line:
        GIVEN.setdefault(c, section)
GIVEN_CLASSES = {"frequent": 1, "usual": 2, "never": 3}
JAPANESE = [w for s, l in sections("people/lexicon.txt") if s == "japanese" for w in l.split()]
JAPANESE_GIVEN = ["一郎", "太郎", "健一", "美穗", "直树", "翔太", "由纪", "裕子", "惠子", "大辅", "和也", "诚", "隆", "光", "茂", "进次郎",
                  "早苗", "文雄", "信介", "晋三", "太一", "义昌", "彩香", "美香", "真央", "结弦", "将大", "志文", "良平", "哲朗", "圭佑", "清太郎"]
MINORITY = "尼玛 扎西 卓玛 次仁 措 多吉 央金 旦增 丹增 格桑 平措 达娃 白玛 拉姆 索朗 洛桑 罗布 边巴 顿珠 桑珠 巴桑 益西 曲珍 强巴 阿旺 仁青 才让 " \
           "买买提 艾力 阿不都 热合曼 古丽 米热 吐尔逊 帕提 玉素甫 木合塔尔 阿依 努尔 尼亚孜 库尔班 塞买提 阿迪力 热依拉 " \
           "那日苏 苏日娜 乌云 其其格 巴特尔 布和 图雅 孟克 呼和 斯琴 高娃 格日勒 乌兰 宝音 额尔敦 朝鲁 哈斯 娜仁 托娅 巴雅尔 " \
           "阿牛 木呷 尔古 吉克 日哈 阿依 阿果 岩温 玉罕 岩香 依波".split()
MARKS = re.compile("[·•・]")


class Dice(random.Random):
    def learn(self, sentences, characters):
        """The given names and the names by sound of the sentences, and the characters that given names are made of."""
        given, sounds = collections.Counter(), collections.Counter()
        for s in sentences:
            for a, b in s.names:
                name = s.text[a:b]
                if is_by_sound(name):
                    sounds[name] += 1
                elif SURNAME.get(name[0]) == "common" and 2 <= len(name) <= 3:
                    given[name[1:]] += 1
        self.seen_given = list(given)
        self.seen_sounds = [name for name, count in sounds.items() for _ in range(min(count, 3))]
        others = [c for c in characters if "\u4e00" <= c <= "\u9fff" and c not in GIVEN]
        self.characters = [[c for c, s in GIVEN.items() if s == kind] for kind in ("frequent", "usual")] + [others]

    def chinese(self):
        kind = self.choices(["common", "known", "rare", "compound"], [78, 15, 4, 3])[0]
        pool = SURNAMES[kind]
        at = self.randrange(len(pool))
        if kind == "common":
            at = min(at, self.randrange(len(pool)))
        if self.random() < 0.4 and self.seen_given:
            return pool[at] + self.choice(self.seen_given)
        return pool[at] + "".join(self.given() for _ in range(1 if self.random() < 0.36 else 2))

    def given(self):
        return self.choice(self.characters[self.choices([0, 1, 2], [62, 30, 8])[0]])

    def japanese(self):
        return self.choice(JAPANESE) + self.choice(JAPANESE_GIVEN)

    def minority(self):
        name = "".join(self.choice(MINORITY) for _ in range(self.choice([1, 2, 2])))
        if self.random() < 0.3:
            name += "·" + "".join(self.choice(MINORITY) for _ in range(self.choice([1, 2])))
        return name

    def stage(self):
        kind = self.randrange(5)
        if kind == 0:
            return "阿" + self.given()
        if kind == 1:
            return self.given() * 2
        if kind == 2:
            return "小" + self.given()
        return "".join(self.given() for _ in range(self.choice([2, 2, 3])))

    def sounds(self):
        return self.choice(self.seen_sounds)

    def instead(self, name):
        if is_by_sound(name):
            return self.choices([self.sounds, self.chinese, self.minority], [58, 36, 6])[0]()
        return self.choices([self.chinese, self.sounds, self.japanese, self.minority, self.stage], [78, 6, 5, 6, 5])[0]()


def is_by_sound(name):
    return bool(MARKS.search(name)) or len(name) > 3 and name[:2] not in SURNAME or name[0] not in SURNAME and name[:2] not in SURNAME


def ranges(text):
    return [tuple(map(int, r.split("-"))) for r in text.split(";") if "-" in r and r != "-"]


def joined(spans, text):
    """Parts of a name on both sides of its dots are one name."""
    out = []
    for a, b in sorted(spans):
        if out and out[-1][1] + 1 == a and MARKS.match(text[out[-1][1]]):
            out[-1] = (out[-1][0], b)
        elif not out or a >= out[-1][1]:
            out.append((a, b))
    return out


class Sentence:
    __slots__ = ("text", "names", "masked", "weak")

    def __init__(self, text, names, masked=(), weak=False):
        self.text, self.names, self.masked, self.weak = text, names, masked, weak


def is_surely_a_name(text):
    """Whether a string that another recogniser takes for a person is one by its form as well."""
    chinese = len(text) == 3 and text[0] in SURNAME and all(GIVEN.get(c) in ("frequent", "usual") for c in text[1:])
    japanese = 3 <= len(text) <= 5 and text[:2] in JAPANESE
    parts = MARKS.split(text)
    dotted = len(parts) > 1 and all(len(p) > 1 and not p.isascii() for p in parts)
    return chinese or japanese or dotted


def parallel(path):
    elsewhere = collections.Counter()
    for line in open(path, encoding="utf-8"):
        columns = line.rstrip("\n").split("\t")
        spans = set(ranges(columns[1]) + joined(ranges(columns[2]), columns[0]))
        elsewhere.update(columns[0][a:b] for a, b in spans)
    for line in open(path, encoding="utf-8"):
        columns = line.rstrip("\n").split("\t")
        text = columns[0]
        chinese, sounds, places, unknown = map(ranges, columns[1:5])
        unsaid, alone = columns[5] == "1", columns[6].strip("-")
        people, others = ranges(columns[7]), ranges(columns[8])
        crossing = lambda a, b, spans: any(x < b and a < y and (x, y) != (a, b) for x, y in spans)
        masked = list(unknown)
        names = []
        for a, b in chinese:
            # two readings of one place: the one that the other recogniser has
            if (crossing(a, b, chinese) or crossing(a, b, people)) and (a, b) not in people:
                masked.append((a, b))
            else:
                names.append((a, b))
        whole = set(joined(people, text))
        for a, b in joined(sounds, text):
            inside = any(x <= a and b <= y for x, y in whole)
            if inside and (a, b) not in whole:
                # the other recogniser has more of it: 唐纳德·特朗普
                x, y = next((x, y) for x, y in whole if x <= a and b <= y)
                if MARKS.search(text[x:y]):
                    names.append((x, y))
                else:
                    masked.append((x, y))
            elif not inside and (crossing(a, b, whole) or (a, b) in others or crossing(a, b, others)):
                masked.append((a, b))
            else:
                names.append((a, b))
        names = joined(set(names), text)
        covered = lambda a, b: any(x < b and a < y for x, y in names)
        place = lambda a, b: any(x <= a and b <= y for x, y in places)
        for a, b in sorted(whole):
            if covered(a, b) or place(a, b):
                continue
            if is_surely_a_name(text[a:b]) or elsewhere[text[a:b]] >= 3:
                names = sorted(names + [(a, b)])
            else:
                masked.append((a, b))
        masked += [(i, i + 1) for i, c in enumerate(text) if c in alone]
        # a dot beside a name that was not joined
        bad = any(a and MARKS.match(text[a - 1]) or b < len(text) and MARKS.match(text[b]) for a, b in names)
        if bad:
            masked += [(max(0, a - 8), min(len(text), b + 8)) for a, b in names]
        yield Sentence(text, names, masked, unsaid or bad)


def own():
    folder = os.path.join(HERE, "tests/people")
    seen = set()
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".tsv") or file in ASIDE:
            continue
        for row in open(os.path.join(folder, file), encoding="utf-8"):
            row = row.rstrip("\n")
            if row.startswith("#") or "\t" not in row:
                continue
            first, second = row.split("\t")[:2]
            text, gold = (second, first) if file in ("continuations.tsv", "conjunctions.tsv") else (first, second)
            names = sorted({re.split("[=@~]", g)[0] for g in gold.split(";")} - {"-", ""}, key=len, reverse=True)
            names += [m for n in names for m in [MARKS.split(n)[-1]] if m != n and len(m) > 1]
            for sentence in re.findall("[^¶。！？；]+[。！？；]?", text):
                if len(sentence) < 4 or sentence in seen:
                    continue
                seen.add(sentence)
                spans = []
                for name in names:
                    for m in re.finditer(re.escape(name), sentence):
                        if not any(x < m.end() and m.start() < y for x, y in spans):
                            spans.append((m.start(), m.end()))
                # reporters are left out by others: their names are names here
                masked = [(m.start(), m.end()) for m in re.finditer("记者[^，。：报]{2,12}|摄影[^，。]{2,8}|[（(][^（）()]*(?:摄|文|图|记者)[^（）()]*[）)]", sentence)]
                yield Sentence(sentence, sorted(spans), masked)


FOLDED = {c: "0" for c in [*range(0x30, 0x3A), *range(0xFF10, 0xFF1A)]} | {
    c: "a" for c in [*range(0x41, 0x5B), *range(0x61, 0x7B), *range(0xFF21, 0xFF5B)] if chr(c).isalpha()}


def codes(text):
    """The characters' numbers; what is beyond the first plane is 0."""
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    return np.where(points < 65536, points, 0).astype(np.int32)


FOLD = np.arange(65536, dtype=np.int32)  # all digits as one, and all Latin letters
for code, to in FOLDED.items():
    FOLD[code] = ord(to)


def table(characters):
    """From a character's number to its row: 0 is padding, 1 what is in no table."""
    rows = torch.ones(65536, dtype=torch.long)
    for row, c in enumerate(characters, 2):
        if ord(c) < 65536:
            rows[ord(c)] = row
    return rows


class Surroundings:
    """What is known of each character: its classes, and which words of the dictionary begin, go on and end there."""

    def __init__(self, words, pairs):
        self.pairs = np.array(pairs, np.uint32)
        self.words = [self.sorted(w for w in words if len(w) == n) for n in (2, 3, 4)]
        self.compound = self.sorted(s for s, kind in SURNAME.items() if kind == "compound")
        self.surname, self.given = np.zeros(65536, np.int8), np.zeros(65536, np.int8)
        for c, kind in SURNAME.items():
            if len(c) == 1:
                self.surname[ord(c)] = CLASSES.get(kind, 0)
        for c, kind in GIVEN.items():
            self.given[ord(c)] = GIVEN_CLASSES.get(kind, 0)

    @staticmethod
    def sorted(words):
        """Each word as one number, 16 bits a character."""
        return np.unique(np.array([sum(ord(c) << 16 * i for i, c in enumerate(reversed(w))) for w in words if max(map(ord, w)) < 65536], np.uint64))

    @staticmethod
    def has(table, keys):
        return table[np.minimum(np.searchsorted(table, keys), len(table) - 1)] == keys

    def of(self, characters):
        """Of sentences × characters, by their numbers: classes and bits, × 2 and × WORDS."""
        bits = np.zeros((*characters.shape, WORDS), np.int8)
        keys = characters.astype(np.uint64)
        for length, places in (2, (0, 1)), (3, (2, 3, 4)), (4, (5, 6, 6, 7)):
            keys = keys[:, :-1] << np.uint64(16) | characters[:, length - 1:].astype(np.uint64)
            found = self.has(self.words[length - 2], keys)
            if length == 2:
                compound = self.has(self.compound, keys)
            for by, place in enumerate(places):
                bits[:, by:by + found.shape[1], place] |= found
        classes = np.stack([self.surname[characters], self.given[characters]], -1)
        classes[:, :-1, 0][compound] = 4
        return classes, bits

    def pairs_of(self, folded, hidden):
        """The number of the pair that each character makes with the next; 0 is none that is known."""
        out = np.zeros(folded.shape, np.int32)
        keys = folded[:, :-1].astype(np.uint32) << np.uint32(16) | folded[:, 1:].astype(np.uint32)
        at = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        known = (self.pairs[at] == keys) & ~hidden[:, :-1] & ~hidden[:, 1:]
        out[:, :-1] = np.where(known, at + 1, 0)
        return out


class Tagger(nn.Module):
    def __init__(self, characters):
        super().__init__()
        self.register_buffer("rows", table(characters), persistent=False)
        self.character = nn.Embedding(VOCABULARY + 2, EMBEDDING, padding_idx=0)
        self.surname = nn.Embedding(5, WIDTH)
        self.given = nn.Embedding(4, WIDTH)
        self.words = nn.Linear(WORDS, WIDTH, bias=False)
        self.pair = nn.Embedding(PAIRS + 1, PAIR, padding_idx=0)
        self.first = nn.Conv1d(EMBEDDING + PAIR, WIDTH, 3, padding=1)
        self.layers = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 3, padding=d, dilation=d) for d in DILATIONS)
        self.last = nn.Linear(WIDTH, 4)
        self.drop = nn.Dropout(0.05)
        for e in (self.surname, self.given):
            nn.init.normal_(e.weight, std=0.3)
        nn.init.normal_(self.pair.weight[1:], std=0.1)

    def read(self, batch):
        ids = torch.where(batch["hidden"], 1, self.rows[batch["codes"]]) * batch["real"]
        x = self.first(torch.cat([self.character(ids), self.pair(batch["pairs"])], -1).transpose(1, 2))
        x = x + (self.surname(batch["classes"][..., 0]) + self.given(batch["classes"][..., 1]) + self.words(batch["bits"].float())).transpose(1, 2)
        real = batch["real"].unsqueeze(1)
        x = F.relu(x) * real
        for conv in self.layers:
            x = (x + F.relu(conv(self.drop(x)))) * real
        return self.last(self.drop(x.transpose(1, 2)))


def tags(sentence):
    out = [O] * len(sentence.text)
    if sentence.weak:
        out = [IGNORED] * len(out)
    for a, b in sentence.masked:
        out[a:b] = [IGNORED] * (b - a)
    for a, b in sentence.names:
        if b - a == 1:
            out[a] = IGNORED
            continue
        if a and out[a - 1] == IGNORED and sentence.weak:
            out[a - 1] = O
        if b < len(out) and out[b] == IGNORED and sentence.weak:
            out[b] = O
        out[a:b] = [B] + [I] * (b - a - 2) + [E]
    return out


def renamed(sentence, dice):
    """The sentence under other names."""
    names, text, spans, masked, moves = {}, "", [], [], []
    at = 0
    for a, b in sentence.names:
        old = sentence.text[a:b]
        if old not in names:
            names[old] = dice.instead(old)
        text += sentence.text[at:a]
        start = len(text)
        text += names[old]
        spans.append((start, len(text)))
        moves.append((b, len(text) - b))
        at = b
    text += sentence.text[at:]
    for a, b in sentence.masked:
        if any(x < b and a < y for x, y in sentence.names):
            continue
        by = max((m for m in moves if m[0] <= a), default=(0, 0))[1]
        masked.append((a + by, b + by))
    return Sentence(text, spans, masked, sentence.weak)


PRONOUN = re.compile("(?<![其吉利是])[他她](?![们人者])")


def with_a_name(sentence, dice):
    """A sentence in which nobody is named, with a name for 他 or 她."""
    places = [m.start() for m in PRONOUN.finditer(sentence.text)]
    if not places or sentence.names or sentence.masked or sentence.weak:
        return sentence
    name = dice.choices([dice.chinese, dice.sounds, dice.minority, dice.stage, dice.japanese], [60, 28, 4, 4, 4])[0]()
    chosen = {dice.choice(places)} | {p for p in places if dice.random() < 0.3}
    text, spans = "", []
    for i, c in enumerate(sentence.text):
        if i in chosen:
            spans.append((len(text), len(text) + len(name)))
            text += name
        else:
            text += c
    return Sentence(text, spans)


def spans_of(tag_row):
    out, start = [], None
    for i, t in enumerate(list(tag_row) + [O]):
        if t == B:
            start = i
        elif t == E:
            if start is not None:
                out.append((start, i + 1))
            start = None
        elif t == O:
            start = None
    return out


def batch_of(sentences, surroundings, dice=None):
    """Arrays of sentences × characters. With `dice`, some names and single characters are hidden."""
    longest = max(len(s.text) for s in sentences)
    shape = len(sentences), longest
    batch = dict(codes=np.zeros(shape, np.int32), target=np.full(shape, IGNORED, np.int8), hidden=np.zeros(shape, bool),
                 real=np.zeros(shape, bool))
    for k, s in enumerate(sentences):
        n = len(s.text)
        batch["codes"][k, :n] = codes(s.text)
        batch["target"][k, :n] = tags(s)
        batch["real"][k, :n] = True
        if dice:
            for _ in range(n // 100 + (dice.random() < n % 100 / 100)):
                batch["hidden"][k, dice.randrange(n)] = True
            for a, b in s.names:
                if dice.random() < 0.12:
                    batch["hidden"][k, a:b] = True
    batch["classes"], batch["bits"] = surroundings.of(batch["codes"])
    batch["codes"] = FOLD[batch["codes"]]
    hidden = batch["hidden"] | (np.random.random(shape) < 0.08) if dice else batch["hidden"]
    batch["pairs"] = surroundings.pairs_of(batch["codes"], hidden)
    return batch


def make_batches(seed, sources, surroundings, learnt, queue, size):
    """Draws from each source by its share; of its sentences with names a share is renamed."""
    dice = Dice(seed)
    dice.learn(*learnt)
    while True:
        chosen = []
        for share, renamed_share, sentences in sources:
            for s in dice.choices(sentences, k=int(share * 16 * size)):
                if dice.random() < renamed_share:
                    s = renamed(s, dice) if s.names else with_a_name(s, dice)
                chosen.append(s if len(s.text) <= LONGEST else Sentence(s.text[:LONGEST], [], weak=True))
        chosen.sort(key=lambda s: len(s.text))
        groups = [chosen[i:i + size] for i in range(0, len(chosen), size)]
        dice.shuffle(groups)
        for group in groups:
            queue.put(batch_of(group, surroundings, dice))


def moved(batch, device):
    out = {name: torch.from_numpy(array).to(device, non_blocking=True) for name, array in batch.items()}
    return {name: t if t.dtype == torch.bool else t.long() for name, t in out.items()}


def files(paths):
    """Sentences and the names in them, by file of the format of `tests/people`."""
    for path in paths:
        rows = [l.rstrip("\n").split("\t")[:2] for l in open(path, encoding="utf-8") if "\t" in l and not l.startswith("#")]
        yield os.path.basename(path), [(Sentence(z.replace("¶", "。")[:LONGEST], []), {re.split("[=@~]", g)[0] for g in names.split(";")} - {"-", ""})
                                       for z, names in rows]


@torch.no_grad()
def measure(model, sets, surroundings, device):
    """Precision, recall and the share of the sentences with the same names, of what the tags alone find."""
    model.eval()
    told = []
    for name, rows in sets:
        right = found = gold = same = 0
        for at in range(0, len(rows), 128):
            part = rows[at:at + 128]
            batch = moved(batch_of([s for s, _ in part], surroundings), device)
            for (s, names), row in zip(part, model.read(batch).argmax(-1).tolist()):
                mine = {s.text[a:b] for a, b in spans_of(row[:len(s.text)])}
                mine -= {s.text[a:b] for a, b in s.masked}
                right += len(names & mine)
                found += len(mine)
                gold += len(names)
                same += names == mine
        told.append(f"{name} P {right / max(found, 1):.3f} R {right / max(gold, 1):.3f} same {same / max(len(rows), 1):.3f}")
    model.train()
    return "; ".join(told)


class Schedule:
    """A rate that rises, and falls to nothing until the time is over."""

    def __init__(self, model, rate, seconds, warmup=200):
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=1e-2)
        self.model, self.rate, self.seconds, self.warmup = model, rate, seconds, warmup
        self.begun, self.told, self.step = time.time(), time.time(), 0

    def over(self):
        return time.time() - self.begun > self.seconds

    def learn(self, loss):
        share = (time.time() - self.begun) / self.seconds
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * min(1, (self.step + 1) / self.warmup) * max(0.01, 1 - share)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1

    def tell(self, loss, look):
        if time.time() - self.told > 120:
            print(f"{time.time() - self.begun:.0f} s, step {self.step}, loss {loss.item():.4f};", look(), flush=True)
            self.told = time.time()


def corrected(sentences, model, surroundings, device):
    """The sentences with what a first fit and the labels agree on: a doubtful string that it takes for a name is one,
    one that it does not is none; where the English left somebody out, the rest of the sentence counts too."""
    SURELY, HARDLY = 1.5, -3.0
    model.eval()
    order = sorted(range(len(sentences)), key=lambda i: len(sentences[i].text))
    told = collections.Counter()
    for at in range(0, len(order), 128):
        part = [sentences[i] for i in order[at:at + 128]]
        with torch.no_grad():
            logs = F.log_softmax(model.read(moved(batch_of(part, surroundings), device)), -1).cpu().numpy()
        for s, log in zip(part, logs):
            n = len(s.text)

            def odds(a, b):
                if b - a < 2:
                    return -99.0
                p = min(float(log[a, B] + log[a + 1:b - 1, I].sum() + log[b - 1, E]), -1e-6)
                return p - np.log(-np.expm1(p))

            names, masked = list(s.names), []
            inside = lambda a, b: any(x < b and a < y for x, y in names)
            for a, b in sorted(set(s.masked)):
                if inside(a, b):
                    continue
                o = odds(a, b)
                if o > SURELY:
                    names.append((a, b))
                    told["taken"] += 1
                elif b - a < 2 or o > HARDLY or log[a:b, O].min() < -0.2:
                    masked.append((a, b))
                    told["open"] += 1
                else:
                    told["left"] += 1
            if s.weak:
                for a, b in spans_of(log[:n].argmax(-1).tolist()):
                    if not inside(a, b):
                        (names if odds(a, b) > 2 * SURELY else masked).append((a, b))
                masked += [(i, i + 1) for i in range(n) if log[i, O] < -0.3 and not inside(i, i + 1)]
            s.names, s.masked, s.weak = sorted(names), masked, False
    model.train()
    print("corrected:", dict(told), flush=True)


def fit(model, queue, minutes, rate, device, look):
    """Some minutes of AdamW, the rate falling to nothing; the weights become their averages."""
    schedule = Schedule(model, rate, 60 * minutes)
    average = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    while not schedule.over():
        batch = moved(queue.get(), device)
        loss = F.cross_entropy(model.read(batch).flatten(0, 1), batch["target"].flatten(), ignore_index=IGNORED)
        schedule.learn(loss)
        share = min(0.999, (1 + schedule.step) / (10 + schedule.step))
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                average[name].lerp_(tensor, 1 - share)
        schedule.tell(loss, look)
    model.load_state_dict(average)


def write(model, characters, pairs, path):
    """The characters and the pairs, each ended by a line break; each matrix by rows, a scale and bytes; each bias
    as numbers. All pairs have one scale."""
    weights = {name: tensor.detach().cpu().numpy() for name, tensor in model.state_dict().items()}
    with open(path, "wb") as file:
        def numbers(values):
            file.write(np.asarray(values, "<f4").tobytes())

        def matrix(rows):
            for row in rows:
                scale = max(np.abs(row).max() / 127, 1e-9)
                numbers([scale])
                file.write(np.round(row / scale).astype(np.int8).tobytes())

        def convolution(name):
            by_output = weights[name + ".weight"].transpose(0, 2, 1)
            matrix(by_output.reshape(len(by_output), -1))
            numbers(weights[name + ".bias"])

        file.write(("".join(characters) + "\n" + "".join(pairs) + "\n").encode())
        matrix(weights["character.weight"][1:len(characters) + 2])
        matrix(weights["pair.weight"][1:len(pairs) + 1].reshape(1, -1))
        matrix(weights["surname.weight"])
        matrix(weights["given.weight"])
        matrix(weights["words.weight"].T)
        convolution("first")
        for layer in range(len(DILATIONS)):
            convolution(f"layers.{layer}")
        matrix(weights["last.weight"])
        numbers(weights["last.bias"])


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_by_hand():
    """By the hash of a sentence: names, what is part of a thing's name or doubtful, and whether it is put aside."""
    told = {}
    for line in open(os.path.join(HERE, "benches/named.tsv"), encoding="utf-8"):
        if not line.startswith("#"):
            key, names, masked = line.rstrip("\n").split("\t")
            told[key] = (None if names == "aside" else ranges(names)), ranges(masked)
    return told


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels")
    parser.add_argument("pairs", help="may be packed by xz")
    parser.add_argument("dictionary")
    parser.add_argument("out")
    parser.add_argument("--first", type=float, default=20, help="minutes of the first fit")
    parser.add_argument("--second", type=float, default=20, help="minutes of the second")
    parser.add_argument("--makers", type=int, default=max(1, os.cpu_count() - 1), help="processes that make batches")
    parser.add_argument("--measure", nargs="*", default=[])
    args = parser.parse_args()
    torch.manual_seed(7)
    device = torch.device("cuda" if torch.cuda.device_count() else "cpu")

    by_hand = read_by_hand()
    opened = lzma.open if args.pairs.endswith(".xz") else open
    with opened(args.pairs, "rt", encoding="utf-8") as lines:
        texts = {digest(text): text for text in {line.split("\t")[1] for line in lines}}
    read, held = [], []
    for key, (names, masked) in by_hand.items():
        if names is None or key not in texts:
            continue
        if key[0] == "0":
            held.append((Sentence(texts[key], [], masked), {texts[key][a:b] for a, b in names}))
        else:
            read.append(Sentence(texts[key], names, masked))
    noisy, ours = [s for s in parallel(args.labels) if digest(s.text) not in by_hand], list(own())
    sets = [("held out", held), *files(args.measure)]
    counts = collections.Counter("".join(s.text for s in noisy + ours).translate(FOLDED))
    characters = sorted(c for c, _ in counts.most_common(VOCABULARY))
    pairs = collections.Counter()
    for s in noisy + ours + read:
        text = s.text.translate(FOLDED)
        pairs.update(a + b for a, b in zip(text, text[1:]) if max(a, b) < "\U00010000")
    pairs = sorted(pair for pair, _ in pairs.most_common(PAIRS))
    words = {l.split(" ")[0].strip() for l in open(args.dictionary, encoding="utf-8")}
    surroundings = Surroundings(words, [ord(a) << 16 | ord(b) for a, b in pairs])
    model = Tagger(characters).to(device)
    # Of each batch: what was marked by reading, our own sentences, other news with names and without.
    fits = [(args.first, 4e-3, (0.45, 0.2, 0.23, 0.12)), (args.second, 3e-3, (0.42, 0.17, 0.21, 0.2))]
    for again, (minutes, rate, shares) in enumerate(fits):
        if again:
            corrected(noisy, model, surroundings, device)
        named, unnamed = [s for s in noisy if s.names], [s for s in noisy if not s.names and not s.weak]
        print(f"{len(read)} sentences marked by reading, {len(held)} held out, {len(named)} with names, {len(unnamed)} without, "
              f"{len(ours)} of our own", flush=True)
        mixture = list(zip(shares, (0.4, 0.8, 0.5, 0.5), (read, ours, named, unnamed)))
        queue = multiprocessing.Queue(32)
        makers = [multiprocessing.Process(target=make_batches, args=(n, mixture, surroundings, (noisy + read, characters), queue, 128), daemon=True)
                  for n in range(args.makers)]
        for maker in makers:
            maker.start()
        fit(model, queue, minutes, rate, device, lambda: measure(model, sets, surroundings, device))
        for maker in makers:
            maker.terminate()
    print(measure(model, sets, surroundings, device), flush=True)
    write(model, characters, pairs, args.out)
    os._exit(0)  # the makers' queues need not be emptied


if __name__ == "__main__":
    main()
