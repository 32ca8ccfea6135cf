/* Conditions over parameters: a recursive descent into a tree, and walking it. */
#include "base/expr.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/text.h"

typedef enum {
    OP_CONSTANT, OP_VARIABLE, OP_WORD, /* WORD: a bare word that is no known name, a text */
    OP_OR, OP_AND, OP_NOT,
    OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_IN, OP_NOT_IN,
    OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD, OP_NEGATE,
    OP_MIN, OP_MAX, OP_ABS, OP_FLOOR, OP_CEIL, OP_ROUND, OP_LOG, OP_EXP, OP_SQRT, OP_LOG2
} Op;

struct Expr {
    Op op;
    int variable;
    Value value;         /* CONSTANT, WORD */
    const Expr *a, *b;   /* operands; of IN: the left side and the first item */
    const Expr *next;    /* further arguments of a function, further items of a list */
    size_t at;           /* where it begins, for messages */
};

/* Recursion, in parsing and later in evaluation, is bounded by these. */
enum { MOST_LETTERS = 4096, MOST_PARTS = 1000, MOST_LEVELS = 100 };

typedef struct {
    const char *text;
    size_t at;
    const char *const *names;
    Arena *arena;
    Error *err;
    int n_parts, level;
} Parser;

/* ---- reading ------------------------------------------------------------------------------- */

static const Expr *fail(Parser *parser, size_t at, const char *what)
{
    error_set(parser->err, ERR_CONFIG, "`%.120s`: %s at character %zu%s", parser->text, what, at + 1,
              parser->text[at] ? "" : " (the end)");
    return NULL;
}

static const Expr *make(Parser *parser, size_t at, Expr with)
{
    if (++parser->n_parts > MOST_PARTS) return fail(parser, at, "too many parts");
    Expr *expr = ARENA_NEW(parser->arena, Expr, 1);
    if (!expr) {
        error_memory(parser->err);
        return NULL;
    }
    *expr = with;
    expr->at = at;
    return expr;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool in_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '.';
}

static void skip_spaces(Parser *parser)
{
    while (parser->text[parser->at] && strchr(" \t\r\n", parser->text[parser->at])) parser->at++;
}

static bool take(Parser *parser, const char *symbol)
{
    skip_spaces(parser);
    size_t n = strlen(symbol);
    const char *here = parser->text + parser->at;
    if (strncmp(here, symbol, n) != 0) return false;
    if (is_letter(symbol[0]) && in_word(here[n])) return false; /* `or` in `order` */
    parser->at += n;
    return true;
}

static int name_index(const Parser *parser, const char *name, size_t n)
{
    for (int i = 0; parser->names[i]; i++)
        if (strncmp(parser->names[i], name, n) == 0 && !parser->names[i][n]) return i;
    return -1;
}

/* The word at this place. A known name with a dash in it ("lr-decay") is one word where it fits;
 * otherwise a dash is a minus. */
static size_t word_length(const Parser *parser)
{
    const char *here = parser->text + parser->at;
    size_t n = 0;
    while (in_word(here[n])) n++;
    for (int i = 0; parser->names[i]; i++) {
        size_t length = strlen(parser->names[i]);
        if (length > n && strncmp(here, parser->names[i], length) == 0 && !in_word(here[length])) n = length;
    }
    return n;
}

static const Expr *parse_or(Parser *parser);

static const Expr *unknown_word(Parser *parser, const Expr *word)
{
    error_set(parser->err, ERR_CONFIG, "`%.120s`: unknown name `%.60s` at character %zu%s", parser->text,
              word->value.text, word->at + 1, names_suggest(word->value.text, parser->names, "").text);
    return NULL;
}

/* A bare word is a text beside == != in; anywhere else it can only be a mistyped name. */
static bool is_known(Parser *parser, const Expr *expr)
{
    return expr->op != OP_WORD || unknown_word(parser, expr) != NULL;
}

static const Expr *parse_number(Parser *parser)
{
    size_t start = parser->at, n = 0;
    const char *here = parser->text + start;
    bool hex = here[0] == '0' && here[1] == 'x';
    while (in_word(here[n]) ||
           (n && !hex && (here[n] == '+' || here[n] == '-') && (here[n - 1] | 0x20) == 'e' &&
             is_digit(here[n + 1])))
        n++;
    char digits[64];
    double number;
    snprintf(digits, sizeof digits, "%.*s", n < sizeof digits ? (int)n : 0, here);
    if (!text_to_number(digits, &number)) return fail(parser, start, "expected a number");
    parser->at += n;
    bool integer = number == floor(number) && fabs(number) <= 0x1p53 && !strchr(digits, '.');
    return make(parser, start, (Expr){.op = OP_CONSTANT,
                               .value = integer ? value_int(number) : value_real(number)});
}

