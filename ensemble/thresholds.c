/* Reads `ensemble.thresholds`: a metric, or a map of one demand. */
#include "ensemble/thresholds.h"

#include <math.h>
#include <string.h>

#include "base/doc.h"
#include "ensemble/calibrate.h"

const char *const thresholds_names[] = {THRESHOLDS_LIST(LIST_NAME) NULL};

/* A word as it is read back: in quotes where it would be something else, "5 %: {a}". */
static void word(const char *text, Text *out)
{
    const size_t n = strlen(text);
    const bool plain = n > 0 && !strpbrk(text, ",:{}[]\"'#\\") && !strchr(" -?&*!|>%@`", text[0])
                       && text[n - 1] != ' ';
    Doc *quoted = plain ? NULL : doc_text(text);
    if (quoted) doc_print(quoted, 0, out);
    else text_add(out, text);
    doc_free(quoted);
}

/* In YAML's flow style, for sentences and to be pasted. */
static void flow(const ConfNode *node, Text *out)
{
    const char *comma = "";
    if (node->kind != CONF_MAP && node->kind != CONF_LIST) {
        text_add(out, node->text ? node->text : "null");
        return;
    }
    text_add(out, node->kind == CONF_MAP ? "{" : "[");
    for (const ConfNode *child = node->first; child; child = child->next, comma = ", ") {
        text_add(out, comma);
        if (node->kind == CONF_MAP) {
            word(child->key, out);
            text_add(out, ": ");
        }
        flow(child, out);
    }
    text_add(out, node->kind == CONF_MAP ? "}" : "]");
}

static bool read_metric(const ConfNode *node, Thresholds *out, Error *err)
{
    const char *name = node->text;
    const char *bare = strncmp(name, "val_", 4) == 0 ? name + 4 : name;
    out->kind = THRESHOLDS_METRIC;
    out->metric = metric_find(name);
    if (out->metric == METRIC_COUNT)
        return conf_error(node, err, "`thresholds`: unknown metric `%s`%s", name,
                          names_suggest(bare, metric_names, "").text);
    if (calibrate_can_decide(out->metric)) return true;
    return conf_error(node, err, "`thresholds`: %s does not depend on which class is decided for; use "
                      "f1_macro, balanced_accuracy or another that counts classes, or none",
                      metric_name(out->metric));
}

static bool find_class(const ConfNode *node, int n_classes, const char *const *classes, int *out, Error *err)
{
    *out = 0;
    if (n_classes == 0) return true;
    for (int c = 0; c < n_classes; c++) {
        if (strcmp(classes[c], node->key) != 0) continue;
        *out = c;
        return true;
    }
    return conf_key_error(node, err, "`thresholds`: there is no class `%s`; the classes are %s, %s%s",
                          node->key, classes[0], n_classes > 1 ? classes[1] : "", n_classes > 2 ? ", ..." : "");
}

/* {CLASS: NUMBER} */
static bool read_share(const ConfNode *node, int n_classes, const char *const *classes, Thresholds *out,
                       Error *err)
{
    const char *kind = thresholds_names[out->kind];
    if (node->kind != CONF_MAP || node->n != 1)
        return conf_error(node, err, "`thresholds`: `%s` is one class and a number between 0 and 1, such as"
                          " {%s: {bad: 0.8}}", kind, kind);
    const ConfNode *value = node->first;
    if (value->kind != CONF_NUMBER || !(value->number > 0 && value->number < 1))
        return conf_error(value, err, "`thresholds`: %s of `%s` must be a number between 0 and 1, both"
                          " excluded",
                          kind, value->key);
    if (!find_class(value, n_classes, classes, &out->label, err)) return false;
    out->at = value->number;
    if (out->kind != THRESHOLDS_FIXED || n_classes == 0 || n_classes == 2) return true;
    return conf_error(node, err, "`thresholds`: `fixed` is for two classes, and there are %d; use `cost`,"
                      " `recall` or `precision`", n_classes);
}

/* ---- costs ----------------------------------------------------------------------------------- */

static bool read_cost_cell(const ConfNode *cell, double *out, Error *err)
{
    if (cell->kind != CONF_NUMBER || !(fabs(cell->number) <= 1e9))
        return conf_error(cell, err, "`thresholds`: a cost is a number up to 1e9");
    *out = cell->number;
    return true;
}

