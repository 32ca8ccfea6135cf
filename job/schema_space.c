/* The search space as JSON Schema: what a parameter may be, by the setting that it is of. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/field_schema.h"
#include "job/schema_parts.h"
#include "tuner/search/space.h"
#include "tuner/trial/settings.h"

static const char expression[] = JSON(
    {"type": ["string", "number", "boolean"], "description": "an expression over other parameters"});
static const char an_expression[] = JSON({"$ref": "#/definitions/expression"});
#define NAME "^[+~/]*[A-Za-z_][A-Za-z0-9_./@:-]*$"

/* ---- forms of a parameter ------------------------------------------------------------------------ */

typedef struct {
    Doc *properties, *required;
} Form;

/* Makes `out` a map with `when` and nothing but what is put into it. */
static Form form(Doc *out, const char *what)
{
    doc_set_text(out, "title", what);
    Form made = {.required = doc_set(out, "required", doc_array())};
    doc_set_bool(out, "additionalProperties", false);
    made.properties = doc_set(out, "properties", doc_object());
    doc_set(made.properties, "when", schema_json(an_expression));
    return made;
}

static void put(const Form *form, const char *key, Doc *schema, bool required)
{
    doc_set(form->properties, key, schema);
    if (required) doc_add(form->required, doc_text(key));
}

/* What an edited space says of a parameter besides (tuner/search/space_only.h). */
static void put_versions(const Form *form, const char *kind)
{
    char path[40];
    snprintf(path, sizeof path, "#/definitions/%s", kind);
    Doc *only = doc_object();
    doc_set_text(only, "$ref", path);
    put(form, "only", only, false);
    put(form, "before", schema_json(JSON({"description": "what trials had before this was a parameter"})),
        false);
}

static void put_distribution(const Form *form, const Distribution *which, int n, bool required)
{
    Doc *out = doc_object(), *names = doc_set(out, "enum", doc_array());
    for (int i = 0; i < n; i++) doc_add(names, doc_text(distribution_names[which[i]]));
    put(form, "distribution", out, required);
}

/* `value`: the schema of one; NULL: anything. */
static void add_lists(Doc *forms, const Doc *value, bool derived)
{
    const Distribution constant = DIST_CONSTANT, plain = DIST_CATEGORICAL, weighed = DIST_CATEGORICAL_P;
    Form one = form(doc_add(forms, doc_object()), "fixed");
    put(&one, "value", value ? doc_copy(value) : doc_object(), true);
    put_distribution(&one, &constant, 1, false);
    for (int p = 0; p < 2; p++) {
        Form list = form(doc_add(forms, doc_object()), p ? "choices and their shares" : "choices");
        Doc *values = schema_json(JSON({"type": "array", "minItems": 1, "uniqueItems": true}));
        if (value) doc_set(values, "items", doc_copy(value));
        put(&list, "values", values, true);
        put_distribution(&list, p ? &weighed : &plain, 1, false);
        if (p)
            put(&list, "probabilities", schema_json(JSON(
                {"type": "array", "minItems": 1,
                 "items": {"type": "number", "minimum": 0, "maximum": 1}})), true);
        put(&list, "prior", schema_json(JSON({"$ref": "#/definitions/priorOfList"})), false);
        put_versions(&list, "onlyListed");
    }
    if (!derived) return;
    Form expr = form(doc_add(forms, doc_object()), "computed from others");
    put(&expr, "expr", schema_json(an_expression), true);
}

typedef struct {
    double low, high;
    bool open, whole, zero; /* low is excluded; whole numbers; 0 is one of them */
} Bounds;

static Doc *between(double low, double high, bool open, bool integer)
{
    Doc *out = doc_object();
    doc_set_text(out, "type", integer ? "integer" : "number");
    if (isfinite(low)) doc_set_number(out, open ? "exclusiveMinimum" : "minimum", low);
    if (isfinite(high)) doc_set_number(out, "maximum", high);
    return out;
}

/* An end of a range. Where values are whole numbers, but the ends need not be, the first and last of them
 * inside count. */
static Doc *end(const Bounds *b, double least, double most, bool integer, bool first)
{
    const bool loose = b->whole && !integer;
    double low = b->low, high = b->high;
    bool open = b->open;
    if (loose && first) low -= 1, open = true;
    if (low < least) low = least, open = false;
    if (loose && !first && high + 1 <= most) {
        Doc *out = between(low, INFINITY, open, false);
        doc_set_number(out, "exclusiveMaximum", high + 1);
        return out;
    }
    return between(low, fmin(high, most), open, integer);
}

