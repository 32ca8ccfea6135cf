/* job/compare_settings.c - what studies do differently: keys of their configurations, settings of their best
 * trials; and how far studies lie apart that differ in nothing but the seed. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/grow.h"
#include "base/set.h"
#include "job/compare_parts.h"

/* ---- a configuration as a list of keys ---------------------------------------------------------- */

/* Names and places are what they are; only what decides results or cost is a difference. */
static const char *const passed_over[] = {"name", "description", "project", "run.dir", "run.db", "report",
                                          NULL};

typedef struct {
    const char **key;   /* "parameters.learning_rate.min" */
    const char **value; /* (n * sides): NULL where a side has none */
    int n, sides, room_key, room_value;
    TextSet known;
    Arena *arena;
} Keys;

static bool is_passed_over(const char *key)
{
    return names_find(passed_over, key) >= 0;
}

static bool put_value(Keys *keys, const char *key, int side, const char *value)
{
    int at = text_set_find(&keys->known, key, strlen(key));
    if (at < 0) {
        if (text_set_add(&keys->known, keys->arena, key, strlen(key)) < 0
            || !GROW(keys->arena, keys->key, keys->n, keys->room_key))
            return false;
        at = keys->n;
        for (int s = 0, m = keys->n * keys->sides; s < keys->sides; s++, m++) {
            if (!GROW(keys->arena, keys->value, m, keys->room_value)) return false;
            keys->value[m] = NULL;
        }
        keys->key[keys->n++] = key;
    }
    keys->value[at * keys->sides + side] = value;
    return true;
}

/* A list is one value; a map is its members, "" where it has none. */
static bool walk(Keys *keys, const ConfNode *node, const char *key, int side)
{
    if (is_passed_over(key)) return true;
    if (node->kind == CONF_MAP) {
        for (const ConfNode *child = node->first; child; child = child->next) {
            const char *name = *key ? arena_print(keys->arena, "%s.%s", key, child->key)
                                    : arena_copy(keys->arena, child->key);
            if (!name || !walk(keys, child, name, side)) return false;
        }
        return true;
    }
    Error ignored;
    Value value;
    Text text = {0};
    if (node->kind == CONF_LIST && conf_value(node, keys->arena, &value, &ignored)) value_plain(&value, &text);
    else text_add(&text, node->kind == CONF_NULL ? "null" : node->text ? node->text : "");
    const char *copy = text_ok(&text) ? arena_copy(keys->arena, text.bytes ? text.bytes : "") : NULL;
    text_free(&text);
    return copy && put_value(keys, key, side, copy);
}

static bool is_same(const char *a, const char *b)
{
    double x, y;
    if (!a || !b) return a == b;
    return strcmp(a, b) == 0 || (text_to_number(a, &x) && text_to_number(b, &y) && x == y);
}

static bool row_differs(const Keys *keys, int k)
{
    const char **value = &keys->value[k * keys->sides];
    for (int s = 1; s < keys->sides; s++)
        if (!is_same(value[0], value[s])) return true;
    return false;
}

static void put_rows(const Keys *keys, Doc *out)
{
    for (int k = 0; k < keys->n; k++) {
        if (!row_differs(keys, k)) continue;
        Doc *row = doc_add(out, doc_object());
        doc_set_text(row, "name", keys->key[k]);
        Doc *values = doc_set(row, "values", doc_array());
        for (int s = 0; s < keys->sides; s++) doc_add(values, doc_text(keys->value[k * keys->sides + s]));
    }
}

static bool read_configs(const Comparison *c, Keys *keys, Error *err)
{
    for (int s = 0; s < c->n; s++) {
        Conf *conf;
        Error ignored;
        const char *yaml = c->side[s].open.study.config_yaml;
        /* one that cannot be read (of a later version) has nothing to show */
        if (!yaml || !conf_read_text(c->side[s].label, yaml, strlen(yaml), c->arena, &conf, &ignored)) continue;
        if (!walk(keys, conf->root, "", s)) return error_memory(err);
    }
    return true;
}

