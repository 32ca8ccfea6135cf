#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/rng.h"
#include "tuner/search/space.h"

static Arena *arena;
static const char *const extras[] = {"n_params", NULL};

static bool read_text(const char *yaml, Space **out, Error *err)
{
    Conf *conf;
    if (!conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, err)) return false;
    return space_read(conf_get(conf->root, "parameters"), conf_get(conf->root, "constraints"), extras, arena,
                      out, err);
}

static Space *read_ok(const char *yaml)
{
    Space *space = NULL;
    Error err = {0};
    if (!read_text(yaml, &space, &err)) fail_msg("%s\n%s", yaml, err.message);
    return space;
}

static Space *one(const char *param)
{
    char yaml[1000];
    snprintf(yaml, sizeof yaml, "parameters: {x: {%s}}\n", param);
    return read_ok(yaml);
}

static double number_at(const Space *space, double u)
{
    Value value;
    space_decode(space, &u, &value);
    return value.number;
}

/* ---- distributions ---- */

/* Values at the lower end, the middle and the upper end of the coordinate. The middle ones are medians
 * as scipy.stats gives them; unbounded ones end at the quantiles 1e-7 and 1 - 1e-7. */
static const struct { const char *param; double low, middle, high; ValueKind kind; } dists[] = {
    {"min: 2, max: 9", 2, 6, 9, VALUE_INT},
    {"min: -3, max: 3", -3, 0, 3, VALUE_INT},
    {"min: 0.0, max: 1", 0, 0.5, 1, VALUE_REAL},
    {"min: 0, max: 0.6", 0, 0.3, 0.6, VALUE_REAL},
    {"distribution: uniform, min: 1, max: 2", 1, 1.5, 2, VALUE_REAL},
    {"distribution: int_uniform, min: 1e0, max: 1e3", 1, 501, 1000, VALUE_INT},
    {"distribution: q_uniform, min: 0, max: 0.6, q: 0.05", 0, 0.3, 0.6, VALUE_REAL},
    {"distribution: q_uniform, min: 1, max: 10, q: 3", 3, 6, 9, VALUE_INT},
    {"distribution: q_uniform, min: -5, max: 5, q: 2.5", -5, 0, 5, VALUE_REAL},
    {"distribution: log_uniform_values, min: 0.0001, max: 0.1", 0.0001, 0.003162278, 0.1, VALUE_REAL},
    {"distribution: log_uniform, min: -3, max: 3", 0.04978707, 1, 20.08554, VALUE_REAL},
    {"distribution: q_log_uniform_values, min: 32, max: 1024, q: 32", 32, 128, 1024, VALUE_INT},
    {"distribution: q_log_uniform_values, min: 1, max: 100", 1, 7, 100, VALUE_INT},
    {"distribution: q_log_uniform, min: 0, max: 5, q: 1", 1, 9, 148, VALUE_INT},
    {"distribution: inv_log_uniform_values, min: 0.01, max: 1", 1, 0.1, 0.01, VALUE_REAL},
    {"distribution: inv_log_uniform, min: -1, max: 1", 2.718282, 1, 0.3678794, VALUE_REAL},
    {"distribution: normal, mu: 2, sigma: 0.5", -0.5996687, 2, 4.5996687, VALUE_REAL},
    {"distribution: q_normal, mu: 0.2, sigma: 1", -5, 0, 5, VALUE_INT},
    {"distribution: log_normal, mu: 1, sigma: 0.1", 1.616181, 2.718282, 4.571922, VALUE_REAL},
    {"distribution: q_log_normal, mu: 2, sigma: 0.5, q: 2", 0, 8, 100, VALUE_INT},
    {"distribution: beta, a: 2, b: 5", 0.0000817, 0.2644498, 0.9720477, VALUE_REAL},
    {"distribution: q_beta, a: 2, b: 2, q: 0.25", 0, 0.5, 1, VALUE_REAL},
};

