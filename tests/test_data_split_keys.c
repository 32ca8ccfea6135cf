/* data/split_groups, split_order, split_given: nobody on both sides, nothing from the future, as somebody said. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"
#include "data/split.h"
#include "data/split_given.h"
#include "data/split_groups.h"
#include "data/split_order.h"

/* Rows at random: skewed classes that depend on the group, some rows without a label, groups of all sizes. */
typedef struct {
    SplitRows rows;
    Column group, order, part;
    int n_groups;
} Made;

static Made *make_rows(Arena *arena, int seed, int n, int n_classes, int n_groups, bool holes)
{
    Rng rng = rng_stream((uint64_t)seed, 1, RNG_TEST);
    Made *m = ARENA_NEW(arena, Made, 1);
    int32_t *labels = ARENA_NEW(arena, int32_t, n), *code = ARENA_NEW(arena, int32_t, n);
    double *number = ARENA_NEW(arena, double, n), *when = ARENA_NEW(arena, double, n);
    const char **names = ARENA_NEW(arena, const char *, n_groups);
    for (int g = 0; g < n_groups; g++) names[g] = arena_print(arena, "g%d", g);
    for (int i = 0; i < n; i++) {
        double u = rng_uniform(&rng);
        int g = (int)(n_groups * u * u);
        code[i] = holes && rng_below(&rng, 40) == 0 ? -1 : g;
        number[i] = code[i] < 0 ? NAN : g * 7 - 100;
        when[i] = rng_below(&rng, (uint32_t)(n / 3 + 1)); /* with ties */
        labels[i] = (int32_t)((g + (int)rng_below(&rng, 3)) % n_classes);
        if (holes && rng_below(&rng, 9) == 0) labels[i] = -1;
    }
    m->group = seed % 2 ? (Column){.name = "who", .kind = COLUMN_NOMINAL, .code = code, .n_levels = n_groups,
                                   .levels = names}
                        : (Column){.name = "who", .kind = COLUMN_NUMERIC, .number = number};
    m->order = (Column){.name = "when", .kind = COLUMN_NUMERIC, .number = when};
    m->rows = (SplitRows){.n = n, .n_classes = n_classes, .labels = labels};
    return m;
}

static Split *divide(const SplitOptions *options, const SplitRows *rows, Arena *arena)
{
    Error err = {0};
    Split *split = NULL;
    if (!split_divide(options, rows, NULL, arena, &split, &err)) fail_msg("%s", err.message);
    return split;
}

static void refused(const SplitOptions *options, const SplitRows *rows, const char *words, Arena *arena)
{
    Error err = {0};
    Split *split = NULL;
    assert_false(split_divide(options, rows, NULL, arena, &split, &err));
    assert_null(split);
    if (!strstr(err.message, words)) fail_msg("no `%s` in: %s", words, err.message);
}

/* In each fold nobody trains and validates, lists increase, and rows without a label are nowhere. */
static void check_sides(const Split *split, const SplitRows *rows, const Groups *groups, Arena *arena)
{
    int *times = ARENA_NEW(arena, int, rows->n);
    for (int f = 0; f < split->n_folds; f++) {
        int *seen = ARENA_NEW(arena, int, rows->n);
        uint8_t *side = groups ? ARENA_NEW(arena, uint8_t, groups->n) : NULL;
        assert_true(split->n_train[f] > 0 && split->n_valid[f] > 0);
        for (int t = 0; t < 2; t++) {
            const int32_t *list = t ? split->valid[f] : split->train[f];
            int n = t ? split->n_valid[f] : split->n_train[f];
            for (int i = 0; i < n; i++) {
                if (i > 0) assert_true(list[i] > list[i - 1]);
                assert_true(split_usable(rows, list[i]));
                assert_int_equal(seen[list[i]]++, 0);
                if (t) times[list[i]]++;
                if (!groups) continue;
                assert_true(groups->of[list[i]] >= 0);
                side[groups->of[list[i]]] |= (uint8_t)(1 << t);
            }
        }
        for (int g = 0; groups && g < groups->n; g++) assert_true(side[g] != 3);
    }
    for (int i = 0; i < rows->n; i++) assert_int_equal(times[i], split->fold_of[i] >= 0 ? split->n_times : 0);
}

static int largest_group(const Groups *groups, int n, Arena *arena)
{
    int *size = ARENA_NEW(arena, int, groups->n), largest = 0;
    for (int i = 0; i < n; i++)
        if (groups->of[i] >= 0 && ++size[groups->of[i]] > largest) largest = size[groups->of[i]];
    return largest;
}

