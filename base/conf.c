/* Reading YAML by libyaml's events into nodes, overriding them, and looking things up in them. */
#include "base/conf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/file.h"

enum {
    MOST_BYTES = 1 << 20,
    MOST_LEVELS = 64,
    MOST_NODES = 100000,  /* after aliases are written out: what bounds an alias bomb */
    MOST_ANCHORS = 1000,
    MOST_MERGED = 4000,
    MOST_WARNINGS = 100,
    LONGEST_KEY = 128     /* so that a quoted key stays within YAML's 1024 characters */
};

const char *const conf_kind_names[] = {CONF_KIND_LIST(LIST_NAME) NULL};

/* ---- messages ------------------------------------------------------------------------------ */

static bool place_error(Error *err, const char *file, int line, int column, const char *what)
{
    char clean[600];
    snprintf(clean, sizeof clean, "%s", what);
    for (char *c = clean; *c; c++) /* it may quote the file; a message is one line */
        if ((unsigned char)*c < 0x20 || *c == 0x7F) *c = '?';
    if (!file) return error_set(err, ERR_CONFIG, "%s", clean);
    if (line <= 0) return error_set(err, ERR_CONFIG, "%.300s: %s", file, clean);
    return error_set(err, ERR_CONFIG, "%.300s:%d:%d: %s", file, line, column, clean);
}

bool conf_error(const ConfNode *node, Error *err, const char *format, ...)
{
    char what[600];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return place_error(err, node ? node->file : NULL, node ? node->line : 0,
                       node ? node->column : 0, what);
}

bool conf_key_error(const ConfNode *node, Error *err, const char *format, ...)
{
    char what[600];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return place_error(err, node ? node->file : NULL, node ? node->key_line : 0,
                       node ? node->key_column : 0, what);
}

/* ---- scalars ------------------------------------------------------------------------------- */

static bool is_one_of(const char *text, const char *const *words)
{
    return names_find(words, text) >= 0;
}

/* YAML 1.2.2, section 10.3.2, the core schema, for a plain scalar; quoted ones are text. */
static void resolve(ConfNode *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const yes[] = {"true", "True", "TRUE", NULL};
    static const char *const no[] = {"false", "False", "FALSE", NULL};
    static const char *const infinite[] = {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", NULL};
    static const char *const negative[] = {"-.inf", "-.Inf", "-.INF", NULL};
    static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};
    const char *text = node->text;
    node->kind = CONF_TEXT;
    if (is_one_of(text, nulls)) {
        node->kind = CONF_NULL;
    } else if (is_one_of(text, yes) || is_one_of(text, no)) {
        node->kind = CONF_BOOL;
        node->number = is_one_of(text, yes);
    } else if (text_to_number(text, &node->number)) {
        node->kind = CONF_NUMBER;
        node->integer = !strchr(text, '.') && node->number == floor(node->number) &&
                        fabs(node->number) <= 0x1p53;
    } else if (is_one_of(text, nan) || is_one_of(text, infinite) || is_one_of(text, negative)) {
        node->kind = CONF_NUMBER;
        node->number = is_one_of(text, nan) ? NAN : *text == '-' ? -INFINITY : INFINITY;
    }
}

/* What a YAML 1.1 reader (PyYAML, and so W&B's own) would take for something else, as a sentence;
 * NULL when all agree. */
