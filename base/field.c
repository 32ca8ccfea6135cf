/* Options by their tables: reading, defaults, setting by name, help. */
#include "base/field.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Defaults, YAML and trial parameters all become ConfNodes and pass through field_parse, so that one
 * rule decides what a field takes. What was parsed is kept in a list and stored only when all of it
 * was good: a reader that fails has changed nothing. */
typedef struct Pending Pending;
struct Pending {
    const Field *field;
    unsigned char *record;
    FieldSlot slot;
    Pending *next;
};

size_t field_slot_size(FieldKind kind)
{
    switch (kind) {
    case FIELD_BOOL: return sizeof(bool);
    case FIELD_INT:
    case FIELD_CHOICE: return sizeof(int);
    case FIELD_REAL:
    case FIELD_DURATION:
    case FIELD_BYTES: return sizeof(double);
    case FIELD_TEXT: return sizeof(const char *);
    case FIELD_INT_LIST: return sizeof(IntList);
    case FIELD_TEXT_LIST: return sizeof(TextList);
    case FIELD_NODE: return sizeof(const ConfNode *);
    case FIELD_SECTION: break;
    }
    return 0;
}

/* ---- one value ----------------------------------------------------------------------------- */

static bool is_scalar(const ConfNode *node)
{
    return node->kind != CONF_LIST && node->kind != CONF_MAP;
}

/* "`x`" for scalars, "a list" for the rest. */
static const char *shown(const ConfNode *node, char out[72])
{
    if (is_scalar(node) && node->text && *node->text) snprintf(out, 72, "`%.60s`", node->text);
    else snprintf(out, 72, "%s", conf_kind_names[node->kind]);
    return out;
}

static bool has_limits(const Field *field)
{
    return field->low != 0 || field->high != 0;
}

static bool no_upper_limit(const Field *field)
{
    return field->high > 1e300 || field->high < field->low;
}

void field_limits(const Field *field, double *low, double *high)
{
    const bool limited = has_limits(field);
    *low = limited && field->low >= -1e300 ? field->low : -INFINITY;
    *high = limited && !no_upper_limit(field) ? field->high : INFINITY;
}

/* "between 1 and 100000", "at least 1", "above 0", "above 0 and at most 1" */
static const char *limits(const Field *field, char out[100])
{
    char low[32], high[32];
    text_number(field->low, low);
    text_number(field->high, high);
    bool no_low = field->low < -1e300, no_high = no_upper_limit(field);
    if (no_high) snprintf(out, 100, "%s %s", field->open_low ? "above" : "at least", low);
    if (!no_high && no_low) snprintf(out, 100, "at most %s", high);
    if (!no_high && !no_low && field->open_low) snprintf(out, 100, "above %s and at most %s", low, high);
    if (!no_high && !no_low && !field->open_low) snprintf(out, 100, "between %s and %s", low, high);
    return out;
}

bool field_within(const Field *field, double number)
{
    if (!isfinite(number)) return false;
    if (!has_limits(field)) return true;
    bool high_enough = field->open_low ? number > field->low : number >= field->low;
    return high_enough && (number <= field->high || no_upper_limit(field));
}

static bool in_range(const Field *field, const ConfNode *node, double number, Error *err)
{
    char text[32], range[100], shown_text[72];
    if (field_within(field, number)) return true;
    if (!isfinite(number)) return conf_error(node, err, "%s is not a finite number", field->name);
    /* Durations and sizes as they were written: 90s, 2GiB. */
    const char *written = node->kind == CONF_TEXT ? shown(node, shown_text) : text_number(number, text);
    return conf_error(node, err, "%s is %s; it must %s %s%s%s%s%s%s%s", field->name, written,
                      strncmp(limits(field, range), "between", 7) == 0 ? "lie" : "be", range,
                      field->zero_word ? ", or `" : "", field->zero_word ? field->zero_word : "",
                      field->zero_word ? "`" : "", field->other_word ? ", or `" : "",
                      field->other_word ? field->other_word : "", field->other_word ? "`" : "");
}

