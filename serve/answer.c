/* serve/answer.c - a request in, an answer out. */
#include "serve/answer.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/names.h"
#include "job/predict_rows.h"
#include "model/decision.h"
#include "serve/input.h"

/* ---- what there is ------------------------------------------------------------------------------- */

typedef struct {
    const char *path, *method, *what;
    void (*answer)(Service *service, const Request *request, Answer *answer);
} Endpoint;

static void get_model(Service *service, const Request *request, Answer *answer)
{
    (void)request;
    HeldModel *held = service_take(service);
    if (!held) {
        answer->retry_s = 5;
        answer_error(answer, 503, NULL, "the study has no ensemble yet; `consort ensemble` makes one");
        return;
    }
    text_add_n(&answer->body, held->about.bytes, held->about.n);
    service_give_back(service, held);
}

static void get_health(Service *service, const Request *request, Answer *answer)
{
    (void)request;
    HeldModel *held = service_take(service);
    if (!held) answer->code = 503;
    text_print(&answer->body, "{\"status\":\"%s\"}\n", held ? "ok" : "no model yet");
    service_give_back(service, held);
}

static void get_metrics(Service *service, const Request *request, Answer *answer)
{
    (void)request;
    HeldModel *held = service_take(service);
    answer->type = "text/plain; version=0.0.4; charset=utf-8";
    serve_metrics_print(service_metrics(service), held && held->model->name ? held->model->name : "",
                  held ? held->loaded_at : 0, &answer->body);
    service_give_back(service, held);
}

static void get_page(Service *service, const Request *request, Answer *answer);
static void post_predict(Service *service, const Request *request, Answer *answer);

static const Endpoint endpoints[] = {
    {"/predict", "POST", "rows in, rows out: JSON, NDJSON or CSV", post_predict},
    {"/model", "GET", "what the model takes and gives", get_model},
    {"/metrics", "GET", "counts, as Prometheus reads them", get_metrics},
    {"/health", "GET", "is there a model?", get_health},
    {"/", "GET", "the report of a study; of a model this list", get_page},
};
enum { N_ENDPOINTS = sizeof endpoints / sizeof *endpoints };

static void get_page(Service *service, const Request *request, Answer *answer)
{
    (void)request;
    char why[1000];
    bool running = false;
    if (!service_is_study(service)) {
        text_add(&answer->body, "{\"schema\":1,\"endpoints\":[");
        for (int i = 0; i < N_ENDPOINTS; i++)
            text_print(&answer->body, "%s\n {\"method\":\"%s\",\"path\":\"%s\",\"what\":\"%s\"}", i ? "," : "",
                       endpoints[i].method, endpoints[i].path, endpoints[i].what);
        text_add(&answer->body, "]}\n");
        return;
    }
    answer->type = "text/html; charset=utf-8";
    if (service_page(service, &answer->body, &running, why)) {
        if (running) answer->refresh_s = 15;
        return;
    }
    answer->retry_s = 2;
    if (*why) {
        answer_error(answer, 503, NULL, "there is no report yet: %s", why);
        return;
    }
    answer->code = 503;
    answer->refresh_s = 2;
    text_add(&answer->body, "<!doctype html><title>Consort</title><p>The report is being made.\n");
}

/* ---- /predict ------------------------------------------------------------------------------------ */

static bool said_flag(const Query *query, bool *out, Answer *answer)
{
    static const char *const yes[] = {"", "1", "true", "yes"}, *const no[] = {"0", "false", "no"};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(query->value, yes[i]) == 0) return *out = true;
    *out = false;
    for (size_t i = 0; i < 3; i++)
        if (strcmp(query->value, no[i]) == 0) return true;
    answer_error(answer, 400, NULL, "%s=%.40s: 1 or 0", query->key, query->value);
    return false;
}

typedef struct {
    Model model; /* with the request's own decision */
    PredictFormat format;
    ReadOptions read;
    const char *id;
    InputKind kind; /* of the answer */
    bool negotiated;
} Wish;

