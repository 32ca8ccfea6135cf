/* data/reader.h - what the readers of the single formats share; data/read.c chooses among them.
 *
 * A text format (CSV, ARFF) is read in three steps. The reader finds the column names and calls
 * reading_plan(), which decides from the options or the schema what each column is for. It then
 * settles the types (inferred or declared), calls reading_start() with the number of rows, and
 * hands over every cell with reading_cell(), but for columns that it has `stored` itself on the way
 * (data/csv_survey.h). reading_finish() turns that into a Table: classes
 * numbered, rows without a class dropped, columns in order. So everything that does not depend on
 * a file's grammar is written once.
 *
 * Columns of text are sets of levels (base/set.h): each distinct text has a number, in order of first
 * appearance (or declaration), found by hashing.
 *
 * Memory   the Reading's arena, for all that outlives the call.
 * Errors   ERR_DATA "file:line: ..." for the file, ERR_CONFIG for options that do not fit it.
 */
#ifndef CONSORT_DATA_READER_H
#define CONSORT_DATA_READER_H
#include <stddef.h>

#include "base/file.h"
#include "base/pieces.h"
#include "base/set.h"
#include "base/text.h"
#include "data/read_options.h"
#include "data/table.h"

/* KEPT: beside the features, for what it says of the rows (TableKey). */
typedef enum { ROLE_IGNORED, ROLE_FEATURE, ROLE_LABEL, ROLE_KEPT } ColumnRole;

typedef struct {
    const char *name;
    ColumnRole role;
    ColumnKind kind;
    bool fixed;       /* the kind is settled by options, schema or the file */
    bool said;        /* ... by options */
    unsigned keys;    /* 1 << TableKey: it is also that of the rows, whatever its role */
    bool taught;      /* a teacher speaks in it (data/reader_soft.c): it is kept, and no feature */
    bool declared;    /* the levels come from an ARFF header, in its order */
    NumberStyle style; /* how its numbers are written */
    ColumnKind becomes; /* DATE, TEXT, ORDERED: what its words are made at the end (reading_settle) */
    const char *format; /* of a DATE, once it is known */
    int position;     /* place among the features of the result */
    TextSet levels;   /* of a nominal column; with a schema, the label's are the known classes */
    double *number;
    int32_t *decimal; /* or these, of this unit */
    double unit;
    int32_t *code;
    bool stored;      /* its cells are all there: reading_cell() is not asked for it any more */
    int n_missing, n_infinite;
    int n_known, n_unknown; /* with a schema: its levels, and the cells with none of them ... */
    long unknown_line;      /* ... of which the first stands here */
    int n_refused;          /* with a schema: cells that are no date or level, and so missing ... */
    const char *refused;    /* ... of which the first is this */
} RawColumn;

typedef struct {
    const char *path;   /* for messages */
    const char *labels; /* the file of their labels, where the format may have one, or NULL */
    const char *member; /* what of an archive is meant, or NULL */
    bool in_file;       /* `path` can be opened, and what is read is not packed */
    bool own_text;      /* file_read()'s: what has been read may be given back */
    Pieces *pieces;     /* or a large file is read by and by, what stands at `bytes` being one of these (CSV) */
    const ReadOptions *options;
    const Schema *schema; /* or NULL */
    Arena *arena;
    ReadRules rules; /* the schema's, or what the options say: reading_rules */
    bool may_be_missing[256]; /* by a cell's first byte (0: an empty cell) */
    double *missing_number;   /* the numbers among the words that mean missing */
    int n_missing_numbers;
    bool decimal_comma; /* as well as a point */
    int n_rows, n_columns;
    RawColumn *columns;
    int label; /* its column, -1: none; of several the first */
    int n_labels, *label_columns; /* all of them; with a schema of targets the column of each, -1: not there */
    bool mirror; /* the numeric features are the targets, too */
    bool keyed;  /* each cell comes with its column's name, so that no line is one of names */
    int32_t *source; /* once rows were left out: which row of data each of the others is, from 1 */
    struct Carried *carried; /* a column that goes along as it is written; NULL: none */
    bool part;       /* of a text that comes in blocks: what cells are is not noted, data/blocks.c sums it up */
    long first_line; /* of such a block, less 1 */
    const char **notes;
    int n_notes, note_capacity;
} Reading;

/* The cells of one column as they are written, whatever else becomes of it: an id beside a model's columns. */
typedef struct Carried {
    const char *name;  /* of typed cells, whose columns differ from block to block; else */
    int column;        /* ... its place */
    Text bytes;        /* each cell, and a zero */
    int n;
    bool broken;       /* memory ran out */
} Carried;
void carried_add(Carried *carried, const char *text, size_t n);

