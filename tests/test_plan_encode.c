/* Encoding by plan/runtime/, which exported C has, beside prep_apply(): random tables of all kinds of columns, all
 * ways of preprocessing, cells missing, infinite, huge, never met. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat.h"
#include "plan/coding.h"
#include "plan/encode_run.h"
#include "plan/steps.h"

enum { ROWS = 400, NEW = 150, COLUMNS = 14, ROUNDS = 240 };

static Error err;

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    return 0;
}

/* ---- tables ------------------------------------------------------------------------------------- */

/* A number of a column that lies anywhere and spreads by anything. */
static double any_number(Rng *rng, int shape, double middle, double spread)
{
    const double z = rng_normal(rng);
    switch (shape) {
    case 0: return middle + spread * z;
    case 1: return spread * exp(2 * z);
    case 2: return rng_below(rng, 3) ? 0 : middle + spread * z;
    case 3: return (double)rng_below(rng, 5);
    case 4: return floor(100 * z) / 100;
    case 5: return 7; /* says nothing */
    default: return middle + spread * floor(3 * z);
    }
}

static void fill_number(Column *column, Rng *rng, const Column *like, int n, int seed)
{
    Rng of = rng_stream((uint64_t)seed, 3, RNG_TEST);
    const int shape = (int)rng_below(&of, 7);
    const double middle = (rng_below(&of, 2) ? 1 : -1) * pow(10, -3 + 8 * rng_uniform(&of));
    const double spread = pow(10, -2 + 6 * rng_uniform(&of));
    column->kind = COLUMN_NUMERIC;
    for (int i = 0; i < n; i++) {
        double v = any_number(rng, shape, middle, spread);
        if (rng_below(&of, 9) == 0 && shape > 0) v = rng_below(rng, 4) ? NAN : INFINITY;
        column->number[i] = v;
    }
    if (!like) return;
    /* What new rows have within the range of the others, and what has none. */
    for (int i = 0; i < n; i++) {
        const double old = like->number[rng_below(rng, ROWS)], other = like->number[rng_below(rng, ROWS)];
        if (i % 3 == 0) column->number[i] = old;
        else if (i % 3 == 1) column->number[i] = old + (other - old) * rng_uniform(rng);
        if (i % 20 == 0) column->number[i] = i % 40 ? NAN : -INFINITY;
        if (i % 20 == 10) column->number[i] = i % 40 == 10 ? 1e300 : -1e300;
    }
}

static void fill_words(Column *column, Rng *rng, int n, int levels, bool fresh, Arena *arena)
{
    column->n_levels = levels + fresh;
    column->levels = ARENA_NEW(arena, const char *, column->n_levels);
    for (int k = 0; k < column->n_levels; k++) /* another order, and one that is new */
        column->levels[k] = arena_print(arena, "level %d", fresh && column->kind == COLUMN_NOMINAL
                                        ? (k * 7 + 3) % column->n_levels : k);
    for (int i = 0; i < n; i++) {
        int code = (int)rng_below(rng, (uint32_t)column->n_levels);
        if (!fresh && code > 2 && rng_below(rng, 3)) code = 0;
        column->code[i] = rng_below(rng, 15) ? code : -1;
    }
    if (fresh && column->kind == COLUMN_ORDERED)
        for (int i = 0; i < n; i++)
            if (column->code[i] == levels) column->code[i] = -1;
}

static const char *any_text(Rng *rng, Arena *arena)
{
    static const char *const words[] = {"a", "B\xC3\xA4r", "over", "\xD0\x9C\xD0\xB8\xD1\x80", "\xFF\xC3", "x", "12", "-", "\xE2\x80\x94",
                                        "\xF0\x9F\x90\x9D", "The", "the", "\xE6\x97\xA5\xE6\x9C\xAC", "o'clock"};
    char text[400] = "";
    for (uint32_t i = rng_below(rng, 12); i > 0; i--) {
        strcat(text, words[rng_below(rng, sizeof words / sizeof *words)]);
        if (rng_below(rng, 5)) strcat(text, " ");
    }
    return arena_copy(arena, text);
}

