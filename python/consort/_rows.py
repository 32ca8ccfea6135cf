"""Arrays, DataFrames and lists become the library's rows.

A DataFrame's columns keep what they are: categories are levels (ordered ones in their order), words are words, truth values are
the words False and True, moments are dates, numbers are numbers. An array's columns are called x0, x1, ... where nobody says.
"""
import ctypes as c

import numpy as np

from ._library import Column, Rows

FOUND_OUT, NUMERIC, NOMINAL, DATE, TEXT, ORDERED = range(6)


def is_frame(x):
    return hasattr(x, "columns") and hasattr(x, "dtypes") and hasattr(x, "iloc")


def _is_missing(value):
    return value is None or value is np.ma.masked or value != value or type(value).__name__ in ("NAType", "NaTType")


class Table:
    """Rows for a call, with all that they point to."""

    def __init__(self):
        self.keep = []
        self.columns = []
        self.n_rows = None

    def _words(self, values):
        bytes_ = [None if _is_missing(v) else str(v).encode("utf-8") for v in values]
        array = (c.c_char_p * max(len(bytes_), 1))(*bytes_)
        self.keep.append(array)
        return c.cast(array, c.c_void_p).value

    def _take(self, name, n, **members):
        if self.n_rows is None:
            self.n_rows = n
        if n != self.n_rows:
            raise ValueError(f"column {name!r} has {n} rows, and not {self.n_rows}")
        column = Column(size=c.sizeof(Column), name=str(name).encode("utf-8"), **members)
        self.columns.append(column)

    def numbers(self, name, values, kind=FOUND_OUT):
        values = np.ascontiguousarray(values, dtype=np.float64)
        self.keep.append(values)
        self._take(name, len(values), numbers=values.ctypes.data, kind=kind)

    def words(self, name, values, kind=FOUND_OUT):
        self._take(name, len(values), words=self._words(values), kind=kind)

    def codes(self, name, codes, levels, ordered=False):
        codes = np.ascontiguousarray(codes, dtype=np.int32)
        self.keep.append(codes)
        self._take(name, len(codes), codes=codes.ctypes.data, n_levels=len(levels), levels=self._words(levels),
                   kind=ORDERED if ordered else NOMINAL)

    def values(self, name, values):
        """A column of whatever there is."""
        dtype = getattr(values, "dtype", None)
        if hasattr(dtype, "categories"):  # pandas' categories
            categorical = getattr(values, "cat", values)
            levels = [str(v) for v in dtype.categories]
            if len(levels) and len({v.strip() for v in levels} - {""}) == len(levels):
                self.codes(name, categorical.codes, levels, bool(dtype.ordered) and len(levels) > 1)
            else:  # two are one word, or one is none
                self.words(name, np.asarray(values, dtype=object), NOMINAL)
            return
        name_of = str(dtype).lower()
        if name_of.startswith(("datetime64", "period")):
            if hasattr(values, "dt") and getattr(values.dt, "tz", None) is not None:
                values = values.dt.tz_convert("UTC").dt.tz_localize(None)
            if name_of.startswith("period"):
                values = values.dt.to_timestamp()
            moments = np.asarray(values, dtype="datetime64[us]")
            seconds = moments.astype(np.int64) / 1e6
            self.numbers(name, np.where(np.isnat(moments), np.nan, seconds), DATE)
            return
        if name_of.startswith("timedelta64"):
            spans = np.asarray(values, dtype="timedelta64[us]")
            self.numbers(name, np.where(np.isnat(spans), np.nan, spans.astype(np.int64) / 1e6), NUMERIC)
            return
        if name_of in ("bool", "boolean"):
            self.words(name, list(values), NOMINAL)
            return
        if hasattr(dtype, "kind") and dtype.kind == "O":
            self._objects(name, list(values))
            return
        if name_of.startswith(("str", "<u", ">u", "|s", "large_string")) or getattr(dtype, "kind", "") in "US":
            self.words(name, list(values))
            return
        if hasattr(values, "to_numpy"):
            values = values.to_numpy(dtype=np.float64, na_value=np.nan)
        values = np.asarray(values)
        if np.iscomplexobj(values):
            raise ValueError("Complex data not supported")
        self.numbers(name, values, NUMERIC)

    def _objects(self, name, values):
        there = [v for v in values if not _is_missing(v)]
        if all(isinstance(v, (bool, np.bool_)) for v in there) and there:
            self.words(name, values, NOMINAL)
        elif all(isinstance(v, (int, float, np.number)) for v in there):
            self.numbers(name, [np.nan if _is_missing(v) else float(v) for v in values], NUMERIC)
        else:
            for v in there:
                if not isinstance(v, (str, bytes, int, float, np.generic)) and type(v).__module__ == "builtins":
                    raise TypeError(f"column {name!r}: argument must be a string or a number, not {type(v).__name__!r}")
            self.words(name, [v.decode() if isinstance(v, bytes) else v for v in values])

    def rows(self):
        array = (Column * max(len(self.columns), 1))(*self.columns)
        out = Rows(size=c.sizeof(Rows), n_rows=self.n_rows or 0, n_columns=len(self.columns), columns=array)
        out._keep = (self, array)
        return out


def column_names(x):
    """What the columns of X are called."""
    if is_frame(x):
        return [str(name) for name in x.columns]
    return [f"x{i}" for i in range(x.shape[1])]


def take(x, names=None):
    """A Table of X: a DataFrame, a mapping of columns, or whatever becomes an array of two dimensions."""
    table = Table()
    if is_frame(x):
        for i, name in enumerate(x.columns):
            table.values(name, x.iloc[:, i])
        table.n_rows = len(x)
        return table
    if hasattr(x, "keys"):
        for name in x.keys():
            values = x[name]
            table.values(name, values if hasattr(values, "dtype") else _array(list(values)))
        return table
    x = _array(x)
    if x.ndim != 2:
        raise ValueError(f"Expected 2D array, got {x.ndim}D array instead: rows and columns. Reshape your data with"
                         " .reshape(-1, 1) where it is one column, or .reshape(1, -1) where it is one row")
    names = names or [f"x{i}" for i in range(x.shape[1])]
    if len(names) != x.shape[1]:
        raise ValueError(f"X has {x.shape[1]} columns, and {len(names)} are expected")
    for i, name in enumerate(names):
        table.values(name, x[:, i])
    table.n_rows = len(x)
    return table


def _array(x):
    if hasattr(x, "dtype"):
        return np.asarray(x)
    try:
        array = np.asarray(x)
    except ValueError:  # rows of several lengths
        array = np.asarray(x, dtype=object)
    if array.dtype.kind in "US":  # words beside numbers would have become words
        array = np.asarray(x, dtype=object)
    return array


def pictures(x):
    """(N, H, W) or (N, H, W, C) bytes as pictures; None: it is a table."""
    if is_frame(x) or not hasattr(x, "dtype") or x.dtype != np.uint8 or x.ndim not in (3, 4):
        return None
    x = np.ascontiguousarray(x)
    rows = Rows(size=c.sizeof(Rows), n_rows=x.shape[0], pixels=x.ctypes.data, height=x.shape[1], width=x.shape[2],
                channels=x.shape[3] if x.ndim == 4 else 1)
    rows._keep = x
    return rows


def rows_of(x, names=None):
    """Whatever can be predicted: a path of a file, pictures, a table."""
    if isinstance(x, Rows):
        return x
    if isinstance(x, str) or hasattr(x, "__fspath__"):
        out = Rows(size=c.sizeof(Rows), file=str(x).encode("utf-8"))
        return out
    return pictures(x) or take(x, names).rows()