/* The costs of one true class; `row` NULL: only looked at. */
static bool read_cost_row(const ConfNode *node, int n_classes, const char *const *classes, double *row,
                          Error *err)
{
    double number = 0;
    int place = 0;
    if (node->kind != CONF_MAP && node->kind != CONF_LIST)
        return conf_error(node, err, "`thresholds`: a row of `cost` is a list, or a map from class to number");
    if (node->kind == CONF_LIST && n_classes > 0 && node->n != n_classes)
        return conf_error(node, err, "`thresholds`: a row of `cost` has %d numbers, and there are %d classes",
                          node->n, n_classes);
    for (const ConfNode *cell = node->first; cell; cell = cell->next, place++) {
        int c = place;
        if (!read_cost_cell(cell, &number, err)) return false;
        if (node->kind == CONF_MAP && !find_class(cell, n_classes, classes, &c, err)) return false;
        if (row) row[c] = number;
    }
    return true;
}

/* Being right must be the cheapest, or the argmin would never decide for the class. */
static bool check_costs(const ConfNode *node, int n_classes, const char *const *classes, const double *cost,
                        Error *err)
{
    for (int t = 0; t < n_classes; t++)
        for (int d = 0; d < n_classes; d++)
            if (d != t && !(cost[t * n_classes + d] > cost[t * n_classes + t]))
                return conf_error(node, err, "`thresholds`: where `%s` is true, deciding `%s` must cost more"
                                  " (%g) than being right (%g); rows of `cost` are true classes",
                                  classes[t], classes[d],
                                  cost[t * n_classes + d], cost[t * n_classes + t]);
    return true;
}

static bool read_cost(const ConfNode *node, int n_classes, const char *const *classes, Arena *arena,
                      Thresholds *out, Error *err)
{
    double *cost = NULL;
    int place = 0;
    if (node->kind != CONF_MAP && node->kind != CONF_LIST)
        return conf_error(node, err, "`thresholds`: `cost` is a map such as {bad: {good: 5}} or a list of"
                          " rows");
    if (node->kind == CONF_LIST && n_classes > 0 && node->n != n_classes)
        return conf_error(node, err, "`thresholds`: `cost` has %d rows, and there are %d classes", node->n,
                          n_classes);
    if (n_classes > 0) {
        cost = ARENA_NEW(arena, double, (size_t)n_classes * (size_t)n_classes);
        if (!cost) return error_memory(err);
        for (int i = 0; i < n_classes * n_classes; i++) cost[i] = i / n_classes != i % n_classes;
    }
    for (const ConfNode *row = node->first; row; row = row->next, place++) {
        int t = place;
        if (node->kind == CONF_MAP && !find_class(row, n_classes, classes, &t, err)) return false;
        if (!read_cost_row(row, n_classes, classes, cost ? cost + (size_t)t * (size_t)n_classes : NULL, err))
            return false;
    }
    out->cost = cost;
    return check_costs(node, n_classes, classes, cost, err);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool read_map(const ConfNode *node, int n_classes, const char *const *classes, Arena *arena,
                     Thresholds *out, Error *err)
{
    const ConfNode *one = node->first;
    if (!conf_only_keys(node, "in `thresholds`", thresholds_names, err)) return false;
    if (node->n != 1)
        return conf_error(node, err, "`thresholds` takes one of cost, recall, precision, fixed");
    out->kind = (ThresholdsKind)names_find(thresholds_names, one->key);
    return out->kind == THRESHOLDS_COST ? read_cost(one, n_classes, classes, arena, out, err)
                                        : read_share(one, n_classes, classes, out, err);
}

bool thresholds_read(const ConfNode *node, int n_classes, const char *const *classes, Arena *arena,
                     Thresholds *out, Error *err)
{
    Text text = {0};
    *out = (Thresholds){.kind = THRESHOLDS_NONE};
    if (!node || node->kind == CONF_NULL || (node->kind == CONF_TEXT && strcmp(node->text, "none") == 0))
        return true;
    if (node->kind != CONF_MAP && node->kind != CONF_TEXT)
        return conf_error(node, err, "`thresholds` is none, a metric, or one of {cost: ...}, {recall:"
                          " {CLASS: 0.8}}, {precision: {CLASS: 0.7}}, {fixed: {CLASS: 0.3}}");
    if (!(node->kind == CONF_TEXT ? read_metric(node, out, err)
                                  : read_map(node, n_classes, classes, arena, out, err)))
        return false;
    flow(node, &text);
    out->asked = text_ok(&text) ? arena_copy(arena, text.bytes) : NULL;
    text_free(&text);
    return out->asked || error_memory(err);
}

int thresholds_interest(const Thresholds *asked)
{
    switch (asked->kind) {
    case THRESHOLDS_RECALL:
    case THRESHOLDS_PRECISION:
    case THRESHOLDS_FIXED: return asked->label;
    case THRESHOLDS_COST: { /* of two: rows true, columns decided */
        const double first = asked->cost[1] - asked->cost[0], second = asked->cost[2] - asked->cost[3];
        return first > second ? 0 : first < second ? 1 : -1;
    }
    default: return -1;
    }
}
