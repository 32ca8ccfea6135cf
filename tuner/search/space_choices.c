/* A parameter's list of values: read, checked for repetitions, laid out on its coordinate. */
#include "tuner/search/space_choices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/set.h"

enum { MAX_CHOICES = 1 << 16, MAX_TEXT = 1 << 16 };

bool space_read_value(const ConfNode *node, Value *out, Arena *arena, Error *err)
{
    if (!conf_value(node, arena, out, err)) return false;
    if (out->text && strlen(out->text) > MAX_TEXT)
        return conf_error(node, err, "a value of more than %d characters", MAX_TEXT);
    return true;
}

static bool is_numeric(const Value *value)
{
    return value->kind == VALUE_INT || value->kind == VALUE_REAL;
}

typedef struct {
    double number;
    int choice;
} Placed;

static int by_number(const void *a, const void *b)
{
    const Placed *x = a, *y = b;
    if (x->number != y->number && !(isnan(x->number) && isnan(y->number)))
        return isnan(x->number) ? 1 : isnan(y->number) ? -1 : x->number < y->number ? -1 : 1;
    return (x->choice > y->choice) - (x->choice < y->choice);
}

/* Places of the choices on the coordinate: lists of numbers in increasing order. */
static bool place_choices(Param *p, Arena *arena, Error *err)
{
    int *rank = ARENA_NEW(arena, int, p->n_choices);
    int *choice_at = ARENA_NEW(arena, int, p->n_choices);
    Placed *placed = ARENA_NEW(arena, Placed, p->n_choices);
    if (!rank || !choice_at || !placed) return error_memory(err);
    bool numeric = true;
    for (int i = 0; i < p->n_choices; i++) numeric = numeric && is_numeric(&p->choices[i]);
    for (int i = 0; i < p->n_choices; i++) placed[i] = (Placed){p->choices[i].number, i};
    if (numeric) qsort(placed, (size_t)p->n_choices, sizeof *placed, by_number);
    for (int place = 0; place < p->n_choices; place++) {
        choice_at[place] = placed[place].choice;
        rank[placed[place].choice] = place;
    }
    p->rank = rank;
    p->choice_at = choice_at;
    return true;
}

/* What equal values have in common: their plain text. Values that differ may share it by chance alone: the
 * seed is nothing that a file's author knows. */
static bool hash_of(const Value *value, uint64_t seed, uint64_t *hash, Error *err)
{
    Text text = {0};
    Value zero = value_int(0); /* equals -0.0 */
    value_plain(is_numeric(value) && value->number == 0 ? &zero : value, &text);
    bool ok = text_ok(&text);
    if (ok) *hash = set_hash(text.bytes, text.n, seed);
    text_free(&text);
    return ok || error_memory(err);
}

static bool read_choices(Param *p, Arena *arena, Error *err)
{
    const ConfNode *list = conf_get(p->node, "values");
    if (!list)
        return conf_key_error(p->node, err, "`%s` needs `values`",
                              distribution_names[p->distribution]);
    if (list->kind != CONF_LIST || list->n == 0)
        return conf_error(list, err, "`values` must be a list of at least one value");
    if (list->n > MAX_CHOICES)
        return conf_error(list, err, "more than %d values", MAX_CHOICES);
    Value *choices = ARENA_NEW(arena, Value, list->n);
    if (!choices) return error_memory(err);
    Set seen = {0};
    int n = 0;
    for (const ConfNode *node = list->first; node; node = node->next, n++) {
        uint64_t hash = 0;
        uint32_t step = 0;
        if (!space_read_value(node, &choices[n], arena, err)
            || !hash_of(&choices[n], (uint64_t)(uintptr_t)list, &hash, err))
            return false;
        for (int i; (i = set_next(&seen, hash, &step)) >= 0;) {
            if (!value_equal(&choices[i], &choices[n])) continue;
            char label[64];
            value_label(&choices[n], label, sizeof label);
            return conf_error(node, err, "%s stands twice in `values`", label);
        }
        if (!set_add(&seen, arena, hash, n)) return error_memory(err);
    }
    p->n_choices = n;
    p->choices = choices;
    return place_choices(p, arena, err);
}

static bool read_probabilities(Param *p, Arena *arena, Error *err)
{
    const ConfNode *list = conf_get(p->node, "probabilities");
    if (!list)
        return conf_key_error(p->node, err, "`categorical_w_probabilities` needs `probabilities`");
    if (list->kind != CONF_LIST || list->n != p->n_choices)
        return conf_error(list, err, "`probabilities` must be a list of %d numbers, one for each "
                          "of the `values`", p->n_choices);
    double *share = ARENA_NEW(arena, double, p->n_choices);
    double *edges = ARENA_NEW(arena, double, p->n_choices + 1);
    if (!share || !edges) return error_memory(err);
    double sum = 0;
    int n = 0;
    for (const ConfNode *node = list->first; node; node = node->next, n++) {
        if (node->kind != CONF_NUMBER || !(node->number >= 0 && node->number <= 1))
            return conf_error(node, err, "a probability must be a number from 0 to 1");
        share[n] = node->number;
        sum += node->number;
    }
    if (fabs(sum - 1) > 1e-6)
        return conf_error(list, err, "`probabilities` must add up to 1, not to %.7g", sum);
    for (int place = 0; place < n; place++)
        edges[place + 1] = edges[place] + share[p->choice_at[place]] / sum;
    edges[n] = 1;
    for (int place = n - 1; place > 0 && share[p->choice_at[place]] == 0; place--) edges[place] = 1;
    p->probabilities = share;
    p->edges = edges;
    return true;
}

bool space_read_choices(Param *p, Arena *arena, Error *err)
{
    return read_choices(p, arena, err)
        && (p->distribution != DIST_CATEGORICAL_P || read_probabilities(p, arena, err));
}
