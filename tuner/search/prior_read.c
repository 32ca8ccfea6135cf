/* `prior` of a parameter, as a person writes it: every refusal names the place and the cure. */
#include <math.h>
#include <string.h>

#include "tuner/search/prior.h"
#include "tuner/search/special.h"

static const char *const confidence_names[] = {"low", "medium", "high", NULL};
enum { MEDIUM = 1 };
static const double widths[] = {0.5, 0.25, 0.125}; /* of the range */
static const double times[] = {2, 4, 8};           /* as likely as another choice */

/* What was said. */
typedef struct {
    const ConfNode *node, *value, *mu, *sigma, *weights;
    int confidence;
} Said;

static bool take_apart(const Param *p, const ConfNode *node, Said *said, Error *err)
{
    static const char *const keys[] = {"value", "confidence", "mu", "sigma", "weights", NULL};
    *said = (Said){.node = node, .confidence = MEDIUM};
    if (node->kind == CONF_NULL || node->kind == CONF_LIST)
        return conf_error(node, err, "`prior` is a guess, {value: ..., confidence: medium}%s",
                          p->n_choices > 0 ? ", or {weights: [...]}" : ", or {mu: ..., sigma: ...}");
    if (node->kind != CONF_MAP) {
        said->value = node;
        return true;
    }
    if (!conf_only_keys(node, "in `prior`", keys, err)) return false;
    said->value = conf_get(node, "value");
    said->mu = conf_get(node, "mu");
    said->sigma = conf_get(node, "sigma");
    said->weights = conf_get(node, "weights");
    const ConfNode *confidence = conf_get(node, "confidence");
    if (confidence && !said->value)
        return conf_key_error(confidence, err, "`confidence` is that of a guess; add `value`");
    if (said->value && (said->mu || said->sigma || said->weights))
        return conf_key_error(said->weights ? said->weights : said->sigma ? said->sigma : said->mu, err,
                              "`%s` and `value` do not go together; keep one", said->weights ? "weights"
                              : said->sigma ? "sigma" : "mu");
    if (!confidence) return true;
    said->confidence = confidence->text ? names_find(confidence_names, confidence->text) : -1;
    return said->confidence >= 0
        || conf_error(confidence, err, "`confidence` is low, medium or high%s%.40s", confidence->text
                      ? ", not " : "", confidence->text ? confidence->text : "");
}

/* ---- numbers --------------------------------------------------------------------------------------- */

static bool is_ratio(const Param *p)
{
    const Scale scale = distribution_scale(p->distribution);
    return scale == SCALE_LOG || scale == SCALE_INVERSE || scale == SCALE_LOG_NORMAL;
}

/* A value of the parameter's own, in its range. */
static bool check_inside(const Param *p, const ConfNode *node, Error *err)
{
    const char *key = node->key && strcmp(node->key, "prior") != 0 ? node->key : "value";
    if (node->kind != CONF_NUMBER || isnan(node->number))
        return conf_error(node, err, "`%s` of a prior must be a number here", key);
    if (node->number >= p->least && node->number <= p->most) return true;
    const bool exponents = p->low != p->least && node->number >= p->low && node->number <= p->high;
    return conf_error(node, err, "`%s` of a prior is %s, outside of %.10g to %.10g%s", key, node->text,
                      p->least,
                      p->most, exponents && is_ratio(p) ? ": it is a value, not a logarithm"
                                                        : "; widen the range, or expect the best inside it");
}

static bool read_spread(const Param *p, const Said *said, double width, Prior *prior, Error *err)
{
    const ConfNode *sigma = said->sigma;
    if (!sigma || !said->mu)
        return conf_error(said->node, err, "a prior has `mu` and `sigma`, or `value` and `confidence`");
    if (sigma->kind != CONF_NUMBER || !isfinite(sigma->number))
        return conf_error(sigma, err, "`sigma` of a prior must be a number");
    if (is_ratio(p) && !(sigma->number > 1))
        return conf_error(sigma, err,
                          "`sigma` of a prior is a factor here and must be above 1: with 2, two thirds"
                          " of the weight lie between half of `mu` and twice `mu`");
    if (!is_ratio(p) && !(sigma->number > 0))
        return conf_error(sigma, err, "`sigma` of a prior must be above 0");
    prior->sigma = is_ratio(p) ? log(sigma->number) : sigma->number;
    if (prior->sigma < 1e-4 * width)
        return conf_error(sigma, err,
                          "`sigma` of a prior is so small that nothing is left to search; fix it with"
                          " `value: %s`", said->mu->text);
    prior->sigma = fmin(prior->sigma, 100 * width); /* as good as even */
    return true;
}

