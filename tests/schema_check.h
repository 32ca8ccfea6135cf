/* tests/schema_check.h - does a tree of YAML fit a JSON Schema? The keywords that `consort schema` uses, as draft
 * 2020-12 has them; one that is not known here is a failure, so that none goes unchecked. Written from the
 * specification, and compared with Python's jsonschema by hand.
 *
 * .inf and .nan, which JSON does not have, are numbers, as in Python and JavaScript.
 */
#ifndef CONSORT_TESTS_SCHEMA_CHECK_H
#define CONSORT_TESTS_SCHEMA_CHECK_H
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/doc.h"

static bool schema_fits(const Doc *root, const Doc *schema, const ConfNode *node);

/* "#/definitions/x": only within the document. */
static const Doc *schema_target(const Doc *root, const char *path)
{
    const Doc *at = root;
    char key[128];
    if (*path++ != '#') abort();
    while (at && *path == '/') {
        const size_t n = strcspn(++path, "/");
        snprintf(key, sizeof key, "%.*s", (int)n, path);
        at = doc_get(at, key);
        path += n;
    }
    if (!at) fprintf(stderr, "no such definition: %s\n", key), abort();
    return at;
}

static bool schema_is_number(const ConfNode *node)
{
    return node->kind == CONF_NUMBER;
}

static bool schema_is_text(const ConfNode *node)
{
    return node->kind == CONF_TEXT;
}

static bool schema_is_type(const ConfNode *node, const char *type)
{
    if (strcmp(type, "null") == 0) return node->kind == CONF_NULL;
    if (strcmp(type, "boolean") == 0) return node->kind == CONF_BOOL;
    if (strcmp(type, "number") == 0) return schema_is_number(node);
    if (strcmp(type, "integer") == 0) return schema_is_number(node) && fmod(node->number, 1) == 0;
    if (strcmp(type, "string") == 0) return schema_is_text(node);
    if (strcmp(type, "array") == 0) return node->kind == CONF_LIST;
    if (strcmp(type, "object") == 0) return node->kind == CONF_MAP;
    abort();
}

static bool schema_equal(const Doc *doc, const ConfNode *node)
{
    switch (doc_kind(doc)) {
    case DOC_NULL: return node->kind == CONF_NULL;
    case DOC_BOOL: return node->kind == CONF_BOOL && doc_to_bool(doc, false) == (node->number != 0);
    case DOC_NUMBER: return schema_is_number(node) && doc_to_number(doc, NAN) == node->number;
    case DOC_TEXT: return schema_is_text(node) && strcmp(doc_to_text(doc, ""), node->text) == 0;
    default: abort();
    }
}

static bool schema_same(const ConfNode *a, const ConfNode *b)
{
    if (schema_is_number(a) && schema_is_number(b)) return a->number == b->number;
    if (schema_is_text(a) && schema_is_text(b)) return strcmp(a->text, b->text) == 0;
    if (a->kind != b->kind) return false;
    if (a->kind == CONF_BOOL) return a->number == b->number;
    if (a->kind == CONF_NULL) return true;
    if (a->n != b->n) return false;
    const ConfNode *y = b->first;
    for (const ConfNode *x = a->first; x; x = x->next, y = y->next) {
        const ConfNode *other = a->kind == CONF_MAP ? conf_get(b, x->key) : y;
        if (!other || !schema_same(x, other)) return false;
    }
    return true;
}

static bool schema_unique(const ConfNode *list)
{
    for (const ConfNode *a = list->first; a; a = a->next)
        for (const ConfNode *b = list->first; b != a; b = b->next)
            if (schema_same(a, b)) return false;
    return true;
}

static bool schema_matches(const char *pattern, const char *text)
{
    static struct { char *pattern; regex_t compiled; } known[64];
    static int n;
    int i = 0;
    while (i < n && strcmp(known[i].pattern, pattern) != 0) i++;
    if (i == n) {
        known[n].pattern = strdup(pattern);
        if (n == 64 || regcomp(&known[n++].compiled, pattern, REG_EXTENDED | REG_NOSUB)) abort();
    }
    return regexec(&known[i].compiled, text, 0, NULL, 0) == 0;
}

