#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/mat.h"
#include "export/onnx.h"
#include "export/onnx_run.h"
#include "export/protobuf.h"
#include "tests/model_maker.h"

/* The file as its bytes say, read by a small reader of our own, and what it computes, by export/onnx_run.h. In a
 * runtime it is computed by tests/ship_onnx.sh. */

static Error err;

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    return 0;
}

/* ---- a reader -------------------------------------------------------------------------------- */

typedef struct {
    const unsigned char *at, *end;
} Message;

typedef struct {
    int number, wire;
    uint64_t value; /* a varint, four bytes, or a length */
    Message inside;
} Part;

static uint64_t read_varint(Message *m)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        assert_true(m->at < m->end && shift < 64);
        value |= (uint64_t)(*m->at & 0x7F) << shift;
        if (!(*m->at++ & 0x80)) return value;
    }
}

static bool next(Message *m, Part *part)
{
    if (m->at == m->end) return false;
    const uint64_t tag = read_varint(m);
    *part = (Part){.number = (int)(tag >> 3), .wire = (int)(tag & 7)};
    assert_true(part->number > 0);
    if (part->wire == 0) part->value = read_varint(m);
    else if (part->wire == 5) {
        assert_true(m->end - m->at >= 4);
        uint32_t four;
        memcpy(&four, m->at, 4);
        part->value = four;
        m->at += 4;
    } else {
        assert_int_equal(part->wire, 2);
        part->value = read_varint(m);
        assert_true((uint64_t)(m->end - m->at) >= part->value);
        part->inside = (Message){m->at, m->at + part->value};
        m->at += part->value;
    }
    return true;
}

/* The first field of that number; false: there is none. */
static bool find(Message m, int number, Part *part)
{
    while (next(&m, part))
        if (part->number == number) return true;
    return false;
}

static char *text_of(Message m, Arena *arena)
{
    return arena_copy_n(arena, (const char *)m.at, (size_t)(m.end - m.at));
}

static char *text_in(Message m, int number, Arena *arena)
{
    Part part;
    assert_true(find(m, number, &part));
    return text_of(part.inside, arena);
}

/* ---- the writer ------------------------------------------------------------------------------ */

static void is_written(const Text *text, size_t n, const char *bytes)
{
    assert_true(text_ok(text));
    assert_int_equal(text->n, n);
    assert_memory_equal(text->bytes, bytes, n);
}

/* Bytes of the documentation of Protocol Buffers, and others by hand. */
static void test_wire_format(void **state)
{
    (void)state;
    Text text = {0};
    pb_int(&text, 1, 150);
    is_written(&text, 3, "\x08\x96\x01");
    text.n = 0;
    pb_int(&text, 3, -1);
    is_written(&text, 11, "\x18\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
    text.n = 0;
    pb_int(&text, 20, 0);
    is_written(&text, 3, "\xA0\x01\x00");
    text.n = 0;
    pb_float(&text, 2, 1.0f);
    is_written(&text, 5, "\x15\x00\x00\x80\x3F");
    text.n = 0;
    pb_text(&text, 2, "testing");
    is_written(&text, 9, "\x12\x07testing");
    text.n = 0;
    const size_t outer = pb_begin(&text);
    pb_int(&text, 1, 150);
    const size_t inner = pb_begin(&text);
    pb_end(&text, 2, inner); /* empty */
    pb_end(&text, 3, outer);
    is_written(&text, 7, "\x1A\x05\x08\x96\x01\x12\x00");
    text.n = 0;
    const int16_t numbers[2] = {1, -2};
    pb_little_endian(&text, numbers, 2, 2);
    is_written(&text, 4, "\x01\x00\xFE\xFF");
    text_free(&text);
}

/* Lengths of one, two and three bytes, written in place and announced: all the same. */
static void test_lengths(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 127, 128, 16383, 16384, 70000};
    char *bytes = malloc(70000);
    assert_non_null(bytes);
    for (int i = 0; i < 70000; i++) bytes[i] = (char)(i * 7);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        Text one = {0}, two = {0}, three = {0};
        pb_bytes(&one, 9, bytes, sizes[i]);
        const size_t mark = pb_begin(&two);
        if (sizes[i]) text_add_n(&two, bytes, sizes[i]);
        pb_end(&two, 9, mark);
        pb_head(&three, 9, sizes[i]);
        if (sizes[i]) text_add_n(&three, bytes, sizes[i]);
        assert_int_equal(one.n, pb_size(9, sizes[i]));
        is_written(&two, one.n, one.bytes);
        is_written(&three, one.n, one.bytes);
        text_free(&one);
        text_free(&two);
        text_free(&three);
    }
    free(bytes);
}