static const char *trap_of(const ConfNode *node, char *out, size_t size)
{
    static const char *const words[] = {"yes", "Yes", "YES", "no",  "No",  "NO",
                                        "on",  "On",  "ON",  "off", "Off", "OFF", NULL};
    static const char digits[] = "0123456789";
    const char *text = node->text;
    if (is_one_of(text, words)) {
        snprintf(out, size, "`%s` is text here, but %s for other YAML readers; write true or false, or "
                 "quote it", text, (text[1] | 0x20) == 'n' || (text[0] | 0x20) == 'y' ? "true" : "false");
        return out;
    }
    const char *start = text + (*text == '-' || *text == '+');
    size_t whole = strspn(start, digits);
    if (whole == 0) return NULL;
    if (node->kind == CONF_NUMBER) {
        size_t octal = strspn(start, "01234567");
        if (start[0] != '0' || octal < 2 || start[octal]) return NULL;
        snprintf(out, size, "`%.60s` is %.17g here, but octal %ld for other YAML readers; write it without "
                 "the zero", text, node->number, strtol(text, NULL, 8));
        return out;
    }
    if (start[whole] == ':' && strspn(start, "0123456789:") == strlen(start) &&
        start[strlen(start) - 1] != ':') {
        snprintf(out, size, "`%.60s` is text here, but a number in base 60 for other YAML readers; quote "
                 "it, or write a duration as 1m30s", text);
        return out;
    }
    if (start[whole] == '_' && strspn(start, "0123456789_.") == strlen(start)) {
        snprintf(out, size, "`%.60s` is text here; write the number without _", text);
        return out;
    }
    if (start[0] == '0' && start[1] == 'b' && strspn(start + 2, "01") == strlen(start + 2) && start[2]) {
        snprintf(out, size, "`%.60s` is text here, but a binary number for other YAML readers", text);
        return out;
    }
    size_t number = strspn(start, "0123456789.eE+-");
    if (start[number] == '\0' && isinf(strtod(text, NULL))) {
        snprintf(out, size, "`%.60s` is taken as text: it is too large for a number", text);
        return out;
    }
    return NULL;
}

/* ---- reading: libyaml's events to nodes ----------------------------------------------------- */

typedef struct Anchor Anchor;
struct Anchor {
    const char *name;
    const ConfNode *node;
    bool open; /* still being read: an alias to it would be a circle */
    Anchor *next;
};

typedef struct {
    yaml_parser_t parser;
    const char *file;
    bool placeless; /* an override or a default: its lines and columns mean nothing */
    const char *source;
    size_t n;
    Anchor *anchors; /* newest first: a name may be used again */
    int n_anchors, n_nodes;
    Conf *conf;      /* takes the warnings; may be NULL */
    Arena *arena;
    Error *err;
} Reader;

static bool fail_at(Reader *reader, yaml_mark_t mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail_at(Reader *reader, yaml_mark_t mark, const char *format, ...)
{
    char what[600];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return place_error(reader->err, reader->file, reader->placeless ? 0 : (int)mark.line + 1,
                       (int)mark.column + 1, what);
}

static bool warn(Conf *conf, const ConfNode *node, int line, int column, const char *what)
{
    if (!conf || conf->n_warnings >= MOST_WARNINGS) return true;
    if (!conf->warnings) conf->warnings = ARENA_NEW(conf->arena, const char *, MOST_WARNINGS);
    if (!conf->warnings) return false;
    char *text = line > 0 ? arena_print(conf->arena, "%s:%d:%d: %s", node->file, line, column, what)
                          : arena_print(conf->arena, "%s: %s", node->file, what);
    if (!text) return false;
    conf->warnings[conf->n_warnings++] = text;
    return true;
}

static const char *line_start(const Reader *reader, size_t line)
{
    const char *at = reader->source, *end = at + reader->n;
    while (line > 0 && at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline) return end;
        at = newline + 1;
        line--;
    }
    return at;
}

