#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/expr.h"
#include "base/rng.h"
#include "tests/arena_fixture.h"

static const char *const names[] = {"num_layers", "optimizer", "n_params", "nesterov", "width_1", "absent", "hidden",
                                    "augment.rotate", "lr-decay", "lr", NULL};
static const Value values[] = {{VALUE_INT, 2, NULL}, {VALUE_TEXT, 0, "sgd"}, {VALUE_INT, 5e5, NULL}, {VALUE_BOOL, 1, NULL},
                               {VALUE_INT, 96, NULL}, {VALUE_NONE, 0, NULL}, {VALUE_LIST, 0, "[256,128]"},
                               {VALUE_REAL, 7.5, NULL}, {VALUE_REAL, 0.25, NULL}, {VALUE_REAL, 0.5, NULL}};

static const Expr *parse(const char *text)
{
    const Expr *expr = NULL;
    Error err = {0};
    if (!expr_parse(text, names, arena, &expr, &err)) fail_msg("%s", err.message);
    return expr;
}

static void conditions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool holds;
    } cases[] = {
        {"num_layers >= 2", true}, {"num_layers > 2", false}, {"optimizer == sgd", true}, {"optimizer == 'sgd'", true},
        {"\"adam\" == optimizer", false}, {"sgd == optimizer", true}, {"optimizer != adam", true},
        {"optimizer in [adam, sgd]", true}, {"optimizer not in [adam, sgd]", false}, {"num_layers in [1, 3]", false},
        {"num_layers in []", false}, {"n_params <= 1e6 and not nesterov", false}, {"n_params <= 1e6 and nesterov", true},
        {"num_layers < 2 or width_1 <= 96", true}, {"not num_layers == 3", true}, {"not (num_layers == 2)", false},
        {"nesterov == true", true}, {"nesterov == 1", true}, {"nesterov != false", true},
        {"absent > 3", false}, {"absent == 3", false}, {"absent != 3", false}, {"not absent == 3", true},
        {"absent in [1]", false}, {"absent not in [1]", false}, {"absent + 1 == 1", false}, {"absent", false},
        {"absent == absent", false}, {"optimizer > 3", false}, {"optimizer == 3", false}, {"optimizer != 3", true},
        {"optimizer < 'sgf'", true}, {"hidden == [256, 128]", true}, {"hidden == [256]", false},
        {"hidden in [[64], [256,128]]", true}, {"hidden in [[64], ['a']]", false}, {"augment.rotate > 7", true},
        {"lr-decay == 0.25", true}, {"lr - 0.25 == lr-decay", true}, {"lr -0.5 == 0", true},
        {"true or absent / 0 > 1", true}, {"false", false}, {"1", true}, {"0", false}, {"num_layers == 2 and optimizer == sgd or false", true},
        {"false and false or true", true}, {"true or true and false", true}, {"1 - 1 - 1 == -1", true}, {"2 + 3 * 4 == 14", true},
        {"-num_layers == -2", true}, {"- 3 % 5 == 2", true}, {"8 / 2 / 2 == 2", true}, {"num_layers+1==3", true},
        {"num_layers in [1, 1 + 1]", true}, {"notable == optimizer", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (expr_true(parse(cases[i].text), values) != cases[i].holds) fail_msg("%s", cases[i].text);
}

static void arithmetic(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        ValueKind kind;
        double number;
    } cases[] = {
        {"width_1 / 2", VALUE_INT, 48}, {"width_1 / 64", VALUE_REAL, 1.5}, {"max(width_1, 64) * 2", VALUE_INT, 192},
        {"min(3, num_layers, 1.5)", VALUE_REAL, 1.5}, {"floor(augment.rotate)", VALUE_INT, 7}, {"ceil(7.2)", VALUE_INT, 8},
        {"round(7.5)", VALUE_INT, 8}, {"abs(-3)", VALUE_INT, 3}, {"log(exp(2.0))", VALUE_REAL, 2}, {"sqrt(9)", VALUE_REAL, 3},
        {"log2(8)", VALUE_REAL, 3}, {"7 % 4", VALUE_INT, 3}, {"-7 % 4", VALUE_INT, 1}, {"7.5 % -2", VALUE_REAL, -0.5},
        {"1 / 0", VALUE_NONE, 0}, {"1 % 0", VALUE_NONE, 0}, {"log(0)", VALUE_NONE, 0}, {"sqrt(-1)", VALUE_NONE, 0},
        {"exp(1e6)", VALUE_NONE, 0}, {"1e300 * 1e300", VALUE_NONE, 0}, {"absent * 2", VALUE_NONE, 0},
        {"max(absent, 2)", VALUE_NONE, 0}, {"max(2, absent)", VALUE_NONE, 0}, {"optimizer + 1", VALUE_NONE, 0},
        {"nesterov + 1", VALUE_INT, 2}, {"0x10 + .5", VALUE_REAL, 16.5}, {"(1 + 2) * (3 - 4)", VALUE_INT, -3},
        {"2e3", VALUE_INT, 2000}, {"9007199254740992 * 2", VALUE_REAL, 0x1p54}, {"--2", VALUE_INT, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Value v = expr_eval(parse(cases[i].text), values);
        if (v.kind != cases[i].kind || fabs(v.number - cases[i].number) > 1e-12 * fabs(v.number))
            fail_msg("%s: kind %d, %.17g", cases[i].text, (int)v.kind, v.number);
    }
    assert_string_equal(expr_eval(parse("optimizer"), values).text, "sgd");
    assert_string_equal(expr_eval(parse("'x'"), values).text, "x");
}

static const struct {
    const char *text, *message;
} bad[] = {
    {"", "``: expected a value at character 1 (the end)"},
    {"num_layers >", "`num_layers >`: expected a value at character 13 (the end)"},
    {"num_layers = 2", "`num_layers = 2`: use == to compare; expected an operator at character 12"},
    {"num_layers && 2", "`num_layers && 2`: write `and`; expected an operator at character 12"},
    {"!nesterov", "`!nesterov`: write `not` at character 1"},
    {"num_layer > 2", "`num_layer > 2`: unknown name `num_layer` at character 1; did you mean `num_layers`?"},
    {"optimzer == sgd", "`optimzer == sgd`: unknown name `optimzer` at character 1; did you mean `optimizer`?"},
    {"sgd", "`sgd`: unknown name `sgd` at character 1"},
    {"widht_1 / 2", "`widht_1 / 2`: unknown name `widht_1` at character 1; did you mean `width_1`?"},
    {"2 * widht_1", "`2 * widht_1`: unknown name `widht_1` at character 5; did you mean `width_1`?"},
    {"num_layers == 2 and optimise", "`num_layers == 2 and optimise`: unknown name `optimise` at character 21; did you mean `optimizer`?"},
    {"max(foo, 2)", "`max(foo, 2)`: unknown name `foo` at character 5"},
    {"foo in [1]", "`foo in [1]`: unknown name `foo` at character 1"},
    {"(num_layers", "`(num_layers`: expected `)` at character 12 (the end)"},
    {"num_layers)", "`num_layers)`: expected an operator or the end at character 11"},
    {"nesterov orbit", "`nesterov orbit`: expected an operator or the end at character 10"},
    {"num_layers 2", "`num_layers 2`: expected an operator or the end at character 12"},
    {"optimizer == 'sgd", "`optimizer == 'sgd`: this quoted text is never closed at character 14"},
    {"1 < num_layers < 3", "`1 < num_layers < 3`: comparisons do not chain: write `a < b and b < c`; a second one ends at character 17"},
    {"num_layers in 3", "`num_layers in 3`: expected a list, [a, b], at character 15"},
    {"num_layers in [1, 2", "`num_layers in [1, 2`: expected `,` or `]` at character 20 (the end)"},
    {"foo(2)", "`foo(2)`: no such function (min max abs floor ceil round log log2 exp sqrt) at character 1"},
    {"abs(1, 2)", "`abs(1, 2)`: this function takes one value at character 8"},
    {"max()", "`max()`: expected a value at character 5"},
    {"2 ** 3", "`2 ** 3`: expected a value at character 4"},
    {"64x", "`64x`: expected a number at character 1"},
    {"1.2.3", "`1.2.3`: expected a number at character 1"},
    {"1 + or", "`1 + or`: expected a value at character 5"},
    {"hidden == [num_layers]", "`hidden == [num_layers]`: expected a number or a text at character 12"},
    {"not", "`not`: expected a value at character 4 (the end)"},
    {"\x01", "` `: expected a value at character 1"},
};

static void refusals_name_the_character(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const Expr *expr = NULL;
        Error err = {0};
        if (expr_parse(bad[i].text, names, arena, &expr, &err)) fail_msg("took %s", bad[i].text);
        assert_string_equal(err.message, bad[i].message);
        assert_int_equal(err.code, ERR_CONFIG);
        assert_null(expr);
    }
}

