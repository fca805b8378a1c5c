"""Fits the tables of the checks of meaning to sentence pairs.

    python training/lexicon.py PAIRS.tsv.xz crates/kuaibao-text/src/checks/meaning/data

PAIRS has a pair a line: kind, Chinese, English. Needs numpy, jieba, and nltk for its Porter stemmer,
which is the one of `text::stem`. Only what was counted is stored, no sentence of the pairs:

lexicon.tsv     Chinese word, the share of its sentences whose English has none of its translations
                (percent), the share of any sentences that have one of them by chance (per mille), and
                the translations as stems. The translations come from IBM model 1 (Brown et al. 1993):
                six rounds of EM over the sets of words of each pair, with an empty word.
negation.tsv    Chinese word with a negation in it, the word behind it or `*`, and how often English says
                it without a word of negation-english.txt, out of how often, in sentences with just the one.
negative.tsv    Chinese words without a negation whose English often has one (缺, 失败, 除非), with how
                often out of how often.
"""

import collections
import lzma
import math
import random
import re
import sys

import jieba
import numpy as np
from nltk.stem.porter import PorterStemmer

# Kinds of pairs, and the share that is used: news counts, manuals and statutes are many and alike.
# Dictionaries are left out, so that the tables owe nothing to one.
KINDS = {
    "wmt-ref": 1, "wmt-zhen-mt": 1, "wmt-enzh-mt": 1, "nc": 1, "gov": 1, "tatoeba": 1, "ntrex": 1, "tico": 1,
    "xquad": 1, "headline": 1, "prose": 1, "law": 0.4, "caption": 0.4, "game": 0.5, "docs": 0.15,
}
NEGATIVE_KINDS = {"wmt-ref", "wmt-zhen-mt", "nc", "gov", "ntrex", "tatoeba", "xquad", "tico", "prose", "headline"}
STOP = set(
    "the of a an to in and for on at by with from as is be been wa were are it that thi which hi her their he she"
    " they ha have had will would i we you our my or but not no do did doe than then also can may there who what"
    " when so if all into about more other such been upon within it it'".split()
)
HAN = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+")
NEGATOR = re.compile("[不没未无非勿莫]|否认|拒绝|禁止|难以|难言")

# "No. 5" denies nothing.
NUMBERED = re.compile(r"\bno\. ?\d", re.I)

stemmer, stems = PorterStemmer(), {}


def stem(word):
    if word not in stems:
        stems[word] = stemmer.stem(word)
    return stems[word]


def english_words(text):
    words = WORD.findall(text.lower().replace("’", "'"))
    return [stem(w[:-2] if w.endswith("'s") else w) for w in words]


def chinese_words(text):
    return list(jieba.cut(text, HMM=False))


def negation_patterns(folder):
    """English that denies by itself, and all that may stand for a negation."""
    denying, all_of_it, own = [], [], True
    for line in open(f"{folder}/negation-english.txt", encoding="utf-8"):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line == "---":
            own = False
            continue
        all_of_it.append(line)
        if own:
            denying.append(line)
    compiled = [re.compile(rf"\b(?:{'|'.join(p)})\b", re.I) for p in (denying, all_of_it)]
    return compiled