static bool read_params(const Comparison *c, Keys *keys, Error *err)
{
    for (int s = 0; s < c->n; s++) {
        const Side *side = &c->side[s];
        const char *name, *json = side->found ? side->best.row.params : NULL;
        const Doc *value;
        Error ignored;
        Doc *params = json ? doc_parse(json, strlen(json), &ignored) : NULL;
        bool ok = true;
        for (size_t i = 0; ok && doc_member(params, i, &name, &value); i++) {
            Text text = {0};
            if (doc_kind(value) == DOC_TEXT) text_add(&text, doc_to_text(value, ""));
            else doc_print(value, 0, &text);
            const char *key = arena_copy(c->arena, name);
            const char *copy = text_ok(&text) ? arena_copy(c->arena, text.bytes ? text.bytes : "") : NULL;
            text_free(&text);
            ok = key && copy && put_value(keys, key, s, copy);
        }
        doc_free(params);
        if (!ok) return error_memory(err);
    }
    return true;
}

/* ---- studies of one configuration ----------------------------------------------------------------- */

/* Do two differ at most in seed, place and pace? */
static bool is_twin(const Comparison *c, const Keys *keys, int a, int b)
{
    const StudyInfo *x = &c->side[a].open.study, *y = &c->side[b].open.study;
    if (!compare_same(x->data_sha256, y->data_sha256)) return false;
    for (int k = 0; k < keys->n; k++) {
        const char *key = keys->key[k], **value = &keys->value[k * keys->sides];
        if (strncmp(key, "run.", 4) == 0 || strcmp(key, "data.dir") == 0) continue;
        if (!is_same(value[a], value[b])) return false;
    }
    return true;
}

static void put_spread(const double *value, int n, const char *name, Doc *out)
{
    double sum = 0, squares = 0, low = INFINITY, high = -INFINITY;
    int m = 0;
    for (int i = 0; i < n; i++) {
        if (!isfinite(value[i])) continue;
        sum += value[i], m++;
        low = fmin(low, value[i]), high = fmax(high, value[i]);
    }
    if (m < 2) {
        doc_set(out, name, doc_null());
        return;
    }
    for (int i = 0; i < n; i++)
        if (isfinite(value[i])) squares += (value[i] - sum / m) * (value[i] - sum / m);
    Doc *doc = doc_set(out, name, doc_object());
    doc_set_number(doc, "n", m);
    doc_set_number(doc, "mean", sum / m);
    doc_set_number(doc, "sd", sqrt(squares / (m - 1)));
    doc_set_number(doc, "low", low);
    doc_set_number(doc, "high", high);
}

static bool is_there(const Doc *list, const char *text)
{
    bool found = false;
    for (size_t i = 0; i < doc_count(list); i++) found |= strcmp(doc_to_text(doc_at(list, i), ""), text) == 0;
    return found;
}

/* One seed again says nothing of luck, nor does the same study. */
static bool put_twins(const Comparison *c, const Keys *keys, Doc *out, Error *err)
{
    bool *taken = ARENA_NEW(c->arena, bool, c->n);
    double *best = ARENA_NEW(c->arena, double, c->n), *test = ARENA_NEW(c->arena, double, c->n);
    if (!taken || !best || !test) return error_memory(err);
    for (int a = 0; a < c->n; a++) {
        char seed[32];
        int n = 0;
        if (taken[a]) continue;
        Doc *group = doc_object(), *names = doc_set(group, "studies", doc_array());
        Doc *seeds = doc_set(group, "seeds", doc_array());
        for (int b = a; b < c->n; b++) {
            const Side *side = &c->side[b];
            if (taken[b] || !is_twin(c, keys, a, b)) continue;
            taken[b] = true;
            snprintf(seed, sizeof seed, "%" PRIu64, side->open.study.seed);
            if (is_there(seeds, seed)) continue;
            best[n] = side->found ? side->best.score : NAN;
            test[n++] = doc_to_number(doc_get(compare_tested(c, doc_get(side->evaluation, "ensemble")),
                                              "value"),
                                      NAN);
            doc_add(names, doc_text(side->label));
            doc_add(seeds, doc_text(seed)); /* 64 bits */
        }
        put_spread(best, n, "best", group);
        put_spread(test, n, "test", group);
        if (n > 1) doc_add(out, group);
        else doc_free(group);
    }
    return true;
}

bool compare_settings(const Comparison *c, Doc *document, Error *err)
{
    Keys keys = {.sides = c->n, .arena = c->arena}, params = {.sides = c->n, .arena = c->arena};
    if (!read_configs(c, &keys, err) || !read_params(c, &params, err)) return false;
    put_rows(&keys, doc_set(document, "settings", doc_array()));
    put_rows(&params, doc_set(document, "best_settings", doc_array()));
    return put_twins(c, &keys, doc_set(document, "spread", doc_array()), err);
}