static void quantile_functions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dists / sizeof *dists; i++) {
        Space *space = one(dists[i].param);
        const double at[3] = {0, 0.5, 1 - 0x1p-53}, want[3] = {dists[i].low, dists[i].middle, dists[i].high};
        for (int k = 0; k < 3; k++) {
            double got = number_at(space, at[k]);
            if (!(fabs(got - want[k]) <= 1e-6 * fmax(1, fabs(want[k]))))
                fail_msg("%s at %g: %.9g, not %.9g", dists[i].param, at[k], got, want[k]);
        }
        Value value;
        space_decode(space, (double[]){0.5}, &value);
        assert_int_equal(value.kind, dists[i].kind);
    }
}

/* Properties of every distribution, at random points: in range, on the lattice, and
 * decode(encode(decode(u))) == decode(u) to the bit. */
static void decode_and_encode_agree(void **state)
{
    (void)state;
    Rng rng = rng_stream(1, 0, RNG_TEST);
    static const char *const zeros[] = {"", ", zero_prob: 0.3"};
    for (size_t i = 0; i < 2 * sizeof dists / sizeof *dists; i++) {
        char text[300];
        snprintf(text, sizeof text, "%s%s", dists[i / 2].param, zeros[i % 2]);
        Space *space = one(text);
        const Param *p = &space->params[0];
        int n_zero = 0;
        for (int draw = 0; draw < 2000; draw++) {
            double u = rng_uniform(&rng), back, again;
            if (draw < 4) u = draw < 2 ? draw * 0x1p-53 : 1 - (draw - 1) * 0x1p-53;
            Value value, second;
            space_decode(space, &u, &value);
            n_zero += value.number == 0;
            assert_true(space_encode(space, &value, &back));
            assert_true(back >= 0 && back < 1);
            space_decode(space, &back, &second);
            if (value.number != second.number)
                fail_msg("%s: %.17g became %.17g", text, value.number, second.number);
            assert_true(space_encode(space, &second, &again));
            assert_true(again == back);
            double cell = u;
            bool active = false;
            space_snap_cells(space, &cell, &active);
            space_decode(space, &cell, &second);
            assert_true(active && second.number == value.number);
            const bool free = space_dim_kind(space, 0) == DIM_CONTINUOUS && i % 2 == 0;
            assert_true(cell == (free ? u : back));
            bool zero = i % 2 && value.number == 0;
            assert_true(zero || (value.number >= p->least && value.number <= p->most));
            if (space_dim_kind(space, 0) == DIM_ORDINAL) {
                double k = value.number * p->per / p->unit;
                assert_true(fabs(k - nearbyint(k)) < 1e-9);
            }
        }
        bool has_zero = p->least <= 0 && p->most >= 0;
        if (i % 2 && !has_zero) assert_in_range(n_zero, 520, 680);
    }
}

static void lattices_are_what_people_write(void **state)
{
    (void)state;
    Space *space = one("distribution: q_uniform, min: 0, max: 0.6, q: 0.05");
    const double want[] = {0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6};
    int count[13] = {0};
    for (int i = 0; i < 1300; i++) {
        double x = number_at(space, (i + 0.5) / 1300);
        int k = 0;
        while (k < 13 && want[k] != x) k++;
        assert_true(k < 13);
        count[k]++;
    }
    for (int k = 0; k < 13; k++) assert_int_equal(count[k], 100); /* the ends have whole cells */
    assert_true(number_at(one("min: 0.0, max: 1"), 0.1) == 0.1);
    double u;
    Value lr = value_real(0.003);
    assert_true(space_encode(one("distribution: log_uniform_values, min: 0.0001, max: 0.1"), &lr, &u));
    assert_true(number_at(one("distribution: log_uniform_values, min: 0.0001, max: 0.1"), u) == 0.003);
}

