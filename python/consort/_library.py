"""libconsort through ctypes: its functions, its structs, and its errors as exceptions.

Calls let go of the interpreter's lock, so that threads predict side by side.
"""
import ctypes as c
import os

_HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "native")
_PLACES = (os.path.join(_HERE, "libconsort.so.0"), "libconsort.so.0")


class ConsortError(Exception):
    """What the library says: one line with its cure; `code` is its number, as in consort.h."""

    def __init__(self, message, code=0):
        super().__init__(message)
        self.code = code


class DataError(ConsortError, ValueError):
    """Rows, options or a model that cannot be."""


class FileError(ConsortError, OSError):
    """A file that cannot be read or written."""

    def __str__(self):
        return self.args[0]


_KINDS = {1: MemoryError, 2: FileError, 3: DataError, 4: DataError, 5: DataError}


class Error(c.Structure):
    _fields_ = [("code", c.c_int), ("message", c.c_char * 1020)]


class Column(c.Structure):
    _fields_ = [("size", c.c_size_t), ("name", c.c_char_p), ("kind", c.c_int), ("n_levels", c.c_int),
                ("numbers", c.c_void_p), ("words", c.c_void_p), ("codes", c.c_void_p), ("levels", c.c_void_p)]


class Rows(c.Structure):
    _fields_ = [("size", c.c_size_t), ("n_rows", c.c_int), ("n_columns", c.c_int), ("columns", c.POINTER(Column)),
                ("doubles", c.c_void_p), ("floats", c.c_void_p), ("row_step", c.c_size_t), ("cells", c.c_void_p),
                ("names", c.c_void_p), ("pixels", c.c_void_p), ("height", c.c_int), ("width", c.c_int),
                ("channels", c.c_int), ("file", c.c_char_p)]


class PredictOptions(c.Structure):
    _fields_ = [("size", c.c_size_t), ("views", c.c_int)]


ON_EVENT = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_char_p)
ON_LINE = c.CFUNCTYPE(None, c.c_void_p, c.c_int, c.c_char_p)


class StudyOptions(c.Structure):
    _fields_ = [("size", c.c_size_t), ("config", c.c_char_p), ("config_file", c.c_char_p),
                ("set", c.POINTER(c.c_char_p)), ("n_set", c.c_int), ("train", c.POINTER(Rows)),
                ("test", c.POINTER(Rows)), ("label", c.c_char_p), ("name", c.c_char_p), ("dir", c.c_char_p),
                ("fresh", c.c_int), ("effort", c.c_char_p), ("time_s", c.c_double), ("no_test", c.c_int),
                ("jobs", c.c_int), ("on_event", ON_EVENT), ("epochs", c.c_int), ("on_line", ON_LINE),
                ("context", c.c_void_p), ("stop", c.c_void_p)]


_P, _I, _D, _S = c.c_void_p, c.c_int, c.c_double, c.c_char_p
_OUT, _TEXT, _ERR = c.POINTER(c.c_void_p), c.POINTER(c.c_void_p), c.POINTER(Error)
_FUNCTIONS = {
    "version": (_S,),
    "free": (None, _P),
    "model_open": (_I, _S, _OUT, _ERR),
    "model_close": (None, _P),
    "model_info": (_S, _P),
    "model_task": (_I, _P),
    "model_n_inputs": (_I, _P),
    "model_input_name": (_S, _P, _I),
    "model_n_classes": (_I, _P),
    "model_class": (_S, _P, _I),
    "model_n_targets": (_I, _P),
    "model_target": (_S, _P, _I),
    "model_n_quantiles": (_I, _P),
    "predict": (_I, _P, c.POINTER(Rows), c.POINTER(PredictOptions), _OUT, _ERR),
    "predictions_close": (None, _P),
    "predictions_n_rows": (_I, _P),
    "predictions_n_values": (_I, _P),
    "predictions_values": (_P, _P),
    "predictions_classes": (_P, _P),
    "predictions_numbers": (_P, _P),
    "predictions_quantiles": (_P, _P),
    "predictions_interval": (_I, _P, _D, _I, _P, _P, _ERR),
    "predictions_set": (_I, _P, _D, _P, _ERR),
    "evaluate": (_I, _P, c.POINTER(Rows), _S, _TEXT, _ERR),
    "stop_create": (_P,),
    "stop_set": (None, _P),
    "stop_close": (None, _P),
    "sweep": (_I, c.POINTER(StudyOptions), _OUT, _ERR),
    "train": (_I, c.POINTER(StudyOptions), _OUT, _ERR),
    "run": (_I, c.POINTER(StudyOptions), _OUT, _TEXT, _ERR),
    "study_open": (_I, _S, _OUT, _ERR),
    "study_close": (None, _P),
    "study_name": (_S, _P),
    "study_folder": (_S, _P),
    "study_summary": (_I, _P, _TEXT, _ERR),
    "study_trials_json": (_I, _P, _I, _TEXT, _ERR),
    "study_trials_csv": (_I, _P, _I, _TEXT, _ERR),
    "study_best": (_I, _P, _TEXT, _ERR),
    "study_ensemble": (_I, _P, _OUT, _ERR),
    "study_model": (_I, _P, _I, _OUT, _ERR),
}


class _Library:
    def __init__(self):
        for place in _PLACES:
            if os.path.dirname(place) and not os.path.exists(place):
                continue
            library = c.CDLL(place)
            break
        for name, (result, *arguments) in _FUNCTIONS.items():
            function = getattr(library, "consort_" + name)
            function.restype = result
            function.argtypes = arguments
            setattr(self, name, function)


lib = _Library()


def call(name, *arguments):
    """Calls what returns a code, with an error at the end; raises it."""
    error = Error()
    code = getattr(lib, name)(*arguments, c.byref(error))
    if code:
        kind = _KINDS.get(code, ConsortError)
        message = error.message.decode("utf-8", "replace")
        raise kind(message) if kind is MemoryError else kind(message, code)


def handle(name, *arguments):
    """The same of what hands out a handle."""
    out = c.c_void_p()
    call(name, *arguments, c.byref(out))
    return out.value


def text(name, *arguments):
    """The same of what hands out a text."""
    out = c.c_void_p()
    call(name, *arguments, c.byref(out))
    try:
        return c.string_at(out.value).decode("utf-8")
    finally:
        lib.free(out)


def encode(value):
    return None if value is None else os.fspath(value).encode("utf-8") if not isinstance(value, str) else value.encode("utf-8")


def version():
    return lib.version().decode()


def program():
    """Where the `consort` program of this package lies."""
    return os.path.join(_HERE, "consort")
