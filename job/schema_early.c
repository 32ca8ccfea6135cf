/* `early_terminate` as JSON Schema: its keys, and which of them go with which type. */
#include <stdio.h>
#include <string.h>

#include "base/field_schema.h"
#include "job/schema_parts.h"
#include "tuner/search/pruner.h"
#include "tuner/trial/runner.h"

/* One type with the keys that go with it; `limits` has what is narrower than the table says. */
static Doc *of_type(int type, const char *required, const char *limits)
{
    Doc *out = doc_object(), *needs = doc_set(out, "required", doc_array()), *properties = doc_object();
    doc_add(needs, doc_text("type"));
    for (const char *at = required; *at; at += strcspn(at, " "), at += *at == ' ') {
        char key[32];
        snprintf(key, sizeof key, "%.*s", (int)strcspn(at, " "), at);
        doc_add(needs, doc_text(key));
    }
    doc_set_bool(out, "additionalProperties", false);
    for (int i = 0; i < pruner_fields.n; i++) {
        const char *key = pruner_fields.fields[i].name;
        if (pruner_takes(type, key)) doc_set(properties, key, doc_bool(true));
    }
    doc_set_text(doc_set(properties, "type", doc_object()), "const", pruner_names[type]);
    Doc *narrow = schema_json(limits);
    const char *key;
    const Doc *value;
    for (size_t i = 0; doc_member(narrow, i, &key, &value); i++) doc_set(properties, key, doc_copy(value));
    doc_free(narrow);
    doc_set(out, "properties", properties);
    return out;
}

/* The bands of hyperband are given from below, or from above by `max_iter` and `s`; beside `min_iter` alone
 * neither of these is looked at. */
static void add_bands(Doc *any)
{
    doc_add(any, of_type(PRUNER_HYPERBAND, "", JSON({"max_iter": false, "min_iter": {"minimum": 1}})));
    doc_add(any, of_type(PRUNER_HYPERBAND, "min_iter", JSON({"s": false, "min_iter": {"minimum": 1}})));
    doc_add(any, of_type(PRUNER_HYPERBAND, "max_iter s",
                         JSON({"max_iter": {"minimum": 1}, "s": {"minimum": 1}})));
}

Doc *schema_early(bool program)
{
    static const int pauses[] = {PRUNER_HALVING, PRUNER_HYPERBAND_SYNC, PRUNER_FREEZE_THAW};
    Doc *out = field_section_schema(&pruner_fields, NULL, NULL), *any = doc_set(out, "anyOf", doc_array());
    char limits[120];
    doc_add(any, schema_json(JSON({"type": "null"})));
    doc_add(any, schema_json(JSON({"maxProperties": 0})));
    doc_add(any, of_type(PRUNER_NONE, "", "{}"));
    add_bands(any);
    doc_add(any, of_type(PRUNER_MEDIAN, "", "{}"));
    snprintf(limits, sizeof limits,
             "{\"min_iter\": {\"minimum\": 1}, \"max_iter\": {\"minimum\": 2, \"maximum\": %d}}",
             TRIAL_MAX_CURVE);
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) /* the epochs of networks are known */
        doc_add(any, program ? of_type(pauses[i], "max_iter", limits)
                             : of_type(pauses[i], "", JSON({"max_iter": false, "min_iter": {"minimum": 1}})));
    if (program) doc_add(any, of_type(PRUNER_PATIENCE, "", "{}"));
    doc_add(any, of_type(PRUNER_FORECAST, "", JSON({"min_iter": {"minimum": 1}})));
    return out;
}