/* ---- the graph ------------------------------------------------------------------------------- */

static Text written(const Model *model, OnnxOptions options, Arena *arena)
{
    Plan *plan = NULL;
    Text out = {0};
    if (!plan_make(model, arena, &plan, &err) || !onnx_write(plan, &options, arena, &out, &err))
        fail_msg("%s", err.message);
    return out;
}

static Message graph_of(const Text *file)
{
    Part part;
    Message model = {(const unsigned char *)file->bytes, (const unsigned char *)file->bytes + file->n};
    assert_true(find(model, 1, &part));
    assert_int_equal(part.value, 7);
    assert_true(find(model, 7, &part));
    return part.inside;
}

static bool is_known(int n, char *const *names, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

/* Bytes of an element of a TensorProto. */
static size_t width_of(uint64_t type)
{
    return type == 1 ? 4 : type == 7 || type == 11 ? 8 : 0;
}

static void constant_is_sound(Message tensor)
{
    Part part;
    uint64_t n = 1, strings = 0, raw = 0, type = 0;
    while (next(&tensor, &part)) {
        if (part.number == 1) n *= part.value;
        if (part.number == 2) type = part.value;
        if (part.number == 6) strings++;
        if (part.number == 9) raw = part.value;
    }
    if (type == 8) assert_true(strings == n && raw == 0);
    else assert_true(width_of(type) > 0 && raw == n * width_of(type) && strings == 0);
}

/* Every name is given once, before it is asked for; constants have as many bytes as their shapes say. */
static void is_sound(const Text *file, Arena *arena)
{
    enum { MOST = 20000 };
    char **names = ARENA_NEW(arena, char *, MOST);
    int n = 0, n_outputs = 0;
    Part part, inner;
    Message graph = graph_of(file), again = graph;
    assert_string_equal(text_in(graph, 2, arena), "consort");
    while (next(&again, &part)) {
        if (part.number != 5 && part.number != 11) continue;
        names[n++] = text_in(part.inside, part.number == 5 ? 8 : 1, arena);
        if (part.number == 5) constant_is_sound(part.inside);
        assert_false(is_known(n - 1, names, names[n - 1]));
    }
    for (again = graph; next(&again, &part);) {
        if (part.number != 1) continue;
        for (Message node = part.inside; next(&node, &inner);)
            if (inner.number == 1 && !is_known(n, names, text_of(inner.inside, arena)))
                fail_msg("%s is asked for before it is there", text_of(inner.inside, arena));
        for (Message node = part.inside; next(&node, &inner);) {
            if (inner.number != 2) continue;
            assert_true(n < MOST);
            names[n++] = text_of(inner.inside, arena);
            if (is_known(n - 1, names, names[n - 1])) fail_msg("%s is given twice", names[n - 1]);
        }
    }
    for (again = graph; next(&again, &part);) {
        if (part.number != 12) continue;
        assert_true(is_known(n, names, text_in(part.inside, 1, arena)));
        n_outputs++;
    }
    assert_true(n_outputs >= 2);
}

static int count_nodes(const Text *file, const char *op, Arena *arena)
{
    int n = 0;
    Part part;
    for (Message graph = graph_of(file); next(&graph, &part);)
        n += part.number == 1 && (!op || strcmp(text_in(part.inside, 4, arena), op) == 0);
    return n;
}

/* What a note of the model says; NULL: there is none. */
static char *note(const Text *file, const char *key, Arena *arena)
{
    Message model = {(const unsigned char *)file->bytes, (const unsigned char *)file->bytes + file->n};
    Part part;
    while (next(&model, &part))
        if (part.number == 14 && strcmp(text_in(part.inside, 1, arena), key) == 0)
            return text_in(part.inside, 2, arena);
    return NULL;
}

static bool holds(const Text *file, const void *bytes, size_t n)
{
    for (size_t i = 0; i + n <= file->n; i++)
        if (memcmp(file->bytes + i, bytes, n) == 0) return true;
    return false;
}

static void test_graphs(void **state)
{
    (void)state;
    static const MakeKind kinds[] = {MAKE_COLOUR, MAKE_IMAGE, MAKE_NUMERIC, MAKE_MIXED};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (int combine = COMBINE_AVERAGE; combine <= COMBINE_POOL; combine++) {
            Arena *arena = arena_create(0);
            Model *model = make_model(make_table(kinds[i], 60, 3, 5, arena), 4, -1, 5, arena, &err);
            assert_non_null(model);
            model->combine = combine;
            Text file = written(model, (OnnxOptions){.model_sha256 = "0123"}, arena);
            is_sound(&file, arena);
            assert_int_equal(count_nodes(&file, "Softmax", arena), 5 + (combine == COMBINE_POOL));
            assert_string_equal(note(&file, "model_sha256", arena), "0123");
            assert_string_equal(note(&file, "task", arena), "classes");
            assert_non_null(strstr(note(&file, "classes", arena), "\"<=50K \\\"x\\\"\""));
            /* Weights as they are, and once. */
            Mlp *first = (Mlp *)model->members[0].nets[0].mlp;
            assert_true(file.n > 4 * model_n_params(model) && file.n < 8 * model_n_params(model) + 60000);
            MlpLayer layer = mlp_layer(first, 0);
            assert_true(holds(&file, layer.w, 4 * (size_t)first->width[1]));
            text_free(&file);
            arena_destroy(arena);
        }
}

/* Two columns of words; four preprocessings of them, of which three are alike. */
static void test_shared_encodings(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Model *model = make_model(make_table(MAKE_MIXED, 60, 2, 5, arena), 4, -1, 5, arena, &err);
    Text file = written(model, (OnnxOptions){0}, arena);
    const int encoders = count_nodes(&file, "LabelEncoder", arena);
    assert_in_range(encoders, 2, 5);
    int infos = 0;
    Part part;
    for (Message graph = graph_of(&file); next(&graph, &part);) infos += part.number == 13;
    assert_int_equal(infos, encoders);
    assert_non_null(strstr(note(&file, "features", arena), "{\"input\": \"column_1\", \"column\": \"column 1\","
                                                           " \"kind\": \"nominal\", \"type\": \"STRING\"}"));
    /* 20260101.001: a float would lose what varies. */
    assert_non_null(strstr(note(&file, "features", arena), "\"column 2\", \"kind\": \"numeric\", \"type\": \"DOUBLE\""));
    text_free(&file);
    arena_destroy(arena);
}

static void test_names_are_unique(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_NUMERIC, 60, 2, 5, arena);
    static const char *const names[] = {"a b", "a-b", "label", "2nd", "\xc3\xa4"};
    for (int j = 0; j < MAKE_COLUMNS; j++) table->columns[j].name = names[j];
    Model *model = make_model(table, 1, ACT_RELU, 5, arena, &err);
    model->name = "b\xfcro"; /* no UTF-8, which notes have to be */
    Text file = written(model, (OnnxOptions){0}, arena);
    is_sound(&file, arena);
    assert_string_equal(note(&file, "model", arena), "b?ro");
    const char *features = note(&file, "features", arena);
    static const char *const inputs[] = {"a_b", "a_b_2", "label_2", "column_4_2nd", "column_5"};
    for (int j = 0; j < MAKE_COLUMNS; j++)
        assert_non_null(strstr(features, arena_print(arena, "{\"input\": \"%s\", \"column\": \"%s\"", inputs[j],
                                                     names[j])));
    text_free(&file);
    arena_destroy(arena);
}