static Table make_rows(int seed, const Table *like, Arena *arena)
{
    static const char *const names[COLUMNS] = {"a", "b", "c", "d", "e", "f", "u", "v", "w", "many", "when", "note", "size", "g"};
    const int n = like ? NEW : ROWS;
    Rng rng = rng_stream((uint64_t)seed, like ? 1 : 0, RNG_TEST);
    Table table = {.n_rows = n, .n_columns = COLUMNS, .n_classes = 3, .label_name = "y",
                   .columns = ARENA_NEW(arena, Column, COLUMNS), .labels = ARENA_NEW(arena, int32_t, n),
                   .classes = ARENA_NEW(arena, const char *, 3)};
    for (int c = 0; c < 3; c++) table.classes[c] = arena_print(arena, "class %d", c);
    for (int j = 0; j < COLUMNS; j++) {
        Column *column = &table.columns[j];
        column->name = names[j];
        column->number = ARENA_NEW(arena, double, n);
        column->code = ARENA_NEW(arena, int32_t, n);
        if (j < 6 || j == 13) {
            fill_number(column, &rng, like ? &like->columns[j] : NULL, n, seed * COLUMNS + j);
        } else if (j == 10) {
            column->kind = COLUMN_DATE;
            for (int i = 0; i < n; i++) {
                column->number[i] = floor(-2e9 + 5e9 * rng_uniform(&rng)) + (i % 2 ? 0.25 : 0);
                if (rng_below(&rng, 12) == 0) column->number[i] = rng_below(&rng, 2) ? NAN : 1e15;
            }
        } else if (j == 11) {
            column->kind = COLUMN_FREE_TEXT;
            column->n_levels = n;
            column->levels = ARENA_NEW(arena, const char *, n);
            for (int i = 0; i < n; i++) {
                column->levels[i] = any_text(&rng, arena);
                column->code[i] = rng_below(&rng, 20) ? i : -1;
            }
        } else {
            column->kind = j == 12 ? COLUMN_ORDERED : COLUMN_NOMINAL;
            fill_words(column, &rng, n, j == 9 ? 300 : 2 + (j * 5 + seed) % 7, like != NULL, arena);
        }
    }
    for (int i = 0; i < n; i++) table.labels[i] = (int32_t)rng_below(&rng, 3);
    return table;
}

static PrepOptions any_options(Rng *rng)
{
    return (PrepOptions){
        .numeric = (int)rng_below(rng, 7), .categorical = (int)rng_below(rng, 2), .impute = (int)rng_below(rng, 6),
        .missing_category = (int)rng_below(rng, 2), .min_count = rng_below(rng, 2) ? 0 : 1 + (int)rng_below(rng, 40),
        .numeric_embedding = (int)rng_below(rng, 4), .ple_bins = 2 + (int)rng_below(rng, 20),
        .ple_edges = (int)rng_below(rng, 3), .embed_above = 1 + (int)rng_below(rng, 9), .ordered = (int)rng_below(rng, 3),
        .text_features = 16 + (int)rng_below(rng, 3000), .text_ngrams = (int)rng_below(rng, 3),
        .text_weight = (int)rng_below(rng, 4),
        .derive = {(int)rng_below(rng, 2), (int)rng_below(rng, 4), (int)rng_below(rng, 5), (int)rng_below(rng, 4)}};
}

/* ---- both ways ---------------------------------------------------------------------------------- */

/* A plan of the encoding alone. */
static Plan encoding(const Model *model, Arena *arena)
{
    StepList list = {.arena = arena};
    const int features = steps_vector(&list, model->preps[0]->n_features, PLAN_FLOAT);
    plan_encode_steps(model, 0, features, PLAN_FEATURES, &list);
    assert_false(list.broken);
    return (Plan){.model = model, .n_vectors = list.n_vectors, .vectors = list.vectors, .n_steps = list.n_steps,
                  .steps = list.steps};
}