static void groups_stay_together(void **state)
{
    Arena *arena = *state;
    for (int seed = 1; seed <= 60; seed++) {
        int n = 60 + 13 * seed, n_classes = 2 + seed % 4, folds = 2 + seed % 5;
        Made *m = make_rows(arena, seed, n, n_classes, folds + 1 + seed % 40, seed % 3 == 0);
        m->rows.group = &m->group;
        Groups groups;
        assert_true(groups_of(&m->rows, arena, &groups, NULL));
        if (groups.n < folds) continue;
        int usable = 0, largest = largest_group(&groups, n, arena);
        for (int i = 0; i < n; i++) usable += split_usable(&m->rows, i);
        SplitOptions options = {.type = SPLIT_KFOLD, .folds = folds, .stratify = seed % 4 != 0, .seed = seed,
                                .repeats = seed % 7 == 0 ? 3 : 1};
        Split *split = divide(&options, &m->rows, arena);
        check_sides(split, &m->rows, &groups, arena);
        assert_int_equal(split->n_folds, folds * options.repeats);
        for (int f = 0; f < split->n_folds; f++) {
            assert_int_equal(split->n_train[f] + split->n_valid[f], usable);
            assert_true(fabs(split->n_valid[f] - (double)usable / folds) <= largest + 1);
        }
        options = (SplitOptions){.val_fraction = 0.1 + 0.02 * (seed % 20), .stratify = true, .seed = seed};
        split = divide(&options, &m->rows, arena);
        check_sides(split, &m->rows, &groups, arena);
        assert_true(fabs(split->n_valid[0] - options.val_fraction * usable) <= largest + 1);
        assert_int_equal(split->n_train[0] + split->n_valid[0], usable);
    }
}

/* Many small groups leave the greedy deal nothing to be off by. */
static void classes_are_near_proportion(void **state)
{
    Arena *arena = *state;
    for (int seed = 1; seed <= 10; seed++) {
        Made *m = make_rows(arena, seed, 3000, 3, 400, false);
        m->rows.group = &m->group;
        SplitOptions options = {.type = SPLIT_KFOLD, .folds = 5, .stratify = true, .seed = seed};
        Split *split = divide(&options, &m->rows, arena);
        int all[3] = {0};
        for (int i = 0; i < 3000; i++) all[m->rows.labels[i]]++;
        for (int f = 0; f < 5; f++) {
            int here[3] = {0};
            for (int i = 0; i < split->n_valid[f]; i++) here[m->rows.labels[split->valid[f][i]]]++;
            for (int c = 0; c < 3; c++) assert_true(fabs(here[c] - all[c] / 5.0) < 0.03 * all[c]);
        }
    }
}

static void the_seed_decides(void **state)
{
    Arena *arena = *state;
    Made *m = make_rows(arena, 3, 900, 3, 90, false);
    m->rows.group = &m->group;
    SplitOptions options = {.type = SPLIT_KFOLD, .folds = 5, .stratify = true, .seed = 1, .repeats = 2};
    Split *one = divide(&options, &m->rows, arena), *again = divide(&options, &m->rows, arena);
    assert_string_equal(one->hash, again->hash);
    int fold[900] = {0}, pairs = 0, both = 0; /* another deal parts those that the first has put together */
    for (int f = 5; f < 10; f++)
        for (int i = 0; i < one->n_valid[f]; i++) fold[one->valid[f][i]] = f;
    for (int i = 0; i < 900; i++)
        for (int j = 0; j < i; j++) {
            if (one->fold_of[i] != one->fold_of[j] || column_cell(&m->group, i, arena) == column_cell(&m->group, j, arena))
                continue;
            pairs++;
            both += fold[i] == fold[j];
        }
    assert_true(both < 0.4 * pairs);
    options.seed = 2;
    assert_string_not_equal(one->hash, divide(&options, &m->rows, arena)->hash);
    /* The first of several deals is the deal alone; weights are part of the hash, 0 leaves a row out. */
    options.seed = 1, options.repeats = 1;
    Split *alone = divide(&options, &m->rows, arena);
    assert_memory_equal(alone->fold_of, one->fold_of, 900 * sizeof *one->fold_of);
    double weight[900];
    for (int i = 0; i < 900; i++) weight[i] = i % 3;
    m->rows.weight = weight;
    Split *weighed = divide(&options, &m->rows, arena);
    for (int i = 0; i < 900; i += 3) assert_int_equal(weighed->fold_of[i], -1);
    weight[1] = 7;
    assert_string_not_equal(weighed->hash, divide(&options, &m->rows, arena)->hash);
}

