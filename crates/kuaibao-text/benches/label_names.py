#!/usr/bin/env python3
"""Says who is named in Chinese sentences, by their English: what `fit_tagger.py` fits to.

    pip install pypinyin
    label_names.py PAIRS > labels.tsv

PAIRS are lines of kind, Chinese and English, as `training/prepare.py` writes them. A Chinese name is a
surname and one or two characters whose pinyin the English has, in either order. A name by sound is the run of
transliterating characters whose consonants are nearest to a capitalised English word's; a person's where the
English of all pairs has that word behind titles and before verbs of saying more often than behind `in` and
`at`, a place's where it is the other way round. A line has the sentence; Chinese names, names by sound, places
by sound and what is neither, as ranges of characters; whether the English has a Chinese name that was not
found; the surnames that stand in the English by themselves, whose bearers may be anybody.
"""
import collections
import functools
import os
import re
import sys

from pypinyin import Style, pinyin

SRC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src")
KINDS = {"gov", "headline", "nc", "ntrex", "tico", "wmt-enzh-mt", "wmt-ref", "wmt-zhen-mt"}
MOST_APART = 0.34  # of an English word's consonants, so that the two may be the same name
SURELY_APART = 0.25  # a word of two consonants must be nearer

# Surnames that are read otherwise than their character alone.
SURNAME_READINGS = dict(单="shan", 曾="zeng", 解="xie", 仇="qiu", 查="zha", 任="ren", 朴="piao", 盖="ge", 区="ou",
                        尉迟="yuchi", 万俟="moqi", 乐="yue", 缪="miao", 折="she", 黑="he", 种="chong", 冼="xian",
                        长孙="zhangsun", 单于="chanyu", 澹台="tantai", 员="yun", 晁="chao", 召="shao", 祭="zhai",
                        隗="wei", 过="guo")
FIRST_NAMES = set("""
John James Robert Michael William David Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony Mark
Donald Steven Paul Andrew Joshua Kenneth Kevin Brian George Edward Ronald Timothy Jason Jeffrey Ryan Jacob Gary
Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Frank Gregory Raymond Alexander Patrick
Jack Dennis Jerry Tyler Aaron Jose Adam Nathan Henry Douglas Peter Kyle Carl Arthur Gerald Roger Keith Jeremy
Lawrence Sean Christian Albert Joe Ethan Austin Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah
Karen Lisa Nancy Betty Margaret Sandra Ashley Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie
Rebecca Laura Sharon Cynthia Kathleen Amy Angela Shirley Anna Brenda Pamela Emma Nicole Helen Samantha Katherine
Christine Debra Rachel Carolyn Janet Catherine Maria Heather Diane Olivia Julie Joyce Victoria Hillary Barack Bill
Tony Boris Theresa Emmanuel Francois Nicolas Vladimir Dmitry Sergei Sergey Igor Ivan Mikhail Alexei Hans Karl Klaus
Jean Pierre Luis Carlos Juan Jorge Pedro Miguel Diego Fernando Pablo Marco Mario Roberto Giuseppe Antonio Francesco
Ahmed Mohammed Muhammad Mohamed Ali Hassan Hussein Omar Ibrahim Khalid Abdul Mahmoud Recep Narendra Rahul Imran Ben
Sam Tom Tim Jim Mike Steve Chris Dan Nick Alex Matt Jeff Greg Ken Ron Don Bob Rob Ted Bernie Kamala Mitch Novak
Rafael Serena Venus Lewis Harry Kate Meghan Oliver Simon Neil Ian Alan Graham Stuart Gordon Philip Martin Jens Lars
Erik Nils Andrei Viktor Yuri Oleg""".split())
TITLES = set("""
Mr Mrs Ms Dr Sir President Minister Senator Secretary Chancellor General Judge Coach Prince Princess Queen King
Captain Premier Governor Mayor Professor Prof Justice Sen Rep Gov Lord Lady Pope Chairman Ambassador Commissioner
Spokesman spokesman spokeswoman actor actress director player striker""".split())
SAYING = set("""
said says told added wrote argued tweeted insisted claimed admitted explained believes thinks joked scored testified
replied recalled noted""".split())
BEFORE_PLACES = set("in at from near across outside throughout via to".split())
BEHIND_PLACES = set("""
city province state airport Inc Corp University County Street River Airport Company League Cup Group Stadium
Island""".split())


