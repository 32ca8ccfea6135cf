/* data/table.h - rows as they came: columns, or pictures, and for each row what is to be predicted.
 *
 * A Table is what every reader produces and preprocessing consumes. Tabular data keeps its
 * columns apart and typed; images keep their bytes (n_rows, height * width * channels): grey levels, or red,
 * green and blue side by side (data/pixels.h).
 * Nothing is scaled or encoded here, and missing stays missing.
 *
 * Shapes   N = n_rows, D = n_columns.
 * Classes  are numbered 0..n_classes-1. A table read for training numbers them in natural order:
 *          numerically when all are numbers, else in the order an ARFF header declares, else
 *          alphabetically. A table read against a Schema takes the schema's numbering.
 * Targets  of other tasks (data/task.h) are numbers, (N, T): quantities as they are, answers as 0 and 1, NaN
 *          where unknown. A table has either labels or targets.
 * Memory   everything lives in the arena given to the reader (data/read.h).
 */
#ifndef CONSORT_DATA_TABLE_H
#define CONSORT_DATA_TABLE_H
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/names.h"
#include "data/decimals.h"
#include "data/dressed.h"
#include "data/pixels.h"
#include "data/task.h"

#define COLUMN_KIND_LIST(X)                                                          \
    X(COLUMN_NUMERIC, "numeric") X(COLUMN_NOMINAL, "nominal") X(COLUMN_DATE, "date") \
    X(COLUMN_FREE_TEXT, "text") X(COLUMN_ORDERED, "ordered")
typedef enum { COLUMN_KIND_LIST(LIST_ID) } ColumnKind;
extern const char *const column_kind_names[];

typedef struct {
    const char *name;
    ColumnKind kind;
    double *number;      /* NUMERIC: (N), NaN = missing; DATE: seconds since 1970; or NULL and */
    int32_t *decimal;    /*          (N), whole numbers of one unit (data/decimals.h): column_number() */
    double unit;
    int32_t *code;       /* NOMINAL, TEXT, ORDERED: (N), index into levels, -1 = missing */
    int n_levels;
    const char **levels; /* distinct values, in the order first declared or seen; ORDERED: from low to high.
                            A schema keeps none of a TEXT */
    int n_missing;
    const char *format;  /* DATE: how its cells are written (data/dates.h) */
    NumberStyle style;   /* NUMERIC: how its cells are written */
    int place;           /* its field in the records of its file, from 0 */
} Column;

/* Does a column hold codes of words, or numbers? */
static inline bool column_has_words(ColumnKind kind)
{
    return kind == COLUMN_NOMINAL || kind == COLUMN_FREE_TEXT || kind == COLUMN_ORDERED;
}

/* Of a NUMERIC column, or a DATE. */
static inline double column_number(const Column *column, int row)
{
    return column->number ? column->number[row] : decimal_number(column->decimal[row], column->unit);
}

/* Columns that say something of the rows and are no features unless `features` lists them: who belongs
 * together, what came when, which part a row is in, and what it counts for. Their options in `data` have these
 * names. */
#define ROW_KEY_LIST(X)                                                                                      \
    X(ROW_GROUP, "groups") X(ROW_ORDER, "order") X(ROW_PART, "split_column") X(ROW_WEIGHT, "weight")
typedef enum { ROW_KEY_LIST(LIST_ID) ROW_KEYS } TableKey;
extern const char *const row_key_names[];

/* Where the names of columns are from. A model file from before this was kept does not say. */
typedef enum { NAMES_UNSAID, NAMES_OF_FILE, NAMES_BY_PLACE } NameOrigin;

/* How a file of separated values lies: what separates its fields, and what stands above its rows. */
typedef struct {
    int width;           /* fields of a record; 0: it was no such file, or nobody said */
    int label;           /* which of them is the label, from 0; -1: none */
    char delimiter;
    int skip, titles;    /* lines that the options left out; records above the table that were found out */
    const char *comment; /* lines that begin so are left out; NULL: none */
    bool skipped_rows;   /* some of those of `skip` had the fields of a row */
    bool empty_titles;   /* some of the records above the table were fields without anything */
    bool names_in_row;   /* it had no header, and words like column_3 in its first row */
} Layout;

/* What the cells of a file mean, besides their columns, and how it lay. A model keeps it: new rows are read as
 * those that it learned from. */
