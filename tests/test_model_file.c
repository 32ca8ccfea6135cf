#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mat.h"
#include "tests/model_maker.h"

static char folder[] = "/tmp/consort-model-XXXXXX";
static char path[64], other[64];

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/a.consort", folder);
    snprintf(other, sizeof other, "%s/b.consort", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    unlink(other);
    return rmdir(folder);
}

/* ---- the formulas, once more and slowly ------------------------------------------------------ */

static double slow_activation(Activation f, double z)
{
    switch (f) {
    case ACT_RELU: return z > 0 ? z : 0;
    case ACT_LEAKY_RELU: return z > 0 ? z : 0.01 * z;
    case ACT_TANH: return tanh(z);
    case ACT_SIGMOID: return 1 / (1 + exp(-z));
    case ACT_GELU: return z / 2 * (1 + erf(z / sqrt(2)));
    case ACT_SILU: return z / (1 + exp(-z));
    case ACT_SELU:
        return 1.0507009873554804934 * (z > 0 ? z : 1.6732632423543772848 * (exp(z) - 1));
    case ACT_MISH: return z * tanh(log1p(exp(z)));
    case ACTIVATION_COUNT: break;
    }
    return NAN;
}

static void slow_net(const Mlp *mlp, const float *x, double *p)
{
    double in[256], out[256];
    for (int i = 0; i < mlp->width[0]; i++) in[i] = x[i];
    for (int l = 0; l < mlp->n_layers; l++) {
        MlpLayer layer = mlp_layer(mlp, l);
        for (int j = 0; j < mlp->width[l + 1]; j++) {
            out[j] = layer.b[j];
            for (int i = 0; i < mlp->width[l]; i++) out[j] += in[i] * layer.w[i * layer.ld + j];
            if (l + 1 < mlp->n_layers) out[j] = slow_activation(mlp->activation, out[j]);
        }
        memcpy(in, out, sizeof in);
    }
    double sum = 0;
    int k = mlp->width[mlp->n_layers];
    for (int c = 0; c < k; c++) sum += p[c] = exp(in[c]);
    for (int c = 0; c < k; c++) p[c] /= sum;
}

/* One row, by the formulas in model.h. */
static void slow_model(const Model *model, const Table *table, int row, Arena *arena, double *p)
{
    int n_classes = model->schema.n_classes;
    double total = 0;
    for (int c = 0; c < n_classes; c++) p[c] = 0;
    for (int m = 0; m < model->n_members; m++) {
        const ModelMember *member = &model->members[m];
        double q[16] = {0}, one[16];
        for (int k = 0; k < member->n_nets; k++) {
            Rows *rows = NULL;
            float x[256];
            int32_t index = row;
            assert_true(prep_apply(model->preps[member->nets[k].prep], table, &index, 1, arena,
                                   &rows, NULL));
            rows_gather(rows, NULL, 0, 1, NULL, NULL, NULL, x, 256);
            slow_net(member->nets[k].mlp, x, one);
            for (int c = 0; c < n_classes; c++) q[c] += one[c] / member->n_nets;
        }
        int top = 0;
        for (int c = 1; c < n_classes; c++)
            if (q[c] > q[top]) top = c;
        for (int c = 0; c < n_classes; c++)
            p[c] += member->weight * (model->combine == COMBINE_VOTE   ? c == top
                                      : model->combine == COMBINE_POOL ? log(fmax(q[c], 1e-6)) : q[c]);
        total += member->weight;
    }
    double sum = 0;
    for (int c = 0; c < n_classes; c++) p[c] /= total;
    for (int c = 0; c < n_classes && model->combine == COMBINE_POOL; c++) p[c] = exp(p[c]);
    for (int c = 0; c < n_classes; c++) sum += p[c];
    for (int c = 0; c < n_classes; c++) p[c] /= sum;
    sum = 0;
    if (model->combine != COMBINE_VOTE)
        for (int c = 0; c < n_classes; c++) p[c] = pow(fmax(p[c], 1e-12), 1 / model->temperature);
    for (int c = 0; c < n_classes; c++) sum += p[c];
    for (int c = 0; c < n_classes; c++) p[c] /= sum;
}

