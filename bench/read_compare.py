#!/usr/bin/env python3
"""Every cell of many files as Consort reads it, beside what pandas reads.

    bench/read_compare.py READ_CELLS [--guesses] FILE|FOLDER...

READ_CELLS is build/bench/read_cells, which opens a file as `data inspect` does. pandas is told the delimiter, the
header and the lines above the table that Consort found, and nothing else: its own words for missing, its own types.
ARFF goes through pandas below `@data`, IDX through NumPy. A difference has to be explained by one of the rules in
KINDS, which look at the text of the cell and never at the file's name; each is counted, with its first example.
What no rule explains is printed and makes the exit code 1. Labels are read once more by the default, the last column.

--guesses lists the files where pandas itself takes another delimiter or header, by its defaults and with sep=None,
and those that Consort refuses, with what pandas makes of them. JOBS=4 compares as many files at once.
"""
import codecs
import collections
import concurrent.futures
import csv
import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd

KINDS = {
    # cells
    "missing-word": "`?` means missing; to pandas it is a word",
    "pandas-missing": "a word that means missing to pandas alone (#NA, -NaN, 1.#IND, ...): a word here",
    "nan": "nan is a missing number in whatever case",
    "infinite": "an infinite number is missing",
    "blanks": "blanks at the ends of a cell do not belong to it",
    "dressed": "a number in dress ($, %, thousands, decimal comma) of a column that agrees",
    "both-points": "where `;` separates and a comma is a decimal point, so is a point",
    "beyond-64-bits": "whole numbers beyond 64 bits are numbers; pandas keeps them as words",
    "words-missing": "numbers as pandas reads them where Consort has taken `?`, nan or blanks out",
    "true-false": "true and false are words; pandas has a type for them",
    "declared-words": "ARFF declares these digits as words",
    # names
    "numbered": "a second column of a name is NAME_2; to pandas NAME.1",
    "unnamed": "a column without a name is unnamed_1; to pandas `Unnamed: 0`",
    "name-blanks": "blanks at the ends of a name do not belong to it",
    # files
    "no-header": "no header was found, and pandas is told so",
    "titles": "lines above the table are left out, and pandas is not shown them",
    "row-names": "R's header, one name short: the first field is left out; to pandas it is the index",
    "spare-delimiter": "a delimiter at the end of each line; to pandas a column without a cell",
    "windows-1252": "text that is not UTF-8 is Windows-1252; pandas has to be told",
    "decimal-comma": "where `;` separates a comma is a decimal point; pandas has to be told",
    "quote-after-blank": "a quote behind blanks is one; pandas has to be told (skipinitialspace)",
    "one-column": "of one column an empty line is a missing cell; pandas has to be told (skip_blank_lines)",
    # labels
    "label-na": "NA and the like are a class in the label column",
    "label-none": "a row without a label is left out",
    "no-classes": "the last column is none of classes (a quantity, free text, one value); refused with these words",
    # refusals
    "refused-fields": "a row with another number of fields is an error (and no delimiter gives them all as many); pandas"
                      " fills a short one with NaN or fails, too",
    "refused-format": "JSON, HTML, a workspace of R and the like are called by their names",
    "refused-empty": "there is no row; pandas has none or fails, too",
    "refused-quote": "text behind a closing quote, or a quote that is never closed",
    "refused-value": "a value that the ARFF header does not declare, or a header that is none",
}
OURS = {"", "?", "NA", "N/A", "n/a", "#N/A", "<NA>", "nan", "NaN", "null", "NULL", "None"}
THEIRS = {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
          "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
BLANKS = " \t\r\n"
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
ENDINGS = re.compile(r"\.(csv|tsv|tab|txt|data|dat|arff)(\.gz)?$|ubyte(\.gz)?$", re.I)
MOST_BYTES = 100e6


class Tally:
    def __init__(self):
        self.cells, self.files = collections.Counter(), collections.Counter()
        self.example, self.wrong = {}, []
        self.total = collections.Counter()

    def add(self, kind, file, n=1, example=""):
        assert kind in KINDS
        self.cells[kind] += n
        if (kind, file) not in self.example:
            self.files[kind] += 1
            self.example[kind, file] = example
            self.example.setdefault(kind, "%s: %s" % (file, example) if example else file)

    def take(self, other):
        for mine, its in ((self.cells, other.cells), (self.files, other.files), (self.total, other.total)):
            mine.update(its)
        self.wrong += other.wrong
        for key, text in other.example.items():
            self.example.setdefault(key, text)

    def fail(self, file, what):
        self.wrong.append("%s: %s" % (file, what))
        print("UNEXPLAINED %s: %s" % (file, what), flush=True)


class Refused(Exception):
    pass


# ---- what Consort reads ----

def ours(reader, path, *options):
    run = subprocess.run([reader, path, *options], capture_output=True)
    if run.returncode == 3:
        raise Refused(run.stderr.decode().strip().replace(path, "FILE"))
    if run.returncode:
        raise RuntimeError("read_cells: status %d: %s" % (run.returncode, run.stderr.decode()[:200]))
    return json.loads(run.stdout)


def delimiter_of(reader, path, table, likely):
    """The one that, said aloud, gives the same table."""
    for said in sorted([",", "tab", ";", "|", "space"], key=lambda d: d != likely):
        try:
            if ours(reader, path, "delimiter", said)["fingerprint"] == table["fingerprint"]:
                return {"tab": "\t", "space": " "}.get(said, said)
        except Refused:
            pass
    raise RuntimeError("no delimiter gives the table that was read")


def noted(table, pattern):
    found = [m for m in (re.search(pattern, note) for note in table["notes"]) if m]
    return found[0] if found else None


def one_of_1252(error):
    """The first byte that is no UTF-8, as Windows-1252 has it."""
    byte = error.object[error.start:error.start + 1]
    return byte.decode("cp1252", "ignore") or chr(byte[0]), error.start + 1


def decoded(data):
    """The text, and whether it is UTF-8."""
    codecs.register_error("1252", one_of_1252)
    text = data.decode("utf-8-sig", "1252")
    return text, text.encode("utf-8") in (data, data[3:])


def start_of(text, table):
    """The text from the first line of the table on, and how many lines stand above."""
    titles = noted(table, r"^(\d+) lines? above the table")
    left_out = (int(titles[1]) if titles else 0) + bool(noted(table, r"first line begins with `\|`"))
    if re.match(r'"?sep=.', text, re.I):
        left_out += 1
    at = 0
    for _ in range(left_out):
        at += re.match(r"(?:[ \t]*(?:\r\n|\n|\r))*[^\r\n]*(?:\r\n|\n|\r)?", text[at:]).end()
    return text[at:].lstrip("\r\n"), left_out


# ---- what pandas reads ----

def pandas_reads(text, sep, header, **more):
    """The table as pandas takes it, the text of its cells, and its first record."""
    said = dict(sep=r"\s+" if sep == " " else sep, header=header, **more)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pd.read_csv(io.StringIO(text), float_precision="round_trip", low_memory=False, **said)
        raw = pd.read_csv(io.StringIO(text), dtype=str, na_filter=False, **said)
        names = pd.read_csv(io.StringIO(text), dtype=str, na_filter=False, nrows=1, **dict(said, header=None))
    return theirs, raw, list(names.iloc[0])


def undressed(text, style):
    """A number in dress, by the style that Consort names for the column; nan if it is none."""
    thousands, decimal = {"1234.5": ("", "."), "1,234.5": (",", "."), "1234,5": ("", ","), "1.234,5": (".", ","),
                          "1'234.5": ("'", "."), "1'234,5": ("'", ","), "1 234.5": (" ", "."),
                          "1 234,5": (" ", ",")}.get(style, ("", "."))
    text = re.sub("[\u00a0\u202f\u2009]", " ", text).replace("\u2212", "-")
    text = re.sub(r"[$€£¥₹₩%]", "", text).strip()
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    text = re.sub(r"^([+-]) +", r"\1", text.strip())
    text = text.replace(thousands, "") if thousands else text
    text = text.replace(decimal, ".") if decimal != "." else text
    return float(text) if NUMBER.fullmatch(text) else float("nan")


def same(a, b):
    return a == b or (a != a and b != b)


def explain_number(raw, value, style, sep):
    """Why a number is what it is: a kind, "" for a plain number, None for no reason."""
    text = raw.strip(BLANKS)
    if text in OURS:
        return (None if value == value else "missing-word" if text == "?" else "" if text == raw else "blanks")
    bare = text.replace(",", ".", 1) if sep == ";" and text.count(",") + text.count(".") == 1 else text
    if style == "plain" and NUMBER.fullmatch(bare):
        whole = re.fullmatch(r"[+-]?\d+", bare)
        if not np.isfinite(float(bare)):
            return "infinite" if value != value else None
        if float(bare) != value:
            return None
        return ("beyond-64-bits" if whole and abs(int(bare)) >= 2**63 else "both-points" if sep == ";" and "." in text
                else "")
    if re.fullmatch(r"[+-]?inf(inity)?", text, re.I):
        return "infinite" if value != value else None
    if re.fullmatch(r"[+-]?nan", text, re.I):
        return "nan" if value != value else None
    return "dressed" if style != "plain" and undressed(text, style) == value else None


def explain_word(raw, word):
    text = raw.strip(BLANKS)
    if word is None:
        return ("missing-word" if text == "?" else "blanks" if text != raw else "") if text in OURS else None
    if word != text:
        return None
    return "blanks" if text != raw else "pandas-missing" if raw in THEIRS else ""


def is_number(series):
    return series.dtype.kind in "iuf"


def compare_column(tally, file, column, theirs, raw, sep, declared=False):
    name, n = column["name"], len(raw)
    seen = collections.Counter()
    if "numbers" in column:
        mine = np.array(column["numbers"], dtype=float)
        if is_number(theirs):
            value = theirs.to_numpy(dtype=float)
            differs = ~((mine == value) | (np.isnan(mine) & np.isnan(value)))
        else:
            differs = np.ones(n, bool)
        pairs = collections.Counter(zip(raw.to_numpy(object)[differs], map(repr, mine[differs].tolist())))
        for (text, value), times in pairs.items():
            kind = explain_number(text, float(value), column["style"], sep)
            if kind is None or (kind == "" and is_number(theirs)):
                tally.fail(file, "column `%s`: %r is %s; pandas read it as %s" % (name, text, value, theirs.dtype))
                return
            seen[kind] += times
            if kind:
                tally.add(kind, file, times, "`%s`: %r" % (name, text))
        if not is_number(theirs) and not (set(seen) - {""}) and n:
            tally.fail(file, "column `%s` holds numbers; pandas read it as %s" % (name, theirs.dtype))
        elif seen[""]:
            tally.add("words-missing", file, seen[""], "`%s`" % name)
        return
    word = np.array(column["levels"] + [None], dtype=object)[np.array(column["codes"], dtype=int)]
    text = raw.to_numpy(object)
    plain = np.array([w is not None and w == t and t not in THEIRS for w, t in zip(word, text)], bool)
    for (t, w), times in collections.Counter(zip(text[~plain], word[~plain])).items():
        kind = explain_word(t, w)
        if kind is None:
            tally.fail(file, "column `%s`: %r is %r" % (name, t, w))
            return
        seen[kind] += times
        if kind:
            tally.add(kind, file, times, "`%s`: %r" % (name, t))
    if theirs.dtype == bool or set(theirs.dropna().map(type)) == {bool}:
        tally.add("true-false", file, n, "`%s`" % name)
    elif is_number(theirs) and declared:
        tally.add("declared-words", file, n, "`%s`" % name)
    elif is_number(theirs) and not seen["pandas-missing"]:
        tally.fail(file, "column `%s` holds words (%s, ...); pandas read it as %s"
                   % (name, ", ".join(map(repr, column["levels"][:3])), theirs.dtype))


def compare_names(tally, file, table, header):
    before = collections.Counter()
    for column, raw in zip(table["columns"], header):
        name, text = column["name"], raw.strip(BLANKS)
        before[text] += 1
        if not text:
            kind = "unnamed" if re.fullmatch(r"unnamed_\d+", name) else None
        elif before[text] > 1:
            kind = "numbered" if re.fullmatch(re.escape(text) + r"_\d+", name) else None
        else:
            kind = None if name != text else "name-blanks" if text != raw else ""
        if kind is None:
            tally.fail(file, "column %r is called %r" % (raw, name))
        elif kind:
            tally.add(kind, file, 1, "%r is `%s`" % (raw, name))


# ---- the last column as label ----

def compare_labels(tally, file, read, words):
    """`words` are the last column as text; `read` reads the file with its label."""
    words = [w.strip(BLANKS) for w in words]
    known = [w for w in words if w not in ("", "?")]
    classes = set(known)
    try:
        table = read()
    except Refused as refused:
        n = len(classes)
        right = ("only one class" in str(refused) and n == 1) or ("has no values" in str(refused) and n == 0)
        right = right or ("different values in" in str(refused) and len(known) >= 20 and n > len(known) // 2)
        right = right or (n > 10000 and "different values in" in str(refused))
        if right:
            tally.add("no-classes", file, 1, str(refused))
        else:
            tally.fail(file, "as label: " + str(refused))
        return
    mine = [table["classes"][k] for k in table["labels"]]
    if mine != known:
        return tally.fail(file, "labels: %d, not %d, or others" % (len(mine), len(known)))
    tally.total["labels"] += len(known)
    if len(known) < len(words):
        tally.add("label-none", file, len(words) - len(known))
    na = sum(w in OURS for w in known)
    if na:
        tally.add("label-na", file, na)
    if table.get("declared"):
        return
    numbers = all(NUMBER.fullmatch(c) for c in classes)
    order = sorted(classes, key=lambda c: (float(c), c.encode()) if numbers else c.encode())
    if table["classes"] != order:
        tally.fail(file, "classes are in the order %s" % table["classes"][:10])


# ---- one file ----

def uniform(text):
    """By which delimiter all records have as many fields, two at least, once 50 remarks above them are left out."""
    lines = [line.strip(" ") for line in re.split(r"\r\n|\n|\r", text) if line.strip()]
    above = next((i for i, line in enumerate(lines) if line[0] not in "#%"), 0)
    lines = lines[min(above, 50):]
    for sep in ("\t", ";", "|", ",", " "):
        try:
            records = [line.split() for line in lines] if sep == " " else csv.reader(lines, delimiter=sep)
            widths = {len(record) for record in records}
        except csv.Error:
            continue
        if len(widths) == 1 and max(widths) > 1 and len(lines) > 2:
            return "%r: %d" % (sep, max(widths))
    return None


def refusal(tally, file, text, why, guesses):
    """A file that Consort refuses: which kind is it?"""
    if guesses:
        try:
            got = "%d x %d" % pd.read_csv(io.StringIO(text), sep=None, engine="python").shape
        except Exception as error:
            got = str(error).strip().replace("\n", " ")
        print("REFUSED %s: %s; pandas: %.90s" % (file, why, got))
    kinds = [("refused-fields", r": \d+ fields?, expected|\d+ values?, expected"),
             ("refused-quote", r"closing quote|never closed|not closed on its line"),
             ("refused-empty", r"is empty|no rows of data"),
             ("refused-value", r"not one of the values declared|no @data line|unknown type|expected @relation"),
             ("refused-format", r"JSON|XML|HTML|packed with|workspace|archive|pickle|UTF-16|zero byte|PDF|file;|"
              r"attributes that are tables|LIBSVM")]
    kind = next((kind for kind, pattern in kinds if re.search(pattern, why)), None)
    fields = uniform(text) if kind == "refused-fields" else None
    if kind and not fields:
        return tally.add(kind, file, 1, why)
    why += "; all records have as many fields by %s" % fields if fields else ""
    tally.fail(file, "refused: " + why)


def compare_csv(tally, file, path, reader, text, utf8, guesses):
    table = ours(reader, path)
    first = max(re.split(r"[\r\n]+", text[:4000].strip())[:8], key=len, default="")
    likely = max([",", "tab", ";", "|", "space"], key=lambda d: first.count({"tab": "\t", "space": "  "}.get(d, d)))
    sep = delimiter_of(reader, path, table, likely)
    body, above = start_of(text, table)
    names_of_file = table["names"] == "file"
    more = {}
    if noted(table, "ends? with (a|\d+) delimiters?"):
        more["index_col"] = False
        tally.add("spare-delimiter", file)
    if sep != " " and re.search("(^|[\n%s])[ \t]+\"" % re.escape(sep), body):
        more["skipinitialspace"] = True
        tally.add("quote-after-blank", file)
    if table["decimal_comma"]:
        more["decimal"] = ","
        tally.add("decimal-comma", file)
    if len(table["columns"]) == 1:
        more["skip_blank_lines"] = False
        tally.add("one-column", file)
    for happened, kind in ((not utf8, "windows-1252"), (above, "titles"), (not names_of_file, "no-header"),
                           (noted(table, "has a name less"), "row-names")):
        if happened:
            tally.add(kind, file)
    if guesses:
        guess(file, text, table, sep, above)
    try:
        theirs, raw, header = pandas_reads(body, sep, 0 if names_of_file else None, **more)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        return tally.fail(file, "pandas: %s" % str(error).strip())
    if noted(table, r"^(every line|the first line alone) ends with (a|\d+) delimiters?"):
        n = len(table["columns"])
        if (raw.iloc[:, n:] == "").all(axis=None):
            theirs, raw, header = theirs.iloc[:, :n], raw.iloc[:, :n], header[:n]
    if raw.shape != (table["rows"], len(table["columns"])):
        return tally.fail(file, "%d x %d; pandas %d x %d" % (table["rows"], len(table["columns"]), *raw.shape))
    if names_of_file:
        compare_names(tally, file, table, header)
    for i, column in enumerate(table["columns"]):
        compare_column(tally, file, column, theirs.iloc[:, i], raw.iloc[:, i], sep)
    tally.total["rows"] += raw.shape[0]
    tally.total["cells"] += raw.size
    if raw.shape[1] > 1:
        compare_labels(tally, file, lambda: ours(reader, path, "label", "-1"), raw.iloc[:, -1])


def guess(file, text, table, sep, above):
    """What pandas makes of the beginning by itself."""
    wanted = [c["name"] for c in table["columns"]] if table["names"] == "file" else None
    said = "%r%s%s, %d columns" % (sep, "" if wanted else ", no header", ", %d above" % above if above else "",
                                   len(table["columns"]))
    head = "\n".join(text.splitlines()[:60])
    for how, options in (("default", {}), ("sep=None", {"sep": None, "engine": "python"})):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                got = pd.read_csv(io.StringIO(head), dtype=str, **options)
        except Exception as error:
            print("GUESS %s: %s; pandas %s fails: %.80s" % (file, said, how, str(error).strip().replace("\n", " ")))
            continue
        names = list(map(str, got.columns))
        if wanted is None or len(names) != len(wanted):
            print("GUESS %s: %s; pandas %s: %d columns, %s" % (file, said, how, len(names), names[:4]))


def arff_parts(text):
    names, kinds = [], []
    rest = text
    while rest:
        line, _, rest = rest.partition("\n")
        line = line.strip()
        if line.lower().startswith("@data"):
            return names, kinds, rest
        m = re.match(r"""@attribute\s+(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s{]+))\s*(.*)""", line, re.I)
        if m:
            name = m[1] if m[1] is not None else m[2] if m[2] is not None else m[3]
            names.append(re.sub(r"\\(.)", r"\1", name))
            kinds.append(m[4].split("{")[0].strip().lower())
    return names, kinds, ""


def one_quote(line):
    """The row with " for either quote, as pandas knows but one."""
    cells = re.findall(r"""\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,]*?)\s*(?:,|$)""", line)
    cells = cells[:-1] if not line.rstrip().endswith(",") else cells
    return ",".join('"%s"' % re.sub(r'(?<!\\)"', r'\\"', c[1:-1]) if c[:1] in ("'", '"') and len(c) > 1 else c
                    for c in cells)


def compare_arff(tally, file, path, reader, text):
    table = ours(reader, path)
    names, kinds, body = arff_parts(re.sub(r"\r\n?", "\n", text))
    lines = [line for line in body.split("\n") if line.strip() and not line.lstrip().startswith("%")]
    n = len(names)
    if any(line.lstrip().startswith("{") for line in lines):
        return compare_sparse(tally, file, table, lines, n)
    quote = '"' if any('"' in line for line in lines) and not any("'" in line for line in lines) else "'"
    lines = [re.sub(r",\s*\{[^}]*\}\s*$|\s+%.*$", "", line) for line in lines]
    if quote == "'" and any('"' in line for line in lines):
        lines, quote = [one_quote(line) for line in lines], '"'
    try:
        theirs, raw, _ = pandas_reads("\n".join(lines), ",", None, quotechar=quote, escapechar="\\",
                                      skipinitialspace=True)
    except (pd.errors.ParserError, ValueError) as error:
        return tally.fail(file, "pandas: %s" % str(error).strip())
    if raw.shape != (table["rows"], n) or n != len(table["columns"]):
        return tally.fail(file, "%d x %d; pandas %d x %d" % (table["rows"], len(table["columns"]), *raw.shape))
    compare_names(tally, file, table, names)
    for i, column in enumerate(table["columns"]):
        compare_column(tally, file, column, theirs.iloc[:, i], raw.iloc[:, i], ",",
                       kinds[i] in ("", "string") or kinds[i].startswith("date"))
    tally.total["rows"] += raw.shape[0]
    tally.total["cells"] += raw.size

    def read():
        return dict(ours(reader, path, "label", "-1"), declared=True)
    if n > 1:
        compare_labels(tally, file, read, raw.iloc[:, -1])


def compare_sparse(tally, file, table, lines, n):
    rows = [next(csv.reader([line.strip()[1:-1]], quotechar="'", escapechar="\\", skipinitialspace=True))
            for line in lines]
    for i, row in enumerate(rows):
        given = {int(cell.split(None, 1)[0]): cell.split(None, 1)[1] for cell in row if cell.strip()}
        for k, column in enumerate(table["columns"]):
            if "numbers" in column:
                value = column["numbers"][i]
                right = float(given.get(k, "0").replace("?", "nan"))
                good = same(right, float("nan") if value is None else value)
            else:
                code = column["codes"][i]
                right = given.get(k, column["levels"][0] if column["levels"] else None).strip("'\"")
                good = right == ("?" if code < 0 else column["levels"][code])
            if not good:
                return tally.fail(file, "row %d, column `%s`: %s" % (i + 1, column["name"], right))
    tally.total["rows"] += len(rows)
    tally.total["cells"] += len(rows) * n


def idx_array(data):
    shape = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], "big") for i in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def compare_idx(tally, file, path, reader, data):
    images = idx_array(data)
    if images.ndim == 1:
        return  # labels go with their images
    table = ours(reader, path, "label", "-1")
    if bytes.fromhex(table["pixels"]) != images.tobytes():
        tally.fail(file, "other pixels")
    beside = path.replace("images", "labels").replace("idx3", "idx1")
    with open(beside, "rb") as stream:
        labels = idx_array(unpacked(stream.read()))
    if [int(table["classes"][k]) for k in table["labels"]] != labels.tolist():
        tally.fail(file, "other labels")
    tally.total["rows"] += len(images)
    tally.total["cells"] += images.size
    tally.total["labels"] += len(labels)


