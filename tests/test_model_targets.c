/* Evaluations, intervals and paired differences of numbers and labels. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"
#include "model/evaluate.h"
#include "model/paired.h"

enum { N = 500, T = 2 };

static const Target numbers[T] = {{.name = "a", .unit = 1, .scale = 1}, {.name = "b", .origin = 2000, .unit = 5, .scale = 5}};
static const Target labels[T] = {{.name = "red", .answer = {"no", "yes"}}, {.name = "big", .answer = {"n", "y"}}};

typedef struct {
    Task task;
    double y[N * T];
    float v[N * T], w[N * T]; /* one prediction, and a better one */
} World;

static void make(TaskKind kind, uint64_t seed, World *out)
{
    Rng rng = rng_stream(seed, 0, RNG_TEST);
    out->task = (Task){.kind = kind, .n_targets = T, .targets = kind == TASK_LABELS ? labels : numbers};
    for (int i = 0; i < N * T; i++) {
        double z = rng_normal(&rng), e = rng_normal(&rng);
        out->y[i] = i % T ? 2000 + 5 * z : z;
        out->v[i] = (float)(z + e);
        out->w[i] = (float)(z + 0.3 * e);
        if (kind == TASK_LABELS) {
            out->y[i] = z > 0.3;
            out->v[i] = (float)(1 / (1 + exp(-(z + 0.7 * e))));
            out->w[i] = (float)(1 / (1 + exp(-(3 * z - 1 + 0.5 * e))));
        }
        if (i % 37 == 0) out->y[i] = NAN;
    }
}

static Doc *evaluate(const World *w, int n, int bootstrap, const Segmentation *by, Arena *arena)
{
    Error err;
    Doc *doc = NULL;
    const Judged judged = {.n = n, .n_classes = T, .proba = w->v, .task = &w->task, .targets = w->y,
                           .bootstrap = bootstrap, .seed = 3, .by = by, .n_by = by != NULL};
    if (!evaluate_predictions(&judged, arena, &doc, &err)) fail_msg("%s", err.message);
    return doc;
}

static double number(const Doc *doc, const char *key)
{
    return doc_to_number(doc_get(doc, key), NAN);
}

static double score(const Doc *doc, const char *metric, const char *what)
{
    return number(doc_get(doc_get(doc, "metrics"), metric), what);
}

static void close_to(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance)) fail_msg("%.12g, expected %.12g", got, want);
}

static void a_document_of_numbers(void **state)
{
    (void)state;
    static World w;
    Arena *arena = arena_create(0);
    make(TASK_NUMBERS, 1, &w);
    Doc *doc = evaluate(&w, N, 200, NULL, arena);
    assert_string_equal(doc_to_text(doc_get(doc, "task"), ""), "numbers");
    assert_true(number(doc, "rows") > 450 && number(doc, "rows") <= N);
    const Doc *targets = doc_get(doc, "targets");
    assert_int_equal(doc_count(targets), T);
    double mean = 0;
    for (int t = 0; t < T; t++) {
        const Doc *target = doc_at(targets, (size_t)t);
        const char *const listed[] = {"rmse", "mae", "median_ae", "mape", "r2", "spearman", "pinball"};
        mean += score(target, "rmse", "value") / T;
        for (size_t m = 0; m < sizeof listed / sizeof *listed; m++) {
            double value = score(target, listed[m], "value");
            assert_true(score(target, listed[m], "low95") < value && score(target, listed[m], "high95") > value);
        }
        assert_true(isnan(score(target, "coverage", "value")));
        /* groups hold all rows, and their squares add up to the whole's */
        for (int by = 0; by < 2; by++) {
            const Doc *groups = doc_get(target, by ? "by_predicted" : "by_truth");
            double rows = 0, squares = 0, last = -INFINITY;
            assert_int_equal(doc_count(groups), 10);
            for (size_t g = 0; g < 10; g++) {
                const Doc *one = doc_at(groups, g);
                rows += number(one, "n");
                squares += number(one, "n") * number(one, "rmse") * number(one, "rmse");
                assert_true(number(one, "low") >= last && number(one, "high") >= number(one, "low"));
                last = number(one, "high");
            }
            close_to(sqrt(squares / rows), score(target, "rmse", "value"), 1e-9);
        }
        const Doc *residuals = doc_get(target, "residuals"), *counts = doc_get(residuals, "counts");
        double in_bins = number(residuals, "below") + number(residuals, "above");
        assert_true(doc_count(counts) <= 40 && doc_count(doc_get(residuals, "edges")) == doc_count(counts) + 1);
        for (size_t b = 0; b < doc_count(counts); b++) in_bins += doc_to_number(doc_at(counts, b), 0);
        int known = 0;
        double worst = 0;
        for (int i = 0; i < N; i++) {
            double y = w.y[i * T + t], p = task_number(&w.task, t, (double)w.v[i * T + t]);
            if (isnan(y)) continue;
            known++;
            worst = fmax(worst, fabs(y - p));
        }
        assert_true(in_bins == known);
        assert_int_equal(doc_count(doc_get(target, "scatter")), 400);
        assert_int_equal(doc_count(doc_get(target, "worst")), 24);
        const Doc *first = doc_at(doc_get(target, "worst"), 0);
        close_to(fabs(number(first, "truth") - number(first, "predicted")), worst, 1e-12);
        int row = (int)number(first, "row");
        close_to(w.y[row * T + t], number(first, "truth"), 0);
    }
    close_to(score(doc, "rmse", "value"), mean, 1e-12);
    doc_free(doc);
    doc = evaluate(&w, N, 0, NULL, arena);
    assert_true(isnan(score(doc, "rmse", "low95")) && isfinite(score(doc, "rmse", "value")));
    doc_free(doc);
    arena_destroy(arena);
}

