/* One foreign trial as a point of a search space, by the names and values it has; and the best few
 * of our own. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/names.h"
#include "tuner/exchange/exchange.h"
#include "tuner/exchange/optuna_space.h"
#include "tuner/search/distribution.h"

/* ---- the best few ------------------------------------------------------------------------------ */

static int smaller_first(const void *a, const void *b)
{
    const TrialRow *x = a, *y = b;
    bool has_x = x->state == TRIAL_COMPLETE && !isnan(x->value);
    bool has_y = y->state == TRIAL_COMPLETE && !isnan(y->value);
    if (has_x != has_y) return has_y - has_x;
    if (!has_x || x->number == y->number) return (x->number > y->number) - (x->number < y->number);
    return trial_before(x->value, x->number, y->value, y->number, false) ? -1 : 1;
}

static int larger_first(const void *a, const void *b)
{
    TrialRow x = *(const TrialRow *)a, y = *(const TrialRow *)b;
    x.value = -x.value;
    y.value = -y.value;
    return smaller_first(&x, &y);
}

static int by_number(const void *a, const void *b)
{
    const TrialRow *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

int exchange_top(TrialRow *rows, int n, int top, bool maximize)
{
    if (top <= 0 || top >= n) return n;
    qsort(rows, (size_t)n, sizeof *rows, maximize ? larger_first : smaller_first);
    qsort(rows, (size_t)top, sizeof *rows, by_number);
    return top;
}

/* ---- one foreign trial as a point of the space --------------------------------------------------- */

/* "lr" for `lr`, `params_lr` (Optuna's data frame), `config.lr`, `param_lr` (our own CSV); dots in our
 * names may be underscores there. */
static bool is_name(const char *foreign, const char *prefix, const char *own)
{
    size_t n = strlen(prefix);
    if (strncmp(foreign, prefix, n) != 0) return false;
    foreign += n;
    while (*foreign && (*foreign == *own || (*foreign == '_' && *own == '.'))) foreign++, own++;
    return !*foreign && !*own;
}

/* The value a trial gives the parameter; a name with a prefix is meant more than one without. Nothing, where
 * only a NONE is there. */
static const Value *look_up(const ForeignTrial *trial, const char *const *names, const char *own)
{
    const Value *nothing = NULL;
    static const char *const prefixes[] = {"params_", "param_", "config.", "config/", ""};
    for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++)
        for (int i = 0; i < trial->n; i++)
            if (names[i] && is_name(names[i], prefixes[p], own)) {
                if (trial->values[i].kind != VALUE_NONE) return &trial->values[i];
                if (!nothing) nothing = &trial->values[i];
            }
    return nothing;
}

/* What a NONE means to this parameter: the choice that is written so ("None"), the choice null, or NULL, that
 * it is absent. */
static const Value *meant_by_nothing(const Param *param, const Value *none)
{
    const Value *null = NULL, *word = NULL;
    const char *said = none->text ? none->text : "None";
    for (int i = 0; i < param->n_choices; i++) {
        const Value *choice = &param->choices[i];
        if (*said && choice->kind == VALUE_TEXT && strcmp(choice->text, said) == 0) word = choice;
        if (value_is_null(choice)) null = choice;
    }
    return word && (none->text || !null) ? word : null;
}

/* lr_on, our own export's word for whether the zero_prob of `lr` is not taken. */
static bool is_switch(const char *name, const char *own)
{
    size_t n = strlen(own);
    return strncmp(name, own, n) == 0 && strcmp(name + n, "_on") == 0;
}

/* After --map: NULL where a name is left out. */
static const char **renamed(const ForeignTrial *trial, const Rename *renames, int n, Arena *arena)
{
    const char **names = ARENA_NEW(arena, const char *, trial->n + 1);
    for (int i = 0; names && i < trial->n; i++) {
        names[i] = trial->names[i];
        for (int r = 0; r < n; r++)
            if (strcmp(trial->names[i], renames[r].from) == 0) {
                names[i] = *renames[r].to ? renames[r].to : NULL;
                break;
            } else if (is_switch(trial->names[i], renames[r].from)) { /* unless it is named itself */
                names[i] = *renames[r].to ? arena_print(arena, "%s_on", renames[r].to) : NULL;
                if (*renames[r].to && !names[i]) return NULL;
            }
    }
    return names;
}

/* Does some parameter answer to this name? */
static bool is_known(const Space *space, const char *name)
{
    for (int i = 0; i < space->n_params; i++) {
        const char *own = space->params[i].name;
        if (is_name(name, "", own) || is_switch(name, own)) return true;
    }
    return false;
}

static bool unknown(const Space *space, const char *name, Arena *arena, Error *err)
{
    const char **names = ARENA_NEW(arena, const char *, space->n_params + 1);
    if (!names) return error_memory(err);
    for (int i = 0; i < space->n_params; i++) names[i] = space->params[i].name;
    return error_set(err, ERR_INVALID, "`%.60s` is not a parameter of this study; --map %.60s=%s", name, name,
                     names_suggest_as("", "", name, names, "NAME renames it, --map NAME= leaves it out").text);
}

