/* base/value.h - one setting's value, whatever its type.
 *
 * What a search space proposes, a trial row stores and a settings table takes: a number, a word,
 * a truth value, or a list (kept as its canonical JSON text, "[256,128]", because a list is one
 * categorical choice and never taken apart by a sampler; a map or a null, which the programs of other
 * people take, is kept the same way). VALUE_NONE is a conditional parameter that does not apply.
 *
 * Two texts of a value. Exact, as Python's json.dumps writes it: 3.0, Infinity, 12345678901234567890, so
 * that a program gets the value that stands in the file. Plain, strict JSON, as rows and identities have
 * it: 3, "Infinity", "12345678901234567890"; which of the two was meant is known from the search space.
 *
 * Memory  text is borrowed; whoever makes a Value says from where.
 */
#ifndef CONSORT_BASE_VALUE_H
#define CONSORT_BASE_VALUE_H
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

typedef enum { VALUE_NONE, VALUE_BOOL, VALUE_INT, VALUE_REAL, VALUE_TEXT, VALUE_LIST } ValueKind;

typedef struct {
    ValueKind kind;
    double number;    /* BOOL 0 or 1, INT, REAL (also infinities and nan) */
    const char *text; /* TEXT; LIST: canonical JSON, exact; INT beyond 2^53: its digits; else NULL */
} Value;

static inline Value value_none(void) { return (Value){VALUE_NONE, 0, NULL}; }
static inline Value value_bool(bool b) { return (Value){VALUE_BOOL, b, NULL}; }
static inline Value value_int(double i) { return (Value){VALUE_INT, i, NULL}; }
static inline Value value_real(double r) { return (Value){VALUE_REAL, r, NULL}; }
static inline Value value_text(const char *t) { return (Value){VALUE_TEXT, 0, t}; }
static inline Value value_list(const char *json) { return (Value){VALUE_LIST, 0, json}; }

/* Same kind and content; 1 and 1.0 are equal, and what is the same in plain text. */
bool value_equal(const Value *a, const Value *b);
/* As JSON: numbers with 17 significant digits where needed and fewer where they read back the
 * same, text quoted and escaped, NONE as null. Returns the length as snprintf does. */
size_t value_json(const Value *value, char *out, size_t size);
/* The same for people: text without quotes, numbers with up to 6 significant digits. */
size_t value_label(const Value *value, char *out, size_t size);

/* ---- exact and plain (value_text.c) ---- */

void value_plain(const Value *value, Text *out);
void value_exact(const Value *value, Text *out);
bool value_alike(const Value *a, const Value *b); /* the same in plain text */
bool value_is_null(const Value *value);           /* the null that is a choice, not VALUE_NONE */
/* A whole number of more digits than a double holds? */
bool value_is_long(const char *number, size_t n);
/* What a LIST's text consists of, piece by piece: "texts", numbers, words (true, null, -Infinity), and
 * single marks. `n` is the length of the piece at `at`. */
typedef enum { PIECE_END, PIECE_TEXT, PIECE_NUMBER, PIECE_WORD, PIECE_MARK } PieceKind;
PieceKind value_piece(const char *at, size_t *n);
#endif
