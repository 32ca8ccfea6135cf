/* Options by their tables: as JSON Schema. */
#include "base/field_schema.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/conf_doc.h"

/* ---- one value ----------------------------------------------------------------------------------- */

static Doc *parse(const char *json)
{
    return doc_parse(json, strlen(json), NULL);
}

static void set_limits(const Field *field, double least, double most, Doc *out)
{
    double low, high;
    field_limits(field, &low, &high);
    const bool open = field->open_low && low >= least;
    low = fmax(low, least);
    high = fmin(high, most);
    if (isfinite(low)) doc_set_number(out, open ? "exclusiveMinimum" : "minimum", low);
    if (isfinite(high)) doc_set_number(out, "maximum", high);
}

static Doc *number(const Field *field, const char *type, double least, double most)
{
    Doc *out = doc_object();
    doc_set_text(out, "type", type);
    set_limits(field, least, most, out);
    return out;
}

#define DECIMAL "([0-9]+[.]?[0-9]*|[.][0-9]+)"
#define POWER "([eE][-+]?[0-9]+)?"

/* What text_to_duration reads: a number of seconds, or units in falling order, each once. */
static void duration_pattern(Text *out)
{
    static const char *const units[] = {"d", "h", "m", "s", "ms"};
    enum { N = sizeof units / sizeof *units };
    text_add(out, "^([+]?" DECIMAL POWER "|0x[0-9a-fA-F]+|0o[0-7]+");
    for (int first = 0; first < N; first++) {
        text_print(out, "|" DECIMAL "%s", units[first]);
        for (int next = first + 1; next < N; next++) text_print(out, "( ?" DECIMAL "%s)?", units[next]);
    }
    text_add(out, ")$");
}

/* "1h30m", "2GiB"; of none at all only where 0 is within the limits. */
static Doc *measure(const Field *field)
{
    static const char nothing[] = "^[+]?(0[xo])?[0. ]*([eE][-+]?[0-9]+)?[dhms0. kKMGTiB]*$";
    Doc *out = doc_object(), *any = doc_set(out, "anyOf", doc_array()), *text = doc_object();
    Text pattern = {0};
    if (field->kind == FIELD_DURATION) duration_pattern(&pattern);
    else text_add(&pattern, "^" DECIMAL POWER "( ?(B|[kKMGT]B|[kKMGT]iB))?$");
    doc_add(any, number(field, "number", 0, INFINITY));
    doc_set_text(text, "type", "string");
    doc_set(text, "pattern", text_ok(&pattern) ? doc_text(pattern.bytes) : NULL);
    if (field->open_low) doc_set_text(doc_set(text, "not", doc_object()), "pattern", nothing);
    doc_add(any, text);
    text_free(&pattern);
    return out;
}

static Doc *choice(const Field *field)
{
    Doc *out = doc_object(), *words = doc_set(out, "enum", doc_array());
    for (int i = 0; field->choices[i]; i++) {
        const char *word = field->choices[i];
        doc_add(words, doc_text(word));
        if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
            doc_add(words, doc_bool(*word == 't')); /* as a person writes it */
    }
    return out;
}

static Doc *list_or_one(Doc *one, int most, bool null)
{
    Doc *out = doc_object(), *any = doc_set(out, "anyOf", doc_array()), *list = doc_object();
    if (null) doc_set_text(doc_add(any, doc_object()), "type", "null");
    doc_add(any, doc_copy(one));
    doc_set_text(list, "type", "array");
    doc_set(list, "items", one);
    if (most > 0) doc_set_number(list, "maxItems", most);
    doc_add(any, list);
    return out;
}

/* The word that means 0, another one, or nothing at all. */
static Doc *or_zero_word(const Field *field, Doc *schema)
{
    if (!field->zero_word) return schema;
    Doc *out = doc_object(), *any = doc_set(out, "anyOf", doc_array());
    doc_add(any, schema);
    Doc *words = doc_set(doc_add(any, doc_object()), "enum", doc_array());
    doc_add(words, doc_text(field->zero_word));
    if (field->other_word) doc_add(words, doc_text(field->other_word));
    doc_add(words, doc_null());
    return out;
}

static Doc *bare(const Field *field)
{
    static const char scalar[] = "{\"type\": [\"string\", \"number\", \"boolean\"]}";
    static const char word[] = "{\"type\": [\"string\", \"number\", \"boolean\", \"null\"]}";
    switch (field->kind) {
    case FIELD_BOOL: return parse("{\"type\": \"boolean\"}");
    case FIELD_INT: return or_zero_word(field, number(field, "integer", INT_MIN, INT_MAX));
    case FIELD_REAL: return or_zero_word(field, number(field, "number", -INFINITY, INFINITY));
    case FIELD_DURATION:
    case FIELD_BYTES: return or_zero_word(field, measure(field));
    case FIELD_TEXT: return parse(field_takes_nothing(field) ? word : scalar);
    case FIELD_CHOICE: return choice(field);
    case FIELD_INT_LIST: return list_or_one(number(field, "integer", INT_MIN, INT_MAX), FIELD_LIST_MAX, false);
    case FIELD_TEXT_LIST: return list_or_one(parse(word), 0, true);
    case FIELD_SECTION:
    case FIELD_NODE: break;
    }
    return doc_object();
}