static void check_formulas(const Model *model, const Table *table, Arena *arena)
{
    float *proba = ARENA_NEW(arena, float, table->n_rows * table->n_classes);
    Error err;
    if (!model_predict(model, table, arena, proba, &err)) fail_msg("%s", err.message);
    for (int i = 0; i < table->n_rows; i++) {
        double p[16];
        slow_model(model, table, i, arena, p);
        for (int c = 0; c < table->n_classes; c++)
            if (!(fabs(proba[i * table->n_classes + c] - p[c]) < 2e-5))
                fail_msg("row %d class %d: %.8f, expected %.8f", i, c,
                         (double)proba[i * table->n_classes + c], p[c]);
    }
}

static void predicts_what_its_formulas_say(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    for (int kind = MAKE_COLOUR; kind <= MAKE_MIXED; kind++) {
        Table *table = make_table((MakeKind)kind, 60, 4, 1, arena);
        for (int f = 0; f < ACTIVATION_COUNT; f++)
            check_formulas(make_model(table, 2, f, 3, arena, NULL), table, arena);
        Model *model = make_model(table, 5, -1, 4, arena, NULL);
        check_formulas(model, table, arena);
        model->temperature = 1.7;
        check_formulas(model, table, arena);
        model->temperature = 0.6;
        check_formulas(model, table, arena);
        model->combine = COMBINE_VOTE;
        check_formulas(model, table, arena);
        model->combine = COMBINE_POOL;
        check_formulas(model, table, arena);
        model->temperature = 1;
        check_formulas(model, table, arena);
    }
    arena_destroy(arena);
}

static void decides_by_weighted_probability_and_the_lowest_class(void **state)
{
    (void)state;
    const double decision[3] = {1, 4, 1};
    Model model = {.schema = {.n_classes = 3}};
    assert_int_equal(model_decide(&model, (float[]){0.2f, 0.4f, 0.4f}), 1);
    assert_int_equal(model_decide(&model, (float[]){0.7f, 0.2f, 0.1f}), 0);
    assert_int_equal(model_decide(&model, (float[]){NAN, NAN, NAN}), 0);
    model.decision = decision;
    assert_int_equal(model_decide(&model, (float[]){0.7f, 0.2f, 0.1f}), 1);
    assert_int_equal(model_decide(&model, (float[]){0.8f, 0.2f, 0.0f}), 0);
}

static void blocks_of_rows_change_nothing(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const int n = 5000, n_classes = 3;
    Table *table = make_table(MAKE_MIXED, n, n_classes, 2, arena), *part = NULL;
    Model *model = make_model(table, 3, -1, 5, arena, NULL);
    float *all = ARENA_NEW(arena, float, n * n_classes), one[3];
    float *members = ARENA_NEW(arena, float, 3 * n * n_classes);
    float *combined = ARENA_NEW(arena, float, n * n_classes);
    size_t before = arena_used(arena);
    assert_true(model_predict(model, table, arena, all, NULL));
    assert_true(arena_used(arena) - before < 2048 * 150);
    for (int32_t row = 0; row < n; row += 611) {
        assert_true(table_rows(table, &row, 1, arena, &part, NULL));
        assert_true(model_predict(model, part, arena, one, NULL));
        for (int c = 0; c < n_classes; c++)
            assert_true(fabsf(one[c] - all[row * n_classes + c]) < 1e-6f);
    }
    assert_true(model_predict_members(model, table, arena, members, NULL));
    model_combine(model, n, members, combined);
    assert_memory_equal(all, combined, sizeof(float) * n * n_classes);
    arena_destroy(arena);
}

