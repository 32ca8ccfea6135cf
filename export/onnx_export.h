/* export/onnx_export.h - what the files of the ONNX exporter share while a plan becomes a graph.
 *
 * A vector of the plan is one value after another: each step that writes it leaves a new one in `value`. A
 * vector of features comes in parts, one a step, which are put together when the first network asks for it.
 */
#ifndef CONSORT_EXPORT_ONNX_EXPORT_H
#define CONSORT_EXPORT_ONNX_EXPORT_H
#include "export/onnx.h"
#include "export/onnx_graph.h"

typedef struct {
    int vector, first; /* which features of which vector */
    OnnxValue value;
} OnnxPart;

typedef struct {
    OnnxGraph g;
    const Plan *plan;
    const Model *model;
    const OnnxOptions *options;
    Arena *arena;
    OnnxValue matrix;       /* the one input, if there is one */
    OnnxValue *cell;        /* (n_columns) inputs, by column */
    const char **name;      /* (n_columns) of inputs */
    OnnxValue *value;       /* (n_vectors) */
    OnnxPart *parts;
    int n_parts, part_capacity;
} OnnxExport;

/* A part of a vector of features, from feature `first` on. */
void onnx_part(OnnxExport *e, int vector, int first, OnnxValue value);
/* What a vector holds now. */
OnnxValue onnx_vector(OnnxExport *e, int vector);

/* onnx_inputs.c: inputs with their names and types; ERR_INVALID for those that cannot be. */
bool onnx_inputs(OnnxExport *e, Error *err);
/* Cells of column j as they come, (N, 1). */
OnnxValue onnx_cell(OnnxExport *e, int j);
/* Columns j .. j + n - 1, (N, n), of one type. */
OnnxValue onnx_cells(OnnxExport *e, int j, int n);
/* Text of JSON as a note. */
void onnx_note_json(OnnxExport *e, const char *key, Text *json);

/* onnx_numbers.c: features of n numbers alike, `raw` (N, n), of columns that stand side by side, where they are
 * `present`. `rounded`: the cells were floats once, so that what they are compared with is rounded alike. */
void onnx_number_features(OnnxExport *e, const PlanStep *step, const PrepColumn *columns, int n, OnnxValue raw,
                          OnnxValue present, bool rounded);
/* Numbers that are finite. */
OnnxValue onnx_finite(OnnxExport *e, OnnxValue raw);

/* onnx_columns.c: a step that encodes. */
void onnx_encode(OnnxExport *e, const PlanStep *step);
/* onnx_dates.c: days since 1970 of seconds; NaN where there is no such date. And the parts of a calendar. */
OnnxValue onnx_days(OnnxExport *e, OnnxValue seconds);
OnnxValue onnx_date_parts(OnnxExport *e, const PrepColumn *column, OnnxValue days, OnnxValue present);
/* onnx_network.c: a step of a network, links but for PLAN_LINK. */
void onnx_network(OnnxExport *e, const PlanStep *step);
/* onnx_links.c: PLAN_LINK. */
void onnx_link(OnnxExport *e, const PlanStep *step);
/* onnx_end.c: a step that takes members together; then what is made of the result. */
void onnx_mix(OnnxExport *e, const PlanStep *step);
void onnx_end(OnnxExport *e);
/* onnx_conformal.c: intervals of `values` (N, T, Q) or (N, T), in the user's unit; sets of probabilities. */
void onnx_intervals(OnnxExport *e, OnnxValue point, OnnxValue quantiles);
void onnx_sets(OnnxExport *e, OnnxValue probabilities);
/* Lines through knots: for each of n of `x` (N, n) a sum of ramps that begin at `at`, end after `width` (0: a
 * step) and rise by `rise`, (n, n_ramps) each, from `from` (n) on. */
OnnxValue onnx_ramps(OnnxExport *e, OnnxValue x, int n, int n_ramps, const double *at, const double *width,
                     const double *rise, const double *from);
#endif