static const Expr *parse_quoted(Parser *parser)
{
    size_t start = parser->at;
    const char *from = parser->text + start + 1, *end = strchr(from, parser->text[start]);
    if (!end) return fail(parser, start, "this quoted text is never closed");
    char *text = arena_copy_n(parser->arena, from, (size_t)(end - from));
    if (!text) {
        error_memory(parser->err);
        return NULL;
    }
    parser->at = (size_t)(end - parser->text) + 1;
    return make(parser, start, (Expr){.op = OP_CONSTANT, .value = value_text(text)});
}

static const Expr *parse_call(Parser *parser, size_t start, size_t n)
{
    static const struct {
        const char *name;
        Op op;
    } functions[] = {{"min", OP_MIN},     {"max", OP_MAX}, {"abs", OP_ABS}, {"floor", OP_FLOOR},
                     {"ceil", OP_CEIL},   {"round", OP_ROUND}, {"log", OP_LOG}, {"exp", OP_EXP},
                     {"sqrt", OP_SQRT},   {"log2", OP_LOG2}};
    enum { N = sizeof functions / sizeof *functions };
    size_t f = 0;
    while (f < N && (strncmp(functions[f].name, parser->text + start, n) != 0 || functions[f].name[n])) f++;
    if (f == N) return fail(parser, start, "no such function (min max abs floor ceil round log log2 exp sqrt)");
    Expr *first = NULL;
    Expr **link = &first;
    do {
        const Expr *argument = parse_or(parser);
        if (!argument || !is_known(parser, argument)) return NULL;
        /* A fresh node: the argument may be shared with nothing, but its `next` must be ours. */
        const Expr *item = make(parser, argument->at, *argument);
        if (!item) return NULL;
        *link = (Expr *)item;
        link = (Expr **)&(*link)->next;
    } while (take(parser, ","));
    if (!take(parser, ")")) return fail(parser, parser->at, "expected `)`");
    if (first->next && functions[f].op != OP_MIN && functions[f].op != OP_MAX)
        return fail(parser, first->next->at, "this function takes one value");
    return make(parser, start, (Expr){.op = functions[f].op, .a = first});
}

/* "[64, 32]" as one value, the canonical text of the list. */
static const Expr *parse_list_value(Parser *parser)
{
    size_t start = parser->at;
    Text json = {0};
    const Expr *result = NULL;
    parser->at++;
    text_add(&json, "[");
    if (!take(parser, "]")) {
        bool first = true;
        do {
            char piece[512];
            const Expr *item = parse_or(parser);
            if (!item) goto done;
            if (item->op != OP_CONSTANT && item->op != OP_WORD) {
                fail(parser, item->at, "expected a number or a text");
                goto done;
            }
            Value shown = item->op == OP_WORD && !strcmp(item->value.text, "null") ? value_none() : item->value;
            if (value_json(&shown, piece, sizeof piece) >= sizeof piece) {
                fail(parser, item->at, "too long");
                goto done;
            }
            text_add(&json, first ? "" : ",");
            text_add(&json, piece);
            first = false;
        } while (take(parser, ","));
        if (!take(parser, "]")) {
            fail(parser, parser->at, "expected `,` or `]`");
            goto done;
        }
    }
    text_add(&json, "]");
    const char *text = text_ok(&json) ? arena_copy_n(parser->arena, json.bytes, json.n) : NULL;
    if (text) result = make(parser, start, (Expr){.op = OP_CONSTANT, .value = value_list(text)});
    else error_memory(parser->err);
done:
    text_free(&json);
    return result;
}