static void print_value(const Value *value, char out[64])
{
    value_label(value, out, 64);
}

/* The choice that a foreign value means: equal, or written the same. */
static bool find_choice(const Param *param, const Value *value, Arena *arena, Value *out, Error *err)
{
    char theirs[200], ours[200];
    value_label(value, theirs, sizeof theirs);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < param->n_choices; i++) {
            Value words;
            if (!foreign_choice(param, i, arena, &words, err)) return false;
            value_label(&words, ours, sizeof ours);
            bool same = pass == 0 ? value_equal(&param->choices[i], value)
                                  : strcmp(ours, theirs) == 0
                                    || (param->choices[i].text && strcmp(param->choices[i].text, theirs) == 0);
            if (param->choices[i].kind == VALUE_BOOL && value->kind == VALUE_TEXT) /* Python's True */
                same |= strcmp(theirs, param->choices[i].number != 0 ? "True" : "False") == 0;
            if (!same) continue;
            *out = param->choices[i];
            return true;
        }
    return error_set(err, ERR_INVALID, "%s is `%.60s`, which is not among its values", param->name, theirs);
}

static bool check_number(const Param *param, double given, double nearest, Error *err)
{
    if (param_rounds(param, given, nearest)) return true;
    if (given > param->most || given < param->least)
        return error_set(err, ERR_INVALID, "%s is %g, outside of %g to %g", param->name, given, param->least,
                         param->most);
    return error_set(err, ERR_INVALID, "%s is %g; the nearest the space can propose is %g", param->name, given,
                     nearest);
}

bool foreign_match(const Space *space, const ForeignStudy *study, int i, const Rename *renames,
                   int n_renames, Arena *arena, Value *values, Error *err)
{
    const ForeignTrial *trial = &study->trials[i];
    const char **names = renamed(trial, renames, n_renames, arena);
    const Value **given = ARENA_NEW(arena, const Value *, space->n_params + 1);
    Value *wish = ARENA_NEW(arena, Value, space->n_params + 1);
    double *u = ARENA_NEW(arena, double, space->n_dims + 1);
    if (!names || !given || !wish || !u) return error_memory(err);
    for (int k = 0; study->only_params && k < trial->n; k++)
        if (names[k] && !is_known(space, names[k])) return unknown(space, names[k], arena, err);
    for (int p = 0; p < space->n_params; p++) {
        const Param *param = &space->params[p];
        if (param->distribution == DIST_DERIVED) continue;
        given[p] = look_up(trial, names, param->name);
        if (given[p] && given[p]->kind == VALUE_NONE) given[p] = meant_by_nothing(param, given[p]);
        if (!given[p]) { /* switched off */
            static const Value zero = {VALUE_INT, 0, NULL};
            char *name = arena_print(arena, "%s_on", param->name);
            if (!name) return error_memory(err);
            const Value *on = look_up(trial, names, name);
            if (on && on->kind != VALUE_TEXT && on->kind != VALUE_NONE && on->number == 0) given[p] = &zero;
            if (on && on->kind == VALUE_TEXT && strcasecmp(on->text, "false") == 0) given[p] = &zero;
        }
        if (!given[p]) continue;
        if (param->n_choices > 0) {
            if (!find_choice(param, given[p], arena, &wish[p], err)) return false;
        } else if (given[p]->kind == VALUE_TEXT || given[p]->kind == VALUE_LIST) {
            return error_set(err, ERR_INVALID, "%s is `%.60s`, not a number", param->name, given[p]->text);
        } else {
            wish[p] = value_real(given[p]->number);
        }
    }
    if (!space_encode(space, wish, u))
        return error_set(err, ERR_INVALID, "a value is not in the search space");
    space_decode(space, u, values);
    /* What applies must have been there, and must not have been moved. */
    for (int p = 0; p < space->n_params; p++) {
        const Param *param = &space->params[p];
        char theirs[64], ours[64];
        if (values[p].kind == VALUE_NONE || param->distribution == DIST_DERIVED) continue;
        if (!given[p]) {
            if (param->distribution == DIST_CONSTANT) continue;
            names[trial->n] = NULL;
            const char *near = names[0] ? text_nearest(param->name, names) : NULL;
            if (near && strcmp(near, param->name) == 0) near = NULL; /* it is there, and empty */
            return error_set(err, ERR_INVALID, near ? "%s is missing; --map %.60s=%s takes it from there"
                                                    : "%s is missing", param->name, near, param->name);
        }
        if (param->n_choices == 0) {
            if (!check_number(param, wish[p].number, values[p].number, err)) return false;
        } else if (!value_equal(&wish[p], &values[p])) {
            print_value(&wish[p], theirs);
            print_value(&values[p], ours);
            return error_set(err, ERR_INVALID, "%s is `%s`, and `%s` in this study", param->name, theirs, ours);
        }
    }
    return true;
}
