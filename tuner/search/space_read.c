/* Reading a search space from the configuration. Every refusal names the place and the cure. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/names.h"
#include "tuner/search/other_words.h"
#include "tuner/search/prior.h"
#include "tuner/search/space.h"
#include "tuner/search/space_choices.h"
#include "tuner/search/space_only.h"

enum { MAX_NAME = 200 };
static const double MAX_BOUND = 1e100, MAX_WHOLE = 0x1p48, MAX_EXPONENT = 230;

/* The keys of a parameter, and which distribution takes which. */
enum {
    K_VALUE = 1, K_VALUES = 2, K_PROBABILITIES = 4, K_RANGE = 8, K_Q = 16, K_NORMAL = 32, K_BETA = 64,
    K_ZERO = 128, K_STEPS = 256, K_EXPR = 512, K_PRIOR = 1024,
    K_NUMERIC = K_ZERO | K_STEPS | K_PRIOR
};
#define KEY_LIST(X)                                                                               \
    X("distribution", -1) X("when", -1) X("value", K_VALUE) X("values", K_VALUES)                 \
    X("probabilities", K_PROBABILITIES) X("min", K_RANGE) X("max", K_RANGE) X("q", K_Q)           \
    X("mu", K_NORMAL) X("sigma", K_NORMAL) X("a", K_BETA) X("b", K_BETA) X("zero_prob", K_ZERO)   \
    X("steps", K_STEPS) X("prior", K_PRIOR) X("expr", K_EXPR) X("only", -1) X("before", -1)           \
    X("parameters", 0)
#define KEY_MASK(name, mask) mask,
#define KEY_NAME(name, mask) name,
static const int key_masks[] = {KEY_LIST(KEY_MASK)};
static const char *const key_names[] = {KEY_LIST(KEY_NAME) NULL};

static int keys_of(Distribution distribution)
{
    int q = distribution_quantized(distribution) && distribution != DIST_INT_UNIFORM ? K_Q : 0;
    switch (distribution) {
    case DIST_CONSTANT: return K_VALUE;
    case DIST_CATEGORICAL: return K_VALUES | K_PRIOR;
    case DIST_CATEGORICAL_P: return K_VALUES | K_PROBABILITIES | K_PRIOR;
    case DIST_DERIVED: return K_EXPR;
    default: break;
    }
    switch (distribution_scale(distribution)) {
    case SCALE_NORMAL:
    case SCALE_LOG_NORMAL: return K_NORMAL | K_NUMERIC | q;
    case SCALE_BETA: return K_BETA | K_NUMERIC | q;
    default: return K_RANGE | K_NUMERIC | q;
    }
}

typedef struct {
    Arena *arena;
    Error *err;
    Param *params;
    int n;
} Reader;

/* ---- scalars ---- */

/* The number at `key`. Without one: `fallback`, or an error when that is nan. */
static bool read_number(Reader *r, const ConfNode *map, const char *key, Distribution distribution,
                        double fallback, double *out)
{
    const ConfNode *node = conf_get(map, key);
    if (!node) {
        *out = fallback;
        return !isnan(fallback) || conf_key_error(map, r->err, "`%s` needs `%s`",
                                                  distribution_names[distribution], key);
    }
    if (node->kind != CONF_NUMBER)
        return conf_error(node, r->err, "`%s` must be a number", key);
    if (!(fabs(node->number) <= MAX_BOUND))
        return conf_error(node, r->err, "`%s` is too large: at most %g", key, MAX_BOUND);
    *out = node->number;
    return true;
}

/* Written as a whole number: 3, not 3.0 or 3e0. W&B chooses the distribution by that. */
static bool written_whole(const ConfNode *node)
{
    if (!node || node->kind != CONF_NUMBER || node->number != floor(node->number)) return false;
    if (!node->text) return node->integer;
    bool hex = strpbrk(node->text, "xX") != NULL;
    return !strpbrk(node->text, hex ? "." : ".eE");
}

/* ---- the distributions ---- */