/* libyaml says what its grammar missed; say what the writer of the file can do. */
static bool syntax_error(Reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR) return error_memory(reader->err);
    if (parser->error == YAML_READER_ERROR) { /* knows a byte offset only */
        yaml_mark_t at = {0};
        for (size_t i = 0; i < parser->problem_offset && i < reader->n; i++) {
            at.column += ((unsigned char)reader->source[i] & 0xC0) != 0x80;
            if (reader->source[i] == '\n') at.line++, at.column = 0;
        }
        return fail_at(reader, at, "a character that cannot be printed; remove it, or write it as \\u in "
                       "double quotes");
    }
    const char *problem = parser->problem ? parser->problem : "not YAML";
    const char *context = parser->context ? parser->context : "";
    yaml_mark_t mark = parser->problem_mark;
    int begun = (int)parser->context_mark.line + 1;
    const char *line = line_start(reader, mark.line), *end = reader->source + reader->n;
    size_t indent = 0;
    while (line + indent < end && (line[indent] == ' ' || line[indent] == '\t')) indent++;
    const char *tab = memchr(line, '\t', indent);
    if (tab) {
        mark.column = (size_t)(tab - line);
        return fail_at(reader, mark, "this line is indented with a tab; YAML wants spaces");
    }
    if (strstr(problem, "block sequence entries are not allowed"))
        return fail_at(reader, mark, "a list item (`- `) cannot begin here; begin a new line, or write "
                       "[a, b]");
    if (strstr(problem, "mapping values are not allowed"))
        return fail_at(reader, mark, "a `:` where no key can stand; a text with `: ` in it needs quotes, "
                       "and keys of one section the same indentation");
    if (strstr(context, "quoted scalar") && strstr(problem, "end of stream"))
        return fail_at(reader, parser->context_mark, "this quoted text is never closed");
    if (strstr(context, "flow") && mark.column > 0 && mark.column < (size_t)(end - line)
        && memcmp(line + mark.column - 1, "${", 2) == 0)
        return fail_at(reader, mark, "a word with `${` needs quotes inside of a list or map: \"${env}\"");
    if (strstr(context, "flow sequence"))
        return fail_at(reader, mark, "expected `,` or `]` in the list that begins on line %d", begun);
    if (strstr(context, "flow mapping"))
        return fail_at(reader, mark, "expected `,` or `}` in the map that begins on line %d", begun);
    if (strstr(problem, "cannot start any token"))
        return fail_at(reader, mark, "a text cannot begin with this character; put it in quotes");
    if (strstr(problem, "could not find expected ':'"))
        return fail_at(reader, parser->context_mark, "expected `key: value`; there is no `:` after this");
    if (strstr(problem, "did not find expected key"))
        return fail_at(reader, mark, "expected a key of the section that begins on line %d; check the "
                       "indentation", begun);
    if (strstr(problem, "expected node content")) return fail_at(reader, mark, "expected a value here");
    if (strstr(problem, "expected '-' indicator"))
        return fail_at(reader, mark, "expected another `- ` item of the list that begins on line %d; check "
                       "the indentation", begun);
    return fail_at(reader, mark, "%s%s%s", problem, *context ? ", " : "", context);
}

/* Bytes that no text file has, with the line they are on. libyaml would object, too, but to the
 * byte offset and in other words. */
static bool check_bytes(Reader *reader)
{
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < reader->n;) {
        unsigned char c = (unsigned char)reader->source[i];
        size_t length = 1;
        while (length <= 4 && i + length <= reader->n && !text_is_utf8(reader->source + i, length))
            length++;
        if (c == 0) return fail_at(reader, mark, "a NUL byte; is this a text file?");
        if (length > 4 || i + length > reader->n)
            return fail_at(reader, mark, "this is not UTF-8; save the file with that encoding");
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
            return fail_at(reader, mark, "a control character (0x%02x); is this a text file?", c);
        mark.column++;
        if (c == '\n') mark.line++, mark.column = 0;
        i += length;
    }
    return true;
}

static bool next_event(Reader *reader, yaml_event_t *event)
{
    return yaml_parser_parse(&reader->parser, event) ? true : syntax_error(reader);
}

static ConfNode *node_new(Reader *reader, yaml_mark_t mark)
{
    if (reader->n_nodes >= MOST_NODES) {
        fail_at(reader, mark, "more than %d values, counting each alias as what it stands for", MOST_NODES);
        return NULL;
    }
    reader->n_nodes++;
    ConfNode *node = ARENA_NEW(reader->arena, ConfNode, 1);
    if (!node) {
        error_memory(reader->err);
        return NULL;
    }
    node->file = reader->file;
    if (!reader->placeless) {
        node->line = (int)mark.line + 1;
        node->column = (int)mark.column + 1;
    }
    return node;
}

