/* The parameters of a search space in Optuna's words, and back. */
#include "tuner/exchange/optuna_space.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tuner/search/distribution.h"

/* ---- choices ---------------------------------------------------------------------------------- */

/* "[256,128]" -> "256-128" */
static const char *list_words(const char *json, Arena *arena)
{
    size_t n = strlen(json), at = 0;
    char *words = arena_alloc(arena, n + 1, 1);
    if (!words) return NULL;
    for (const char *c = json; *c; c++)
        if (*c != '[' && *c != ']' && *c != '"') words[at++] = *c == ',' ? '-' : *c;
    words[at] = '\0';
    return at ? words : json;
}

bool foreign_choice(const Param *param, int i, Arena *arena, Value *out, Error *err)
{
    *out = param->choices[i];
    if (out->kind == VALUE_REAL && !isfinite(out->number))
        *out = value_text(isnan(out->number) ? "nan" : out->number > 0 ? "inf" : "-inf");
    if (out->kind == VALUE_INT && out->text) *out = value_text(out->text);
    if (out->kind != VALUE_LIST || value_is_null(out)) return true; /* null is Python's None */
    const char *words = list_words(param->choices[i].text, arena);
    if (!words) return error_memory(err);
    for (int other = 0; other < param->n_choices; other++) {
        const Value *choice = &param->choices[other];
        const char *same = choice->kind == VALUE_TEXT ? choice->text : NULL;
        if (choice->kind == VALUE_LIST && other != i && !(same = list_words(choice->text, arena)))
            return error_memory(err);
        if (same && strcmp(same, words) == 0) words = param->choices[i].text; /* not unique: as it is */
    }
    *out = value_text(words);
    return true;
}

/* ---- distributions ---------------------------------------------------------------------------- */

static bool whole(double x)
{
    return fabs(x) <= 0x1p53 && x == floor(x);
}

static const char *print(const Doc *doc, Arena *arena, Error *err)
{
    Text text = {0};
    const char *json = doc_print(doc, 0, &text) ? arena_copy(arena, text.bytes) : NULL;
    text_free(&text);
    if (!json) error_memory(err);
    return json;
}

/* `step` 0: none. Optuna refuses a logarithm with a step, or of a range that reaches zero, and then
 * the whole study: such a range is given without the logarithm. */
static const char *float_json(double low, double high, double step, bool log, Arena *arena, Error *err)
{
    Doc *doc = doc_object();
    doc_set_text(doc, "name", "FloatDistribution");
    Doc *attributes = doc_set(doc, "attributes", doc_object());
    doc_set(attributes, "step", step > 0 ? doc_number(step) : doc_null());
    doc_set_number(attributes, "low", low);
    doc_set_number(attributes, "high", high);
    doc_set_bool(attributes, "log", log && low > 0 && !(step > 0));
    const char *json = print(doc, arena, err);
    doc_free(doc);
    return json;
}

static const char *int_json(double low, double high, double step, bool log, Arena *arena, Error *err)
{
    char text[160];
    bool can = log && low >= 1;
    snprintf(text, sizeof text, "{\"name\":\"IntDistribution\",\"attributes\":{\"log\":%s,\"step\":%.0f,"
             "\"low\":%.0f,\"high\":%.0f}}", can ? "true" : "false", can ? 1.0 : step, low, high);
    const char *json = arena_copy(arena, text);
    if (!json) error_memory(err);
    return json;
}

static const char *choices_json(const Param *param, Arena *arena, Error *err)
{
    Doc *doc = doc_object();
    doc_set_text(doc, "name", "CategoricalDistribution");
    Doc *list = doc_set(doc_set(doc, "attributes", doc_object()), "choices", doc_array());
    bool ok = true;
    for (int i = 0; ok && i < param->n_choices; i++) {
        Value choice;
        ok = foreign_choice(param, i, arena, &choice, err);
        if (ok) doc_add(list, doc_value(&choice));
    }
    const char *json = ok ? print(doc, arena, err) : NULL;
    doc_free(doc);
    return json;
}

static bool is_log(Scale scale)
{
    return scale == SCALE_LOG || scale == SCALE_INVERSE || scale == SCALE_LOG_NORMAL;
}

static const char *number_json(const Param *param, double least, double most, Arena *arena, Error *err)
{
    Scale scale = distribution_scale(param->distribution);
    bool unbounded = scale == SCALE_NORMAL || scale == SCALE_LOG_NORMAL, log = is_log(scale);
    bool quantized = distribution_quantized(param->distribution);
    double low = param->least, high = param->most, step = quantized ? param->unit / param->per : 0;
    if (unbounded) { /* the range that was drawn; a point where nothing was */
        bool seen = isfinite(least) && isfinite(most);
        low = seen ? least : 0;
        high = seen ? most : 0;
        if (quantized && whole(step) && whole(low) && whole(high))
            return int_json(low, high, 1, log, arena, err);
        return float_json(low, high, 0, log, arena, err);
    }
    if (quantized && whole(step) && whole(low) && whole(high))
        return int_json(low, high, step, log, arena, err);
    return float_json(low, high, log ? 0 : step, log, arena, err);
}

bool foreign_space(const Space *space, const double *least, const double *most, Arena *arena,
                   ForeignParam **out, int *n, Error *err)
{
    ForeignParam *list = ARENA_NEW(arena, ForeignParam, 2 * space->n_params + 1);
    int count = 0;
    if (!list) return error_memory(err);
    for (int i = 0; i < space->n_params; i++) {
        const Param *param = &space->params[i];
        if (param->distribution == DIST_DERIVED) continue;
        bool chosen = param->n_choices > 0;
        const char *json = chosen ? choices_json(param, arena, err)
                                  : number_json(param, least[i], most[i], arena, err);
        if (!json) return false;
        if (!chosen && param->zero_prob > 0 && !param_reaches_zero(param)) {
            const char *name = arena_print(arena, "%s_on", param->name);
            if (!name) return error_memory(err);
            list[count++] = (ForeignParam){name, i, FOREIGN_SWITCH, "{\"name\":\"CategoricalDistribution\","
                                           "\"attributes\":{\"choices\":[false,true]}}"};
        }
        list[count++] = (ForeignParam){param->name, i, chosen ? FOREIGN_CHOICE : FOREIGN_NUMBER, json};
    }
    *out = list;
    *n = count;
    return true;
}

bool foreign_number(const Space *space, const ForeignParam *foreign, const Value *values, double *out)
{
    const Param *param = &space->params[foreign->param];
    const Value *value = &values[foreign->param];
    if (value->kind == VALUE_NONE) return false;
    if (foreign->kind == FOREIGN_SWITCH) {
        *out = value->number != 0;
        return true;
    }
    if (foreign->kind == FOREIGN_NUMBER) {
        *out = value->number;
        return param->zero_prob <= 0 || value->number != 0 || param_reaches_zero(param);
    }
    for (int i = 0; i < param->n_choices; i++)
        if (value_equal(&param->choices[i], value)) {
            *out = i;
            return true;
        }
    return false;
}