/* Bounds of log_uniform are exponents in W&B, which people overlook; these cannot be meant so. */
static bool check_exponents(Reader *r, const Param *p)
{
    bool inverse = p->distribution == DIST_INV_LOG_UNIFORM;
    if (p->low > 0 && (p->high < 1 || (!inverse && exp(p->high) > 1e6)))
        return conf_error(conf_get(p->node, "max"), r->err,
                          "the bounds of `%s` are natural logarithms: this range is %.4g to %.4g. "
                          "These look like values; write `distribution: %s_values`",
                          distribution_names[p->distribution], exp(inverse ? -p->high : p->low),
                          exp(inverse ? -p->low : p->high), distribution_names[p->distribution]);
    const char *key = fabs(p->low) > MAX_EXPONENT ? "min" : "max";
    if (fabs(p->low) > MAX_EXPONENT || fabs(p->high) > MAX_EXPONENT)
        return conf_error(conf_get(p->node, key), r->err, "`%s` is a natural logarithm here and too "
                          "large; for bounds that are values, write `distribution: %s_values`", key,
                          distribution_names[p->distribution]);
    return true;
}

static bool read_range(Reader *r, Param *p)
{
    if (!read_number(r, p->node, "min", p->distribution, NAN, &p->low) ||
        !read_number(r, p->node, "max", p->distribution, NAN, &p->high))
        return false;
    const ConfNode *min = conf_get(p->node, "min"), *max = conf_get(p->node, "max");
    if (!(p->low < p->high)) {
        if (p->low == p->high)
            return conf_error(max, r->err, "`min` and `max` are both %s; write `value: %s`", max->text,
                              max->text);
        return conf_error(max, r->err, "`max` (%s) is below `min` (%s)", max->text, min->text);
    }
    switch (p->distribution) {
    case DIST_INT_UNIFORM: {
        const ConfNode *bad = p->low != floor(p->low) ? min : max;
        if (bad->number != floor(bad->number))
            return conf_error(bad, r->err, "`%s` of an `int_uniform` must be whole, not %s", bad->key,
                              bad->text);
        if (fabs(p->low) > MAX_WHOLE || fabs(p->high) > MAX_WHOLE)
            return conf_error(max, r->err, "whole numbers may reach %.0f", MAX_WHOLE);
        return true;
    }
    case DIST_LOG_UNIFORM:
    case DIST_Q_LOG_UNIFORM:
    case DIST_INV_LOG_UNIFORM: return check_exponents(r, p);
    case DIST_LOG_UNIFORM_VALUES:
    case DIST_Q_LOG_UNIFORM_VALUES:
    case DIST_INV_LOG_UNIFORM_VALUES:
        if (p->low <= 0)
            return conf_error(min, r->err, "a logarithmic range cannot start at %s; `min` must be "
                              "above 0%s", min->text,
                              p->low == 0 ? " (for an exact 0 now and then, add `zero_prob: 0.2`)" : "");
        if (p->low < 1e-100) return conf_error(min, r->err, "`min` must be at least 1e-100");
        return true;
    default: return true;
    }
}

static bool read_shape(Reader *r, Param *p)
{
    Scale scale = distribution_scale(p->distribution);
    if (scale == SCALE_NORMAL || scale == SCALE_LOG_NORMAL) {
        if (!read_number(r, p->node, "mu", p->distribution, 0, &p->mu) ||
            !read_number(r, p->node, "sigma", p->distribution, 1, &p->sigma))
            return false;
        const ConfNode *sigma = conf_get(p->node, "sigma");
        if (!(p->sigma >= 1e-100)) return conf_error(sigma, r->err, "`sigma` must be above 0");
        if (scale == SCALE_LOG_NORMAL && fabs(p->mu) + 6 * p->sigma > MAX_EXPONENT)
            return conf_error(sigma ? sigma : conf_get(p->node, "mu"), r->err,
                              "`mu` and `sigma` of a `%s` are of the logarithm: this one reaches beyond "
                              "1e100", distribution_names[p->distribution]);
        return true;
    }
    if (!read_number(r, p->node, "a", p->distribution, 1, &p->a) ||
        !read_number(r, p->node, "b", p->distribution, 1, &p->b))
        return false;
    if (!(p->a > 0 && p->a <= 1e4))
        return conf_error(conf_get(p->node, "a"), r->err, "`a` must be above 0 and at most 10000");
    if (!(p->b > 0 && p->b <= 1e4))
        return conf_error(conf_get(p->node, "b"), r->err, "`b` must be above 0 and at most 10000");
    return true;
}

