/* tuner/search/distribution.h - one parameter: its distribution, and the coordinate that stands for it.
 *
 *     uniform in u -> the distribution's quantile function -> quantized and clamped to its range.
 * `zero_prob: p` gives the coordinates below p the value exactly 0 and the rest the distribution.
 *
 * Distributions and their meaning are W&B's (config.md, "Parameter forms"), with its traps closed:
 * quantized draws are clamped, suspicious log_uniform bounds are refused.
 *
 * Cells   Quantized values are the multiples of q inside the range, each with a whole cell of the
 *         coordinate (W&B gives the two ends half a cell). Values of a continuous distribution are
 *         rounded: linear ones to a ten-millionth of the range, logarithmic ones to seven digits.
 *         Nobody can tell 0.001234567 from its neighbours, and it makes decode(encode(v)) == v
 *         exactly, so that a point read back from the database is the point that was stored.
 *         A `values` list of numbers is laid out in increasing order, whatever the file's order.
 *
 * Memory  borrows, allocates nothing. Errors none: what a file says was checked by space_read.
 */
#ifndef CONSORT_TUNER_SEARCH_DISTRIBUTION_H
#define CONSORT_TUNER_SEARCH_DISTRIBUTION_H
#include "base/conf.h"
#include "base/expr.h"
#include "base/names.h"

/* How a coordinate becomes a number, before it is rounded. */
typedef enum {
    SCALE_NONE,       /* no number: constant, categorical, derived */
    SCALE_LINEAR,
    SCALE_LOG,
    SCALE_INVERSE,    /* log of the reciprocal */
    SCALE_NORMAL,
    SCALE_LOG_NORMAL,
    SCALE_BETA
} Scale;

/* Name, scale, and whether the values are a lattice. */
#define DISTRIBUTION_LIST(X)                                                                      \
    X(DIST_CONSTANT, "constant", SCALE_NONE, false)                                               \
    X(DIST_CATEGORICAL, "categorical", SCALE_NONE, false)                                         \
    X(DIST_CATEGORICAL_P, "categorical_w_probabilities", SCALE_NONE, false)                       \
    X(DIST_INT_UNIFORM, "int_uniform", SCALE_LINEAR, true)                                        \
    X(DIST_UNIFORM, "uniform", SCALE_LINEAR, false)                                               \
    X(DIST_Q_UNIFORM, "q_uniform", SCALE_LINEAR, true)                                            \
    X(DIST_LOG_UNIFORM, "log_uniform", SCALE_LOG, false)                                          \
    X(DIST_LOG_UNIFORM_VALUES, "log_uniform_values", SCALE_LOG, false)                            \
    X(DIST_Q_LOG_UNIFORM, "q_log_uniform", SCALE_LOG, true)                                       \
    X(DIST_Q_LOG_UNIFORM_VALUES, "q_log_uniform_values", SCALE_LOG, true)                         \
    X(DIST_INV_LOG_UNIFORM, "inv_log_uniform", SCALE_INVERSE, false)                              \
    X(DIST_INV_LOG_UNIFORM_VALUES, "inv_log_uniform_values", SCALE_INVERSE, false)                \
    X(DIST_NORMAL, "normal", SCALE_NORMAL, false)                                                 \
    X(DIST_Q_NORMAL, "q_normal", SCALE_NORMAL, true)                                              \
    X(DIST_LOG_NORMAL, "log_normal", SCALE_LOG_NORMAL, false)                                     \
    X(DIST_Q_LOG_NORMAL, "q_log_normal", SCALE_LOG_NORMAL, true)                                  \
    X(DIST_BETA, "beta", SCALE_BETA, false)                                                       \
    X(DIST_Q_BETA, "q_beta", SCALE_BETA, true)                                                    \
    X(DIST_DERIVED, "derived", SCALE_NONE, false)
typedef enum { DISTRIBUTION_LIST(LIST_ID) DIST_COUNT } Distribution;
extern const char *const distribution_names[];

typedef struct Prior Prior; /* tuner/search/prior.h */

typedef struct Param {
    const char *name; /* nested parameters joined by dots: "augment.rotate_deg" */
    Distribution distribution;
    double low, high, q, mu, sigma, a, b;
    int n_choices;
    const Value *choices;        /* CONSTANT: one; CATEGORICAL */
    const double *probabilities; /* CATEGORICAL_P, else NULL */
    double zero_prob;
    const Prior *prior;          /* where the best is expected; NULL: nobody says */
    int steps;                   /* grid: points over a continuous range; 0: none given */
    const struct Param *only;    /* what of it is proposed, laid out for itself; NULL: all (space_only.h) */
    const Value *before;         /* of trials from before it was a parameter; NULL: there are none */
    const Expr *when, *derived;  /* NULL: always active; not derived */
    const char *when_text, *derived_text;
    int dim;                     /* its coordinate, or -1 */
    const ConfNode *node;        /* where it stands */
    /* Worked out by space_read from the above. */
    double from, to;             /* the scale on which u is linear: logs taken, margins included */
    double unit, per;            /* values are k * unit / per: the lattice, or the rounding */
    double first, last;          /* lattice: lowest and highest k */
    double least, most;          /* lowest and highest value */
    const int *rank;             /* choices: place of choice i on the coordinate ... */
    const int *choice_at;        /* ... and the choice at a place */
    const double *edges;         /* CATEGORICAL_P: (n_choices + 1) ends of the cells, by place */
    bool controls;               /* some `when` depends on it, directly or through an `expr` */
} Param;

/* The scale on which a number's quantiles are worked out, logs taken: at t, which is u without a zero_prob;
 * the t of a place on it; the place of a value. */
double param_scale_at(const Param *param, double t);
double param_place_of(const Param *param, double scale);
double param_scale_of(const Param *param, double value);

Scale distribution_scale(Distribution distribution);
bool distribution_quantized(Distribution distribution); /* its values are a lattice */
bool distribution_chosen(Distribution distribution);    /* its values are a list */

/* Quantiles closer to the ends than this are not used: in the tails of an unbounded distribution
 * the coordinate could not be found again from the value. */
#define SPACE_TAIL 1e-7

/* Fills the worked-out fields from, to, unit, per, first, last, least, most of a numeric parameter.
 * False when no multiple of q lies in the range. */
bool param_prepare(Param *param);
Value param_number(const Param *param, double number); /* as a whole number where all are */
/* Is `nearest`, which the space can propose, this number but for rounding? Others write more digits. */
bool param_rounds(const Param *param, double number, double nearest);
Value param_decode(const Param *param, double u);
/* The centre of the value's cell; false when a choice is not in the list. */
bool param_encode(const Param *param, const Value *value, double *u);
/* 0 belongs to the values anyway, so zero_prob adds none. */
bool param_reaches_zero(const Param *param);
/* The coordinate of choice i, of lattice point k, of zero. */
double param_choice_at(const Param *param, int i);
double param_number_at(const Param *param, double value);
#endif