static void test_the_same_twice(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Model *model = make_model(make_table(MAKE_MIXED, 60, 3, 5, arena), 3, -1, 5, arena, &err);
    Text one = written(model, (OnnxOptions){0}, arena), two = written(model, (OnnxOptions){0}, arena);
    is_written(&two, one.n, one.bytes);
    Text index = written(model, (OnnxOptions){.classes = ONNX_INDEX}, arena);
    assert_true(index.n < one.n);
    text_free(&one);
    text_free(&two);
    text_free(&index);
    arena_destroy(arena);
}

/* ---- what it computes ------------------------------------------------------------------------ */

static double largest_difference(const Model *model, const Table *table, OnnxOptions options, Arena *arena)
{
    const size_t n = (size_t)table->n_rows * (size_t)model_values(model);
    float *said = ARENA_NEW(arena, float, n), *mine = ARENA_NEW(arena, float, n);
    double worst = 0;
    Text file = written(model, options, arena);
    if (!model_predict(model, table, arena, said, &err) || !onnx_run(&file, model, table, arena, mine, &err))
        fail_msg("%s", err.message);
    for (size_t i = 0; i < n; i++) {
        const double d = fabs((double)said[i] - (double)mine[i]);
        worst = !(d <= worst) ? d : worst;
    }
    text_free(&file);
    return worst;
}

