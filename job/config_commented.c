/* job/config_commented.c - the configuration as a person would write it: what was said, and what each key
 * means. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "job/config.h"
#include "job/config_tables.h"
#include "job/kind.h"

enum { COMMENT_AT = 44, WIDTH = 112 };

typedef struct {
    const Config *config;
    const char *folder;
    Arena *arena;
    Text *out;
} Writer;

/* ---- paths --------------------------------------------------------------------------------------- */

/* `path` as it is seen from the writer's folder; as a whole where the two have nothing in common. */
static const char *seen_from(const Writer *w, const char *path)
{
    char from[PATH_MAX + 1], to[PATH_MAX];
    const char *whole = path_join(w->arena, w->config->data.read.dir, path);
    if (!whole || !realpath(w->folder && *w->folder ? w->folder : ".", from) || !realpath(whole, to))
        return whole;
    if (strcmp(from, "/") != 0) strcat(from, "/");
    size_t same = 0; /* behind the last slash of what both begin with */
    for (size_t i = 0; from[i] && from[i] == to[i]; i++)
        if (from[i] == '/') same = i + 1;
    if (same <= 1) return arena_copy(w->arena, to);
    const char *seen = arena_copy(w->arena, to + same);
    for (const char *c = from + same; seen && *c; c++)
        if (*c == '/') seen = arena_print(w->arena, "../%s", seen);
    return seen;
}

/* ---- lines --------------------------------------------------------------------------------------- */

/* Ends the line that began at `from` with what it is about: behind it, or above it where it is long. */
static void comment(const Writer *w, size_t from, int indent, const char *help)
{
    size_t n = w->out->n - from, at = n + 2 <= COMMENT_AT ? COMMENT_AT : n + 2;
    const char *more = help ? strstr(help, "; its keys:") : NULL; /* of help, where they follow */
    if (more) help = arena_copy_n(w->arena, help, (size_t)(more - help));
    if (!help || !*help || !text_ok(w->out)) {
        text_add(w->out, "\n");
    } else if (at + 2 + strlen(help) <= WIDTH) {
        text_print(w->out, "%*s# %s\n", (int)(at - n), "", help);
    } else {
        const char *line = arena_copy(w->arena, w->out->bytes + from);
        w->out->n = from;
        text_print(w->out, "%*s# %s\n%s\n", indent, "", help, line ? line : "");
    }
}

static void key(const Writer *w, const ConfNode *node, int indent)
{
    const ConfNode text = {.kind = CONF_TEXT, .text = node->key};
    text_print(w->out, "%*s", indent, "");
    conf_print_line(&text, w->out);
    text_add(w->out, ":");
}

static void line(const Writer *w, const ConfNode *node, int indent, const char *help)
{
    size_t from = w->out->n;
    key(w, node, indent);
    text_add(w->out, " ");
    conf_print_line(node, w->out);
    comment(w, from, indent, help);
}

static void parameters(const Writer *w, const ConfNode *map, const char *above, int indent)
{
    for (const ConfNode *node = map->first; node; node = node->next) {
        const char *name = *above ? arena_print(w->arena, "%s.%s", above, node->key) : node->key;
        const ConfNode *inner = node->kind == CONF_MAP ? conf_get(node, "parameters") : NULL;
        const Field *field = name && w->config->kind->trains ? settings_field(name) : NULL;
        if (inner && name) {
            size_t from = w->out->n;
            key(w, node, indent);
            comment(w, from, indent, field ? field->help : NULL);
            text_print(w->out, "%*sparameters:\n", indent + 2, "");
            parameters(w, inner, name, indent + 4);
        } else {
            line(w, node, indent, field ? field->help : NULL);
        }
    }
}

/* The section of numbers: settings and parameters, each with what it means. */
static void numbers(const Writer *w, const ConfNode *map)
{
    for (const ConfNode *node = map->first; node; node = node->next) {
        const bool over = strcmp(node->key, "train") == 0 || strcmp(node->key, "preprocess") == 0;
        const char *help = over ? "what differs from those above" : "instead of those above";
        size_t from = w->out->n;
        if (node->kind != CONF_MAP) {
            line(w, node, 2, "instead of the one above, or of none");
            continue;
        }
        key(w, node, 2);
        comment(w, from, 2, help);
        parameters(w, node, "", 4);
    }
}

