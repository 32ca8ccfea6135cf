/* data/table.h - rows as they came: columns, or pictures, and a class for each row.
 *
 * A Table is what every reader produces and preprocessing consumes. Tabular data keeps its
 * columns apart and typed; images keep their bytes (n_rows, height * width), one grey level each.
 * Nothing is scaled or encoded here, and missing stays missing.
 *
 * Shapes   N = n_rows, D = n_columns.
 * Classes  are numbered 0..n_classes-1. A table read for training numbers them in natural order:
 *          numerically when all are numbers, else in the order an ARFF header declares, else
 *          alphabetically. A table read against a Schema takes the schema's numbering.
 * Memory   everything lives in the arena given to the reader.
 */
#ifndef CONSORT_DATA_TABLE_H
#define CONSORT_DATA_TABLE_H
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/field.h"

typedef enum { COLUMN_NUMERIC, COLUMN_NOMINAL } ColumnKind;
extern const char *const column_kind_names[]; /* "numeric", "nominal", NULL */

typedef struct {
    const char *name;
    ColumnKind kind;
    double *number;      /* NUMERIC: (N), NaN = missing */
    int32_t *code;       /* NOMINAL: (N), index into levels, -1 = missing */
    int n_levels;
    const char **levels; /* distinct values, in the order first declared or seen */
    int n_missing;
} Column;

typedef struct {
    int n_rows, n_columns;
    Column *columns;        /* features only; NULL for images */
    const uint8_t *pixels;  /* images: (N, height * width), else NULL */
    int height, width;      /* 0 for tables */
    const char *label_name; /* NULL when the data have no label */
    int32_t *labels;        /* (N) in [0, n_classes), -1 = unknown; NULL without a label */
    int n_classes;
    const char **classes;
    const char **notes; /* what the reader decided and a user would want to know */
    int n_notes;
    char fingerprint[65]; /* SHA-256 of the content as read: names, types, cells, labels */
} Table;

/* The `data` section of a configuration, and how any file is to be read. */
typedef enum { FORMAT_AUTO, FORMAT_CSV, FORMAT_ARFF, FORMAT_IDX, FORMAT_DIGITS } DataFormat;
typedef enum { HEADER_AUTO, HEADER_YES, HEADER_NO } HeaderMode;
extern const char *const data_format_names[];
extern const char *const header_mode_names[];

typedef struct {
    const char *images, *labels; /* IDX pair; a table has only `images`, its one path. Without
                                    `labels`, a file ...labels... beside ...images... is taken.
                                    FORMAT_DIGITS: NULL or "train", or "test" for part 1 */
} DataFile;

typedef struct {
    int format;             /* DataFormat; auto goes by content, then by name */
    const char *dir;        /* in front of relative paths; NULL: the configuration's folder */
    int header;             /* HeaderMode (CSV) */
    const char *delimiter;  /* CSV: one character, "tab", or "auto" */
    const char *label;      /* name, position from 1 (-1: the last, the default), or "none" */
    TextList features;      /* only these columns; empty: all */
    TextList drop;          /* not these */
    TextList numeric, nominal; /* declared types; the rest is inferred */
    TextList missing_tokens;   /* cells that mean missing: "", "?", "NA", ... */
    int rows, test_rows;       /* FORMAT_DIGITS: how many to generate */
    int digits_seed;           /* FORMAT_DIGITS */
    double digits_noise;       /* FORMAT_DIGITS: difficulty, 1 is the default */
} ReadOptions;
extern const FieldTable read_fields; /* of ReadOptions; part of the `data` section */

/* What a model expects of a row: the raw columns and the classes. */
typedef struct {
    int n_columns;
    const Column *columns; /* name, kind, levels; no data */
    int height, width;
    const char *label_name; /* may be NULL */
    int n_classes;
    const char **classes;
} Schema;
Schema table_schema(const Table *table); /* borrows the table's names */

/* Reads a file. With a `schema`, columns are matched to it by name where both have names (any
 * order, extra columns ignored, a missing one is an error that names it) and by position
 * otherwise, typed as it says, and labels numbered as it says; a class it does not know is
 * ERR_DATA with the row, after trying without a trailing dot ("<=50K." in adult-test.csv). A
 * label column need not be there. */
bool table_read(const DataFile *file, const ReadOptions *options, const Schema *schema,
                Arena *arena, Table **out, Error *err);
/* The synthetic digits: 28 x 28, ten classes, `n` rows, the same for the same seed. `part` 0 is
 * training, 1 test: disjoint streams. */
bool table_synth_digits(int n, uint64_t seed, int part, double noise, Arena *arena, Table **out,
                        Error *err);
/* Columns of nearly distinct values and constant columns say nothing: an identifier is a nominal
 * column with more distinct values than half the rows. Removes both and says so in notes. */
void table_drop_useless(Table *table, Arena *arena);
/* A table of some of the rows, in the order given. */
bool table_rows(const Table *table, const int32_t *rows, int n, Arena *arena, Table **out,
                Error *err);
#endif
