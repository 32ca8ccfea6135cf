/* job/config_identity.c - what of a configuration decides results, as one hash; and whether the trials of
 * two can stand in one list. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "job/config.h"
#include "job/kind.h"
#include "job/transferred.h"
#include "tuner/search/prior.h"
#include "tuner/trial/metric_stream.h"

static void say_method(const Config *c, Text *out)
{
    text_print(out, "method %s\n", c->method);
}

static void say_metric(const Config *c, Text *out)
{
    const MetricSection *section = &c->metric_section;
    text_print(out, "metric %s\n", c->metric_name ? c->metric_name : "none");
    if (!c->metric_name || c->metrics) return;
    if (section->take != TAKE_LAST) text_print(out, "take %s\n", take_names[section->take]);
    if (section->pattern) text_print(out, "pattern %s\n", section->pattern);
}

static void say_course(const Config *c, Text *out)
{
    text_print(out, "seed %d\nlookback %d\nbaseline %d\n", c->run.seed, c->run.lookback, c->baseline);
    if (c->n_parts > 0) text_print(out, "part %d/%d\n", c->part, c->n_parts);
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
    if (c->run.isa != ISA_AUTO) text_print(out, "isa %s\n", isa_names[c->run.isa]);
}

static void say_pruner(const Config *c, Text *out)
{
    pruner_identity(&c->pruner, out);
}

static void say_settings(const Config *c, Text *out)
{
    c->kind->say_settings(c, out);
}

static void say_split(const Config *c, Text *out)
{
    if (!c->kind->trains) return;
    /* What came later is said where it is not the default, so that studies from before it are what they
     * were. */
    const FieldTable first = {split_fields.name, split_fields.fields, SPLIT_FIRST_FIELDS};
    const FieldTable later = {split_fields.name, split_fields.fields + SPLIT_FIRST_FIELDS,
                              split_fields.n - SPLIT_FIRST_FIELDS};
    const ReadOptions *read = &c->data.read;
    field_print_yaml(&first, &c->data.split, 0, out);
    field_print_changed(&later, &c->data.split, &split_defaults, 0, out);
    for (int k = 0; k < ROW_KEYS; k++)
        if (read_options_key(read, k))
            text_print(out, "data.%s: %s\n", row_key_names[k], read_options_key(read, k));
}

static void say_number(const char *name, double number, Text *out)
{
    char text[32];
    if (number != 0) text_print(out, " %s %s", name, text_number(number, text));
}

/* The space as it is meant: `{min: 0.0, max: 1.0}` is uniform, whether that is written or not. */
static void say_space(const Config *c, Text *out)
{
    for (int i = 0; i < c->space->n_params; i++) {
        const Param *p = &c->space->params[i];
        char text[8192], low[32], high[32];
        text_print(out, "%s:\n  %s", p->name, distribution_names[p->distribution]);
        if (p->n_choices == 0 && p->distribution != DIST_DERIVED)
            text_print(out, " %s to %s", text_number(p->low, low), text_number(p->high, high));
        say_number("q", p->q, out);
        say_number("mu", p->mu, out);
        say_number("sigma", p->sigma, out);
        say_number("a", p->a, out);
        say_number("b", p->b, out);
        say_number("zero_prob", p->zero_prob, out);
        say_number("steps", p->steps, out);
        for (int k = 0; k < p->n_choices; k++) {
            size_t n = value_json(&p->choices[k], text, sizeof text);
            text_add(out, k ? ", " : " ");
            text_add_n(out, text, n < sizeof text ? n : sizeof text - 1);
            if (p->probabilities) say_number("with", p->probabilities[k], out);
        }
        if (p->when_text) text_print(out, " when %s", p->when_text);
        if (p->derived_text) text_print(out, " %s", p->derived_text);
        text_add(out, "\n");
    }
}

/* Which points are tried follows from them, not what a trial means: they are no part of the space there. */
static void say_priors(const Config *c, Text *out)
{
    for (int i = 0; i < c->space->n_params; i++) {
        const Param *p = &c->space->params[i];
        char low[32], high[32];
        if (!p->prior) continue;
        text_print(out, "prior of %s:", p->name);
        if (!p->prior->mass) {
            text_print(out, " %s %s", text_number(p->prior->mu, low), text_number(p->prior->sigma, high));
            if (p->prior->zero > 0) text_print(out, " zero %s", text_number(p->prior->zero, low));
        }
        for (int k = 0; p->prior->mass && k < p->n_choices; k++)
            text_print(out, " %s", text_number(p->prior->mass[k], low));
        text_add(out, "\n");
    }
}

/* The points that are enqueued, whatever words and digits say them. */
static void say_wishes(const Config *c, Text *out)
{
    char hash[65];
    for (int i = 0; i < c->n_enqueued; i++) {
        if (strcmp(c->enqueued_source[i], trial_source_names[SOURCE_USER]) != 0) continue;
        space_hash(c->space, c->enqueued[i], hash);
        text_print(out, "%s\n", hash);
    }
}

/* What decides a study's results. Those with a name decide what a trial is and what its score means; the
 * others decide which trials there are. */