static void refuses_data_of_another_kind(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *images = make_table(MAKE_IMAGE, 20, 3, 1, arena);
    Table *numbers = make_table(MAKE_NUMERIC, 20, 3, 1, arena);
    Model *model = make_model(images, 1, -1, 1, arena, NULL);
    float proba[60];
    Error err;
    assert_false(model_predict(model, numbers, arena, proba, &err));
    assert_int_equal(err.code, ERR_DATA);
    images->height = 3;
    assert_false(model_predict(model, images, arena, proba, &err));
    assert_non_null(strstr(err.message, "3 x 6"));
    images->height = 2, images->channels = 3; /* as many bytes */
    assert_false(model_predict(model, images, arena, proba, &err));
    assert_non_null(strstr(err.message, "in colour"));
    model = make_model(numbers, 1, -1, 1, arena, NULL);
    numbers->n_columns = 4;
    assert_false(model_predict(model, numbers, arena, proba, &err));
    arena_destroy(arena);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void comes_back_the_same_from_a_file(void **state)
{
    (void)state;
    for (int kind = MAKE_COLOUR; kind <= MAKE_MIXED; kind++) {
        Arena *arena = arena_create(0);
        const double decision[4] = {1, 0.5, 2.25, 1.0 / 3};
        Table *table = make_table((MakeKind)kind, 80, 4, 9, arena);
        Model *model = make_model(table, 4, -1, 11, arena, NULL), *loaded = NULL, *again = NULL;
        model->temperature = 1.3;
        model->decision = decision;
        float *want = ARENA_NEW(arena, float, 320), *got = ARENA_NEW(arena, float, 320);
        Error err;
        if (!model_save(model, path, &err)) fail_msg("%s", err.message);
        if (!model_load(path, arena, &loaded, &err)) fail_msg("%s", err.message);
        assert_true(model_predict(model, table, arena, want, NULL));
        assert_true(model_predict(loaded, table, arena, got, NULL));
        assert_memory_equal(want, got, 320 * sizeof(float));
        assert_memory_equal(loaded->decision, decision, sizeof decision);
        assert_string_equal(loaded->provenance, model->provenance);
        assert_string_equal(loaded->name, "made up");
        assert_string_equal(loaded->members[3].name, "trial 3");
        assert_string_equal(loaded->schema.classes[1], table->classes[1]);
        assert_string_equal(loaded->schema.label_name, "class");
        assert_int_equal(model_n_params(loaded), model_n_params(model));
        assert_int_equal(model_bytes(loaded), 4 * model_n_params(model));
        if (kind == MAKE_MIXED)
            assert_string_equal(loaded->schema.columns[4].levels[2], "\xc3\xa9t\xc3\xa9 1");

        Bytes first, second;
        assert_true(model_save(loaded, other, NULL));
        assert_true(file_read(path, 0, &first, NULL) && file_read(other, 0, &second, NULL));
        assert_int_equal(first.n, second.n);
        assert_memory_equal(first.bytes, second.bytes, first.n);
        bytes_free(&first);
        bytes_free(&second);

        loaded->combine = COMBINE_VOTE;
        assert_true(model_save(loaded, other, NULL));
        assert_true(model_load(other, arena, &again, NULL));
        assert_int_equal(again->combine, COMBINE_VOTE);
        loaded->combine = COMBINE_POOL;
        assert_true(model_save(loaded, other, NULL));
        assert_true(model_load(other, arena, &again, NULL));
        assert_int_equal(again->combine, COMBINE_POOL);
        assert_true(model_predict(again, table, arena, got, NULL));
        loaded->combine = COMBINE_AVERAGE;
        assert_true(model_predict(loaded, table, arena, want, NULL));
        assert_memory_not_equal(want, got, 320 * sizeof(float));
        arena_destroy(arena);
    }
}

/* Edges come back to the bit, however they were found. */
static void edges_come_back_from_a_file(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_NUMERIC, 300, 3, 11, arena);
    for (int way = PLE_QUANTILE; way <= PLE_TREE; way++) {
        Error err;
        Model *loaded = NULL, *model = make_model(table, 1, ACT_RELU, 6, arena, &err);
        const PrepOptions options = {.numeric = NUMERIC_ROBUST, .numeric_embedding = NUMERIC_EMBED_PLE, .ple_bins = 9,
                                     .ple_edges = way};
        Prep *prep;
        const Prep **preps = ARENA_NEW(arena, const Prep *, 1);
        ModelMember *member = ARENA_NEW(arena, ModelMember, 1);
        ModelNet *net = ARENA_NEW(arena, ModelNet, 1);
        Rng rng = rng_stream(3, 7, RNG_TEST);
        if (!prep_fit(&options, table, NULL, table->n_rows, arena, &prep, &err)) fail_msg("%s", err.message);
        *preps = prep;
        *net = (ModelNet){make_net(prep->n_features, (const int[]){5}, 1, 3, ACT_RELU, &rng, arena), 0};
        *member = (ModelMember){.name = "one", .weight = 1, .n_nets = 1, .nets = net};
        model->preps = preps, model->n_preps = 1;
        model->members = member, model->n_members = 1;
        if (!model_save(model, path, &err) || !model_load(path, arena, &loaded, &err)) fail_msg("%s", err.message);
        int most = 0;
        for (int j = 0; j < prep->n_columns; j++) {
            const PrepColumn *a = &prep->columns[j], *b = &loaded->preps[0]->columns[j];
            assert_int_equal(a->n_edges, b->n_edges);
            most = a->n_edges > most ? a->n_edges : most;
            for (int e = 0; e < a->n_edges; e++) assert_true(a->edges[e] == b->edges[e]);
        }
        assert_true(most > 3);
        float was[900], is[900];
        assert_true(model_predict(model, table, arena, was, NULL) && model_predict(loaded, table, arena, is, NULL));
        assert_memory_equal(was, is, sizeof was);
    }
    arena_destroy(arena);
}