/* What a distribution has instead of values. */
typedef enum { HAS_NONE, HAS_WHOLE_ENDS, HAS_ENDS, HAS_POSITIVE_ENDS, HAS_EXPONENTS, HAS_OTHER_EXPONENTS,
               HAS_MEAN, HAS_SHAPE } Has;

static Has has_of(Distribution d)
{
    switch (distribution_scale(d)) {
    case SCALE_LINEAR: return d == DIST_INT_UNIFORM ? HAS_WHOLE_ENDS : HAS_ENDS;
    case SCALE_LOG:
        return d == DIST_LOG_UNIFORM || d == DIST_Q_LOG_UNIFORM ? HAS_EXPONENTS : HAS_POSITIVE_ENDS;
    case SCALE_INVERSE: return d == DIST_INV_LOG_UNIFORM ? HAS_OTHER_EXPONENTS : HAS_POSITIVE_ENDS;
    case SCALE_NORMAL:
    case SCALE_LOG_NORMAL: return HAS_MEAN;
    case SCALE_BETA: return HAS_SHAPE;
    default: return HAS_NONE;
    }
}

/* Forms whose limits are not the setting's stand among the definitions, once. */
static Doc *shared(Doc *forms, Doc *definitions, Distribution d, const Bounds *b)
{
    char id[80], path[110];
    snprintf(id, sizeof id, "%s%s%s", distribution_names[d], b->whole ? ".whole" : "",
             b->zero ? "" : ".above0");
    snprintf(path, sizeof path, "#/definitions/%s", id);
    doc_set_text(doc_add(forms, doc_object()), "$ref", path);
    return doc_get(definitions, id) ? NULL : doc_set(definitions, id, doc_object());
}

static void put_ends(const Form *form, const Bounds *b, double least, double most, bool integer)
{
    put(form, "min", end(b, least, most, integer, true), true);
    put(form, "max", end(b, least, most, integer, false), true);
}

/* The distributions `which`, which have the same. */
static void add_range(Doc *forms, Doc *definitions, const Distribution *which, int n, const Bounds *b)
{
    static const double most = 1e100, whole = 0x1p48, exponent = 230;
    const Distribution d = which[0];
    const Has has = has_of(d);
    const bool lattice = distribution_quantized(d), implied = d == DIST_INT_UNIFORM || d == DIST_UNIFORM;
    const Bounds any = {.low = -INFINITY, .high = INFINITY};
    /* Of whole numbers the first and last inside count. */
    const double above = b->whole ? b->low - 1 : b->low, below = b->whole ? b->high + 1 : b->high;
    const Bounds logs = {.low = above > 0 ? log(above) : -INFINITY, .high = below > 0 ? log(below) : -INFINITY,
                         .open = b->whole};
    if (b->whole && !lattice) return;
    Doc *place = has < HAS_OTHER_EXPONENTS ? doc_add(forms, doc_object()) : shared(forms, definitions, d, b);
    if (!place) return;
    Form f = form(place, distribution_names[d]);
    put_distribution(&f, which, n, !implied);
    switch (has) {
    case HAS_WHOLE_ENDS: put_ends(&f, b, -whole, whole, true); break;
    case HAS_ENDS: put_ends(&f, b, -most, most, false); break;
    case HAS_POSITIVE_ENDS: put_ends(&f, b, 1e-100, most, false); break;
    case HAS_EXPONENTS: put_ends(&f, &logs, -exponent, exponent, false); break;
    case HAS_OTHER_EXPONENTS: put_ends(&f, &any, -exponent, exponent, false); break;
    case HAS_SHAPE:
        put(&f, "a", between(0, 1e4, true, false), false);
        put(&f, "b", between(0, 1e4, true, false), false);
        break;
    default:
        put(&f, "mu", between(-most, most, false, false), false);
        put(&f, "sigma", between(1e-100, most, false, false), false);
    }
    if (lattice && has != HAS_WHOLE_ENDS) put(&f, "q", between(0, most, true, b->whole), false);
    put(&f, "prior", schema_json(JSON({"$ref": "#/definitions/prior"})), false);
    put(&f, "steps", schema_json(JSON({"$ref": "#/definitions/steps"})), false);
    put_versions(&f, has == HAS_MEAN || has == HAS_SHAPE ? "onlyValue" : "onlyWithin");
    put(&f, "zero_prob",
        schema_json(b->zero ? JSON({"$ref": "#/definitions/zeroProb"}) : JSON({"const": 0})), false);
}

