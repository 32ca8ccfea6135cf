/* data/split_options.h - what `data.split` and `data.test` can say. What it means stands in data/split.h. */
#ifndef CONSORT_DATA_SPLIT_OPTIONS_H
#define CONSORT_DATA_SPLIT_OPTIONS_H
#include "base/field.h"
#include "base/names.h"

#define SPLIT_TYPE_LIST(X)                                                                                \
    X(SPLIT_HOLDOUT, "holdout") X(SPLIT_KFOLD, "kfold") X(SPLIT_FORWARD, "forward") X(SPLIT_FILES, "files")
typedef enum { SPLIT_TYPE_LIST(LIST_ID) } SplitType;
#define SPLIT_WINDOW_LIST(X) /* what trains for a part: all that came before, or the last of it */ \
    X(WINDOW_EXPANDING, "expanding") X(WINDOW_ROLLING, "rolling")
typedef enum { SPLIT_WINDOW_LIST(LIST_ID) } SplitWindow;
#define GAP_UNIT_LIST(X) /* id, name, how many of the order column's units; 0: rows are counted */         \
    X(GAP_ROWS, "rows", 0) X(GAP_VALUE, "value", 1) X(GAP_SECONDS, "seconds", 1)                           \
    X(GAP_HOURS, "hours", 3600) X(GAP_DAYS, "days", 86400)
#define LIST_GAP_ID(id, name, size) id,
typedef enum { GAP_UNIT_LIST(LIST_GAP_ID) GAP_UNITS } GapUnit;
#undef LIST_GAP_ID
extern const char *const split_type_names[], *const split_window_names[], *const gap_unit_names[];

typedef struct {
    int type;            /* SplitType */
    int folds;           /* k-fold, forward */
    double val_fraction; /* hold-out, forward: of all rows */
    bool stratify;
    int seed;
    /* What follows came later: a study that leaves it alone has the identity that it had before. */
    int repeats;         /* k-fold: so many deals; 0: 1 */
    int window;          /* forward: SplitWindow */
    double gap;          /* with an order: what lies between is left out */
    int gap_unit;        /* GapUnit */
    const char *train, *valid, *test; /* files: of row numbers; NULL: none */
    int base;            /* files: the number of the first row, 0 or 1 */
} SplitOptions;
extern const FieldTable split_fields; /* data.split */
enum { SPLIT_FIRST_FIELDS = 5 };      /* of split_fields, that were there from the beginning */
extern const SplitOptions split_defaults; /* of those that came later */

typedef struct {
    double fraction; /* of all rows; 0: no test rows are taken from the table */
    bool stratify;
    int seed;
    double gap;      /* with an order, as in SplitOptions */
    int gap_unit;
} TestOptions;
extern const FieldTable test_fields; /* data.test, where it is no file */
#endif