static void values_outside_are_clamped(void **state)
{
    (void)state;
    Space *space = one("distribution: q_uniform, min: 1, max: 10, q: 3");
    double u;
    assert_true(space_encode(space, &(Value){VALUE_INT, 100, NULL}, &u));
    assert_true(number_at(space, u) == 9);
    assert_true(space_encode(space, &(Value){VALUE_REAL, -2.5, NULL}, &u));
    assert_true(number_at(space, u) == 3);
    assert_false(space_encode(space, &(Value){VALUE_TEXT, 0, "many"}, &u));
    assert_false(space_encode(space, &(Value){VALUE_REAL, NAN, NULL}, &u));
    assert_false(space_encode(one("values: [a, b]"), &(Value){VALUE_TEXT, 0, "c"}, &u));
}

static void choices(void **state)
{
    (void)state;
    Space *space = one("values: [256, 32, 64]");
    assert_int_equal(space_dim_kind(space, 0), DIM_ORDINAL);
    assert_int_equal(space_dim_levels(space, 0), 3);
    assert_true(number_at(space, 0.1) == 32 && number_at(space, 0.5) == 64 && number_at(space, 0.9) == 256);
    space = one("values: [[64, 32], [128], relu, true, 1]");
    assert_int_equal(space_dim_kind(space, 0), DIM_CATEGORY);
    Value value;
    space_decode(space, (double[]){0.1}, &value);
    assert_int_equal(value.kind, VALUE_LIST);
    assert_string_equal(value.text, "[64,32]");
    space = one("values: [a, b, c, d], probabilities: [0.5, 0, 0.25, 0.25]");
    assert_int_equal(space_dim_levels(space, 0), 3);
    int count[4] = {0};
    for (int i = 0; i < 1000; i++) {
        double u = (i + 0.5) / 1000;
        space_decode(space, &u, &value);
        count[value.text[0] - 'a']++;
        space_snap(space, &u);
        Value again;
        space_decode(space, &u, &again);
        assert_string_equal(again.text, value.text);
    }
    assert_int_equal(count[0], 500);
    assert_int_equal(count[1], 0);
    assert_int_equal(count[2], 250);
}

/* ---- the whole space ---- */

static const char net[] =
    "parameters:\n"
    "  width_2: {values: [8, 16], when: 'num_layers >= 2'}\n"
    "  num_layers: {min: 1, max: 3}\n"
    "  width_3: {expr: 'width_2 / 2', when: 'num_layers >= 3'}\n"
    "  optimizer: {values: [adamw, sgd]}\n"
    "  momentum: {min: 0.8, max: 0.99, when: 'optimizer == sgd'}\n"
    "  augment:\n"
    "    parameters:\n"
    "      rotate_deg: {min: 0, max: 15}\n"
    "      more: {parameters: {shift: {value: 2}}}\n"
    "constraints:\n"
    "  - 'n_params <= 1000'\n"
    "  - 'num_layers < 2 or width_2 >= 16'\n";

static int param(const Space *space, const char *name)
{
    for (int i = 0; i < space->n_params; i++)
        if (strcmp(space->params[i].name, name) == 0) return i;
    fail_msg("no %s", name);
    return -1;
}