/* Each distribution stands with those that have the same keys and limits. */
static void add_ranges(Doc *forms, Doc *definitions, const Bounds *b)
{
    bool done[DIST_COUNT] = {false};
    for (int d = 0; d < DIST_DERIVED; d++) {
        Distribution alike[DIST_COUNT];
        int n = 0;
        if (done[d] || has_of((Distribution)d) == HAS_NONE) continue;
        for (int e = d; e < DIST_DERIVED; e++) {
            if (has_of((Distribution)e) != has_of((Distribution)d)
                || distribution_quantized((Distribution)e) != distribution_quantized((Distribution)d))
                continue;
            done[e] = true;
            alike[n++] = (Distribution)e;
        }
        add_range(forms, definitions, alike, n, b);
    }
}

/* ---- parameters of networks ---------------------------------------------------------------------- */

static Doc *of_setting(const Field *field, Doc *definitions)
{
    Doc *out = doc_object(), *forms;
    const bool preset = strcmp(field->name, "preset") == 0, number = field->kind == FIELD_INT
                     || field->kind == FIELD_REAL;
    Doc *value = field_schema(field);
    doc_set_text(out, "description", field->help);
    doc_set_text(out, "type", "object");
    forms = doc_set(out, "anyOf", doc_array());
    add_lists(forms, value, !preset);
    if (number) {
        Bounds b = {.whole = field->kind == FIELD_INT, .zero = field_within(field, 0)};
        field_limits(field, &b.low, &b.high);
        b.open = field->open_low;
        add_ranges(forms, definitions, &b);
    }
    doc_free(value);
    return out;
}

typedef struct {
    Doc *properties, *rules;
    const Doc *reference;
    const char *name;
} Setting;

static void both_refused(Doc *rules, const char *a, const char *b)
{
    Doc *not = doc_set(doc_add(rules, doc_object()), "not", doc_object());
    Doc *both = doc_set(not, "required", doc_array());
    doc_set_text(not, "type", "object"); /* `required` holds of whatever is no object */
    doc_add(both, doc_text(a));
    doc_add(both, doc_text(b));
}

static void add_alias(void *context, const char *alias)
{
    Setting *setting = context;
    doc_set(setting->properties, alias, doc_copy(setting->reference));
    both_refused(setting->rules, setting->name, alias);
}

static Doc *map_of(Doc *properties)
{
    Doc *out = schema_json(JSON({"type": "object", "minProperties": 1, "additionalProperties": false}));
    doc_set(out, "properties", properties);
    return out;
}

typedef struct {
    char name[64];
    Doc *members;
} Group;

/* "augment.rotate_deg" stands as it is, and as `rotate_deg` among the parameters of the group `augment`. Those
 * of one group follow each other. */
static void add_to_group(Doc *properties, Group *group, const char *name, const Doc *reference)
{
    const char *dot = strchr(name, '.');
    if (!dot) return;
    const int n = (int)(dot - name);
    if ((int)strlen(group->name) != n || strncmp(group->name, name, (size_t)n) != 0) {
        snprintf(group->name, sizeof group->name, "%.*s", n, name);
        Doc *out = doc_set(properties, group->name, schema_json(JSON(
            {"type": "object", "required": ["parameters"], "additionalProperties": false,
             "description": "a group of nested parameters"})));
        group->members = doc_object();
        doc_set(doc_set(out, "properties", doc_object()), "parameters", map_of(group->members));
    }
    doc_set(group->members, dot + 1, doc_copy(reference));
}

static void add_networks(Doc *definitions)
{
    Arena *arena = arena_create(0);
    const char *const *names = arena ? settings_names(arena) : NULL;
    Doc *properties = doc_object(), *rules = doc_array();
    Group group = {.name = ""};
    for (int i = 0; names && names[i]; i++) {
        const Field *field = settings_field(names[i]);
        char id[128], path[160];
        snprintf(id, sizeof id, "search.%.100s", names[i]);
        snprintf(path, sizeof path, "#/definitions/%s", id);
        doc_set(definitions, id, of_setting(field, definitions));
        Doc *reference = doc_object();
        doc_set_text(reference, "$ref", path);
        Setting setting = {properties, rules, doc_set(properties, names[i], reference), names[i]};
        if (!strchr(names[i], '.')) field_aliases(field, add_alias, &setting);
        add_to_group(properties, &group, names[i], setting.reference);
    }
    Doc *out = map_of(names ? properties : NULL);
    doc_set_text(out, "description", "the search space: settings of `train` and `data.preprocess`, by name");
    if (doc_count(rules) > 0) doc_set(out, "allOf", rules);
    else doc_free(rules);
    doc_set(definitions, "parameters", out);
    arena_destroy(arena);
}