static void same_layout(const Layout *a, const Layout *b)
{
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->label, b->label);
    assert_int_equal(a->delimiter, b->delimiter);
    assert_int_equal(a->skip, b->skip);
    assert_int_equal(a->titles, b->titles);
    assert_int_equal(a->skipped_rows, b->skipped_rows);
    assert_int_equal(a->empty_titles, b->empty_titles);
    assert_int_equal(a->names_in_row, b->names_in_row);
    assert_string_equal(a->comment ? a->comment : "none", b->comment ? b->comment : "none");
}

/* How rows are read travels along; a file that does not say means what files meant before they did. */
static void keeps_how_its_rows_are_read(void **state)
{
    (void)state;
    static const char *const words[] = {"", "-999", "n/a, \"no\""};
    const ReadRules rules[] = {
        {0},
        {.n_missing = N_MISSING_UNSAID, .missing = missing_unsaid, .names = NAMES_OF_FILE},
        {.n_missing = 3, .missing = words, .names = NAMES_OF_FILE},
        {.n_missing = 2, .missing = words, .decimal_comma = true, .names = NAMES_BY_PLACE},
        {.n_missing = 3, .missing = words, .names = NAMES_OF_FILE},
        {.n_missing = 3, .missing = words, .names = NAMES_OF_FILE,
         .layout = {.width = 6, .label = 5, .delimiter = '\t'}},
        {.n_missing = 3, .missing = words, .names = NAMES_OF_FILE,
         .layout = {.width = 11, .label = 1, .delimiter = '"', .skip = 3, .titles = 2, .comment = "\"",
                    .skipped_rows = true, .empty_titles = true, .names_in_row = true}},
        {.n_missing = 3, .missing = words, .names = NAMES_OF_FILE,
         .layout = {.width = 11, .label = -1, .delimiter = ' '}},
    };
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_MIXED, 30, 3, 9, arena);
    Model *model = make_model(table, 1, ACT_RELU, 11, arena, NULL), *loaded = NULL;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        bool named_by_place = i >= 3, usual = i < 2;
        for (int c = 0; named_by_place && c < table->n_columns; c++)
            table->columns[c].name = arena_print(arena, "column_%d", 2 * c + 1);
        for (int c = 0; c < table->n_columns; c++)
            table->columns[c].place = rules[i].layout.width == 11 ? 2 * c + 2 : c;
        model->schema.rules = rules[i];
        assert_true(model_save(model, path, NULL) && model_load(path, arena, &loaded, NULL));
        const ReadRules *got = &loaded->schema.rules;
        assert_int_equal(got->decimal_comma, rules[i].decimal_comma);
        assert_int_equal(got->names, named_by_place ? rules[i].names : NAMES_UNSAID); /* where it matters */
        assert_int_equal(got->n_missing, usual ? N_MISSING_UNSAID : rules[i].n_missing);
        for (int k = 0; k < got->n_missing; k++)
            assert_string_equal(got->missing[k], (usual ? missing_unsaid : words)[k]);
        same_layout(&got->layout, &rules[i].layout);
        for (int c = 0; c < table->n_columns && got->layout.width; c++)
            assert_int_equal(loaded->schema.columns[c].place, table->columns[c].place);
    }
    /* One that an older program wrote is joined with one that says it: that one counts. */
    Model older = *model, *joined = NULL;
    older.schema.rules = (ReadRules){.n_missing = N_MISSING_UNSAID, .missing = missing_unsaid};
    const Model *both[] = {&older, model};
    assert_true(model_join(both, (const double[]){1, 1}, 2, arena, &joined, NULL));
    assert_int_equal(joined->schema.rules.n_missing, 3);
    assert_int_equal(joined->schema.rules.names, NAMES_OF_FILE);
    same_layout(&joined->schema.rules.layout, &model->schema.rules.layout);
    arena_destroy(arena);
}

