/* data/magic.c - tells what a file is that is no table of text, by its first bytes. */
#include "data/magic.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define UNPACK "; unpack it, or pack it with gzip"
#define AS_CSV "; write the table as CSV"
#define PICTURES "; pictures are read from IDX files"

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
    M(0, "7z\xBC\xAF\x27\x1C", "a 7z archive; unpack it"),
    M(0, "Rar!\x1A", "a RAR archive; unpack it"),
    M(257, "ustar", "a tar archive; unpack it"),
    M(0, "PAR1", "a Parquet file" AS_CSV),
    M(0, "ARROW1", "an Arrow file" AS_CSV),
    M(0, "FEA1", "a Feather file" AS_CSV),
    M(0, "ORC\n", "an ORC file" AS_CSV),
    M(0, "ORC\x08", "an ORC file" AS_CSV),
    M(0, "Obj\x01", "an Avro file" AS_CSV),
    M(0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel or Office file (xls); export the table as CSV"),
    M(0, "SQLite format 3\0", "an SQLite database; export the table as CSV (sqlite3 -header -csv)"),
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
    M(0, "<stata_dta>", "a Stata file" AS_CSV),
    M(84, "SAS FILE", "a SAS file" AS_CSV),
    M(0, "%PDF-", "a PDF; export the table as CSV"),
    M(0, "\x89PNG", "a PNG picture" PICTURES),
    M(0, "\xFF\xD8\xFF", "a JPEG picture" PICTURES),
    M(0, "GIF8", "a GIF picture" PICTURES),
    M(0, "\x7F" "ELF", "a program"),
    M(0, "version https://git-lfs", "a Git LFS pointer, not the file itself; fetch it with `git lfs pull`"),
};

/* { and a name, or [ and another bracket: no table begins so. */
static bool is_json(const char *at, const char *end)
{
    if (at == end || (*at != '{' && *at != '[')) return false;
    char open = *at++;
    while (at < end && isspace((unsigned char)*at)) at++;
    return at < end && (open == '{' ? *at == '"' || *at == '}' : *at == '{' || *at == '[');
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
    return NULL;
}
