/* The whole configuration as JSON Schema: sections from their tables, what only one file reads, and which keys
 * go with a kind of trials. */
#include "job/schema.h"

#include <string.h>

#include "base/field_schema.h"
#include "engine/metrics.h"
#include "ensemble/calibrate.h"
#include "ensemble/thresholds.h"
#include "job/config_tables.h"
#include "job/presets.h"
#include "job/schema_parts.h"
#include "model/conformal.h"
#include "tuner/search/pareto.h"
#include "tuner/search/samplers.h"

/* ---- words --------------------------------------------------------------------------------------- */

/* {"enum": [...]}: `first`, null, and these names. */
static Doc *words(const char *first, bool null, const char *const *names)
{
    Doc *out = doc_object(), *list = doc_set(out, "enum", doc_array());
    if (first) doc_add(list, doc_text(first));
    for (int i = 0; names && names[i]; i++) doc_add(list, doc_text(names[i]));
    if (null) doc_add(list, doc_null());
    return out;
}

typedef bool (*Among)(MetricId metric);
static bool any(MetricId metric) { return metric < METRIC_COUNT; }
static bool larger(MetricId metric) { return metric_larger_is_better(metric); }
static bool smaller(MetricId metric) { return !metric_larger_is_better(metric); }
static bool of_numbers(MetricId metric) { return metric_is_for(metric, TASK_NUMBERS); }

/* The same of metrics, with and without val_. */
static Doc *metrics(const char *first, bool null, Among among)
{
    const char *names[2 * METRIC_COUNT + 1];
    Text full[METRIC_COUNT] = {{0}};
    int n = 0;
    for (int m = 0; m < METRIC_COUNT; m++) {
        if (!among((MetricId)m)) continue;
        text_print(&full[m], "val_%s", metric_names[m]);
        if (text_ok(&full[m])) names[n++] = full[m].bytes;
        names[n++] = metric_names[m];
    }
    names[n] = NULL;
    Doc *out = words(first, null, names);
    for (int m = 0; m < METRIC_COUNT; m++) text_free(&full[m]);
    return out;
}

static Doc *refers_to(const char *definition)
{
    Doc *out = doc_object();
    Text path = {0};
    text_print(&path, "#/definitions/%s", definition);
    doc_set(out, "$ref", text_ok(&path) ? doc_text(path.bytes) : NULL);
    text_free(&path);
    return out;
}

/* ---- what only its reader knows ------------------------------------------------------------------ */

#define ROOT "the configuration"