static void conditions_and_derived_values(void **state)
{
    (void)state;
    Space *space = read_ok(net);
    assert_int_equal(space->n_params, 7);
    assert_int_equal(space->n_dims, 5);
    int layers = param(space, "num_layers"), width = param(space, "width_2"),
        third = param(space, "width_3"), momentum = param(space, "momentum");
    assert_int_equal(space->params[param(space, "augment.more.shift")].dim, -1);
    Rng rng = rng_stream(2, 0, RNG_TEST);
    for (int i = 0; i < 500; i++) {
        double u[5];
        Value v[7];
        bool active[5], snapped[5];
        for (int d = 0; d < 5; d++) u[d] = rng_uniform(&rng);
        space_decode(space, u, v);
        space_active(space, u, active);
        assert_int_equal(v[width].kind != VALUE_NONE, v[layers].number >= 2);
        assert_int_equal(v[third].kind != VALUE_NONE, v[layers].number >= 3);
        if (v[third].kind != VALUE_NONE) assert_true(v[third].number == v[width].number / 2);
        bool sgd = strcmp(v[param(space, "optimizer")].text, "sgd") == 0;
        assert_int_equal(v[momentum].kind != VALUE_NONE, sgd);
        for (int d = 0; d < 5; d++)
            assert_int_equal(active[d], v[space->param_of_dim[d]].kind != VALUE_NONE);
        double cells[5];
        bool of_cells[5];
        memcpy(cells, u, sizeof cells);
        space_snap_cells(space, cells, of_cells);
        space_snap_active(space, u, snapped);
        for (int d = 0; d < 5; d++) {
            assert_int_equal(snapped[d], active[d]);
            assert_true(cells[d] == u[d] && of_cells[d] == snapped[d]);
            if (!active[d]) assert_true(u[d] == 0.5);
        }
        /* Constraints see parameters and extras. */
        const char *violated = NULL;
        Value small = value_int(10), large = value_int(5000);
        bool ok = v[layers].number < 2 || v[width].number >= 16;
        assert_int_equal(space_satisfies(space, v, &small, &violated), ok);
        if (!ok) assert_string_equal(violated, "num_layers < 2 or width_2 >= 16");
        assert_false(space_satisfies(space, v, &large, &violated));
        assert_string_equal(violated, "n_params <= 1000");
    }
}

static void identity(void **state)
{
    (void)state;
    /* The same parameters in another order: the same text and hash. */
    Space *a = read_ok("parameters: {b: {min: 1, max: 9}, a: {values: [x, y]}, c: {min: 0.0, max: 1}}");
    Space *b = read_ok("parameters: {c: {min: 0.0, max: 1}, b: {min: 1, max: 9}, a: {values: [y, x]}}");
    Value va[3] = {value_int(3), value_text("y"), value_real(0.25)};
    Value vb[3] = {value_real(0.25), value_int(3), value_text("y")};
    char ha[65], hb[65];
    space_hash(a, va, ha);
    space_hash(b, vb, hb);
    assert_string_equal(ha, hb);
    Text text = {0};
    assert_true(space_json(a, va, &text));
    assert_string_equal(text.bytes, "{\"a\":\"y\",\"b\":3,\"c\":0.25}");
    char sum[65];
    sha256_of(text.bytes, text.n, sum);
    assert_string_equal(ha, sum);
    text_free(&text);
    va[0] = value_int(4);
    space_hash(a, va, hb);
    assert_string_not_equal(ha, hb);
    va[0] = value_none();
    space_hash(a, va, hb);
    assert_string_not_equal(ha, hb);
}

/* What the database holds comes back as the same point, to the bit. */
static void json_comes_back(void **state)
{
    (void)state;
    Space *space = read_ok(
        "parameters:\n"
        "  lr: {distribution: log_uniform_values, min: 0.00001, max: 1}\n"
        "  drop: {min: 0, max: 0.7}\n"
        "  n: {distribution: normal, mu: 1, sigma: 3}\n"
        "  b: {distribution: beta, a: 0.5, b: 3}\n"
        "  hidden: {values: [[128], [256, 128]], when: 'drop < 0.5'}\n"
        "  flag: {values: [true, false]}\n"
        "  half: {expr: 'drop / 2'}\n"
        "  word: {value: \"a \\\"b\\\"\"}\n"
        "  ++shape/x: {values: [null, [[1, 2.5], []], {b: 1, a: {c: ~}}, \"null\", true]}\n");
    Rng rng = rng_stream(3, 0, RNG_TEST);
    for (int i = 0; i < 500; i++) {
        double u[16], back[16];
        Value v[16], w[16];
        for (int d = 0; d < space->n_dims; d++) u[d] = rng_uniform(&rng);
        space_snap(space, u);
        space_decode(space, u, v);
        Text text = {0};
        Error err = {0};
        assert_true(space_json(space, v, &text));
        Doc *doc = doc_parse(text.bytes, text.n, &err);
        assert_non_null(doc);
        if (!space_from_doc(space, doc, arena, w, &err)) fail_msg("%s", err.message);
        doc_free(doc);
        char hv[65], hw[65];
        space_hash(space, v, hv);
        space_hash(space, w, hw);
        assert_string_equal(hv, hw);
        assert_true(space_encode(space, w, back));
        assert_memory_equal(u, back, (size_t)space->n_dims * sizeof *u);
        for (int k = 0; k < space->n_params; k++) assert_int_equal(v[k].kind, w[k].kind);
        text_free(&text);
    }
    Error err = {0};
    Value w[16] = {{.kind = VALUE_TEXT}};
    Doc *doc = doc_parse("{\"nope\":1}", 10, &err);
    assert_false(space_from_doc(space, doc, arena, w, &err));
    assert_non_null(strstr(err.message, "`nope`"));
    assert_int_equal(w[0].kind, VALUE_TEXT);
    doc_free(doc);
    doc = doc_parse("[1]", 3, &err);
    assert_false(space_from_doc(space, doc, arena, w, &err));
    doc_free(doc);
}

