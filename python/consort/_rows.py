"""Arrays, DataFrames and lists become the library's rows.

A DataFrame's columns keep what they are: categories are levels (ordered ones in their order), words are words, truth values are
the words False and True, moments are dates, numbers are numbers. An array's columns are called x0, x1, ... where nobody says.
"""
import ctypes as c
import numbers

import numpy as np

from ._library import Column, Rows

FOUND_OUT, NUMERIC, NOMINAL, DATE, TEXT, ORDERED = range(6)


def is_frame(x):
    return hasattr(x, "columns") and hasattr(x, "dtypes") and hasattr(x, "iloc")


def is_missing(value):
    """None, NaN, NA, NaT, and what is masked."""
    if value is None or value is np.ma.masked or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (numbers.Number, np.generic)) and bool(value != value)


def _word(name, row, value):
    """A cell as bytes that the library can read: UTF-8, and no zero byte, where it would end."""
    if not isinstance(value, bytes):
        try:
            value = str(value).encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError(f"column {name!r}: row {row}: {value!r} has half of a character (a surrogate)") from None
    if b"\0" in value:
        raise ValueError(f"column {name!r}: row {row}: {value!r} has a zero byte; take it out")
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"column {name!r}: row {row}: {value!r} is not UTF-8") from None
    return value


def _finite(name, values):
    if np.isinf(values).any():
        raise ValueError(f"column {name!r}: Input X contains infinity or a value too large for dtype('float64').")
    return values


class Table:
    """Rows for a call, with all that they point to."""

    def __init__(self):
        self.keep = []
        self.columns = []
        self.names = set()
        self.n_rows = None

    def _words(self, name, values):
        bytes_ = [None if is_missing(v) else _word(name, i, v) for i, v in enumerate(values)]
        array = (c.c_char_p * max(len(bytes_), 1))(*bytes_)
        self.keep.append(array)
        return c.cast(array, c.c_void_p).value

    def _take(self, name, n, **members):
        if self.n_rows is None:
            self.n_rows = n
        if n != self.n_rows:
            raise ValueError(f"column {name!r} has {n} rows, and not {self.n_rows}")
        name = _word(name, "its name", name)
        if name in self.names:
            raise ValueError(f"two columns are named {name.decode('utf-8')!r}; columns go by name")
        self.names.add(name)
        column = Column(size=c.sizeof(Column), name=name, **members)
        self.columns.append(column)

    def numbers(self, name, values, kind=FOUND_OUT):
        values = np.ascontiguousarray(values, dtype=np.float64)
        self.keep.append(values)
        self._take(name, len(values), numbers=values.ctypes.data, kind=kind)

    def words(self, name, values, kind=FOUND_OUT):
        self._take(name, len(values), words=self._words(name, values), kind=kind)

    def codes(self, name, codes, levels, ordered=False):
        codes = np.ascontiguousarray(codes, dtype=np.int32)
        self.keep.append(codes)
        self._take(name, len(codes), codes=codes.ctypes.data, n_levels=len(levels), levels=self._words(name, levels),
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
        kind = getattr(dtype, "kind", "")
        if kind == "O" and not name_of.startswith("str"):
            self._objects(name, list(values))
            return
        if name_of.startswith(("str", "<u", ">u", "|s", "large_string")) or kind in ("U", "S"):
            self.words(name, list(values))
            return
        if kind == "c":
            raise ValueError(f"column {name!r}: Complex data not supported")
        if hasattr(values, "to_numpy"):
            values = values.to_numpy(dtype=np.float64, na_value=np.nan)
        self.numbers(name, _finite(name, np.asarray(values, dtype=np.float64)), NUMERIC)

    def _objects(self, name, values):
        there = [v for v in values if not is_missing(v)]
        if all(isinstance(v, (bool, np.bool_)) for v in there) and there:
            self.words(name, values, NOMINAL)
        elif all(isinstance(v, numbers.Number) for v in there):
            try:
                values = [np.nan if is_missing(v) else float(v) for v in values]
            except OverflowError:
                values = [np.inf]
            except TypeError:
                raise ValueError(f"column {name!r}: Complex data not supported") from None
            self.numbers(name, _finite(name, values), NUMERIC)
        else:
            for v in there:
                odd = type(v).__module__ == "builtins" or hasattr(v, "shape")
                if odd and not isinstance(v, (str, bytes, numbers.Number, np.generic)):
                    raise TypeError(f"column {name!r}: argument must be a string or a number, not {type(v).__name__!r}")
            self.words(name, values)

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
    x = frame_of(x)
    if is_frame(x):
        for i, name in enumerate(x.columns):
            table.values(name, x.iloc[:, i])
        table.n_rows = len(x)
        return table
    if hasattr(x, "keys"):
        for name in x.keys():
            values = x[name]
            if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
                raise ValueError(f"column {name!r} is {values!r}, and not the cells of a column; one row is [{values!r}]")
            table.values(name, values if hasattr(values, "dtype") else array_of(list(values)))
        return table
    x = array_of(x)
    if x.ndim != 2:
        raise ValueError(f"Expected 2D array, got {x.ndim}D array instead: rows and columns. Reshape your data with"
                         " .reshape(-1, 1) where it is one column, or .reshape(1, -1) where it is one row")
    names = names or [f"x{i}" for i in range(x.shape[1])]
    if len(names) != x.shape[1]:
        raise ValueError(f"X has {x.shape[1]} columns, and {len(names)} are expected")
    for i, name in enumerate(names):
        table.values(name, _plain(x[:, i]))
    table.n_rows = len(x)
    return table


def array_of(x):
    if hasattr(x, "dtype"):
        return np.asarray(x)
    try:
        array = np.asarray(x)
    except ValueError:  # rows of several lengths
        array = np.asarray(x, dtype=object)
    if array.dtype.kind in "US":  # words beside numbers would have become words
        array = np.asarray(x, dtype=object)
    return array


def frame_of(x):
    """A frame of Polars as one of pandas, where that is there; whatever else as it is."""
    if is_frame(x) or not hasattr(x, "get_columns"):
        return x
    try:
        import pandas
    except ImportError:
        return x
    columns = {}
    for column in x.get_columns():
        kind = str(column.dtype).split("(")[0]
        if kind in ("Categorical", "Enum"):
            columns[column.name] = pandas.Categorical(column.to_list())
        else:
            plain = kind in ("String", "Boolean", "Object", "List", "Struct")
            columns[column.name] = pandas.Series(column.to_list(), dtype=object) if plain else pandas.Series(column.to_numpy())
    return pandas.DataFrame(columns)


def _plain(column):
    """A column of an array of words, which has words alone: numbers where every cell is one."""
    if column.dtype.kind != "U":
        return column
    try:
        return np.array([float(v) if v.strip() else np.nan for v in column])
    except ValueError:
        return column


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