static bool bad_query(Answer *answer, const Error *err)
{
    answer_error(answer, err->code == ERR_MEMORY ? 503 : 400, NULL, "%s",
                 err->message + (strncmp(err->message, "--", 2) == 0 ? 2 : 0));
    return false;
}

static bool take_query(const Query *q, Arena *arena, Wish *wish, Answer *answer)
{
    static const char *const keys[] = {"proba", "top", "threshold", "interval", "id", "header", NULL};
    const bool classes = task_has_classes(&wish->model.schema.task);
    Error err;
    if (!classes && (strcmp(q->key, "threshold") == 0 || strcmp(q->key, "proba") == 0
                     || strcmp(q->key, "top") == 0)) {
        answer_error(answer, 400, NULL, "%s is about classes, and this model predicts %s", q->key,
                     task_names[wish->model.schema.task.kind]);
        return false;
    }
    if (strcmp(q->key, "proba") == 0) return said_flag(q, &wish->format.proba, answer);
    if (strcmp(q->key, "top") == 0) {
        char *end;
        const long top = strtol(q->value, &end, 10);
        if (*q->value && !*end && top >= 1 && top <= 1000000) {
            wish->format.top = (int)top;
            return true;
        }
        answer_error(answer, 400, NULL, "top=%.40s: a number from 1", q->value);
        return false;
    }
    if (strcmp(q->key, "threshold") == 0)
        return decision_read_threshold(&wish->model, q->value, arena, &err) || bad_query(answer, &err);
    if (strcmp(q->key, "interval") == 0)
        return predict_interval_levels(&wish->model, "interval", q->value, &wish->format, &err)
            || bad_query(answer, &err);
    if (strcmp(q->key, "id") == 0) {
        wish->id = *q->value ? q->value : NULL;
        return true;
    }
    if (strcmp(q->key, "header") == 0) {
        for (int i = 0; header_mode_names[i]; i++)
            if (strcmp(q->value, header_mode_names[i]) == 0) {
                wish->read.header = i;
                return true;
            }
        answer_error(answer, 400, NULL, "header=%.40s: auto, true or false", q->value);
        return false;
    }
    answer_error(answer, 400, NULL, "?%.40s is nothing that can be asked%s", q->key,
                 names_suggest(q->key, keys, "; proba, top, threshold, interval, id and header are").text);
    return false;
}

/* What the answer is to be: as the body is, unless Accept says another that there is. */
static bool negotiate(const Request *request, InputKind sent, Wish *wish, Answer *answer)
{
    wish->kind = sent;
    const char *accept = request->accept;
    if (!accept || !*accept) return true;
    bool any = false;
    for (const char *at = accept; *at;) {
        at += strspn(at, " ,\t");
        const size_t n = strcspn(at, ",;");
        size_t length = n;
        while (length > 0 && at[length - 1] == ' ') length--;
        for (int kind = 0; kind < INPUT_KINDS && length; kind++)
            if (strlen(input_types[kind]) == length && strncasecmp(at, input_types[kind], length) == 0) {
                wish->negotiated = kind != (int)sent;
                wish->kind = (InputKind)kind;
                return true;
            }
        any = any || (length == 3 && strncmp(at, "*/*", 3) == 0)
            || (length == 6 && strncmp(at, "text/*", 6) == 0)
           || (length == 13 && strncasecmp(at, "application/*", 13) == 0);
        at += strcspn(at, ",");
    }
    if (any) return true;
    answer_error(answer, 406, NULL, "Accept names none of application/json, application/x-ndjson and text/csv");
    return false;
}

static void put_answer(const Wish *wish, const Input *in, const PredictFormat *f, int n, Text *out)
{
    const bool json = wish->kind == INPUT_JSON, list = json && (in->form != JSON_ROW || in->kind != INPUT_JSON);
    if (wish->kind == INPUT_CSV) predict_header(f, out);
    if (list) text_add(out, in->form == JSON_LIST && in->kind == INPUT_JSON ? "[" : "{\"rows\":[");
    for (int i = 0; i < n; i++) {
        predict_row(f, i, out);
        if (list && out->n > 0) out->bytes[--out->n] = '\0'; /* its line end */
        if (list && i + 1 < n) text_add(out, ",\n");
    }
    if (list) text_add(out, in->form == JSON_LIST && in->kind == INPUT_JSON ? "]\n" : "]}\n");
}