/* ---- grids ---- */

static void check_grid(const char *yaml, int64_t want, const char *first, const char *last)
{
    Space *space = read_ok(yaml);
    Error err = {0};
    int64_t n = -1;
    if (!space_grid_size(space, &n, &err)) fail_msg("%s: %s", yaml, err.message);
    if (n != want) fail_msg("%s: %lld points, not %lld", yaml, (long long)n, (long long)want);
    static char seen[2000][65];
    for (int64_t i = 0; i < n; i++) {
        double u[16], snapped[16];
        Value v[16];
        Text text = {0};
        space_grid_point(space, i, u);
        memcpy(snapped, u, sizeof u);
        space_snap(space, snapped);
        assert_memory_equal(u, snapped, (size_t)space->n_dims * sizeof *u);
        space_decode(space, u, v);
        space_hash(space, v, seen[i]);
        for (int64_t j = 0; j < i; j++) assert_string_not_equal(seen[i], seen[j]);
        assert_true(space_json(space, v, &text));
        if (i == 0) assert_string_equal(text.bytes, first);
        if (i == n - 1) assert_string_equal(text.bytes, last);
        text_free(&text);
    }
}

static void grids(void **state)
{
    (void)state;
    check_grid("parameters: {a: {values: [z, y]}, b: {min: 1, max: 3}, c: {value: 7}}", 6,
               "{\"a\":\"z\",\"b\":1,\"c\":7}", "{\"a\":\"y\",\"b\":3,\"c\":7}");
    check_grid("parameters: {q: {distribution: q_uniform, min: 0, max: 0.6, q: 0.1}}", 7, "{\"q\":0}",
               "{\"q\":0.6}");
    check_grid("parameters: {q: {distribution: q_uniform, min: 0, max: 1, q: 0.4}}", 3, "{\"q\":0}",
               "{\"q\":0.8}");
    check_grid("parameters: {l: {distribution: log_uniform_values, min: 0.001, max: 0.1, steps: 3}}", 3,
               "{\"l\":0.001}", "{\"l\":0.1}");
    check_grid("parameters: {l: {min: 1, max: 100, steps: 4}}", 4, "{\"l\":1}", "{\"l\":100}");
    check_grid("parameters: {l: {distribution: q_log_uniform_values, min: 32, max: 1024, q: 32, steps: 20}}",
               20, "{\"l\":32}", "{\"l\":1024}");
    check_grid("parameters: {l: {min: 0.1, max: 0.5, steps: 2, zero_prob: 0.2}}", 3, "{\"l\":0}",
               "{\"l\":0.5}");
    check_grid("parameters: {l: {min: 0, max: 2, zero_prob: 0.2}}", 3, "{\"l\":0}", "{\"l\":2}");
    check_grid("parameters: {n: {distribution: normal, steps: 4}}", 4, "{\"n\":-1.150349}",
               "{\"n\":1.150349}");
    /* 1 layer: 1; 2 layers: 2 widths; 3 layers: 2 widths x 2 more; each with adamw, or sgd with
     * two momenta: (1 + 2 + 4) * 3. */
    check_grid("parameters:\n"
               "  w3: {values: [5, 6], when: 'layers >= 3'}\n"
               "  layers: {min: 1, max: 3}\n"
               "  w2: {values: [7, 8], when: 'layers >= 2'}\n"
               "  opt: {values: [adamw, sgd]}\n"
               "  mom: {values: [0.8, 0.9], when: 'opt == sgd'}\n",
               21, "{\"layers\":1,\"opt\":\"adamw\"}",
               "{\"layers\":3,\"mom\":0.9,\"opt\":\"sgd\",\"w2\":8,\"w3\":6}");
    /* A condition on a derived value. */
    check_grid("parameters: {a: {min: 1, max: 4}, twice: {expr: 'a * 2'}, b: {values: [x, y], when: 'twice > 5'}}",
               6, "{\"a\":1,\"twice\":2}", "{\"a\":4,\"b\":\"y\",\"twice\":8}");
    check_grid("parameters: {a: {value: 1}}", 1, "{\"a\":1}", "{\"a\":1}");
}