static void refuses_to_write_what_it_could_not_read_back(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_MIXED, 40, 3, 9, arena);
    table->classes[2] = "caf\xe9";
    Model *model = make_model(table, 1, -1, 11, arena, NULL);
    Error err;
    assert_false(model_save(model, path, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_non_null(strstr(err.message, "UTF-8"));
    table->classes[2] = "fine";
    assert_false(model_save(model, "/nowhere/at/all.consort", &err));
    assert_int_equal(err.code, ERR_IO);
    arena_destroy(arena);
}

/* Writes bytes with the checksum made right again, so that what lies behind it is reached. */
static void write_repaired(Bytes bytes, bool repair)
{
    static const char key[] = "\"sha256\":\"";
    for (size_t at = 8; repair && at + sizeof key + 64 < bytes.n; at++) {
        if (memcmp(bytes.bytes + at, key, sizeof key - 1) != 0) continue;
        char hex[65], *digits = bytes.bytes + at + sizeof key - 1;
        memset(digits, '0', 64);
        sha256_of(bytes.bytes, bytes.n, hex);
        memcpy(digits, hex, 64);
        break;
    }
    unlink(other); /* rewriting in place would wait for the disk */
    FILE *out = fopen(other, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes.bytes, 1, bytes.n, out), bytes.n);
    assert_int_equal(fclose(out), 0);
}

/* Loads `other`. Whatever it holds: a clear error, or a model that predicts. */
static bool try_it(const Table *table, Error *err)
{
    Arena *arena = arena_create((size_t)64 << 20);
    Model *model = NULL;
    bool loaded = model_load(other, arena, &model, err);
    if (loaded) {
        float *proba = ARENA_NEW(arena, float, table->n_rows * model->schema.n_classes);
        (void)model_predict(model, table, arena, proba, NULL);
        for (int m = 0; m < model->n_members; m++) assert_true(strlen(model->members[m].name) < 99);
    } else {
        if (err->code != ERR_DATA) fail_msg("%s: %s", error_name(err->code), err->message);
        assert_ptr_equal(strstr(err->message, other), err->message);
        assert_null(strchr(err->message, '\n'));
    }
    arena_destroy(arena);
    return loaded;
}

static void survives_any_damage(void **state)
{
    (void)state;
    for (int kind = MAKE_IMAGE; kind <= MAKE_MIXED; kind += 2) {
        Arena *arena = arena_create(0);
        Table *table = make_table((MakeKind)kind, 30, 3, 9, arena);
        Model *model = make_model(table, 2, -1, 11, arena, NULL);
        Bytes bytes;
        Error err;
        assert_true(model_save(model, path, NULL));
        assert_true(file_read(path, 0, &bytes, NULL));
        Rng rng = rng_stream(1, 1, RNG_TEST);
        int n_loaded = 0;
        for (int round = 0; round < 1600; round++) {
            /* Most of the structure is at the front. */
            size_t range = round % 3 ? 5000 : bytes.n;
            if (range > bytes.n) range = bytes.n;
            size_t at = rng_below(&rng, (uint32_t)range);
            char was = bytes.bytes[at];
            static const char words[] = "0123456789-.eE\"{}[]:,\\ntu\xff";
            bytes.bytes[at] = round % 2 ? (char)(was ^ (1 << rng_below(&rng, 8)))
                                        : words[rng_below(&rng, sizeof words - 1)];
            bool changed = bytes.bytes[at] != was;
            write_repaired(bytes, round % 16 != 0);
            bool loaded = try_it(table, &err);
            n_loaded += loaded;
            if (round % 16 == 0 && changed && loaded) fail_msg("byte %zu was not missed", at);
            bytes.bytes[at] = was;
        }
        assert_in_range(n_loaded, 50, 1500); /* both outcomes were reached */
        for (size_t n = 0; n < bytes.n; n += 1 + bytes.n / 400) {
            write_repaired((Bytes){bytes.bytes, n}, n % 2);
            assert_false(try_it(table, &err));
        }
        bytes_free(&bytes);
        arena_destroy(arena);
    }
}

