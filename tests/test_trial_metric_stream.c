/* What programs print, however it arrives: piece by piece, in Python's spelling, among anything. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "tuner/trial/metric_stream.h"

enum { MOST = 64 };
typedef struct {
    int n, stop_after; /* 0: never */
    StreamReport report[MOST];
} Heard;

static bool hear(void *context, const StreamReport *report)
{
    Heard *heard = context;
    assert_true(heard->n < MOST);
    heard->report[heard->n++] = *report;
    return heard->n != heard->stop_after;
}

static const char *const wanted[] = {"val/loss", "size"};

/* Feeds the text in pieces of at most `most` bytes; 0: whole. */
static MetricStream feed(const char *text, size_t n, size_t most, Rng *rng, Arena *arena, Heard *heard)
{
    MetricStream stream;
    StreamLine line = {0};
    metric_stream_start(&stream, 2, wanted, arena);
    stream.on_report = hear;
    stream.context = heard;
    for (size_t at = 0; at < n;) {
        size_t piece = most ? 1 + (size_t)(rng_uniform(rng) * (double)most) : n;
        if (piece > n - at) piece = n - at;
        metric_stream_feed(&stream, &line, text + at, piece);
        at += piece;
    }
    metric_stream_end(&stream, &line);
    return stream;
}

static double last_of(const MetricStream *stream, const char *name)
{
    for (int i = 0; i < stream->n_names; i++)
        if (strcmp(stream->name[i], name) == 0) return stream->last[i];
    return NAN;
}

