/* tests/test_engine.h - what the engine's suites share. */
#ifndef CONSORT_TESTS_TEST_ENGINE_H
#define CONSORT_TESTS_TEST_ENGINE_H
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/mat.h"
#include "engine/train.h"

/* The defaults of the table, so that a test sees what a user gets. */
static inline TrainOptions default_options(void)
{
    Error err;
    TrainOptions options = {.hidden = {0}};
    Arena *arena = arena_create(0);
    if (!arena || !field_defaults(&train_fields, &options, arena, &err)) fail_msg("defaults");
    arena_destroy(arena);
    return options;
}

static inline void check_close(const char *what, double got, double want, double tolerance)
{
    if (isnan(got) && isnan(want)) return;
    if (!(fabs(got - want) <= tolerance)) fail_msg("%s: got %.9g, want %.9g", what, got, want);
}

/* Two interleaved spirals, not linearly separable; class 1 turned by half a circle. */
static inline Rows spirals(int n, uint64_t seed, Arena *arena)
{
    float *x = ARENA_NEW(arena, float, 2 * n);
    int32_t *labels = ARENA_NEW(arena, int32_t, n);
    Rng rng = rng_stream(seed, 0, RNG_TEST);
    assert_non_null(labels);
    for (int i = 0; i < n; i++) {
        double turn = 7 * sqrt(rng_uniform(&rng)), angle = turn + 3.14159265 * (i % 2);
        labels[i] = i % 2;
        x[2 * i] = (float)(turn * cos(angle) / 3);
        x[2 * i + 1] = (float)(turn * sin(angle) / 3);
    }
    return (Rows){.n_rows = n, .n_features = 2, .n_classes = 2, .labels = labels, .x = x, .ld = 2};
}
#endif
