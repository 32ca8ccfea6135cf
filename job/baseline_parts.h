/* job/baseline_parts.h - what all baselines are fitted to and give, and how rows come to them.
 *
 * baseline_fit.c has those of classes and the default network, baseline_numbers.c and baseline_labels.c those
 * of other tasks. Each fold is fitted to its training rows; a validated row gets the mean of the folds that
 * validate it, a test row that of all.
 */
#ifndef CONSORT_JOB_BASELINE_PARTS_H
#define CONSORT_JOB_BASELINE_PARTS_H
#include "job/load.h"
#include "model/model.h"

typedef struct {
    const Config *config;
    const Data *data;
    uint64_t seed;
    const char *folder; /* the default network's files go to <folder>/artifacts/, which is there */
} BaselineInput;

/* N validated rows, V values a prediction (data/task.h). */
typedef struct {
    Predictions valid; /* n_rows 0: it could not be fitted */
    float *test;       /* (test rows, V); NULL: no test set */
    const char *note;  /* why not, or what is to be known of it; NULL: nothing */
    double l2;         /* of a regression; NaN */
    int64_t n_params;  /* of one network; 0: not counted */
    int epochs;        /* of the default network at most */
} Baseline;

enum { N_PENALTIES = 5 };
extern const double baseline_penalties[N_PENALTIES]; /* the strongest first */

/* The rows that are validated, and zeros for what is said of them and of the test rows. `place`: table row ->
 * position among the validated. */
bool baseline_rows(const BaselineInput *in, int **place, Arena *arena, Baseline *out, Error *err);
/* Rows of a fold as the defaults encode them, in `arena`. `test` NULL: no test set. */
typedef struct {
    Rows *train, *valid, *test;
} FoldRows;
bool baseline_encode(const BaselineInput *in, const PrepOptions *prep, int fold, Arena *arena, FoldRows *out,
                     Error *err);
/* Features at most; 0 and a note in `out` where they times `width` are more than `most`. */
bool baseline_features(const BaselineInput *in, const PrepOptions *prep, double width, double most,
                       Arena *arena, int *n, Baseline *out, Error *err);
#endif
