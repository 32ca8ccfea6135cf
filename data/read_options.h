/* data/read_options.h - the options of the `data` section that say how files of rows are read, and the
 * formats.
 *
 * A format is one row of FORMAT_LIST: its name in configurations; how its files end, however they are packed
 * (base/packed.h); what knows it by its first bytes; what reads it; whether its bytes go to the reader as
 * they are, and not as text, and then labels may be a file of their own; what writes it, for `data convert`;
 * what it is, for people. data/read.c and export/write.c make their tables of these rows, and alone know the
 * functions. A new format is a row here, a file read_NAME.c, and its functions in data/reader.h.
 */
#ifndef CONSORT_DATA_READ_OPTIONS_H
#define CONSORT_DATA_READ_OPTIONS_H
#include "base/field.h"
#include "data/pixels.h"
#include "data/task.h"

#define FORMAT_LIST(X) /* id, name, endings, known by, read by, as bytes, written by, what it is */         \
    X(FORMAT_AUTO, "auto", NULL, NULL, NULL, false, NULL, "by content, then by name")                       \
    X(FORMAT_CSV, "csv", ".csv .tsv .tab .data .dat", NULL, read_csv, false, write_csv, "separated values") \
    X(FORMAT_ARFF, "arff", ".arff", arff_looks_like, read_arff, false, write_arff, "Weka's tables")         \
    X(FORMAT_NDJSON, "ndjson", ".ndjson .jsonl", ndjson_looks_like, read_ndjson, false, write_ndjson,       \
      "JSON objects, a row each")                                                                           \
    X(FORMAT_LIBSVM, "libsvm", ".libsvm .svmlight .svm", libsvm_looks_like, read_libsvm, false,             \
      write_libsvm, "sparse rows of numbers")                                                               \
    X(FORMAT_NPY, "npy", ".npy", npy_looks_like, read_npy, true, write_npy, "a NumPy array")                \
    X(FORMAT_NPZ, "npz", ".npz", npz_looks_like, read_npz, true, write_npz, "several NumPy arrays")         \
    X(FORMAT_SQLITE, "sqlite", ".sqlite .sqlite3", sqlite_looks_like, read_sqlite, true, NULL,              \
      "a table or a query: sqlite:FILE?SELECT ...")                                                         \
    X(FORMAT_IDX, "idx", "-ubyte .idx", idx_looks_like, read_idx, true, write_idx, "MNIST's pictures")      \
    X(FORMAT_PICTURES, "pictures", NULL, picture_looks_like, read_picture, true, NULL,                      \
      "PNG, JPEG and PNM, a file or a folder of them")                                                      \
    X(FORMAT_CIFAR, "cifar", NULL, cifar_looks_like, read_cifar, true, NULL, "CIFAR's binary pictures")     \
    X(FORMAT_DIGITS, "digits", NULL, NULL, NULL, true, NULL, "pictures made on the spot")
typedef enum { FORMAT_LIST(LIST_ID) FORMAT_COUNT } DataFormat;
extern const char *const data_format_names[], *const data_format_helps[]; /* helps: what each is */

#define TASK_CHOICE_LIST(X) X(TASK_AUTO, "auto") TASK_LIST(X)
enum { TASK_AUTO }; /* the index of a task is one more than its TaskKind */
extern const char *const task_choice_names[];

#define HEADER_MODE_LIST(X) X(HEADER_AUTO, "auto") X(HEADER_YES, "true") X(HEADER_NO, "false")
typedef enum { HEADER_MODE_LIST(LIST_ID) } HeaderMode;
extern const char *const header_mode_names[];
#define DECIMAL_LIST(X) X(DECIMAL_AUTO, "auto") X(DECIMAL_POINT, ".") X(DECIMAL_COMMA, ",")
typedef enum { DECIMAL_LIST(LIST_ID) } DecimalMode;
extern const char *const decimal_mode_names[];

#define COLOUR_LIST(X) X(COLOUR_AUTO, "auto") X(COLOUR_GREY, "grey") X(COLOUR_RGB, "rgb")
typedef enum { COLOUR_LIST(LIST_ID) } ColourMode;
extern const char *const colour_names[];

/* Of files of pictures (data/pictures.h). */
typedef struct {
    int width, height;  /* 0: found out */
    int colour;         /* ColourMode */
    int fit;            /* PictureFit */
    int background;     /* PictureGround */
    const char *column; /* of a list of names: the one with the files; NULL: found out */
} PictureOptions;
extern const FieldTable picture_fields;

typedef struct {
    const char *images, *labels; /* IDX pair; a table has only `images`, its one path. Without
                                    `labels`, a file ...labels... beside ...images... is taken.
                                    A folder of pictures, and the CSV of their names and labels.
                                    FORMAT_DIGITS: NULL or "train", or "test" for part 1 */
} DataFile;

struct GivenRows;
typedef struct {
    int format;             /* DataFormat; auto goes by content, then by name */
    const char *dir;        /* in front of relative paths; NULL: the configuration's folder */
    int header;             /* HeaderMode (CSV) */
    const char *delimiter;  /* CSV: one character, "tab", "space", or "auto" */
    int decimal;            /* DecimalMode (CSV): what stands before the fraction */
    int skip;               /* CSV: so many lines at the beginning are none of the table's; -1: the schema's */
    const char *comment;    /* CSV: nor are lines that begin so; "": none; NULL: the schema's, or none */
    TextList label;         /* names, positions from 1 (-1: the last, the default), "none", or "features" */
    int task;               /* 0: found out; else 1 + TaskKind */
    TextList ordinal;       /* the classes from the lowest to the highest: TASK_ORDERED */
    TextList quantiles;     /* NUMBERS: these are predicted, as numbers within (0, 1); empty: one number */
    TextList features;      /* only these columns; empty: all */
    TextList drop;          /* not these */
    TextList numeric, nominal; /* declared types; the rest is inferred */
    const ConfNode *columns;   /* of some columns what they are: a map, see reader_columns.c */
    /* TableKey; NULL: none. No features, unless in `features` */
    const char *groups, *order, *split_column, *weight;
    const ConfNode *soft_labels; /* columns of a teacher (data/reader_soft.c) */
    TextList missing_tokens;   /* cells that mean missing: "", "?", "NA", ... */
    PictureOptions pictures;
    const char *cache;         /* "auto", "off", or a folder (cache/tables.h); NULL: off */
    int rows, test_rows;       /* FORMAT_DIGITS: how many to generate */
    int digits_seed;           /* FORMAT_DIGITS */
    double digits_noise;       /* FORMAT_DIGITS: difficulty, 1 is the default */
    bool as_written;           /* no column is found to be dates or text: cells stay what they are */
    bool no_labels;            /* with a schema: what stands in the label column is not looked at */
    const char *said_as;       /* what messages put before an option's name; NULL: "data." */
    const char *features_as;   /* the whole name of `features` in messages; NULL: as of any option */
    const struct GivenRows *given; /* rows in memory (data/given.h), which a DataFile names as memory:NAME */
    int n_given;
} ReadOptions;
/* Is `columns` well formed? */
bool columns_check(const ConfNode *map, Error *err);
/* Is `soft_labels`? */
bool soft_check(const ConfNode *said, Error *err);
/* The column that is to say this of the rows (TableKey in data/table.h); NULL: none. */
const char *read_options_key(const ReadOptions *options, int key);
extern const FieldTable read_fields; /* of ReadOptions; part of the `data` section */
#endif
