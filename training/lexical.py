#!/usr/bin/env python3
"""Which English pieces a Chinese piece goes with, by how often they stand in the same pair: a table to start from.

    python training/lexical.py PAIRS TOKENIZERS TABLE.npy      # rows: Chinese piece, English piece, share

With random weights alone a model long writes English that has nothing to do with the Chinese: on a GPU it had not
found out after 130 M target tokens. `train.py --table` places the pieces by this table. Needs numpy, scipy, sentencepiece.
"""

import sys

import numpy as np
import scipy.sparse as sp
from pairs import Vocabulary, read_pairs


def table(rows, vocabulary, most=12):
    def incidence(lines, width):
        lines = [np.unique(line[:-1]) for line in lines]
        ends = np.cumsum([0] + [len(line) for line in lines])
        return sp.csr_matrix((np.ones(ends[-1], np.float32), np.concatenate(lines), ends), shape=(len(lines), width))

    zh = incidence(vocabulary.chinese([row[1] for row in rows]), len(vocabulary.ids))
    en = incidence(vocabulary.of_english([row[2] for row in rows]), vocabulary.english)
    zh_count, en_count = np.asarray(zh.sum(0)).ravel(), np.asarray(en.sum(0)).ravel()
    together = (zh.T @ en).tocsr()
    at, columns, scores = [], [], []
    for f in range(together.shape[0]):
        part = slice(together.indptr[f], together.indptr[f + 1])
        j, count = together.indices[part], together.data[part]
        more = count > 1.5 * zh_count[f] * en_count[j] / len(rows)  # than by chance
        j, count = j[more], count[more]
        phi = count**2 / (zh_count[f] * en_count[j])
        best = np.argsort(-phi)[:most]
        at += [f] * len(best)
        columns += j[best].tolist()
        scores += phi[best].tolist()
    found = sp.csr_matrix((scores, (at, columns)), shape=together.shape)
    for _ in range(2):  # an English piece goes mostly to the Chinese pieces that explain it best
        found = found @ sp.diags(1 / np.sqrt(np.asarray(found.sum(0)).ravel() + 1e-9))
        found = sp.diags(1 / (np.asarray(found.sum(1)).ravel() + 1e-9)) @ found
    found = found.power(1.5).tocoo()
    return np.stack([found.row, found.col, found.data], 1).astype(np.float32)


if __name__ == "__main__":
    sys.argv[3:] or sys.exit(__doc__)
    vocabulary = Vocabulary(sys.argv[2])
    np.save(sys.argv[3], table(read_pairs(sys.argv[1], {}), vocabulary))