static void sizes_and_cells(void **state)
{
    (void)state;
    assert_true(isinf(space_size(one("min: 0.0, max: 1"))));
    assert_true(space_size(one("min: 1, max: 1000000000")) == 1e9);
    assert_true(space_size(one("value: 3")) == 1);
    Space *space = read_ok("parameters:\n"
                           "  layers: {min: 1, max: 2}\n"
                           "  w: {distribution: q_uniform, min: 1, max: 2, q: 0.5, zero_prob: 0.1, when: 'layers == 2'}\n"
                           "  c: {values: [a, b, c], probabilities: [0.5, 0, 0.5]}\n");
    assert_true(space_size(space) == (1 + 4) * 2);
    char seen[10][65];
    for (int i = 0; i < 10; i++) {
        double u[3];
        Value v[3];
        space_cell(space, i, u);
        space_decode(space, u, v);
        space_hash(space, v, seen[i]);
        for (int j = 0; j < i; j++) assert_string_not_equal(seen[i], seen[j]);
    }
}

/* ---- mistakes ---- */

static const struct { const char *param, *message; } wrong[] = {
    {"x: {}", "1:14: `x` needs `value`, `values`, or `min` and `max`"},
    {"x: 3", "1:17: parameter `x` must be a map, such as {value: ...}"},
    {"x: [1, 2]", "such as {values: [...]}"},
    {"x: {min: 1}", "`uniform` needs `max`"},
    {"x: {min: 3, max: 1}", "`max` (1) is below `min` (3)"},
    {"x: {min: 3, max: 3}", "write `value: 3`"},
    {"x: {min: a, max: 3}", "`min` must be a number"},
    {"x: {min: -1e300, max: 3}", "too large"},
    {"x: {values: []}", "at least one value"},
    {"x: {values: 3}", "must be a list"},
    {"x: {values: [1, 2, 1.0]}", "1 stands twice"},
    {"x: {values: [1, null, ~]}", "null stands twice"},
    {"x: {values: [{a: 1}, {a: 1}]}", "{\"a\":1} stands twice"},
    {"x: {vales: [1]}", "`values`"},
    {"x: {min: 0, max: 1, zeroprob: 0.1}", "did you mean `zero_prob`?"},
    {"x: {distribution: unifrom, min: 0, max: 1}", "did you mean `uniform`?"},
    {"x: {distribution: derived, min: 0, max: 1}", "unknown distribution `derived`"},
    {"x: {distribution: 3}", "must be a name"},
    {"x: {min: 0, max: 0.6, q: 0.1}", "write `distribution: q_uniform`"},
    {"x: {distribution: log_uniform_values, min: 1, max: 9, q: 1}", "q_log_uniform_values"},
    {"x: {value: 3, min: 1}", "`min` does not go with `constant`"},
    {"x: {values: [1], zero_prob: 0.1}", "put 0 among the `values`"},
    {"x: {min: 0.0, max: 1, zero_prob: 1}", "below 1"},
    {"x: {min: 0.0, max: 1, steps: 1}", "`steps` must be"},
    {"x: {min: 0.0, max: 1, steps: 2.5}", "`steps` must be"},
    {"x: {distribution: q_uniform, min: 1, max: 2, q: 0}", "`q` must be above 0"},
    {"x: {distribution: q_uniform, min: 1, max: 2, q: -1}", "`q` must be above 0"},
    {"x: {distribution: q_uniform, min: 1, max: 2, q: 5}", "no multiple of `q`"},
    {"x: {distribution: q_uniform, min: 0, max: 1, q: 1e-30}", "too fine"},
    {"x: {distribution: int_uniform, min: 0.5, max: 2}", "must be whole, not 0.5"},
    {"x: {distribution: int_uniform, min: 0, max: 1e20}", "whole numbers may reach"},
    {"x: {distribution: log_uniform_values, min: 0, max: 1}", "zero_prob"},
    {"x: {distribution: log_uniform_values, min: -1, max: 1}", "must be above 0"},
    {"x: {distribution: log_uniform_values, min: 1e-200, max: 1}", "at least 1e-100"},
    {"x: {distribution: log_uniform, min: 0.0001, max: 0.1}", "log_uniform_values"},
    {"x: {distribution: log_uniform, min: 16, max: 512}", "look like values"},
    {"x: {distribution: log_uniform, min: -900, max: 5}", "natural logarithm"},
    {"x: {distribution: normal, sigma: 0}", "`sigma` must be above 0"},
    {"x: {distribution: log_normal, mu: 500}", "beyond 1e100"},
    {"x: {distribution: beta, a: 0}", "`a` must be above 0"},
    {"x: {mu: 0, sigma: 1}", "needs `distribution`: normal"},
    {"x: {a: 1}", "beta or q_beta"},
    {"x: {values: [a, b], probabilities: [0.5]}", "list of 2 numbers"},
    {"x: {values: [a, b], probabilities: [0.5, 0.6]}", "add up to 1, not to 1.1"},
    {"x: {values: [a, b], probabilities: [1.5, -0.5]}", "from 0 to 1"},
    {"x: {distribution: categorical_w_probabilities, values: [a]}", "needs `probabilities`"},
    {"x: {distribution: categorical}", "`categorical` needs `values`"},
    {"x: {distribution: constant}", "`constant` needs `value`"},
    {"1x: {value: 1}", "cannot be a parameter's name"},
    {"++: {value: 1}", "cannot be a parameter's name"},
    {"a=b: {value: 1}", "cannot be a parameter's name"},
    {"'x y': {value: 1}", "cannot be a parameter's name"},
    {"x: {parameters: {}}", "at least one parameter"},
    {"x: {parameters: {y: {value: 1}}, when: 'a == 1'}", "`when` beside `parameters`"},
    {"x: {parameters: {y: {value: 1}}}, x.y: {value: 2}", "`x.y` is defined twice"},
    {"x: {value: 1, when: 'y ='}", "`when`:"},
    {"x: {value: 1, when: [1]}", "must be an expression"},
    {"width: {value: 1}, x: {value: 1, when: 'widht >= 2'}", "did you mean `width`?"},
    {"o: {values: [sgd]}, x: {value: 1, when: 'o == sdg'}", "`sdg` is neither a parameter nor a value"},
    {"x: {value: 1, when: 'x == 1'}", "`x` depends on itself"},
    {"x: {value: 1, when: 'y == 1'}, y: {value: 1, when: 'x == 1'}", "depend on each other in a circle"},
    {"x: {expr: 'y + 1'}, y: {expr: 'z + 1'}, z: {expr: 'x + 1'}", "circle"},
    {"x: {expr: 'y + 1', min: 1}, y: {value: 1}", "`min` does not go with `derived`"},
};