static bool anchor_add(Reader *reader, const yaml_char_t *name, yaml_mark_t mark, const ConfNode *node,
                       Anchor **out)
{
    if (reader->n_anchors++ >= MOST_ANCHORS)
        return fail_at(reader, mark, "more than %d anchors", MOST_ANCHORS);
    Anchor *anchor = ARENA_NEW(reader->arena, Anchor, 1);
    const char *copy = arena_copy(reader->arena, (const char *)name);
    if (!anchor || !copy) return error_memory(reader->err);
    *anchor = (Anchor){.name = copy, .node = node, .open = true, .next = reader->anchors};
    reader->anchors = *out = anchor;
    return true;
}

static ConfNode *copy_tree(Reader *reader, const ConfNode *from, yaml_mark_t mark, int level)
{
    if (level > MOST_LEVELS) {
        fail_at(reader, mark, "nested deeper than %d levels", MOST_LEVELS);
        return NULL;
    }
    ConfNode *node = node_new(reader, mark);
    if (!node) return NULL;
    *node = *from;
    node->next = node->first = NULL;
    ConfNode **link = &node->first;
    for (const ConfNode *child = from->first; child; child = child->next) {
        *link = copy_tree(reader, child, mark, level + 1);
        if (!*link) return NULL;
        link = &(*link)->next;
    }
    return node;
}

static ConfNode *read_alias(Reader *reader, const yaml_event_t *event, int level)
{
    const char *name = (const char *)event->data.alias.anchor;
    yaml_mark_t mark = event->start_mark;
    Anchor *anchor = reader->anchors;
    while (anchor && strcmp(anchor->name, name) != 0) anchor = anchor->next;
    if (!anchor) {
        fail_at(reader, mark, "no anchor &%.60s stands above this alias", name);
        return NULL;
    }
    if (anchor->open) {
        fail_at(reader, mark, "the alias *%.60s stands inside what it names", name);
        return NULL;
    }
    ConfNode *node = copy_tree(reader, anchor->node, mark, level);
    if (!node) return NULL;
    node->key = NULL;
    node->line = reader->placeless ? 0 : (int)mark.line + 1;
    node->column = reader->placeless ? 0 : (int)mark.column + 1;
    return node;
}

static int by_key(const void *a, const void *b)
{
    const ConfNode *x = *(ConfNode *const *)a, *y = *(ConfNode *const *)b;
    int order = strcmp(x->key, y->key);
    if (order) return order;
    if (x->key_line != y->key_line) return x->key_line < y->key_line ? -1 : 1;
    return x->key_column < y->key_column ? -1 : x->key_column > y->key_column;
}

static bool refuse_duplicates(Reader *reader, const ConfNode *map)
{
    if (map->n < 2) return true;
    const ConfNode **sorted = ARENA_NEW(reader->arena, const ConfNode *, map->n);
    if (!sorted) return error_memory(reader->err);
    int n = 0;
    for (const ConfNode *child = map->first; child; child = child->next) sorted[n++] = child;
    qsort(sorted, (size_t)n, sizeof *sorted, by_key);
    const ConfNode *again = NULL, *before = NULL;
    for (int i = 1; i < n; i++) {
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) != 0) continue;
        if (again && again->key_line <= sorted[i]->key_line) continue;
        before = sorted[i - 1];
        again = sorted[i];
    }
    if (!again) return true;
    if (reader->placeless)
        return conf_key_error(again, reader->err, "the key `%s` stands here twice", again->key);
    return conf_key_error(again, reader->err, "the key `%s` stands here twice; the first is on line %d",
                          again->key, before->key_line);
}

static ConfNode *find(const ConfNode *map, const char *key)
{
    for (ConfNode *child = map ? map->first : NULL; child; child = child->next)
        if (child->key && strcmp(child->key, key) == 0) return child;
    return NULL;
}

