/* tuner/search/space.h - the search space: parameters, their distributions, conditions and constraints.
 *
 * A space maps the unit cube [0, 1)^n_dims to assignments and back, so that samplers see only
 * points. Parameter i of kind constant or derived has no coordinate; every other has one (distribution.h).
 * A parameter whose `when` is false has value VALUE_NONE; its coordinate is ignored. Conditions and
 * derived values (`expr`) may use other parameters; cycles are refused.
 *
 * Memory  everything in the arena given to space_read.
 * Errors  ERR_CONFIG with file:line:column.
 */
#ifndef CONSORT_TUNER_SEARCH_SPACE_H
#define CONSORT_TUNER_SEARCH_SPACE_H
#include <stdint.h>

#include "base/doc.h"
#include "tuner/search/distribution.h"
#include "tuner/search/limit.h"

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
    int n_limits;
    const Limit *limits;            /* constraints on what trials report */
} Space;

/* `parameters` and `constraints` (may be NULL) are nodes of the configuration. `extra_names`
 * ("n_params", "model_bytes", ...) may be used by constraints. Names must be unique and match
 * [A-Za-z_][A-Za-z0-9_.-]*. What the names mean is checked by the caller. */
bool space_read(const ConfNode *parameters, const ConfNode *constraints,
                const char *const *extra_names, Arena *arena, Space **out, Error *err);
/* The same, and a constraint that is none of these may be a limit on a metric for which `reports` says that a
 * trial can report it (limit.h). */
bool space_read_limits(const ConfNode *parameters, const ConfNode *constraints, const char *const *extra_names,
                       bool (*reports)(const char *name), Arena *arena, Space **out, Error *err);

/* The number of the parameter of that name; -1: there is none. */
int space_find(const Space *space, const char *name);

/* Point -> assignment; `values` has n_params entries, NONE for inactive. Text in values belongs to
 * the space. */
void space_decode(const Space *space, const double *u, Value *values);
/* Assignment -> the centre of the cell of points that decode to it (0.5 for inactive). A value
 * outside its distribution is clamped. False when a choice is not in the list. A trial from before a parameter
 * was one has its `before`, where its condition holds. */
bool space_encode(const Space *space, const Value *values, double *u);
/* Is a part of the space proposed alone (space_only.h)? Are all of these values? */
bool space_is_narrowed(const Space *space);
bool space_offers(const Space *space, const Value *values);
/* decode, then encode: the canonical point of a cell, of those that are offered. Samplers snap before they
 * score. */
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
/* A value as rows have it (null, a list or a map is a LIST): what it is to a parameter, its space knows. */
bool value_of_doc(const Doc *doc, Arena *arena, Value *out, Error *err);
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
#endif