/* Many rows: what draws say, Edgeworth says without them. */
static void draws_and_expansion_agree(void **state)
{
    (void)state;
    enum { MANY = 60000 };
    Rng rng = rng_stream(4, 0, RNG_TEST);
    Arena *arena = arena_create(0);
    const Task task = {.kind = TASK_NUMBERS, .n_targets = 1, .targets = numbers};
    double *y = ARENA_NEW(arena, double, MANY);
    float *v = ARENA_NEW(arena, float, MANY);
    for (int i = 0; i < MANY; i++) y[i] = rng_normal(&rng), v[i] = (float)(y[i] + exp(rng_normal(&rng)));
    Doc *doc[2];
    Error err;
    for (int k = 0; k < 2; k++) { /* 40,000 rows are drawn, 60,000 not */
        const Judged judged = {.n = k ? MANY : 40000, .n_classes = 1, .proba = v, .task = &task, .targets = y,
                               .bootstrap = 1000, .seed = 3};
        assert_true(evaluate_predictions(&judged, arena, &doc[k], &err));
    }
    for (int side = 0; side < 2; side++) {
        const char *what = side ? "high95" : "low95";
        double few = score(doc[0], "rmse", what) / score(doc[0], "rmse", "value");
        double many = score(doc[1], "rmse", what) / score(doc[1], "rmse", "value");
        close_to((many - 1) * sqrt(60000.0 / 40000), few - 1, 0.3 * fabs(few - 1));
    }
    doc_free(doc[0]);
    doc_free(doc[1]);
    arena_destroy(arena);
}

static void a_document_of_labels(void **state)
{
    (void)state;
    static World w;
    Arena *arena = arena_create(0);
    make(TASK_LABELS, 2, &w);
    Doc *doc = evaluate(&w, N, 100, NULL, arena);
    assert_string_equal(doc_to_text(doc_get(doc, "task"), ""), "labels");
    const char *const listed[] = {"accuracy", "f1_macro", "f1_micro", "log_loss", "brier", "roc_auc", "pr_auc"};
    for (size_t m = 0; m < sizeof listed / sizeof *listed; m++) {
        double value = score(doc, listed[m], "value");
        assert_true(score(doc, listed[m], "low95") < value && score(doc, listed[m], "high95") > value);
    }
    const Doc *first = doc_at(doc_get(doc, "targets"), 0), *confusion = doc_get(first, "confusion");
    assert_string_equal(doc_to_text(doc_at(doc_get(first, "answers"), 1), ""), "yes");
    double all = 0, right = 0;
    for (size_t i = 0; i < 4; i++) {
        double n = doc_to_number(doc_at(doc_at(confusion, i / 2), i % 2), NAN);
        all += n;
        if (i / 2 == i % 2) right += n;
    }
    assert_true(all == number(first, "rows"));
    close_to(score(first, "accuracy", "value"), right / all, 1e-12);
    assert_int_equal(doc_count(doc_get(first, "roc")), 1);
    doc_free(doc);
    arena_destroy(arena);
}