static void predict_with(Service *service, const Model *model, const Request *request, Arena *arena,
                         Answer *answer)
{
    const ServiceOptions *options = service_options(service);
    Wish wish = {.model = *model, .read = options->read};
    Input in;
    Predicted predicted;
    Error err;
    InputKind sent;
    if (model->schema.height > 0) {
        answer_error(answer, 400, NULL, "this model reads pictures of %d x %d; rows of columns are served",
                     model->schema.height, model->schema.width);
        return;
    }
    wish.format.model = &wish.model;
    for (int i = 0; i < request->n_queries; i++)
        if (!take_query(&request->queries[i], arena, &wish, answer)) return;
    if (!input_kind(request, &sent, answer) || !negotiate(request, sent, &wish, answer)
        || !input_table(request, &wish.model.schema, &wish.read, wish.id, arena, &in, answer))
        return;
    wish.format.json = wish.kind != INPUT_CSV;
    wish.format.predicted = &predicted;
    wish.format.id = in.table->id;
    if (!predict_format_room(&wish.format, arena, &err)
        || !predict_table(&wish.model, in.table, arena, &predicted, &err)) {
        answer_error(answer, err.code == ERR_MEMORY ? 503 : 500, NULL, "%s", err.message);
        return;
    }
    put_answer(&wish, &in, &wish.format, predicted.n_rows, &answer->body);
    answer->type = wish.kind == INPUT_CSV ? "text/csv; charset=utf-8" : input_types[wish.kind];
    answer->rows = predicted.n_rows;
    answer->unknown = in.unknown;
}

static void post_predict(Service *service, const Request *request, Answer *answer)
{
    HeldModel *held = service_take(service);
    Arena *arena = held ? arena_create(0) : NULL;
    if (!held) {
        answer->retry_s = 5;
        answer_error(answer, 503, NULL, "the study has no ensemble yet; `consort ensemble` makes one");
    } else if (!arena) {
        answer_error(answer, 503, NULL, "out of memory");
    } else {
        predict_with(service, held->model, request, arena, answer);
    }
    arena_destroy(arena);
    service_give_back(service, held);
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static bool is_method(const Endpoint *endpoint, const char *method)
{
    return strcmp(endpoint->method, method) == 0
        || (strcmp(method, "HEAD") == 0 && strcmp(endpoint->method, "GET") == 0);
}

static const Endpoint *find(const Request *request, Answer *answer)
{
    for (int i = 0; i < N_ENDPOINTS; i++) {
        if (strcmp(endpoints[i].path, request->path) != 0) continue;
        if (is_method(&endpoints[i], request->method)) return &endpoints[i];
        answer->allow = strcmp(endpoints[i].method, "GET") == 0 ? "GET, HEAD" : "POST";
        answer_error(answer, 405, NULL, "%.20s %s: it is asked with %s", request->method, endpoints[i].path,
                     endpoints[i].method);
        return NULL;
    }
    answer_error(answer, 404, NULL, "there is no `%.60s`; there are POST /predict, GET /model, GET /metrics,"
                 " GET /health and GET /", request->path);
    return NULL;
}

bool answer_begin(Service *service, const Request *request, Answer *answer)
{
    InputKind kind;
    (void)service;
    *answer = (Answer){0};
    const Endpoint *endpoint = find(request, answer);
    return endpoint && (strcmp(endpoint->method, "POST") != 0 || input_kind(request, &kind, answer));
}

void answer_request(Service *service, const Request *request, Answer *answer)
{
    *answer = (Answer){.code = 200, .type = "application/json"};
    const Endpoint *endpoint = find(request, answer);
    if (endpoint) endpoint->answer(service, request, answer);
    if (text_ok(&answer->body)) return;
    answer_error(answer, 503, NULL, "out of memory");
}