static void size_and_depth_are_bounded(void **state)
{
    (void)state;
    static const char *const units[] = {"(", "not ", "-", "1+", "max(", "[", "1 or ", "num_layers == [", "1,"};
    char text[6000];
    const Expr *expr;
    for (size_t u = 0; u < sizeof units / sizeof *units; u++)
        for (size_t size = 4000; size <= 5000; size += 1000) {
            Error err = {0};
            text[0] = '\0';
            for (size_t n = 0; n + strlen(units[u]) < size; n += strlen(units[u])) strcat(text, units[u]);
            strcat(text, "1");
            assert_false(expr_parse(text, names, arena, &expr, &err));
            assert_int_equal(err.code, ERR_CONFIG);
        }
}

static void damaged_expressions_never_crash(void **state)
{
    (void)state;
    static const char *const pieces[] = {"num_layers", "optimizer", "sgd", "1", "2.5", "(", ")", "[", "]", ",", "+", "-", "*", "/",
                                         "%", "==", "!=", "<", "<=", "in", "not", "and", "or", "max(", "log(", "'a'", "true", "absent",
                                         " ", " ", " ", "\"", "\xff", "hidden"};
    enum { N = sizeof pieces / sizeof *pieces };
    Rng rng = rng_stream(9, 0, RNG_TEST);
    int good = 0;
    for (int round = 0; round < 20000; round++) {
        char text[200] = "";
        for (uint32_t k = rng_below(&rng, 10) + 1; k > 0; k--) strcat(text, pieces[rng_below(&rng, N)]);
        const Expr *expr;
        Error err = {0};
        if (expr_parse(text, names, arena, &expr, &err)) {
            Value v = expr_eval(expr, values);
            assert_true((v.kind != VALUE_INT && v.kind != VALUE_REAL) || isfinite(v.number));
            good++;
        } else {
            assert_int_equal(err.code, ERR_CONFIG);
        }
        arena_reset(arena);
    }
    assert_in_range(good, 100, 10000);
}