static ConfNode *read_node(Reader *reader, yaml_event_t *event, int level);

static bool read_key(Reader *reader, yaml_event_t *event, ConfNode *key)
{
    yaml_mark_t mark = event->start_mark;
    if (event->type != YAML_SCALAR_EVENT)
        return fail_at(reader, mark, "a key must be a word, not a list, map or alias");
    ConfNode *node = read_node(reader, event, MOST_LEVELS);
    if (!node) return false;
    if (node->kind == CONF_NULL && !*node->text)
        return fail_at(reader, mark, "a key is missing before this `:`");
    if (strlen(node->text) > LONGEST_KEY)
        return fail_at(reader, mark, "a key of %zu bytes; at most %d are allowed", strlen(node->text),
                       LONGEST_KEY);
    *key = *node;
    return true;
}

/* The members of the map, or maps, behind `<<: *base`, but for those that `parent` has: YAML 1.1's merge key.
 * They come first, and of several maps the first has the say. */
static bool merge(Reader *reader, ConfNode *parent, const ConfNode *from)
{
    const ConfNode *map = from->kind == CONF_LIST ? from->first : from;
    ConfNode *first = NULL, **link = &first;
    for (; map; map = from->kind == CONF_LIST ? map->next : NULL) {
        if (map->kind != CONF_MAP)
            return conf_error(map, reader->err, "`<<` takes a map, or a list of maps: `<<: *name`, with &name"
                              " where it stands");
        if (parent->n + map->n > MOST_MERGED)
            return conf_error(map, reader->err, "`<<` into a map of more than %d members", MOST_MERGED);
        for (const ConfNode *child = map->first; child; child = child->next) {
            if (find(parent, child->key) || find(&(ConfNode){.first = first}, child->key)) continue;
            *link = ARENA_NEW(reader->arena, ConfNode, 1);
            if (!*link) return error_memory(reader->err);
            **link = *child;
            (*link)->next = NULL;
            link = &(*link)->next;
            parent->n++;
        }
    }
    *link = parent->first;
    parent->first = first;
    return true;
}

static bool read_children(Reader *reader, ConfNode *parent, int level)
{
    bool map = parent->kind == CONF_MAP;
    ConfNode **link = &parent->first, *merged = NULL;
    for (;;) {
        yaml_event_t event;
        ConfNode key = {0};
        bool is_plain = false;
        if (!next_event(reader, &event)) return false;
        if (event.type == (map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT)) {
            yaml_event_delete(&event);
            if (map && !refuse_duplicates(reader, parent)) return false;
            return !merged || merge(reader, parent, merged);
        }
        if (map) {
            bool ok = read_key(reader, &event, &key);
            is_plain = ok && event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
            yaml_event_delete(&event);
            if (!ok || !next_event(reader, &event)) return false;
        }
        ConfNode *child = read_node(reader, &event, level + 1);
        yaml_event_delete(&event);
        if (!child) return false;
        if (map) {
            child->key = key.text;
            child->key_line = key.line;
            child->key_column = key.column;
            if (is_plain && strcmp(key.text, "<<") == 0) {
                if (merged)
                    return conf_key_error(child, reader->err, "`<<` stands here twice; write `<<: [*a, *b]`");
                merged = child;
                continue;
            }
        }
        *link = child;
        link = &child->next;
        parent->n++;
    }
}

/* The tags of YAML's own core schema: `!!float 1e-5`, as W&B's examples have it for PyYAML's sake. */
static const char core[] = "tag:yaml.org,2002:";
static const struct {
    const char *name;
    ConfKind kind;
} core_tags[] = {{"float", CONF_NUMBER}, {"int", CONF_NUMBER}, {"bool", CONF_BOOL}, {"null", CONF_NULL},
                 {"str", CONF_TEXT}, {"seq", CONF_LIST}, {"map", CONF_MAP}};
enum { N_CORE = sizeof core_tags / sizeof *core_tags };