static bool wrong_type(const Field *field, const ConfNode *node, const char *takes, Error *err)
{
    char given[72];
    return conf_error(node, err, "%s takes %s%s%s%s%s%s%s, not %s", field->name, takes,
                      field->zero_word ? " or `" : "", field->zero_word ? field->zero_word : "",
                      field->zero_word ? "`" : "", field->other_word ? " or `" : "",
                      field->other_word ? field->other_word : "", field->other_word ? "`" : "",
                      node->kind == CONF_NULL ? "nothing" : shown(node, given));
}

static bool is_zero_word(const Field *field, const ConfNode *node)
{
    if (!field->zero_word) return false;
    if (node->kind == CONF_NULL) return true;
    return is_scalar(node) && node->text && strcmp(node->text, field->zero_word) == 0;
}

static bool parse_int(const Field *field, const ConfNode *node, const char *takes, int *out, Error *err)
{
    char text[32];
    if (node->kind != CONF_NUMBER) return wrong_type(field, node, takes, err);
    if (!isfinite(node->number)) return conf_error(node, err, "%s is not a finite number", field->name);
    if (node->number != floor(node->number))
        return conf_error(node, err, "%s is %s; it must be a whole number", field->name,
                          text_number(node->number, text));
    if (!in_range(field, node, node->number, err)) return false;
    if (node->number < INT_MIN || node->number > INT_MAX)
        return conf_error(node, err, "%s is %s; it must lie between %d and %d", field->name,
                          text_number(node->number, text), INT_MIN, INT_MAX);
    *out = (int)node->number;
    return true;
}

static bool parse_real(const Field *field, const ConfNode *node, double *out, Error *err)
{
    const char *takes = field->kind == FIELD_DURATION ? "a duration (90s, 15m, 1h30m)"
                        : field->kind == FIELD_BYTES  ? "a size (500MB, 2GiB)"
                                                      : "a number";
    double number = node->number;
    bool ok = node->kind == CONF_NUMBER;
    if (node->kind == CONF_TEXT && field->kind == FIELD_DURATION) ok = text_to_duration(node->text, &number);
    if (node->kind == CONF_TEXT && field->kind == FIELD_BYTES) ok = text_to_bytes(node->text, &number);
    if (!ok) return wrong_type(field, node, takes, err);
    if (field->kind != FIELD_REAL && number < 0)
        return conf_error(node, err, "%s cannot be negative", field->name);
    if (!in_range(field, node, number, err)) return false;
    *out = number;
    return true;
}

static bool parse_choice(const Field *field, const ConfNode *node, int *out, Error *err)
{
    char list[403], given[72];
    const char *text = is_scalar(node) ? node->text : NULL;
    if (node->kind == CONF_BOOL) text = node->number != 0 ? "true" : "false"; /* True, FALSE */
    int found = text ? names_find(field->choices, text) : -1;
    if (found >= 0) {
        *out = found;
        return true;
    }
    names_join(field->choices, list, sizeof list);
    if (node->kind == CONF_LIST || node->kind == CONF_MAP || !text || !*text)
        return conf_error(node, err, "%s takes one of %s, not %s", field->name, list, shown(node, given));
    const Suggestion near = names_suggest(text, field->choices, "");
    return conf_error(node, err, *near.text ? "%s is not a choice for %s%s (one of %s)"
                                            : "%s is not a choice for %s%s; it is one of %s",
                      shown(node, given), field->name, near.text, list);
}

static bool parse_ints(const Field *field, const ConfNode *node, IntList *out, Error *err)
{
    static const char takes[] = "a list of whole numbers ([256, 128])";
    IntList list = {0};
    if (node->kind == CONF_NUMBER) {
        list.n = 1;
        if (!parse_int(field, node, takes, &list.items[0], err)) return false;
    } else {
        if (node->kind != CONF_LIST) return wrong_type(field, node, takes, err);
        if (node->n > FIELD_LIST_MAX)
            return conf_error(node, err, "%s has %d entries; at most %d are allowed", field->name, node->n,
                              FIELD_LIST_MAX);
        for (const ConfNode *item = node->first; item; item = item->next)
            if (!parse_int(field, item, takes, &list.items[list.n++], err)) return false;
    }
    *out = list;
    return true;
}

