#!/usr/bin/env python3
"""Writes word-pairs.txt: pairs of characters that stand together because a word holds both.

    make_word_pairs.py DICT > word-pairs.txt

DICT is jieba's dictionary (`src/data/dict.txt` of the crate jieba-rs, MIT), a word, its frequency and
its tag a line. A pair is taken where a word holds it at least FEWEST times, and at least SHARE of the
times that the two would stand together at all: within words, or by chance where one word ends with the
first and the next begins with the second. Loading the dictionary itself takes ten times as long as
splitting a page.
"""
import collections
import sys

FEWEST = 100
SHARE = 0.7

within, begins, ends = (collections.Counter() for _ in range(3))
total = 0
for line in open(sys.argv[1], encoding="utf-8"):
    word, count, *_ = line.split()
    count = int(count)
    if not all("\u4e00" <= c <= "\u9fff" for c in word):
        continue
    total += count
    begins[word[0]] += count
    ends[word[-1]] += count
    for pair in zip(word, word[1:]):
        within[pair] += count

behind = collections.defaultdict(list)
for (a, b), count in within.items():
    if count >= FEWEST and count >= SHARE * (count + ends[a] * begins[b] / total):
        behind[a].append(b)
print("# Made by make_word_pairs.py: a character, and those that go on with it within a word.")
for a in sorted(behind):
    print(a + "".join(sorted(behind[a])))
