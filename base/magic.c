/* Tells what a file is that is no table of text, by its first bytes. */
#include "base/magic.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/text.h"

#define UNPACK "; unpack it, or pack it with gzip, xz or zstd"
#define AS_CSV "; write the table as CSV"
#define PICTURES "; pictures are read as PNG, JPEG, PNM, CIFAR or IDX; save it as PNG"

typedef struct {
    size_t at;
    const char *bytes;
    size_t n;
    const char *what;
    /* a command that makes of the file, %s, another one, %s and an ending; NULL: `what` says it */
    const char *how;
} Magic;

/* For a shell: the names of files are words of harmless letters (safe_name). */
#define PANDAS(format) \
    "python3 -c 'import pandas; pandas.read_" format "(\"%s\").to_csv(\"%s.csv\", index=False)'"
#define ARROW "python3 -c 'import pyarrow; t = pyarrow.ipc.open_stream(\"%s\").read_pandas(); " \
    "t.to_csv(\"%s.csv\", index=False)'"
#define HDF5 "python3 -c 'import h5py, numpy; h = h5py.File(\"%s\"); " \
    "numpy.savez(\"%s.npz\", **{k: h[k][()] for k in h})'"
#define NETCDF "python3 -c 'import xarray; xarray.open_dataset(\"%s\").to_dataframe().to_csv(\"%s.csv\")'"
#define MATLAB "python3 -c 'import numpy, scipy.io; m = scipy.io.loadmat(\"%s\"); " \
    "numpy.savez(\"%s.npz\", **{k: m[k] for k in m if k[0] != \"_\"})'"
#define PICKLE "python3 -c 'import pandas; pandas.read_pickle(\"%s\").to_csv(\"%s.csv\", index=False)'" \
    " (a pickle can run any program: only one that you trust)"
#define RDS "Rscript -e 'write.csv(readRDS(\"%s\"), \"%s.csv\", row.names = FALSE)'"

