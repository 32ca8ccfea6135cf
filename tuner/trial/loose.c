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

/* What is in parentheses, from behind the first: the values as an array, without those that have a name,
 * dtype=float32. `comma`: was there one? (0.5) is no tuple. */
static Doc *inside(Loose *in, bool *comma)
{
    Doc *values = doc_array();
    *comma = false;
    while (!in->bad && peek(in) != ')') {
        Doc *value = value_doc(in);
        if (take(in, '=')) {
            doc_free(value);
            doc_free(value_doc(in));
            *comma = true;
        } else {
            doc_add(values, value);
        }
        bool more = take(in, ',');
        *comma |= more;
        if (!more && peek(in) != ')') in->bad = true;
    }
    take(in, ')');
    return values;
}

/* [('loss', 0.5), ...] as an object; NULL: it is no list of pairs. */
static Doc *pairs_doc(const Doc *list)
{
    Doc *object = doc_object();
    for (size_t i = 0; i < doc_count(list); i++) {
        const Doc *pair = doc_at(list, i);
        if (doc_kind(pair) != DOC_ARRAY || doc_count(pair) != 2 || doc_kind(doc_at(pair, 0)) != DOC_TEXT) {
            doc_free(object);
            return NULL;
        }
        doc_set(object, doc_to_text(doc_at(pair, 0), ""), doc_copy(doc_at(pair, 1)));
    }
    return object;
}

/* OrderedDict({...}), OrderedDict([('loss', 0.5)]), Counter({...}), defaultdict(<class 'float'>, {...}): the
 * dictionary, which is the last value. NULL: none is. */
static Doc *dictionary_in(const Doc *values)
{
    size_t n = doc_count(values);
    const Doc *last = n == 1 || n == 2 ? doc_at(values, n - 1) : NULL;
    if (doc_kind(last) == DOC_OBJECT) return doc_copy(last);
    return n == 1 && doc_kind(last) == DOC_ARRAY && doc_count(last) > 0 ? pairs_doc(last) : NULL;
}

/* np.float64(0.9), tensor(0.5, grad_fn=<...>), Decimal('0.1'), float('nan'): a single number; Fraction(1, 2) is
 * none. */
static Doc *call_doc(Loose *in)
{
    bool comma;
    double number;
    in->at++;
    Doc *values = inside(in, &comma), *first = dictionary_in(values);
    if (!first) first = doc_count(values) == 1 ? doc_copy(doc_at(values, 0)) : unknown();
    doc_free(values);
    if (doc_kind(first) == DOC_ARRAY && doc_count(first) == 1) { /* tensor([0.5]), as float() has it */
        Doc *single = doc_copy(doc_at(first, 0));
        doc_free(first);
        first = single;
    }
    DocKind kind = doc_kind(first);
    if (kind == DOC_OBJECT) return first;
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
    bool comma;
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
        value = inside(in, &comma);
        if (!comma && doc_count(value) == 1) { /* (0.5+0j) */
            Doc *single = doc_copy(doc_at(value, 0));
            doc_free(value);
            value = single;
        }
    } else if (c == '<') {
        value = angle_doc(in);
    } else if (in_word(c) || c == '-' || c == '+') {
        value = number_doc(in);
        while (in->at < in->end && (*in->at == '+' || *in->at == '-')) { /* 1+2j, 2026-01-02 */
            doc_free(number_doc(in));
            doc_free(value);
            value = unknown();
        }
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
    bool call = n > 2 && in_word(*text) && !is_digit(*text) && text[n - 1] == ')';
    if (n < 2 || (!call && (*text != '{' || text[n - 1] != '}')) || memchr(text, '\0', n)) return NULL;
    Doc *doc = call ? NULL : doc_parse(text, n, NULL);
    if (doc) return doc;
    Loose in = {.at = text, .end = text + n};
    doc = call ? value_doc(&in) : object_doc(&in);
    if (!in.bad && in.at == in.end && doc_kind(doc) == DOC_OBJECT) return doc;
    doc_free(doc);
    return NULL;
}

const char *loose_begin(const char *text, size_t n)
{
    const char *end = text + n, *brace = memchr(text, '{', n), *paren = memchr(text, '(', n);
    if (!paren || (brace && brace < paren)) return brace;
    const char *from = paren, *at = paren + 1;
    while (from > text && in_word(from[-1])) from--;
    while (at < end && is_blank(*at)) at++;
    bool pairs = end - at > 2 && at[0] == '[' && at[1] == '(';
    return from < paren && (brace || pairs) ? from : brace;
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
