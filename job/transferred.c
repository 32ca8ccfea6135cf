/* job/transferred.c - what may stand in `transfer`, and earlier studies that are written out there as points
 * of the space. */
#include "job/transferred.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "tuner/search/transfer.h"

/* ---- what may stand there -------------------------------------------------------------------------- */

static bool check_item(const ConfNode *item, Error *err)
{
    static const char *const keys[] = {"study", "goal", "trials", NULL};
    if (item->kind == CONF_TEXT && *item->text) return true;
    if (item->kind != CONF_MAP)
        return conf_error(item, err, "an item of `transfer` is a study: its name in runs/, its folder, a"
                          " database or DATABASE:NAME");
    if (!conf_only_keys(item, "in `transfer`", keys, err)) return false;
    const ConfNode *study = conf_get(item, "study"), *goal = conf_get(item, "goal");
    const ConfNode *trials = conf_get(item, "trials");
    if (!study || study->kind != CONF_TEXT)
        return conf_error(item, err, "a study of `transfer` that is written out needs its name as `study`");
    if (!goal || !goal->text || (strcmp(goal->text, "minimize") != 0 && strcmp(goal->text, "maximize") != 0))
        return conf_error(goal ? goal : item, err, "`goal` of `transfer` is minimize or maximize");
    if (!trials || trials->kind != CONF_LIST)
        return conf_error(trials ? trials : item, err,
                          "`trials` of `transfer` is a list of {score: ..., params: {...}}");
    for (const ConfNode *trial = trials->first; trial; trial = trial->next) {
        const ConfNode *params = conf_get(trial, "params"), *score = conf_get(trial, "score");
        if (trial->kind != CONF_MAP || !params || params->kind != CONF_MAP || !score
            || score->kind != CONF_NUMBER
            || !isfinite(score->number))
            return conf_error(trial, err,
                              "a trial of `transfer` is {score: 0.93, params: {learning_rate: 0.01}}");
    }
    return true;
}

static bool check(const Config *config, Error *err)
{
    const ConfNode *list = config->transfer;
    if (list->kind != CONF_LIST)
        return conf_error(list, err, "`transfer` is a list of studies: [digits-may]");
    if (list->n > TRANSFER_STUDIES)
        return conf_error(list, err, "`transfer` takes %d studies at most; name those that are nearest to this"
                          " one", TRANSFER_STUDIES);
    if (list->n > 0 && !config->sampler->transfers)
        return conf_key_error(list, err, "`transfer` is for methods that look at trials; %s does not: `method:"
                              " bayes`", config->method);
    if (list->n > 0 && config->goals.n > 0)
        return conf_key_error(list, err, "`transfer` knows one score, and this study has several `metrics`");
    for (const ConfNode *item = list->first; item; item = item->next)
        if (!check_item(item, err)) return false;
    return true;
}

bool transfer_is_frozen(const ConfNode *list)
{
    for (const ConfNode *item = list->first; item; item = item->next)
        if (item->kind != CONF_MAP) return false;
    return true;
}

/* ---- as points of the space ------------------------------------------------------------------------- */

/* The value of a trial for a parameter; `*fits` is false when the space cannot have it. */
static bool take_value(const Param *p, const ConfNode *node, Arena *arena, Value *out, bool *fits, Error *err)
{
    double u;
    *fits = false;
    if (!conf_value(node, arena, out, err)) return false;
    if (p->n_choices > 0) {
        for (int i = 0; i < p->n_choices && !*fits; i++) *fits = value_equal(&p->choices[i], out);
        return true;
    }
    if (!param_encode(p, out, &u)) return true;
    *fits = param_rounds(p, out->number, param_decode(p, u).number) || (out->number == 0 && p->zero_prob > 0);
    /* Between two points of a lattice: the nearer one. */
    if (distribution_quantized(p->distribution))
        *fits = *fits || (out->number >= p->least && out->number <= p->most);
    return true;
}

