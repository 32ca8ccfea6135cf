/* Assignments and points of a whole space: decoding, snapping, constraints, the identity of a configuration. */
#include "tuner/search/space.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tuner/search/space_only.h"

/* ---- points and assignments ---- */

/* With `active` (n_dims) the values of those alone that conditions look at. */
static void decode(const Space *space, const double *u, Value *values, bool *active)
{
    /* Not yet decoded is absent: parents come first in `order`, so nothing reads it too early. */
    for (int i = 0; i < space->n_params; i++) values[i] = value_none();
    for (int k = 0; k < space->n_params; k++) {
        int i = space->order[k];
        const Param *p = &space->params[i];
        bool on = !p->when || expr_true(p->when, values);
        if (active && p->dim >= 0) active[p->dim] = on;
        if (!on || (active && !p->controls)) continue;
        if (p->distribution == DIST_CONSTANT) values[i] = p->choices[0];
        else if (p->distribution == DIST_DERIVED) values[i] = expr_eval(p->derived, values);
        else values[i] = param_decode(p, u[p->dim]);
    }
}

void space_decode(const Space *space, const double *u, Value *values)
{
    decode(space, u, values, NULL);
}

/* With what trials from before a parameter was one had of it. */
static const Value *with_before(const Space *space, const Value *values, Value *room)
{
    bool any = false;
    for (int i = 0; i < space->n_params && !any; i++)
        any = space->params[i].before && values[i].kind == VALUE_NONE;
    if (!any) return values;
    memcpy(room, values, (size_t)space->n_params * sizeof *room);
    for (int k = 0; k < space->n_params; k++) {
        const Param *p = &space->params[space->order[k]];
        Value *value = &room[space->order[k]];
        const bool absent = p->before && value->kind == VALUE_NONE;
        if (absent && (!p->when || expr_true(p->when, room))) *value = *p->before;
    }
    return room;
}

bool space_encode(const Space *space, const Value *values, double *u)
{
    double at[SPACE_MAX_PARAMS];
    Value room[SPACE_MAX_PARAMS];
    values = with_before(space, values, room);
    for (int d = 0; d < space->n_dims; d++) {
        int i = space->param_of_dim[d];
        at[d] = 0.5;
        if (values[i].kind != VALUE_NONE && !param_encode(&space->params[i], &values[i], &at[d]))
            return false;
    }
    if (space->n_dims) memcpy(u, at, (size_t)space->n_dims * sizeof *u);
    return true;
}

void space_snap_active(const Space *space, double *u, bool *active)
{
    Value values[SPACE_MAX_PARAMS];
    for (int d = 0; d < space->n_dims; d++) u[d] = param_confine(&space->params[space->param_of_dim[d]], u[d]);
    space_decode(space, u, values);
    bool known = space_encode(space, values, u);
    assert(known); /* decoded values are in their lists */
    for (int d = 0; active && d < space->n_dims; d++)
        active[d] = values[space->param_of_dim[d]].kind != VALUE_NONE;
}

void space_snap_cells(const Space *space, double *u, bool *active)
{
    for (int i = 0; i < space->n_params; i++)
        if (space->params[i].when) {
            space_snap_active(space, u, active);
            return;
        }
    for (int d = 0; d < space->n_dims; d++) {
        const Param *p = &space->params[space->param_of_dim[d]];
        active[d] = true;
        u[d] = param_confine(p, u[d]);
        if (space_dim_kind(space, d) == DIM_CONTINUOUS && !(p->zero_prob > 0)) continue;
        Value value = param_decode(p, u[d]);
        bool known = param_encode(p, &value, &u[d]);
        assert(known);
    }
}

void space_snap(const Space *space, double *u)
{
    space_snap_active(space, u, NULL);
}

void space_active(const Space *space, const double *u, bool *active)
{
    Value values[SPACE_MAX_PARAMS];
    decode(space, u, values, active);
}

bool space_is_narrowed(const Space *space)
{
    for (int i = 0; i < space->n_params; i++)
        if (space->params[i].only) return true;
    return false;
}

bool space_offers(const Space *space, const Value *values)
{
    for (int i = 0; i < space->n_params; i++)
        if (values[i].kind != VALUE_NONE && !param_offers(&space->params[i], &values[i])) return false;
    return true;
}

bool space_satisfies(const Space *space, const Value *values, const Value *extras,
                     const char **violated)
{
    Value all[SPACE_MAX_PARAMS + SPACE_MAX_EXTRAS];
    memcpy(all, values, (size_t)space->n_params * sizeof *all);
    for (int i = 0; i < space->n_extras; i++)
        all[space->n_params + i] = extras ? extras[i] : value_none();
    for (int i = 0; i < space->n_constraints; i++) {
        if (expr_true(space->constraints[i], all)) continue;
        if (violated) *violated = space->constraint_texts[i];
        return false;
    }
    return true;
}

/* ---- identity ---- */

/* Calls `add` with the pieces of the canonical JSON object, in order. False when memory ran out. */
static bool canonical(const Space *space, const Value *values,
                      void (*add)(void *sink, const char *piece, size_t n), void *sink)
{
    Text text = {0};
    bool any = false;
    add(sink, "{", 1);
    for (int k = 0; k < space->n_params; k++) {
        int i = space->sorted[k];
        if (values[i].kind == VALUE_NONE) continue;
        if (any) add(sink, ",", 1);
        any = true;
        add(sink, "\"", 1);
        add(sink, space->params[i].name, strlen(space->params[i].name));
        add(sink, "\":", 2);
        text.n = 0;
        value_plain(&values[i], &text);
        if (text_ok(&text)) add(sink, text.bytes, text.n);
    }
    add(sink, "}", 1);
    bool ok = text_ok(&text);
    text_free(&text);
    return ok;
}

