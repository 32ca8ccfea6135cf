/* Patterns: a parser that writes steps, and a matcher that follows all of them at once. */
#include "tuner/trial/pattern.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
    STEP_CHAR, STEP_ANY, STEP_SET, STEP_EITHER, STEP_JUMP, STEP_OPEN, STEP_CLOSE, STEP_BEGIN, STEP_END,
    STEP_MATCH
} StepKind;
/* Targets are relative, so that a piece can be moved and copied. */
typedef struct {
    unsigned char kind, c;
    short a, b; /* EITHER: the first is preferred; JUMP: a; SET: a is its number */
} Step;

enum { MOST_SETS = PATTERN_MOST / 2 + 1 };
struct Pattern {
    int n, n_sets;
    Step step[PATTERN_MOST_STEPS];
    unsigned char set[MOST_SETS][32]; /* a bit a byte */
};

/* ---- parsing --------------------------------------------------------------------------------- */

typedef struct {
    const char *at;
    Pattern *pattern;
    int n_groups;
    char *why;
} Parser;

static bool parse_choice(Parser *parser);

static bool refuse(Parser *parser, const char *why)
{
    snprintf(parser->why, 160, "%s", why);
    return false;
}

/* Room for `n` steps at `where`, those behind it moved. */
static bool insert(Parser *parser, int where, int n)
{
    Pattern *p = parser->pattern;
    if (p->n + n > PATTERN_MOST_STEPS) return refuse(parser, " is too large: its counts multiply to too much");
    memmove(p->step + where + n, p->step + where, (size_t)(p->n - where) * sizeof *p->step);
    p->n += n;
    return true;
}

static bool emit(Parser *parser, Step step)
{
    if (!insert(parser, parser->pattern->n, 1)) return false;
    parser->pattern->step[parser->pattern->n - 1] = step;
    return true;
}

static void add_to(unsigned char set[32], unsigned c)
{
    set[c >> 3] |= (unsigned char)(1u << (c & 7));
}

static bool has(const unsigned char set[32], unsigned c)
{
    return set[c >> 3] >> (c & 7) & 1;
}

static void add_class(unsigned char set[32], int (*is)(int))
{
    for (int c = 0; c < 128; c++)
        if (is(c)) add_to(set, (unsigned)c);
}

static void negate(unsigned char set[32])
{
    for (int i = 0; i < 32; i++) set[i] = (unsigned char)~set[i];
}

/* \d, \s, \w. */
static bool add_letter(unsigned char set[32], char letter)
{
    if (letter == 'd') add_class(set, isdigit);
    else if (letter == 's') add_class(set, isspace);
    else if (letter == 'w') add_class(set, isalnum), add_to(set, '_');
    else return false;
    return true;
}

/* [:digit:], from its name on. */
static bool parse_class(Parser *parser, unsigned char set[32])
{
    static const struct { const char *name; int (*is)(int); } classes[] = {
        {"alpha", isalpha}, {"digit", isdigit}, {"alnum", isalnum}, {"space", isspace}, {"upper", isupper},
        {"lower", islower}, {"punct", ispunct}, {"blank", isblank}, {"cntrl", iscntrl}, {"graph", isgraph},
        {"print", isprint}, {"xdigit", isxdigit}};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        size_t n = strlen(classes[i].name);
        if (strncmp(parser->at, classes[i].name, n) != 0 || strncmp(parser->at + n, ":]", 2) != 0) continue;
        add_class(set, classes[i].is);
        parser->at += n + 2;
        return true;
    }
    return refuse(parser, " has a class [: that is not known; [:digit:], [:alpha:], [:space:], ... are");
}