static bool read_step(Reader *r, Param *p)
{
    p->q = 1;
    if (p->distribution != DIST_INT_UNIFORM &&
        !read_number(r, p->node, "q", p->distribution, 1, &p->q))
        return false;
    const ConfNode *q = conf_get(p->node, "q"), *place = q ? q : p->node;
    if (!(p->q > 0)) return conf_error(place, r->err, "`q` must be above 0");
    if (!param_prepare(p))
        return conf_error(place, r->err, "no multiple of `q` (%g) lies between `min` and `max`", p->q);
    if (!isfinite(p->least) || !isfinite(p->most))
        return conf_error(place, r->err, "`q` (%g) is too fine for its range", p->q);
    if (fabs(p->first) > MAX_WHOLE || fabs(p->last) > MAX_WHOLE || fabs(p->most) > 0x1p53)
        return conf_error(place, r->err, "`q` (%g) is too fine for a range from %g to %g", p->q,
                          p->least, p->most);
    return true;
}

static bool read_numeric(Reader *r, Param *p)
{
    Scale scale = distribution_scale(p->distribution);
    bool range = scale == SCALE_LINEAR || scale == SCALE_LOG || scale == SCALE_INVERSE;
    if (!(range ? read_range(r, p) : read_shape(r, p))) return false;
    if (distribution_quantized(p->distribution)) {
        if (!read_step(r, p)) return false;
    } else {
        param_prepare(p);
    }
    const ConfNode *zero = conf_get(p->node, "zero_prob"), *steps = conf_get(p->node, "steps");
    if (!read_number(r, p->node, "zero_prob", p->distribution, 0, &p->zero_prob)) return false;
    if (!(p->zero_prob >= 0 && p->zero_prob < 1))
        return conf_error(zero, r->err, "`zero_prob` must be at least 0 and below 1");
    if (steps) {
        if (!(steps->kind == CONF_NUMBER && steps->number == floor(steps->number) &&
              steps->number >= 2 && steps->number <= 1e6))
            return conf_error(steps, r->err, "`steps` must be a whole number from 2 to 1000000");
        p->steps = (int)steps->number;
    }
    return true;
}

/* ---- one parameter ---- */

static bool choose_distribution(Reader *r, Param *p)
{
    const ConfNode *map = p->node, *named = conf_get(map, "distribution");
    if (!other_words_none(map, r->err)) return false;
    if (named) {
        if (named->kind != CONF_TEXT)
            return conf_error(named, r->err, "`distribution` must be a name, such as uniform");
        for (int d = 0; d < DIST_DERIVED; d++) {
            if (strcmp(named->text, distribution_names[d]) != 0) continue;
            p->distribution = (Distribution)d;
            return true;
        }
        const char *names[DIST_COUNT] = {0};
        for (int d = 0; d < DIST_DERIVED; d++) names[d] = distribution_names[d];
        return conf_error(named, r->err, "unknown distribution `%s`%s", named->text,
                          names_suggest(named->text, names, "").text);
    }
    const ConfNode *min = conf_get(map, "min"), *max = conf_get(map, "max");
    if (conf_get(map, "expr")) p->distribution = DIST_DERIVED;
    else if (conf_get(map, "value")) p->distribution = DIST_CONSTANT;
    else if (conf_get(map, "values"))
        p->distribution = conf_get(map, "probabilities") ? DIST_CATEGORICAL_P : DIST_CATEGORICAL;
    else if (min || max)
        p->distribution = written_whole(min) && written_whole(max) ? DIST_INT_UNIFORM : DIST_UNIFORM;
    else if (conf_get(map, "mu") || conf_get(map, "sigma"))
        return conf_key_error(map, r->err, "`%s` needs `distribution`: normal, log_normal, q_normal or "
                              "q_log_normal", p->name);
    else if (conf_get(map, "a") || conf_get(map, "b"))
        return conf_key_error(map, r->err, "`%s` needs `distribution`: beta or q_beta", p->name);
    else
        return conf_key_error(map, r->err, "`%s` needs `value`, `values`, or `min` and `max`", p->name);
    return true;
}

static bool check_keys(Reader *r, const Param *p)
{
    char where[MAX_NAME + 32];
    size_t n = strlen(p->name);
    memcpy(where, "in parameter `", 14);
    memcpy(where + 14, p->name, n);
    memcpy(where + 14 + n, "`", 2);
    if (!conf_only_keys(p->node, where, key_names, r->err)) return false;
    int taken = keys_of(p->distribution);
    for (const ConfNode *node = p->node->first; node; node = node->next) {
        const int k = names_find(key_names, node->key);
        assert(k >= 0);
        if (key_masks[k] & taken) continue;
        const char *distribution = distribution_names[p->distribution];
        if (key_masks[k] == K_Q)
            return conf_key_error(node, r->err, "`q` does not go with `%s`; write `distribution: %s`",
                                  distribution,
                                  p->distribution == DIST_LOG_UNIFORM ? "q_log_uniform"
                                  : p->distribution == DIST_LOG_UNIFORM_VALUES ? "q_log_uniform_values"
                                  : p->distribution == DIST_NORMAL             ? "q_normal"
                                  : p->distribution == DIST_LOG_NORMAL         ? "q_log_normal"
                                  : p->distribution == DIST_BETA               ? "q_beta"
                                                                               : "q_uniform");
        if (key_masks[k] == K_ZERO)
            return conf_key_error(node, r->err, "`zero_prob` goes with ranges; for `%s`, put 0 among "
                                  "the `values`", distribution);
        return conf_key_error(node, r->err, "`%s` does not go with `%s`", node->key, distribution);
    }
    return true;
}