static bool parse_texts(const Field *field, const ConfNode *node, Arena *arena, TextList *out, Error *err)
{
    if (node->kind == CONF_MAP) return wrong_type(field, node, "a list of words ([age, sex])", err);
    const ConfNode *first = node->kind == CONF_LIST ? node->first : node->kind == CONF_NULL ? NULL : node;
    int n = node->kind == CONF_LIST ? node->n : first != NULL;
    const char **items = ARENA_NEW(arena, const char *, n);
    if (!items) return error_memory(err);
    for (int i = 0; i < n; i++, first = first->next) {
        if (!is_scalar(first)) return wrong_type(field, first, "a list of words ([age, sex])", err);
        items[i] = arena_copy(arena, first->text);
        if (!items[i]) return error_memory(err);
    }
    *out = (TextList){n, items};
    return true;
}

/* A text is NULL only where its default is: its readers count on that. */
bool field_takes_nothing(const Field *field)
{
    return field->kind == FIELD_NODE || field->kind == FIELD_TEXT_LIST || field->kind == FIELD_CHOICE
        || (field->kind == FIELD_TEXT && !field->fallback) || field->zero_word;
}

static bool field_parse(const Field *field, const ConfNode *node, Arena *arena, FieldSlot *out, Error *err)
{
    if (node->kind == CONF_NULL && !field_takes_nothing(field))
        return conf_error(node, err, "%s has no value", field->name);
    bool numeric = field->kind == FIELD_INT || field->kind == FIELD_REAL || field->kind == FIELD_DURATION ||
                   field->kind == FIELD_BYTES;
    if (field->other_word && is_scalar(node) && node->text && strcmp(node->text, field->other_word) == 0) {
        out->i = -1;
        return true;
    }
    if (numeric && is_zero_word(field, node)) {
        if (field->kind == FIELD_INT) out->i = 0;
        else out->real = 0;
        return true;
    }
    switch (field->kind) {
    case FIELD_BOOL:
        if (node->kind != CONF_BOOL) return wrong_type(field, node, "true or false", err);
        out->b = node->number != 0;
        return true;
    case FIELD_INT: return parse_int(field, node, "a whole number", &out->i, err);
    case FIELD_REAL:
    case FIELD_DURATION:
    case FIELD_BYTES: return parse_real(field, node, &out->real, err);
    case FIELD_TEXT:
        if (!is_scalar(node)) return wrong_type(field, node, "a text", err);
        out->text = NULL;
        if (node->kind == CONF_NULL) return true;
        out->text = arena_copy(arena, node->text);
        return out->text ? true : error_memory(err);
    case FIELD_CHOICE: return parse_choice(field, node, &out->i, err);
    case FIELD_INT_LIST: return parse_ints(field, node, &out->ints, err);
    case FIELD_TEXT_LIST: return parse_texts(field, node, arena, &out->texts, err);
    case FIELD_NODE: out->node = node; return true;
    case FIELD_SECTION: break;
    }
    return conf_error(node, err, "%s is a section, not a setting", field->name);
}

/* A Value as the node it would be in YAML, without a place. */
static bool node_of(const Value *value, Arena *arena, ConfNode **out, Error *err)
{
    if (value->kind == VALUE_LIST) return conf_read_value(NULL, value->text, arena, out, err);
    ConfNode *node = ARENA_NEW(arena, ConfNode, 1);
    char text[32] = "";
    if (!node) return error_memory(err);
    switch (value->kind) {
    case VALUE_BOOL: node->kind = CONF_BOOL; break;
    case VALUE_INT:
    case VALUE_REAL: node->kind = CONF_NUMBER; break;
    case VALUE_TEXT: node->kind = CONF_TEXT; break;
    default: node->kind = CONF_NULL; break;
    }
    node->number = value->number;
    if (value->kind == VALUE_TEXT) {
        node->text = value->text;
    } else {
        value_json(value, text, sizeof text);
        node->text = value->kind == VALUE_NONE ? "" : arena_copy(arena, text);
        if (!node->text) return error_memory(err);
    }
    *out = node;
    return true;
}