enum { MOST_NAMES = 4, LONGEST_NAME = 64 };

/* ---- what goes in front of it -------------------------------------------------------------------- */

/* The default, unless it is a sign for "not given" that the field itself would refuse. */
static void set_default(const Field *field, Doc *out)
{
    Arena *arena = field->fallback ? arena_create(0) : NULL;
    ConfNode *node;
    if (!arena || !conf_read_value(NULL, field->fallback, arena, &node, NULL)) {
        arena_destroy(arena);
        return;
    }
    const bool sign = node->kind == CONF_NUMBER && (field->kind == FIELD_INT || field->kind == FIELD_REAL)
                   && !field_within(field, node->number);
    if (!sign) doc_set(out, "default", conf_doc(node));
    arena_destroy(arena);
}

static void add_alias(void *context, const char *alias)
{
    Text *names = context;
    text_print(names, "%s`%s`", names->n > 0 ? ", " : "", alias);
}

void field_aliases(const Field *field, void (*name)(void *context, const char *alias), void *context)
{
    char one[LONGEST_NAME];
    for (const char *at = field->alias; at && *at;) {
        const size_t n = strcspn(at, " ");
        if (n < sizeof one) {
            memcpy(one, at, n);
            one[n] = '\0';
            name(context, one);
        }
        at += n + (at[n] == ' ');
    }
}

/* Help and default of a field, in front of what `schema` has: a document with both. */
static Doc *dressed(const Field *field, Doc *schema)
{
    Doc *out = doc_object();
    Text names = {0}, help = {0};
    const char *key;
    const Doc *value;
    field_aliases(field, add_alias, &names);
    text_add(&help, field->help ? field->help : "");
    if (names.n > 0) text_print(&help, "%salso %s", help.n > 0 ? "; " : "", names.bytes);
    if (text_ok(&help) && help.n > 0) doc_set_text(out, "description", help.bytes);
    set_default(field, out);
    for (size_t i = 0; doc_member(schema, i, &key, &value); i++) doc_set(out, key, doc_copy(value));
    text_free(&names);
    text_free(&help);
    doc_free(schema);
    return out;
}

Doc *field_schema(const Field *field)
{
    return dressed(field, bare(field));
}

/* ---- a section ----------------------------------------------------------------------------------- */

typedef struct {
    Doc *properties, *rules;
    const Doc *schema;
    char name[MOST_NAMES][LONGEST_NAME]; /* the field's own first */
    int n;
} Names;

/* Another name of the same setting: one of them, not two. */
static void add_name(void *context, const char *alias)
{
    Names *names = context;
    doc_set(names->properties, alias, doc_copy(names->schema));
    for (int i = 0; i < names->n; i++) {
        Doc *not = doc_set(doc_add(names->rules, doc_object()), "not", doc_object());
        Doc *both = doc_set(not, "required", doc_array());
        doc_set_text(not, "type", "object"); /* `required` holds of whatever is no object */
        doc_add(both, doc_text(names->name[i]));
        doc_add(both, doc_text(alias));
    }
    assert(names->n < MOST_NAMES);
    snprintf(names->name[names->n++], LONGEST_NAME, "%s", alias);
}

Doc *field_section_schema(const FieldTable *table, FieldSchemaOwn own, void *context)
{
    Doc *out = doc_object(), *properties = doc_object(), *rules = doc_array();
    Doc *types = doc_set(out, "type", doc_array());
    doc_add(types, doc_text("object"));
    doc_add(types, doc_text("null"));
    for (int i = 0; i < table->n; i++) {
        const Field *field = &table->fields[i];
        Doc *schema = own ? own(context, table, field) : NULL;
        if (!schema && field->kind == FIELD_SECTION)
            schema = field_section_schema(field->section, own, context);
        schema = schema ? dressed(field, schema) : field_schema(field);
        Names names = {.properties = properties, .rules = rules, .n = 1,
                       .schema = doc_set(properties, field->name, schema)};
        snprintf(names.name[0], LONGEST_NAME, "%s", field->name);
        field_aliases(field, add_name, &names);
    }
    doc_set_bool(out, "additionalProperties", false);
    doc_set(out, "properties", properties);
    if (doc_count(rules) > 0) doc_set(out, "allOf", rules);
    else doc_free(rules);
    return out;
}