def sections(path):
    section = None
    for line in open(os.path.join(SRC, path), encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("["):
            section = line[1:-1]
        elif not line.startswith("#"):
            yield section, line


SURNAMES = {}
for section, line in sections("text/surnames.txt"):
    for surname in line.split() if section == "compound" else line:
        SURNAMES.setdefault(surname, section)
NEVER = {c for section, line in sections("people/given.txt") if section == "never" for c in line}
FOREIGN = open(os.path.join(SRC, "people/foreign.rs"), encoding="utf-8").read()
SOUNDS = re.search(r'const SOUNDS: &str = "\\\n(.*?)";', FOREIGN, re.S).group(1).replace("\\\n", "")


@functools.lru_cache(None)
def readings(c):
    return tuple(r.replace("ü", "v") for r in pinyin(c, style=Style.NORMAL, heteronym=True)[0])


def spellings(syllable):
    """Lü is written Lv, Lu and Lyu."""
    return {syllable} | ({syllable.replace("v", to) for to in ("u", "yu", "ue")} if "v" in syllable else set())


@functools.lru_cache(None)
def surname_spellings(surname):
    alone = [a + (readings(surname[1])[0] if surname[1:] else "") for a in readings(surname[0])]
    read = [SURNAME_READINGS[surname]] if surname in SURNAME_READINGS else []
    return frozenset(s for r in read + alone for s in spellings(r))


def given_spellings(given):
    each = [set().union(*(spellings(r) for r in readings(c))) for c in given]
    return each[0] if len(each) == 1 else {a + b for a in each[0] for b in each[1]}


SYLLABLES = {s for c in map(chr, range(0x4E00, 0x9FA6)) for r in readings(c) for s in spellings(r)}
SURNAME_SPELLINGS = {s for surname in SURNAMES for s in surname_spellings(surname)}


def is_given(word):
    return word in SYLLABLES or any(word[:i] in SYLLABLES and word[i:] in SYLLABLES for i in range(1, len(word)))


# Consonants by classes that transliteration confuses.
CLASSES = {c: to for cs, to in [("bp", "P"), ("m", "M"), ("fvw", "F"), ("dt", "T"), ("n", "N"), ("lr", "L"),
                                ("gkcq", "K"), ("sxz", "S")] for c in cs}
INITIALS = {"zh": "J", "ch": "S", "sh": "S", "j": "J", "q": "S", "x": "S", "z": "S", "c": "S", "s": "S", "b": "P",
            "p": "P", "m": "M", "f": "F", "d": "T", "t": "T", "n": "N", "l": "L", "r": "L", "g": "K", "k": "K",
            "h": "H", "w": "W"}
EXCHANGED = {frozenset(pair): cost for pair, cost in [("NM", .3), ("JS", .2), ("JK", .4), ("SK", .6), ("WF", .2),
                                                      ("HK", .5), ("JY", .3), ("HW", .5), ("TS", .5), ("FP", .5)]}
LOST = {"H": .3, "W": .4, "N": .7, "L": .6, "Y": .3, "T": .8}


@functools.lru_cache(None)
def english_consonants(word):
    word = re.sub("[^a-z]", "", word.lower())
    for pattern, to in [("ph", "f"), ("th", "t"), ("sch|tsch|tch|sh|ch|zh|cz|sz|dz|ts|tz", "s"), ("ck", "k"), ("gh", "g"),
                        ("c(?=[eiy])", "s"), ("g(?=[eiy])", "j"), ("x", "ks"), ("qu", "kw")]:
        word = re.sub(pattern, to, word)
    consonants = ""
    for i, c in enumerate(word):
        if c in "hwj" or c == "y" and i == 0:
            consonants += c.upper()
        elif c not in "aeiouy":
            consonants += CLASSES.get(c, "?")
    return re.sub(r"(.)\1+", r"\1", consonants)


@functools.lru_cache(None)
def chinese_consonants(c):
    if c in "尔伊":
        return "L" if c == "尔" else ""
    initial, final = re.match("(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(.*)", readings(c)[0]).groups()
    return INITIALS.get(initial or "", "") + ("N" if final.endswith(("n", "ng")) else "")


def distance(a, b):
    row = [0.0]
    for y in b:
        row.append(row[-1] + LOST.get(y, 1))
    for x in a:
        new = [row[0] + LOST.get(x, 1)]
        for j, y in enumerate(b):
            exchanged = 0 if x == y else EXCHANGED.get(frozenset((x, y)), 1.1)
            new.append(min(row[j] + exchanged, row[j + 1] + LOST.get(x, 1), new[-1] + LOST.get(y, 1)))
        row = new
    return row[-1]


WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:[-'’][A-Za-zÀ-ɏ]+)*")
OWNER = re.compile(r"['’]s?$")


def kinds_of_words(english):
    """A function that says of a capitalised word: 1 a person, -1 a place, 0 nobody knows."""
    person, place, times = (collections.Counter() for _ in range(3))
    for text in english:
        found = WORD.findall(text)
        for i, word in enumerate(found):
            if not word[0].isupper() or len(word) < 3:
                continue
            word = OWNER.sub("", word)
            times[word] += 1
            before = found[i - 1] if i else ""
            behind = found[i + 1] if i + 1 < len(found) else ""
            named = before in TITLES or before in FIRST_NAMES or behind in SAYING
            person[word] += named or word in FIRST_NAMES and behind[:1].isupper()
            place[word] += before in BEFORE_PLACES or behind in BEHIND_PLACES

    def kind(word):
        p, q = person[word], place[word]
        if word in FIRST_NAMES or p >= 2 and p > 3 * q or p and not q and times[word] <= 4:
            return 1
        return -1 if q > p else 0

    return kind


def main(path):
    pairs = collections.OrderedDict()
    for line in open(path, encoding="utf-8"):
        kind, zh, en = line.rstrip("\n").split("\t")
        if kind in KINDS and 6 <= len(zh) <= 160 and re.search("[\u4e00-\u9fff]", zh):
            pairs.setdefault(zh, []).append(en)
    kind_of = kinds_of_words({en for all_en in pairs.values() for en in all_en})
    runs = re.compile(f"[{SOUNDS}]{{2,12}}")
    for zh, english in pairs.items():
        capitals, singles, twos, unsaid = [], set(), set(), set()
        for en in english:
            words = [(m.group(), m.start(), m.end()) for m in WORD.finditer(en)]
            for i, (word, _, end) in enumerate(words):
                if not word[0].isupper():
                    continue
                capitals.append(OWNER.sub("", word))
                singles.add(word.lower())
                if i + 1 < len(words) and words[i + 1][0][0].isupper() and not en[end:words[i + 1][1]].strip():
                    two = word.lower(), re.sub("[-'’]", "", OWNER.sub("", words[i + 1][0])).lower()
                    twos.add(two)
                    if two[0] in SURNAME_SPELLINGS and is_given(two[1]):
                        unsaid.add(two)
        chinese = []
        for i in range(len(zh)):
            for surname in (zh[i:i + 2], zh[i]):
                if surname not in SURNAMES or len(surname) == 2 and SURNAMES[surname] != "compound":
                    continue
                for length in (1, 2):
                    start = i + len(surname)
                    given = zh[start:start + length]
                    if len(given) < length or any(not "\u4e00" <= c <= "\u9fff" or c in NEVER for c in given):
                        continue
                    spelt = {two for a in surname_spellings(surname) for b in given_spellings(given)
                             for two in ((a, b), (b, a))}
                    if spelt & twos:
                        chinese.append((i, start + length))
                        unsaid -= spelt
        sounds, places, unknown = set(), set(), set()
        words = {word: english_consonants(word) for word in capitals if len(word) > 2}
        for run in runs.finditer(zh) if words else ():
            best = {}
            for a in range(run.start(), run.end()):
                consonants = chinese_consonants(zh[a])
                for b in range(a + 1, min(run.end(), a + 8)):
                    consonants += chinese_consonants(zh[b])
                    once = re.sub(r"(.)\1+", r"\1", consonants)
                    for word, of_word in words.items():
                        if not once or not of_word or abs(len(of_word) - len(once)) > 3:
                            continue
                        apart = round(distance(once, of_word) / max(len(of_word), 2), 9)
                        nearest = best.get(word, (9, 0, 0))
                        if apart <= MOST_APART and (apart, a - b) < (nearest[0], nearest[1] - nearest[2]):
                            best[word] = apart, a, b
            for word, (apart, a, b) in best.items():
                vague = apart > SURELY_APART and len(words[word]) < 3
                kind = 0 if vague else kind_of(word)
                {1: sounds, -1: places, 0: unknown}[kind].add((a, b + 1))
        both = sounds & (places | unknown)
        sounds, places, unknown = sounds - both, places - both, unknown | both
        alone = "".join(sorted({c for c in zh if c in SURNAMES and c not in "何安由" and surname_spellings(c) & singles}))

        def ranges(some):
            return ";".join(f"{a}-{b}" for a, b in sorted(some)) or "-"

        print(zh, ranges(chinese), ranges(sounds), ranges(places), ranges(unknown), int(bool(unsaid)), alone or "-", sep="\t")


if __name__ == "__main__":
    main(sys.argv[1])
