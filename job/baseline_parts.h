/* job/baseline_parts.h - what the files of baselines share: rows that are predicted, and the fits by task.
 *
 * baseline_fit.c has classes and the default network, baseline_numbers.c and baseline_labels.c what is fitted
 * to those. Each fold is fitted to its training rows; a validated row gets the mean of the folds that validate
 * it, a test row that of all.
 */
#ifndef CONSORT_JOB_BASELINE_PARTS_H
#define CONSORT_JOB_BASELINE_PARTS_H
#include "job/baseline_fit.h"

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

bool baseline_mean(const BaselineInput *in, Arena *arena, Baseline *out, Error *err);
bool baseline_median(const BaselineInput *in, Arena *arena, Baseline *out, Error *err);
bool baseline_linear(const BaselineInput *in, const PrepOptions *prep, Arena *arena, Baseline *out, Error *err);
bool baseline_shares(const BaselineInput *in, Arena *arena, Baseline *out, Error *err);
bool baseline_logistics(const BaselineInput *in, const PrepOptions *prep, Arena *arena, Baseline *out,
                        Error *err);
#endif
