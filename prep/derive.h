/* prep/derive.h - columns made of others: what one column says of the target, two columns at once, numbers set
 * against numbers, a number against others of its group.
 *
 * A Derivation makes one number of a row's raw cells. From there on it is a numeric column like any other
 * (prep/prep.h): scaled, binned, embedded, missing where it has no value. A network could learn most of this
 * from one-hot words and plain numbers; a small table does not show it often enough.
 *
 *     difference, ratio, product, sum   of numbers a and b; missing where one of them is, or the result is not
 *                                       finite
 *     target      the smoothed mean of what is predicted over the training rows that share a's word, or the
 *                 words of a and b
 *     mean        of number a over the training rows that share b's word
 *     deviation   number a less that mean
 *
 * Words of a row are its group: L known levels are groups 0 .. L - 1, L is a missing word, L + 1 one that is
 * rare or was never met. Of two columns the group is g_a (L_b + 2) + g_b. A table of cells, one a group, is all
 * that a derivation learns.
 *
 * Target encoding. For a group with n training rows of mean y, and the mean p of all training rows,
 *
 *     (n y + 10 p) / (n + 10)
 *
 * scikit-learn's TargetEncoder with smooth=10. Its "auto" shrinks a group by the variance within it, and so not
 * at all a group of one row, or of three that agree: where words are many, these are most of them. A group that
 * was never met has p. Of two classes y is 1 for the second; of three to eight there is a column for each
 * class; of ordered classes y is the class's number; of other tasks there is a column for each target, up to
 * eight. More classes or targets than that get none. Rows count by their weights, about 1 on average.
 *
 * A training row must not be told its own label. Its value comes from the training rows of the other four of
 * five inner folds (derive_training), which depend on the row's number and nothing else, or on its group
 * where the rows have groups (data/split.h); p stays that of all training rows, since five priors would tell
 * the folds apart. Every other row has the value of all training rows (derive_values).
 *
 * Which pairs. Each kind looks at the pairs of the most telling columns, measures what the derived column says
 * of the target (mutual information over at most 5000 training rows, numbers in 16 bins of equal size, what
 * chance would give subtracted), and takes the best up to the number that was asked for, of those that exceed
 * what the columns say by themselves by two standard deviations of chance:
 *
 *     crosses      I(a, b) - I(a) - I(b)
 *     arithmetic   I(f) - max(I(a), I(b)), for the best of the four operations
 *     aggregates   I(deviation) - I(a); mean and deviation both become columns
 *
 * Equal ones in the order of the columns. Numbers to be predicted are cut at their octiles, of several targets
 * the first counts.
 *
 * Source   Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes", SIGKDD
 *          Explorations 2001; Miller, "Note on the bias of information estimates", 1955; kinds as in TabPrep
 *          (arXiv 2606.02384).
 * Memory   the arena's. Errors: false is no memory.
 */
#ifndef CONSORT_PREP_DERIVE_H
#define CONSORT_PREP_DERIVE_H
#include "data/table.h"

#define DERIVE_KIND_LIST(X)                                                                          \
    X(DERIVE_DIFFERENCE, "difference") X(DERIVE_RATIO, "ratio") X(DERIVE_PRODUCT, "product")         \
    X(DERIVE_SUM, "sum") X(DERIVE_TARGET, "target") X(DERIVE_MEAN, "mean") X(DERIVE_DEVIATION, "deviation")
typedef enum { DERIVE_KIND_LIST(LIST_ID) } DeriveKind;
#define TARGET_ENCODING_LIST(X) X(TARGET_NONE, "none") X(TARGET_OOF, "oof")
typedef enum { TARGET_ENCODING_LIST(LIST_ID) } TargetEncoding;
extern const char *const derive_kind_names[], *const target_encoding_names[];

enum {
    DERIVE_MOST_VALUES = 8,    /* of a target */
    DERIVE_MOST_CELLS = 10000, /* of two columns of words */
    DERIVE_MOST_PAIRS = 64     /* of a kind */
};

typedef struct {
    int target_encoding; /* TargetEncoding: of single columns of at least three words */
    int crosses, arithmetic, aggregates; /* pairs at most */
} DeriveOptions;

typedef struct {
    DeriveKind kind;
    int a, b;  /* columns of the table; b -1: none */
    int value; /* target: which class or target */
    int n_cells;
    const double *cells; /* (n_cells) by group; NULL for arithmetic */
} Derivation;

/* Rows of a table with the groups of their words. */
typedef struct {
    const Table *table;
    const int32_t *rows; /* NULL: the first n */
    int n;
    const int *n_groups;           /* (columns) of words, L + 2; 0: says nothing, or no words */
    const int32_t *const *group;   /* (columns) (n) or NULL */
} DeriveRows;

static inline bool derive_by_words(DeriveKind kind) { return kind >= DERIVE_TARGET; }
/* Columns that say of the target what a word says; 0: none. */
int derive_values_of(const Task *task, int n_classes);
/* How many cells a derivation has, from the groups of the columns; 0 also where there are too many. */
int derive_cells(const Derivation *d, const int *n_groups);
/* What it is called: `a / b`, `target of city`, `mean of x by city`. NULL: no memory. */
const char *derive_name(const Derivation *d, const Schema *schema, Arena *arena);
/* (n) numbers of rows that are new to it, NaN where missing. */
void derive_values(const Derivation *d, const DeriveRows *in, double *out);
/* The same of the rows it was fitted on: out of fold. `scratch` for what goes again. */
bool derive_training(const Derivation *d, const DeriveRows *in, Arena *scratch, double *out);
/* What is predicted of a row, as the target encoding takes it; NaN: unknown. */
double derive_target(const Table *table, int row, int value);
/* Fills `cells` from training rows. */
bool derive_fit_cells(Derivation *d, const DeriveRows *in, Arena *arena);
/* Chooses and fits (derive_fit.c). */
bool derive_fit(const DeriveOptions *options, const DeriveRows *in, Arena *arena, Derivation **out, int *n);
/* As many as derive_fit() could give of a table, by kind alone: columns, but no cells. */
bool derive_most(const DeriveOptions *options, const Table *table, Arena *arena, Derivation **out, int *n);
#endif
