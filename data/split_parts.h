/* data/split_parts.h - the ground floor of the files that divide rows: a split, and its folds
 * from where each row stands in them.
 */
#ifndef CONSORT_DATA_SPLIT_PARTS_H
#define CONSORT_DATA_SPLIT_PARTS_H
#include "data/split_options.h"
#include "data/table.h"

typedef struct {
    int n_folds;
    int n_rows;        /* rows that are split (those of the training table, in its order) */
    int n_times;       /* how often a row is validated that is: the repeats of k-fold */
    int32_t *fold_of;  /* (n_rows) the first fold that validates a row, or -1: none does */
    int *n_train, *n_valid;      /* (n_folds) */
    int32_t **train, **valid;    /* (n_folds) row numbers, increasing */
    char hash[65];     /* SHA-256 of which rows train and validate where, and of what they weigh */
    const char *said;  /* for people: "5 folds by `patient_id`, 312 groups"; NULL: as its options say */
} Split;

/* The rows that are to be divided, and what is known of them. */
typedef struct {
    int n, n_classes;
    const int32_t *labels;       /* (n), -1: unknown; NULL: none have any */
    const double *weight;        /* (n) or NULL */
    const Column *group, *order, *part; /* (n) or NULL */
    const Table *table;          /* whose rows they are: for row numbers of the file; may be NULL */
} SplitRows;
/* Is it of use: has it a label, or are there none, and does it weigh something? */
static inline bool split_usable(const SplitRows *rows, int row)
{
    return (!rows->labels || rows->labels[row] >= 0) && (!rows->weight || rows->weight[row] > 0);
}

/* A part of the rows that is held out. */
typedef struct {
    double fraction; /* 0: nothing */
    bool stratify;
    uint64_t seed;
    double gap;      /* with an order, as in SplitOptions */
    int gap_unit;
} HoldOut;
typedef struct {
    int32_t *rest, *held; /* row numbers, increasing */
    int n_rest, n_held;
    const char *said;     /* how, for people; NULL: at random */
} TwoParts;

/* Where a row stands in one fold. */
typedef enum { SIDE_NONE, SIDE_TRAIN, SIDE_VALID } SplitSide;

/* Room for n folds of the split's rows; none is filled. */
bool split_reserve(Split *split, int n_folds, Arena *arena, Error *err);
/* Fills fold f: `side` is (n_rows) of SplitSide. */
bool split_fill(Split *split, int f, const uint8_t *side, Arena *arena, Error *err);
#endif