#define M(at, bytes, what, how) {at, bytes, sizeof bytes - 1, what, how}
static const Magic magics[] = {
    M(0, "LZIP", "packed with lzip" UNPACK, NULL),
    M(0, "\x5D\0\0", "packed with lzma" UNPACK, NULL),
    M(0, "\x1F\x8B", "packed with gzip once more; unpack it once", NULL),
    M(0, "BZh", "packed with bzip2 once more, or damaged; unpack it", NULL),
    M(0, "\xFD" "7zXZ\0", "packed with xz once more; unpack it once", NULL),
    M(0, "PK\3\4", "an archive in an archive; unpack the outer one", NULL),
    M(0, "7z\xBC\xAF\x27\x1C", "a 7z archive; unpack it", NULL),
    M(0, "Rar!\x1A", "a RAR archive; unpack it", NULL),
    M(0, "PAR1", "a Parquet file", PANDAS("parquet")),
    M(0, "ARROW1", "an Arrow file", PANDAS("feather")),
    M(0, "\xFF\xFF\xFF\xFF", "an Arrow stream", ARROW),
    M(0, "FEA1", "a Feather file", PANDAS("feather")),
    M(0, "ORC\n", "an ORC file", PANDAS("orc")),
    M(0, "ORC\x08", "an ORC file", PANDAS("orc")),
    M(0, "Obj\x01", "an Avro file" AS_CSV, NULL),
    M(0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel or Office file (xls)", PANDAS("excel")),
    M(8, "DUCK", "a DuckDB database" AS_CSV ", with COPY", NULL),
    M(4, "Standard Jet DB", "an Access database", "mdb-export \"%s\" TABLE > %s.csv"),
    M(4, "Standard ACE DB", "an Access database", "mdb-export \"%s\" TABLE > %s.csv"),
    M(0, "\x89HDF\r\n\x1A\n", "an HDF5 file", HDF5),
    M(0, "CDF\x01", "a NetCDF file", NETCDF),
    M(0, "CDF\x02", "a NetCDF file", NETCDF),
    M(0, "MATLAB 5.0", "a MATLAB file", MATLAB),
    M(0, "MATLAB 7.3", "a MATLAB file", HDF5),
    M(0, "\x80\x02", "a Python pickle", PICKLE),
    M(0, "\x80\x03", "a Python pickle", PICKLE),
    M(0, "\x80\x04\x95", "a Python pickle", PICKLE),
    M(0, "\x80\x05\x95", "a Python pickle", PICKLE),
    M(0, "RDX2\n", "an R workspace" AS_CSV ", with write.csv", NULL),
    M(0, "RDX3\n", "an R workspace" AS_CSV ", with write.csv", NULL),
    M(0, "X\n\0\0\0", "an R object (rds)", RDS),
    M(0, "$FL2", "an SPSS file", PANDAS("spss")),
    M(0, "$FL3", "an SPSS file", PANDAS("spss")),
    M(0, "ASCII SPSS PORT FILE", "an SPSS file", PANDAS("spss")),
    M(0, "<stata_dta>", "a Stata file", PANDAS("stata")),
    M(0, "\x71\2\1", "a Stata file", PANDAS("stata")),
    M(0, "\x71\1\1", "a Stata file", PANDAS("stata")),
    M(0, "\x72\2\1", "a Stata file", PANDAS("stata")),
    M(0, "\x72\1\1", "a Stata file", PANDAS("stata")),
    M(0, "\x73\2\1", "a Stata file", PANDAS("stata")),
    M(0, "HEADER RECORD*******LIB", "a SAS transport file", PANDAS("sas")),
    M(84, "SAS FILE", "a SAS file", PANDAS("sas")),
    M(0, "%PDF-", "a PDF; export the table as CSV", NULL),
    M(0, "GIF8", "a GIF picture" PICTURES, NULL),
    M(0, "II*\0", "a TIFF picture" PICTURES, NULL),
    M(0, "MM\0*", "a TIFF picture" PICTURES, NULL),
    M(8, "WEBPVP8", "a WebP picture" PICTURES, NULL),
    M(0, "SIMPLE  =", "a FITS file" AS_CSV, NULL),
    M(0, "\x7F" "ELF", "a program", NULL),
    M(0, "version https://git-lfs", "a Git LFS pointer, not the file itself; fetch it with `git lfs pull`",
      NULL),
    M(0, "/annex/objects/", "a git-annex pointer, not the file itself; fetch it with `git annex get`", NULL),
    M(0, "../.git/annex/", "a git-annex link, not the file itself; fetch it with `git annex get`", NULL),
    M(0, ".git/annex/", "a git-annex link, not the file itself; fetch it with `git annex get`", NULL),
};

/* { and a name, or [ and another bracket: no table begins so. */
static bool is_json(const char *at, const char *end)
{
    if (at == end || (*at != '{' && *at != '[')) return false;
    char open = *at++;
    while (at < end && isspace((unsigned char)*at)) at++;
    return at < end && (open == '{' ? *at == '"' || *at == '}' : *at == '{' || *at == '[');
}

/* <table border="1"> and another line, or <head><title>: markup. Columns may be called <DATE>,<OPEN>. */
static bool is_markup(const char *at, const char *end)
{
    if (at == end || *at++ != '<' || at == end) return false;
    if (!isalpha((unsigned char)*at) && *at != '!' && *at != '?') return false;
    while (at < end && *at != '>' && *at != '\n') at++;
    if (at == end || *at++ != '>') return false;
    const char *behind = at;
    while (at < end && (*at == ' ' || *at == '\r')) at++;
    if (at == end || *at == '\n') return true;
    return at == behind && *at == '<';
}

/* A name that means nothing to a shell or to Python; else a word in its place. */
static const char *safe_name(const char *path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+=@,-";
    size_t n = strlen(path);
    return n > 0 && n < 120 && *path != '-' && strspn(path, plain) == n ? path : "FILE";
}

static const char *with_command(const char *path, const char *what, const char *how, Arena *arena)
{
    const char *name = safe_name(path), *dot = strrchr(path_base(name), '.');
    const char *stem = dot && dot > path_base(name) ? arena_copy_n(arena, name, (size_t)(dot - name)) : name;
    Text text = {0};
    text_print(&text, "%s; convert it: ", what);
    const char *first = strstr(how, "%s"), *second = first ? strstr(first + 2, "%s") : NULL;
    if (!second || !stem) return what;
    text_add_n(&text, how, (size_t)(first - how));
    text_add(&text, name);
    text_add_n(&text, first + 2, (size_t)(second - first - 2));
    text_add(&text, stem);
    text_add(&text, second + 2);
    const char *copy = text_ok(&text) ? arena_copy(arena, text.bytes) : NULL;
    text_free(&text);
    return copy ? copy : what;
}

const char *magic_of_members(const char *path, const char *const *names, int n, Arena *arena)
{
    const char *what = NULL;
    for (int i = 0; i < n && !what; i++) {
        if (strncmp(names[i], "xl/", 3) == 0) what = "an Excel spreadsheet (xlsx)";
        if (strcmp(names[i], "content.xml") == 0) what = "an OpenDocument spreadsheet (ods)";
        if (strcmp(names[i],
                   "Index/Document.iwa") == 0) return "a Numbers spreadsheet; export the table as CSV";
        if (strncmp(names[i], "word/", 5) == 0) return "a Word document; export the table as CSV";
    }
    return what ? with_command(path, what, PANDAS("excel"), arena) : NULL;
}

const char *magic_of(const char *path, const char *bytes, size_t n, Arena *arena)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        const Magic *m = &magics[i];
        if (n < m->at + m->n || memcmp(bytes + m->at, m->bytes, m->n) != 0) continue;
        return m->how ? with_command(path, m->what, m->how, arena) : m->what;
    }
    const char *at = bytes, *end = bytes + n;
    if (n >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) at += 3;
    while (at < end && isspace((unsigned char)*at)) at++;
    if (is_json(at, end))
        return "JSON, but no objects that are a row each; make those of it, such as with pandas'"
            " to_json(orient=\"records\","
               " lines=True)";
    static const struct {
        const char *begins, *what;
    } tags[] = {
        {"<!doctype html", "an HTML page, perhaps of an error or a login; download the file itself"},
        {"<html", "an HTML page, perhaps of an error or a login; download the file itself"},
        {"<?xml", "XML" AS_CSV},
        {"<!doctype", "XML or HTML" AS_CSV},
    };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        size_t length = strlen(tags[i].begins);
        if ((size_t)(end - at) >= length && strncasecmp(at, tags[i].begins, length) == 0) return tags[i].what;
    }
    if (is_markup(at, end)) return "HTML or XML" AS_CSV ", or download the file itself";
    return NULL;
}
