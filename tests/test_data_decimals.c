/* data/decimals and reading_number: whatever way a number goes, it is the double that strtod makes of its text. */
#include "tests/data_fixture.h"

#include "data/reader.h"

static void expect_bits(const char *text, double value)
{
    double want = strtod(text, NULL);
    if (memcmp(&want, &value, sizeof want) != 0) fail_msg("%s read as %.17g (%a for %a)", text, value, value, want);
}

static void expect_number(const char *text)
{
    double value;
    assert_true(reading_number(text, strlen(text), false, &value));
    expect_bits(text, value);
}

static void digits(Rng *rng, char *out, int n)
{
    for (int i = 0; i < n; i++) out[i] = (char)('0' + rng_below(rng, 10));
    out[n] = '\0';
}

static void numbers_are_those_of_strtod(void **state)
{
    (void)state;
    Rng rng = rng_stream(11, 0, RNG_TEST);
    char text[80], before[32], after[32];
    for (int i = 0; i < 300000; i++) {
        digits(&rng, before, (int)rng_below(&rng, 14));
        digits(&rng, after, 1 + (int)rng_below(&rng, 14));
        int n = snprintf(text, sizeof text, "%s%s%s%s", i % 3 ? "" : "-", before, i % 5 ? "." : "", after);
        if (i % 4 == 0) snprintf(text + n, sizeof text - (size_t)n, "e%d", (int)rng_below(&rng, 640) - 330);
        expect_number(text);
    }
}

/* Halfway between two doubles, and the last digit one up or down. */
static void numbers_between_two_doubles(void **state)
{
    (void)state;
    Rng rng = rng_stream(12, 0, RNG_TEST);
    char text[80];
    for (int i = 0; i < 100000; i++) {
        uint64_t odd = ((uint64_t)1 << 53) + 2 * ((uint64_t)rng_u32(&rng) << 20 | rng_below(&rng, 1 << 20)) + 1;
        uint64_t times = (uint64_t)1 << rng_below(&rng, 10);
        for (int near = -1; near <= 1; near++) {
            snprintf(text, sizeof text, "%llu", (unsigned long long)(odd * times + (uint64_t)near));
            expect_number(text);
        }
        double one = ldexp((double)(odd / 4), -(int)rng_below(&rng, 80)), other = nextafter(one, INFINITY);
        snprintf(text, sizeof text, "%.18Le", ((long double)one + other) / 2);
        expect_number(text);
        snprintf(text, sizeof text, "%.16e", one);
        expect_number(text);
    }
}

/* A column of numbers that begins simply and stays so or does not: each is kept as it was written. */
static void columns_keep_what_was_written(void **state)
{
    (void)state;
    enum { ROWS = 60 };
    static const char *const odd[] = {"-0", "-0.0", "0", "2147483647", "-2147483647", "2147483648", "-2147483648",
                                      "9007199254740992", "0.000000001", "-0.0000000001", "214748364.7", "1.500000000",
                                      "123456789.123456789", "1e5", "999999999999999999", "0.000000000000000001"};
    Rng rng = rng_stream(13, 0, RNG_TEST);
    int narrow_ones = 0;
    for (int round = 0; round < 3000; round++) {
        char text[ROWS][40];
        Decimals cells = {0};
        Arena *arena = arena_create(0);
        int most = (int)rng_below(&rng, 12), n = 1 + (int)rng_below(&rng, ROWS);
        bool tame = rng_below(&rng, 2);
        for (int i = 0; i < n; i++) {
            double value = NAN;
            if (i == cells.capacity) assert_true(decimals_reserve(&cells, i, 2 * i + 1, arena));
            snprintf(text[i], sizeof text[i], "%.*f", (int)rng_below(&rng, (uint32_t)most + 1),
                     rng_normal(&rng) * (tame ? 1 : 1e4));
            if (!tame && rng_below(&rng, 20) == 0) strcpy(text[i], odd[rng_below(&rng, 16)]);
            if (rng_below(&rng, 10) == 0) strcpy(text[i], "nan");
            Decimal decimal = decimal_of(text[i], strlen(text[i]));
            if (decimal.places < 0) assert_true(reading_number(text[i], strlen(text[i]), false, &value));
            assert_true(decimal.places >= 0 ? decimals_add(&cells, i, decimal, arena)
                                            : decimals_add_double(&cells, i, value, arena));
        }
        Column column = {.kind = COLUMN_NUMERIC, .number = cells.wide, .decimal = cells.narrow,
                         .unit = decimals_unit(&cells)};
        assert_int_equal((column.decimal != NULL) + (column.number != NULL), 1);
        narrow_ones += column.decimal != NULL;
        for (int i = 0; i < n; i++) {
            if (strcmp(text[i], "nan") == 0) assert_true(isnan(column_number(&column, i)));
            else expect_bits(text[i], column_number(&column, i));
        }
        arena_destroy(arena);
    }
    assert_true(narrow_ones > 500 && narrow_ones < 2900);
}

/* What a column is may be seen late: every cell is still there, and what has to be refused is what came first. */
static void kinds_settle_late(void **state)
{
    Fixture *fixture = *state;
    Text text = {0};
    text_add(&text, "a,b,c,d,e,y\n");
    for (int i = 0; i < 300; i++)
        text_print(&text, "%d,%s,%s,%s,%d.5,%s\n", i % 7, i < 250 ? "12" : "twelve", i < 3 ? "" : "word",
                   i < 200 ? "0.25" : "1e-3", i, i % 2 ? "p" : "q");
    Table *t = fixture_read(fixture, fixture_text(fixture, "late.csv", text.bytes), NULL, NULL);
    fixture_check(t);
    assert_int_equal(t->columns[1].kind, COLUMN_NOMINAL);
    assert_string_equal(t->columns[1].levels[t->columns[1].code[0]], "12");
    assert_string_equal(t->columns[1].levels[t->columns[1].code[250]], "twelve");
    assert_int_equal(t->columns[2].n_missing, 3);
    assert_int_equal(t->columns[2].code[2], -1);
    assert_int_equal(t->columns[2].code[3], 0);
    assert_true(t->columns[0].decimal && t->columns[3].number && t->columns[4].decimal);
    for (int i = 0; i < 300; i++) {
        assert_true(column_number(&t->columns[0], i) == i % 7 && column_number(&t->columns[4], i) == i + .5);
        assert_true(column_number(&t->columns[3], i) == (i < 200 ? 0.25 : 1e-3));
    }
    text_free(&text);
    const char *number[] = {"a", "b"};
    ReadOptions options = {.numeric = {2, number}};
    const char *wrong = fixture_text(fixture, "wrong.csv", "a,b,y\n1,2,p\n3,x,q\nz,4,p\n");
    Error err;
    Table *none;
    assert_false(table_read(&(DataFile){.images = wrong}, &options, NULL, fixture->arena, &none, &err));
    assert_non_null(strstr(err.message, "wrong.csv:3: column `b`: `x` is not a number"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_strtod),
        cmocka_unit_test(numbers_between_two_doubles),
        cmocka_unit_test(columns_keep_what_was_written),
        cmocka_unit_test_setup(kinds_settle_late, fixture_reset),
    };
    return cmocka_run_group_tests_name("data/decimals", tests, fixture_open, fixture_close);
}
