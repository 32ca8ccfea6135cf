/* Rows by their table of columns: got, set, copied, joined, shown. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/record.h"

typedef enum { RED, GREEN, BLUE } Colour;
static const char *const colours[] = {"red", "green", "blue", NULL};
typedef struct {
    int number, best;
    int64_t bytes;
    uint64_t seed;
    double seconds, score;
    const char *name, *why;
    Colour colour;
} Row;
enum { SHOWN = 1, WRITTEN = 2 };

static const RowColumn list[] = {
    COLUMN(Row, number, INTEGER, .when = SHOWN | WRITTEN, .label = "trial"),
    COLUMN(Row, best, INTEGER, .when = WRITTEN, .zero_is_null = true, .counts = true),
    COLUMN(Row, bytes, INTEGER, .when = SHOWN, .counts = true, .zero_is_null = true, .pause = PAUSE_KEEPS_LARGER,
           .unit = "bytes"),
    COLUMN(Row, seed, INTEGER),
    COLUMN_NAMED(Row, seconds, "secs", REAL, .when = SHOWN, .null_is_zero = true, .pause = PAUSE_ADDS,
                 .unit = "s"),
    COLUMN(Row, score, REAL, .when = SHOWN),
    COLUMN(Row, name, TEXT, .when = SHOWN, .null_text = "nobody"),
    COLUMN(Row, why, TEXT, .when = SHOWN),
    COLUMN(Row, colour, TEXT, .when = SHOWN, .names = colours),
    COLUMN_ONLY("crashes", INTEGER),
};
static const RowTable table = COLUMN_TABLE("thing", NULL, Row, list);
static const Row full = {.number = 3, .best = 2, .bytes = INT64_C(1) << 40, .seed = UINT64_MAX, .seconds = 1.5,
                         .score = -0.1, .name = "a", .colour = BLUE};

static const RowColumn *named(const char *name)
{
    int i = column_index(&table, name);
    assert_true(i >= 0);
    return &table.columns[i];
}

static void what_is_got_can_be_set(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Row back = {0};
    for (int i = 0; i < table.n; i++) {
        RowCell cell = column_get(&table.columns[i], &full);
        assert_true(column_set(&table.columns[i], &back, &cell, arena, NULL));
    }
    assert_true(back.number == 3 && back.best == 2 && back.bytes == full.bytes && back.seed == UINT64_MAX);
    assert_true(back.seconds == 1.5 && back.score == -0.1 && back.colour == BLUE && !back.why);
    assert_string_equal(back.name, "a");
    assert_ptr_not_equal(back.name, full.name);
    arena_fail_after(arena, 0);
    Error err;
    RowCell cell = column_get(named("name"), &full);
    assert_false(column_set(named("name"), &back, &cell, arena, &err));
    assert_int_equal(err.code, ERR_MEMORY);
    arena_destroy(arena);
}

static void unknown_is_null_and_comes_back(void **state)
{
    (void)state;
    static const char *const null[] = {"best", "bytes", "score", "why", "crashes"};
    Row row = {.score = NAN}, back = full;
    const RowCell nothing = {.kind = CELL_NULL};
    for (size_t i = 0; i < sizeof null / sizeof *null; i++)
        assert_int_equal(column_get(named(null[i]), &row).kind, CELL_NULL);
    assert_int_equal(column_get(named("number"), &row).kind, CELL_INTEGER); /* 0 is a number there */
    assert_int_equal(column_get(named("secs"), &row).kind, CELL_REAL);
    assert_string_equal(column_get(named("name"), &row).t, "nobody");
    for (int i = 0; i < table.n; i++)
        if (strcmp(table.columns[i].name, "colour") != 0)
            assert_true(column_set(&table.columns[i], &back, &nothing, NULL, NULL));
    assert_true(back.best == 0 && back.bytes == 0 && back.seconds == 0 && isnan(back.score) && !back.why);
    assert_string_equal(back.name, "nobody");
}