static void collect(void *context, const char *text)
{
    strcat(strcat(context, text), " ");
}

static void knows_its_names_and_words(void **state)
{
    (void)state;
    const Expr *expr = parse("num_layers >= 2 and optimizer in [sgd, 'adam', lion] or max(1, lr) == 3 and optimizer != momentum");
    static const bool used[] = {true, true, false, false, false, false, false, false, false, true};
    for (int i = 0; i < 10; i++) assert_int_equal(expr_uses(expr, i), used[i]);
    char words[100] = "";
    expr_words(expr, collect, words);
    assert_string_equal(words, "sgd lion momentum ");
}

static void running_out_of_memory_is_reported(void **state)
{
    (void)state;
    bool done = false;
    for (long n = 0; !done; n++) {
        Arena *own = arena_create(0);
        const Expr *expr;
        Error err = {0};
        arena_fail_after(own, n);
        done = expr_parse("optimizer in [sgd, 'x'] and max(1, num_layers) / 2 > -1 or hidden == [1]", names, own, &expr, &err);
        if (!done) assert_int_equal(err.code, ERR_MEMORY);
        assert_true(n < 100);
        arena_destroy(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions),
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(refusals_name_the_character),
        cmocka_unit_test(size_and_depth_are_bounded),
        cmocka_unit_test(damaged_expressions_never_crash),
        cmocka_unit_test(knows_its_names_and_words),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests_name("base/expr", tests, start, finish);
}
