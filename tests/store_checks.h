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
#endif