typedef struct {
    int n_missing;              /* words that mean missing; 0: nobody said */
    const char *const *missing;
    bool decimal_comma;         /* some numbers were written as 3,14 */
    NameOrigin names;           /* BY_PLACE: the file had no header; column_3 is the third */
    Layout layout;
    PictureFit fit;             /* files of pictures: how they were made one size (data/pictures.h) */
    PictureGround ground;
} ReadRules;
/* The words that mean missing to a model that names none: not to be changed once released. NULL at the end. */
extern const char *const missing_unsaid[];
enum { N_MISSING_UNSAID = 12 };
/* The place from 0 of a column that is named by it, "column_7" -> 6; any other name -1. */
int column_place(const char *name);

typedef struct {
    int n_rows, n_columns;
    Column *columns;        /* features only; NULL for images */
    const uint8_t *pixels;  /* images: (N, height, width, channels), else NULL */
    int height, width;      /* 0 for tables */
    int channels;           /* 1 grey, 3 colour; 0 means 1 */
    const char *label_name; /* NULL when the data have no label */
    Task task;              /* CLASSES unless it was found or said to be another */
    int32_t *labels;        /* (N) in [0, n_classes), -1 = unknown; NULL without a label, or with targets */
    double *targets;        /* (N, n_targets); NULL: none */
    int n_classes;
    const char **classes;
    const char **notes; /* what the reader decided and a user would want to know */
    int n_notes;
    ReadRules rules;
    char fingerprint[65]; /* SHA-256 of the content as read: names, types, cells, labels */
    const int32_t *source; /* (N) which row of data of its file, from 1; NULL: row i is the i + 1st */
    const Column *id;      /* (N) a column that tells rows apart and was dropped as that; NULL: none */
    const Column *key[ROW_KEYS]; /* (N) NULL: none */
    const double *weight;  /* (N) what each row counts for, finite, >= 0, not all 0; NULL: all the same */
    const double *soft;    /* (N, table_soft_width) what a teacher says (data/reader_soft.c); NULL: none */
} Table;

/* The row of data in the file that a row was read from: from 1, a header not counted. */
static inline int table_source(const Table *table, int row)
{
    return table->source ? table->source[row] : row + 1;
}
/* Is it known what row i is? Of several targets one is enough. */
bool table_known(const Table *table, int row);
/* Are there rows of which it can be known? */
static inline bool table_has_label(const Table *table) { return table->labels || table->targets; }
/* Values of a prediction of such rows, and outputs of a network for them. */
static inline int table_values(const Table *table) { return task_values(&table->task, table->n_classes); }
static inline int table_outputs(const Table *table) { return task_outputs(&table->task, table->n_classes); }
/* What a teacher says of a row: K probabilities of classes, or T targets; all NaN where it says nothing. */
static inline int table_soft_width(const Table *table)
{
    return table->targets ? table->task.n_targets : table->n_classes;
}
/* That of these rows (NULL: of the first n), in the arena; NULL: no memory. */
double *table_soft(const Table *table, const int32_t *rows, int n, Arena *arena);
/* A class for each row by which parts of the rows can be made alike, *n of them, -1 where nothing is known: the
 * labels themselves; of one quantity tenths of the rows by its size; else all alike. */
bool table_strata(const Table *table, Arena *arena, const int32_t **strata, int *n, Error *err);
/* What stands in a cell, as text; "" where it is missing. NULL: no memory. */
const char *column_cell(const Column *column, int row, Arena *arena);

/* What a model expects of a row: the raw columns, how they are read, and what it predicts. */
typedef struct {
    int n_columns;
    const Column *columns; /* name, kind, levels; no data */
    int height, width, channels;
    const char *label_name; /* may be NULL; of several targets the first */
    Task task;
    int n_classes;
    const char **classes;
    ReadRules rules;
} Schema;
Schema table_schema(const Table *table); /* borrows the table's names */

/* Sets `fingerprint`: the SHA-256 of columns, images and labels. */
void table_fingerprint(Table *table);
/* An index: without a name, or called `rownames` or the like, and its numbers only count the rows, whatever
 * their order now: from 0 or 1, of a table of which these may be a part, or one by one from anywhere. */
bool table_column_counts(const Column *column, int n_rows);
/* Columns of nearly distinct values, constant ones and row counters say nothing: an identifier is a nominal
 * column with more distinct values than half the rows. Removes them and says so in notes; the first that tells
 * rows apart stays as `id`. */
void table_drop_useless(Table *table, Arena *arena);
/* A table of some of the rows, in the order given. */
bool table_rows(const Table *table, const int32_t *rows, int n, Arena *arena, Table **out,
                Error *err);
#endif
