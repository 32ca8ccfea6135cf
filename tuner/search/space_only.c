/* `only` and `before`: read and checked against the parameter; coordinates brought to what is offered. */
#include "tuner/search/space_only.h"

#include <math.h>

#include "tuner/search/space_choices.h"

static const char *const range_keys[] = {"value", "min", "max", "zero_prob", NULL};
static const char *const value_keys[] = {"value", NULL};
static const char *const list_keys[] = {"value", "values", "probabilities", NULL};

static bool is_number(const Value *value)
{
    return (value->kind == VALUE_INT || value->kind == VALUE_REAL) && isfinite(value->number);
}

static bool has_range(const Param *p)
{
    const Scale scale = distribution_scale(p->distribution);
    return scale == SCALE_LINEAR || scale == SCALE_LOG || scale == SCALE_INVERSE;
}

/* One value of the parameter, as it would propose it. */
static bool read_value(const Param *p, const ConfNode *node, Value *out, Arena *arena, Error *err)
{
    double u;
    if (!space_read_value(node, out, arena, err)) return false;
    if (!param_encode(p, out, &u))
        return conf_error(node, err, "`%s` of `%s` is none of its values", node->key, p->name);
    const Value nearest = param_decode(p, u);
    if (is_number(out) && p->n_choices == 0 && !param_rounds(p, out->number, nearest.number))
        return conf_error(node, err, out->number < p->least || out->number > p->most
                          ? "`%s` of `%s` is %.10g, outside of %.10g to %.10g"
                          : "`%s` of `%s` is %.10g, which it cannot be; between %.10g and %.10g it can be"
                            " %.10g",
                          node->key, p->name, out->number, p->least, p->most, nearest.number);
    *out = nearest;
    return true;
}

/* Is this list one of the parameter's values? */
static bool check_choices(const Param *p, const Param *only, Error *err)
{
    double u;
    for (int i = 0; i < only->n_choices; i++)
        if (!param_encode(p, &only->choices[i], &u))
            return conf_error(conf_get(only->node, "values"), err, "a value of `only` is none of the values of"
                              " `%s`", p->name);
    return true;
}

static bool read_bound(const ConfNode *map, const char *key, double fallback, double *out, Error *err)
{
    const ConfNode *node = conf_get(map, key);
    *out = node ? node->number : fallback;
    return !node || (node->kind == CONF_NUMBER && isfinite(node->number))
        || conf_error(node, err, "`%s` must be a number", key);
}

static bool read_range(const Param *p, Param *only, Error *err)
{
    if (!read_bound(only->node, "min", p->low, &only->low, err)
        || !read_bound(only->node, "max", p->high, &only->high, err)
        || !read_bound(only->node, "zero_prob", p->zero_prob, &only->zero_prob, err))
        return false;
    if (!(only->low >= p->low && only->high <= p->high && only->low < only->high)
        || !(only->zero_prob >= 0 && only->zero_prob <= p->zero_prob))
        return conf_error(only->node, err, "`only` must be a part of `%s`", p->name);
    return param_prepare(only) || conf_error(only->node, err, "no value of `%s` lies in `only`", p->name);
}

static bool read_only(Param *p, const ConfNode *node, Arena *arena, Error *err)
{
    const bool chosen = distribution_chosen(p->distribution);
    if (node->kind != CONF_MAP || node->n == 0)
        return conf_error(node, err, "`only` must be a map, such as {%s}", chosen ? "values: [...]"
                          : has_range(p) ? "max: ..." : "value: ...");
    if (!conf_only_keys(node, "in `only`", chosen ? list_keys : has_range(p) ? range_keys : value_keys, err))
        return false;
    Param *only = ARENA_NEW(arena, Param, 1);
    if (!only) return error_memory(err);
    *only = *p;
    only->node = node;
    const ConfNode *value = conf_get(node, "value");
    if (value) {
        Value *one = ARENA_NEW(arena, Value, 1);
        if (!one) return error_memory(err);
        if (node->n > 1) return conf_error(node, err, "`only` has a `value` alone, or none");
        if (!read_value(p, value, one, arena, err)) return false;
        only->distribution = DIST_CONSTANT;
        only->choices = one;
        only->n_choices = 1;
    } else if (chosen) {
        only->probabilities = only->edges = NULL;
        only->distribution = conf_get(node, "probabilities") ? DIST_CATEGORICAL_P : DIST_CATEGORICAL;
        if (!space_read_choices(only, arena, err) || !check_choices(p, only, err)) return false;
    } else if (!read_range(p, only, err)) {
        return false;
    }
    p->only = only;
    return true;
}