static const struct {
    const char *table, *field, *schema;
} own_words[] = {
    {ROOT, "name", JSON(
        {"anyOf": [{"type": ["number", "boolean", "null"]},
                   {"type": "string", "minLength": 1, "maxLength": 200,
                    "not": {"pattern": "[\u0001-\u001f\u007f]"}}]})},
    {ROOT, "enqueue", JSON({"type": "array", "items": {"type": "object"}})},
    {ROOT, "transfer", JSON(
        {"type": ["array", "null"], "maxItems": 4,
         "items": {"anyOf": [{"type": "string", "minLength": 1},
                             {"type": "object", "required": ["study", "goal", "trials"],
                              "additionalProperties": false,
                              "properties": {"study": {"type": "string"},
                                             "goal": {"enum": ["minimize", "maximize"]},
                                             "trials": {"type": "array", "items": {"type": "object",
                                                 "required": ["score", "params"],
                                                 "properties": {"score": {"type": "number"},
                                                                "params": {"type": "object"}}}}}}]}})},
    {ROOT, "parameters", JSON({"type": "object"})},
    {ROOT, "metrics", JSON({"type": "array"})},
    {ROOT, "early_terminate", JSON({"type": ["object", "null"]})},
    {ROOT, "constraints", JSON(
        {"anyOf": [{"type": ["string", "number", "boolean", "null"]},
                   {"type": "array", "items": {"type": ["string", "number", "boolean"]}}]})},
    {ROOT, "program", JSON(
        {"anyOf": [{"type": ["number", "boolean", "null"]}, {"type": "string", "minLength": 1}]})},
    {ROOT, "command", JSON(
        {"type": "array", "minItems": 1, "items": {"type": ["string", "number", "boolean"]}})},
    {ROOT, "scheduler", JSON({"not": {}})},
    {"run", "part", JSON(
        {"anyOf": [{"type": "null"}, {"type": "string", "pattern": "^[0-9]{1,6}/[0-9]{1,6}$"}]})},
    {"run", "repeats", JSON(
        {"anyOf": [{"type": ["integer", "null"], "minimum": 1, "maximum": 1000},
                   {"type": "object", "required": ["most"], "additionalProperties": false,
                    "properties": {"least": {"type": "integer", "minimum": 1, "maximum": 1000},
                                   "most": {"type": "integer", "minimum": 1, "maximum": 1000}}}]})},
    {"metric", "goal", JSON({"enum": ["minimize", "maximize", null]})},
    {"metric", "impute", JSON({"const": "worst"})},
    {"metric", "target", JSON({"type": "number"})},
    {"data", "train", JSON(
        {"anyOf": [{"type": ["string", "number"]}, {"$ref": "#/definitions/imagesAndLabels"}]})},
    {"data", "columns", JSON(
        {"type": ["object", "null"], "additionalProperties": {"anyOf": [
            {"enum": ["numeric", "nominal", "date", "text", "ignore"]},
            {"type": "object", "required": ["date"], "additionalProperties": false,
             "properties": {"date": {"type": "string", "description": "%d.%m.%Y and the like, unix, unix_ms"}}},
            {"type": "object", "required": ["ordered"], "additionalProperties": false,
             "properties": {"ordered": {"$ref": "#/definitions/levels"}}},
            {"$ref": "#/definitions/levels"}]}})},
    {"data", "soft_labels", JSON(
        {"anyOf": [{"type": ["string", "number", "null"]},
                   {"type": "object", "minProperties": 1,
                    "additionalProperties": {"$ref": "#/definitions/column"}},
                   {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/column"}}]})},
};

static const char definitions[] = JSON({
    "imagesAndLabels": {"type": "object", "required": ["images", "labels"], "additionalProperties": false,
        "properties": {"images": {"type": "string"}, "labels": {"type": "string"}}},
    "column": {"anyOf": [{"type": "number"}, {"type": "string", "minLength": 1}]},
    "levels": {"type": "array", "minItems": 2, "description": "from low to high",
        "items": {"anyOf": [{"type": ["number", "boolean"]}, {"type": "string", "minLength": 1}]}},
    "share": {"type": "object", "minProperties": 1, "maxProperties": 1,
        "additionalProperties": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}},
    "costs": {"anyOf": [
        {"type": "object", "additionalProperties": {"$ref": "#/definitions/costRow"}},
        {"type": "array", "items": {"$ref": "#/definitions/costRow"}}]},
    "costRow": {"anyOf": [
        {"type": "object", "additionalProperties": {"type": "number", "minimum": -1e9, "maximum": 1e9}},
        {"type": "array", "items": {"type": "number", "minimum": -1e9, "maximum": 1e9}}]},
    "level": {"anyOf": [
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"type": "string", "pattern": "^[+]?[0-9.]+([eE][-+]?[0-9]+)?$"}]}
});

/* Keys of one section that need each other. */
static const char split_rules[] = JSON([
    {"if": {"required": ["type"], "properties": {"type": {"const": "kfold"}}},
     "then": {"properties": {"folds": {"minimum": 2}}},
     "else": {"properties": {"repeats": {"maximum": 1}}}},
    {"if": {"required": ["type"], "properties": {"type": {"const": "files"}}},
     "then": {"required": ["valid"], "properties": {"valid": {"not": {"type": "null"}}}},
     "else": {"properties": {"train": {"type": "null"}, "valid": {"type": "null"}, "test": {"type": "null"}}}}
]);
static const char data_rules[] = JSON([
    {"if": {"required": ["format"], "properties": {"format": {"const": "digits"}}},
     "then": {"properties": {"train": false}},
     "else": {"required": ["train"]}},
    {"if": {"required": ["split"], "properties": {"split": {"type": "object", "required": ["type"],
            "properties": {"type": {"const": "forward"}}}}},
     "then": {"$ref": "#/definitions/inOrder"}},
    {"if": {"required": ["split"], "properties": {"split": {"type": "object", "required": ["gap"],
            "properties": {"gap": {"exclusiveMinimum": 0}}}}},
     "then": {"$ref": "#/definitions/inOrder"}},
    {"if": {"required": ["split"], "properties": {"split": {"type": "object", "required": ["type"],
            "properties": {"type": {"enum": ["kfold", "files"]}}}}},
     "then": {"properties": {"order": {"type": "null"}}}},
    {"if": {"required": ["split"], "properties": {"split": {"type": "object", "required": ["type"],
            "properties": {"type": {"const": "files"}}}}},
     "then": {"properties": {"groups": {"type": "null"}}}}
]);
static const char in_order[] = JSON(
    {"required": ["order"], "properties": {"order": {"not": {"type": "null"}}}});

static Doc *section(const FieldTable *table, const char *rules, bool null);

static Doc *test_rows(void)
{
    Doc *out = doc_object(), *any_of = doc_set(out, "anyOf", doc_array());
    doc_add(any_of, schema_json(JSON({"type": ["string", "number"]})));
    doc_add(any_of, refers_to("imagesAndLabels"));
    doc_add(any_of, section(&test_fields, NULL, false));
    return out;
}

static Doc *thresholds(void)
{
    Doc *out = doc_object(), *any_of = doc_set(out, "anyOf", doc_array());
    doc_add(any_of, metrics("none", true, calibrate_can_decide));
    for (int i = 0; thresholds_names[i]; i++) {
        Doc *one = doc_add(any_of, schema_json(JSON({"type": "object", "additionalProperties": false})));
        doc_add(doc_set(one, "required", doc_array()), doc_text(thresholds_names[i]));
        doc_set(doc_set(one, "properties", doc_object()), thresholds_names[i],
                refers_to(i == THRESHOLDS_COST ? "costs" : "share"));
    }
    return out;
}

static Doc *intervals(void)
{
    Doc *out = doc_object(), *any_of = doc_set(out, "anyOf", doc_array());
    doc_add(any_of, schema_json(JSON({"type": "null"})));
    doc_add(any_of, refers_to("level"));
    Doc *list = doc_add(any_of, schema_json(JSON({"type": "array"})));
    doc_set(list, "items", refers_to("level"));
    doc_set_number(list, "maxItems", CONFORMAL_MOST_LEVELS);
    return out;
}

static bool is(const FieldTable *table, const Field *field, const char *in, const char *name)
{
    return strcmp(table->name, in) == 0 && strcmp(field->name, name) == 0;
}

static Doc *own(void *context, const FieldTable *table, const Field *field)
{
    (void)context;
    for (size_t i = 0; i < sizeof own_words / sizeof *own_words; i++)
        if (is(table, field, own_words[i].table, own_words[i].field)) return schema_json(own_words[i].schema);
    if (is(table, field, ROOT, "preset") || is(table, field, "numbers", "preset"))
        return words(NULL, true, preset_names);
    if (is(table, field, ROOT, "method")) return words("custom", false, sampler_names);
    if (is(table, field, ROOT, "numbers")) return section(&config_numbers_fields, NULL, false);
    if (is(table, field, ROOT, "metric")) return section(field->section, NULL, false);
    if (is(table, field, ROOT, "data")) return section(field->section, data_rules, false);
    if (is(table, field, "data", "split")) return section(field->section, split_rules, true);
    if (is(table, field, "data", "test")) return test_rows();
    if (is(table, field, "numbers", "train")) return schema_json(JSON({"$ref": "#/properties/train"}));
    if (is(table, field, "numbers", "preprocess"))
        return schema_json(JSON({"$ref": "#/properties/data/properties/preprocess"}));
    if (is(table, field, "numbers", "parameters")) return refers_to("parameters");
    if (is(table, field, "ensemble", "metric")) return metrics(NULL, true, any);
    if (is(table, field, "ensemble", "thresholds")) return thresholds();
    if (is(table, field, "ensemble", "intervals")) return intervals();
    return NULL;
}

static Doc *section(const FieldTable *table, const char *rules, bool null)
{
    Doc *out = field_section_schema(table, own, NULL);
    if (!null) doc_set_text(out, "type", "object");
    if (rules) doc_set(out, "allOf", schema_json(rules));
    return out;
}

/* ---- what goes with a kind of trials ------------------------------------------------------------- */

static const char is_program[] = JSON(
    {"anyOf": [{"required": ["command"]},
               {"required": ["program"], "properties": {"program": {"not": {"type": "null"}}}}]});

static const char program_rules[] = JSON({
    "properties": {
        "data": false, "train": false, "preset": false, "numbers": false, "portfolio": false, "ensemble": false,
        "run": {"properties": {"memory_cap": {"enum": ["none", null]}}},
        "cost_aware": {"enum": ["none", "auto", null, 0]},
        "parameters": {"$ref": "#/definitions/programParameters"},
        "command": {"items": {"minLength": 0}},
        "metric": {
            "properties": {"name": {"anyOf": [{"type": ["number", "boolean"]},
                                              {"type": "string", "minLength": 1, "maxLength": 200}]}},
            "anyOf": [{"required": ["name"]},
                      {"required": ["pattern"], "properties": {"pattern": {"not": {"type": "null"}}}}]}},
    "allOf": [
        {"if": {"not": {"anyOf": [{"required": ["metric"]}, {"required": ["metrics"]}]}},
         "then": {"required": ["method"],
                  "properties": {"method": {"enum": ["grid", "random"]}, "early_terminate": false,
                                 "finalists": {"properties": {"seeds": {"const": 0}}}}}}]
});

/* Both kinds: one metric or several, and what is about one alone. */
static const char common_rules[] = JSON([
    {"not": {"required": ["metric", "metrics"]}},
    {"if": {"required": ["method"], "properties": {"method": {"const": "custom"}}},
     "then": {"required": ["metrics"]}},
    {"if": {"required": ["metrics"]},
     "then": {"properties": {"finalists": {"properties": {"seeds": {"const": 0}}}}}}
]);

/* Of networks the name says which way is better; costs of programs are not known. */
static Doc *goal(Among among, const char *way)
{
    Doc *out = schema_json(JSON({"type": "object", "required": ["name"], "additionalProperties": false}));
    Doc *properties = doc_set(out, "properties", doc_object());
    doc_set(properties, "name", among ? metrics(NULL, false, among) : words(NULL, false, goals_costs));
    doc_set_text(doc_set(properties, "goal", doc_object()), "const", way);
    doc_set(properties, "target", schema_json(JSON({"type": "number"})));
    return out;
}

static Doc *some_goal(bool costs)
{
    Doc *out = doc_object(), *any_of = doc_set(out, "anyOf", doc_array());
    doc_add(any_of, goal(larger, "maximize"));
    doc_add(any_of, goal(smaller, "minimize"));
    if (costs) doc_add(any_of, goal(NULL, "minimize"));
    return out;
}

static Doc *several(bool program)
{
    Doc *out = schema_json(JSON({"type": "array", "minItems": 2}));
    doc_set_number(out, "maxItems", PARETO_MOST);
    doc_set(out, "items", program ? schema_json(JSON(
        {"type": "object", "required": ["name"], "additionalProperties": false,
         "properties": {"name": {"type": "string"}, "goal": {"enum": ["minimize", "maximize"]},
                        "target": {"type": "number"}}})) : some_goal(true));
    if (!program) doc_add(doc_set(out, "prefixItems", doc_array()), some_goal(false));
    return out;
}

static Doc *metric_of_networks(void)
{
    Doc *out = schema_json(JSON(
        {"required": ["name"], "properties": {"pattern": {"type": "null"}, "take": {"const": "last"}}}));
    Doc *both = doc_set(out, "anyOf", doc_array());
    for (int up = 0; up < 2; up++) {
        Doc *properties = doc_set(doc_add(both, doc_object()), "properties", doc_object());
        doc_set(properties, "name", metrics(NULL, false, up ? larger : smaller));
        doc_set(properties, "numbers", metrics("auto", true, of_numbers));
        doc_set(properties, "goal", schema_json(up ? JSON({"enum": ["maximize", null]})
                                                   : JSON({"enum": ["minimize", null]})));
    }
    return out;
}

static Doc *for_networks(void)
{
    Doc *out = schema_json(JSON({"required": ["data"]}));
    Doc *properties = doc_set(out, "properties", doc_object());
    doc_set(properties, "parameters", refers_to("parameters"));
    doc_set(properties, "metric", metric_of_networks());
    doc_set(properties, "metrics", several(false));
    doc_set(properties, "early_terminate", schema_early(false));
    /* Who weighs costs. */
    Doc *rule = doc_add(doc_set(out, "allOf", doc_array()), schema_json(JSON(
        {"if": {"required": ["cost_aware"],
                "properties": {"cost_aware": {"type": "number", "exclusiveMinimum": 0}}}})));
    Doc *method = doc_object(), *who = doc_set(method, "enum", doc_array());
    doc_add(who, doc_text("custom"));
    for (int i = 0; samplers[i]; i++) {
        if (!samplers[i]->weighs_costs) continue;
        doc_add(who, doc_text(samplers[i]->name));
        if (samplers[i]->alias) doc_add(who, doc_text(samplers[i]->alias));
    }
    doc_set(doc_set(doc_set(rule, "then", doc_object()), "properties", doc_object()), "method", method);
    return out;
}

static void program_properties(Doc *out)
{
    const char *key;
    const Doc *value;
    Doc *rules = schema_json(program_rules), *properties = doc_object();
    const Doc *said = doc_get(rules, "properties");
    for (size_t i = 0; doc_member(said, i, &key, &value); i++) doc_set(properties, key, doc_copy(value));
    doc_set(properties, "metrics", several(true));
    doc_set(properties, "early_terminate", schema_early(true));
    doc_set(out, "properties", properties);
    doc_set(out, "allOf", doc_copy(doc_get(rules, "allOf")));
    doc_free(rules);
}

/* ---- all of it ----------------------------------------------------------------------------------- */

bool schema_make(Doc **out, Error *err)
{
    ConfigTables tables;
    config_tables_make(&tables);
    Doc *root = doc_object(), *body = section(&tables.root, NULL, false), *rules = schema_json(common_rules);
    const char *key;
    const Doc *value;
    doc_set_text(root, "$schema", "https://json-schema.org/draft/2020-12/schema");
    doc_set_text(root, "title", "Consort " CONSORT_VERSION ": the configuration of a study");
    doc_set_text(root, "$comment", "Made by `consort schema`. `consort config check` knows a few rules more:"
                 " docs/reference/schema.md");
    for (size_t i = 0; doc_member(body, i, &key, &value); i++) doc_set(root, key, doc_copy(value));
    doc_free(body);
    Doc *kind = doc_add(rules, doc_object());
    doc_set(kind, "if", schema_json(is_program));
    program_properties(doc_set(kind, "then", doc_object()));
    doc_set(kind, "else", for_networks());
    doc_set(root, "allOf", rules);
    Doc *parts = doc_set(root, "definitions", schema_json(definitions));
    doc_set(parts, "inOrder", schema_json(in_order));
    schema_space_parts(parts);
    return doc_hand_over(root, true, out, err);
}