static const PrepColumn *column_of(const Prep *prep, int feature)
{
    const PrepColumn *column = prep->columns;
    while (feature >= column->out + column->n_out) column++;
    return column;
}

/* Returns the largest error, over what is allowed. */
static double compare(const Model *model, const Plan *plan, const Table *table, int round, Arena *arena)
{
    const Prep *prep = model->preps[0];
    const int n = prep->n_features;
    Rows *rows;
    PlanEncoder *encoder;
    float *want = ARENA_NEW(arena, float, (size_t)n * (size_t)table->n_rows), *f = ARENA_NEW(arena, float, n);
    double worst = 0;
    if (!prep_apply(prep, table, NULL, table->n_rows, arena, &rows, &err)) fail_msg("%s", err.message);
    rows_gather(rows, NULL, 0, table->n_rows, NULL, NULL, NULL, want, n);
    if (!plan_encoder_open(plan, table, arena, &encoder, &err)) fail_msg("%s", err.message);
    for (int i = 0; i < table->n_rows; i++) {
        for (int k = 0; k < n; k++) f[k] = NAN;
        for (int s = 0; s < plan->n_steps; s++) plan_encode_row(encoder, &plan->steps[s], i, f);
        for (int k = 0; k < n; k++) {
            const float x = want[(size_t)i * (size_t)n + (size_t)k];
            const double off = fabs((double)f[k] - (double)x) / (1e-5 * fmax(1, fabs((double)x)));
            if (!(off <= 1)) {
                const PrepColumn *column = column_of(prep, k);
                fail_msg("round %d, row %d, feature %d of `%s` (%d): %.9g, wanted %.9g", round, i, k - column->out, column->name,
                         column->kind, (double)f[k], (double)x);
            }
            worst = fmax(worst, off);
        }
    }
    return worst;
}

static void random_tables_are_encoded_alike(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rng rng = rng_stream(4, 0, RNG_TEST);
    const char *one = getenv("ROUND");
    int wide = 0, narrow = 0;
    double worst = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const PrepOptions options = any_options(&rng);
        if (one && atoi(one) != round) continue;
        arena_reset(arena);
        Table table = make_rows(round + 1, NULL, arena), fresh = make_rows(round + 1, &table, arena);
        Prep *prep = NULL;
        if (!prep_fit(&options, &table, NULL, table.n_rows, arena, &prep, &err)) fail_msg("%s", err.message);
        const Model model = {.name = "it", .schema = table_schema(&table), .n_preps = 1, .preps = (const Prep *const[]){prep}};
        const Plan plan = encoding(&model, arena);
        for (int j = 0; j < prep->n_columns; j++)
            if (prep->columns[j].kind == COLUMN_NUMERIC) (plan_column_wide(&prep->columns[j], PLAN_FEATURES) ? wide++ : narrow++);
        worst = fmax(worst, compare(&model, &plan, &table, round, arena));
        worst = fmax(worst, compare(&model, &plan, &fresh, round, arena));
    }
    print_message("%d columns narrow, %d wide; the largest error is %.2f of what is allowed\n", narrow, wide, worst);
    if (!one) assert_true(narrow > 300 && wide > 300);
    arena_destroy(arena);
}

/* ---- tables --------------------------------------------------------------------------------------- */

static const char *const letters[] = {"a", "b", "c", "d"};

static Model model_of(const PrepColumn *columns, int n, const Column *schema, Prep *prep, const Prep **preps)
{
    *prep = (Prep){.n_columns = n, .columns = (PrepColumn *)(uintptr_t)columns};
    preps[0] = prep;
    return (Model){.name = "it", .schema = {.n_columns = n, .columns = schema}, .n_preps = 1, .preps = preps};
}

static Coding coding_of(const Model *model, PlanOp op, int column, int n, Arena *arena)
{
    const Plan plan = {.model = model};
    const PlanStep step = {.op = op, .column = column, .n_columns = n,
                           .wide = op == PLAN_NUMBERS && plan_column_wide(&model->preps[0]->columns[column], PLAN_FEATURES)};
    Coding coding;
    assert_true(plan_coding(&plan, &step, arena, &coding));
    return coding;
}