static int schema_letters(const char *text)
{
    int n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static bool schema_member_fits(const Doc *root, const Doc *schema, const ConfNode *member)
{
    const Doc *rule = doc_get(doc_get(schema, "properties"), member->key);
    const Doc *others = doc_get(schema, "additionalProperties"), *one;
    const char *pattern;
    bool known = rule != NULL;
    if (rule && !schema_fits(root, rule, member)) return false;
    for (size_t i = 0; doc_member(doc_get(schema, "patternProperties"), i, &pattern, &one); i++) {
        if (!schema_matches(pattern, member->key)) continue;
        known = true;
        if (!schema_fits(root, one, member)) return false;
    }
    return known || !others || schema_fits(root, others, member);
}

static bool schema_members_fit(const Doc *root, const Doc *schema, const ConfNode *node)
{
    for (const ConfNode *member = node->first; member; member = member->next)
        if (!schema_member_fits(root, schema, member)) return false;
    return true;
}

static bool schema_items_fit(const Doc *root, const Doc *schema, const ConfNode *node)
{
    const Doc *first = doc_get(schema, "prefixItems"), *rest = doc_get(schema, "items");
    size_t i = 0;
    for (const ConfNode *item = node->first; item; item = item->next, i++) {
        const Doc *rule = i < doc_count(first) ? doc_at(first, i) : rest;
        if (rule && !schema_fits(root, rule, item)) return false;
    }
    return true;
}

/* How many of an array of schemas fit; stops at `enough`. */
static size_t schema_count(const Doc *root, const Doc *list, const ConfNode *node, size_t enough)
{
    size_t n = 0;
    for (size_t i = 0; i < doc_count(list) && n < enough; i++) n += schema_fits(root, doc_at(list, i), node);
    return n;
}

static bool schema_keyword(const Doc *root, const Doc *schema, const char *word, const Doc *rule,
                           const ConfNode *node)
{
    const bool number = schema_is_number(node), text = schema_is_text(node), map = node->kind == CONF_MAP,
               list = node->kind == CONF_LIST;
    const double limit = doc_to_number(rule, NAN);
#define IS(name) (strcmp(word, name) == 0)
    if (IS("$ref")) return schema_fits(root, schema_target(root, doc_to_text(rule, "")), node);
    if (IS("type")) {
        bool any = doc_kind(rule) == DOC_TEXT && schema_is_type(node, doc_to_text(rule, ""));
        for (size_t i = 0; i < doc_count(rule); i++) any = any || schema_is_type(node, doc_to_text(doc_at(rule, i), ""));
        return any;
    }
    if (IS("const")) return schema_equal(rule, node);
    if (IS("enum")) {
        for (size_t i = 0; i < doc_count(rule); i++)
            if (schema_equal(doc_at(rule, i), node)) return true;
        return false;
    }
    if (IS("minimum")) return !number || node->number >= limit;
    if (IS("maximum")) return !number || node->number <= limit;
    if (IS("exclusiveMinimum")) return !number || node->number > limit;
    if (IS("exclusiveMaximum")) return !number || node->number < limit;
    if (IS("minLength")) return !text || schema_letters(node->text) >= limit;
    if (IS("maxLength")) return !text || schema_letters(node->text) <= limit;
    if (IS("pattern")) return !text || schema_matches(doc_to_text(rule, ""), node->text);
    if (IS("minItems")) return !list || node->n >= limit;
    if (IS("maxItems")) return !list || node->n <= limit;
    if (IS("uniqueItems")) return !list || schema_unique(node);
    if (IS("items") || IS("prefixItems")) return !list || schema_items_fit(root, schema, node);
    if (IS("minProperties")) return !map || node->n >= limit;
    if (IS("maxProperties")) return !map || node->n <= limit;
    if (IS("required")) {
        for (size_t i = 0; map && i < doc_count(rule); i++)
            if (!conf_get(node, doc_to_text(doc_at(rule, i), ""))) return false;
        return true;
    }
    if (IS("properties")) return !map || schema_members_fit(root, schema, node);
    if (IS("patternProperties") || IS("additionalProperties"))
        return !map || doc_get(schema, "properties") || schema_members_fit(root, schema, node);
    if (IS("allOf")) return schema_count(root, rule, node, doc_count(rule)) == doc_count(rule);
    if (IS("anyOf")) return schema_count(root, rule, node, 1) == 1;
    if (IS("not")) return !schema_fits(root, rule, node);
    if (IS("if")) {
        const Doc *then = doc_get(schema, schema_fits(root, rule, node) ? "then" : "else");
        return !then || schema_fits(root, then, node);
    }
    static const char *const silent[] = {"then", "else", "description", "default", "title", "definitions",
                                         "$schema", "$comment", NULL};
    if (names_find(silent, word) < 0) fprintf(stderr, "unknown keyword: %s\n", word), abort();
    return true;
#undef IS
}

static bool schema_fits(const Doc *root, const Doc *schema, const ConfNode *node)
{
    const char *word;
    const Doc *rule;
    if (doc_kind(schema) == DOC_BOOL) return doc_to_bool(schema, true);
    if (doc_kind(schema) != DOC_OBJECT) abort();
    for (size_t i = 0; doc_member(schema, i, &word, &rule); i++)
        if (!schema_keyword(root, schema, word, rule, node)) return false;
    return true;
}
#endif