static void add_to_text(void *sink, const char *piece, size_t n) { text_add_n(sink, piece, n); }
static void add_to_hash(void *sink, const char *piece, size_t n) { sha256_add(sink, piece, n); }

bool space_json(const Space *space, const Value *values, Text *out)
{
    return canonical(space, values, add_to_text, out) && text_ok(out);
}

void space_hash(const Space *space, const Value *values, char hex[65])
{
    Sha256 sha;
    sha256_start(&sha);
    canonical(space, values, add_to_hash, &sha);
    sha256_end(&sha, hex);
}

/* A list, map or null in the database as the canonical text that Values carry (conf_value). */
static void add_canonical(const Doc *doc, Text *out)
{
    const char *key;
    const Doc *child;
    char number[32];
    Value value = value_real(doc_to_number(doc, 0));
    switch (doc_kind(doc)) {
    case DOC_NULL: text_add(out, "null"); break;
    case DOC_BOOL: text_add(out, doc_to_bool(doc, false) ? "true" : "false"); break;
    case DOC_NUMBER:
        if (fabs(value.number) > 0x1p53) value_exact(&value, out);
        else text_add(out, text_number(value.number, number));
        break;
    case DOC_TEXT: text_json(out, doc_to_text(doc, "")); break;
    case DOC_ARRAY:
        text_add(out, "[");
        for (size_t i = 0; i < doc_count(doc); i++) {
            if (i) text_add(out, ",");
            add_canonical(doc_at(doc, i), out);
        }
        text_add(out, "]");
        break;
    case DOC_OBJECT:
        text_add(out, "{");
        for (size_t i = 0; doc_member(doc, i, &key, &child); i++) {
            if (i) text_add(out, ",");
            text_json(out, key);
            text_add(out, ":");
            add_canonical(child, out);
        }
        text_add(out, "}");
        break;
    }
}

bool value_of_doc(const Doc *doc, Arena *arena, Value *out, Error *err)
{
    switch (doc_kind(doc)) {
    case DOC_BOOL: *out = value_bool(doc_to_bool(doc, false)); return true;
    case DOC_NUMBER: {
        double number = doc_to_number(doc, 0);
        bool whole = number == floor(number) && fabs(number) <= 0x1p53;
        *out = whole ? value_int(number) : value_real(number);
        return true;
    }
    case DOC_TEXT: {
        const char *copy = arena_copy(arena, doc_to_text(doc, ""));
        if (!copy) return error_memory(err);
        *out = value_text(copy);
        return true;
    }
    default: break;
    }
    Text text = {0};
    add_canonical(doc, &text);
    const char *copy = text_ok(&text) ? arena_copy_n(arena, text.bytes, text.n) : NULL;
    text_free(&text);
    if (!copy) return error_memory(err);
    *out = value_list(copy);
    return true;
}

/* The value with the kind that space_decode would give it, so that both print alike. */
static Value as_param(const Param *p, Value value)
{
    if (p->distribution == DIST_CONSTANT || distribution_chosen(p->distribution)) {
        for (int i = 0; i < p->n_choices; i++)
            if (value_equal(&p->choices[i], &value)) return p->choices[i];
        return value;
    }
    bool number = value.kind == VALUE_INT || value.kind == VALUE_REAL;
    if (!number || p->distribution == DIST_DERIVED) return value;
    return param_number(p, value.number);
}

int space_find(const Space *space, const char *name)
{
    for (int i = 0; i < space->n_params; i++)
        if (strcmp(space->params[i].name, name) == 0) return i;
    return -1;
}

bool space_from_doc(const Space *space, const Doc *object, Arena *arena, Value *values, Error *err)
{
    if (doc_kind(object) != DOC_OBJECT)
        return error_set(err, ERR_INVALID, "parameters are not a map of names and values");
    Value read[SPACE_MAX_PARAMS];
    for (int i = 0; i < space->n_params; i++) read[i] = value_none();
    const char *key;
    const Doc *child;
    for (size_t m = 0; doc_member(object, m, &key, &child); m++) {
        const int i = space_find(space, key);
        if (i < 0)
            return error_set(err, ERR_INVALID, "`%s` is not a parameter of this study", key);
        if (!value_of_doc(child, arena, &read[i], err)) return error_wrap(err, "parameter `%s`", key);
        read[i] = as_param(&space->params[i], read[i]);
    }
    memcpy(values, read, (size_t)space->n_params * sizeof *values);
    return true;
}

/* ---- what a model needs to know ---- */

DimKind space_dim_kind(const Space *space, int d)
{
    const Param *p = &space->params[space->param_of_dim[d]];
    if (!distribution_chosen(p->distribution))
        return distribution_quantized(p->distribution) ? DIM_ORDINAL : DIM_CONTINUOUS;
    for (int i = 0; i < p->n_choices; i++)
        if (p->choices[i].kind != VALUE_INT && p->choices[i].kind != VALUE_REAL)
            return DIM_CATEGORY;
    return DIM_ORDINAL;
}

int space_dim_levels(const Space *space, int d)
{
    const Param *p = &space->params[space->param_of_dim[d]];
    if (distribution_chosen(p->distribution)) {
        int n = 0;
        for (int i = 0; i < p->n_choices; i++) n += !p->probabilities || p->probabilities[i] > 0;
        return n;
    }
    if (!distribution_quantized(p->distribution)) return 0;
    double n = p->last - p->first + 1 + (p->zero_prob > 0 && !param_reaches_zero(p));
    return n < 2147483647 ? (int)n : 2147483647;
}