/* What stands before an option's name in a message: "data.", or "--". */
const char *reading_said_as(const Reading *reading);
/* Settles which words mean missing: with a schema its own. */
bool reading_rules(Reading *reading, Error *err);
/* Adds a note. A note that finds no memory is left out. */
void reading_note(Reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* `names` is NULL for a file without names: then columns are called column_1, column_2, ... */
bool reading_plan(Reading *reading, const char **names, int n, Error *err);
/* Room for the cells. Kinds must be settled. */
bool reading_start(Reading *reading, int n_rows, Error *err);
bool reading_cell(Reading *reading, int row, int column, const char *text, size_t n, bool missing,
                  long line, Error *err);
bool reading_finish(Reading *reading, Table **out, Error *err);
/* What data.columns says of the columns: roles, and kinds (reader_columns.c). */
bool reading_columns_roles(Reading *reading, Error *err);
bool reading_columns_kinds(Reading *reading, Error *err);
/* Words become dates, texts and ordered levels, declared or found (reader_settle.c). Labels stay. */
bool reading_settle(Reading *reading, Error *err);
/* What data.soft_labels says (reader_soft.c): columns kept from the features; when the classes are known, what
 * stands in them. */
bool reading_soft_roles(Reading *reading, Error *err);
bool reading_soft(Reading *reading, Table *table, Error *err);
/* A column by name, or by position from 1 (or from -1, the last); -1: there is none (reader_find.c). */
int reading_column(const Reading *reading, const char *word);
bool reading_whole(const char *word, long *out);
/* The columns' names, NULL at the end, or NULL without memory. */
const char **reading_names(const Reading *reading);
/* Says that there is no such column. Always false. */
bool reading_no_column(const Reading *reading, const char *option, const char *word, Error *err);
bool reading_is_missing(const Reading *reading, const char *text, size_t n);
/* The same for a number, however it was written: -999 is listed, -999.0 stands there. */
bool reading_is_missing_number(const Reading *reading, double value);

/* A decimal number as people write it in tables; "inf" gives infinity, "nan" gives nan. */
bool reading_number(const char *text, size_t n, bool decimal_comma, double *out);
/* The same, but slower where decimal_of() knows the number. */
bool reading_long_number(const char *text, size_t n, bool decimal_comma, double *out);
/* The same for a cell of a column with a style. */
bool reading_styled(const char *text, size_t n, NumberStyle style, double *out);
/* reader_target.c: the label columns become the table's labels or targets; without a schema rows of which
 * nothing is known are left out. */
bool reading_targets(Reading *reading, Table *table, Error *err);
/* And where they are the features themselves, from the columns of `table`. */
bool reading_mirror(Reading *reading, Table *table, Error *err);
/* Words of classes, so many rows of each (NULL: not known), that are numbers too fine, too many or too rare for
 * names of classes. */
bool classes_are_quantity(const char *const *classes, const int *rows, int n);
/* Are the schema's names places, since the training file had no header? */
bool schema_by_place(const Schema *schema);
/* Can records of `n` fields without names be rows of a model with names? */
bool schema_takes_fields(const Schema *schema, int n);
/* A bare number, or one with currency, percent or thousands: what a quantity looks like, of whatever column. */
bool reading_any_number(const char *text, size_t n, double *out);
/* The number of a class by its text, -1 if the schema has no such class. Also tries the text
 * without a trailing dot, and as a number (1.0 is class 1). */
int schema_class(const Schema *schema, const TextSet *known, const char *text, size_t n);
/* Cells have no blanks or line ends at either end, in training, prediction and exported models alike,
 * whether they were quoted or not. */
void reading_trim(const char **text, size_t *n);
/* "a, b, c, ..." for a message. */
const char *names_list(Arena *arena, const char *const *names, int n);
/* Makes of the bytes what readers take, UTF-8 without zero bytes (read.c). `known`: some format has recognized
 * them. */
bool reading_make_text(Reading *reading, Bytes *bytes, bool known, Error *err);
/* Of the byte order mark, or 0. */
size_t reading_mark(const char *bytes, size_t n);
/* Which format some bytes are of, by what they look like and by the name; FORMAT_CSV if by nothing. */
int reading_detect(const char *path, const char *bytes, size_t n, const Schema *schema);
/* A piece of a file in a message: cut at 40 bytes, without control characters. `out` 48 bytes. */
const char *cell_quote(const char *text, size_t n, char *out);

/* The formats. `bytes` are the file's, already unpacked; of text, UTF-8 and without byte order mark. */
bool read_csv(Reading *reading, const char *bytes, size_t n, Table **out, Error *err);
bool read_arff(Reading *reading, const char *bytes, size_t n, Table **out, Error *err);
bool read_ndjson(Reading *reading, const char *bytes, size_t n, Table **out, Error *err);
bool read_libsvm(Reading *reading, const char *bytes, size_t n, Table **out, Error *err);
bool read_npy(Reading *reading, const char *bytes, size_t n, Table **out, Error *err);
bool read_npz(Reading *reading, const char *bytes, size_t n, Table **out, Error *err);
bool read_sqlite(Reading *reading, const char *bytes, size_t n, Table **out, Error *err);
bool read_idx(Reading *reading, const char *bytes, size_t n, Table **out, Error *err);
/* The rows of a query on the database `file`; `sql` NULL: of its only table. */
bool read_query(Reading *reading, const char *file, const char *sql, Table **out, Error *err);
bool read_cifar(Reading *reading, const char *bytes, size_t n, Table **out, Error *err);
bool cifar_looks_like(const char *bytes, size_t n);
bool read_picture(Reading *reading, const char *bytes, size_t n, Table **out, Error *err);
/* The same, of a folder: by class, or with the names and labels of reading->labels. */
bool read_folder(Reading *reading, Table **out, Error *err);
bool arff_looks_like(const char *bytes, size_t n);
bool ndjson_looks_like(const char *bytes, size_t n);
bool libsvm_looks_like(const char *bytes, size_t n);
bool npy_looks_like(const char *bytes, size_t n);
bool npz_looks_like(const char *bytes, size_t n);
bool sqlite_looks_like(const char *bytes, size_t n);
bool idx_looks_like(const char *bytes, size_t n);
#endif