static const Expr *parse_primary(Parser *parser)
{
    skip_spaces(parser);
    size_t start = parser->at;
    char c = parser->text[start];
    if (is_digit(c) || (c == '.' && is_digit(parser->text[start + 1]))) return parse_number(parser);
    if (c == '\'' || c == '"') return parse_quoted(parser);
    if (c == '[') return parse_list_value(parser);
    if (take(parser, "(")) {
        const Expr *inner = parse_or(parser);
        if (inner && !take(parser, ")")) return fail(parser, parser->at, "expected `)`");
        return inner;
    }
    if (!is_letter(c)) return fail(parser, start, c == '!' ? "write `not`" : "expected a value");
    size_t n = word_length(parser);
    const char *word = parser->text + start;
    int variable = name_index(parser, word, n);
    if (variable < 0) {
        static const char *const reserved[] = {"or", "and", "not", "in", NULL};
        for (const char *const *r = reserved; *r; r++)
            if (strlen(*r) == n && strncmp(*r, word, n) == 0) return fail(parser, start, "expected a value");
    }
    parser->at += n;
    if (variable >= 0) return make(parser, start, (Expr){.op = OP_VARIABLE, .variable = variable});
    if (n == 4 && strncmp(word, "true", 4) == 0)
        return make(parser, start, (Expr){.op = OP_CONSTANT, .value = value_bool(true)});
    if (n == 5 && strncmp(word, "false", 5) == 0)
        return make(parser, start, (Expr){.op = OP_CONSTANT, .value = value_bool(false)});
    if (take(parser, "(")) return parse_call(parser, start, n);
    char *text = arena_copy_n(parser->arena, word, n);
    if (!text) {
        error_memory(parser->err);
        return NULL;
    }
    return make(parser, start, (Expr){.op = OP_WORD, .value = value_text(text)});
}

static const Expr *parse_unary(Parser *parser)
{
    skip_spaces(parser);
    size_t start = parser->at;
    if (++parser->level > MOST_LEVELS) return fail(parser, start, "nested too deeply");
    const Expr *result;
    if (take(parser, "-")) {
        const Expr *a = parse_unary(parser);
        if (!a || !is_known(parser, a)) return NULL;
        if (a->op == OP_CONSTANT && (a->value.kind == VALUE_INT || a->value.kind == VALUE_REAL)) {
            Expr negative = *a; /* -1 in a list is a number, not an operation */
            negative.value.number = -negative.value.number;
            result = make(parser, start, negative);
        } else {
            result = make(parser, start, (Expr){.op = OP_NEGATE, .a = a});
        }
    } else {
        take(parser, "+");
        result = parse_primary(parser);
    }
    parser->level--;
    return result;
}

static const Expr *arithmetic(Parser *parser, Op op, const Expr *a, const Expr *b)
{
    if (!a || !b || !is_known(parser, a) || !is_known(parser, b)) return NULL;
    return make(parser, a->at, (Expr){.op = op, .a = a, .b = b});
}

static const Expr *parse_product(Parser *parser)
{
    const Expr *left = parse_unary(parser);
    while (left) {
        Op op;
        if (take(parser, "*")) op = OP_MUL;
        else if (take(parser, "/")) op = OP_DIV;
        else if (take(parser, "%")) op = OP_MOD;
        else return left;
        left = arithmetic(parser, op, left, parse_unary(parser));
    }
    return NULL;
}

static const Expr *parse_sum(Parser *parser)
{
    const Expr *left = parse_product(parser);
    while (left) {
        Op op;
        if (take(parser, "+")) op = OP_ADD;
        else if (take(parser, "-")) op = OP_SUB;
        else return left;
        left = arithmetic(parser, op, left, parse_product(parser));
    }
    return NULL;
}

static bool is_constant(const Expr *expr)
{
    return expr->op == OP_CONSTANT || expr->op == OP_WORD;
}

static const Expr *parse_items(Parser *parser, Op op, const Expr *left)
{
    skip_spaces(parser);
    if (parser->text[parser->at] != '[') return fail(parser, parser->at, "expected a list, [a, b],");
    parser->at++;
    if (left->op == OP_WORD) return unknown_word(parser, left);
    Expr *first = NULL;
    Expr **link = &first;
    if (!take(parser, "]")) {
        do {
            const Expr *item = parse_or(parser);
            const Expr *node = item ? make(parser, item->at, *item) : NULL;
            if (!node) return NULL;
            *link = (Expr *)node;
            link = (Expr **)&(*link)->next;
        } while (take(parser, ","));
        if (!take(parser, "]")) return fail(parser, parser->at, "expected `,` or `]`");
    }
    return make(parser, left->at, (Expr){.op = op, .a = left, .b = first});
}

static bool take_comparison(Parser *parser, Op *op)
{
    static const struct {
        const char *symbol;
        Op op;
    } symbols[] = {{"==", OP_EQ}, {"!=", OP_NE}, {"<=", OP_LE}, {">=", OP_GE},
                   {"<", OP_LT},  {">", OP_GT},  {"in", OP_IN}};
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (take(parser, symbols[i].symbol)) {
            *op = symbols[i].op;
            return true;
        }
    size_t start = parser->at;
    if (take(parser, "not") && take(parser, "in")) {
        *op = OP_NOT_IN;
        return true;
    }
    parser->at = start;
    return false;
}

