/* Fuzzes the reader of expressions, and evaluates what it accepts over values of every kind. */
#include "base/expr.h"
#include "tests/fuzz/fuzz.h"

static const char *const names[] = {"a", "b", "width_1", "optimizer", "augment.x", "none", NULL};

static void forget(void *context, const char *word)
{
    (void)context;
    FUZZ_HOLDS(word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const Value some[] = {{VALUE_INT, 3, NULL},       {VALUE_REAL, -0.5, NULL}, {VALUE_INT, 0, NULL},
                                 {VALUE_TEXT, 0, "sgd"},     {VALUE_BOOL, 1, NULL},    {VALUE_NONE, 0, NULL},
                                 {VALUE_LIST, 0, "[1,2]"},   {VALUE_REAL, 1e308, NULL},
                                 {VALUE_INT, 0x1p53, NULL}, {VALUE_TEXT, 0, ""}};
    enum { N = sizeof some / sizeof *some };
    Arena *arena = fuzz_arena();
    const Expr *expr;
    Error err;
    char *text = fuzz_string(data, size);
    if (expr_parse(text, names, arena, &expr, &err)) {
        for (int i = 0; i < N; i++) {
            Value values[6];
            for (int k = 0; k < 6; k++) values[k] = some[(i + k) % N];
            Value value = expr_eval(expr, values);
            FUZZ_HOLDS(value.kind == VALUE_NONE || value.kind >= VALUE_TEXT || isfinite(value.number));
            expr_true(expr, values);
        }
        for (int k = 0; k < 6; k++) expr_uses(expr, k);
        expr_words(expr, forget, NULL);
    } else {
        FUZZ_HOLDS(*err.message && !strchr(err.message, '\n'));
    }
    free(text);
    return 0;
}
