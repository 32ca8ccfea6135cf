/* ensemble/conformal_fit.h - fits intervals and sets (model/conformal.h) on rows with known truth that no
 * member was trained on: the held-out part, or with folds every row, predicted by networks that did not see it.
 *
 * A margin is the k-th smallest of the rows' scores, k = ceil((n + 1) level): how far the truth is away from
 * the prediction, in the method's own measure. If a new row's score is as likely to be at any place among
 * them, it is at most that with probability level (split conformal prediction). With folds the scores are
 * those of single networks, and what is shipped is the mean of all folds', which errs less, not more:
 * intervals are a little wider than they need to be, as those of CV+ are (Barber et al., Annals of Statistics
 * 49 (2021)), of which this is the form that needs one prediction a row. `bench/conformal.py` measures both.
 *
 * Rows count what they weigh. The method of each target is the one whose intervals are narrowest on average
 * at the same coverage of the same rows, where that is by more than 2 %; how large errors are (scaled) is
 * then what other tenths of the rows say. Fewer rows than a level takes (9 for 0.9): the largest score, and
 * `few`.
 *
 * Memory   the arena. Errors ERR_CONFIG for a method that does not fit the task, ERR_MEMORY.
 */
#ifndef CONSORT_ENSEMBLE_CONFORMAL_FIT_H
#define CONSORT_ENSEMBLE_CONFORMAL_FIT_H
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/names.h"
#include "model/conformal.h"

/* What a configuration may say, ensemble.conformal. */
#define CONFORMAL_CHOICE_LIST(X) X(CONFORMAL_AUTO, "auto") CONFORMAL_LIST(X)
extern const char *const conformal_choice_names[];
enum { CONFORMAL_AUTO }; /* the index of a method is one more than its ConformalMethod */

/* n rows as they are predicted by what is shipped; V values of a prediction. */
typedef struct {
    const Task *task;
    int n, n_values;
    const float *values;    /* (n, V) */
    const int32_t *labels;  /* (n) classes, -1 unknown */
    const double *targets;  /* (n, T) numbers, NaN unknown */
    const double *weight;   /* (n) NULL: all alike */
    int n_levels;
    const double *level;    /* (L) rising */
    int choice;             /* CONFORMAL_AUTO, or 1 + ConformalMethod */
    uint64_t seed;
} ConformalInput;

/* How wide intervals are, or how large sets, on these rows. */
typedef struct {
    const Conformal *conformal; /* NULL: none asked for */
    double *width;      /* (n_parts, L) mean width, or of classes (1, L) mean size */
    double (*compared)[CONFORMAL_COUNT]; /* (n_parts) mean over levels of the mean widths; NaN: not tried */
    bool few;           /* too few rows for some level */
} ConformalFit;

bool conformal_fit(const ConformalInput *input, Arena *arena, ConformalFit *out, Error *err);
#endif