static const Expr *parse_comparison(Parser *parser)
{
    const Expr *left = parse_sum(parser), *right, *result;
    Op op, again;
    if (!left || !take_comparison(parser, &op)) return left;
    if (op == OP_IN || op == OP_NOT_IN) {
        result = parse_items(parser, op, left);
    } else {
        right = parse_sum(parser);
        if (!right) return NULL;
        bool equality = op == OP_EQ || op == OP_NE;
        if (!equality && (!is_known(parser, left) || !is_known(parser, right))) return NULL;
        if (equality && is_constant(left) && is_constant(right)) /* at least one must be a name */
            if (!is_known(parser, left) || !is_known(parser, right)) return NULL;
        result = make(parser, left->at, (Expr){.op = op, .a = left, .b = right});
    }
    if (result && take_comparison(parser, &again))
        return fail(parser, parser->at, "comparisons do not chain: write `a < b and b < c`; a second one ends");
    return result;
}

static const Expr *parse_not(Parser *parser)
{
    skip_spaces(parser);
    size_t start = parser->at;
    if (!take(parser, "not")) return parse_comparison(parser);
    if (++parser->level > MOST_LEVELS) return fail(parser, start, "nested too deeply");
    const Expr *a = parse_not(parser);
    parser->level--;
    if (!a || !is_known(parser, a)) return NULL;
    return make(parser, start, (Expr){.op = OP_NOT, .a = a});
}

static const Expr *parse_and(Parser *parser)
{
    const Expr *left = parse_not(parser);
    while (left && take(parser, "and")) left = arithmetic(parser, OP_AND, left, parse_not(parser));
    return left;
}

static const Expr *parse_or(Parser *parser)
{
    const Expr *left = parse_and(parser);
    while (left && take(parser, "or")) left = arithmetic(parser, OP_OR, left, parse_and(parser));
    return left;
}

bool expr_parse(const char *text, const char *const *names, Arena *arena, const Expr **out,
                Error *err)
{
    if (strlen(text) > MOST_LETTERS)
        return error_set(err, ERR_CONFIG, "an expression of %zu characters; at most %d are allowed",
                         strlen(text),
                         MOST_LETTERS);
    const char *copy = arena_copy(arena, text); /* messages and words outlive the caller's text */
    if (!copy) return error_memory(err);
    Parser parser = {.text = copy, .names = names, .arena = arena, .err = err};
    const Expr *expr = parse_or(&parser);
    if (!expr || !is_known(&parser, expr)) return false;
    skip_spaces(&parser);
    const char *rest = copy + parser.at;
    if (*rest) {
        const char *what = *rest == '='                  ? "use == to compare; expected an operator"
                           : strncmp(rest, "&&", 2) == 0 ? "write `and`; expected an operator"
                           : strncmp(rest, "||", 2) == 0 ? "write `or`; expected an operator"
                           : strncmp(rest, "**", 2) == 0 ? "there is no power operator; expected an operator"
                                                         : "expected an operator or the end";
        fail(&parser, parser.at, what);
        return false;
    }
    *out = expr;
    return true;
}

/* ---- evaluating ---------------------------------------------------------------------------- */

static bool is_numeric(Value v)
{
    return v.kind == VALUE_INT || v.kind == VALUE_REAL || v.kind == VALUE_BOOL;
}

static Value number_value(double number, bool integer)
{
    if (!isfinite(number)) return value_none();
    if (integer && number == floor(number) && fabs(number) <= 0x1p53) return value_int(number);
    return value_real(number);
}

static bool truth(Value v)
{
    if (is_numeric(v)) return v.number != 0;
    return (v.kind == VALUE_TEXT || v.kind == VALUE_LIST) && v.text[0] && !value_is_null(&v);
}

static bool equal(Value a, Value b)
{
    if (is_numeric(a) && is_numeric(b)) return a.number == b.number;
    return value_equal(&a, &b);
}

static bool compare(Op op, Value a, Value b)
{
    if (a.kind == VALUE_NONE || b.kind == VALUE_NONE) return false;
    if (op == OP_EQ) return equal(a, b);
    if (op == OP_NE) return !equal(a, b);
    double order;
    if (is_numeric(a) && is_numeric(b)) order = a.number < b.number ? -1 : a.number > b.number;
    else if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT) order = strcmp(a.text, b.text);
    else return false;
    switch (op) {
    case OP_LT: return order < 0;
    case OP_LE: return order <= 0;
    case OP_GT: return order > 0;
    default: return order >= 0;
    }
}

