/* Requests and answers without sockets: every kind of body is the same rows, what is wrong is one JSON error, memory
 * that runs out is an answer, and a model takes another's place while it is in use. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/doc.h"
#include "base/file.h"
#include "job/predict.h"
#include "serve/answer.h"
#include "serve/input.h"
#include "tests/model_maker.h"

static char folder[] = "/tmp/consort-serve-XXXXXX", path[80];
static Arena *arena;
static Service *service;
static Error err;
static ReadOptions defaults;

static Table *table; /* whose rows are asked */

static void save(uint64_t seed)
{
    const Model *model = make_model(table, 2, -1, seed, arena, &err);
    if (!model || !model_save(model, path, &err)) fail_msg("%s", err.message);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_create(0);
    if (!arena || !mkdtemp(folder) || !field_defaults(&read_fields, &defaults, arena, &err)) return -1;
    snprintf(path, sizeof path, "%s/model.consort", folder);
    table = make_table(MAKE_MIXED, 60, 3, 5, arena);
    save(1);
    defaults.no_labels = true;
    const ServiceOptions options = {.argument = path, .read = defaults, .views = 1};
    service = service_create(&options, &err);
    return service ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    service_destroy(service);
    arena_destroy(arena);
    unlink(path);
    return rmdir(folder);
}

static Answer ask_as(const char *type, const char *accept, const char *query, const char *value, const Text *body)
{
    Answer answer;
    Request request = {.method = "POST", .path = "/predict", .type = type, .accept = accept, .body = body->bytes,
                       .n_body = body->n};
    if (query) request.queries[request.n_queries++] = (Query){query, value};
    answer_request(service, &request, &answer);
    assert_true(text_ok(&answer.body));
    return answer;
}

static Answer ask(const char *type, const char *text)
{
    const Text body = {.bytes = (char *)text, .n = strlen(text)};
    return ask_as(type, NULL, NULL, NULL, &body);
}

static void put_cell(const Column *column, int row, bool json, Text *out)
{
    char number[32];
    if (column_has_words(column->kind)) {
        const char *word = column->code[row] < 0 ? NULL : column->levels[column->code[row]];
        if (json && word) text_json(out, word);
        else if (json) text_add(out, "null");
        else if (word) text_csv(out, word);
        return;
    }
    const double v = column_number(column, row);
    if (isnan(v)) text_add(out, json ? "null" : "");
    else text_add(out, text_number(v, number));
}

static void put_object(int row, Text *out)
{
    text_add(out, "{");
    for (int c = 0; c < table->n_columns; c++) {
        text_add(out, c ? "," : "");
        text_json(out, table->columns[c].name);
        text_add(out, ":");
        put_cell(&table->columns[c], row, true, out);
    }
    text_add(out, "}");
}

/* What the model says of the rows itself. */
static Predicted whole(void)
{
    Predicted predicted;
    HeldModel *held = service_take(service);
    assert_non_null(held);
    if (!predict_table(held->model, table, arena, &predicted, &err)) fail_msg("%s", err.message);
    service_give_back(service, held);
    return predicted;
}

static void check_row(const Doc *row, const Predicted *want, int i)
{
    const int k = want->decision[i];
    assert_string_equal(doc_to_text(doc_get(row, "label"), ""), want->classes[k]);
    assert_true(doc_to_number(doc_get(row, "confidence"), -1)
                == (double)want->proba[(size_t)i * (size_t)want->n_classes + (size_t)k]);
}

static Doc *parse(const Answer *answer)
{
    Doc *doc = doc_parse(answer->body.bytes, answer->body.n, &err);
    if (!doc) fail_msg("%s: %.300s", err.message, answer->body.bytes);
    return doc;
}

