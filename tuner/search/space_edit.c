/* Two versions of a space united, parameter by parameter, as text that is read again. */
#include "tuner/search/space_edit.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

/* What becomes of one parameter. */
typedef struct {
    const Param *was, *now;  /* `was` NULL: it is new */
    const Value *before;     /* NULL: it had always been a parameter */
    Param whole;             /* a range: as wide as needed */
    const Value **list;      /* the values of a list ... */
    int n_list;              /* ... so many */
} Union;

static bool is_fixed(const Param *p) { return p && p->distribution == DIST_CONSTANT; }

static bool is_number(const Value *value)
{
    return (value->kind == VALUE_INT || value->kind == VALUE_REAL) && isfinite(value->number);
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* ---- ranges ---------------------------------------------------------------------------------- */

/* So that the range has this value. */
static bool stretch(Param *p, const Value *value, const ConfNode *place, Error *err)
{
    if (!value) return true;
    if (!is_number(value))
        return conf_key_error(place, err, "`%s` is a range, and trials had another value than a number; give"
                              " `values`", p->name);
    const Scale scale = distribution_scale(p->distribution);
    const bool zero = value->number == 0 && p->zero_prob > 0;
    if (zero || (scale != SCALE_LINEAR && scale != SCALE_LOG && scale != SCALE_INVERSE)) return true;
    double x = value->number;
    if (scale != SCALE_LINEAR && !(x > 0))
        return conf_key_error(place, err, "trials had %.10g of `%s`, and a logarithmic range has no place for"
                              " that", x, p->name);
    if (p->distribution == DIST_LOG_UNIFORM || p->distribution == DIST_Q_LOG_UNIFORM) x = log(x);
    if (p->distribution == DIST_INV_LOG_UNIFORM) x = -log(x);
    p->low = fmin(p->low, x);
    p->high = fmax(p->high, x);
    return true;
}

static bool unite_range(Union *u, const ConfNode *place, Error *err)
{
    const bool fixed = is_fixed(u->now);
    u->whole = fixed ? *u->was : *u->now;
    Param *p = &u->whole;
    if (u->was && !fixed && !is_fixed(u->was)) {
        if (u->was->q != p->q)
            return conf_key_error(place, err, "`q` of `%s` cannot change from %.10g to %.10g: trials lie on"
                                  " other values; begin another study", p->name, u->was->q, p->q);
        p->low = fmin(p->low, u->was->low);
        p->high = fmax(p->high, u->was->high);
        if (p->zero_prob == 0) p->zero_prob = u->was->zero_prob;
    }
    return stretch(p, is_fixed(u->was) ? &u->was->choices[0] : NULL, place, err)
        && stretch(p, fixed ? &u->now->choices[0] : NULL, place, err) && stretch(p, u->before, place, err);
}

static void say(const char *key, double number, Text *out)
{
    char text[32];
    text_print(out, ", %s: %s", key, text_number(number, text));
}

static bool has_bounds(const Param *p)
{
    const Scale scale = distribution_scale(p->distribution);
    return scale == SCALE_LINEAR || scale == SCALE_LOG || scale == SCALE_INVERSE;
}

static void say_value(const char *key, const Value *value, Text *out)
{
    text_print(out, "%s: ", key);
    conf_print_scalar(out, value);
}

static void say_range(const Union *u, Text *out)
{
    const Param *p = &u->whole, *now = u->now;
    const bool normal = distribution_scale(p->distribution) == SCALE_NORMAL
                     || distribution_scale(p->distribution) == SCALE_LOG_NORMAL;
    if (has_bounds(p)) say("min", p->low, out), say("max", p->high, out);
    else if (normal) say("mu", p->mu, out), say("sigma", p->sigma, out);
    else say("a", p->a, out), say("b", p->b, out);
    if (distribution_quantized(p->distribution) && p->distribution != DIST_INT_UNIFORM) say("q", p->q, out);
    if (p->zero_prob > 0) say("zero_prob", p->zero_prob, out);
    if (p->steps > 0) say("steps", p->steps, out);
    if (is_fixed(now)) {
        text_add(out, ", only: {");
        say_value("value", &now->choices[0], out);
        text_add(out, "}");
    } else if (now->low != p->low || now->high != p->high || now->zero_prob != p->zero_prob) {
        char low[32], high[32];
        text_print(out, ", only: {min: %s, max: %s", text_number(now->low, low), text_number(now->high, high));
        if (p->zero_prob > 0) say("zero_prob", now->zero_prob, out);
        text_add(out, "}");
    }
}

/* ---- lists ----------------------------------------------------------------------------------- */

static void list_value(Union *u, const Value *value)
{
    for (int i = 0; i < u->n_list; i++)
        if (value_equal(u->list[i], value)) return;
    u->list[u->n_list++] = value;
}

static bool unite_lists(Union *u, Arena *arena, Error *err)
{
    const Param *was = u->was, *now = u->now;
    const bool fixed = is_fixed(now) && was && !is_fixed(was); /* the others keep their places */
    u->list = ARENA_NEW(arena, const Value *, now->n_choices + (was ? was->n_choices : 0) + 1);
    if (!u->list) return error_memory(err);
    for (int i = 0; !fixed && i < now->n_choices; i++) list_value(u, &now->choices[i]);
    for (int i = 0; was && i < was->n_choices; i++) list_value(u, &was->choices[i]);
    for (int i = 0; fixed && i < now->n_choices; i++) list_value(u, &now->choices[i]);
    if (u->before) list_value(u, u->before);
    return true;
}

static void say_list(const char *key, const Value *const *values, const Value *row, int n, Text *out)
{
    text_print(out, "%s: [", key);
    for (int i = 0; i < n; i++) {
        if (i) text_add(out, ", ");
        conf_print_scalar(out, values ? values[i] : &row[i]);
    }
    text_add(out, "]");
}

static void say_choices(const Union *u, Text *out)
{
    const Param *now = u->now;
    text_add(out, ", ");
    say_list("values", u->list, NULL, u->n_list, out);
    if (now->n_choices == u->n_list && !now->probabilities) return;
    text_add(out, ", only: {");
    if (is_fixed(now)) say_value("value", &now->choices[0], out);
    else say_list("values", NULL, now->choices, now->n_choices, out);
    if (now->probabilities) {
        char number[32];
        text_add(out, ", probabilities: [");
        for (int i = 0; i < now->n_choices; i++)
            text_print(out, "%s%s", i ? ", " : "", text_number(now->probabilities[i], number));
        text_add(out, "]");
    }
    text_add(out, "}");
}

/* ---- one parameter --------------------------------------------------------------------------- */

/* Is what it was still what it is, but for how wide? */
static bool check_kind(const Union *u, const ConfNode *place, Error *err)
{
    const Param *was = u->was, *now = u->now;
    if (now->only)
        return conf_key_error(conf_get(now->node, "only"), err, "`only` is what an edit makes of a narrower"
                              " range; give the range itself");
    if (!was) return true;
    if (!same_text(was->when_text, now->when_text))
        return conf_key_error(place, err, "`when` of `%s` cannot change: trials before and after could not be"
                              " compared; begin another study", now->name);
    if (was->distribution == DIST_DERIVED || now->distribution == DIST_DERIVED)
        return (was->distribution == now->distribution && same_text(was->derived_text, now->derived_text))
            || conf_key_error(place, err, "`expr` of `%s` cannot change: trials before and after could not be"
                              " compared; begin another study", now->name);
    if (is_fixed(was) || is_fixed(now)) return true;
    const bool lists = was->n_choices > 0 && now->n_choices > 0;
    return lists || was->distribution == now->distribution
        || conf_key_error(place, err, "`%s` cannot become `%s`, it is `%s`; give its bounds as they are written"
                          " (10.0, not 10), or begin another study", now->name,
                          distribution_names[now->distribution], distribution_names[was->distribution]);
}

/* A number among numbers lies on their range, else on the list. */
static bool is_range(const Union *u)
{
    const Param *was = is_fixed(u->now) ? u->was : u->now;
    return was && was->n_choices == 0;
}

/* Nothing of it has changed, and nothing was to be remembered. */
static bool is_as_it_was(const Union *u)
{
    const Param *was = u->was, *now = u->now;
    Text one = {0}, other = {0};
    if (now->distribution == DIST_DERIVED || (is_fixed(now) && (!was || is_fixed(was)) && !u->before))
        return !was || now->distribution == DIST_DERIVED || value_equal(&was->choices[0], &now->choices[0]);
    if (!was || was->only || was->before || u->before) return false;
    conf_print_line(was->node, &one);
    conf_print_line(now->node, &other);
    const bool same = text_ok(&one) && text_ok(&other) && strcmp(one.bytes, other.bytes) == 0;
    text_free(&one);
    text_free(&other);
    return same;
}

static bool find_before(const SpaceEdit *edit, Union *u, int i, const ConfNode *place, Error *err)
{
    const bool known = edit->before && edit->before[i].kind != VALUE_NONE;
    u->before = u->was ? u->was->before : u->now->before ? u->now->before : known ? &edit->before[i] : NULL;
    if (u->was || u->before || u->now->distribution == DIST_DERIVED) return true;
    return conf_key_error(place, err, "`%s` is new: say what the trials so far had, `before: VALUE`",
                          u->now->name);
}

/* Where the best is expected, as the newest version says it; who said weights said nothing of other values. */
static void say_prior(const Union *u, Text *out)
{
    const ConfNode *prior = u->now->prior ? conf_get(u->now->node, "prior") : NULL;
    const ConfNode *weights = prior && prior->kind == CONF_MAP ? conf_get(prior, "weights") : NULL;
    if (!prior) return;
    text_add(out, ", prior: ");
    if (!weights) {
        conf_print_line(prior, out);
        return;
    }
    text_add(out, "{weights: [");
    for (const ConfNode *node = weights->first; node; node = node->next)
        text_print(out, "%s%s", node == weights->first ? "" : ", ", node->text);
    for (int i = u->now->n_choices; i < u->n_list; i++) text_add(out, ", 0");
    text_add(out, "]}");
}

static bool say_param(const Union *u, Text *out)
{
    const bool range = is_range(u);
    text_print(out, "{distribution: %s",
               distribution_names[range ? u->whole.distribution : DIST_CATEGORICAL]);
    if (range) say_range(u, out);
    else say_choices(u, out);
    if (u->now->when_text) {
        const Value when = value_text(u->now->when_text);
        say_value(", when", &when, out);
    }
    say_prior(u, out);
    if (u->before) say_value(", before", u->before, out);
    text_add(out, "}");
    return text_ok(out);
}

static bool unite(const SpaceEdit *edit, int i, const ConfNode *place, Arena *arena, ConfNode **out, Error *err)
{
    Union u = {.now = &edit->now->params[i]};
    const int at = space_find(edit->was, u.now->name);
    u.was = at >= 0 ? &edit->was->params[at] : NULL;
    if (!check_kind(&u, place, err) || !find_before(edit, &u, i, place, err)) return false;
    if (is_as_it_was(&u)) {
        if (!(*out = ARENA_NEW(arena, ConfNode, 1))) return error_memory(err);
        **out = *place;
        return true;
    }
    if (!(is_range(&u) ? unite_range(&u, place, err) : unite_lists(&u, arena, err))) return false;
    Text text = {0};
    bool ok = (say_param(&u, &text) || error_memory(err))
           && conf_read_value(place->file, text.bytes, arena, out, err);
    text_free(&text);
    if (!ok) return false;
    (*out)->key = place->key;
    (*out)->key_line = place->key_line;
    (*out)->key_column = place->key_column;
    return true;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool unite_group(const SpaceEdit *edit, const ConfNode *map, Arena *arena, ConfNode **out, Error *err)
{
    ConfNode *group = ARENA_NEW(arena, ConfNode, 1);
    if (!group) return error_memory(err);
    *group = *map;
    group->first = NULL;
    ConfNode **end = &group->first;
    for (const ConfNode *node = map->first; node; node = node->next) {
        int i = -1;
        for (int k = 0; k < edit->now->n_params && i < 0; k++)
            if (edit->now->params[k].node == node) i = k;
        if (!(i >= 0 ? unite(edit, i, node, arena, end, err) : unite_group(edit, node, arena, end, err)))
            return false;
        (*end)->next = NULL;
        end = &(*end)->next;
    }
    *out = group;
    return true;
}

bool space_unite(const SpaceEdit *edit, Arena *arena, ConfNode **out, Error *err)
{
    for (int i = 0; i < edit->was->n_params; i++) {
        const char *name = edit->was->params[i].name;
        if (space_find(edit->now, name) < 0)
            return conf_error(edit->nodes, err, "`%s` is gone: trials have it; fix it instead, {value: ...}",
                              name);
    }
    return unite_group(edit, edit->nodes, arena, out, err);
}
