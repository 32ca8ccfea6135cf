/* tests/schema_maker.h - files made from a JSON Schema by chance: ones that fit it, and ones that were spoilt. For
 * the agreement of `consort schema` and `consort config check`.
 *
 * A tree is made by walking the schema; a member that does not fit all that is said of it is made again a few
 * times. It is written in YAML's flow style, a scalar as its text stands where `integer` is set (`raw`), else in
 * quotes where it needs them.
 */
#ifndef CONSORT_TESTS_SCHEMA_MAKER_H
#define CONSORT_TESTS_SCHEMA_MAKER_H
#include "base/rng.h"
#include "tests/schema_check.h"

typedef struct {
    const Doc *root;
    Arena *arena;
    Rng rng;
} Maker;

static int maker_below(Maker *m, size_t n) { return (int)rng_below(&m->rng, (uint32_t)n); }
static bool maker_odds(Maker *m, double p) { return rng_uniform(&m->rng) < p; }
#define MAKER_PICK(m, list) ((list)[maker_below((m), sizeof(list) / sizeof *(list))])

static ConfNode *maker_node(Maker *m, ConfKind kind, const char *text)
{
    ConfNode *node = ARENA_NEW(m->arena, ConfNode, 1);
    if (!node || !text) abort();
    *node = (ConfNode){.kind = kind, .text = text};
    return node;
}

static ConfNode *maker_raw(Maker *m, const char *text)
{
    ConfNode *node = maker_node(m, CONF_TEXT, text);
    node->integer = true;
    return node;
}

static void maker_put(ConfNode *parent, ConfNode *child)
{
    ConfNode **at = &parent->first;
    while (*at) at = &(*at)->next;
    *at = child;
    parent->n++;
}

/* ---- writing ------------------------------------------------------------------------------------- */

static bool maker_is_plain(const char *text)
{
    static const char *const others[] = {"true", "false", "null", "True", "False", "Null", "TRUE", "FALSE", "NULL",
                                         NULL};
    return *text && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") == strlen(text)
        && names_find(others, text) < 0;
}

static void maker_write(const ConfNode *node, Text *out)
{
    const char *comma = "";
    if (node->kind != CONF_MAP && node->kind != CONF_LIST) {
        if (node->integer || maker_is_plain(node->text)) text_add(out, node->text);
        else text_json(out, node->text);
        return;
    }
    text_add(out, node->kind == CONF_MAP ? "{" : "[");
    for (const ConfNode *child = node->first; child; child = child->next, comma = ", ") {
        text_add(out, comma);
        if (node->kind == CONF_MAP) {
            text_json(out, child->key);
            text_add(out, ": ");
        }
        maker_write(child, out);
    }
    text_add(out, node->kind == CONF_MAP ? "}" : "]");
}

/* What a reader makes of a tree; NULL: not YAML. */
static ConfNode *maker_read(Maker *m, const ConfNode *node)
{
    Text text = {0};
    ConfNode *out = NULL;
    maker_write(node, &text);
    if (!conf_read_value(NULL, text.bytes, m->arena, &out, NULL)) out = NULL;
    text_free(&text);
    return out;
}

static bool maker_fits(Maker *m, const Doc *schema, const ConfNode *node)
{
    const ConfNode *read = maker_read(m, node);
    return read && schema_fits(m->root, schema, read);
}

/* ---- scalars ------------------------------------------------------------------------------------- */

static ConfNode *maker_number(Maker *m, const Doc *schema, bool whole)
{
    static const double usual[] = {0, 1, 2, 3, 5, 8, 16, 64, 0.5, 0.1, 0.001, 0.25, 0.9, 100, -1};
    double low = doc_to_number(doc_get(schema, "minimum"), NAN), high = doc_to_number(doc_get(schema, "maximum"), NAN);
    const double above = doc_to_number(doc_get(schema, "exclusiveMinimum"), NAN);
    double x = MAKER_PICK(m, usual);
    if (maker_odds(m, 0.1) && !isnan(low)) x = low;
    if (maker_odds(m, 0.1) && !isnan(high)) x = high;
    if (x < low) x = low;
    if (x <= above) x = above + (whole ? 1 : 0.01);
    if (x > high) x = high;
    if (whole) x = ceil(x);
    if (whole && maker_odds(m, 0.05)) return maker_raw(m, arena_print(m->arena, "%.0f.0", x));
    if (maker_odds(m, 0.05)) return maker_raw(m, arena_print(m->arena, "%.6e", x));
    return maker_raw(m, arena_print(m->arena, "%.10g", x));
}

