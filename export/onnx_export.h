/* export/onnx_export.h - what the files of the ONNX exporter share while a plan becomes a graph.
 *
 * A vector of the plan is one value after another: each step that writes it leaves a new one in `value`. A
 * vector of features comes in parts, one a step, which are put together when the first network asks for it.
 */
#ifndef CONSORT_EXPORT_ONNX_EXPORT_H
#define CONSORT_EXPORT_ONNX_EXPORT_H
#include "export/onnx_graph.h"
#include "export/onnx_options.h"
#include "plan/plan.h"

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

/* The graph is broken from here on: no memory. */
OnnxValue onnx_broken(OnnxExport *e);
/* Text of JSON as a note; it is freed. */
void onnx_note_json(OnnxExport *e, const char *key, Text *json);
/* n numbers from `from` on; NULL: broken. */
double *onnx_counting(OnnxExport *e, int n, double from);
/* Lines through knots: for each of n of `x` (N, n) a sum of ramps that begin at `at`, end after `width` (0: a
 * step) and rise by `rise`, (n, n_ramps) each, from `from` (n) on. */
OnnxValue onnx_ramps(OnnxExport *e, OnnxValue x, int n, int n_ramps, const double *at, const double *width,
                     const double *rise, const double *from);
#endif
