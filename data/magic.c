/* data/magic.c - tells what a file is that is no table of text, by its first bytes. */
#include "data/magic.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define UNPACK "; unpack it, or pack it with gzip"
#define AS_CSV "; write the table as CSV"
#define PICTURES "; pictures are read as PNG, JPEG, PNM, CIFAR or IDX; save it as PNG"

typedef struct {
    size_t at;
    const char *bytes;
    size_t n;
    const char *what;
} Magic;

#define M(at, bytes, what) {at, bytes, sizeof bytes - 1, what}
static const Magic magics[] = {
    M(0, "PK\3\4", "a zip archive or a spreadsheet; export the table as CSV"),
    M(0, "\xFD" "7zXZ\0", "packed with xz" UNPACK),
    M(0, "BZh", "packed with bzip2" UNPACK),
    M(0, "\x28\xB5\x2F\xFD", "packed with zstd" UNPACK),
    M(0, "\x04\x22\x4D\x18", "packed with lz4" UNPACK),
    M(0, "LZIP", "packed with lzip" UNPACK),
    M(0, "\x1F\x9D", "packed with compress" UNPACK),
    M(0, "\x5D\0\0", "packed with lzma" UNPACK),
    M(0, "\x1F\x8B", "packed with gzip twice; unpack it once"),
    M(0, "PK\5\6", "an empty zip archive"),
    M(0, "7z\xBC\xAF\x27\x1C", "a 7z archive; unpack it"),
    M(0, "Rar!\x1A", "a RAR archive; unpack it"),
    M(257, "ustar", "a tar archive; unpack it"),
    M(0, "PAR1", "a Parquet file" AS_CSV),
    M(0, "ARROW1", "an Arrow file" AS_CSV),
    M(0, "\xFF\xFF\xFF\xFF", "an Arrow stream" AS_CSV),
    M(0, "FEA1", "a Feather file" AS_CSV),
    M(0, "ORC\n", "an ORC file" AS_CSV),
    M(0, "ORC\x08", "an ORC file" AS_CSV),
    M(0, "Obj\x01", "an Avro file" AS_CSV),
    M(0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel or Office file (xls); export the table as CSV"),
    M(0, "SQLite format 3\0", "an SQLite database; export the table as CSV (sqlite3 -header -csv)"),
    M(8, "DUCK", "a DuckDB database" AS_CSV ", with COPY"),
    M(4, "Standard Jet DB", "an Access database" AS_CSV),
    M(4, "Standard ACE DB", "an Access database" AS_CSV),
    M(0, "\x89HDF\r\n\x1A\n", "an HDF5 file" AS_CSV),
    M(0, "CDF\x01", "a NetCDF file" AS_CSV),
    M(0, "CDF\x02", "a NetCDF file" AS_CSV),
    M(0, "\x93NUMPY", "a NumPy array" AS_CSV ", such as with numpy.savetxt"),
    M(0, "MATLAB 5.0", "a MATLAB file" AS_CSV),
    M(0, "\x80\x02", "a Python pickle" AS_CSV),
    M(0, "\x80\x03", "a Python pickle" AS_CSV),
    M(0, "\x80\x04\x95", "a Python pickle" AS_CSV),
    M(0, "\x80\x05\x95", "a Python pickle" AS_CSV),
    M(0, "RDX2\n", "an R workspace" AS_CSV ", with write.csv"),
    M(0, "RDX3\n", "an R workspace" AS_CSV ", with write.csv"),
    M(0, "X\n\0\0\0", "an R object (rds)" AS_CSV ", with write.csv"),
    M(0, "$FL2", "an SPSS file" AS_CSV),
    M(0, "$FL3", "an SPSS file" AS_CSV),
    M(0, "ASCII SPSS PORT FILE", "an SPSS file" AS_CSV),
    M(0, "<stata_dta>", "a Stata file" AS_CSV),
    M(0, "\x71\2\1", "a Stata file" AS_CSV),
    M(0, "\x71\1\1", "a Stata file" AS_CSV),
    M(0, "\x72\2\1", "a Stata file" AS_CSV),
    M(0, "\x72\1\1", "a Stata file" AS_CSV),
    M(0, "\x73\2\1", "a Stata file" AS_CSV),
    M(0, "HEADER RECORD*******LIB", "a SAS transport file" AS_CSV),
    M(84, "SAS FILE", "a SAS file" AS_CSV),
    M(0, "%PDF-", "a PDF; export the table as CSV"),
    M(0, "GIF8", "a GIF picture" PICTURES),
    M(0, "II*\0", "a TIFF picture" PICTURES),
    M(0, "MM\0*", "a TIFF picture" PICTURES),
    M(8, "WEBPVP8", "a WebP picture" PICTURES),
    M(0, "SIMPLE  =", "a FITS file" AS_CSV),
    M(0, "\x7F" "ELF", "a program"),
    M(0, "version https://git-lfs", "a Git LFS pointer, not the file itself; fetch it with `git lfs pull`"),
    M(0, "/annex/objects/", "a git-annex pointer, not the file itself; fetch it with `git annex get`"),
    M(0, "../.git/annex/", "a git-annex link, not the file itself; fetch it with `git annex get`"),
    M(0, ".git/annex/", "a git-annex link, not the file itself; fetch it with `git annex get`"),
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

/* A class, then pairs of a place and a number: 1 1:0.5 7:2 */
static bool is_libsvm(const char *at, const char *end)
{
    static const char number[] = "+-.0123456789eE";
    int pairs = 0;
    long before = -1;
    const char *from = at;
    while (at < end && *at && strchr(number, *at)) at++;
    if (at == from) return false;
    for (; at < end && *at == ' '; pairs++) {
        while (at < end && *at == ' ') at++;
        if (at == end || *at == '\n' || *at == '\r') break;
        long place = -1;
        for (; at < end && isdigit((unsigned char)*at) && place < 1L << 40; at++)
            place = 10 * (place < 0 ? 0 : place) + (*at - '0');
        if (place <= before || at == end || *at++ != ':') return false;
        before = place;
        const char *value = at;
        while (at < end && *at && strchr(number, *at)) at++;
        if (at == value) return false;
    }
    return pairs > 1 && (at == end || *at == '\n' || *at == '\r');
}

const char *magic_of(const char *bytes, size_t n)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        const Magic *m = &magics[i];
        if (n >= m->at + m->n && memcmp(bytes + m->at, m->bytes, m->n) == 0) return m->what;
    }
    const char *at = bytes, *end = bytes + n;
    if (n >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) at += 3;
    while (at < end && isspace((unsigned char)*at)) at++;
    if (is_json(at, end)) return "JSON" AS_CSV ", such as with pandas' to_csv";
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
    if (is_libsvm(at, end)) return "LIBSVM's sparse rows" AS_CSV;
    return NULL;
}
