/* A forgiving reader of printed objects: JSON first, else a recursive descent into Python's repr(). */
#include "tuner/trial/loose.h"

#include <string.h>

#include "base/names.h"

enum { MOST_LEVELS = 60, LONGEST_WORD = 100 };

typedef struct {
    const char *at, *end;
    int level;
    bool bad;
} Loose;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || is_digit(c);
}

static char peek(Loose *in)
{
    while (in->at < in->end && is_blank(*in->at)) in->at++;
    return in->at < in->end ? *in->at : '\0';
}

static bool take(Loose *in, char c)
{
    if (peek(in) != c) return false;
    in->at++;
    return true;
}

static Doc *unknown(void)
{
    return doc_text("?");
}

/* A value that is none: the caller's, as every value. */
static Doc *bad(Loose *in)
{
    in->bad = true;
    return doc_null();
}

/* In either kind of quotes. What no JSON string has, such as \x41, stays as it stands. */
static void read_text(Loose *in, Text *out)
{
    char quote = *in->at++;
    Text json = {0};
    text_add(&json, "\"");
    while (in->at < in->end && *in->at != quote) {
        char c = *in->at++;
        if (c == '\\' && in->at < in->end) {
            char next = *in->at++;
            if (next == '\'') text_add(&json, "'");
            else if (strchr("\"\\/bfnrtu", next)) text_add_n(&json, in->at - 2, 2);
            else text_add(&json, "\\\\"), text_add_n(&json, in->at - 1, 1);
        } else if (c == '"') {
            text_add(&json, "\\\"");
        } else {
            text_add_n(&json, &c, 1);
        }
    }
    text_add(&json, "\"");
    in->bad |= in->at >= in->end;
    if (in->at < in->end) in->at++;
    Doc *text = text_ok(&json) ? doc_parse(json.bytes, json.n, NULL) : NULL;
    text_add(out, doc_to_text(text, "?"));
    doc_free(text);
    text_free(&json);
}

static Doc *text_doc(Loose *in)
{
    Text text = {0};
    read_text(in, &text);
    Doc *doc = text_ok(&text) ? doc_text(text.bytes) : bad(in);
    text_free(&text);
    return doc;
}

/* A number by its letters; 1_000 and 2j are none. */
static Doc *number_doc(Loose *in)
{
    char letters[64];
    double number;
    const char *from = in->at;
    in->at += *in->at == '-' || *in->at == '+';
    while (in->at < in->end && (in_word(*in->at) || ((*in->at == '-' || *in->at == '+')
                                                   && (in->at[-1] == 'e' || in->at[-1] == 'E'))))
        in->at++;
    size_t n = (size_t)(in->at - from);
    if (n >= sizeof letters) return unknown();
    memcpy(letters, from, n);
    letters[n] = '\0';
    if (text_to_number(letters, &number)) return doc_number(number);
    static const char *const none[] = {"inf", "nan", "Infinity", "NaN", "None", "null", "np.nan", "np.inf",
                                       "numpy.nan", "numpy.inf", NULL};
    if (names_find(none, letters + (*letters == '-' || *letters == '+')) >= 0) return doc_null();
    if (strcmp(letters, "True") == 0 || strcmp(letters, "true") == 0) return doc_bool(true);
    if (strcmp(letters, "False") == 0 || strcmp(letters, "false") == 0) return doc_bool(false);
    bool huge = n > 0 && strspn(letters, "+-0123456789.eE") == n; /* 1e400 */
    return huge ? doc_null() : unknown();
}

static Doc *value_doc(Loose *in);

/* What is in brackets, up to the closing one: the first value is returned, or NULL. */
static Doc *inside(Loose *in, char close, bool *only)
{
    Doc *first = NULL;
    *only = true;
    while (!in->bad && peek(in) != close) {
        Doc *value = value_doc(in);
        if (take(in, '=')) { /* dtype=float32 */
            doc_free(value);
            value = value_doc(in);
            if (!first) first = unknown();
        }
        if (take(in, ':')) doc_free(value_doc(in)); /* of a dictionary */
        if (!first) first = value;
        else doc_free(value), *only = false;
        if (!take(in, ',') && peek(in) != close) in->bad = true;
    }
    take(in, close);
    return first;
}