/* Its place in the list; N_CORE: none of them. */
static int core_tag(const char *tag)
{
    int t = strncmp(tag, core, sizeof core - 1) == 0 ? 0 : N_CORE;
    while (t < N_CORE && strcmp(tag + sizeof core - 1, core_tags[t].name) != 0) t++;
    return t;
}

static bool long_integer(const ConfNode *node)
{
    return node->text && value_is_long(node->text, strlen(node->text));
}

/* A scalar with a tag is what the tag says, or a mistake. */
static bool apply_tag(Reader *reader, yaml_mark_t mark, const char *tag, ConfNode *node)
{
    int t = core_tag(tag);
    const char *name = core_tags[t].name;
    resolve(node);
    if (core_tags[t].kind == CONF_TEXT) node->kind = CONF_TEXT;
    if (node->kind != core_tags[t].kind || (strcmp(name, "int") == 0 && !node->integer && !long_integer(node)))
        return fail_at(reader, mark, "`%.60s` is no !!%s", node->text, name);
    if (strcmp(name, "float") == 0 && node->integer) { /* and is printed as one */
        node->integer = false;
        bool based = node->text[0] == '0' && (node->text[1] == 'x' || node->text[1] == 'o');
        if (based) node->text = arena_print(reader->arena, "%.0f.0", node->number);
        else if (!strpbrk(node->text, ".eE")) node->text = arena_print(reader->arena, "%s.0", node->text);
    }
    return node->text || error_memory(reader->err);
}

static bool read_scalar(Reader *reader, const yaml_event_t *event, ConfNode *node)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t n = event->data.scalar.length;
    if (memchr(value, 0, n)) return fail_at(reader, event->start_mark, "a text with a NUL character in it");
    node->text = arena_copy_n(reader->arena, value, n);
    if (!node->text) return error_memory(reader->err);
    node->kind = CONF_TEXT;
    const char *tag = (const char *)event->data.scalar.tag;
    if (tag) return apply_tag(reader, event->start_mark, tag, node);
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return true;
    resolve(node);
    char trap[240];
    if (!trap_of(node, trap, sizeof trap)) return true;
    return warn(reader->conf, node, node->line, node->column, trap) || error_memory(reader->err);
}

/* The node that begins with `event`. */
static ConfNode *read_node(Reader *reader, yaml_event_t *event, int level)
{
    const yaml_char_t *tag = NULL, *name = NULL;
    yaml_mark_t mark = event->start_mark;
    switch (event->type) {
    case YAML_ALIAS_EVENT: return read_alias(reader, event, level);
    case YAML_SCALAR_EVENT: tag = event->data.scalar.tag, name = event->data.scalar.anchor; break;
    case YAML_SEQUENCE_START_EVENT:
        tag = event->data.sequence_start.tag, name = event->data.sequence_start.anchor;
        break;
    case YAML_MAPPING_START_EVENT:
        tag = event->data.mapping_start.tag, name = event->data.mapping_start.anchor;
        break;
    default: fail_at(reader, mark, "expected a value here"); return NULL;
    }
    if (tag && core_tag((const char *)tag) == N_CORE) {
        fail_at(reader, mark, "tags (%.60s) are not supported; remove it", (const char *)tag);
        return NULL;
    }
    if (level > MOST_LEVELS) {
        fail_at(reader, mark, "nested deeper than %d levels", MOST_LEVELS);
        return NULL;
    }
    ConfNode *node = node_new(reader, mark);
    Anchor *anchor = NULL;
    if (!node || (name && !anchor_add(reader, name, mark, node, &anchor))) return NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        if (!read_scalar(reader, event, node)) return NULL;
    } else {
        node->kind = event->type == YAML_MAPPING_START_EVENT ? CONF_MAP : CONF_LIST;
        if (!read_children(reader, node, level)) return NULL;
    }
    if (anchor) anchor->open = false;
    return node;
}