def fit_translations(pairs, chinese, english):
    """Expected counts of (Chinese, English) links, by IBM model 1 over the words' sets."""
    zh_count = np.bincount(np.concatenate([z for z, _ in pairs]), minlength=len(chinese))
    en_count = np.bincount(np.concatenate([e for _, e in pairs]), minlength=len(english))
    width, empty = len(english), len(chinese)
    keys, shape = [], []
    for z, e in pairs:
        z, e = z[zh_count[z] >= 2], e[en_count[e] >= 3]
        if len(z) and len(e):
            z = np.append(z, empty)
            keys.append((z[None, :].astype(np.int64) * width + e[:, None]).ravel())
            shape.append((len(e), len(z)))
    keys, link = np.unique(np.concatenate(keys), return_inverse=True)
    link = link.astype(np.int32)
    size = np.repeat([s[1] for s in shape], [s[0] for s in shape])
    start = np.concatenate([[0], np.cumsum(size)[:-1]])
    zh, en = (keys // width).astype(np.int32), (keys % width).astype(np.int32)
    t = np.ones(len(keys), np.float32)
    for _ in range(6):
        count = np.zeros(len(keys))
        step = len(size) // 8 + 1
        for first in range(0, len(size), step):
            last = min(len(size), first + step)
            a, b = start[first], start[last] if last < len(size) else len(link)
            weight = t[link[a:b]]
            weight /= np.repeat(np.add.reduceat(weight, start[first:last] - a), size[first:last])
            count += np.bincount(link[a:b], weights=weight, minlength=len(keys))
        t = (count / np.bincount(zh, weights=count)[zh]).astype(np.float32)
    back = count / np.bincount(en, weights=count, minlength=width)[en]
    return zh, en, count, t, back, en_count


def lexicon(pairs, chinese, english, out):
    zh, en, count, forth, back, en_count = fit_translations(pairs, chinese, english)
    chance = en_count / len(pairs)
    stop = np.array([w in STOP for w in english])
    good = ((forth >= 0.008) & (count >= 2)) | ((back >= 0.04) & (count >= 1.5)) | ((forth >= 0.08) & (count >= 0.8))
    good &= (forth / chance[en] >= 6) & (zh < len(chinese)) & ~stop[en]
    translations = collections.defaultdict(list)
    for z, e, p in zip(zh[good].tolist(), en[good].tolist(), forth[good].tolist()):
        translations[z].append((p, e))
    kept = {z: frozenset(e for _, e in sorted(t, reverse=True)[:14]) for z, t in translations.items()}
    seen, missed = collections.Counter(), collections.Counter()
    for z, e in pairs:
        e = set(e.tolist())
        for w in z.tolist():
            if w in kept:
                seen[w] += 1
                missed[w] += kept[w].isdisjoint(e)
    rows = 0
    with open(f"{out}/lexicon.tsv", "w", encoding="utf-8") as file:
        file.write("# Chinese words and their English stems; fitted by training/lexicon.py, which explains the columns.\n")
        for z in sorted(kept, key=lambda z: chinese[z]):
            if seen[z] < 4:
                continue
            unsaid = (missed[z] + 0.2 * 4) / (seen[z] + 4)
            by_chance = 1 - math.prod(1 - chance[e] for e in kept[z])
            best = [english[e] for _, e in sorted(translations[z], reverse=True)[:14]]
            file.write(f"{chinese[z]}\t{round(100 * unsaid)}\t{round(1000 * by_chance)}\t{' '.join(best)}\n")
            rows += 1
    print(rows, "words")


def main():
    source, out = sys.argv[1:]
    denying, negation = negation_patterns(out)
    random.seed(1)
    zh_ids, en_ids, pairs = {}, {}, []
    said, unsaid, negative, in_all = (collections.Counter() for _ in range(4))
    plain = plainly_denied = 0
    for line in lzma.open(source, "rt", encoding="utf-8"):
        kind, zh, en = line.rstrip("\n").split("\t")
        if random.random() >= KINDS.get(kind, 0):
            continue
        words = chinese_words(zh)
        han = [w for w in words if HAN.search(w)]
        z = sorted({zh_ids.setdefault(w, len(zh_ids)) for w in han[:60]})
        e = sorted({en_ids.setdefault(w, len(en_ids)) for w in english_words(en)[:80]})
        if z and e:
            pairs.append((np.array(z, np.int32), np.array(e, np.int32)))
        if kind not in NEGATIVE_KINDS or len(zh) > 120:
            continue
        en = NUMBERED.sub("", en)
        negated = [i for i, w in enumerate(words) if NEGATOR.search(w)]
        if len(negated) == 1:
            i = negated[0]
            behind = words[i + 1] if i + 1 < len(words) else "."
            for key in ((words[i], "*"), (words[i], behind)):
                said[key] += 1
                unsaid[key] += not negation.search(en)
        elif not negated:
            found = denying.search(en) is not None
            plain += 1
            plainly_denied += found
            for w in set(han):
                in_all[w] += 1
                negative[w] += found
    print(len(pairs), "pairs,", plain, "without a negation in Chinese,", plainly_denied, "of them with one in English")
    with open(f"{out}/negation.tsv", "w", encoding="utf-8") as file:
        file.write("# Words with a negation in them; fitted by training/lexicon.py, which explains the columns.\n")
        for word, behind in sorted(said):
            if said[word, behind] >= (2 if behind == "*" else 3):
                file.write(f"{word}\t{behind}\t{unsaid[word, behind]}\t{said[word, behind]}\n")
    base = plainly_denied / plain
    with open(f"{out}/negative.tsv", "w", encoding="utf-8") as file:
        file.write("# Words that English often says with a negation; fitted by training/lexicon.py.\n")
        for w in sorted(in_all):
            expected = base * in_all[w]
            # Six times as often as other words, beyond what four standard deviations of chance explain.
            if negative[w] >= max(4, 6 * expected + 4 * math.sqrt(expected)) and in_all[w] >= 8:
                file.write(f"{w}\t{negative[w]}\t{in_all[w]}\n")
    lexicon(pairs, list(zh_ids), list(en_ids), out)


main()