static void segments_are_scored_apart(void **state)
{
    (void)state;
    static World w;
    static int32_t of[N];
    const char *const levels[] = {"few", "many"};
    for (int i = 0; i < N; i++) of[i] = i >= 10;
    const Segmentation by = {"column", 2, levels, of};
    for (int kind = TASK_NUMBERS; kind <= TASK_LABELS; kind++) {
        Arena *arena = arena_create(0);
        make((TaskKind)kind, 5, &w);
        Doc *doc = evaluate(&w, N, 50, &by, arena), *own;
        const Doc *list = doc_get(doc_at(doc_get(doc, "segments"), 0), "levels");
        assert_int_equal(doc_count(list), 2);
        assert_true(doc_to_bool(doc_get(doc_at(list, 0), "small"), false));
        assert_false(doc_to_bool(doc_get(doc_at(list, 1), "small"), true));
        own = evaluate(&w, 10, 50, NULL, arena);
        const char *metric = kind == TASK_LABELS ? "log_loss" : "mae";
        close_to(score(doc_at(list, 0), metric, "value"), score(own, metric, "value"), 1e-12);
        doc_free(own);
        doc_free(doc);
        arena_destroy(arena);
    }
}

static void nothing_known_is_an_error(void **state)
{
    (void)state;
    static World w;
    for (int kind = TASK_NUMBERS; kind <= TASK_LABELS; kind++) {
        Arena *arena = arena_create(0);
        Error err;
        Doc *doc = NULL;
        make((TaskKind)kind, 6, &w);
        for (int i = 0; i < N * T; i++) w.y[i] = NAN;
        const Judged judged = {.n = N, .n_classes = T, .proba = w.v, .task = &w.task, .targets = w.y, .bootstrap = 10};
        assert_false(evaluate_predictions(&judged, arena, &doc, &err));
        assert_int_equal(err.code, ERR_DATA);
        for (int i = 0; i < N * T; i += T) w.y[i] = i == 0; /* one target alone, and a row of each kind */
        for (int n = 1; n <= 40; n += 13) {
            const Judged few = {.n = n, .n_classes = T, .proba = w.v, .task = &w.task, .targets = w.y, .bootstrap = 10};
            assert_true(evaluate_predictions(&few, arena, &doc, &err));
            doc_free(doc);
        }
        arena_destroy(arena);
    }
}

static void memory_may_run_out(void **state)
{
    (void)state;
    static World w;
    for (int kind = TASK_NUMBERS; kind <= TASK_LABELS; kind++) {
        make((TaskKind)kind, 7, &w);
        const Judged judged = {.n = 40, .n_classes = T, .proba = w.v, .task = &w.task, .targets = w.y, .bootstrap = 10};
        bool done = false;
        for (long after = 0; !done && after < 2000; after++) {
            Arena *arena = arena_create(0);
            Error err;
            Doc *doc = NULL;
            arena_fail_after(arena, after);
            done = evaluate_predictions(&judged, arena, &doc, &err);
            if (!done) assert_int_equal(err.code, ERR_MEMORY);
            doc_free(doc);
            arena_destroy(arena);
        }
        assert_true(done);
    }
}

