/* base/doc.h - JSON documents: reading, building, writing. The one caller of the JSON library.
 *
 * A Doc is a node of a tree: null, truth value, number, text, array or object (members keep the
 * order they were added in). Reading is strict: one document, UTF-8, no duplicate keys, depth and
 * size limited; the error names line and column. Numbers are doubles written so that they read
 * back the same; nan and infinities are written as null.
 *
 * Memory  a tree is owned by its root: doc_free(root). A node given to doc_set or doc_add belongs
 *         to the parent from then on, also when that fails. Text returned is the node's.
 *         Building never needs checks at each step: a failed allocation makes doc_print fail.
 *         (A NULL child is stored as null; a NULL parent swallows the child.)
 */
#ifndef CONSORT_BASE_DOC_H
#define CONSORT_BASE_DOC_H
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "base/value.h"

typedef struct Doc Doc;

Doc *doc_parse(const char *text, size_t n, Error *err);
void doc_free(Doc *doc);

Doc *doc_object(void);
Doc *doc_array(void);
Doc *doc_null(void);
Doc *doc_bool(bool b);
Doc *doc_number(double number);
Doc *doc_text(const char *text); /* NULL -> null */
Doc *doc_value(const Value *value);
Doc *doc_exact(const Value *value); /* printed as value_exact has it; not to be walked */
Doc *doc_copy(const Doc *doc); /* deep */
/* Both return the child, so that trees read top-down:
 *     Doc *metrics = doc_set(trial, "metrics", doc_object()); */
Doc *doc_set(Doc *object, const char *key, Doc *child);
Doc *doc_add(Doc *array, Doc *child);
void doc_set_number(Doc *object, const char *key, double number);
void doc_set_text(Doc *object, const char *key, const char *text);
void doc_set_bool(Doc *object, const char *key, bool b);

typedef enum { DOC_NULL, DOC_BOOL, DOC_NUMBER, DOC_TEXT, DOC_ARRAY, DOC_OBJECT } DocKind;
DocKind doc_kind(const Doc *doc);               /* NULL counts as null */
const Doc *doc_get(const Doc *object, const char *key); /* NULL when absent or not an object */
const Doc *doc_at(const Doc *array, size_t i);
size_t doc_count(const Doc *doc);               /* of an array or object, else 0 */
/* Visits an object's members in order: for (size_t i = 0; doc_member(o, i, &key, &child); i++) */
bool doc_member(const Doc *object, size_t i, const char **key, const Doc **child);
double doc_to_number(const Doc *doc, double otherwise);
const char *doc_to_text(const Doc *doc, const char *otherwise);
bool doc_to_bool(const Doc *doc, bool otherwise);

/* Do they print the same? False also when memory ran out. */
bool doc_same(const Doc *a, const Doc *b);
/* Appends the document; indent 0 is one line. False when memory ran out on the way. */
bool doc_print(const Doc *doc, int indent, Text *out);
/* The end of building one: `doc` to *out where that went well (`ok`) and nothing in it was lost to a failed
 * allocation; else it is freed, and ERR_MEMORY unless `ok` was false already. */
bool doc_hand_over(Doc *doc, bool ok, Doc **out, Error *err);
#endif
