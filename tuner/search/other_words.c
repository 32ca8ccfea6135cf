/* The words of other tools, in tables. */
#include "tuner/search/other_words.h"

#include <string.h>

typedef struct {
    const char *theirs, *ours;
} Pair;

#define LOG "`distribution: log_uniform_values`"
static const Pair keys[] = {
    {"low", "`min`"}, {"lower", "`min`"}, {"minimum", "`min`"},
    {"high", "`max`"}, {"upper", "`max`"}, {"maximum", "`max`"},
    {"bounds", "`min` and `max`"}, {"range", "`min` and `max`"}, {"space", "`distribution`"},
    {"choices", "`values`"}, {"options", "`values`"}, {"categories", "`values`"}, {"grid", "`values`"},
    {"mean", "`mu`"}, {"std", "`sigma`"}, {"sd", "`sigma`"}, {"weights", "`probabilities`"},
    {"step", "`q`"}, {"quantization", "`q`"}, {"default", "`baseline` and `enqueue`"},
};

static const Pair distributions[] = {
    {"loguniform", "`log_uniform_values`"}, {"log-uniform", "`log_uniform_values`"},
    {"LogUniform", "`log_uniform_values`"}, {"log", "`log_uniform_values`"},
    {"reciprocal", "`log_uniform_values`"}, {"qloguniform", "`q_log_uniform_values`"},
    {"quniform", "`q_uniform`"}, {"int", "`int_uniform`"}, {"integer", "`int_uniform`"},
    {"randint", "`int_uniform`"}, {"float", "`uniform`"}, {"double", "`uniform`"},
    {"choice", "`categorical`"}, {"grid_search", "`categorical`"}, {"lognormal", "`log_normal`"},
    {"gaussian", "`normal`"}, {"randn", "`normal`"}, {"qnormal", "`q_normal`"},
};

static const Pair constants[] = {
    {"True", "; write `true`"}, {"False", "; write `false`"}, {"None", "; write `null`"},
};

static const char *find(const Pair *pairs, size_t n, const char *theirs)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(pairs[i].theirs, theirs) == 0) return pairs[i].ours;
    return NULL;
}
#define FIND(pairs, theirs) find(pairs, sizeof(pairs) / sizeof *(pairs), theirs)

/* `type: int` and `scale: log` say with a value what is a distribution here. */
static bool check_kind(const ConfNode *map, const ConfNode *node, Error *err)
{
    bool log = strcmp(node->key, "log") == 0, type = strcmp(node->key, "type") == 0;
    if (log && node->kind == CONF_BOOL && node->number == 0)
        return conf_key_error(node, err, "`log` is no key here; leave it out");
    if (log) return conf_key_error(node, err, "`log` is no key here; write " LOG);
    /* scikit-optimize's prior is a word; ours of a list may be one, too. */
    const bool prior = strcmp(node->key, "prior") == 0 && node->kind == CONF_TEXT && !conf_get(map, "values");
    if (!type && strcmp(node->key, "scale") != 0 && !prior) return true;
    const char *text = node->kind == CONF_TEXT ? node->text : "";
    if (strncmp(text, "log", 3) == 0)
        return conf_key_error(node, err, "`%s` is no key here; write " LOG, node->key);
    const char *ours = FIND(distributions, text);
    if (type && ours)
        return conf_key_error(node, err, "`type` is no key here; write `distribution: %s", ours + 1);
    return conf_key_error(node, err, "`%s` is no key here; `distribution` says it, or leave it out", node->key);
}

bool other_words_none(const ConfNode *parameter, Error *err)
{
    for (const ConfNode *node = parameter->first; node; node = node->next) {
        const char *ours = FIND(keys, node->key);
        if (ours) return conf_key_error(node, err, "`%s` is %s here", node->key, ours);
        if (!check_kind(parameter, node, err)) return false;
    }
    const ConfNode *named = conf_get(parameter, "distribution");
    const char *ours = named && named->kind == CONF_TEXT ? FIND(distributions, named->text) : NULL;
    return !ours || conf_error(named, err, "unknown distribution `%s`; did you mean %s?", named->text, ours);
}

const char *other_words_constant(const char *word)
{
    return FIND(constants, word);
}