/* What is alike stands once, what makes a 0 not at all, and what says nothing has no shift. */
static void tables_have_what_differs(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Prep prep;
    const Prep *preps[1];
    PrepColumn c[3];
    for (int j = 0; j < 3; j++) c[j] = (PrepColumn){.kind = COLUMN_NUMERIC, .fill = 2, .shift = 2, .scale = 0.5 + j};
    Model model = model_of(c, 3, NULL, &prep, preps);
    Coding coding = coding_of(&model, PLAN_NUMBERS, 0, 3, arena);
    assert_true(coding.run && !coding.wide);
    assert_int_equal(coding.shift.n, 1);
    assert_int_equal(coding.scale.n, 3);
    assert_int_equal(coding.fill.n, 0);
    assert_int_equal(coding_bytes(&coding), 24 + 4 + 12);
    c[1].fill = 3;
    c[2].scale = 0;
    coding = coding_of(&model, PLAN_NUMBERS, 0, 3, arena);
    assert_int_equal(coding.shift.n, 3);
    assert_int_equal(coding.fill.n, 3);
    assert_true(coding.shift.narrow[2] == 0 && coding.fill.narrow[2] == 0 && coding.fill.narrow[1] == 3);
    c[0].shift = c[1].shift = c[2].shift = 1e6;
    coding = coding_of(&model, PLAN_NUMBERS, 0, 2, arena);
    assert_true(coding.wide && coding.shift.n == 1 && coding.shift.wide[0] == 1e6);
    arena_destroy(arena);
}

static void maps_of_words_are_bytes_or_nothing(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Prep prep;
    const Prep *preps[1];
    const char *few[] = {"a", "d"}, **many = ARENA_NEW(arena, const char *, 400);
    for (int i = 0; i < 400; i++) many[i] = arena_print(arena, "%d", i);
    const Column schema[3] = {{.kind = COLUMN_NOMINAL, .n_levels = 4, .levels = (const char **)(uintptr_t)letters},
                              {.kind = COLUMN_NOMINAL, .n_levels = 4, .levels = (const char **)(uintptr_t)letters},
                              {.kind = COLUMN_NOMINAL, .n_levels = 400, .levels = many}};
    const PrepColumn c[3] = {{.kind = COLUMN_NOMINAL, .n_levels = 4, .levels = (const char **)(uintptr_t)letters, .unseen_level = true},
                             {.kind = COLUMN_NOMINAL, .n_levels = 2, .levels = few, .missing_level = true},
                             {.kind = COLUMN_NOMINAL, .n_levels = 399, .levels = many + 1}};
    Model model = model_of(c, 3, schema, &prep, preps);
    Coding coding = coding_of(&model, PLAN_WORD, 0, 1, arena);
    assert_int_equal(coding.place.bits, 0);
    assert_int_equal(coding.place.missing, -1);
    assert_int_equal(coding.place.unseen, 4);
    assert_int_equal(coding_bytes(&coding), 0);
    coding = coding_of(&model, PLAN_WORD, 1, 1, arena);
    const uint8_t want[] = {0, 2, 2, 1};
    assert_int_equal(coding.place.bits, 8);
    assert_memory_equal(coding.place.byte, want, 4);
    assert_int_equal(coding.place.missing, 2);
    assert_int_equal(coding_bytes(&coding), 4);
    coding = coding_of(&model, PLAN_WORD, 2, 1, arena);
    assert_int_equal(coding.place.bits, 16);
    assert_int_equal(coding.place.word[0], 399);
    assert_int_equal(coding.place.word[300], 299);
    assert_int_equal(coding_bytes(&coding), 800);
    arena_destroy(arena);
}