static ConfNode *maker_text(Maker *m, const Doc *schema)
{
    static const char *const usual[] = {
        "train.csv", "a", "b", "Churn", "x > 1", "90s", "15m", "1h30m", "1.5h", "2GiB", "500 MB", "0.9", "1e3",
        "", "-", "val_loss", "m", "yes", "%d.%m.%Y", "unix", "${program}", "python3", "1 < 2", "n_params <= 100000"};
    static const char *const conditions[] = {"1 < 2", "true", "1 + 1", "not (2 > 3)", "max(1, 2)"};
    if (strncmp(doc_to_text(doc_get(schema, "description"), ""), "an expression", 13) == 0 && maker_odds(m, 0.9))
        return maker_node(m, CONF_TEXT, MAKER_PICK(m, conditions));
    for (int tries = 0; tries < 30; tries++) {
        ConfNode *node = maker_node(m, CONF_TEXT, MAKER_PICK(m, usual));
        if (schema_fits(m->root, schema, node)) return node;
    }
    return maker_node(m, CONF_TEXT, "a");
}

static ConfNode *maker_of(Maker *m, const Doc *doc)
{
    char number[32];
    switch (doc_kind(doc)) {
    case DOC_NULL: return maker_raw(m, maker_odds(m, 0.5) ? "null" : "~");
    case DOC_BOOL: return maker_raw(m, doc_to_bool(doc, false) ? "true" : "false");
    case DOC_NUMBER: return maker_raw(m, arena_copy(m->arena, text_number(doc_to_number(doc, 0), number)));
    default: return maker_node(m, CONF_TEXT, doc_to_text(doc, ""));
    }
}

/* ---- by schema ----------------------------------------------------------------------------------- */

static ConfNode *maker_make(Maker *m, const Doc *schema, const Doc *beside, int level);

static ConfNode *maker_anything(Maker *m, int level)
{
    static const char *const words[] = {"1", "2.5", "true", "null", "a", "\"b c\"", "1e-3", "[1, 2]", "{a: 1}"};
    (void)level;
    return maker_raw(m, MAKER_PICK(m, words));
}

/* Does it say what a value is, or only what more must hold? */
static bool maker_says(const Doc *schema)
{
    static const char *const says[] = {"type", "enum", "const", "$ref", "anyOf", NULL};
    for (int i = 0; says[i]; i++)
        if (doc_get(schema, says[i])) return true;
    return false;
}


/* A member that fits both; the narrower one says what it is, if it says it. */
static ConfNode *maker_member(Maker *m, const char *key, const Doc *narrow, const Doc *wide, int level)
{
    const Doc *from = narrow && maker_says(narrow) ? narrow : wide && maker_says(wide) ? wide : narrow;
    ConfNode *node = NULL;
    for (int tries = 0; tries < 12; tries++) {
        node = maker_make(m, from, from == narrow ? wide : narrow, level + 1);
        if ((!narrow || maker_fits(m, narrow, node)) && (!wide || maker_fits(m, wide, node))) break;
    }
    node->key = key;
    return node;
}

static bool maker_has(const ConfNode *map, const char *key)
{
    return conf_get(map, key) != NULL;
}

static void maker_add(Maker *m, ConfNode *map, const char *key, const Doc *a, const Doc *b, int level)
{
    const Doc *narrow = doc_get(doc_get(a, "properties"), key), *wide = doc_get(doc_get(b, "properties"), key);
    const bool never = (doc_kind(narrow) == DOC_BOOL && !doc_to_bool(narrow, true)) || (!narrow && !wide);
    if (never || maker_has(map, key)) return;
    maker_put(map, maker_member(m, key, doc_kind(narrow) == DOC_OBJECT ? narrow : NULL, wide, level));
}

static void maker_add_some(Maker *m, ConfNode *map, const Doc *a, const Doc *b, int level)
{
    const Doc *properties = doc_get(doc_count(doc_get(b, "properties")) > doc_count(doc_get(a, "properties")) ? b : a,
                                    "properties"), *value;
    const char *key;
    for (int i = maker_below(m, level == 0 ? 7 : 5); i > 0 && doc_count(properties) > 0; i--)
        if (doc_member(properties, (size_t)maker_below(m, doc_count(properties)), &key, &value))
            maker_add(m, map, key, a, b, level);
}

