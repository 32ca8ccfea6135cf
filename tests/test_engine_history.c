/* How a network's numbers spread while it is trained: noted without a trace, the same after a pause, in few bytes. */
#include "tests/test_engine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/doc.h"

enum { EPOCHS = 70 };

static TrainOptions options_of(int epochs)
{
    TrainOptions options = default_options();
    options.hidden = (IntList){.n = 2, .items = {9, 5}};
    options.epochs = epochs;
    options.batch_size = 16;
    options.dropout = 0.2;
    return options;
}

static TrainResult run(const TrainOptions *options, const Rows *train, const Rows *valid, const TrainRun *how,
                       Arena *arena)
{
    Error err;
    TrainResult result;
    if (!train_network(options, train, valid, how, arena, &result, &err)) fail_msg("%s", err.message);
    return result;
}

static void changes_no_bits(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows train = spirals(200, 1, arena), valid = spirals(60, 2, arena);
    TrainOptions options = options_of(EPOCHS);
    TrainRun how = {.seed = 4, .metric = METRIC_ACCURACY};
    TrainResult without = run(&options, &train, &valid, &how, arena);
    assert_null(without.history);
    how.history = true;
    TrainResult with = run(&options, &train, &valid, &how, arena);
    assert_memory_equal(with.mlp->params, without.mlp->params, with.mlp->n_floats * sizeof(float));
    assert_memory_equal(with.proba, without.proba, 120 * sizeof(float));
    const History *h = with.history;
    assert_int_equal(h->n, HISTORY_EPOCHS);
    assert_int_equal(h->epoch[0], 1);
    assert_int_equal(h->epoch[h->n - 1], EPOCHS);
    for (int e = 1; e < h->n; e++) assert_in_range(h->epoch[e] - h->epoch[e - 1], 2, 3);
    arena_destroy(arena);
}

static const uint8_t *cell_of(const History *h, int e, int l, HistoryKind kind)
{
    return h->cell + (((size_t)e * (size_t)h->n_layers + (size_t)l) * HISTORY_KINDS + (size_t)kind) * HISTORY_CELL;
}

/* Without validation rows the last epoch is shipped: its weights are those that were noted last. */
static void bins_what_there_is(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows train = spirals(200, 1, arena);
    TrainOptions options = options_of(5);
    TrainRun how = {.seed = 4, .metric = METRIC_ACCURACY, .history = true};
    TrainResult result = run(&options, &train, NULL, &how, arena);
    const History *h = result.history;
    assert_int_equal(h->n, 5);
    for (int l = 0; l < 3; l++) {
        MlpLayer layer = mlp_layer(result.mlp, l);
        float low = INFINITY, high = -INFINITY, ends[2];
        int count[HISTORY_BINS] = {0}, most = 0;
        const int in = result.mlp->width[l], out = result.mlp->width[l + 1];
        for (int k = 0; k < in * out; k++) {
            float w = layer.w[k / out * layer.ld + k % out];
            low = fminf(low, w);
            high = fmaxf(high, w);
        }
        for (int k = 0; k < in * out; k++) {
            float w = layer.w[k / out * layer.ld + k % out];
            int bin = (int)((w - low) * (HISTORY_BINS / (high - low)));
            int now = ++count[bin < HISTORY_BINS ? bin : HISTORY_BINS - 1];
            if (now > most) most = now;
        }
        const uint8_t *cell = cell_of(h, 4, l, HISTORY_WEIGHTS);
        memcpy(ends, cell, sizeof ends); /* little-endian here */
        assert_true(ends[0] == low && ends[1] == high);
        for (int b = 0; b < HISTORY_BINS; b++) assert_int_equal(cell[8 + b], (count[b] * 255 + most - 1) / most);
        memcpy(ends, cell_of(h, 4, l, HISTORY_ACTIVATIONS), sizeof ends);
        assert_true(l == 2 ? ends[0] == 0 && ends[1] == 0 : ends[1] > 0); /* of the output none */
        memcpy(ends, cell_of(h, 4, l, HISTORY_GRADIENTS), sizeof ends);
        assert_true(ends[0] < 0 && ends[1] > 0);
    }
    arena_destroy(arena);
}