static void all_kinds_are_the_same_rows(void **state)
{
    (void)state;
    const Predicted want = whole();
    Text list = {0}, lines = {0}, csv = {0}, columns = {0};
    for (int i = 0; i < table->n_rows; i++) {
        text_add(&list, i ? "," : "[");
        put_object(i, &list);
        put_object(i, &lines);
        text_add(&lines, i % 2 ? "\n" : "\r\n");
    }
    text_add(&list, "]");
    for (int c = 0; c < table->n_columns; c++) {
        text_add(&columns, c ? "," : "{");
        text_json(&columns, table->columns[c].name);
        for (int i = 0; i < table->n_rows; i++) {
            text_add(&columns, i ? "," : ":[");
            put_cell(&table->columns[c], i, true, &columns);
        }
        text_add(&columns, "]");
    }
    text_add(&columns, "}");
    for (int i = -1; i < table->n_rows; i++)
        for (int c = 0; c < table->n_columns; c++) {
            text_add(&csv, c ? "," : "");
            if (i < 0) text_csv(&csv, table->columns[c].name);
            else put_cell(&table->columns[c], i, false, &csv);
            if (c + 1 == table->n_columns) text_add(&csv, "\n");
        }
    const struct {
        const char *type;
        const Text *body;
        bool rows;
    } cases[] = {{"application/json", &list, false}, {"application/json; charset=utf-8", &columns, true},
                 {"text/csv", &csv, true}, {"application/x-ndjson", &lines, true}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        Answer answer = ask_as(cases[k].type, "application/json", NULL, NULL, cases[k].body);
        if (answer.code != 200) fail_msg("%s: %.300s", cases[k].type, answer.body.bytes);
        assert_int_equal(answer.rows, table->n_rows);
        Doc *doc = parse(&answer);
        const Doc *rows = cases[k].rows ? doc_get(doc, "rows") : doc;
        assert_int_equal(doc_count(rows), table->n_rows);
        for (int i = 0; i < table->n_rows; i++) check_row(doc_at(rows, (size_t)i), &want, i);
        doc_free(doc);
        text_free(&answer.body);
    }
    Text one = {0};
    put_object(7, &one);
    Answer answer = ask_as("application/json", NULL, "proba", "1", &one);
    Doc *doc = parse(&answer);
    check_row(doc, &want, 7);
    assert_int_equal(doc_count(doc_get(doc, "proba")), 3);
    doc_free(doc);
    text_free(&answer.body);
    text_free(&one);
    text_free(&list), text_free(&lines), text_free(&csv), text_free(&columns);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body;
        int code;
        const char *words;
    } cases[] = {
        {NULL, "{}", 415, "does not say what its body is"},
        {"text/html", "{}", 415, "not as `text/html`"},
        {"application/json", "", 400, "has no body"},
        {"application/json", "{", 400, "is no JSON"},
        {"application/json", "[{\"number 0\":NaN}]", 400, "a number that is missing is null"},
        {"application/json", "7", 400, "neither an object"},
        {"application/json", "[]", 400, "there are no rows"},
        {"application/json", "{\"rows\":{}}", 400, "not an array of objects"},
        {"application/json", "[{},3]", 400, "a row is an object"},
        {"application/json", "{\"nothing\":1}", 400, "is missing; the model needs it"},
        {"text/csv", "x,y\n1,2\n", 400, "columns without names"},
        {"text/csv", "\n\n", 400, "empty"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        Answer answer = ask(cases[k].type, cases[k].body);
        Doc *doc = parse(&answer);
        const char *said = doc_to_text(doc_get(doc_get(doc, "error"), "message"), "");
        if (answer.code != cases[k].code || !strstr(said, cases[k].words))
            fail_msg("%s: %d %s", cases[k].body, answer.code, said);
        assert_true(doc_to_number(doc_get(doc_get(doc, "error"), "code"), 0) == answer.code);
        doc_free(doc);
        text_free(&answer.body);
    }
}