/* Trial `node` as a point; `*fits`: it is one of this space. `told` (n_dims): by some trial before or this. */
static bool take_trial(const Space *space, const ConfNode *node, bool *told, double *u, double *score,
                       bool *fits,
                       Arena *arena, Error *err)
{
    Value values[SPACE_MAX_PARAMS];
    const ConfNode *params = conf_get(node, "params"), *number = conf_get(node, "score");
    *score = number->number;
    *fits = true;
    for (int i = 0; i < space->n_params; i++) {
        const Param *p = &space->params[i];
        const ConfNode *value = conf_get(params, p->name);
        values[i] = value_none();
        if (p->dim < 0 || !value) continue;
        if (!take_value(p, value, arena, &values[i], fits, err)) return false;
        if (!*fits) return true;
        told[p->dim] = true;
    }
    *fits = space_encode(space, values, u);
    if (*fits) space_snap(space, u);
    return true;
}

static bool take_source(const Config *config, const ConfNode *item, Arena *arena, Source *out, Error *err)
{
    const Space *space = config->space;
    const ConfNode *trials = conf_get(item, "trials");
    const size_t d = (size_t)space->n_dims;
    const double sign = strcmp(conf_get(item, "goal")->text, "maximize") == 0 ? -1 : 1;
    double *u = arena_alloc(arena, (size_t)trials->n + 1, (d + 1) * sizeof *u);
    double *scores = ARENA_NEW(arena, double, trials->n + 1);
    bool *told = ARENA_NEW(arena, bool, space->n_dims + 1);
    if (!u || !scores || !told) return error_memory(err);
    int n = 0;
    for (const ConfNode *node = trials->first; node; node = node->next) {
        bool fits;
        if (!take_trial(space, node, told, u + (size_t)n * d, &scores[n], &fits, arena, err)) return false;
        scores[n] *= sign;
        n += fits;
    }
    for (int k = 0; k < space->n_dims && n > 0; k++) /* what nobody tells was the same in all */
        for (int i = 0; !told[k] && i < n; i++) u[(size_t)i * d + (size_t)k] = u[k];
    *out = (Source){n, u, scores, told};
    if (n >= TRANSFER_LEAST || config->begun) return true;
    return conf_error(item, err,
                      "`transfer`: %d of %d trials of %.100s fit this search space, and %d are needed;"
                      " widen the ranges, or leave it out", n, trials->n, conf_get(item, "study")->text,
                      TRANSFER_LEAST);
}

bool transfer_read(Config *config, Arena *arena, Error *err)
{
    const ConfNode *list = config->transfer;
    config->transferred = NULL;
    if (list && list->kind == CONF_NULL) list = config->transfer = NULL;
    if (!list) return true;
    if (!check(config, err)) return false;
    if (list->n == 0 || !transfer_is_frozen(list) || config->space->n_dims == 0) return true;
    Transfer *transfer = ARENA_NEW(arena, Transfer, 1);
    Source *source = ARENA_NEW(arena, Source, list->n);
    if (!transfer || !source) return error_memory(err);
    *transfer = (Transfer){0, source};
    for (const ConfNode *item = list->first; item; item = item->next) {
        if (!take_source(config, item, arena, &source[transfer->n], err)) return false;
        transfer->n += source[transfer->n].n >= TRANSFER_LEAST; /* fewer: the space was edited since */
    }
    if (transfer->n > 0) config->transferred = transfer;
    return true;
}

/* ---- identity
 * ---------------------------------------------------------------------------------------------- */

void transfer_say(const Config *config, Text *out)
{
    if (!config->transfer) return;
    for (const ConfNode *item = config->transfer->first; item; item = item->next) {
        char hex[65];
        Text text = {0};
        const ConfNode *study = conf_get(item, "study");
        conf_print_line(item, &text);
        sha256_of(text.bytes ? text.bytes : "", text.n, hex);
        text_free(&text);
        if (item->kind == CONF_MAP && study) text_print(out, "transfer %s %.16s\n", study->text, hex);
        else text_print(out, "transfer %s\n", item->text ? item->text : "");
    }
}