/* From behind its [. */
static bool parse_bracket(Parser *parser, unsigned char set[32])
{
    bool negated = *parser->at == '^';
    parser->at += negated;
    for (bool first = true; first || *parser->at != ']'; first = false) {
        const char *at = parser->at;
        if (!*at) return refuse(parser, " has a [ without its ]");
        if (at[0] == '[' && at[1] == ':') {
            parser->at += 2;
            if (!parse_class(parser, set)) return false;
            continue;
        }
        if (at[0] == '[' && (at[1] == '.' || at[1] == '='))
            return refuse(parser, " has [. or [=, which are not known here");
        if (at[0] == '\\' && add_letter(set, at[1])) {
            parser->at += 2;
            continue;
        }
        unsigned low = (unsigned char)*at, high = low;
        bool range = at[1] == '-' && at[2] && at[2] != ']';
        if (range) high = (unsigned char)at[2];
        if (high < low) return refuse(parser, " has a range that ends before it begins");
        for (unsigned c = low; c <= high; c++) add_to(set, c);
        parser->at += range ? 3 : 1;
    }
    parser->at++;
    if (negated) negate(set);
    return true;
}

static unsigned char *new_set(Parser *parser, int *number)
{
    *number = parser->pattern->n_sets++; /* every set took two characters */
    return parser->pattern->set[*number];
}

static bool parse_escape(Parser *parser)
{
    char c = parser->at[1];
    int number;
    if (!c) return refuse(parser, " ends with a \\");
    if (c >= '1' && c <= '9') return refuse(parser, " refers to a group (\\1), which would take too long");
    parser->at += 2;
    if (strchr("dswDSW", c)) {
        unsigned char *set = new_set(parser, &number);
        add_letter(set, (char)tolower(c));
        if (isupper((unsigned char)c)) negate(set);
        return emit(parser, (Step){STEP_SET, 0, (short)number, 0});
    }
    return emit(parser, (Step){STEP_CHAR, (unsigned char)(c == 't' ? '\t' : c), 0, 0});
}

static bool parse_group(Parser *parser)
{
    bool counts = parser->at[1] != '?';
    if (!counts && parser->at[2] != ':') return refuse(parser, " has (?, of which only (?: is known here");
    parser->at += counts ? 1 : 3;
    if (counts && !emit(parser, (Step){STEP_OPEN, 0, 0, 0})) return false;
    parser->n_groups += counts;
    if (!parse_choice(parser)) return false;
    if (*parser->at != ')') return refuse(parser, " has a ( without its )");
    parser->at++;
    return !counts || emit(parser, (Step){STEP_CLOSE, 0, 0, 0});
}

static bool is_count(const char *at)
{
    return *at == '{' && isdigit((unsigned char)at[1]);
}

static bool parse_atom(Parser *parser)
{
    char c = *parser->at;
    int number;
    if (c == '(') return parse_group(parser);
    if (c == '\\') return parse_escape(parser);
    if (strchr("*+?", c) || is_count(parser->at))
        return refuse(parser, " repeats nothing: a *, +, ? or { begins it");
    parser->at++;
    switch (c) {
    case '.': return emit(parser, (Step){STEP_ANY, 0, 0, 0});
    case '^': return emit(parser, (Step){STEP_BEGIN, 0, 0, 0});
    case '$': return emit(parser, (Step){STEP_END, 0, 0, 0});
    case '[':
        return parse_bracket(parser, new_set(parser, &number))
            && emit(parser, (Step){STEP_SET, 0, (short)number, 0});
    default: return emit(parser, (Step){STEP_CHAR, (unsigned char)c, 0, 0});
    }
}

/* {2}, {2,}, {2,5}: `most` -1 is any number. */
static bool parse_count(Parser *parser, int *least, int *most)
{
    char *end;
    long low = strtol(parser->at + 1, &end, 10), high = low;
    if (*end == ',') high = end[1] == '}' ? (end++, -1) : strtol(end + 1, &end, 10);
    if (*end != '}') return refuse(parser, " has a { without its }");
    if (low > PATTERN_MOST_STEPS || high > PATTERN_MOST_STEPS || (high >= 0 && high < low))
        return refuse(parser, " has a count that is too large, or ends before it begins");
    parser->at = end + 1;
    *least = (int)low;
    *most = (int)high;
    return true;
}