/* ---- parameters of programs ---------------------------------------------------------------------- */

static void add_programs(Doc *definitions)
{
    const Bounds any = {.low = -INFINITY, .high = INFINITY, .zero = true};
    Doc *one = schema_json(JSON({"type": "object"})), *forms = doc_set(one, "anyOf", doc_array());
    doc_add(forms, schema_json(JSON(
        {"title": "a group of nested parameters", "required": ["parameters"], "additionalProperties": false,
         "properties": {"parameters": {"$ref": "#/definitions/programParameters"}}})));
    add_lists(forms, NULL, true);
    add_ranges(forms, definitions, &any);
    Doc *out = schema_json(JSON({"type": "object", "minProperties": 1, "additionalProperties": false,
                                 "description": "the search space: whatever names the program takes"}));
    Doc *reference = doc_set(doc_set(out, "patternProperties", doc_object()), NAME, doc_object());
    doc_set_text(reference, "$ref", "#/definitions/programParameter");
    doc_set(definitions, "programParameter", one);
    doc_set(definitions, "programParameters", out);
}

void schema_space_parts(Doc *definitions)
{
    doc_set(definitions, "expression", schema_json(expression));
    doc_set(definitions, "steps", schema_json(JSON(
        {"type": "integer", "minimum": 2, "maximum": 1e6,
         "description": "grid: so many points over the range"})));
    doc_set(definitions, "prior", schema_json(JSON(
        {"description": "where the best value is expected",
         "anyOf": [{"type": "number"},
                   {"type": "object", "required": ["value"], "additionalProperties": false,
                    "properties": {"value": {"type": "number"},
                                   "confidence": {"enum": ["low", "medium", "high"]}}},
                   {"type": "object", "required": ["mu", "sigma"], "additionalProperties": false,
                    "properties": {"mu": {"type": "number"},
                                   "sigma": {"type": "number", "exclusiveMinimum": 0}}}]})));
    doc_set(definitions, "priorOfList", schema_json(JSON(
        {"description": "which of the values is expected to be best",
         "anyOf": [{"type": ["string", "number", "boolean"]},
                   {"type": "object", "required": ["value"], "additionalProperties": false,
                    "properties": {"value": {}, "confidence": {"enum": ["low", "medium", "high"]}}},
                   {"type": "object", "required": ["weights"], "additionalProperties": false,
                    "properties": {"weights": {"type": "array", "minItems": 1,
                                               "items": {"type": "number", "minimum": 0,
                                                         "maximum": 1e9}}}}]})));
    doc_set(definitions, "zeroProb", schema_json(JSON(
        {"type": "number", "minimum": 0, "exclusiveMaximum": 1,
         "description": "exactly 0 with this probability"})));
    doc_set(definitions, "onlyValue", schema_json(JSON(
        {"type": "object", "additionalProperties": false, "required": ["value"], "properties": {"value": {}},
         "description": "what of it is proposed: the rest is where trials from before an edit were"})));
    doc_set(definitions, "onlyListed", schema_json(JSON(
        {"anyOf": [{"$ref": "#/definitions/onlyValue"},
                   {"type": "object", "additionalProperties": false, "required": ["values"],
                    "properties": {"values": {"type": "array", "minItems": 1, "uniqueItems": true},
                                   "probabilities": {"type": "array", "minItems": 1,
                                                     "items": {"type": "number", "minimum": 0,
                                                               "maximum": 1}}}}]})));
    doc_set(definitions, "onlyWithin", schema_json(JSON(
        {"anyOf": [{"$ref": "#/definitions/onlyValue"},
                   {"type": "object", "additionalProperties": false, "minProperties": 1,
                    "properties": {"min": {"type": "number"}, "max": {"type": "number"},
                                   "zero_prob": {"type": "number", "minimum": 0,
                                                 "exclusiveMaximum": 1}}}]})));
    add_networks(definitions);
    add_programs(definitions);
}