static void maker_swap(const ConfNode *map)
{
    ConfNode *min = (ConfNode *)conf_get(map, "min"), *max = (ConfNode *)conf_get(map, "max");
    if (!min || !max || strtod(min->text, NULL) <= strtod(max->text, NULL)) return;
    const char *kept = min->text;
    min->text = max->text;
    max->text = kept;
}

/* As many shares as there are values, in sum 1. */
static void maker_share(Maker *m, const ConfNode *map)
{
    ConfNode *values = (ConfNode *)conf_get(map, "values"), *shares = (ConfNode *)conf_get(map, "probabilities");
    if (!values || !shares || maker_odds(m, 0.1) || values->kind != CONF_LIST) return;
    shares->kind = CONF_LIST;
    shares->first = NULL;
    shares->n = 0;
    for (int i = 0; i < values->n; i++)
        maker_put(shares, maker_raw(m, arena_print(m->arena, "%.17g", 1.0 / values->n)));
}

static ConfNode *maker_map(Maker *m, const Doc *a, const Doc *b, int level)
{
    static const char *const names[] = {"a", "b", "lr", "x_1", "group.c", "w", "bad", "good", "p"};
    ConfNode *map = maker_node(m, CONF_MAP, "");
    const Doc *both[] = {a, b}, *others = doc_get(a, "additionalProperties"), *one;
    const char *ignored;
    for (int s = 0; s < 2; s++)
        for (size_t i = 0; i < doc_count(doc_get(both[s], "required")); i++)
            maker_add(m, map, doc_to_text(doc_at(doc_get(both[s], "required"), i), ""), a, b, level);
    maker_add_some(m, map, a, b, level);
    if (doc_member(doc_get(a, "patternProperties"), 0, &ignored, &one)) others = one;
    const int more = doc_kind(others) == DOC_OBJECT ? 1 + maker_below(m, 2) : 0;
    for (int i = 0; i < more; i++) {
        const char *name = MAKER_PICK(m, names);
        if (!maker_has(map, name)) maker_put(map, maker_member(m, name, others, NULL, level));
    }
    maker_swap(map);
    maker_share(m, map);
    return map;
}

static ConfNode *maker_list(Maker *m, const Doc *schema, int level)
{
    ConfNode *list = maker_node(m, CONF_LIST, "");
    const int least = (int)doc_to_number(doc_get(schema, "minItems"), 0), n = least + maker_below(m, 3);
    const Doc *items = doc_get(schema, "items"), *first = doc_get(schema, "prefixItems");
    for (int i = 0; i < n; i++) {
        const Doc *one = (size_t)i < doc_count(first) ? doc_at(first, (size_t)i) : items;
        maker_put(list, one ? maker_make(m, one, NULL, level + 1) : maker_anything(m, level));
    }
    return list;
}

static ConfNode *maker_typed(Maker *m, const Doc *schema, const Doc *beside, int level)
{
    const Doc *type = doc_get(schema, "type");
    const char *word = doc_to_text(type, NULL);
    if (doc_count(type) > 0) word = doc_to_text(doc_at(type, (size_t)maker_below(m, doc_count(type))), NULL);
    if (doc_count(type) == 2 && maker_odds(m, 0.8)) word = doc_to_text(doc_at(type, 0), NULL); /* rarely null */
    if (!word) word = doc_get(schema, "properties") || doc_get(schema, "required") ? "object" : "string";
    if (strcmp(word, "null") == 0) return maker_raw(m, maker_odds(m, 0.5) ? "null" : "~");
    if (strcmp(word, "boolean") == 0) return maker_raw(m, maker_odds(m, 0.5) ? "true" : "false");
    if (strcmp(word, "integer") == 0) return maker_number(m, schema, true);
    if (strcmp(word, "number") == 0) return maker_number(m, schema, false);
    if (strcmp(word, "array") == 0) return maker_list(m, schema, level);
    if (strcmp(word, "object") == 0) return maker_map(m, schema, beside, level);
    return maker_text(m, schema);
}