static bool read_document(Reader *reader, ConfNode **out)
{
    yaml_event_t event;
    ConfNode *root = NULL;
    for (;;) {
        if (!next_event(reader, &event)) return false;
        yaml_event_type_t type = event.type;
        yaml_mark_t mark = event.start_mark;
        bool ok = true;
        if (type == YAML_DOCUMENT_START_EVENT) {
            if (root) ok = fail_at(reader, mark, "a second document begins here; one file holds one");
            else if (event.data.document_start.tag_directives.start !=
                     event.data.document_start.tag_directives.end)
                ok = fail_at(reader, mark, "%%TAG is not supported; remove it");
        } else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_END_EVENT &&
                   type != YAML_STREAM_END_EVENT) {
            root = read_node(reader, &event, 1);
            ok = root != NULL;
        }
        yaml_event_delete(&event);
        if (!ok) return false;
        if (type == YAML_STREAM_END_EVENT) break;
    }
    *out = root;
    return true;
}

/* Leaves *out NULL when there is nothing but comments. */
static bool read_text(Reader *reader, ConfNode **out)
{
    *out = NULL;
    if (reader->n > MOST_BYTES)
        return place_error(reader->err, reader->file, 0, 0,
                           "longer than the 1 MiB allowed for a configuration");
    if (reader->n >= 3 && memcmp(reader->source, "\xEF\xBB\xBF", 3) == 0) { /* byte order mark */
        reader->source += 3;
        reader->n -= 3;
    }
    if (!check_bytes(reader)) return false;
    if (!yaml_parser_initialize(&reader->parser)) return error_memory(reader->err);
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)reader->source, reader->n);
    bool ok = read_document(reader, out);
    yaml_parser_delete(&reader->parser);
    return ok;
}

bool conf_read_text(const char *name, const char *text, size_t n, Arena *arena, Conf **out,
                    Error *err)
{
    Conf *conf = ARENA_NEW(arena, Conf, 1);
    const char *file = arena_copy(arena, name);
    if (!conf || !file) return error_memory(err);
    *conf = (Conf){.file = file, .arena = arena};
    if (n <= MOST_BYTES) {
        conf->source = arena_copy_n(arena, text, n);
        if (!conf->source) return error_memory(err);
    }
    Reader reader = {.file = file, .source = conf->source, .n = n, .conf = conf, .arena = arena, .err = err};
    if (!read_text(&reader, &conf->root)) return false;
    if (!conf->root || (conf->root->kind == CONF_NULL && !*conf->root->text))
        return place_error(err, file, 1, 1, "there is nothing in this file but comments");
    if (conf->root->kind != CONF_MAP)
        return conf_error(conf->root, err, "expected `key: value` lines at the top, found %s",
                          conf_kind_names[conf->root->kind]);
    *out = conf;
    return true;
}

bool conf_read_file(const char *file, Arena *arena, Conf **out, Error *err)
{
    Bytes bytes;
    Error why = {0};
    if (!file_read(file, MOST_BYTES, &bytes, &why))
        return error_set(err, why.code == ERR_DATA ? ERR_CONFIG : why.code, "%s", why.message);
    bool ok = conf_read_text(strcmp(file, "-") == 0 ? "standard input" : file, bytes.bytes, bytes.n, arena,
                             out, err);
    bytes_free(&bytes);
    return ok;
}