static const struct {
    const char *name;
    void (*say)(const Config *config, Text *out); /* NULL: as it stands in the file, at `node` */
    size_t node;
    void (*mean)(const Config *config, Text *out); /* the same in one way of several to write it; NULL: there is
                                                      one way */
} identity_parts[] = {
    {NULL, say_method, 0, NULL},
    {"metric", say_metric, 0, NULL},
    {NULL, say_course, 0, NULL},
    {"run.trial_time_cap", say_time_cap, 0, NULL},
    {"run.repeats", NULL, offsetof(Config, run.repeats), NULL},
    {NULL, say_choices, 0, NULL},
    {"metrics", NULL, offsetof(Config, metrics), NULL},
    {"search space", NULL, offsetof(Config, parameters), say_space},
    {"constraints", NULL, offsetof(Config, constraints), NULL},
    {NULL, NULL, offsetof(Config, enqueue), say_wishes},
    {NULL, transfer_say, 0, NULL},
    {NULL, say_priors, 0, NULL},
    {"early_terminate", say_pruner, 0, NULL},
    {"settings", say_settings, 0, NULL},
    {"data.split", say_split, 0, NULL},
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

/* A study is what it began as: edits of its space are events in it. */
static Config as_begun(const Config *config)
{
    Config begun = *config;
    if (!config->begun) return begun;
    begun.parameters = config->begun->parameters;
    begun.constraints = config->begun->constraints;
    begun.space = (Space *)config->begun->space;
    begun.enqueued = config->begun->enqueued;
    begun.n_enqueued = config->begun->n_enqueued;
    return begun;
}

bool config_identity_text(const Config *config, Text *out)
{
    const Config begun = as_begun(config);
    for (int i = 0; i < N_IDENTITY_PARTS; i++) say_part(&begun, i, out);
    return text_ok(out);
}

bool config_identity(const Config *config, char hex[65], Error *err)
{
    Text text = {0};
    bool ok = config_identity_text(config, &text);
    if (ok) sha256_of(text.bytes, text.n, hex);
    text_free(&text);
    return ok || error_memory(err);
}

/* Compares one part of two configurations: as they stand, or as they are meant. */
static bool same_part(const Config *a, const Config *b, int i, bool *same, char *difference, size_t size,
                      Error *err)
{
    void (*mean)(const Config *config, Text *out) = identity_parts[i].mean;
    Text one = {0}, other = {0}, this = {0}, that = {0};
    say_part(a, i, &one);
    say_part(b, i, &other);
    if (mean) {
        mean(a, &this);
        mean(b, &that);
    }
    bool ok = text_ok(&one) && text_ok(&other) && text_ok(&this) && text_ok(&that);
    const char *left = one.bytes ? one.bytes : "", *right = other.bytes ? other.bytes : "";
    *same = strcmp(left, right) == 0
         || (mean && strcmp(this.bytes ? this.bytes : "", that.bytes ? that.bytes : "") == 0);
    if (ok && !*same) text_difference(left, right, difference, size);
    text_free(&one);
    text_free(&other);
    text_free(&this);
    text_free(&that);
    return ok || error_memory(err);
}

bool config_has_space(const Config *config, const ConfNode *parameters, const ConfNode *constraints,
                      Arena *arena, bool *has, Error *err)
{
    Config other = *config;
    char difference[100];
    other.parameters = parameters;
    other.constraints = constraints;
    *has = true;
    if (!space_read(parameters, NULL, NULL, arena, &other.space, err)) return false;
    for (int i = 0; *has && i < N_IDENTITY_PARTS; i++) {
        const size_t node = identity_parts[i].node;
        if (node != offsetof(Config, parameters) && node != offsetof(Config, constraints)) continue;
        if (!same_part(config, &other, i, has, difference, sizeof difference, err)) return false;
    }
    return true;
}

bool config_same_trials(const Config *a, const Config *b, bool *same, char difference[120], Error *err)
{
    *same = true;
    for (int i = 0; *same && i < N_IDENTITY_PARTS; i++) {
        char lines[80];
        if (!identity_parts[i].name) continue;
        if (!same_part(a, b, i, same, lines, sizeof lines, err)) return false;
        if (!*same) snprintf(difference, 120, "%s (%s)", identity_parts[i].name, lines);
    }
    return true;
}

bool config_same_study(const Config *a, const Config *b, bool *same, char difference[240], Error *err)
{
    const Config one = as_begun(a), other = as_begun(b);
    size_t n = 0;
    *same = true;
    difference[0] = '\0';
    for (int i = 0; i < N_IDENTITY_PARTS; i++) {
        const char *name = identity_parts[i].name;
        char lines[100];
        bool alike;
        if (!same_part(&one, &other, i, &alike, lines, sizeof lines, err)) return false;
        *same &= alike;
        if (alike || n + 20 > 240) continue;
        n += (size_t)snprintf(difference + n, 240 - n, "%s%s%s%s%s", n ? "; " : "", name ? name : "",
                              name ? " (" : "", lines, name ? ")" : "");
    }
    return true;
}