/* The piece from `from` to the end, so often. */
static bool repeat(Parser *parser, int from, int least, int most)
{
    Pattern *p = parser->pattern;
    const int n = p->n - from, copies = most < 0 ? least + (least == 0) : most;
    Step body[PATTERN_MOST_STEPS];
    memcpy(body, p->step + from, (size_t)n * sizeof *body);
    p->n = from;
    for (int i = 0; i < copies; i++) {
        int left = (copies - i) * (n + 1); /* what is skipped where this one may be missing */
        if (most >= 0 && i >= least && !emit(parser, (Step){STEP_EITHER, 0, 1, (short)left})) return false;
        if (most < 0 && least == 0 && !emit(parser, (Step){STEP_EITHER, 0, 1, (short)(n + 2)})) return false;
        if (!insert(parser, p->n, n)) return false;
        memcpy(p->step + p->n - n, body, (size_t)n * sizeof *body);
    }
    if (most < 0 && least == 0) return emit(parser, (Step){STEP_JUMP, 0, (short)(-n - 1), 0});
    return most >= 0 || emit(parser, (Step){STEP_EITHER, 0, (short)-n, 1});
}

static bool parse_piece(Parser *parser)
{
    int from = parser->pattern->n;
    if (!parse_atom(parser)) return false;
    for (;;) {
        int least = 0, most = -1;
        if (is_count(parser->at)) {
            if (!parse_count(parser, &least, &most)) return false;
        } else if (*parser->at && strchr("*+?", *parser->at)) {
            if (*parser->at == '+') least = 1;
            if (*parser->at == '?') most = 1;
            parser->at++;
        } else {
            return true;
        }
        if (!repeat(parser, from, least, most)) return false;
    }
}

/* Branches between |. */
static bool parse_choice(Parser *parser)
{
    Pattern *p = parser->pattern;
    int from = p->n;
    while (*parser->at && *parser->at != ')' && *parser->at != '|')
        if (!parse_piece(parser)) return false;
    if (*parser->at != '|') return true;
    parser->at++;
    int n = p->n - from;
    if (!insert(parser, from, 1)) return false;
    p->step[from] = (Step){STEP_EITHER, 0, 1, (short)(n + 2)};
    int jump = p->n;
    if (!emit(parser, (Step){STEP_JUMP, 0, 0, 0}) || !parse_choice(parser)) return false;
    p->step[jump].a = (short)(p->n - jump);
    return true;
}

Pattern *pattern_create(const char *text, char why[160])
{
    if (!*text || strlen(text) > PATTERN_MOST) {
        snprintf(why, 160, " needs 1 to %d characters", PATTERN_MOST);
        return NULL;
    }
    Parser parser = {.at = text, .pattern = calloc(1, sizeof(Pattern)), .why = why};
    if (!parser.pattern) return snprintf(why, 160, ": out of memory"), NULL;
    bool ok = parse_choice(&parser);
    if (ok && *parser.at) ok = refuse(&parser, " has a ) without its (");
    if (ok && parser.n_groups != 1) {
        snprintf(why, 160, " needs one group in parentheses, the number; it has %d%s", parser.n_groups,
                 parser.n_groups > 1 ? " ((?:...) is none)" : "");
        ok = false;
    }
    ok = ok && emit(&parser, (Step){STEP_MATCH, 0, 0, 0});
    if (ok) return parser.pattern;
    free(parser.pattern);
    return NULL;
}

void pattern_destroy(Pattern *pattern)
{
    free(pattern);
}

/* ---- matching -------------------------------------------------------------------------------- */

enum { BUDGET = 1 << 24 }; /* steps a line */