/* ---- records ------------------------------------------------------------------------------- */

static bool parse_later(const Field *field, const ConfNode *node, unsigned char *record, Arena *arena,
                        Pending **list, Error *err)
{
    Pending *pending = ARENA_NEW(arena, Pending, 1);
    if (!pending) return error_memory(err);
    if (!field_parse(field, node, arena, &pending->slot, err)) return false;
    pending->field = field;
    pending->record = record;
    pending->next = *list;
    *list = pending;
    return true;
}

static void store(const Pending *list)
{
    for (; list; list = list->next)
        memcpy(list->record + list->field->offset, &list->slot, field_slot_size(list->field->kind));
}

static bool collect_defaults(const FieldTable *table, unsigned char *record, Arena *arena, Pending **list,
                             Error *err)
{
    for (int i = 0; i < table->n; i++) {
        const Field *field = &table->fields[i];
        if (field->kind == FIELD_SECTION) {
            if (!collect_defaults(field->section, record + field->offset, arena, list, err)) return false;
            continue;
        }
        if (!field->fallback) { /* zero, whatever the limits say */
            Pending *pending = ARENA_NEW(arena, Pending, 1);
            if (!pending) return error_memory(err);
            *pending = (Pending){.field = field, .record = record, .next = *list};
            *list = pending;
            continue;
        }
        ConfNode *node;
        if (!conf_read_value(NULL, field->fallback, arena, &node, err) ||
            !parse_later(field, node, record, arena, list, err)) {
            /* The table is ours: a default that cannot be is a bug of the one who wrote it. */
            assert(!err || err->code == ERR_MEMORY);
            return false;
        }
    }
    return true;
}

bool field_defaults(const FieldTable *table, void *record, Arena *arena, Error *err)
{
    Pending *list = NULL;
    Error why = {0};
    if (!collect_defaults(table, record, arena, &list, &why))
        return error_set(err, why.code, "%s", why.message);
    store(list);
    return true;
}

static bool is_alias(const Field *field, const char *name, size_t n)
{
    for (const char *at = field->alias; at && *at;) {
        size_t length = strcspn(at, " ");
        if (length == n && memcmp(at, name, n) == 0) return true;
        at += length + (at[length] == ' ');
    }
    return false;
}

static const Field *find_one(const FieldTable *table, const char *name, size_t n)
{
    for (int i = 0; i < table->n; i++)
        if (strncmp(table->fields[i].name, name, n) == 0 && !table->fields[i].name[n]) return &table->fields[i];
    for (int i = 0; i < table->n; i++)
        if (is_alias(&table->fields[i], name, n)) return &table->fields[i];
    return NULL;
}

/* An earlier key of the map that names the same field: `lr` beside `learning_rate`. */
static const ConfNode *named_before(const FieldTable *table, const ConfNode *map,
                                    const ConfNode *child, const Field *field)
{
    for (const ConfNode *other = map->first; other != child; other = other->next)
        if (find_one(table, other->key, strlen(other->key)) == field) return other;
    return NULL;
}

static bool collect(const FieldTable *table, const ConfNode *map, unsigned char *record, Arena *arena,
                    Pending **list, Error *err)
{
    if (!map || map->kind == CONF_NULL) return true; /* "train:" and nothing below it */
    if (map->kind != CONF_MAP)
        return conf_error(map, err, "`%s` is a section: expected `key: value` below it, found %s", table->name,
                          conf_kind_names[map->kind]);
    for (const ConfNode *child = map->first; child; child = child->next) {
        const Field *field = find_one(table, child->key, strlen(child->key));
        if (!field) {
            const char *const *names = field_names(table, arena);
            char *where = names ? arena_print(arena, "in `%s`", table->name) : NULL;
            return where ? conf_unknown_key(child, where, names, err) : error_memory(err);
        }
        const ConfNode *twin = named_before(table, map, child, field);
        if (twin)
            return conf_key_error(child, err, "`%s` and `%s` (line %d) are the same setting; keep one",
                                  child->key, twin->key, twin->key_line);
        bool ok = field->kind == FIELD_SECTION
                      ? collect(field->section, child, record + field->offset, arena, list, err)
                      : parse_later(field, child, record, arena, list, err);
        if (!ok) return false;
    }
    return true;
}