static bool read_number(const Param *p, const Said *said, Prior *prior, Error *err)
{
    const double first = param_scale_at(p, 0), last = param_scale_at(p, 1), width = last - first;
    const ConfNode *at = said->mu ? said->mu : said->value;
    if (said->weights)
        return conf_key_error(said->weights, err, "`weights` are for lists; a range has `mu` and `sigma`, or"
                              " `value`");
    if (!at) return conf_error(said->node, err, "a prior has `mu` and `sigma`, or `value` and `confidence`");
    prior->zero = p->zero_prob;
    if (at == said->value && at->kind == CONF_NUMBER && at->number == 0 && p->zero_prob > 0) {
        const double odds = times[said->confidence];
        prior->zero = fmax(p->zero_prob, odds / (odds + 1));
        prior->mu = 0.5 * (first + last);
        return true;
    }
    if (!check_inside(p, at, err)) return false;
    /* The scale of a lattice begins half a step before its first value: 0 of a q_log_normal has none. */
    prior->mu = fmin(fmax(param_scale_of(p, at->number), first), last);
    prior->sigma = widths[said->confidence] * width;
    if (!said->value && !read_spread(p, said, width, prior, err)) return false;
    prior->low = normal_cdf((first - prior->mu) / prior->sigma);
    prior->high = normal_cdf((last - prior->mu) / prior->sigma);
    return true;
}

/* ---- lists ----------------------------------------------------------------------------------------- */

static bool ordered(const Param *p)
{
    for (int i = 0; i < p->n_choices; i++)
        if (p->choices[i].kind != VALUE_INT && p->choices[i].kind != VALUE_REAL) return false;
    return true;
}

static bool read_weights(const Param *p, const ConfNode *list, double *mass, Error *err)
{
    if (list->kind != CONF_LIST || list->n != p->n_choices)
        return conf_error(list, err, "`weights` must be a list of %d numbers, one for each of the `values`",
                          p->n_choices);
    int i = 0;
    for (const ConfNode *node = list->first; node; node = node->next, i++) {
        if (node->kind != CONF_NUMBER || !(node->number >= 0 && node->number <= 1e9))
            return conf_error(node, err, "a weight must be a number from 0 on");
        mass[p->rank[i]] = node->number;
    }
    return true;
}

/* The place of a guess; -1 with a message. */
static int place_of(const Param *p, const ConfNode *node, Arena *arena, Error *err)
{
    Value value;
    char label[60];
    const char **names = ARENA_NEW(arena, const char *, p->n_choices + 1);
    if (!names) return error_memory(err), -1;
    if (!conf_value(node, arena, &value, err)) return -1;
    for (int i = 0; i < p->n_choices; i++) {
        if (value_equal(&p->choices[i], &value)) return p->rank[i];
        value_label(&p->choices[i], label, sizeof label);
        if (!(names[i] = arena_copy(arena, label))) return error_memory(err), -1;
    }
    value_label(&value, label, sizeof label);
    conf_error(node, err, "`prior`: %s is not among the `values`%s", label, names_suggest(label, names,
        "").text);
    return -1;
}

static bool read_choice(const Param *p, const Said *said, Arena *arena, Prior *prior, Error *err)
{
    const int n = p->n_choices;
    double *mass = ARENA_NEW(arena, double, n), sum = 0;
    if (!mass) return error_memory(err);
    if (said->mu || said->sigma)
        return conf_key_error(said->mu ? said->mu : said->sigma, err,
                              "`%s` of a prior is for ranges; a list has"
                              " `value` and `confidence`, or `weights`", said->mu ? "mu" : "sigma");
    if (!said->weights && !said->value)
        return conf_error(said->node, err, "a prior of a list has `value` and `confidence`, or `weights`");
    if (said->weights) {
        if (!read_weights(p, said->weights, mass, err)) return false;
    } else {
        const int guess = place_of(p, said->value, arena, err);
        if (guess < 0) return false;
        const double sigma = widths[said->confidence] * n;
        for (int i = 0; i < n; i++)
            mass[i] = ordered(p) ? normal_cdf((i - guess + 0.5) / sigma) - normal_cdf((i - guess - 0.5) / sigma)
                    : i == guess ? times[said->confidence] : 1;
    }
    for (int i = 0; i < n; i++) { /* what is never drawn has no weight */
        if (p->edges && !(p->edges[i + 1] > p->edges[i])) mass[i] = 0;
        sum += mass[i];
    }
    if (!(sum > 0))
        return conf_error(said->node, err, "`prior`: nothing that can be drawn has any weight");
    for (int i = 0; i < n; i++) mass[i] /= sum;
    prior->mass = mass;
    return true;
}

bool space_read_prior(Param *p, Arena *arena, Error *err)
{
    const ConfNode *node = conf_get(p->node, "prior");
    Said said;
    if (!node) return true;
    Prior *prior = ARENA_NEW(arena, Prior, 1);
    if (!prior) return error_memory(err);
    *prior = (Prior){0};
    if (!take_apart(p, node, &said, err)
        || !(p->n_choices > 0 ? read_choice(p, &said, arena, prior, err) : read_number(p, &said, prior, err)))
        return false;
    p->prior = prior;
    return true;
}