bool space_read_only(Param *p, Arena *arena, Error *err)
{
    const ConfNode *only = conf_get(p->node, "only"), *before = conf_get(p->node, "before");
    const bool fixed = p->distribution == DIST_CONSTANT || p->distribution == DIST_DERIVED;
    if (!only && !before) return true;
    if (fixed)
        return conf_key_error(only ? only : before, err, "`%s` does not go with `%s`: it is for what is"
                              " searched", only ? "only" : "before", distribution_names[p->distribution]);
    if (before) {
        Value *value = ARENA_NEW(arena, Value, 1);
        if (!value) return error_memory(err);
        if (!read_value(p, before, value, arena, err)) return false;
        p->before = value;
    }
    return !only || read_only(p, only, arena, err);
}

/* ---- what is offered ------------------------------------------------------------------------- */

bool param_offers(const Param *p, const Value *value)
{
    const Param *only = p->only;
    if (!only) return true;
    for (int i = 0; i < only->n_choices; i++)
        if (value_equal(&only->choices[i], value))
            return !only->probabilities || only->probabilities[i] > 0;
    if (only->n_choices > 0 || !is_number(value)) return false;
    const double x = value->number;
    if (x == 0 && p->zero_prob > 0 && !param_reaches_zero(only)) return only->zero_prob > 0;
    return (x >= only->least || param_rounds(p, x, only->least))
        && (x <= only->most || param_rounds(p, x, only->most));
}

void param_limits(const Param *p, double *low, double *high)
{
    const Param *only = p->only;
    *low = 0;
    *high = 1 - 0x1p-53;
    if (!only || distribution_chosen(p->distribution)) return;
    if (only->distribution == DIST_CONSTANT) {
        param_encode(p, &only->choices[0], low);
        *high = *low;
        return;
    }
    const double a = param_number_at(p, only->least), b = param_number_at(p, only->most);
    *low = only->zero_prob > 0 ? 0 : fmin(a, b);
    *high = fmax(a, b);
}

/* Where it lies among the coordinates that are not offered, from 0 to 1. */
static double among_others(const Param *p, double u)
{
    double low, high;
    if (p->n_choices > 0) {
        int n = 0, before = 0;
        const int at = (int)fmin(u * p->n_choices, p->n_choices - 1);
        for (int place = 0; place < p->n_choices; place++) {
            const bool offered = param_offers(p, &p->choices[p->choice_at[place]]);
            n += !offered;
            before += !offered && place < at;
        }
        return n > 0 ? (before + (u * p->n_choices - at)) / n : 0;
    }
    param_limits(p, &low, &high);
    return (u < low ? u : u - (high - low)) / fmax(1 - (high - low), 0x1p-53);
}

double param_confine(const Param *p, double u)
{
    if (!p->only) return u;
    u = u >= 0 ? fmin(u, 1 - 0x1p-53) : 0;
    Value value = param_decode(p, u);
    if (param_offers(p, &value)) return u;
    value = p->only->distribution == DIST_CONSTANT ? p->only->choices[0]
                                                   : param_decode(p->only, among_others(p, u));
    param_encode(p, &value, &u); /* what is offered is a value of the parameter */
    return u;
}