bool field_read(const FieldTable *table, const ConfNode *map, void *record, Arena *arena, Error *err)
{
    Pending *list = NULL;
    if (!collect(table, map, record, arena, &list, err)) return false;
    store(list);
    return true;
}

/* The field of a dotted name, and how far into the record its own struct begins. */
static const Field *locate(const FieldTable *table, const char *name, size_t *offset)
{
    *offset = 0;
    for (;;) {
        size_t n = strcspn(name, ".");
        const Field *field = find_one(table, name, n);
        if (!field || !name[n]) return field;
        if (field->kind != FIELD_SECTION) return NULL;
        *offset += field->offset;
        table = field->section;
        name += n + 1;
    }
}

const Field *field_find(const FieldTable *table, const char *name)
{
    size_t offset;
    return locate(table, name, &offset);
}

bool field_assign(const FieldTable *table, const char *name, const Value *value, void *record,
                  Arena *arena, Error *err)
{
    size_t offset;
    const Field *field = locate(table, name, &offset);
    if (!field) {
        const char *const *names = field_names(table, arena);
        if (!names) return error_memory(err);
        return error_set(err, ERR_CONFIG, "no setting in `%s` is called `%.100s`%s", table->name, name,
                         names_suggest(name, names, "").text);
    }
    if (value->kind == VALUE_NONE) return true; /* does not apply: what the record holds stays */
    ConfNode *node;
    Pending *list = NULL;
    if (!node_of(value, arena, &node, err)) return false;
    if (!parse_later(field, node, (unsigned char *)record + offset, arena, &list, err)) return false;
    store(list);
    return true;
}

bool field_accepts(const Field *field, const Value *value, Error *err)
{
    Arena *arena = arena_create(0);
    if (!arena) return error_memory(err);
    ConfNode *node;
    FieldSlot slot;
    bool ok = value->kind == VALUE_NONE ||
              (node_of(value, arena, &node, err) && field_parse(field, node, arena, &slot, err));
    arena_destroy(arena);
    return ok;
}

const char *const *field_names(const FieldTable *table, Arena *arena)
{
    const char **names = ARENA_NEW(arena, const char *, table->n + 1);
    for (int i = 0; names && i < table->n; i++) names[i] = table->fields[i].name;
    return names;
}

/* ---- help ---------------------------------------------------------------------------------- */

static void print_takes(Text *out, const Field *field)
{
    static const char *const takes[] = {FIELD_KIND_LIST(LIST_NAME)};
    char range[100];
    text_add(out, takes[field->kind]);
    for (int i = 0; field->kind == FIELD_CHOICE && field->choices[i]; i++)
        text_print(out, "%s%s", i ? "|" : "", field->choices[i]);
    if (has_limits(field)) text_print(out, " %s", limits(field, range));
    if (field->zero_word) text_print(out, " or %s", field->zero_word);
    if (field->other_word) text_print(out, " or %s", field->other_word);
}

void field_print_help(const FieldTable *table, int indent, Text *out)
{
    int widest = 0;
    for (int i = 0; i < table->n; i++) {
        int n = (int)strlen(table->fields[i].name);
        if (n > widest) widest = n;
    }
    for (int i = 0; i < table->n; i++) {
        const Field *field = &table->fields[i];
        text_print(out, "%*s", indent, "");
        text_print(out, "%-*s  ", widest, field->name);
        if (field->kind == FIELD_SECTION) {
            text_print(out, "%s\n", field->help ? field->help : "");
            field_print_help(field->section, indent + 2, out);
            continue;
        }
        text_add(out, field->help ? field->help : "");
        text_add(out, field->help ? " (" : "(");
        if (field->alias) text_print(out, "also %s; ", field->alias);
        print_takes(out, field);
        if (field->fallback) text_print(out, "; default %s", field->fallback);
        text_add(out, ")\n");
    }
}
