#!/usr/bin/env python3
"""Pairs as `train.py` takes them: cleaned, with capitals, without repeats, with a dictionary, formulae and other names.

    python training/prepare.py --data DATA --dictionary cedict_ts.u8 --out PAIRS/pairs.tsv.xz [--most KIND=N …]

DATA holds `*.tsv` and `*.tsv.xz`: kind, Chinese, English. README.md beside this script says what the kinds are.
"""

import argparse
import gzip
import lzma
import random
import re
from collections import Counter, defaultdict
from pathlib import Path

from formulae import Formulae
from pairs import read_pairs

LOWER_CASED = {"gov"}  # kinds whose English has lost its capitals
AS_THEY_ARE = {"law", "docs", "game", "caption"}  # kinds whose names are no news


def cleaned(zh, en):
    """Without soft hyphens, spaces in Chinese, and spaces inside quotation marks; English ones stand apart from the words round them."""
    zh = re.sub(r"(?<![A-Za-z0-9])\s+|\s+(?![A-Za-z0-9])", "", zh.replace("\u00ad", ""))
    en = en.replace("\u00ad", "").replace("\u00ac", "")
    if en.count('"') % 2 == 0:
        en = re.sub(r'([^\W\d]|[,;:])?"\s*([^"]*?)\s*"(?=(\w)?)', lambda m: f'{m[1] + " " if m[1] else ""}"{m[2]}"{" " if m[3] else ""}', en)
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


class Dictionary:
    """What CC-CEDICT (https://www.mdbg.net/chinese/dictionary?page=cc-cedict) has for training: short
    pairs, and the names that take the place of others."""

    ENTRY = re.compile(r"\S+ (\S+) \[([^]]*)\] /(.*)/")
    NOT_A_GLOSS = re.compile(r"(variant|abbr\.|old form|same as|see|used|surname|CL:|also|Japanese|erhua|Kangxi)\b")

    def __init__(self, path):
        self.pairs = []  # (Chinese, English)
        self.readings = defaultdict(set)  # a character's syllables
        self.surnames = defaultdict(set)  # "Wang": its characters
        self.people = []  # (surname, its reading, given name, its reading)
        self.names = {}  # "北京": "Beijing"
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--dictionary", type=Path, required=True, help="CC-CEDICT, as it is published (.u8, .txt, .gz)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--most", action="append", default=[], metavar="KIND=N", help="take at most N pairs of a kind, at random; 0: none")
    parser.add_argument("--names", type=float, default=0.5, help="share of the pairs with a name that get a copy with another one")
    parser.add_argument("--formulae", type=int, default=40_000, help="pairs that are made by rules")
    args = parser.parse_args()
    random.seed(7)
    most = {kind: int(n) for kind, n in (m.split("=") for m in args.most)}
    kinds = {}  # of a pair, by the first text that has it
    for kind, zh, en in read_pairs(args.data, {kind: n for kind, n in most.items() if n == 0}):
        zh, en = cleaned(zh, en)
        if zh and en:
            kinds.setdefault((zh, en), kind)
    rows = [(kind, zh, en) for (zh, en), kind in kinds.items()]
    random.shuffle(rows)
    taken, kept = Counter(), []
    for row in rows:
        taken[row[0]] += 1
        if taken[row[0]] <= most.get(row[0], len(rows)):
            kept.append(row)
    dictionary = Dictionary(args.dictionary)
    case = Truecaser((en for kind, _, en in kept if kind not in LOWER_CASED), dictionary.surnames)
    kept = [(kind, zh, case.apply(en) if kind in LOWER_CASED else en) for kind, zh, en in kept]
    named = []
    for kind, zh, en in kept:
        if kind not in AS_THEY_ARE and random.random() < args.names and (other := dictionary.varied(zh, en)) != (zh, en):
            named.append((kind, *other))
    kept += named
    kept += [("dictionary", zh, en) for zh, en in dictionary.pairs]
    formulae = Formulae(dictionary.somebody)
    kept += [("formula", zh, en) for zh, en in formulae.glossary() + [formulae.pair() for _ in range(args.formulae)]]
    kept = [row for row in kept if len(row[1]) <= 220 and len(row[2]) <= 900 and not re.search(r"[\t\n]", row[1] + row[2])]
    kept.sort(key=lambda row: (row[0], row[2]))  # like stands beside like: xz packs it smaller
    with lzma.open(args.out, "wt", encoding="utf-8", preset=9 | lzma.PRESET_EXTREME) as out:
        out.writelines("\t".join(row) + "\n" for row in kept)
    for kind, n in Counter(row[0] for row in kept).most_common():
        print(f"{n:8} {kind}")
    print(f"{len(kept)} pairs, {len(named)} of them with another name, {args.out.stat().st_size >> 20} MiB")


if __name__ == "__main__":
    main()
