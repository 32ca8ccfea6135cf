/* data/split.h - which rows train, which validate, which test. Fixed by a seed, and hashed.
 *
 * Stratified: each class is shuffled and dealt out on its own, so that every part has the classes
 * in proportion, and a class of two rows is in both parts. Hold-out leaves a class of one row in
 * training; k-fold deals it to one fold. Without labels nothing is stratified.
 *
 * A split is part of a study's identity: its hash is stored, and a resumed study whose split
 * differs is refused.
 *
 * A row whose label is unknown (-1) can neither teach nor judge: it is in no part at all, and its
 * fold_of is -1.
 *
 * Shapes  a Split has n_folds parts of validation rows; hold-out has one. For fold f the training
 *         rows are all labelled rows with fold_of[i] != f, and for hold-out those with
 *         fold_of[i] == -1. Stratified parts hold each class to within one row of its share, and
 *         k-fold parts also differ by at most one row in all.
 * Errors  ERR_CONFIG when the options cannot be met by so many rows, ERR_DATA when the rows
 *         themselves cannot be divided, ERR_MEMORY.
 */
#ifndef CONSORT_DATA_SPLIT_H
#define CONSORT_DATA_SPLIT_H
#include "base/field.h"
#include "data/table.h"

#define SPLIT_TYPE_LIST(X) X(SPLIT_HOLDOUT, "holdout") X(SPLIT_KFOLD, "kfold")
typedef enum { SPLIT_TYPE_LIST(LIST_ID) } SplitType;
extern const char *const split_type_names[];
typedef struct {
    int type;            /* SplitType */
    int folds;           /* k-fold */
    double val_fraction; /* hold-out */
    bool stratify;
    int seed;
} SplitOptions;
extern const FieldTable split_fields; /* data.split */

typedef struct {
    double fraction; /* of all rows; 0: no test rows are taken from the table */
    bool stratify;
    int seed;
} TestOptions;
extern const FieldTable test_fields; /* data.test, where it is no file */

typedef struct {
    int n_folds;
    int n_rows;        /* rows that are split (those of the training table, in its order) */
    int32_t *fold_of;  /* (n_rows) in [0, n_folds), or -1: never validated (hold-out) */
    int *n_train, *n_valid;      /* (n_folds) */
    int32_t **train, **valid;    /* (n_folds) row numbers, increasing */
    char hash[65];     /* SHA-256 of fold_of, and of how many folds and rows there are */
} Split;

bool split_make(const SplitOptions *options, const int32_t *labels, int n_rows, int n_classes,
                Arena *arena, Split **out, Error *err);
/* A part of the rows that is held out. */
typedef struct {
    double fraction; /* 0: nothing */
    bool stratify;
    uint64_t seed;
} HoldOut;
typedef struct {
    int32_t *rest, *held; /* row numbers, increasing */
    int n_rest, n_held;
} TwoParts;
/* Divides rows 0..n-1. `labels` may be NULL. */
bool split_hold_out(const HoldOut *how, const int32_t *labels, int n, int n_classes, Arena *arena,
                    TwoParts *out, Error *err);
#endif