/* The file again, with one piece of its JSON replaced and all else sound. */
static void edit(const char *from, const char *to)
{
    TensorFile *file = NULL;
    Tensor tensors[64];
    TensorNote note = {"model", NULL};
    Text text = {0};
    assert_true(tensors_read(path, "consort-model 1", &file, NULL));
    const char *json = tensors_note(file, "model"), *at = strstr(json, from);
    if (!at) fail_msg("%s is not in %s", from, json);
    text_add_n(&text, json, (size_t)(at - json));
    text_add(&text, to);
    text_add(&text, at + strlen(from));
    note.text = text.bytes;
    int n = tensors_count(file);
    for (int i = 0; i < n; i++) tensors[i] = *tensors_at(file, i);
    assert_true(tensors_write(other, "consort-model 1", &note, 1, tensors, n, NULL));
    tensors_free(file);
    text_free(&text);
}

#define LAYOUT(text) "\"layout\":" text ",\"combine\""
#define COMMA "\"delimiter\":\",\""
static void names_what_is_wrong(void **state)
{
    (void)state;
    static const struct { const char *from, *to, *message; } cases[] = {
        {"{\"name\":\"made up\"", "[{\"name\":\"made up\"", "JSON"},
        {"\"name\":\"made up\"", "\"name\":7", "`name`"},
        {"\"combine\":\"average\"", "\"combine\":\"ave\\nrage\"", "unknown combine \"ave?rage\""},
        {"\"classes\":[", "\"classes\":[3,", "entry 1 of `classes`"},
        {"\"classes\":[", "\"classes\":[\"more\",", "outputs for 4 classes"},
        {"\"kind\":\"numeric\"", "\"kind\":\"number\"", "unknown kind"},
        {"\"columns\":[{\"name\"", "\"columns\":[{\"name\":\"a\",\"kind\":\"numeric\"},{\"name\"",
         "does not have the schema's 6 columns"},
        {"\"columns\":[{\"name\"", "\"rows\":[{\"name\"", "neither columns nor an image"},
        {"\"features\":", "\"features\":1", "its columns make"},
        {"\"clip\":true", "\"clip\":1", "`clip` is not true or false"},
        {"\"flag\":true", "\"flag\":false", "its columns make"},
        {"\"knots\":0", "\"knots\":1", "one knot"},
        {"\"knots\":0", "\"knots\":-3", "`knots` is not a whole number"},
        {"\"knots\":0", "\"knots\":2.5", "`knots` is not a whole number"},
        {"\"knots\":0", "\"knots\":1e300", "`knots` is not a whole number"},
        {"\"preps\":[", "\"preps\":{\"a\":", "JSON"},
        {"\"members\":[", "\"members\":[],\"other\":[", "there are no members"},
        {"\"nets\":[", "\"nets\":[],\"other\":[", "member 1 has no networks"},
        {"\"prep\":0", "\"prep\":4", "`prep` is not a whole number from 0 to 3"},
        {"\"activation\":\"relu\"", "\"activation\":\"relu6\"", "unknown activation \"relu6\""},
        {"\"widths\":[", "\"widths\":[1,", "takes 1 inputs"},
        {",7,5,", ",7,5,5,", "m0.n0.l2.w"},
        {",7,5,", ",7,1e9,", "width 3"},
        {",7,5,", ",8,5,", "m0.n0.l0.w"},
        {",7,5,", ",7,16777216,", "m0.n0.l1.w"},
        {"\"missing_level\":", "\"missing\":", "`missing_level`"},
        {"\"levels\":[\"plain\"", "\"levels\":[null", "entry 1 of `levels`"},
        {"\"combine\"", "\"missing\":[],\"combine\"", "`missing` is empty"},
        {"\"combine\"", "\"missing\":[\"\",7],\"combine\"", "entry 2 of `missing`"},
        {"\"combine\"", "\"missing\":\"NA\",\"combine\"", "`missing` is not a list"},
        {"\"combine\"", "\"header\":0,\"combine\"", "`header` is not true or false"},
        {"\"combine\"", "\"header\":false,\"combine\"", "column 1: without a header it cannot be called `column 0`"},
        {"\"combine\"", "\"decimal_comma\":\"yes\",\"combine\"", "`decimal_comma` is not true or false"},
        {"\"combine\"", LAYOUT("{\"fields\":0}"), "`fields` is not a whole number from 1"},
        {"\"combine\"", LAYOUT("{\"fields\":7," COMMA "}"), "which field is which column"},
        {"\"combine\"", LAYOUT("{\"fields\":6,\"delimiter\":\"\\n\"}"), "`delimiter` is not one character"},
        {"\"combine\"", LAYOUT("{\"fields\":6,\"delimiter\":\"\"}"), "`delimiter` is not one character"},
        {"\"combine\"", LAYOUT("{\"fields\":9," COMMA ",\"columns\":[1]}"), "a place for each"},
        {"\"combine\"", LAYOUT("{\"fields\":9," COMMA ",\"columns\":[1,1,2,3,4]}"), "place of column 2"},
        {"\"combine\"", LAYOUT("{\"fields\":9," COMMA ",\"columns\":[1,2,3,4,9]}"), "place of column 5"},
        {"\"combine\"", LAYOUT("{\"fields\":9," COMMA ",\"columns\":[1,2,3,4,5],\"label\":3}"), "place of column 3"},
        {"\"combine\"", LAYOUT("{\"fields\":6," COMMA ",\"skip\":-1}"), "`skip` is not a whole"},
        {"\"combine\"", LAYOUT("{\"fields\":6," COMMA ",\"comment\":7}"), "`comment` is not a text"},
    };
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_MIXED, 30, 3, 9, arena);
    Model *model = make_model(table, 2, ACT_RELU, 11, arena, NULL);
    Error err;
    assert_true(model_save(model, path, NULL));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        edit(cases[i].from, cases[i].to);
        if (try_it(table, &err)) fail_msg("%s -> %s was believed", cases[i].from, cases[i].to);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s -> %s: \"%s\" does not say %s", cases[i].from, cases[i].to, err.message,
                     cases[i].message);
    }
    model->temperature = 0;
    assert_true(model_save(model, other, NULL));
    assert_false(try_it(table, &err));
    assert_non_null(strstr(err.message, "temperature"));
    model->temperature = 1;
    model->decision = (const double[]){1, 0, 1};
    assert_true(model_save(model, other, NULL));
    assert_false(try_it(table, &err));
    assert_non_null(strstr(err.message, "decision weight 2"));
    model->decision = NULL;
    mlp_layer(model->members[0].nets[0].mlp, 1).b[2] = INFINITY;
    assert_true(model_save(model, other, NULL));
    assert_false(try_it(table, &err));
    assert_non_null(strstr(err.message, "m0.n0.l1.b"));
    arena_destroy(arena);
}

