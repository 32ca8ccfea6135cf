"""Every kind of value as the real wandb passes it to a program: arguments, JSON, and wandb.config.

    pip install wandb==0.31.0
    python3 tests/golden/wandb_values.py > tests/golden/wandb_values.h

For each value: how it stands in a sweep file (YAML 1.2, as Consort reads it), the argument and the JSON that
wandb's agent makes of it, and the line of the parameter file that Consort is to write. That line was given to
wandb.init(mode="offline"), which must put the very value into wandb.config, of the same type.
"""
import contextlib
import itertools
import json
import math
import os
import random
import re
import sys
import tempfile

import wandb
from wandb.sdk.launch.sweeps.utils import create_sweep_command_args

chance = random.Random(13)
inf, nan = float("inf"), float("nan")
scalars = [
    ("2e-5", 2e-5), ("1e-05", 1e-5), ("3.0e-05", 3e-5), ("1.5e-05", 1.5e-5), ("1e-6", 1e-6), ("2.5E-7", 2.5e-7),
    ("1e+22", 1e22), ("1.5e300", 1.5e300), ("5e-324", 5e-324), ("-4e-08", -4e-8), ("0.0001", 1e-4),
    ("0.00009", 9e-5), (".5", 0.5), ("+2.5", 2.5), ("3.", 3.0), ("3.0", 3.0), ("-0.0", -0.0), ("0.0", 0.0), ("1.0e3", 1e3),
    ("1.0e+16", 1e16), ("123456789012345678.0", 123456789012345678.0), ("1000000000000000.0", 1e15),
    ("0.1", 0.1), ("0.30000000000000004", 0.1 + 0.2), ("!!float 3", 3.0), ("!!float 1e-5", 1e-5),
    ("0", 0), ("-3", -3), ("+7", 7), ("9007199254740992", 2**53), ("9007199254740993", 2**53 + 1),
    ("-9007199254740993", -2**53 - 1), ("12345678901234567890", 12345678901234567890),
    ("18446744073709551616", 2**64), ("!!int 9223372036854775808", 2**63), ("0xFFFFFFFFFFFFFFFF", 2**64 - 1),
    ("0x1F", 31), ("1" + "0" * 40, 10**40),
    (".inf", inf), ("-.inf", -inf), (".INF", inf), (".nan", nan),
    ("true", True), ("False", False), ("null", None), ("~", None),
    ("adam", "adam"), ("'1e-5'", "1e-5"), ("'3'", "3"), ("'true'", "true"), ("'null'", "null"), ("''", ""),
    ("'.inf'", ".inf"), ("'2.0e-05'", "2.0e-05"), ("'Infinity'", "Infinity"), ("'[1.0]'", "[1.0]"),
    ("'a b: c #d'", "a b: c #d"), ("'12:30'", "12:30"), ("'yes'", "yes"), ("'2001-01-01'", "2001-01-01"),
    ("\"it's\"", "it's"), ("'say \"x\"'", 'say "x"'), ("\"both ' and \\\"\"", "both ' and \""), ("'%s'", "%s"),
    ('"tab\\tline\\nback\\\\"', "tab\tline\nback\\"), ('"\\u00e9\\u4e2d\\U0001F600"', "é中😀"),
    ('"\\x85\\u2028x"', "\x85\u2028x"), ('"\\x07bell\\x7f"', "\x07bell\x7f"), ("'" + "x" * 3000 + "'", "x" * 3000),
]
nested = [
    ("[]", []), ("{}", {}), ("[1.0, 2.0]", [1.0, 2.0]), ("[1, 2]", [1, 2]), ("[1, 2.0, 3e-5]", [1, 2.0, 3e-5]),
    ("{lr: 1.0}", {"lr": 1.0}), ("{lr: 2e-5, deep: {eps: [1e-8, 0.0, -0.0]}}", {"lr": 2e-5, "deep": {"eps": [1e-8, 0.0, -0.0]}}),
    ("[.inf, -.inf, .nan]", [inf, -inf, nan]), ("[9007199254740993, 1.0e+22, 1e+22]", [2**53 + 1, 1e22, 1e22]),
    ("[null, true, 'null', 'true', '1.0', 'Infinity']", [None, True, "null", "true", "1.0", "Infinity"]),
    ("{'a b': [\"it's\", 'x,y', '[1.0]', '{a: 1.0}']}", {"a b": ["it's", "x,y", "[1.0]", "{a: 1.0}"]}),
    ("[[1.0, [2.0, []]], {}]", [[1.0, [2.0, []]], {}]), ("{'1': 1.0, 'true': null, '': 0.0}", {"1": 1.0, "true": None, "": 0.0}),
    ('["a\\nb", "\\x85", "\\\\"]', ["a\nb", "\x85", "\\"]),
]