static void paths_and_methods(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path;
        int code;
    } cases[] = {{"GET", "/", 200},        {"GET", "/model", 200},  {"HEAD", "/model", 200}, {"GET", "/health", 200},
                 {"GET", "/metrics", 200}, {"POST", "/model", 405}, {"GET", "/predict", 405}, {"GET", "/x", 404},
                 {"GET", "", 404},         {"BREW", "/", 405},      {"GET", "/model/", 404}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        Answer answer;
        const Request request = {.method = cases[k].method, .path = cases[k].path, .body = ""};
        if (answer_begin(service, &request, &answer)) answer_request(service, &request, &answer);
        if (answer.code != cases[k].code) fail_msg("%s %s: %d", cases[k].method, cases[k].path, answer.code);
        assert_int_equal(answer.allow != NULL, answer.code == 405);
        text_free(&answer.body);
    }
}

static void the_model_says_what_it_is(void **state)
{
    (void)state;
    Answer answer;
    const Request request = {.method = "GET", .path = "/model", .body = ""};
    answer_request(service, &request, &answer);
    Doc *doc = parse(&answer);
    assert_int_equal(doc_count(doc_get(doc, "classes")), 3);
    assert_int_equal(doc_count(doc_get(doc, "columns")), table->n_columns);
    assert_int_equal(doc_count(doc_get(doc_get(doc, "row_schema"), "properties")), table->n_columns);
    doc_free(doc);
    text_free(&answer.body);
}

static void a_model_takes_the_place_of_another(void **state)
{
    (void)state;
    const Predicted before = whole();
    HeldModel *held = service_take(service);
    Predicted again;
    save(2);
    service_tend(service, false);
    const Predicted after = whole();
    assert_true(memcmp(before.proba, after.proba, sizeof(float) * 3 * (size_t)table->n_rows) != 0);
    if (!predict_table(held->model, table, arena, &again, &err)) fail_msg("%s", err.message);
    assert_memory_equal(before.proba, again.proba, sizeof(float) * 3 * (size_t)table->n_rows);
    service_give_back(service, held);
    assert_int_equal(atomic_load(&service_metrics(service)->reloads), 1);
    if (!file_write(path, "nonsense", 8, &err)) fail_msg("%s", err.message);
    service_tend(service, false);
    const Predicted same = whole();
    assert_memory_equal(after.proba, same.proba, sizeof(float) * 3 * (size_t)table->n_rows);
    unlink(path);
    service_tend(service, true);
    whole();
    save(1);
}

static void counts_add_up(void **state)
{
    (void)state;
    ServeMetrics metrics = {0};
    Text text = {0};
    serve_count(&metrics, 200, 0.0002, 3, 1);
    serve_count(&metrics, 200, 0.3, 2, 0);
    serve_count(&metrics, 400, 99, 0, 0);
    serve_metrics_print(&metrics, "a \"b\"\\\n", 12, &text);
    assert_non_null(strstr(text.bytes, "consort_requests_total{code=\"200\"} 2\n"));
    assert_non_null(strstr(text.bytes, "consort_requests_total{code=\"400\"} 1\n"));
    assert_non_null(strstr(text.bytes, "consort_rows_total 5\n"));
    assert_non_null(strstr(text.bytes, "_bucket{le=\"0.0001\"} 0\n"));
    assert_non_null(strstr(text.bytes, "_bucket{le=\"0.00025\"} 1\n"));
    assert_non_null(strstr(text.bytes, "_bucket{le=\"0.5\"} 2\n"));
    assert_non_null(strstr(text.bytes, "_bucket{le=\"5\"} 2\n"));
    assert_non_null(strstr(text.bytes, "_bucket{le=\"+Inf\"} 3\n"));
    assert_non_null(strstr(text.bytes, "consort_request_seconds_count 3\n"));
    assert_non_null(strstr(text.bytes, "name=\"a \\\"b\\\"\\\\\\n\"} 1\n"));
    text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_are_the_same_rows), cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(paths_and_methods),           cmocka_unit_test(the_model_says_what_it_is),
        cmocka_unit_test(a_model_takes_the_place_of_another), cmocka_unit_test(counts_add_up),
    };
    return cmocka_run_group_tests_name("serve/answer", tests, set_up, tear_down);
}