static Value calculate(Op op, Value a, Value b)
{
    if (!is_numeric(a) || !is_numeric(b)) return value_none();
    double x = a.number, y = b.number, r = 0;
    bool integer = a.kind != VALUE_REAL && b.kind != VALUE_REAL;
    switch (op) {
    case OP_ADD: r = x + y; break;
    case OP_SUB: r = x - y; break;
    case OP_MUL: r = x * y; break;
    case OP_DIV:
        if (y == 0) return value_none();
        r = x / y;
        break;
    case OP_MOD: /* takes the sign of the divisor, as in Python */
        if (y == 0) return value_none();
        r = fmod(x, y);
        if (r != 0 && (r < 0) != (y < 0)) r += y;
        break;
    case OP_MIN: return x <= y ? a : b;
    case OP_MAX: return x >= y ? a : b;
    default: break;
    }
    return number_value(r, integer);
}

static Value apply(Op op, Value a)
{
    if (!is_numeric(a)) return value_none();
    double x = a.number;
    switch (op) {
    case OP_NEGATE: return number_value(-x, a.kind != VALUE_REAL);
    case OP_ABS: return number_value(fabs(x), a.kind != VALUE_REAL);
    case OP_FLOOR: return number_value(floor(x), true);
    case OP_CEIL: return number_value(ceil(x), true);
    case OP_ROUND: return number_value(round(x), true);
    case OP_LOG: return x > 0 ? number_value(log(x), false) : value_none();
    case OP_LOG2: return x > 0 ? number_value(log2(x), false) : value_none();
    case OP_SQRT: return x >= 0 ? number_value(sqrt(x), false) : value_none();
    default: return number_value(exp(x), false);
    }
}

static bool is_among(const Expr *expr, Value a, const Value *values)
{
    for (const Expr *item = expr->b; item; item = item->next)
        if (compare(OP_EQ, a, expr_eval(item, values))) return true;
    return false;
}

Value expr_eval(const Expr *expr, const Value *values)
{
    Value a;
    switch (expr->op) {
    case OP_CONSTANT:
    case OP_WORD: return expr->value;
    case OP_VARIABLE: return values[expr->variable];
    case OP_OR: return value_bool(expr_true(expr->a, values) || expr_true(expr->b, values));
    case OP_AND: return value_bool(expr_true(expr->a, values) && expr_true(expr->b, values));
    case OP_NOT: return value_bool(!expr_true(expr->a, values));
    case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_GT: case OP_GE:
        return value_bool(compare(expr->op, expr_eval(expr->a, values), expr_eval(expr->b, values)));
    case OP_IN: case OP_NOT_IN:
        a = expr_eval(expr->a, values);
        if (a.kind == VALUE_NONE) return value_bool(false);
        return value_bool(is_among(expr, a, values) == (expr->op == OP_IN));
    case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV: case OP_MOD:
        return calculate(expr->op, expr_eval(expr->a, values), expr_eval(expr->b, values));
    case OP_MIN: case OP_MAX:
        a = expr_eval(expr->a, values);
        if (!is_numeric(a)) return value_none();
        for (const Expr *more = expr->a->next; more && a.kind != VALUE_NONE; more = more->next)
            a = calculate(expr->op, a, expr_eval(more, values));
        return a;
    default: return apply(expr->op, expr_eval(expr->a, values));
    }
}

bool expr_true(const Expr *expr, const Value *values)
{
    return truth(expr_eval(expr, values));
}

bool expr_uses(const Expr *expr, int variable)
{
    for (; expr; expr = expr->next) {
        if (expr->op == OP_VARIABLE && expr->variable == variable) return true;
        if (expr->a && expr_uses(expr->a, variable)) return true;
        if (expr->b && expr_uses(expr->b, variable)) return true;
    }
    return false;
}

void expr_words(const Expr *expr, void (*word)(void *context, const char *text), void *context)
{
    for (; expr; expr = expr->next) {
        if (expr->op == OP_WORD) word(context, expr->value.text);
        if (expr->a) expr_words(expr->a, word, context);
        if (expr->b) expr_words(expr->b, word, context);
    }
}

void expr_take_null(const Expr *expr)
{
    static const char *const words[] = {"null", "None", NULL};
    for (; expr; expr = expr->next) { /* of the parser's arena, and not evaluated yet */
        if (expr->op == OP_WORD && names_find(words, expr->value.text) >= 0)
            ((Expr *)expr)->op = OP_CONSTANT, ((Expr *)expr)->value = value_list("null");
        if (expr->a) expr_take_null(expr->a);
        if (expr->b) expr_take_null(expr->b);
    }
}