for _ in range(60):  # floats of every size, alone and in a list
    x = chance.uniform(-1, 1) * 10 ** chance.randint(-30, 30)
    scalars.append((repr(x), x))
for _ in range(30):
    picked = [chance.choice(scalars) for _ in range(chance.randint(1, 5))]
    nested.append(("[" + ", ".join(text for text, _ in picked) + "]", [value for _, value in picked]))
    keyed = [("k%d" % i, *chance.choice(scalars)) for i in range(chance.randint(1, 4))]
    nested.append(("{" + ", ".join("%s: %s" % (k, text) for k, text, _ in keyed) + "}", {k: value for k, _, value in keyed}))
cases = [(text, value) for text, value in itertools.chain(scalars, nested) if len(text) < 3500]


def yaml_line(value):
    """What Consort is to write: JSON, but floats as YAML 1.1 knows them."""
    if isinstance(value, dict):
        return "{" + ",".join(yaml_line(k) + ":" + yaml_line(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(yaml_line, value)) + "]"
    if isinstance(value, float):
        if math.isnan(value):
            return ".nan"
        if math.isinf(value):
            return ".inf" if value > 0 else "-.inf"
        text = repr(value)
        mantissa, e, exponent = text.partition("e")
        return text if not e or "." in mantissa else mantissa + ".0e" + exponent
    text = json.dumps(value, ensure_ascii=False)
    return "".join("\\u%04x" % ord(ch) if 0x7F <= ord(ch) < 0xA0 or ch in "\u2028\u2029" else ch for ch in text)


def same(a, b):
    if a is None and isinstance(b, float):
        return math.isnan(b)  # wandb.config knows no nan
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return repr(a) == repr(b)


with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
    os.environ.update(WANDB_DIR=folder, WANDB_SILENT="true", WANDB_MODE="offline",
                      WANDB_SWEEP_PARAM_PATH=os.path.join(folder, "params.yaml"))
    with open(os.environ["WANDB_SWEEP_PARAM_PATH"], "w", encoding="utf-8") as out:
        out.write("wandb_version: 1\n")
        for i, (_, value) in enumerate(cases):
            out.write('\n"p%d":\n  value: %s\n' % (i, yaml_line(value)))
    run = wandb.init(mode="offline", dir=folder)
    config = dict(run.config)
    for i, (text, value) in enumerate(cases):
        got = config["p%d" % i]
        assert same(got, value), (text, value, got)
    run.finish()



def c(text):
    out = "".join(ch if 32 <= ord(ch) < 127 and ch not in '"\\?' else "".join("\\%03o" % b for b in ch.encode()) for ch in text)
    parts, at = [], 0
    while at < len(out):  # no line of the header is endless
        end = at + 3000
        while end < len(out) and "\\" in out[end - 4:end]:
            end -= 1
        parts.append('"' + out[at:end] + '"')
        at = end
    return " ".join(parts) or '""'


print("/* Made by tests/golden/wandb_values.py with wandb %s. */" % wandb.__version__)
print("static const struct { const char *yaml, *argument, *json, *config; } wandb_values[] = {")
for text, value in cases:
    args = create_sweep_command_args({"args": {"x": {"value": value}}})
    dumped = json.dumps(json.loads(args["args_json"][0]), separators=(",", ":"), ensure_ascii=False)
    dumped = re.sub("[\\x7f-\\x9f]", lambda c: "\\u%04x" % ord(c[0]), dumped)
    print("    {%s, %s, %s, %s}," % (c(text), c(args["args"][0]), c(dumped), c(yaml_line(value))))
print("};")