static void mistakes_are_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char yaml[400];
        snprintf(yaml, sizeof yaml, "parameters: {%s}\n", wrong[i].param);
        Space *space = (Space *)&wrong;
        Error err = {0};
        if (read_text(yaml, &space, &err)) fail_msg("accepted: %s", yaml);
        if (err.code != ERR_CONFIG || !strstr(err.message, wrong[i].message) ||
            strncmp(err.message, "t.yaml:1:", 9) != 0 || strchr(err.message, '\n'))
            fail_msg("%s\n  said: %s\n  want: %s", wrong[i].param, err.message, wrong[i].message);
        assert_ptr_equal(space, &wrong);
    }
    Space *space;
    Error err = {0};
    assert_false(read_text("parameters: ~\n", &space, &err));
    assert_non_null(strstr(err.message, "at least one parameter"));
    assert_false(read_text("parameters: {x: {value: 1}}\nconstraints: ['n_parms < 3']\n", &space, &err));
    assert_non_null(strstr(err.message, "did you mean `n_params`?"));
    assert_non_null(strstr(err.message, "t.yaml:2:"));
    assert_false(read_text("parameters: {x: {value: 1}}\nconstraints: [[1]]\n", &space, &err));
}

static const struct { const char *param, *message; } no_grid[] = {
    {"x: {value: 1}, lr: {min: 0.0, max: 1}", "`lr` is a continuous range; add `steps: 5`, or"},
    {"lr: {distribution: log_uniform_values, min: 0.1, max: 1}", "add `steps: 5`"},
    {"x: {values: [a, b], probabilities: [0.5, 0.5]}", "cannot have `probabilities`"},
    {"x: {distribution: q_normal}", "add `steps: 5`"},
    {"x: {distribution: q_uniform, min: 1, max: 9, q: 2}", "make `min` a multiple of `q`"},
    {"a: {min: 1, max: 1000000}, b: {min: 1, max: 1000000}, c: {min: 1, max: 1000000}", "1e+18 points"},
    {"a: {min: 1, max: 1000000}, b: {value: 1, when: 'a > 5'}", "conditions"},
};

