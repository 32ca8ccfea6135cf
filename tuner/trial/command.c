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
    out->word = word;
    return true;
}

/* ---- values as Python writes them ------------------------------------------------------------ */

/* repr() of a float: the fewest digits that read back the same, with a point or an exponent. */
static void python_real(double x, Text *out)
{
    char digits[40];
    int exponent;
    if (!isfinite(x)) {
        text_add(out, isnan(x) ? "nan" : x > 0 ? "inf" : "-inf");
        return;
    }
    for (int p = 0; p <= 17; p++) {
        snprintf(digits, sizeof digits, "%.*e", p, x);
        if (strtod(digits, NULL) == x) break;
    }
    const char *e = strchr(digits, 'e'), *point = strchr(digits, '.');
    exponent = e ? atoi(e + 1) : 0;
    if (exponent < -4 || exponent >= 16) {
        text_add(out, digits); /* C and Python agree: at least two digits of exponent */
        return;
    }
    int decimals = (point ? (int)strcspn(point + 1, "e") : 0) - exponent;
    text_print(out, "%.*f", decimals > 1 ? decimals : 1, x);
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
        else text_add_n(out, text, 1);
    }
    text_add_n(out, &quote, 1);
}

/* What JSON calls 2 and 2.0 is one number here: whole ones are printed as whole. */
static void python_doc(const Doc *doc, Text *out)
{
    const char *key;
    const Doc *child;
    switch (doc_kind(doc)) {
    case DOC_NULL: text_add(out, "None"); break;
    case DOC_BOOL: text_add(out, doc_to_bool(doc, false) ? "True" : "False"); break;
    case DOC_NUMBER: {
        double x = doc_to_number(doc, 0);
        if (x == floor(x) && fabs(x) <= 0x1p53) text_print(out, "%.0f", x);
        else python_real(x, out);
        break;
    }
    case DOC_TEXT: python_text(doc_to_text(doc, ""), out); break;
    case DOC_ARRAY:
        text_add(out, "[");
        for (size_t i = 0; i < doc_count(doc); i++) {
            if (i > 0) text_add(out, ", ");
            python_doc(doc_at(doc, i), out);
        }
        text_add(out, "]");
        break;
    case DOC_OBJECT:
        text_add(out, "{");
        for (size_t i = 0; doc_member(doc, i, &key, &child); i++) {
            if (i > 0) text_add(out, ", ");
            python_text(key, out);
            text_add(out, ": ");
            python_doc(child, out);
        }
        text_add(out, "}");
        break;
    }
}

bool command_value(const Value *value, Text *out)
{
    switch (value->kind) {
    case VALUE_NONE: text_add(out, "None"); break;
    case VALUE_BOOL: text_add(out, value->number != 0 ? "True" : "False"); break;
    case VALUE_INT: text_print(out, "%.0f", value->number); break;
    case VALUE_REAL: python_real(value->number, out); break;
    case VALUE_TEXT: text_add(out, value->text); break;
    case VALUE_LIST: {
        Doc *doc = doc_parse(value->text, strlen(value->text), NULL);
        if (doc) python_doc(doc, out);
        else out->broken = true;
        doc_free(doc);
        break;
    }
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
                doc_set(out, node->key, doc_value(&values[i]));
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
