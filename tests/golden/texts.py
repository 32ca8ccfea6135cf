"""Golden numbers for tests/test_prep_texts.c: the same hashed n-grams once more, with Python's own letters.

    python tests/golden/texts.py > tests/golden/texts.h

Needs scikit-learn, whose formulas of idf and length the weights follow (made with scikit-learn 1.9.1).
"""
import random
import re
from math import log

import numpy as np
from sklearn.feature_extraction.text import TfidfTransformer

random.seed(15)
WORDS = ["The", "the", "order", "number", "7", "CAME", "late", "Ünter", "über", "ŁÓDŹ", "łódź", "naïve", "café", "МИР",
         "мир", "Ёж", "ΑΘΉΝΑ", "αθήνα", "日本", "😀", "Ÿ", "ÿ", "ŽIŽKA", "žižka", "ĳ", "½", "x×y", "a÷b", "don't", "—", "«oui»",
         "good", "not", "so", "very", "broken", "whole", "and", "again", "3.5"]
GAPS = [" ", " ", " ", "  ", ", ", "; ", "\u00a0", "。", "\n"]


def lower(text):
    """Small letters where one character of two bytes (ASCII's one) stays one of as many."""
    out = []
    for c in text:
        small = c.lower()
        plain = len(small) == 1 and len(small.encode()) == len(c.encode()) <= 2 and ord(c) not in (0x130,)
        out.append(small if plain and (ord(c) < 0x180 or 0x386 <= ord(c) <= 0x3AB or 0x400 <= ord(c) < 0x430) else c)
    return "".join(out)


def separates(c):
    n = ord(c)
    if n < 0x80:
        return not c.isalnum()
    return n < 0xC0 or n in (0xD7, 0xF7) or 0x2000 <= n <= 0x207F or 0x3000 <= n <= 0x303F


def fnv(kind, text):
    h = 2166136261
    for byte in (kind + text).encode():
        h = (h ^ byte) * 16777619 % 2**32
    h = (h ^ h >> 16) * 0x85EBCA6B % 2**32
    h = (h ^ h >> 13) * 0xC2B2AE35 % 2**32
    return h ^ h >> 16


def grams(text, kind):
    words = "".join(" " if separates(c) else c for c in lower(text)).split(" ")
    words = [w for w in words if w]
    out = []
    if kind != "chars":
        out += [fnv("w", w) for w in words]
        out += [fnv("w", a + " " + b) for a, b in zip(words, words[1:])]
    if kind != "words":
        for w in words:
            w = " " + w + " "
            out += [fnv("c", w[i:i + n]) for n in (3, 4, 5) for i in range(len(w) - n + 1)]
    return out


def c_text(text):
    return '"' + re.sub(r'([^ -~]|["\\?])', lambda m: "".join("\\%03o" % b for b in m.group(0).encode()), text) + '"'


texts = []
for i in range(40):
    n = random.randint(0, 12)
    texts.append("".join(random.choice(WORDS) + random.choice(GAPS) for _ in range(n)))
n_train = 30
print("/* Written by texts.py; not to be changed by hand. */")
print("enum { GOLDEN_TEXTS = %d, GOLDEN_TRAIN = %d };" % (len(texts), n_train))
print("static const char *const golden_text[] = {")
for t in texts:
    print("    %s," % c_text(t))
print("};")
print("static const struct {\n    const char *ngrams, *weight;\n    int n_buckets, least, n_features;\n"
      "    double sum[GOLDEN_TEXTS], first[GOLDEN_TEXTS]; /* of value * (feature + 1), and the first value; of each text */\n"
      "} golden_rows[] = {")
for kind in ("words", "chars", "both"):
    for weight in ("count", "binary", "tfidf", "log"):
        n_buckets, least = random.choice([(64, 2), (1000, 2), (4096, 3), (31, 4), (65536, 2)])
        counts = np.zeros((len(texts), n_buckets))
        seen = np.zeros((len(texts), n_buckets), bool)
        for r, t in enumerate(texts):
            for h in grams(t, kind):
                counts[r, h % n_buckets] += -1 if h >> 31 else 1
                seen[r, h % n_buckets] = True
        df = seen[:n_train].sum(0)
        keep = df >= least
        x = counts[:, keep]
        if weight == "binary":
            x = np.sign(x)
        elif weight == "log":
            x = np.sign(x) * np.log1p(np.abs(x))
        if weight == "tfidf":
            transformer = TfidfTransformer(norm="l2", smooth_idf=True)
            transformer.fit(seen[:n_train][:, keep].astype(float))
            assert np.allclose(transformer.idf_, [log((1 + n_train) / (1 + d)) + 1 for d in df[keep]])
            x = transformer.transform(x).toarray()
        else:
            length = np.sqrt((x * x).sum(1, keepdims=True))
            x = np.divide(x, length, out=np.zeros_like(x), where=length > 0)
        place = np.arange(1, x.shape[1] + 1)
        first = [row[np.flatnonzero(row)[0]] if row.any() else 0 for row in x]
        print('    {"%s", "%s", %d, %d, %d,\n     {%s},\n     {%s}},' % (
            kind, weight, n_buckets, least, x.shape[1], ", ".join("%.9g" % v for v in x @ place),
            ", ".join("%.9g" % v for v in first)))
print("};")
print("/* Each letter of two bytes, and the small one it is taken for. */")
print("static const struct {\n    const char *letter, *small;\n} golden_small[] = {")
for n in range(0xC0, 0x530):
    if n not in (0xD7, 0xF7):
        print("    {%s, %s}," % (c_text(chr(n)), c_text(lower(chr(n)))))
print("};")