static void is_the_same_after_a_pause(void **state)
{
    (void)state;
    char path[] = "/tmp/consort-history-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    Arena *arena = arena_create(0);
    Rows train = spirals(200, 1, arena), valid = spirals(60, 2, arena);
    TrainOptions options = options_of(20);
    TrainRun how = {.seed = 4, .metric = METRIC_ACCURACY, .history = true};
    TrainResult whole = run(&options, &train, &valid, &how, arena);
    how.checkpoint = path;
    how.pause_after = 7;
    TrainResult paused = run(&options, &train, &valid, &how, arena);
    assert_int_equal(paused.outcome, RUN_PAUSED);
    assert_int_equal(paused.history->n, 7);
    how.pause_after = 0;
    TrainResult resumed = run(&options, &train, &valid, &how, arena);
    Text a = {0}, b = {0};
    history_print(whole.history, &a);
    history_print(resumed.history, &b);
    assert_string_equal(a.bytes, b.bytes);
    unlink(path);
    text_free(&a);
    text_free(&b);
    arena_destroy(arena);
}

/* Whatever the network: 20 kB at most as text, and a text that reads back. */
static void stays_small(void **state)
{
    (void)state;
    for (int layers = 1; layers <= MLP_MAX_LAYERS; layers += 4) {
        Error err;
        History h;
        Text text = {0};
        Arena *arena = arena_create(0);
        assert_true(history_create(layers, 1000, arena, &h, &err));
        assert_true(history_bytes(layers, 1000) >= arena_used(arena));
        for (int e = 1; e <= 1000; e++)
            if (history_wants(&h, e)) h.epoch[h.n++] = e;
        assert_int_equal(h.n, h.most);
        assert_int_equal(h.epoch[h.n - 1], 1000);
        history_print(&h, &text);
        assert_true(text.n < 20000);
        Doc *doc = doc_parse(text.bytes, text.n, &err);
        const size_t n = (size_t)h.n * (size_t)layers * HISTORY_KINDS * HISTORY_CELL;
        uint8_t *cells = arena_alloc(arena, n, 1);
        assert_true(base64_read(doc_to_text(doc_get(doc, "cells"), ""), cells, n));
        assert_false(base64_read(doc_to_text(doc_get(doc, "cells"), ""), cells, n - 3));
        doc_free(doc);
        text_free(&text);
        arena_destroy(arena);
    }
}

/* Numbers beyond all bounds are left out, a constant is one bin. */
static void takes_any_numbers(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows train = spirals(40, 1, arena);
    TrainOptions options = options_of(1);
    TrainRun how = {.seed = 4, .metric = METRIC_ACCURACY};
    TrainResult result = run(&options, &train, NULL, &how, arena);
    Trainer *trainer;
    History h;
    Error err;
    assert_true(trainer_create(&options, &train, 1, 0, arena, &trainer, &err));
    assert_true(history_create(3, 2, arena, &h, &err));
    MlpLayer first = mlp_layer(result.mlp, 0), second = mlp_layer(result.mlp, 1);
    for (int i = 0; i < 2 * first.ld; i++) first.w[i] = NAN;
    first.w[3] = INFINITY, first.w[4] = 3e38f, first.w[5] = -3e38f;
    for (int i = 0; i < 9 * second.ld; i++) second.w[i] = 0.5f;
    history_note(&h, 1, trainer, result.mlp, 1);
    float ends[2];
    memcpy(ends, cell_of(&h, 0, 0, HISTORY_WEIGHTS), sizeof ends);
    assert_true(ends[0] == -3e38f && ends[1] == 3e38f);
    const uint8_t *flat = cell_of(&h, 0, 1, HISTORY_WEIGHTS);
    assert_int_equal(flat[8], 255);
    assert_int_equal(flat[9], 0);
    arena_destroy(arena);
}

static int setup(void **state)
{
    (void)state;
    return mat_init(NULL) ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_no_bits),
        cmocka_unit_test(bins_what_there_is),
        cmocka_unit_test(is_the_same_after_a_pause),
        cmocka_unit_test(stays_small),
        cmocka_unit_test(takes_any_numbers),
    };
    return cmocka_run_group_tests_name("engine/history", tests, setup, NULL);
}