/* ---- joining --------------------------------------------------------------------------------- */

static void joins_models_of_one_schema(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_MIXED, 50, 3, 1, arena), *more;
    Model *a = make_model(table, 1, -1, 1, arena, NULL), *b = make_model(table, 2, -1, 2, arena, NULL);
    Model *joined = NULL;
    const double weights[2] = {0.25, 0.75};
    float p[150], q[150], both[150];
    Error err;
    assert_true(model_join((const Model *[]){a, b}, weights, 2, arena, &joined, &err));
    assert_int_equal(joined->n_members, 3);
    assert_int_equal(joined->n_preps, 4); /* both were fitted to the same rows in the same ways */
    assert_true(model_predict(a, table, arena, p, NULL) && model_predict(b, table, arena, q, NULL));
    assert_true(model_predict(joined, table, arena, both, NULL));
    for (int i = 0; i < 150; i++) assert_true(fabsf(0.25f * p[i] + 0.75f * q[i] - both[i]) < 1e-6f);

    /* Through files, as an ensemble is made. */
    Model *from_file = NULL;
    assert_true(model_save(joined, path, NULL) && model_load(path, arena, &from_file, &err));
    assert_true(model_predict(from_file, table, arena, p, NULL));
    assert_memory_equal(p, both, sizeof p);

    assert_false(model_join((const Model *[]){a, b}, (double[]){1, 0}, 2, arena, &joined, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_false(model_join(NULL, NULL, 0, arena, &joined, &err));
    more = make_table(MAKE_MIXED, 50, 3, 1, arena);
    more->columns[4].levels[3] = "another";
    b = make_model(more, 1, -1, 1, arena, NULL);
    assert_false(model_join((const Model *[]){a, b}, weights, 2, arena, &joined, &err));
    assert_int_equal(err.code, ERR_DATA);
    b = make_model(make_table(MAKE_IMAGE, 50, 3, 1, arena), 1, -1, 1, arena, NULL);
    assert_false(model_join((const Model *[]){a, b}, weights, 2, arena, &joined, &err));
    arena_destroy(arena);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    Arena *arena = arena_create(0), *poor = arena_create(0);
    Table *table = make_table(MAKE_MIXED, 30, 3, 9, arena);
    Model *model = make_model(table, 2, -1, 11, arena, NULL);
    assert_true(model_save(model, path, NULL));
    for (int what = 0; what < 3; what++) {
        bool ok = false;
        long n = 0;
        for (; !ok; n++) {
            Error err = {0};
            Model *out = NULL;
            float proba[90];
            arena_reset(poor);
            arena_fail_after(poor, n);
            if (what == 0) ok = model_load(path, poor, &out, &err);
            if (what == 1)
                ok = model_join((const Model *[]){model, model}, (double[]){1, 1}, 2, poor, &out, &err);
            if (what == 2) ok = model_predict(model, table, poor, proba, &err);
            if (!ok) assert_int_equal(err.code, ERR_MEMORY);
            if (!ok) assert_null(out);
            arena_fail_after(poor, -1);
        }
        assert_true(n > 3);
    }
    arena_destroy(poor);
    arena_destroy(arena);
}

/* ---- stored predictions ---------------------------------------------------------------------- */

static void predictions_come_back_or_are_refused(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    int32_t row[3] = {2, 5, 9};
    float proba[6] = {0.25f, 0.75f, 1, 0, 0.5f, 0.5f};
    const Predictions want = {3, 2, row, proba, false};
    Predictions got;
    Error err;
    assert_true(predictions_save(&want, path, NULL));
    assert_true(predictions_load(path, arena, &got, &err));
    assert_int_equal(got.n_rows, 3);
    assert_int_equal(got.n_classes, 2);
    assert_memory_equal(got.row, row, sizeof row);
    assert_memory_equal(got.proba, proba, sizeof proba);

    Model *model = NULL;
    assert_false(model_load(path, arena, &model, &err));
    assert_non_null(strstr(err.message, "consort-proba 1"));
    proba[4] = NAN;
    assert_true(predictions_save(&want, path, NULL));
    assert_false(predictions_load(path, arena, &got, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_non_null(strstr(err.message, "row 9"));
    proba[4] = 0.5f;
    row[2] = 5;
    assert_true(predictions_save(&want, path, NULL));
    assert_false(predictions_load(path, arena, &got, &err));
    assert_non_null(strstr(err.message, "do not increase"));
    row[2] = 9;
    assert_true(predictions_save(&want, path, NULL));
    for (long n = 0;; n++) {
        arena_fail_after(arena, n);
        bool ok = predictions_load(path, arena, &got, &err);
        arena_fail_after(arena, -1);
        if (ok) break;
        assert_int_equal(err.code, ERR_MEMORY);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predicts_what_its_formulas_say),
        cmocka_unit_test(decides_by_weighted_probability_and_the_lowest_class),
        cmocka_unit_test(blocks_of_rows_change_nothing),
        cmocka_unit_test(refuses_data_of_another_kind),
        cmocka_unit_test(comes_back_the_same_from_a_file),
        cmocka_unit_test(edges_come_back_from_a_file),
        cmocka_unit_test(keeps_how_its_rows_are_read),
        cmocka_unit_test(refuses_to_write_what_it_could_not_read_back),
        cmocka_unit_test(survives_any_damage),
        cmocka_unit_test(names_what_is_wrong),
        cmocka_unit_test(joins_models_of_one_schema),
        cmocka_unit_test(failed_allocations_are_errors),
        cmocka_unit_test(predictions_come_back_or_are_refused),
    };
    return cmocka_run_group_tests_name("engine/model", tests, set_up, tear_down);
}