/* All kinds of columns, activations and combinations; 150 rows are three blocks. */
static void test_computes(void **state)
{
    (void)state;
    static const MakeKind kinds[] = {MAKE_COLOUR, MAKE_IMAGE, MAKE_NUMERIC, MAKE_MIXED};
    static const double bias[3] = {0.1, -0.2, 0.3}, scale[9] = {1.2, 0.1, 0, 0, 0.8, 0.2, -0.1, 0, 1};
    static const int n_knots[3] = {2, 3, 3};
    static const double at[8] = {0, 1, 0, 0.3, 1, 0, 0.6, 1}, to[8] = {0, 1, 0, 0.5, 1, 0, 0.2, 1};
    static const Calibration maps[] = {{1, scale, bias, NULL, NULL, NULL}, {3, scale, bias, NULL, NULL, NULL},
                                       {9, scale, bias, NULL, NULL, NULL}, {1, scale, bias, n_knots, at, to}};
    for (size_t i = 0; i < 4; i++)
        for (int combine = COMBINE_AVERAGE; combine <= COMBINE_POOL; combine++) {
            Arena *arena = arena_create(0);
            Table *table = make_table(kinds[i], 150, 3, 5, arena);
            Model *model = make_model(table, 4, -1, 5, arena, &err);
            model->combine = combine;
            if (combine != COMBINE_VOTE) model->calibration = &maps[i];
            assert_true(largest_difference(model, table, (OnnxOptions){0}, arena) < 2e-6);
            model->calibration = NULL;
            if (combine != COMBINE_VOTE) model->temperature = 1.7;
            if (kinds[i] == MAKE_NUMERIC)
                assert_true(largest_difference(model, table, (OnnxOptions){.inputs = ONNX_MATRIX}, arena) < 2e-6);
            arena_destroy(arena);
        }
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        Arena *arena = arena_create(0);
        Table *table = make_table(MAKE_MIXED, 150, 3, 5, arena);
        const Model *model = make_model(table, 3, activation, 6, arena, &err);
        assert_true(largest_difference(model, table, (OnnxOptions){0}, arena) < 2e-6);
        arena_destroy(arena);
    }
}