static void what_cannot_be_is_refused_or_held(void **state)
{
    (void)state;
    Row row = full;
    Error err;
    const RowCell pink = {CELL_TEXT, 0, 0, "pink"}, null = {.kind = CELL_NULL}, large = {CELL_INTEGER, INT64_MAX, 0, 0};
    assert_false(column_set(named("colour"), &row, &pink, NULL, &err));
    assert_string_equal(err.message, "unknown colour");
    assert_false(column_set(named("colour"), &row, &null, NULL, &err));
    assert_int_equal(row.colour, BLUE);
    assert_true(column_set(named("number"), &row, &large, NULL, &err));
    assert_int_equal(row.number, INT_MAX);
    const RowCell negative = {CELL_INTEGER, -1, 0, 0};
    assert_true(column_set(named("best"), &row, &large, NULL, &err) && row.best == 1000000000);
    assert_true(column_set(named("best"), &row, &negative, NULL, &err) && row.best == 0);
    assert_true(column_set(named("bytes"), &row, &large, NULL, &err) && row.bytes == INT64_C(1) << 53);
    assert_true(column_set(named("number"), &row, &negative, NULL, &err) && row.number == -1);
}

static void copies_are_deep_and_of_what_is_asked_for(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    char name[] = "before";
    Row row = full, copy = {0}, rows[2] = {full, full};
    row.name = name;
    assert_true(record_copy(&table, SHOWN, &row, &copy, arena));
    strcpy(name, "after!");
    assert_string_equal(copy.name, "before");
    assert_true(copy.number == 3 && copy.best == 0 && copy.seed == 0);
    rows[1].name = name;
    Row *copies = record_copies(&table, rows, 2, arena);
    name[0] = 'x';
    assert_string_equal(copies[1].name, "after!");
    assert_true(copies[1].best == 2 && !copies[1].why);
    assert_non_null(record_copies(&table, NULL, 0, arena));
    for (long n = 0; ; n++) {
        arena_fail_after(arena, n);
        if (record_copies(&table, rows, 2, arena)) break;
        assert_true(n < 10);
    }
    struct {
        Row row;
        char texts[32];
    } block = {.row = rows[1]};
    block.row.why = "because";
    assert_int_equal(record_text_bytes(&table, &block.row), 7 + 8);
    record_move_texts(&table, &block.row, block.texts);
    assert_ptr_equal(block.row.name, block.texts);
    assert_string_equal(block.row.why, "because");
    assert_ptr_equal(block.row.why, block.texts + 7);
    arena_destroy(arena);
}

static void a_pause_adds_or_keeps_the_larger(void **state)
{
    (void)state;
    const Row before = {.bytes = 500, .seconds = 2, .number = 9};
    Row now = {.bytes = 300, .seconds = 0.5, .number = 3};
    record_join(&table, &before, &now);
    assert_true(now.bytes == 500 && now.seconds == 2.5 && now.number == 3);
}

static void is_shown_in_every_form(void **state)
{
    (void)state;
    Doc *doc = doc_object();
    Text text = {0};
    char out[32];
    record_doc(&table, SHOWN, &full, doc);
    assert_true(doc_print(doc, 0, &text));
    assert_string_equal(text.bytes, "{\"trial\":3,\"bytes\":1099511627776,\"secs\":1.5,\"score\":-0.1,\"name\":\"a\","
                        "\"why\":null,\"colour\":\"blue\"}");
    text_free(&text);
    doc_free(doc);
    assert_string_equal(column_text(named("bytes"), &full, out), "1099511627776");
    assert_string_equal(column_text(named("score"), &full, out), "-0.1");
    assert_string_equal(column_text(named("why"), &full, out), "");
    assert_string_equal(column_text(named("bytes"), &(Row){0}, out), "");
    assert_string_equal(column_words(named("bytes"), &full, out), "1 TiB");
    assert_string_equal(column_words(named("secs"), &full, out), "1.5s");
    assert_string_equal(column_words(named("number"), &full, out), "3");
    assert_int_equal(column_index(&table, "nothing"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_got_can_be_set),
        cmocka_unit_test(unknown_is_null_and_comes_back),
        cmocka_unit_test(what_cannot_be_is_refused_or_held),
        cmocka_unit_test(copies_are_deep_and_of_what_is_asked_for),
        cmocka_unit_test(a_pause_adds_or_keeps_the_larger),
        cmocka_unit_test(is_shown_in_every_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