static void members(const Writer *w, const ConfNode *map, const FieldTable *table, int indent);

static void member(const Writer *w, const ConfNode *node, const Field *field, int indent)
{
    const bool section = field && field->kind == FIELD_SECTION && node->kind == CONF_MAP && indent == 0;
    const bool space = node == w->config->parameters, list = node->kind == CONF_LIST && node->n > 0
        && indent == 0, ours = node == w->config->numbers && node->kind == CONF_MAP;
    const char *help = field ? field->help : NULL;
    size_t from = w->out->n;
    if (!section && !space && !list && !ours) {
        line(w, node, indent, help);
        return;
    }
    text_add(w->out, "\n");
    from = w->out->n;
    key(w, node, indent);
    comment(w, from, indent, help);
    if (section) members(w, node, field->section, indent + 2);
    else if (space) parameters(w, node, "", indent + 2);
    else if (ours) numbers(w, node);
    for (const ConfNode *item = list ? node->first : NULL; item; item = item->next) {
        text_add(w->out, "  - ");
        conf_print_line(item, w->out);
        text_add(w->out, "\n");
    }
}

/* The data's paths move with the file. */
static const ConfNode *moved(const Writer *w, const ConfNode *node)
{
    ConfNode *copy = ARENA_NEW(w->arena, ConfNode, 1);
    const ConfNode *text = node->kind == CONF_TEXT ? node : NULL;
    const char *seen = text ? seen_from(w, text->text) : "";
    if (!copy || !seen) {
        w->out->broken = true;
        return node;
    }
    *copy = *node;
    if (text) copy->text = seen;
    copy->first = NULL;
    ConfNode **at = &copy->first;
    for (const ConfNode *child = text ? NULL : node->first; child; child = child->next, at = &(*at)->next) {
        *at = (ConfNode *)moved(w, child);
        if (w->out->broken) return node;
        (*at)->next = NULL;
    }
    return copy;
}

/* The section `split` with the paths of its files moved. */
static const ConfNode *split_moved(const Writer *w, const ConfNode *node)
{
    ConfNode *copy = ARENA_NEW(w->arena, ConfNode, 1);
    if (!copy) {
        w->out->broken = true;
        return node;
    }
    *copy = *node;
    ConfNode **at = &copy->first;
    for (const ConfNode *child = node->first; child; child = child->next, at = &(*at)->next) {
        bool path = strcmp(child->key, "train") == 0 || strcmp(child->key, "valid") == 0
                 || strcmp(child->key, "test") == 0;
        ConfNode *other = ARENA_NEW(w->arena, ConfNode, 1);
        if (!other) {
            w->out->broken = true;
            return node;
        }
        *other = path ? *moved(w, child) : *child;
        other->next = NULL;
        *at = other;
    }
    return copy;
}

static void members(const Writer *w, const ConfNode *map, const FieldTable *table, int indent)
{
    const bool data = strcmp(table->name, "data") == 0;
    const DataOptions *o = &w->config->data;
    for (const ConfNode *node = map->first; node; node = node->next) {
        const Field *field = field_find(table, node->key);
        const ConfNode renamed = {.kind = CONF_TEXT, .key = "name", .text = w->config->name};
        const bool file = data && ((node == o->train && o->train_file.images) || (node == o->test
                                                                                  && o->test_file.images));
        if (data && strcmp(node->key, "dir") == 0) continue; /* the paths have it */
        if (indent == 0 && strcmp(node->key, "name") == 0) member(w, &renamed, field, indent);
        else if (data && strcmp(node->key, "split") == 0 && node->kind == CONF_MAP)
            member(w, split_moved(w, node), field, indent);
        else member(w, file ? moved(w, node) : node, field, indent);
    }
}

bool config_print_commented(const Config *config, const char *folder, Text *out)
{
    ConfigTables tables;
    Writer w = {config, folder, arena_create(0), out};
    if (!w.arena) return false;
    config_tables_make(&tables);
    members(&w, config->conf->root, &tables.root, 0);
    arena_destroy(w.arena);
    return text_ok(out);
}