/* A file that is cut off is refused, and never read beyond its end. */
static void test_run_of_a_broken_file(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_MIXED, 20, 2, 5, arena);
    Model *model = make_model(table, 1, ACT_RELU, 5, arena, &err);
    Text file = written(model, (OnnxOptions){0}, arena);
    float values[40];
    for (size_t n = 0; n < file.n; n += 1 + file.n / 100) {
        char *bytes = malloc(n ? n : 1); /* to its last byte: a sanitizer sees what is beyond */
        assert_non_null(bytes);
        memcpy(bytes, file.bytes, n);
        const Text cut = {.bytes = bytes, .n = n};
        if (!onnx_run(&cut, model, table, arena, values, &err)) assert_int_equal(err.code, ERR_INVALID);
        else assert_true(n > file.n / 2); /* only notes are gone */
        free(bytes);
    }
    text_free(&file);
    arena_destroy(arena);
}

/* ---- what cannot be -------------------------------------------------------------------------- */

static void refused(const Model *model, OnnxOptions options, PlanNumbers numbers, const char *why, Arena *arena)
{
    Plan *plan = NULL;
    Text out = {0};
    assert_true(plan_make(model, arena, &plan, &err));
    plan->numbers = numbers;
    assert_false(onnx_write(plan, &options, arena, &out, &err));
    assert_int_equal(err.code, ERR_INVALID);
    if (!strstr(err.message, why)) fail_msg("%s", err.message);
    assert_int_equal(out.n, 0);
    text_free(&out);
}

static void test_refusals(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Model *model = make_model(make_table(MAKE_MIXED, 60, 3, 5, arena), 1, ACT_RELU, 5, arena, &err);
    refused(model, (OnnxOptions){.inputs = ONNX_MATRIX}, PLAN_F32,
            "column `column 1` is of words, and a matrix holds numbers only", arena);
    refused(model, (OnnxOptions){0}, PLAN_I8, "leave out --numbers i8", arena);
    Column *columns = (Column *)model->schema.columns;
    columns[4].kind = COLUMN_FREE_TEXT;
    refused(model, (OnnxOptions){0}, PLAN_F32, "column `column 4` is free text", arena);
    columns[4].kind = COLUMN_NOMINAL;
    columns[1].kind = COLUMN_DATE;
    refused(model, (OnnxOptions){.inputs = ONNX_MATRIX}, PLAN_F32, "column `column 1` is a date", arena);
    Model *pictures = make_model(make_table(MAKE_IMAGE, 60, 3, 5, arena), 1, ACT_RELU, 5, arena, &err);
    refused(pictures, (OnnxOptions){.inputs = ONNX_MATRIX}, PLAN_F32, "this model takes pictures", arena);
    arena_destroy(arena);
}

/* Whatever allocation fails: said so, nothing is left in the text, and what was there stays. */
static void test_memory(void **state)
{
    (void)state;
    Arena *arena = arena_create(0), *poor = arena_create(0);
    Model *model = make_model(make_table(MAKE_MIXED, 60, 3, 5, arena), 2, -1, 5, arena, &err);
    Plan *plan = NULL;
    assert_true(plan_make(model, arena, &plan, &err));
    Text whole = written(model, (OnnxOptions){0}, arena);
    bool done = false;
    int failures = 0;
    for (long n = 0; !done; n++) {
        Text out = {0};
        text_add(&out, "before");
        arena_reset(poor);
        arena_fail_after(poor, n);
        done = onnx_write(plan, &(OnnxOptions){0}, poor, &out, &err);
        arena_fail_after(poor, -1);
        if (!done) {
            failures++;
            assert_int_equal(err.code, ERR_MEMORY);
            assert_int_equal(out.n, 6);
        } else {
            assert_int_equal(out.n, 6 + whole.n);
            assert_memory_equal(out.bytes + 6, whole.bytes, whole.n);
        }
        text_free(&out);
    }
    assert_true(failures > 500);
    text_free(&whole);
    arena_destroy(poor);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wire_format),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_graphs),
        cmocka_unit_test(test_shared_encodings),
        cmocka_unit_test(test_names_are_unique),
        cmocka_unit_test(test_the_same_twice),
        cmocka_unit_test(test_computes),
        cmocka_unit_test(test_run_of_a_broken_file),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
