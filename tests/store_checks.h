/* tests/store_checks.h - what the suites of the store say all the time. Include after cmocka. */
#ifndef CONSORT_TESTS_STORE_CHECKS_H
#define CONSORT_TESTS_STORE_CHECKS_H
#include "tests/store_fixture.h"

static Error err;

#define OK(call)                                                                                 \
    do {                                                                                         \
        err.message[0] = '\0';                                                                   \
        if (!(call)) fail_msg("%s: %s", #call, err.message);                                     \
    } while (0)
#define REFUSED(call, words)                                                                     \
    do {                                                                                         \
        err.message[0] = '\0';                                                                   \
        if (call) fail_msg("%s succeeded", #call);                                               \
        if (!strstr(err.message, words)) fail_msg("\"%s\" is not in \"%s\"", words, err.message); \
        assert_null(strchr(err.message, '\n'));                                                  \
    } while (0)

static inline int empty(void **state)
{
    (void)state;
    folder_empty();
    return 0;
}

/* All cells of a query in one text: "1|adam|0.5;2|sgd|null" */
static inline bool join(void *context, int n, const char *const *columns, const Value *cells)
{
    (void)columns;
    Text *out = context;
    if (out->n) text_add(out, ";");
    for (int i = 0; i < n; i++) {
        char label[600];
        value_label(&cells[i], label, sizeof label);
        text_print(out, "%s%s", i ? "|" : "", cells[i].kind == VALUE_NONE ? "null" : label);
    }
    return true;
}

static inline bool ask(Store *store, const char *sql, Text *out, Error *why)
{
    return store_query(store, sql, 20, &(QuerySink){.row = join, .context = out}, why);
}

static inline void check_query(Store *store, const char *sql, const char *want)
{
    Text out = {0};
    if (!ask(store, sql, &out, &err)) fail_msg("%s: %s", sql, err.message);
    const char *got = out.bytes ? out.bytes : "";
    if (strcmp(got, want) != 0) fail_msg("%s\n  gives %s\n  not   %s", sql, got, want);
    text_free(&out);
}

static inline void check_sound(void)
{
    Doc *health = store_health(path);
    if (!doc_to_bool(doc_get(health, "ok"), false)) {
        Text text = {0};
        doc_print(health, 0, &text);
        fail_msg("%s", text.bytes);
    }
    doc_free(health);
}

/* Everything but times and places, in the order in which it lies in the file. */
static inline Text store_dump(void)
{
    static const char *const tables[] = {
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name <> 'sqlite_stat1' ORDER BY type, name",
        "SELECT study_id, name, state, method, metric, goal, target, seed, run_cap, time_cap_s, config_yaml,"
        " config_sha256, data_sha256, split_sha256, view_name, consort_version, notes FROM study",
        "SELECT * FROM class_label", "SELECT * FROM param_def",
        "SELECT trial_id, study_id, number, state, state_before, source, params_hash, params, trace, seed,"
        " value, value_sd, best_epoch, epochs, n_params, model_bytes, fail_code, fail_text FROM trial",
        "SELECT * FROM param", "SELECT * FROM epoch", "SELECT * FROM metric", "SELECT * FROM confusion",
        "SELECT * FROM artifact"};
    Text text = {0};
    Store *store;
    OK(store_open(path, STORE_READ, &store, &err));
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) OK(ask(store, tables[i], &text, &err));
    OK(store_close(store, &err));
    return text;
}
#endif
