/* Vectors of a plan as values, and small things that several steps need. */
#include "export/onnx_export.h"

#include <stdlib.h>

#include "base/grow.h"

OnnxValue onnx_broken(OnnxExport *e)
{
    e->g.broken = true;
    return (OnnxValue){NULL, ONNX_FLOAT};
}

/* ---- vectors --------------------------------------------------------------------------------- */

void onnx_part(OnnxExport *e, int vector, int first, OnnxValue value)
{
    if (!GROW(e->arena, e->parts, e->n_parts, e->part_capacity)) {
        e->g.broken = true;
        return;
    }
    e->parts[e->n_parts++] = (OnnxPart){vector, first, value};
}

static int by_place(const void *a, const void *b)
{
    return ((const OnnxPart *)a)->first - ((const OnnxPart *)b)->first;
}

/* Parts of a vector that nobody has put together yet are all that there are: features are asked for when they
 * are whole. */
OnnxValue onnx_vector(OnnxExport *e, int vector)
{
    if (e->value[vector].name || e->n_parts == 0) return e->value[vector];
    OnnxValue *all = ARENA_NEW(e->arena, OnnxValue, e->n_parts);
    int n = 0, left = 0;
    if (!all) {
        e->g.broken = true;
        return e->value[vector];
    }
    qsort(e->parts, (size_t)e->n_parts, sizeof *e->parts, by_place);
    for (int i = 0; i < e->n_parts; i++) {
        if (e->parts[i].vector == vector) all[n++] = e->parts[i].value;
        else e->parts[left++] = e->parts[i];
    }
    e->n_parts = left;
    if (n > 0) e->value[vector] = onnx_concat(&e->g, 1, n, all);
    return e->value[vector];
}

/* ---- notes, numbers, lines ------------------------------------------------------------------- */

void onnx_note_json(OnnxExport *e, const char *key, Text *json)
{
    if (text_ok(json) && json->bytes) onnx_note(&e->g, key, json->bytes);
    else e->g.broken = true;
    text_free(json);
}

double *onnx_counting(OnnxExport *e, int n, double from)
{
    double *numbers = ARENA_NEW(e->arena, double, n);
    for (int i = 0; numbers && i < n; i++) numbers[i] = from + i;
    if (!numbers) e->g.broken = true;
    return numbers;
}

OnnxValue onnx_ramps(OnnxExport *e, OnnxValue x, int n, int n_ramps, const double *at, const double *width,
                     const double *rise, const double *from)
{
    OnnxGraph *g = &e->g;
    const int dims[3] = {1, n, n_ramps};
    const size_t all = (size_t)n * (size_t)n_ramps;
    double *steep = ARENA_NEW(e->arena, double, all);
    if (!steep) {
        g->broken = true;
        return x;
    }
    for (size_t i = 0; i < all; i++) steep[i] = width[i] > 0 ? 1 / width[i] : 1e30;
    OnnxValue v = onnx_reshape(g, x, 3, (const int[]){0, n, 1});
    v = onnx_op2(g, "Sub", v, onnx_numbers(g, ONNX_DOUBLE, 3, dims, at));
    v = onnx_clip(g, onnx_op2(g, "Mul", v, onnx_numbers(g, ONNX_DOUBLE, 3, dims, steep)), 0, 1);
    v = onnx_sum(g, onnx_op2(g, "Mul", v, onnx_numbers(g, ONNX_DOUBLE, 3, dims, rise)), 2, false);
    return onnx_op2(g, "Add", v, onnx_row(g, ONNX_DOUBLE, n, from));
}