static bool read_param(Reader *r, Param *p)
{
    if (!choose_distribution(r, p) || !check_keys(r, p)) return false;
    switch (p->distribution) {
    case DIST_CONSTANT: {
        const ConfNode *node = conf_get(p->node, "value");
        if (!node) return conf_key_error(p->node, r->err, "`constant` needs `value`");
        Value *value = ARENA_NEW(r->arena, Value, 1);
        if (!value) return error_memory(r->err);
        if (!space_read_value(node, value, r->arena, r->err)) return false;
        p->choices = value;
        p->n_choices = 1;
        return true;
    }
    case DIST_CATEGORICAL:
    case DIST_CATEGORICAL_P:
        return space_read_choices(p, r->arena, r->err) && space_read_prior(p, r->arena, r->err);
    case DIST_DERIVED: return true; /* parsed when all names are known */
    default: return read_numeric(r, p) && space_read_prior(p, r->arena, r->err);
    }
}

/* ---- names and nesting ---- */

static bool check_name(const ConfNode *node, Error *err)
{
    /* Slashes and Hydra's +, ++ and ~ are what people write for programs that take such names. */
    const char *letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    size_t start = strspn(node->key, "+~/"), n = strlen(node->key);
    size_t head = strspn(node->key + start, letters);
    size_t rest = strspn(node->key + start,
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-0123456789/@:");
    if (head == 0 || start + rest != n)
        return conf_key_error(node, err, "`%.60s` cannot be a parameter's name: letters, digits, `_`, "
                              "`.`, `-` and `/`, starting with a letter or `_`", node->key);
    if (n > MAX_NAME) return conf_key_error(node, err, "a name of more than %d letters", MAX_NAME);
    return true;
}

static bool read_group(Reader *r, const ConfNode *map, const char *prefix)
{
    if (map->kind != CONF_MAP || map->n == 0)
        return conf_error(map, r->err, "`parameters` must be a map of at least one parameter");
    for (const ConfNode *node = map->first; node; node = node->next) {
        if (!check_name(node, r->err)) return false;
        const char *name = *prefix ? arena_print(r->arena, "%s.%s", prefix, node->key)
                                   : arena_copy(r->arena, node->key);
        if (!name) return error_memory(r->err);
        if (strlen(name) > MAX_NAME)
            return conf_key_error(node, r->err, "a nested name of more than %d letters", MAX_NAME);
        if (node->kind != CONF_MAP)
            return conf_error(node, r->err, "parameter `%s` must be a map, such as {%s}", name,
                              node->kind == CONF_LIST ? "values: [...]" : "value: ...");
        const ConfNode *inner = conf_get(node, "parameters");
        if (inner) {
            for (const ConfNode *other = node->first; other; other = other->next)
                if (other != inner)
                    return conf_key_error(other, r->err, "`%s` beside `parameters`: a group of nested "
                                          "parameters has no settings of its own", other->key);
            if (!read_group(r, inner, name)) return false;
            continue;
        }
        for (int i = 0; i < r->n; i++)
            if (strcmp(r->params[i].name, name) == 0)
                return conf_key_error(node, r->err, "parameter `%s` is defined twice", name);
        if (r->n == SPACE_MAX_PARAMS)
            return conf_key_error(node, r->err, "more than %d parameters", SPACE_MAX_PARAMS);
        Param *p = &r->params[r->n];
        *p = (Param){.name = name, .node = node, .dim = -1, .unit = 1, .per = 1};
        if (!read_param(r, p) || !space_read_only(p, r->arena, r->err)) return false;
        r->n++;
    }
    return true;
}

/* ---- expressions ---- */

typedef struct {
    const Reader *reader;
    const char *bad; /* first bare word that is no value of any parameter */
} Words;

static void check_word(void *context, const char *text)
{
    Words *words = context;
    if (words->bad) return;
    for (int i = 0; i < words->reader->n; i++) {
        const Param *p = &words->reader->params[i];
        for (int c = 0; c < p->n_choices; c++)
            if (p->choices[c].kind == VALUE_TEXT && strcmp(p->choices[c].text, text) == 0) return;
    }
    words->bad = text;
}

static bool has_null(const Reader *r)
{
    for (int i = 0; i < r->n; i++)
        for (int c = 0; c < r->params[i].n_choices; c++)
            if (value_is_null(&r->params[i].choices[c])) return true;
    return false;
}

/* A misspelt name would silently be taken as a word, and the condition never hold. */
static bool read_expression(Reader *r, const ConfNode *node, const char *const *names,
                            const char *what, const Expr **out, const char **text)
{
    if (node->kind == CONF_LIST || node->kind == CONF_MAP || node->kind == CONF_NULL)
        return conf_error(node, r->err, "%s must be an expression, such as \"num_layers >= 2\"", what);
    Error why = {0};
    if (!expr_parse(node->text, names, r->arena, out, &why)) {
        if (why.code == ERR_MEMORY) return error_memory(r->err);
        return conf_error(node, r->err, "%s: %s", what, why.message);
    }
    Words words = {.reader = r};
    if (has_null(r)) expr_take_null(*out);
    expr_words(*out, check_word, &words);
    const char *cure = words.bad ? other_words_constant(words.bad) : NULL;
    if (words.bad)
        return conf_error(node, r->err, "%s: `%s` is neither a parameter nor a value of one%s", what, words.bad,
                          cure ? cure : names_suggest(words.bad, names, "").text);
    *text = arena_copy(r->arena, node->text);
    return *text ? true : error_memory(r->err);
}

static bool read_expressions(Reader *r, const char *const *names)
{
    for (int i = 0; i < r->n; i++) {
        Param *p = &r->params[i];
        const ConfNode *when = conf_get(p->node, "when");
        if (when && !read_expression(r, when, names, "`when`", &p->when, &p->when_text)) return false;
        if (p->distribution == DIST_DERIVED &&
            !read_expression(r, conf_get(p->node, "expr"), names, "`expr`", &p->derived,
                             &p->derived_text))
            return false;
    }
    return true;
}

static bool depends(const Param *p, int other)
{
    return (p->when && expr_uses(p->when, other)) || (p->derived && expr_uses(p->derived, other));
}

/* Parents first, otherwise in file order. */
static bool order_params(Reader *r, int *order)
{
    bool placed[SPACE_MAX_PARAMS] = {false};
    for (int k = 0; k < r->n; k++) {
        int next = -1, waiting = -1;
        for (int i = 0; i < r->n && next < 0; i++) {
            if (placed[i]) continue;
            bool ready = true;
            for (int j = 0; j < r->n && ready; j++) ready = placed[j] || !depends(&r->params[i], j);
            if (ready) next = i;
            else if (waiting < 0) waiting = i;
        }
        if (next < 0) {
            /* Follow what each waits for; within n steps that walks into the circle. */
            int i = waiting;
            for (int step = 0; step < 2 * r->n; step++) {
                int j = 0;
                while (placed[j] || !depends(&r->params[i], j)) j++;
                waiting = i;
                i = j;
            }
            if (i == waiting)
                return conf_key_error(r->params[i].node, r->err, "`%s` depends on itself",
                                      r->params[i].name);
            return conf_key_error(r->params[i].node, r->err, "`%s` and `%s` depend on each other in a "
                                  "circle", r->params[i].name, r->params[waiting].name);
        }
        order[k] = next;
        placed[next] = true;
    }
    /* Backwards, so that what a derived parameter uses is seen after the parameter itself. */
    for (int k = r->n - 1; k >= 0; k--)
        for (int i = 0; i < r->n; i++) {
            const Param *p = &r->params[i];
            if ((p->when && expr_uses(p->when, order[k])) ||
                (p->derived && p->controls && expr_uses(p->derived, order[k])))
                r->params[order[k]].controls = true;
        }
    return true;
}

/* What is no expression over what is known before a trial may be a limit on what it reports. */
static bool take_limit(Reader *r, const ConfNode *item, bool (*reports)(const char *name), Limit *limits,
                       Space *space, bool *taken)
{
    *taken = false;
    if (!reports || !item->text || space->n_limits == LIMITS_MOST) return true;
    Limit *limit = &limits[space->n_limits];
    LimitRead read = limit_read(item->text, r->arena, limit);
    if (read == LIMIT_NO_MEMORY) return error_memory(r->err);
    *taken = read == LIMIT_READ && reports(limit->name);
    space->n_limits += *taken;
    return true;
}

static bool read_constraints(Reader *r, const ConfNode *node, const char *const *names,
                             bool (*reports)(const char *name), Space *space)
{
    if (!node || node->kind == CONF_NULL) return true;
    bool list = node->kind == CONF_LIST;
    int n = list ? node->n : 1;
    if (n == 0) return true;
    const Expr **constraints = ARENA_NEW(r->arena, const Expr *, n);
    const char **texts = ARENA_NEW(r->arena, const char *, n);
    Limit *limits = ARENA_NEW(r->arena, Limit, LIMITS_MOST);
    if (!constraints || !texts || !limits) return error_memory(r->err);
    space->limits = limits;
    const ConfNode *item = list ? node->first : node;
    for (int i = 0, at = 0; i < n; i++, item = item->next) {
        bool taken;
        Error why = {0};
        Reader trial = *r;
        trial.err = &why;
        if (read_expression(&trial, item, names, "a constraint", &constraints[at], &texts[at])) {
            space->n_constraints = ++at;
            continue;
        }
        if (why.code == ERR_CONFIG && !take_limit(r, item, reports, limits, space, &taken)) return false;
        if (why.code == ERR_CONFIG && taken) continue;
        if (!reports || !strstr(why.message, "unknown name")) {
            if (r->err) *r->err = why;
            return false;
        }
        return space->n_limits == LIMITS_MOST
            ? conf_error(item, r->err, "`constraints` have at most %d limits on what trials report",
                         LIMITS_MOST)
            : error_set(r->err, ERR_CONFIG, "%s; a limit on what trials report is its name, <= or >=, and a"
                        " number", why.message);
    }
    space->constraints = constraints;
    space->constraint_texts = texts;
    return true;
}

bool space_read(const ConfNode *parameters, const ConfNode *constraints,
                const char *const *extra_names, Arena *arena, Space **out, Error *err)
{
    return space_read_limits(parameters, constraints, extra_names, NULL, arena, out, err);
}

bool space_read_limits(const ConfNode *parameters, const ConfNode *constraints, const char *const *extra_names,
                       bool (*reports)(const char *name), Arena *arena, Space **out, Error *err)
{
    static const char *const none[] = {NULL};
    Reader r = {.arena = arena, .err = err};
    r.params = ARENA_NEW(arena, Param, SPACE_MAX_PARAMS);
    Space *space = ARENA_NEW(arena, Space, 1);
    if (!r.params || !space) return error_memory(err);
    if (parameters && !read_group(&r, parameters, "")) return false; /* none: one configuration */

    *space = (Space){.n_params = r.n, .params = r.params, .extra_names = extra_names ? extra_names : none};
    while (space->extra_names[space->n_extras]) space->n_extras++;
    assert(space->n_extras <= SPACE_MAX_EXTRAS);
    const char **names = ARENA_NEW(arena, const char *, r.n + 1);
    const char **all = ARENA_NEW(arena, const char *, r.n + space->n_extras + 1);
    int *order = ARENA_NEW(arena, int, r.n), *sorted = ARENA_NEW(arena, int, r.n);
    int *param_of_dim = ARENA_NEW(arena, int, r.n);
    if (!names || !all || !order || !sorted || !param_of_dim) return error_memory(err);
    for (int i = 0; i < r.n; i++) names[i] = all[i] = r.params[i].name;
    for (int i = 0; i < space->n_extras; i++) all[r.n + i] = space->extra_names[i];

    if (!read_expressions(&r, names) || !order_params(&r, order) ||
        !read_constraints(&r, constraints, all, reports, space))
        return false;
    for (int i = 0; i < r.n; i++) {
        int k = i;
        for (; k > 0 && strcmp(r.params[sorted[k - 1]].name, r.params[i].name) > 0; k--)
            sorted[k] = sorted[k - 1];
        sorted[k] = i;
        Param *p = &r.params[i];
        if (p->distribution == DIST_CONSTANT || p->distribution == DIST_DERIVED) continue;
        p->dim = space->n_dims;
        param_of_dim[space->n_dims++] = i;
    }
    space->order = order;
    space->sorted = sorted;
    space->param_of_dim = param_of_dim;
    *out = space;
    return true;
}