/* A place in the pattern that the line has reached, and from where on. */
typedef struct {
    int step, start, open, close; /* bytes of the line; -1: not yet */
} Thread;

typedef struct {
    const Pattern *pattern;
    const char *line;
    int n, n_steps; /* of the line; of the budget */
    int n_here, n_next;
    Thread here[PATTERN_MOST_STEPS], next[PATTERN_MOST_STEPS];
    int seen[PATTERN_MOST_STEPS]; /* at which place each step was reached last, from 1 */
} Matcher;

/* What can be reached without a byte, the preferred way first: who comes first has a step to itself. */
static void reach(Matcher *m, Thread thread, int at, Thread *list, int *n)
{
    for (;;) {
        if (m->seen[thread.step] == at + 1) return;
        m->seen[thread.step] = at + 1;
        m->n_steps++;
        const Step *step = &m->pattern->step[thread.step];
        switch (step->kind) {
        case STEP_JUMP: thread.step += step->a; continue;
        case STEP_EITHER: {
            Thread first = thread;
            first.step += step->a;
            reach(m, first, at, list, n);
            thread.step += step->b;
            continue;
        }
        case STEP_OPEN: thread.open = at; break;
        case STEP_CLOSE: thread.close = at; break;
        case STEP_BEGIN:
            if (at > 0) return;
            break;
        case STEP_END:
            if (at < m->n) return;
            break;
        default: list[(*n)++] = thread; return;
        }
        thread.step++;
    }
}

static bool takes(const Pattern *pattern, const Step *step, unsigned char c)
{
    return step->kind == STEP_ANY || (step->kind == STEP_CHAR && step->c == c)
        || (step->kind == STEP_SET && has(pattern->set[step->a], c));
}

/* The leftmost match that begins at `from` or later, the longest of those; `close` is where the group ends. */
static bool search(Matcher *m, int from, Thread *best, int *end)
{
    const Pattern *p = m->pattern;
    bool found = false;
    m->n_here = 0;
    memset(m->seen, 0, (size_t)p->n * sizeof *m->seen);
    m->n_steps += p->n;
    for (int at = from; at <= m->n && m->n_steps < BUDGET; at++) {
        if (!found) reach(m, (Thread){0, at, -1, -1}, at, m->here, &m->n_here);
        if (m->n_here == 0 && found) break;
        m->n_next = 0;
        for (int i = 0; i < m->n_here; i++) {
            const Thread *thread = &m->here[i];
            const Step *step = &p->step[thread->step];
            if (found && thread->start > best->start) continue;
            if (step->kind == STEP_MATCH) {
                if (found && thread->start == best->start && at == *end) continue; /* the first was preferred */
                *best = *thread;
                *end = at;
                found = true;
            } else if (at < m->n && takes(p, step, (unsigned char)m->line[at])) {
                Thread on = *thread;
                on.step++;
                reach(m, on, at + 1, m->next, &m->n_next);
            }
        }
        memcpy(m->here, m->next, (size_t)m->n_next * sizeof *m->here);
        m->n_here = m->n_next;
    }
    return found;
}

bool pattern_find(const Pattern *pattern, const char *line, size_t n,
                  bool (*found)(void *context, const char *text), void *context)
{
    Matcher m;
    Thread match = {0, 0, 0, 0};
    int end = 0;
    bool any = false;
    m.pattern = pattern;
    m.line = line;
    m.n = n < 1 << 30 ? (int)n : 1 << 30;
    m.n_steps = 0;
    for (int at = 0; at <= m.n && search(&m, at, &match, &end);) {
        char text[64];
        int length = match.open < 0 || match.close < match.open ? 0 : match.close - match.open;
        any = true;
        if (length > 0 && length < (int)sizeof text) {
            memcpy(text, line + match.open, (size_t)length);
            text[length] = '\0';
            if (!found(context, text)) break;
        }
        at = end > match.start ? end : end + 1;
    }
    return any;
}