static double latest(const Split *split, int f, const Column *when)
{
    double most = -INFINITY;
    for (int i = 0; i < split->n_train[f]; i++) most = fmax(most, column_number(when, split->train[f][i]));
    return most;
}

static void nothing_comes_from_the_future(void **state)
{
    Arena *arena = *state;
    for (int seed = 1; seed <= 60; seed++) {
        int n = 100 + 11 * seed;
        Made *m = make_rows(arena, seed, n, 3, 50, seed % 3 == 0);
        m->rows.order = &m->order;
        SplitOptions o = {.type = SPLIT_FORWARD, .folds = 1 + seed % 5, .val_fraction = 0.3, .seed = seed,
                          .window = seed % 2, .gap = seed % 4 * 2, .gap_unit = seed % 3 ? GAP_ROWS : GAP_VALUE};
        Split *split = divide(&o, &m->rows, arena);
        check_sides(split, &m->rows, NULL, arena);
        assert_int_equal(split->n_folds, o.folds);
        double before = -INFINITY, sum = 0;
        for (int f = 0; f < split->n_folds; f++) {
            double known = latest(split, f, &m->order), first = INFINITY, last = -INFINITY;
            for (int i = 0; i < split->n_valid[f]; i++) {
                double at = column_number(&m->order, split->valid[f][i]);
                first = fmin(first, at);
                last = fmax(last, at);
            }
            assert_true(known < first);
            assert_true(first > before); /* ties stand on one side */
            before = last;
            if (o.gap_unit == GAP_VALUE) assert_true(known <= first - o.gap);
            int between = 0;
            for (int i = 0; i < n; i++)
                between += split_usable(&m->rows, i) && column_number(&m->order, i) > known
                        && column_number(&m->order, i) < first;
            if (o.gap_unit == GAP_ROWS) assert_true(between >= o.gap);
            if (f && o.window == WINDOW_ROLLING) assert_true(split->n_train[f] <= split->n_train[0]);
            if (f && o.window == WINDOW_EXPANDING) assert_true(split->n_train[f] > split->n_train[f - 1]);
            sum += split->n_valid[f];
        }
        int usable = 0;
        for (int i = 0; i < n; i++) usable += split_usable(&m->rows, i);
        assert_true(fabs(sum - 0.3 * usable) <= 12);
        /* With groups as well nobody is on both sides. */
        m->rows.group = &m->group;
        Groups groups;
        assert_true(groups_of(&m->rows, arena, &groups, NULL));
        Error err;
        if (split_divide(&o, &m->rows, NULL, arena, &split, &err)) check_sides(split, &m->rows, &groups, arena);
        else assert_non_null(strstr(err.message, "leave out data.groups or data.order"));
    }
}

static void the_last_rows_test(void **state)
{
    Arena *arena = *state;
    Made *m = make_rows(arena, 4, 500, 3, 50, false);
    m->rows.order = &m->order;
    TwoParts parts;
    Error err;
    HoldOut how = {.fraction = 0.25, .gap = 10};
    assert_true(split_two(&how, &m->rows, arena, &parts, &err));
    double last = -INFINITY, first = INFINITY;
    for (int i = 0; i < parts.n_rest; i++) last = fmax(last, column_number(&m->order, parts.rest[i]));
    for (int i = 0; i < parts.n_held; i++) first = fmin(first, column_number(&m->order, parts.held[i]));
    assert_true(last < first && parts.n_rest + parts.n_held <= 490 && abs(parts.n_held - 125) < 8);
}

static void dates_are_moments(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } known[] = {{"1970-01-01", 0},
                 {"2000-03-01", 951868800},
                 {"2024-02-29", 1709164800},
                 {"2024-02-29T12:30:05Z", 1709209805},
                 {"2024-02-29 12:30:05.5", 1709209805.5},
                 {"2024-02-29T12:30+02:00", 1709202600},
                 {"1969-12-31T23:59:59Z", -1},
                 {"2024-03", 1709251200},
                 {"2024/03/01", 1709251200},
                 {"2021-W01", 1609718400}, /* Monday 4 January */
                 {"2020-W53", 1609113600},
                 {"2024-Q2", 1711929600},
                 {"0001-01-01", -62135596800.0}};
    static const char *const none[] = {"", "2024", "2024-13-01", "2023-02-29", "2024-1-1", "01.02.2024", "2024-02-30",
                                       "2024-01-01T25:00", "2024-01-01T10", "2024-01-01x", "2024-W54", "2024-Q5",
                                       "2024-01/01", "Monday", "2024-01-01T10:00+1", "2024-01-01T10:61"};
    double seconds;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_true(moment_of(known[i].text, &seconds));
        if (seconds != known[i].seconds) fail_msg("%s: %.3f", known[i].text, seconds);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (moment_of(none[i], &seconds)) fail_msg("`%s` was taken for a date", none[i]);
}

