/* job/config_identity.c - what of a configuration decides results, as one hash; and whether the trials of
 * two can stand in one list. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "job/config.h"
#include "job/kind.h"

static void say_method(const Config *c, Text *out)
{
    text_print(out, "method %s\n", c->method);
}

static void say_metric(const Config *c, Text *out)
{
    text_print(out, "metric %s\n", c->metric_name ? c->metric_name : "none");
}

static void say_course(const Config *c, Text *out)
{
    text_print(out, "seed %d\nlookback %d\nbaseline %d\n", c->run.seed, c->run.lookback, c->baseline);
}

static void say_time_cap(const Config *c, Text *out)
{
    text_print(out, "epoch cap %g\n", c->run.trial_time_cap);
}

static void say_choices(const Config *c, Text *out)
{
    if (c->run.memory_cap > 0) text_print(out, "memory cap %.0f\n", c->run.memory_cap);
    if (c->portfolio > 0) text_print(out, "portfolio %d\n", c->portfolio);
    if (c->cost_aware > 0) text_print(out, "cost aware %d\n", c->cost_aware);
}

static void say_pruner(const Config *c, Text *out)
{
    field_print_yaml(&pruner_fields, &c->pruner, 0, out);
}

static void say_settings(const Config *c, Text *out)
{
    c->kind->say_settings(c, out);
}

static void say_split(const Config *c, Text *out)
{
    if (c->kind->trains) field_print_yaml(&split_fields, &c->data.split, 0, out);
}

/* What decides a study's results. Those with a name decide what a trial is and what its score means; the
 * others decide which trials there are. */
static const struct {
    const char *name;
    void (*say)(const Config *config, Text *out); /* NULL: as it stands in the file, at `node` */
    size_t node;
} identity_parts[] = {
    {NULL, say_method, 0},
    {"metric", say_metric, 0},
    {NULL, say_course, 0},
    {"run.trial_time_cap", say_time_cap, 0},
    {NULL, say_choices, 0},
    {"metrics", NULL, offsetof(Config, metrics)},
    {"search space", NULL, offsetof(Config, parameters)},
    {"constraints", NULL, offsetof(Config, constraints)},
    {NULL, NULL, offsetof(Config, enqueue)},
    {"early_terminate", say_pruner, 0},
    {"settings", say_settings, 0},
    {"data.split", say_split, 0},
};
enum { N_IDENTITY_PARTS = sizeof identity_parts / sizeof *identity_parts };

static void say_part(const Config *config, int i, Text *out)
{
    if (identity_parts[i].say) {
        identity_parts[i].say(config, out);
        return;
    }
    const ConfNode *node;
    memcpy(&node, (const char *)config + identity_parts[i].node, sizeof node);
    if (node) conf_print(node, out);
}

bool config_identity(const Config *config, char hex[65], Error *err)
{
    Text text = {0};
    for (int i = 0; i < N_IDENTITY_PARTS; i++) say_part(config, i, &text);
    bool ok = text_ok(&text);
    if (ok) sha256_of(text.bytes, text.n, hex);
    text_free(&text);
    return ok || error_memory(err);
}

/* The first line in which two texts differ, after the last key above it that both have. */
static void first_difference(const char *a, const char *b, char *out, size_t size)
{
    const char *key = "";
    int n_key = 0, n = 0, m = 0;
    while (*a || *b) {
        n = (int)strcspn(a, "\n"), m = (int)strcspn(b, "\n");
        if (n != m || memcmp(a, b, (size_t)n) != 0) break;
        if (n > 0 && a[n - 1] == ':') key = a, n_key = n;
        a += n + (a[n] == '\n');
        b += m + (b[m] == '\n');
    }
    int blanks[3] = {(int)strspn(key, " "), (int)strspn(a, " "), (int)strspn(b, " ")};
    if (blanks[1] <= blanks[0]) blanks[0] = n_key; /* not below that key any more */
    snprintf(out, size, "%.*s%s%.*s, not %.*s", n_key - blanks[0], key + blanks[0],
             blanks[0] < n_key ? " " : "", n ? n - blanks[1] : 7, n ? a + blanks[1] : "nothing",
             m ? m - blanks[2] : 7, m ? b + blanks[2] : "nothing");
}

bool config_same_trials(const Config *a, const Config *b, bool *same, char difference[120], Error *err)
{
    *same = true;
    for (int i = 0; *same && i < N_IDENTITY_PARTS; i++) {
        if (!identity_parts[i].name) continue;
        Text one = {0}, other = {0};
        say_part(a, i, &one);
        say_part(b, i, &other);
        bool ok = text_ok(&one) && text_ok(&other);
        const char *left = one.bytes ? one.bytes : "", *right = other.bytes ? other.bytes : "";
        *same = strcmp(left, right) == 0;
        if (!*same) {
            char lines[80];
            first_difference(left, right, lines, sizeof lines);
            snprintf(difference, 120, "%s (%s)", identity_parts[i].name, lines);
        }
        text_free(&one);
        text_free(&other);
        if (!ok) return error_memory(err);
    }
    return true;
}