bool conf_read_value(const char *name, const char *text, Arena *arena, ConfNode **out, Error *err)
{
    Reader reader = {.file = name, .placeless = true, .source = text, .n = strlen(text), .arena = arena,
                     .err = err};
    static const char simple[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+";
    ConfNode *node = NULL;
    if (strspn(text, simple) < reader.n || strcmp(text, "...") == 0) {
        if (!read_text(&reader, &node)) return false;
    }
    if (!node) { /* a plain word, or nothing */
        node = node_new(&reader, (yaml_mark_t){0});
        if (!node) return false;
        node->text = arena_copy(arena, strspn(text, simple) < reader.n ? "" : text);
        if (!node->text) return error_memory(err);
        resolve(node);
    }
    *out = node;
    return true;
}

/* ---- overrides ----------------------------------------------------------------------------- */

/* The member of `map` called `key`, made (null) when it is not there. */
static ConfNode *member(Conf *conf, ConfNode *map, const char *key, const char *file)
{
    ConfNode *child = find(map, key);
    if (child) return child;
    child = ARENA_NEW(conf->arena, ConfNode, 1);
    if (!child) return NULL;
    *child = (ConfNode){.kind = CONF_NULL, .key = key, .text = "", .file = file};
    ConfNode **link = &map->first;
    while (*link) link = &(*link)->next;
    *link = child;
    map->n++;
    return child;
}

bool conf_set_at(Conf *conf, const char *assignment, const char *place, Error *err)
{
    const char *equals = strchr(assignment, '=');
    if (!equals || equals == assignment)
        return error_set(err, ERR_CONFIG, "--set %.200s: expected KEY=VALUE, as in --set train.epochs=50",
                         assignment);
    char *path = arena_copy_n(conf->arena, assignment, (size_t)(equals - assignment));
    const char *file = place ? place : path ? arena_print(conf->arena, "--set %s", path) : NULL;
    if (!path || !file) return error_memory(err);
    if (!text_is_utf8(path, strlen(path)) || strlen(path) > LONGEST_KEY)
        return place_error(err, file, 0, 0, "no key looks like this");
    Reader reader = {.file = file, .placeless = true, .source = equals + 1, .n = strlen(equals + 1),
                     .conf = conf, .arena = conf->arena, .err = err};
    ConfNode *value;
    if (!read_text(&reader, &value)) return false;
    /* First look whether the path can be walked, so that a failure changes nothing. */
    const ConfNode *at = conf->root;
    int levels = 1;
    for (char *key = path, *dot; key; key = dot, levels++) {
        dot = strchr(key, '.');
        if (dot) *dot = '\0';
        if (!*key) return place_error(err, file, 0, 0, "a key is empty");
        at = find(at, key);
        if (dot && at && at->kind != CONF_MAP && at->kind != CONF_NULL)
            return conf_error(&(ConfNode){.file = file}, err, "`%s` is %s, not a section", key,
                              conf_kind_names[at->kind]);
        if (dot) *dot++ = '.';
    }
    if (levels > MOST_LEVELS) return place_error(err, file, 0, 0, "nested too deeply");
    ConfNode *target = conf->root;
    for (char *key = path, *dot; key; key = dot) {
        dot = strchr(key, '.');
        if (dot) *dot++ = '\0';
        if (target->kind != CONF_MAP) {
            target->kind = CONF_MAP;
            target->file = file;
            target->line = target->column = 0;
        }
        target = member(conf, target, key, file);
        if (!target) return error_memory(err);
    }
    ConfNode kept = *target;
    *target = value ? *value : (ConfNode){.kind = CONF_NULL, .text = "", .file = file};
    target->key = kept.key;
    target->key_line = target->key_column = 0;
    target->next = kept.next;
    return true;
}

/* ---- looking ------------------------------------------------------------------------------- */

const ConfNode *conf_get(const ConfNode *map, const char *key)
{
    return find(map, key);
}

bool conf_unknown_key(const ConfNode *node, const char *where, const char *const *known, Error *err)
{
    static const char head[] = "; known keys: ";
    char keys[sizeof head + 402];
    strcpy(keys, head);
    if (*known) names_join(known, keys + sizeof head - 1, sizeof keys - (sizeof head - 1));
    else strcat(keys, "none");
    if (!where) where = "";
    return conf_key_error(node, err, "unknown key `%s`%s%s%s", node->key, *where ? " " : "", where,
                          names_suggest(node->key, known, keys).text);
}

bool conf_only_keys(const ConfNode *map, const char *where, const char *const *known, Error *err)
{
    for (const ConfNode *child = map ? map->first : NULL; child; child = child->next)
        if (child->key && !is_one_of(child->key, known)) return conf_unknown_key(child, where, known, err);
    return true;
}