/* np.float64(0.9), tensor(0.5, grad_fn=<...>), Decimal('0.1'), float('nan'): a single number. */
static Doc *call_doc(Loose *in)
{
    bool only;
    double number;
    in->at++;
    Doc *first = inside(in, ')', &only);
    DocKind kind = doc_kind(first);
    const char *text = doc_to_text(first, "");
    if (kind == DOC_TEXT && text_to_number(text, &number)) {
        doc_free(first);
        return doc_number(number);
    }
    if (kind == DOC_TEXT && (strcmp(text, "nan") == 0 || strstr(text, "inf") || strcmp(text, "NaN") == 0)) {
        doc_free(first);
        return doc_null();
    }
    if (first && (kind == DOC_NUMBER || kind == DOC_NULL)) return first;
    doc_free(first);
    return unknown();
}

/* <function f at 0x7f0>, with what is nested in it. */
static Doc *angle_doc(Loose *in)
{
    int open = 0;
    do {
        open += *in->at == '<';
        open -= *in->at == '>' && in->at[-1] != '-';
        in->at++;
    } while (in->at < in->end && open > 0);
    if (open > 0) in->bad = true;
    return unknown();
}

static Doc *list_doc(Loose *in)
{
    Doc *list = doc_array();
    in->at++;
    while (!in->bad && peek(in) != ']') {
        doc_add(list, value_doc(in));
        if (!take(in, ',') && peek(in) != ']') in->bad = true;
    }
    take(in, ']');
    return list;
}

static bool is_key(char c)
{
    return c == '"' || c == '\'';
}

/* Ends as "?" where it turns out to be a set, or where keys are no texts. */
static Doc *object_doc(Loose *in)
{
    Doc *object = doc_object();
    in->at++;
    while (!in->bad && peek(in) != '}') {
        Text key = {0};
        if (is_key(peek(in))) read_text(in, &key);
        else doc_free(value_doc(in));
        bool set = !take(in, ':');
        Doc *value = set ? unknown() : value_doc(in);
        if (!set && text_ok(&key) && key.bytes) doc_set(object, key.bytes, value);
        else doc_free(value);
        text_free(&key);
        if (!take(in, ',') && peek(in) != '}') in->bad = true;
    }
    take(in, '}');
    return object;
}

static Doc *value_doc(Loose *in)
{
    char c = peek(in);
    bool only;
    Doc *value;
    if (in->bad || c == '\0' || ++in->level > MOST_LEVELS) return bad(in);
    if (is_key(c)) {
        value = text_doc(in);
    } else if (c == '{') {
        value = object_doc(in);
    } else if (c == '[') {
        value = list_doc(in);
    } else if (c == '(') {
        in->at++;
        doc_free(inside(in, ')', &only));
        value = unknown();
    } else if (c == '<') {
        value = angle_doc(in);
    } else if (in_word(c) || c == '-' || c == '+') {
        value = number_doc(in);
        if (peek(in) == '(') doc_free(value), value = call_doc(in);
        else if (is_key(peek(in)) && in->at[-1] != ' ') doc_free(value), value = text_doc(in); /* b'...' */
    } else {
        value = bad(in);
    }
    in->level--;
    return value;
}

Doc *loose_object(const char *text, size_t n)
{
    while (n > 0 && is_blank(*text)) text++, n--;
    while (n > 0 && is_blank(text[n - 1])) n--;
    if (n < 2 || *text != '{' || text[n - 1] != '}' || memchr(text, '\0', n)) return NULL;
    Doc *doc = doc_parse(text, n, NULL);
    if (doc) return doc;
    Loose in = {.at = text, .end = text + n};
    doc = object_doc(&in);
    if (!in.bad && in.at == in.end) return doc;
    doc_free(doc);
    return NULL;
}

bool loose_is_open(const char *text, size_t n)
{
    int depth = 0;
    char quote = '\0';
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (quote) {
            if (c == '\\') i++;
            else if (c == quote) quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else {
            depth += c == '{' || c == '[' || c == '(';
            depth -= c == '}' || c == ']' || c == ')';
            if (depth == 0) return false;
        }
    }
    return depth > 0 && !quote;
}
