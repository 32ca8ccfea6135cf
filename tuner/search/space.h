/* tuner/search/space.h - the search space: parameters, their distributions, conditions and constraints.
 *
 * A space maps the unit cube [0, 1)^n_dims to assignments and back, so that samplers see only
 * points. Parameter i of kind constant or derived has no coordinate; every other has one:
 *     uniform in u -> the distribution's quantile function -> quantized and clamped to its range.
 * `zero_prob: p` gives the coordinates below p the value exactly 0 and the rest the distribution.
 * A parameter whose `when` is false has value VALUE_NONE; its coordinate is ignored. Conditions and
 * derived values (`expr`) may use other parameters; cycles are refused.
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
 * Memory  everything in the arena given to space_read.
 * Errors  ERR_CONFIG with file:line:column.
 */
#ifndef CONSORT_TUNER_SEARCH_SPACE_H
#define CONSORT_TUNER_SEARCH_SPACE_H
#include <stdint.h>

#include "base/conf.h"
#include "base/doc.h"
#include "base/expr.h"

#define DISTRIBUTION_LIST(X)                                                                      \
    X(DIST_CONSTANT, "constant") X(DIST_CATEGORICAL, "categorical")                               \
    X(DIST_CATEGORICAL_P, "categorical_w_probabilities") X(DIST_INT_UNIFORM, "int_uniform")       \
    X(DIST_UNIFORM, "uniform") X(DIST_Q_UNIFORM, "q_uniform") X(DIST_LOG_UNIFORM, "log_uniform")  \
    X(DIST_LOG_UNIFORM_VALUES, "log_uniform_values") X(DIST_Q_LOG_UNIFORM, "q_log_uniform")       \
    X(DIST_Q_LOG_UNIFORM_VALUES, "q_log_uniform_values")                                          \
    X(DIST_INV_LOG_UNIFORM, "inv_log_uniform")                                                    \
    X(DIST_INV_LOG_UNIFORM_VALUES, "inv_log_uniform_values") X(DIST_NORMAL, "normal")             \
    X(DIST_Q_NORMAL, "q_normal") X(DIST_LOG_NORMAL, "log_normal")                                 \
    X(DIST_Q_LOG_NORMAL, "q_log_normal") X(DIST_BETA, "beta") X(DIST_Q_BETA, "q_beta")            \
    X(DIST_DERIVED, "derived")
#define X(id, name) id,
typedef enum { DISTRIBUTION_LIST(X) DIST_COUNT } Distribution;
#undef X
extern const char *const distribution_names[];

typedef struct {
    const char *name; /* nested parameters joined by dots: "augment.rotate_deg" */
    Distribution distribution;
    double low, high, q, mu, sigma, a, b;
    int n_choices;
    const Value *choices;        /* CONSTANT: one; CATEGORICAL */
    const double *probabilities; /* CATEGORICAL_P, else NULL */
    double zero_prob;
    int steps;                   /* grid: points over a continuous range; 0: none given */
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
enum { SPACE_MAX_PARAMS = 256, SPACE_MAX_EXTRAS = 16 };

typedef struct {
    int n_params; /* in file order */
    const Param *params;
    int n_dims;
    const int *param_of_dim; /* (n_dims) */
    const int *order;        /* (n_params) parents before those whose when/expr use them */
    const int *sorted;       /* (n_params) by name */
    int n_constraints;
    const Expr *const *constraints;
    const char *const *constraint_texts;
    const char *const *extra_names; /* names constraints may use besides parameters; NULL-ended */
    int n_extras;
} Space;

/* `parameters` and `constraints` (may be NULL) are nodes of the configuration. `extra_names`
 * ("n_params", "model_bytes", ...) may be used by constraints. Names must be unique and match
 * [A-Za-z_][A-Za-z0-9_.-]*. What the names mean is checked by the caller. */
bool space_read(const ConfNode *parameters, const ConfNode *constraints,
                const char *const *extra_names, Arena *arena, Space **out, Error *err);

/* Point -> assignment; `values` has n_params entries, NONE for inactive. Text in values belongs to
 * the space. */
void space_decode(const Space *space, const double *u, Value *values);
/* Assignment -> the centre of the cell of points that decode to it (0.5 for inactive). A value
 * outside its distribution is clamped. False when a choice is not in the list. */
bool space_encode(const Space *space, const Value *values, double *u);
/* decode, then encode: the canonical point of a cell. Samplers snap before they score. */
void space_snap(const Space *space, double *u);
/* The same, and which coordinates are active there (n_dims). */
void space_snap_active(const Space *space, double *u, bool *active);
/* The same to within rounding, quicker where nothing is conditional: continuous numbers stay where they are. */
void space_snap_cells(const Space *space, double *u, bool *active);
/* Do the constraints hold? `extras` has n_extras values. `violated` (may be NULL) gets the text of
 * the first that does not. */
bool space_satisfies(const Space *space, const Value *values, const Value *extras,
                     const char **violated);

/* Sorted names and 17-digit numbers of the active parameters, as one JSON object (space_json), and
 * its SHA-256: the identity of a configuration. */
bool space_json(const Space *space, const Value *values, Text *out);
void space_hash(const Space *space, const Value *values, char hex[65]);
/* From a JSON object of names and values (as in the database); unknown names are errors, absent
 * ones are NONE. Text is copied into the arena. */
bool space_from_doc(const Space *space, const Doc *object, Arena *arena, Value *values, Error *err);

/* Number of distinct assignments when finite, INFINITY otherwise. (Constraints do not count.) When
 * conditions hang on more than 20,000 combinations: an upper bound. */
double space_size(const Space *space);
/* Assignment number i < space_size as a point, for finite spaces of up to a million. */
void space_cell(const Space *space, int64_t i, double *u);
/* What a model of the space needs to know of coordinate d. */
typedef enum { DIM_CONTINUOUS, DIM_ORDINAL, DIM_CATEGORY } DimKind;
DimKind space_dim_kind(const Space *space, int d); /* values: list of numbers -> ORDINAL */
int space_dim_levels(const Space *space, int d);   /* ORDINAL, CATEGORY: how many; else 0 */
/* Which coordinates are active at u: the parameters' conditions hold. */
void space_active(const Space *space, const double *u, bool *active);

/* The grid: every combination, each once, first parameter (in `order`) slowest. Inactive parameters
 * do not multiply. Choices in file order; integers and multiples of q, both ends included; `steps`
 * points over anything else (evenly on its scale, ends included; quantiles for the unbounded ones);
 * and 0 first where there is a zero_prob. ERR_CONFIG naming the first parameter without a grid. */
bool space_grid_size(const Space *space, int64_t *n, Error *err);
/* Combination number i of the grid as a point. */
void space_grid_point(const Space *space, int64_t i, double *u);
/* The inverse; -1 when u is not on the grid. */
int64_t space_grid_index(const Space *space, const double *u);
#endif