static void lines_are_understood(void **state)
{
    (void)state;
    static const struct { const char *text; int n_reports; double value; } cases[] = {
        {"{\"val/loss\": 1}\n", 1, 1},
        {"{\"val/loss\": 1}", 1, 1},
        {"{\"val\": {\"loss\": 2}}\r\n", 1, 2},
        {"  {\"val.loss\": 1e-3}  \n", 1, 1e-3},
        {"loss\n{\"val/loss\": 3}\n{\"other\": 4}\n{]\n", 1, 3},
        {"{\"val/loss\": 3}{\"val/loss\": 4}\n", 0, NAN},
        {"[{\"val/loss\": 3}]\n", 0, NAN},
        {"x {\"val/loss\": 3}\n", 0, NAN},
        {"{'val/loss': 0.25, 'epoch': 1.0, 'ok': True, 'no': None}\n", 1, 0.25},
        {"{'it\\'s': 'say \"x\"', 'val/loss': -1.5e+2}\n", 1, -150},
        {"{\"val/loss\": NaN}\n", 1, NAN},
        {"{\"val/loss\": -Infinity, \"a\": Infinity}\n", 1, NAN},
        {"{\"epoch\": 0, \"val/loss\": 3}\n{\"epoch\": 1, \"val/loss\": 2}\n", 2, 2},
        {"{\"epoch\": 1, \"val/loss\": 3}\n{\"epoch\": 1, \"val/loss\": 2}\n", 1, 2},
        {"{\"epoch\": 1, \"val/loss\": 3}\n{\"val/loss\": 2}\n", 1, 2},
        {"{\"val/loss\": 3}\n{\"epoch\": 1, \"val/loss\": 2}\n", 2, 2},
        {"{\"epoch\": 1, \"step\": 9, \"val/loss\": 3}\n{\"step\": 10, \"epoch\": 1, \"val/loss\": 2}\n", 2, 2},
        {"{\"_step\": 5, \"val/loss\": 3}\n{\"_step\": 4, \"val/loss\": 2}\n", 1, 2},
        {"{\"val/loss\": true}\n{\"val/loss\": \"low\"}\n{\"val/loss\": [3]}\n", 0, NAN},
        {"{\"val/loss\": 1e999}\n", 1, NAN},
        {"", 0, NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Heard heard = {0};
        Arena *arena = arena_create(0);
        MetricStream stream = feed(cases[i].text, strlen(cases[i].text), 0, NULL, arena, &heard);
        bool same = isnan(cases[i].value) ? isnan(stream.value) : stream.value == cases[i].value;
        if (heard.n != cases[i].n_reports || !same)
            fail_msg("%s: %d reports, value %g", cases[i].text, heard.n, stream.value);
        for (int r = 0; r < heard.n; r++) assert_int_equal(heard.report[r].number, r + 1);
        arena_destroy(arena);
    }
}

static void columns_are_gathered_until_the_report(void **state)
{
    (void)state;
    static const char text[] = "{\"epoch\": 1, \"train_loss\": 5, \"lr\": 0.1}\n{\"epoch\": 1, \"val/loss\": 4}\n"
                               "{\"epoch\": 2, \"val/loss\": 3, \"eval_loss\": 7, \"grad_norm\": 2, \"size\": 9}\n";
    Heard heard = {0};
    Arena *arena = arena_create(0);
    MetricStream stream = feed(text, strlen(text), 0, NULL, arena, &heard);
    assert_int_equal(heard.n, 2);
    const StreamReport *r = heard.report;
    assert_true(r[0].value == 4 && r[0].train_loss == 5 && r[0].learning_rate == 0.1);
    assert_true(r[0].val_loss == 4 && isnan(r[0].grad_norm));
    assert_true(r[1].value == 3 && isnan(r[1].train_loss) && r[1].val_loss == 7 && r[1].grad_norm == 2);
    assert_true(last_of(&stream, "val/loss") == 3 && last_of(&stream, "size") == 9);
    assert_true(isnan(last_of(&stream, "epoch")));
    arena_destroy(arena);
}

/* What nobody wants to hear any more changes nothing. */
static void a_closed_stream_stays_closed(void **state)
{
    (void)state;
    static const char text[] = "{\"val/loss\": 3}\n{\"val/loss\": 2}\n{\"val/loss\": 1}\n";
    Heard heard = {.stop_after = 2};
    Arena *arena = arena_create(0);
    MetricStream stream = feed(text, strlen(text), 0, NULL, arena, &heard);
    assert_true(heard.n == 2 && stream.closed && stream.value == 2 && last_of(&stream, "val/loss") == 2);
    arena_destroy(arena);
}

/* However the bytes are cut, the same is heard; and bytes of any kind do no harm. */
static void pieces_make_no_difference(void **state)
{
    (void)state;
    static const char *const bits[] = {"{\"val/loss\": 3}\n", "{\"epoch\": 2, \"val/loss\": NaN}\n", "{'val/loss': 1}\n",
                                       "{\"size\": 4}\n", "{\"val\": {\"loss\": 2}}\r\n", "plain text\n", "\n", "{", "}",
                                       "\"", "'", "\\", "\xff\xfe", "{\"val/loss\": ", "7}\n", "\n\n", "{'a': nan}\n"};
    Rng rng = rng_stream(11, 0, RNG_TEST);
    for (int round = 0; round < 300; round++) {
        Text text = {0};
        int n = 1 + (int)(rng_uniform(&rng) * 30);
        for (int i = 0; i < n; i++) {
            size_t b = (size_t)(rng_uniform(&rng) * (sizeof bits / sizeof *bits));
            text_add(&text, bits[b]);
            if (rng_uniform(&rng) < 0.05) text_add_n(&text, "\0", 1);
        }
        Arena *arena = arena_create(0);
        Heard whole = {0}, pieces = {0};
        MetricStream a = feed(text.bytes, text.n, 0, NULL, arena, &whole);
        MetricStream b = feed(text.bytes, text.n, 7, &rng, arena, &pieces);
        assert_int_equal(whole.n, pieces.n);
        assert_memory_equal(whole.report, pieces.report, (size_t)whole.n * sizeof *whole.report);
        assert_int_equal(a.n_names, b.n_names);
        assert_memory_equal(a.last, b.last, (size_t)a.n_names * sizeof *a.last);
        arena_destroy(arena);
        text_free(&text);
    }
}

static void sizes_are_bounded(void **state)
{
    (void)state;
    Text text = {0};
    text_add(&text, "{\"val/loss\": 1, \"long\": \"");
    for (int i = 0; i < STREAM_MAX_LINE / 16 + 1; i++) text_add(&text, "0123456789abcdef");
    text_add(&text, "\"}\n{\"val/loss\": 2}\n");
    for (int i = 0; i < 2 * STREAM_MAX_NAMES; i++) text_print(&text, "{\"n%d\": %d}\n", i, i);
    text_add(&text, "{\"size\": 5}\n{\"");
    for (int i = 0; i < STREAM_MAX_NAME; i++) text_add(&text, "ab");
    text_add(&text, "\": 1, \"n3\": 7}\n");
    assert_true(text_ok(&text));
    Arena *arena = arena_create(0);
    for (size_t most = 0; most < 100000; most += 50000) {
        Rng rng = rng_stream(1, 0, RNG_TEST);
        Heard heard = {0};
        MetricStream stream = feed(text.bytes, text.n, most, &rng, arena, &heard);
        assert_true(heard.n == 1 && stream.value == 2);
        assert_int_equal(stream.n_names, STREAM_MAX_NAMES);
        assert_true(last_of(&stream, "size") == 5 && last_of(&stream, "n3") == 7);
    }
    arena_destroy(arena);
    text_free(&text);
}

/* A file that is one object over many lines, and one of lines; neither makes reports. */
static void whole_texts_have_values_only(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\n  \"val/loss\": 2,\n  \"size\": 3\n}\n", "{\"val/loss\": 9}\n{\"val/loss\": 2, \"size\": 3}",
                                        "noise\n{\"size\": 3, \"val/loss\": 2}\nnoise"};
    for (int i = 0; i < 3; i++) {
        Heard heard = {0};
        MetricStream stream;
        Arena *arena = arena_create(0);
        metric_stream_start(&stream, 2, wanted, arena);
        stream.on_report = hear;
        stream.context = &heard;
        metric_stream_values(&stream, texts[i], strlen(texts[i]));
        assert_true(heard.n == 0 && stream.has_value && stream.value == 2 && last_of(&stream, "size") == 3);
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_understood),
        cmocka_unit_test(columns_are_gathered_until_the_report),
        cmocka_unit_test(a_closed_stream_stays_closed),
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(whole_texts_have_values_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
