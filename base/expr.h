/* base/expr.h - small expressions over named values: conditions, constraints, derived settings.
 *
 *     num_layers >= 2        optimizer == sgd        n_params <= 1e6 and not nesterov
 *     width_1 / 2            max(width_1, 64) * 2    "batch_size in [32, 64]"
 *
 * Grammar, loosest first:  or | and | not | == != < <= > >= in | + - | * / % | unary - |
 * numbers, 'text', "text", true, false, names, ( ), functions min max abs floor ceil round log
 * exp sqrt log2. A bare word that is no known name is text, so `optimizer == sgd` needs no quotes.
 * A comparison with a value that is absent (an inactive parameter) is false, arithmetic with it
 * is absent.
 *
 * Memory  parsed into the arena; evaluation allocates nothing.
 */
#ifndef CONSORT_BASE_EXPR_H
#define CONSORT_BASE_EXPR_H
#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"

typedef struct Expr Expr;

/* `names` (NULL-terminated) are the variables; their positions index the values later. Errors say
 * what was expected at which character. */
bool expr_parse(const char *text, const char *const *names, Arena *arena, const Expr **out,
                Error *err);
/* `values` has one entry per name. Division by zero and the like give VALUE_NONE. */
Value expr_eval(const Expr *expr, const Value *values);
bool expr_true(const Expr *expr, const Value *values);
/* Does the expression read variable i? (To order parameters and to find cycles.) */
bool expr_uses(const Expr *expr, int variable);
/* From now on the bare words `null` and `None` are the null that is a choice, not texts. */
void expr_take_null(const Expr *expr);
/* Writes the text names used by `expr` that were taken as bare words: for "did you mean". Calls
 * back for each. */
void expr_words(const Expr *expr, void (*word)(void *context, const char *text), void *context);
#endif