static void the_better_one_is_told(void **state)
{
    (void)state;
    static World w;
    for (int kind = TASK_NUMBERS; kind <= TASK_LABELS; kind++) {
        Arena *arena = arena_create(0);
        Error err;
        Paired both, other;
        make((TaskKind)kind, 8, &w);
        Pair pair = {.n = N, .n_classes = T, .a = w.v, .b = w.w, .task = &w.task, .targets = w.y, .draws = 300, .seed = 1};
        assert_true(paired_compare(&pair, arena, &both, &err));
        const bool up = metric_larger_is_better(both.delta[0].metric);
        assert_true(up ? both.delta[0].low95 > 0 : both.delta[0].high95 < 0);
        assert_true(both.delta[0].p < 0.05 && both.only_b > both.only_a && both.mcnemar_p < 0.05);
        close_to(both.delta[0].delta, both.delta[0].b - both.delta[0].a, 1e-15);
        pair.a = w.w, pair.b = w.v; /* the other way round all signs change */
        assert_true(paired_compare(&pair, arena, &other, &err));
        for (int m = 0; m < PAIRED_METRICS; m++) close_to(other.delta[m].delta, -both.delta[m].delta, 1e-15);
        assert_true(other.only_a == both.only_b && other.only_b == both.only_a);
        pair.b = w.w; /* with itself */
        assert_true(paired_compare(&pair, arena, &other, &err));
        assert_true(other.delta[0].delta == 0 && other.delta[0].p == 1 && other.mcnemar_p == 1);
        pair.n = 3;
        pair.b = w.v;
        assert_true(paired_compare(&pair, arena, &other, &err));
        assert_true(isnan(other.delta[0].p) && isnan(other.delta[0].low95));
        arena_destroy(arena);
    }
}

/* Weights that are all alike are none, and rows without weight are not there. */
static void weights_count(void **state)
{
    (void)state;
    static World w;
    static double twice[N], half[N];
    for (int i = 0; i < N; i++) twice[i] = 2, half[i] = i < N / 2;
    for (int kind = TASK_NUMBERS; kind <= TASK_LABELS; kind++) {
        Arena *arena = arena_create(0);
        Error err;
        Doc *doc[4] = {NULL};
        const char *const listed[] = {kind == TASK_NUMBERS ? "mae" : "log_loss", kind == TASK_NUMBERS ? "rmse" : "roc_auc"};
        make((TaskKind)kind, 9, &w);
        for (int k = 0; k < 4; k++) {
            const Judged judged = {.n = k == 3 ? N / 2 : N, .n_classes = T, .proba = w.v, .task = &w.task, .targets = w.y,
                                   .weight = k == 1 ? twice : k == 2 ? half : NULL, .bootstrap = 300, .seed = 3};
            assert_true(evaluate_predictions(&judged, arena, &doc[k], &err));
        }
        for (int m = 0; m < 2; m++) {
            close_to(score(doc[0], listed[m], "value"), score(doc[1], listed[m], "value"), 1e-12);
            close_to(score(doc[0], listed[m], "low95"), score(doc[1], listed[m], "low95"), 1e-9);
            close_to(score(doc[2], listed[m], "value"), score(doc[3], listed[m], "value"), 1e-12);
            double wide = score(doc[2], listed[m], "high95") - score(doc[2], listed[m], "low95");
            double own = score(doc[3], listed[m], "high95") - score(doc[3], listed[m], "low95");
            close_to(wide / own, 1, 0.25);
        }
        PairedDelta d[2];
        const MetricId metric = kind == TASK_NUMBERS ? METRIC_RMSE : METRIC_LOG_LOSS;
        for (int k = 0; k < 2; k++) {
            const Pair pair = {.n = N, .n_classes = T, .a = w.v, .b = w.w, .task = &w.task, .targets = w.y, .draws = 200,
                               .seed = 1, .weight = k ? twice : NULL};
            assert_true(paired_difference(&pair, metric, arena, &d[k], &err));
        }
        close_to(d[0].delta, d[1].delta, 1e-12);
        close_to(d[0].low95, d[1].low95, 1e-9);
        for (int k = 0; k < 4; k++) doc_free(doc[k]);
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_of_numbers),
        cmocka_unit_test(draws_and_expansion_agree),
        cmocka_unit_test(a_document_of_labels),
        cmocka_unit_test(segments_are_scored_apart),
        cmocka_unit_test(nothing_known_is_an_error),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(the_better_one_is_told),
        cmocka_unit_test(weights_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
