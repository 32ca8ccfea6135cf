/* base/value.h - one setting's value, whatever its type.
 *
 * What a search space proposes, a trial row stores and a settings table takes: a number, a word,
 * a truth value, or a list (kept as its canonical JSON text, "[256,128]", because a list is one
 * categorical choice and never taken apart by a sampler; a map or a null, which the programs of other
 * people take, is kept the same way). VALUE_NONE is a conditional parameter that does not apply.
 *
 * Memory  text is borrowed; whoever makes a Value says from where.
 */
#ifndef CONSORT_BASE_VALUE_H
#define CONSORT_BASE_VALUE_H
#include <stdbool.h>
#include <stddef.h>

typedef enum { VALUE_NONE, VALUE_BOOL, VALUE_INT, VALUE_REAL, VALUE_TEXT, VALUE_LIST } ValueKind;

typedef struct {
    ValueKind kind;
    double number;    /* BOOL 0 or 1, INT (|x| <= 2^53), REAL */
    const char *text; /* TEXT; LIST: canonical JSON */
} Value;

static inline Value value_none(void) { return (Value){VALUE_NONE, 0, NULL}; }
static inline Value value_bool(bool b) { return (Value){VALUE_BOOL, b, NULL}; }
static inline Value value_int(double i) { return (Value){VALUE_INT, i, NULL}; }
static inline Value value_real(double r) { return (Value){VALUE_REAL, r, NULL}; }
static inline Value value_text(const char *t) { return (Value){VALUE_TEXT, 0, t}; }
static inline Value value_list(const char *json) { return (Value){VALUE_LIST, 0, json}; }

/* Same kind and content; 1 and 1.0 are equal. */
bool value_equal(const Value *a, const Value *b);
/* As JSON: numbers with 17 significant digits where needed and fewer where they read back the
 * same, text quoted and escaped, NONE as null. Returns the length as snprintf does. */
size_t value_json(const Value *value, char *out, size_t size);
/* The same for people: text without quotes, numbers with up to 6 significant digits. */
size_t value_label(const Value *value, char *out, size_t size);
#endif