def unpacked(data):
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def compare_file(tally, reader, path, file, guesses):
    with open(path, "rb") as stream:
        data = unpacked(stream.read())
    text = ""
    try:
        if data[:3] == b"\0\0\x08":
            return compare_idx(tally, file, path, reader, data)
        text, utf8 = decoded(data)
        if re.match(r"(\s|%[^\r\n]*[\r\n])*@(relation|attribute)", text, re.I):
            return compare_arff(tally, file, path, reader, text)
        compare_csv(tally, file, path, reader, text, utf8, guesses)
    except Refused as refused:
        refusal(tally, file, text, str(refused), guesses)


def files_below(places):
    for place in places:
        if not os.path.isdir(place):
            yield place, os.path.basename(place)
        for folder, folders, names in sorted(os.walk(place)):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                if ENDINGS.search(name) and 0 < os.path.getsize(path) < MOST_BYTES:
                    yield path, os.path.relpath(path, place)


def different_files(places):
    """Each path and name; of files that are alike the first."""
    before = set()
    for path, file in files_below(places):
        with open(path, "rb") as stream:
            content = hashlib.sha256(stream.read()).digest()
        if content not in before:
            yield path, file
        before.add(content)


def tally_of(reader, path, file, guesses):
    tally = Tally()
    try:
        compare_file(tally, reader, path, file, guesses)
    except Exception as error:  # a fault of this program or of read_cells is one of the file's differences
        tally.fail(file, "%s: %s" % (type(error).__name__, error))
    return tally


def main():
    words = [a for a in sys.argv[1:] if a != "--guesses"]
    if len(words) < 2:
        sys.exit(__doc__.strip())
    tally = Tally()
    with concurrent.futures.ProcessPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        each = [pool.submit(tally_of, words[0], path, file, "--guesses" in sys.argv)
                for path, file in different_files(words[1:])]
        for future in each:
            tally.take(future.result())
    print("%d files, %d rows, %d cells, %d labels compared"
          % (len(each), *(tally.total[k] for k in ("rows", "cells", "labels"))))
    print("| Kind | cells or times | files | first |\n|---|--:|--:|---|")
    for kind in KINDS:
        if tally.files[kind]:
            first = tally.example[kind].replace("\n", " ").replace("|", "\\|")
            print("| %s | %d | %d | %.120s |" % (kind, tally.cells[kind], tally.files[kind], first))
    print("%d unexplained" % len(tally.wrong))
    sys.exit(1 if tally.wrong else 0)


if __name__ == "__main__":
    main()