/* `beside`: what is said of the same value elsewhere; NULL: nothing. */
static ConfNode *maker_make(Maker *m, const Doc *schema, const Doc *beside, int level)
{
    if (level > 12 || !schema || doc_kind(schema) != DOC_OBJECT || doc_count(schema) == 0)
        return maker_anything(m, level);
    const Doc *list;
    if (doc_get(schema, "$ref"))
        return maker_make(m, schema_target(m->root, doc_to_text(doc_get(schema, "$ref"), "")), beside, level);
    if (doc_get(schema, "const")) return maker_of(m, doc_get(schema, "const"));
    if ((list = doc_get(schema, "enum"))) return maker_of(m, doc_at(list, (size_t)maker_below(m, doc_count(list))));
    if ((list = doc_get(schema, "anyOf"))) {
        const Doc *one = doc_at(list, (size_t)maker_below(m, doc_count(list)));
        const bool map = doc_get(schema, "properties") && (doc_get(one, "properties") || doc_get(one, "required"));
        if (map) return maker_map(m, one, schema, level);
        return maker_make(m, one, doc_get(schema, "properties") ? schema : beside, level);
    }
    return maker_typed(m, schema, beside, level);
}

/* ---- spoiling ------------------------------------------------------------------------------------ */

static int maker_size(const ConfNode *node)
{
    int n = 1;
    for (const ConfNode *child = node->first; child; child = child->next) n += maker_size(child);
    return n;
}

static ConfNode *maker_at(ConfNode *node, int *left)
{
    if ((*left)-- == 0) return node;
    for (ConfNode *child = node->first; child; child = child->next) {
        ConfNode *found = maker_at(child, left);
        if (found) return found;
    }
    return NULL;
}

static void maker_replace(ConfNode *node, const ConfNode *by)
{
    node->kind = by->kind;
    node->text = by->text;
    node->integer = by->integer;
    node->first = by->first;
    node->n = by->n;
}

/* Wrong type, out of range, unknown, missing and doubled keys, and what YAML is known for. */
static void maker_spoil(Maker *m, ConfNode *root)
{
    static const char *const quirks[] = {
        "yes", "no", "on", "Off", "True", "FALSE", "~", "null", "Null", "1e5", "1E-3", "0x10", "0o17", "017", "1_000",
        "+3", "-0.0", ".5", "3.", "3.0", "1e400", ".inf", "-.inf", ".nan", "'5'", "\"0.1\"", "\"\"", "1:30", "!!float 1",
        "!!str 5", "!!int 3", "!!bool true", "-1", "1000000000000", "-5.5", "0", "1.5", "1e-320", "[]", "{}", "[1]",
        "{a: 1}", "[[]]", "[null]", "text", "none", "auto", "all", "\"none\"", "90s", "\"90\"", "1h 5m", "2 GiB", "5m1h"};
    static const char *const keys[] = {"learning_rat", "foo", "min", "values", "type", "Name", "lr", "$schema", "seed",
                                       "distribution", "order", "metrics", "program", "data", "a b"};
    int left = maker_below(m, (size_t)maker_size(root));
    ConfNode *node = maker_at(root, &left);
    const double dice = rng_uniform(&m->rng);
    if (dice < 0.45 && node != root) {
        maker_replace(node, maker_raw(m, MAKER_PICK(m, quirks)));
    } else if (dice < 0.6 && node->key) {
        node->key = maker_odds(m, 0.7) ? MAKER_PICK(m, keys) : arena_print(m->arena, "%s_", node->key);
    } else if (dice < 0.75 && node->n > 0) { /* one less */
        ConfNode **at = &node->first;
        for (int skip = maker_below(m, (size_t)node->n); skip > 0; skip--) at = &(*at)->next;
        *at = (*at)->next;
        node->n--;
    } else if (dice < 0.9 && node->kind == CONF_MAP) { /* one more */
        ConfNode *more = maker_raw(m, MAKER_PICK(m, quirks));
        more->key = MAKER_PICK(m, keys);
        maker_put(node, more);
    } else if (node->kind == CONF_TEXT && node != root) { /* an alias to a value, or to nothing */
        ConfNode *first = root->first;
        if (first && first->kind == CONF_TEXT && first != node && *first->text != '&') {
            Text text = {0};
            maker_write(first, &text);
            maker_replace(first, maker_raw(m, arena_print(m->arena, "&one %s", text.bytes)));
            text_free(&text);
            maker_replace(node, maker_raw(m, "*one"));
        }
    } else {
        maker_put(node->kind == CONF_MAP || node->kind == CONF_LIST ? node : root, maker_raw(m, "1"));
        ConfNode *last = node->kind == CONF_MAP || node->kind == CONF_LIST ? node->first : root->first;
        while (last && last->next) last = last->next;
        if (last && !last->key) last->key = "none_such";
    }
}
#endif