/* Where floats end. */
static void columns_are_wide_by_their_digits(void **state)
{
    (void)state;
    static const double near[] = {0, 1, 2}, far[] = {1000, 1000.5, 1001}, apart[] = {1000, 1100, 1200};
    const struct { PrepColumn column; bool wide; } cases[] = {
        {{.kind = COLUMN_NUMERIC, .scale = 1}, false},
        {{.kind = COLUMN_NUMERIC, .shift = 70, .fill = 70, .scale = 1}, false},
        {{.kind = COLUMN_NUMERIC, .shift = -78, .fill = -78, .scale = 1}, true},
        {{.kind = COLUMN_NUMERIC, .shift = 1e6, .fill = 1e6, .scale = 5e-5}, false},
        {{.kind = COLUMN_NUMERIC, .shift = 1e6, .fill = 1e6, .scale = 1e-3}, true},
        {{.kind = COLUMN_NUMERIC, .shift = 1e35, .fill = 1e35, .scale = 0}, false}, /* it says nothing */
        {{.kind = COLUMN_NUMERIC, .scale = 1e-35}, true},
        {{.kind = COLUMN_NUMERIC, .scale = 1, .fill = 1e31}, true},
        {{.kind = COLUMN_NUMERIC, .scale = 1, .n_edges = 3, .edges = near}, false},
        {{.kind = COLUMN_NUMERIC, .scale = 1, .n_edges = 3, .edges = far}, true},
        {{.kind = COLUMN_NUMERIC, .scale = 1, .n_edges = 3, .edges = apart}, false},
        {{.kind = COLUMN_NUMERIC, .scale = 1, .n_edges = 3}, false}, /* of a shape alone */
        {{.kind = COLUMN_NUMERIC, .scale = 1, .n_knots = 3, .knots = near}, true},
        {{.kind = COLUMN_ORDERED, .shift = 2, .scale = 1}, false},
        {{.kind = COLUMN_DATE, .scale = 1}, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (plan_column_wide(&cases[i].column, PLAN_FEATURES) != cases[i].wide) fail_msg("case %zu", i);
}

/* ---- errors --------------------------------------------------------------------------------------- */

static void what_does_not_fit_is_said(void **state)
{
    (void)state;
    Arena *arena = arena_create(0), *poor = arena_create(0);
    Rng rng = rng_stream(4, 0, RNG_TEST);
    Prep *prep = NULL;
    PlanEncoder *encoder = NULL;
    Table table = make_rows(1, NULL, arena), other = table;
    const PrepOptions options = any_options(&rng);
    assert_true(prep_fit(&options, &table, NULL, table.n_rows, arena, &prep, &err));
    Model model = {.name = "it", .schema = table_schema(&table), .n_preps = 1, .preps = (const Prep *const[]){prep}};
    const Plan plan = encoding(&model, arena);
    other.n_columns--;
    assert_false(plan_encoder_open(&plan, &other, arena, &encoder, &err));
    assert_int_equal(err.code, ERR_DATA);
    Column columns[COLUMNS];
    memcpy(columns, model.schema.columns, sizeof columns);
    columns[9].n_levels = 70000;
    model.schema.columns = columns;
    assert_false(plan_encoder_open(&plan, &table, arena, &encoder, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_non_null(strstr(err.message, "column `many` has 70000 levels; at most 65535"));
    model.schema = table_schema(&table);
    bool ok = false;
    for (long n = 0; !ok; n++) {
        arena_reset(poor);
        arena_fail_after(poor, n);
        ok = plan_encoder_open(&plan, &table, poor, &encoder, &err);
        arena_fail_after(poor, -1);
        if (!ok) assert_int_equal(err.code, ERR_MEMORY);
    }
    arena_destroy(poor);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_tables_are_encoded_alike),
        cmocka_unit_test(tables_have_what_differs),
        cmocka_unit_test(maps_of_words_are_bytes_or_nothing),
        cmocka_unit_test(columns_are_wide_by_their_digits),
        cmocka_unit_test(what_does_not_fit_is_said),
    };
    return cmocka_run_group_tests_name("plan/encode", tests, set_up, NULL);
}