static void grids_that_cannot_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof no_grid / sizeof *no_grid; i++) {
        char yaml[400];
        snprintf(yaml, sizeof yaml, "parameters: {%s}\n", no_grid[i].param);
        Error err = {0};
        int64_t n = -7;
        if (space_grid_size(read_ok(yaml), &n, &err)) fail_msg("accepted: %s", yaml);
        if (err.code != ERR_CONFIG || !strstr(err.message, no_grid[i].message))
            fail_msg("%s\n  said: %s\n  want: %s", no_grid[i].param, err.message, no_grid[i].message);
        assert_int_equal(n, -7);
    }
}

static void memory_may_run_out(void **state)
{
    (void)state;
    Error err = {0};
    Conf *conf;
    assert_true(conf_read_text("t.yaml", net, strlen(net), arena, &conf, &err));
    Arena *small = arena_create(0);
    bool ok = false;
    for (long n = 0; !ok; n++) {
        Space *space = (Space *)&net;
        err = (Error){0};
        arena_reset(small);
        arena_fail_after(small, n);
        ok = space_read(conf_get(conf->root, "parameters"), conf_get(conf->root, "constraints"), extras, small,
                        &space, &err);
        if (!ok) {
            assert_int_equal(err.code, ERR_MEMORY);
            assert_ptr_equal(space, &net);
        }
        assert_true(n < 1000);
    }
    arena_destroy(small);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_create(0);
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantile_functions),
        cmocka_unit_test(decode_and_encode_agree),
        cmocka_unit_test(lattices_are_what_people_write),
        cmocka_unit_test(values_outside_are_clamped),
        cmocka_unit_test(choices),
        cmocka_unit_test(conditions_and_derived_values),
        cmocka_unit_test(identity),
        cmocka_unit_test(json_comes_back),
        cmocka_unit_test(grids),
        cmocka_unit_test(sizes_and_cells),
        cmocka_unit_test(mistakes_are_explained),
        cmocka_unit_test(grids_that_cannot_be),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests_name("tuner/space", tests, set_up, tear_down);
}
