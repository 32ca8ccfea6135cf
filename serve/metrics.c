/* serve/metrics.c - what a server has done, as Prometheus reads it. */
#include "serve/metrics.h"

#define LIST_CODE(code, name) code,
static const int codes[SERVE_CODES] = {HTTP_CODE_LIST(LIST_CODE)};
static const double bounds[SERVE_BUCKETS] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                               0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};

void serve_count(ServeMetrics *m, int code, double seconds, int rows, long unknown)
{
    int at = 0;
    for (int i = 0; i < SERVE_CODES; i++)
        if (codes[i] == code) atomic_fetch_add(&m->code[i], 1);
    while (at < SERVE_BUCKETS && seconds > bounds[at]) at++;
    atomic_fetch_add(at < SERVE_BUCKETS ? &m->bucket[at] : &m->slower, 1);
    atomic_fetch_add(&m->microseconds, (long)(seconds * 1e6 + 0.5));
    atomic_fetch_add(&m->rows, rows);
    atomic_fetch_add(&m->unknown, unknown);
}

static void head(const char *name, const char *kind, const char *help, Text *out)
{
    text_print(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void one(const char *name, const char *kind, const char *help, const atomic_long *value, Text *out)
{
    head(name, kind, help, out);
    text_print(out, "%s %ld\n", name, atomic_load(value));
}

/* A label's value: quotes, backslashes and line ends escaped. */
static void label(const char *text, Text *out)
{
    for (; *text; text++) {
        if (*text == '\n') text_add(out, "\\n");
        else if (*text == '"' || *text == '\\') text_print(out, "\\%c", *text);
        else text_add_n(out, text, 1);
    }
}

void serve_metrics_print(const ServeMetrics *m, const char *model, double loaded_at, Text *out)
{
    long sum = 0;
    head("consort_requests_total", "counter", "Requests answered, by status code.", out);
    for (int i = 0; i < SERVE_CODES; i++) {
        const long n = atomic_load(&m->code[i]);
        if (n > 0 || codes[i] == 200) text_print(out, "consort_requests_total{code=\"%d\"} %ld\n", codes[i], n);
    }
    one("consort_rows_total", "counter", "Rows predicted.", &m->rows, out);
    one("consort_unknown_words_total", "counter", "Cells with words that the model does not know.",
        &m->unknown, out);
    head("consort_request_seconds", "histogram", "Seconds from a request's last byte to its answer.", out);
    for (int i = 0; i < SERVE_BUCKETS; i++) {
        sum += atomic_load(&m->bucket[i]);
        text_print(out, "consort_request_seconds_bucket{le=\"%g\"} %ld\n", bounds[i], sum);
    }
    sum += atomic_load(&m->slower);
    text_print(out, "consort_request_seconds_bucket{le=\"+Inf\"} %ld\n", sum);
    text_print(out, "consort_request_seconds_sum %.6f\nconsort_request_seconds_count %ld\n",
               (double)atomic_load(&m->microseconds) / 1e6, sum);
    one("consort_requests_in_flight", "gauge", "Requests that are read or answered now.", &m->in_flight, out);
    one("consort_connections", "gauge", "Connections that are open now.", &m->connections, out);
    one("consort_model_reloads_total", "counter", "Times that the model was read again.", &m->reloads, out);
    head("consort_model_info", "gauge", "The model that answers.", out);
    text_add(out, "consort_model_info{name=\"");
    label(model, out);
    text_print(out, "\"} %d\n", *model != '\0');
    head("consort_model_loaded_seconds", "gauge", "When it was read, in seconds since 1970.", out);
    text_print(out, "consort_model_loaded_seconds %.0f\n", loaded_at);
}
