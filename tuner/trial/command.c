/* Macros become words, values become the text that Python would print. */
#include "tuner/trial/command.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/grow.h"
#include "base/names.h"

#define MACRO_LIST(X)                                                                             \
    X(MACRO_ENV, "${env}") X(MACRO_INTERPRETER, "${interpreter}") X(MACRO_PROGRAM, "${program}")  \
    X(MACRO_ARGS, "${args}") X(MACRO_NO_HYPHENS, "${args_no_hyphens}")                            \
    X(MACRO_NO_EQUALS, "${args_no_equals}") X(MACRO_NO_BOOLEAN, "${args_no_boolean_flags}")       \
    X(MACRO_APPEND, "${args_append_hydra}") X(MACRO_OVERRIDE, "${args_override_hydra}")           \
    X(MACRO_JSON, "${args_json}") X(MACRO_JSON_FILE, "${args_json_file}")
typedef enum { MACRO_LIST(LIST_ID) MACRO_NONE } Macro;
static const char *const macros[] = {MACRO_LIST(LIST_NAME) NULL};
static const char *const default_words[] = {"${env}", "${interpreter}", "${program}", "${args}"};
static const char envvar[] = "${envvar:";

static Macro macro_of(const char *word)
{
    int m = names_find(macros, word);
    return m < 0 ? MACRO_NONE : (Macro)m;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool check_word(const Command *command, const ConfNode *node, Error *err)
{
    if (node->kind == CONF_LIST || node->kind == CONF_MAP || node->kind == CONF_NULL)
        return conf_error(node, err, "a word of `command` is text or a number");
    const char *text = node->text;
    size_t n = strlen(text);
    Macro macro = macro_of(text);
    if (macro == MACRO_PROGRAM && !command->program)
        return conf_error(node, err, "`${program}` stands here, but there is no `program`");
    if (macro != MACRO_NONE) return true;
    bool whole = n > 3 && strncmp(text, "${", 2) == 0 && text[n - 1] == '}'
              && !strchr(text + 2, '$') && strchr(text, '}') == text + n - 1;
    if (whole && strncmp(text, envvar, sizeof envvar - 1) != 0)
        return conf_error(node, err, "unknown macro `%.60s`%s; an environment variable is `${envvar:NAME}`",
                          text, names_suggest(text, macros, "").text);
    for (int m = 0; macros[m]; m++)
        if (strstr(text, macros[m]))
            return conf_error(node, err, "`%s` must be a word of its own in `command`, not part of"
                              " `%.60s`", macros[m], text);
    return true;
}

bool command_read(const char *program, const ConfNode *command, const Space *space,
                  const ConfNode *parameters, Arena *arena, Command *out, Error *err)
{
    *out = (Command){.program = program, .space = space, .parameters = parameters};
    if (!command) return true;
    if (command->kind != CONF_LIST || command->n == 0)
        return conf_error(command, err, "`command` is a list of words, such as"
                          " [python3, \"${program}\", \"${args}\"]");
    const ConfNode **word = ARENA_NEW(arena, const ConfNode *, command->n);
    if (!word) return error_memory(err);
    for (const ConfNode *node = command->first; node; node = node->next) {
        if (!check_word(out, node, err)) return false;
        word[out->n++] = node;
    }
    Macro first = macro_of(word[0]->text);
    if (!*word[0]->text || (first != MACRO_NONE && first > MACRO_PROGRAM))
        return conf_error(word[0], err, "the first word of `command` must be a program; what W&B runs without"
                          " `command` is [\"${env}\", \"${interpreter}\", \"${program}\", \"${args}\"]");
    out->word = word;
    return true;
}

/* ---- values as Python writes them ------------------------------------------------------------ */

static void python_real(double x, Text *out)
{
    Value value = value_real(x);
    if (isfinite(x)) value_exact(&value, out);
    else text_add(out, isnan(x) ? "nan" : x > 0 ? "inf" : "-inf");
}

/* The character at `text`, of two or three bytes; 0: of another length. */
static unsigned code_at(const char *text)
{
    const unsigned char *b = (const unsigned char *)text;
    if (b[0] >= 0xC2 && b[0] < 0xE0 && b[1]) return (b[0] & 0x1Fu) << 6 | (b[1] & 0x3Fu);
    if (b[0] >= 0xE0 && b[0] < 0xF0 && b[1] && b[2])
        return (b[0] & 0x0Fu) << 12 | (b[1] & 0x3Fu) << 6 | (b[2] & 0x3Fu);
    return 0;
}

/* Blanks and controls that Python's repr() spells out. */
static bool is_unseen(const char *text)
{
    unsigned c = code_at(text);
    return (c >= 0x80 && c <= 0xA0) || c == 0xAD || (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F)
        || (c >= 0x205F && c <= 0x206F) || c == 0x3000 || c == 0xFEFF || (c >= 0xE000 && c <= 0xF8FF);
}

/* Returns how many bytes more than one it had. */
static size_t add_escape(const char *text, Text *out)
{
    unsigned c = code_at(text);
    text_print(out, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
    return c < 0x800 ? 1 : 2;
}

static void python_text(const char *text, Text *out)
{
    char quote = strchr(text, '\'') && !strchr(text, '"') ? '"' : '\'';
    text_add_n(out, &quote, 1);
    for (; *text; text++) {
        if (*text == quote || *text == '\\') text_add(out, "\\");
        if (*text == '\n') text_add(out, "\\n");
        else if (*text == '\t') text_add(out, "\\t");
        else if (*text == '\r') text_add(out, "\\r");
        else if ((unsigned char)*text < 0x20 || *text == 0x7F) text_print(out, "\\x%02x", *text);
        else if (is_unseen(text)) text += add_escape(text, out);
        else text_add_n(out, text, 1);
    }
    text_add_n(out, &quote, 1);
}

static void python_word(const char *word, size_t n, Text *out)
{
    static const struct { const char *json, *python; } words[] = {
        {"null", "None"}, {"true", "True"}, {"false", "False"}, {"NaN", "nan"}, {"Infinity", "inf"},
        {"-Infinity", "-inf"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].json) == n && strncmp(words[i].json, word, n) == 0) text_add(out, words[i].python);
}

/* JSON of ours, as json.dumps writes it: 2 is an int, 2.0 a float. */
static void python_json(const char *json, Text *out)
{
    size_t n;
    for (PieceKind kind; (kind = value_piece(json, &n)) != PIECE_END; json += n) {
        if (kind == PIECE_TEXT) {
            Doc *text = doc_parse(json, n, NULL);
            if (text) python_text(doc_to_text(text, ""), out);
            else out->broken = true;
            doc_free(text);
        } else if (kind == PIECE_WORD) {
            python_word(json, n, out);
        } else if (kind == PIECE_NUMBER && strcspn(json, ".eE") < n) {
            python_real(strtod(json, NULL), out);
        } else if (*json != ' ') {
            text_add_n(out, json, n);
            if (kind == PIECE_MARK && (*json == ',' || *json == ':')) text_add(out, " ");
        }
    }
}

bool command_value(const Value *value, Text *out)
{
    switch (value->kind) {
    case VALUE_NONE: text_add(out, "None"); break;
    case VALUE_BOOL: text_add(out, value->number != 0 ? "True" : "False"); break;
    case VALUE_INT:
        if (value->text) text_add(out, value->text);
        else text_print(out, "%.0f", value->number);
        break;
    case VALUE_REAL: python_real(value->number, out); break;
    case VALUE_TEXT: text_add(out, value->text); break;
    case VALUE_LIST: python_json(value->text, out); break;
    }
    return text_ok(out);
}

/* ---- one trial ------------------------------------------------------------------------------- */

typedef struct {
    const char **words;
    int n, room;
    Arena *arena;
    bool failed;
} Words;

static void push(Words *words, const char *word)
{
    if (!word || !GROW(words->arena, words->words, words->n, words->room)) words->failed = true;
    if (!words->failed) words->words[words->n++] = word;
}

static void push_args(const Command *command, const Value *values, Macro macro, Words *words)
{
    const char *prefix = macro == MACRO_NO_HYPHENS ? "" : macro == MACRO_APPEND ? "+"
                       : macro == MACRO_OVERRIDE ? "++" : "--";
    for (int i = 0; i < command->space->n_params; i++) {
        const char *name = command->space->params[i].name;
        if (values[i].kind == VALUE_NONE) continue;
        if (macro == MACRO_NO_BOOLEAN && values[i].kind == VALUE_BOOL) {
            if (values[i].number != 0) push(words, arena_print(words->arena, "--%s", name));
            continue;
        }
        Text text = {0};
        text_add(&text, "");
        if (!command_value(&values[i], &text)) {
            words->failed = true;
        } else if (macro == MACRO_NO_EQUALS) {
            push(words, arena_print(words->arena, "--%s", name));
            push(words, arena_copy(words->arena, text.bytes));
        } else {
            push(words, arena_print(words->arena, "%s%s=%s", prefix, name, text.bytes));
        }
        text_free(&text);
    }
}

/* A word with every ${envvar:NAME} in it replaced. */
static const char *with_environment(const char *word, const ConfNode *node, Arena *arena, Error *err)
{
    const char *at = strstr(word, envvar);
    if (!at) return word;
    Text text = {0};
    const char *from = word, *out = NULL;
    for (; at; at = strstr(from, envvar)) {
        const char *name = at + sizeof envvar - 1, *end = strchr(name, '}');
        if (!end) break;
        char *key = arena_copy_n(arena, name, (size_t)(end - name));
        const char *value = key ? getenv(key) : NULL;
        if (!key || !value) {
            text_free(&text);
            if (!key) error_memory(err);
            else conf_error(node, err, "the environment variable `%.80s` is not set", key);
            return NULL;
        }
        text_add_n(&text, from, (size_t)(at - from));
        text_add(&text, value);
        from = end + 1;
    }
    text_add(&text, from);
    if (text_ok(&text)) out = arena_copy(arena, text.bytes);
    text_free(&text);
    if (!out) error_memory(err);
    return out;
}

bool command_words(const Command *command, const Value *values, const char *json,
                   const char *json_file, Arena *arena, const char *const **out, Error *err)
{
    Words words = {.arena = arena};
    int n = command->word ? command->n : (int)(sizeof default_words / sizeof *default_words);
    for (int i = 0; i < n; i++) {
        const ConfNode *node = command->word ? command->word[i] : NULL;
        const char *word = node ? node->text : default_words[i];
        Macro macro = macro_of(word);
        switch (macro) {
        case MACRO_ENV: push(&words, "/usr/bin/env"); break;
        case MACRO_INTERPRETER:
            push(&words, command_find("python", arena) ? "python" : "python3");
            break;
        case MACRO_PROGRAM: push(&words, command->program); break;
        case MACRO_JSON: push(&words, json); break;
        case MACRO_JSON_FILE: push(&words, json_file); break;
        case MACRO_NONE:
            word = with_environment(word, node, arena, err);
            if (!word) return false;
            push(&words, word);
            break;
        default: push_args(command, values, macro, &words);
        }
    }
    if (words.failed) return error_memory(err);
    if (words.n == 0)
        return error_set(err, ERR_CONFIG, "`command` comes to nothing: no word of it is left");
    if (!GROW(arena, words.words, words.n, words.room)) return error_memory(err);
    words.words[words.n] = NULL;
    *out = words.words;
    return true;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void add_params(const Command *command, const ConfNode *map, const Value *values, Doc *out)
{
    const Space *space = command->space;
    for (const ConfNode *node = map ? map->first : NULL; node; node = node->next) {
        const ConfNode *inner = conf_get(node, "parameters");
        if (inner) {
            Doc *group = doc_object();
            add_params(command, inner, values, group);
            if (doc_count(group) > 0) doc_set(out, node->key, group);
            else doc_free(group);
            continue;
        }
        for (int i = 0; i < space->n_params; i++)
            if (space->params[i].node == node && values[i].kind != VALUE_NONE)
                doc_set(out, node->key, doc_exact(&values[i]));
    }
}

Doc *command_params(const Command *command, const Value *values)
{
    Doc *doc = doc_object();
    add_params(command, command->parameters, values, doc);
    return doc;
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool can_run(const char *path)
{
    return file_exists(path) && !file_is_folder(path) && access(path, X_OK) == 0;
}

char *command_find(const char *word, Arena *arena)
{
    if (strchr(word, '/')) return can_run(word) ? arena_copy(arena, word) : NULL;
    const char *path = getenv("PATH");
    if (!path) path = "/usr/local/bin:/usr/bin:/bin";
    while (*path) {
        size_t n = strcspn(path, ":");
        char *full = arena_print(arena, "%.*s%s%s", (int)n, path, n ? "/" : "", word);
        if (full && can_run(full)) return full;
        path += n + (path[n] == ':');
    }
    return NULL;
}
