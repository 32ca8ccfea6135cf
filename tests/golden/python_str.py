"""How Python writes values: what a program of the user's sees as an argument.

    python3 tests/golden/python_str.py > tests/golden/python_str.h
"""
import json
import random

chance = random.Random(5)
reals = [0.0, -0.0, 1.0, -3.0, 0.1, 1e-4, 9.999e-5, 1e-5, 1.5e-7, 123456.0, 1e15, 123456789012345.6, 1e16, 1.5e16,
         1e17, 1e22, 1e100, 2.0**53, 1 / 3, 2 / 3, 5e-324, 1.7976931348623157e308, 0.30000000000000004, 1e-300]
reals += [chance.uniform(-1, 1) * 10 ** chance.randint(-12, 20) for _ in range(60)]
lists = [[], [1, 2], [64, "a", 0.5, True, None], ["it's", 'say "x"', "both ' and \""], ["tab\tline\nback\\"],
         [[1, 2.5], []], {"a": 1, "b": {"c": None}}, {"it's": [False]}, "plain", None, "é", [1e-5, 1e17, 0.1]]


def c(text):
    return '"' + "".join(ch if 32 <= ord(ch) < 127 and ch not in '"\\' else
                         "".join("\\%03o" % b for b in ch.encode()) for ch in text) + '"'


print("/* Made by tests/golden/python_str.py. */")
print("static const struct { double value; const char *text; } python_reals[] = {")
for x in reals:
    print("    {%s, %s}," % (x.hex(), c(str(x))))
print("};")
print("/* JSON, and Python's str() of what it means. */")
print("static const struct { const char *json, *text; } python_lists[] = {")
for value in lists:
    if not isinstance(value, str):
        print("    {%s, %s}," % (c(json.dumps(value)), c(str(value))))
print("};")
