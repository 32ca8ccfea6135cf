"""McNemar's exact test from SciPy, for tests/test_model_paired.c:   python3 paired.py"""
from scipy.stats import binomtest

for a, b in [(0, 0), (1, 0), (5, 5), (6, 5), (10, 2), (228, 10), (0, 20), (1000, 1100), (100000, 99000)]:
    print("    {%d, %d, %.17g}," % (a, b, binomtest(a, a + b, 0.5).pvalue if a + b else 1))