static Column words(Arena *arena, int n, const char *const *cells)
{
    Column c = {.name = "part", .kind = COLUMN_NOMINAL, .code = ARENA_NEW(arena, int32_t, n),
                .levels = ARENA_NEW(arena, const char *, n)};
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (k < c.n_levels && strcmp(c.levels[k], cells[i]) != 0) k++;
        if (k == c.n_levels) c.levels[c.n_levels++] = cells[i];
        c.code[i] = *cells[i] ? k : -1;
    }
    return c;
}

static void a_column_says_it(void **state)
{
    Arena *arena = *state;
    static const int32_t labels[6] = {0, 1, 0, 1, -1, 1};
    static const char *const named[6] = {"Train", "VAL", "train", "test", "nonsense", "validation"};
    static const char *const folds[6] = {"1", "2", "3", "1", "9", "3"}, *const only[6] = {"train", "train", "train",
                                                                                         "test", "train", "train"};
    SplitRows rows = {.n = 6, .n_classes = 2, .labels = labels};
    SplitOptions o = {.val_fraction = 0.4, .folds = 5};
    TwoParts parts;
    Column column = words(arena, 6, named);
    rows.part = &column;
    Split *split = divide(&o, &rows, arena);
    assert_true(split->n_folds == 1 && split->n_train[0] == 2 && split->n_valid[0] == 2);
    assert_true(split->valid[0][0] == 1 && split->valid[0][1] == 5 && split->train[0][1] == 2);
    assert_true(split_given_test(&o, &rows, NULL, arena, &parts, NULL));
    assert_true(parts.n_held == 1 && parts.held[0] == 3 && parts.n_rest == 5);
    column = words(arena, 6, folds);
    split = divide(&o, &rows, arena);
    assert_int_equal(split->n_folds, 3);
    check_sides(split, &rows, NULL, arena);
    assert_true(split->valid[0][0] == 0 && split->valid[0][1] == 3 && split->n_train[1] == 4);
    column = words(arena, 6, only); /* and the rest by options */
    split = divide(&o, &rows, arena);
    assert_int_equal(split->n_train[0] + split->n_valid[0], 5);
    static const struct {
        const char *cells[6], *words;
    } wrong[] = {{{"train", "maybe", "valid", "valid", "x", "train"}, "row 2: `maybe` in column `part`"},
                 {{"train", "", "valid", "valid", "x", "train"}, "row 2 has nothing in column `part`"},
                 {{"valid", "valid", "valid", "valid", "x", "test"}, "no labelled row says train"},
                 {{"1", "2", "train", "2", "x", "2"}, "one or the other"},
                 {{"1", "1", "1", "1", "x", "1"}, "at least two"},
                 {{"2", "3", "2", "3", "x", "3"}, "from 0 or from 1"},
                 {{"0", "3", "1", "3", "x", "3"}, "fold 2 of 0 .. 3"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        column = words(arena, 6, wrong[i].cells);
        refused(&o, &rows, wrong[i].words, arena);
    }
}

static const char *write_rows(const char *name, const char *text)
{
    Error err;
    if (!file_write(name, text, strlen(text), &err)) fail_msg("%s", err.message);
    return name;
}

static void files_say_it(void **state)
{
    Arena *arena = *state;
    static const int32_t labels[8] = {0, 1, 0, 1, -1, 1, 0, 1};
    SplitRows rows = {.n = 8, .n_classes = 2, .labels = labels};
    SplitOptions o = {.type = SPLIT_FILES, .valid = write_rows("valid.txt", "# fold 0\n1\r\n\n 4 # no label\n6"),
                      .test = write_rows("test.txt", "7\n")};
    TwoParts parts;
    Split *split = divide(&o, &rows, arena);
    assert_true(split->n_valid[0] == 2 && split->valid[0][0] == 1 && split->valid[0][1] == 6);
    assert_int_equal(split->n_train[0], 4);
    assert_true(split_given_test(&o, &rows, NULL, arena, &parts, NULL));
    assert_true(parts.n_held == 1 && parts.held[0] == 7);
    o.base = 1;
    split = divide(&o, &rows, arena);
    assert_true(split->valid[0][0] == 0 && split->valid[0][1] == 3 && split->valid[0][2] == 5);
    o.train = write_rows("train.txt", "2\n3\n");
    split = divide(&o, &rows, arena);
    assert_true(split->n_train[0] == 2 && split->train[0][0] == 1);
    o.base = 0, o.train = NULL;
    static const struct {
        const char *text, *words;
    } wrong[] = {{"1\n8\n", "valid.txt:2: row 8, but the rows are 0 to 7"}, {"-1", "`-1` is no row number"},
                 {"1\n1", "this file twice"}, {"7", "another of the files"}, {"1.5", "no row number"},
                 {"99999999999", "no row number"}, {"9999999999", "but the rows are"}, {"", "left to validate"},
                 {"4", "left to validate"}, {"0\n1\n2\n3\n5\n6", "left to train"}, {"1 2", "no row number"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_rows("valid.txt", wrong[i].text);
        refused(&o, &rows, wrong[i].words, arena);
    }
    o.valid = "nowhere.txt";
    refused(&o, &rows, "nowhere.txt", arena);
    unlink("valid.txt"), unlink("test.txt"), unlink("train.txt");
}

static void says_what_cannot_be(void **state)
{
    Arena *arena = *state;
    Made *m = make_rows(arena, 5, 60, 2, 3, false);
    SplitOptions o = {.type = SPLIT_FORWARD, .folds = 3, .val_fraction = 0.2};
    refused(&o, &m->rows, "needs data.order", arena);
    m->rows.order = &m->order;
    o.gap = 1000;
    refused(&o, &m->rows, "lower gap", arena);
    o.gap = 3, o.gap_unit = GAP_DAYS;
    refused(&o, &m->rows, "say value or rows", arena);
    o.gap = 0, o.folds = 59;
    refused(&o, &m->rows, "lower folds", arena);
    o.type = SPLIT_KFOLD, o.folds = 5;
    refused(&o, &m->rows, "later rows", arena);
    for (int i = 0; i < 60; i++) m->order.number[i] = 4;
    o.type = SPLIT_HOLDOUT;
    refused(&o, &m->rows, "the same value", arena);
    m->order.number[7] = NAN;
    refused(&o, &m->rows, "row 8 has nothing in column `when`", arena);
    m->rows.order = NULL;
    m->rows.group = &m->group;
    o = (SplitOptions){.type = SPLIT_KFOLD, .folds = 5};
    refused(&o, &m->rows, "have 3 groups in `who`", arena);
    o = (SplitOptions){.val_fraction = 0.2, .repeats = 2};
    refused(&o, &m->rows, "split.repeats is for `type: kfold`", arena);
    Column named = words(arena, 2, (const char *const[]){"Tuesday", "2024-01-01"});
    SplitRows two = {.n = 2, .order = &named};
    o.repeats = 1;
    refused(&o, &two, "`Tuesday` in column `part` is neither", arena);
}

static void survives_every_failed_allocation(void **state)
{
    Made *m = make_rows(*state, 7, 90, 3, 12, true);
    for (int kind = 0; kind < 3; kind++) {
        SplitOptions o = {.type = kind == 1 ? SPLIT_FORWARD : SPLIT_KFOLD, .folds = 3, .val_fraction = 0.3, .repeats = 1,
                          .stratify = true};
        Error err = {0};
        bool done = false;
        m->rows.group = kind == 1 ? NULL : &m->group;
        m->rows.order = kind == 1 ? &m->order : NULL;
        for (int n = 0; !done; n++) {
            Arena *arena = arena_create(0);
            Split *split = NULL;
            arena_fail_after(arena, n);
            done = split_divide(&o, &m->rows, NULL, arena, &split, &err);
            arena_fail_after(arena, -1);
            if (!done) assert_int_equal(err.code, ERR_MEMORY);
            assert_true(done == (split != NULL) && n < 200);
            arena_destroy(arena);
        }
    }
}

static int setup(void **state)
{
    return (*state = arena_create(0)) == NULL;
}

static int teardown(void **state)
{
    arena_destroy(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(groups_stay_together, setup, teardown),
        cmocka_unit_test_setup_teardown(classes_are_near_proportion, setup, teardown),
        cmocka_unit_test_setup_teardown(the_seed_decides, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_comes_from_the_future, setup, teardown),
        cmocka_unit_test_setup_teardown(the_last_rows_test, setup, teardown),
        cmocka_unit_test_setup_teardown(dates_are_moments, setup, teardown),
        cmocka_unit_test_setup_teardown(a_column_says_it, setup, teardown),
        cmocka_unit_test_setup_teardown(files_say_it, setup, teardown),
        cmocka_unit_test_setup_teardown(says_what_cannot_be, setup, teardown),
        cmocka_unit_test_setup_teardown(survives_every_failed_allocation, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
