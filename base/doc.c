/* A tree of JSON values: built, parsed, walked, printed. */
#include "base/doc.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/set.h"

/* The tree is ours and only the parsing is jansson's, because members are visited by position and
 * found by key in constant time here, and because a tree that failed to grow must remember it. */
struct Doc {
    DocKind kind;
    bool failed; /* something that should be below here is missing: memory ran out */
    bool exact;  /* `text` is printed as it is */
    double number;
    char *text, *key;
    Doc **children; /* of an array or object, in order */
    size_t n;
    int capacity;
    Set members; /* of an object with many: their positions by key */
};

enum { FEW = 8, MOST_BYTES = 1 << 28 };

/* What a constructor returns when memory ran out: never written to, never freed; it marks the
 * parent it is given to. */
static const Doc broken = {.kind = DOC_NULL, .failed = true};

static Doc *broken_doc(void)
{
    return (Doc *)&broken;
}

static Doc *doc_new(DocKind kind)
{
    Doc *doc = calloc(1, sizeof *doc);
    if (!doc) return broken_doc();
    doc->kind = kind;
    return doc;
}

static char *copy_bytes(const char *text, size_t n)
{
    char *copy = malloc(n + 1);
    if (!copy) return NULL;
    memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

void doc_free(Doc *doc)
{
    if (!doc || doc == &broken) return;
    for (size_t i = 0; i < doc->n; i++) doc_free(doc->children[i]);
    free(doc->children);
    set_free(&doc->members);
    free(doc->text);
    free(doc->key);
    free(doc);
}

/* ---- building ------------------------------------------------------------------------------ */

Doc *doc_object(void)
{
    return doc_new(DOC_OBJECT);
}

Doc *doc_array(void)
{
    return doc_new(DOC_ARRAY);
}

Doc *doc_null(void)
{
    return doc_new(DOC_NULL);
}

static Doc *doc_scalar(DocKind kind, double number)
{
    Doc *doc = doc_new(kind);
    if (doc != &broken) doc->number = number;
    return doc;
}

Doc *doc_bool(bool b)
{
    return doc_scalar(DOC_BOOL, b);
}

Doc *doc_number(double number)
{
    return doc_scalar(DOC_NUMBER, number);
}

static Doc *doc_text_n(const char *text, size_t n)
{
    Doc *doc = doc_new(DOC_TEXT);
    if (doc == &broken) return doc;
    doc->text = copy_bytes(text, n);
    if (doc->text) return doc;
    doc_free(doc);
    return broken_doc();
}

Doc *doc_text(const char *text)
{
    return text ? doc_text_n(text, strlen(text)) : doc_null();
}

Doc *doc_value(const Value *value)
{
    switch (value->kind) {
    case VALUE_NONE: return doc_null();
    case VALUE_BOOL: return doc_bool(value->number != 0);
    case VALUE_INT: return value->text ? doc_text(value->text) : doc_number(value->number);
    case VALUE_REAL: return doc_number(value->number);
    case VALUE_TEXT: return doc_text(value->text);
    case VALUE_LIST: break;
    }
    Error err = {.code = ERR_MEMORY};
    Text plain = {0};
    value_plain(value, &plain);
    Doc *list = text_ok(&plain) ? doc_parse(plain.bytes, plain.n, &err) : NULL;
    text_free(&plain);
    if (list) return list;
    return err.code == ERR_MEMORY ? broken_doc() : doc_text(value->text);
}

Doc *doc_exact(const Value *value)
{
    Text text = {0};
    value_exact(value, &text);
    Doc *doc = text_ok(&text) ? doc_text_n(text.bytes, text.n) : broken_doc();
    text_free(&text);
    if (doc != &broken) doc->exact = true;
    return doc;
}

static uint64_t hash_of(const Doc *object, const char *key)
{
    return set_hash(key, strlen(key), (uint64_t)(uintptr_t)object);
}

static size_t find_member(const Doc *object, const char *key) /* n when absent */
{
    if (!object->members.n) {
        for (size_t i = 0; i < object->n; i++)
            if (strcmp(object->children[i]->key, key) == 0) return i;
        return object->n;
    }
    uint32_t step = 0;
    for (int i; (i = set_next(&object->members, hash_of(object, key), &step)) >= 0;)
        if (strcmp(object->children[i]->key, key) == 0) return (size_t)i;
    return object->n;
}

/* With the FEW-th member the set begins: it takes those before it, too. */
static bool add_member(Doc *object, const char *key)
{
    for (size_t i = object->members.n ? object->n : 0; i < object->n; i++)
        if (!set_add(&object->members, NULL, hash_of(object, object->children[i]->key), (int)i)) {
            set_free(&object->members);
            return false;
        }
    return set_add(&object->members, NULL, hash_of(object, key), (int)object->n);
}

static bool append(Doc *parent, Doc *child)
{
    if (!GROW(NULL, parent->children, (int)parent->n, parent->capacity)) return false;
    if (parent->kind == DOC_OBJECT && parent->n >= FEW && !add_member(parent, child->key)) return false;
    parent->children[parent->n++] = child;
    return true;
}

static Doc *lost(Doc *parent, Doc *child)
{
    if (parent && parent != &broken) parent->failed = true;
    doc_free(child);
    return broken_doc();
}

Doc *doc_set(Doc *object, const char *key, Doc *child)
{
    if (!child) child = doc_null();
    if (!object || object == &broken || child == &broken) return lost(object, child);
    if (object->kind != DOC_OBJECT) return lost(object, child);
    free(child->key);
    child->key = copy_bytes(key, strlen(key));
    if (!child->key) return lost(object, child);
    size_t i = find_member(object, key);
    if (i < object->n) {
        doc_free(object->children[i]);
        object->children[i] = child;
        return child;
    }
    return append(object, child) ? child : lost(object, child);
}

Doc *doc_add(Doc *array, Doc *child)
{
    if (!child) child = doc_null();
    if (!array || array == &broken || child == &broken) return lost(array, child);
    if (array->kind != DOC_ARRAY || !append(array, child)) return lost(array, child);
    return child;
}

void doc_set_number(Doc *object, const char *key, double number)
{
    doc_set(object, key, doc_number(number));
}

void doc_set_text(Doc *object, const char *key, const char *text)
{
    doc_set(object, key, doc_text(text));
}

void doc_set_bool(Doc *object, const char *key, bool b)
{
    doc_set(object, key, doc_bool(b));
}

Doc *doc_copy(const Doc *doc)
{
    if (!doc) return doc_null();
    if (doc == &broken) return broken_doc();
    if (doc->kind == DOC_TEXT) {
        Doc *text = doc_text(doc->text);
        if (text != &broken) text->exact = doc->exact;
        return text;
    }
    Doc *copy = doc_scalar(doc->kind, doc->number);
    if (copy == &broken) return copy;
    copy->failed = doc->failed;
    for (size_t i = 0; i < doc->n; i++) {
        if (doc->kind == DOC_OBJECT) doc_set(copy, doc->children[i]->key, doc_copy(doc->children[i]));
        else doc_add(copy, doc_copy(doc->children[i]));
    }
    return copy;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* No deeper than jansson's own limit on nesting, 2048. A key cannot hold a NUL (not asked for), so
 * it is a string. */
static Doc *from_json(json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_NULL: return doc_null();
    case JSON_TRUE: return doc_bool(true);
    case JSON_FALSE: return doc_bool(false);
    case JSON_INTEGER:
    case JSON_REAL: return doc_number(json_number_value(json));
    case JSON_STRING: return doc_text_n(json_string_value(json), json_string_length(json));
    case JSON_ARRAY: break;
    case JSON_OBJECT: break;
    }
    if (json_is_object(json)) {
        Doc *object = doc_object();
        const char *key;
        json_t *member;
        json_object_foreach(json, key, member) doc_set(object, key, from_json(member));
        return object;
    }
    Doc *array = doc_array();
    for (size_t i = 0; i < json_array_size(json); i++)
        doc_add(array, from_json(json_array_get(json, i)));
    return array;
}

static bool has_failed(const Doc *doc)
{
    if (doc->failed) return true;
    for (size_t i = 0; i < doc->n; i++)
        if (has_failed(doc->children[i])) return true;
    return false;
}

Doc *doc_parse(const char *text, size_t n, Error *err)
{
    if (n > MOST_BYTES) {
        error_set(err, ERR_DATA, "a JSON text of %zu bytes is too large (at most %d MiB)", n,
                  MOST_BYTES >> 20);
        return NULL;
    }
    json_error_t why;
    size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL;
    json_t *json = json_loadb(text, n, flags, &why);
    if (!json) {
        if (json_error_code(&why) == json_error_out_of_memory) {
            error_memory(err);
            return NULL;
        }
        for (char *c = why.text; *c; c++) /* the text quotes the input; a message is one line */
            if ((unsigned char)*c < 0x20 || *c == 0x7F) *c = ' ';
        char *flag = strstr(why.text, " without JSON_ALLOW_NUL"); /* which is nothing that a user could set */
        const int most = flag ? (int)(flag - why.text) : (int)sizeof why.text;
        error_set(err, ERR_DATA, "JSON line %d, column %d: %.*s", why.line, why.column, most, why.text);
        return NULL;
    }
    Doc *doc = from_json(json);
    json_decref(json);
    if (!has_failed(doc)) return doc;
    doc_free(doc);
    error_memory(err);
    return NULL;
}

DocKind doc_kind(const Doc *doc)
{
    return doc ? doc->kind : DOC_NULL;
}

const Doc *doc_get(const Doc *object, const char *key)
{
    if (!object || object->kind != DOC_OBJECT) return NULL;
    size_t i = find_member(object, key);
    return i < object->n ? object->children[i] : NULL;
}

const Doc *doc_at(const Doc *array, size_t i)
{
    return array && array->kind == DOC_ARRAY && i < array->n ? array->children[i] : NULL;
}

size_t doc_count(const Doc *doc)
{
    return doc ? doc->n : 0;
}

bool doc_member(const Doc *object, size_t i, const char **key, const Doc **child)
{
    if (!object || object->kind != DOC_OBJECT || i >= object->n) return false;
    *key = object->children[i]->key;
    *child = object->children[i];
    return true;
}

double doc_to_number(const Doc *doc, double otherwise)
{
    return doc && doc->kind == DOC_NUMBER ? doc->number : otherwise;
}

const char *doc_to_text(const Doc *doc, const char *otherwise)
{
    return doc && doc->kind == DOC_TEXT ? doc->text : otherwise;
}

bool doc_to_bool(const Doc *doc, bool otherwise)
{
    return doc && doc->kind == DOC_BOOL ? doc->number != 0 : otherwise;
}

/* ---- writing ------------------------------------------------------------------------------- */

static void newline(Text *out, int indent, int level)
{
    text_add_n(out, "\n", 1);
    for (int i = 0; i < indent * level; i++) text_add_n(out, " ", 1);
}

/* An array of scalars stays on one line: curves would otherwise be pages long. */
static bool is_flat(const Doc *doc)
{
    if (doc->kind == DOC_OBJECT) return false;
    for (size_t i = 0; i < doc->n; i++)
        if (doc->children[i]->n) return false;
    return true;
}

static bool print(const Doc *doc, int indent, int level, Text *out)
{
    char number[32];
    bool ok = !doc->failed;
    switch (doc->kind) {
    case DOC_NULL: text_add(out, "null"); return ok;
    case DOC_BOOL: text_add(out, doc->number != 0 ? "true" : "false"); return ok;
    case DOC_NUMBER: text_add(out, text_number(doc->number, number)); return ok;
    case DOC_TEXT:
        if (doc->exact) text_add(out, doc->text);
        else text_json(out, doc->text);
        return ok;
    case DOC_ARRAY:
    case DOC_OBJECT: break;
    }
    bool object = doc->kind == DOC_OBJECT, spread = indent > 0 && doc->n > 0 && !is_flat(doc);
    text_add(out, object ? "{" : "[");
    for (size_t i = 0; i < doc->n; i++) {
        if (i > 0) text_add(out, indent > 0 && !spread ? ", " : ",");
        if (spread) newline(out, indent, level + 1);
        if (object) {
            text_json(out, doc->children[i]->key);
            text_add(out, indent > 0 ? ": " : ":");
        }
        ok = print(doc->children[i], indent, level + 1, out) && ok;
    }
    if (spread) newline(out, indent, level);
    text_add(out, object ? "}" : "]");
    return ok;
}

bool doc_print(const Doc *doc, int indent, Text *out)
{
    if (!doc) text_add(out, "null");
    bool ok = !doc || print(doc, indent, 0, out);
    return ok && text_ok(out);
}

bool doc_hand_over(Doc *doc, bool ok, Doc **out, Error *err)
{
    Text whole = {0};
    if (ok && !doc_print(doc, 0, &whole)) ok = error_memory(err);
    text_free(&whole);
    if (ok) *out = doc;
    else doc_free(doc);
    return ok;
}

bool doc_same(const Doc *a, const Doc *b)
{
    Text x = {0}, y = {0};
    bool same = doc_print(a, 0, &x) && doc_print(b, 0, &y) && strcmp(x.bytes, y.bytes) == 0;
    text_free(&x);
    text_free(&y);
    return same;
}
