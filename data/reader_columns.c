/* data/reader_columns.c - what data.columns says: a map from columns, by name or place, to what they are.
 *
 *     columns:
 *       price: numeric              or nominal, date, text, ignore
 *       when: {date: "%d.%m.%Y"}    a format of data/dates.h, or unix, unix_ms
 *       size: [S, M, L, XL]         levels from low to high; {ordered: [S, M, L, XL]} is the same
 */
#include <string.h>

#include "base/names.h"
#include "data/dates.h"
#include "data/reader.h"

static const char *const words[] = {"numeric", "nominal", "date", "text", "ignore", NULL};
enum { WORD_IGNORE = 4 };
static const char takes[] = "numeric, nominal, date, {date: \"%d.%m.%Y\"}, text, ignore, or a list of levels"
    " from low"
                            " to high";

/* The word that a declaration consists of, or the member of its map; -1: it is a list of levels, or wrong. */
static int word_of(const ConfNode *node)
{
    if (node->kind == CONF_TEXT) return names_find(words, node->text);
    return node->kind == CONF_MAP && node->n == 1 && strcmp(node->first->key, "date") == 0 ? COLUMN_DATE : -1;
}

static const ConfNode *levels_of(const ConfNode *node)
{
    if (node->kind == CONF_LIST) return node;
    bool map = node->kind == CONF_MAP && node->n == 1 && strcmp(node->first->key, "ordered") == 0;
    return map && node->first->kind == CONF_LIST ? node->first : NULL;
}

static bool check_levels(const ConfNode *list, const char *column, Error *err)
{
    if (list->n < 2) return conf_error(list, err, "column `%s`: levels in order are at least two", column);
    for (const ConfNode *a = list->first; a; a = a->next) {
        if (!a->text || !*a->text || a->kind == CONF_NULL)
            return conf_error(a, err, "column `%s`: a level is a word, not %s", column,
                              conf_kind_names[a->kind]);
        for (const ConfNode *b = list->first; b != a; b = b->next)
            if (strcmp(a->text, b->text) == 0)
                return conf_error(a, err, "column `%s`: the level `%s` is listed twice", column, a->text);
    }
    return true;
}

static const char *format_of(const char *word)
{
    if (strcmp(word, "unix") == 0) return "%s";
    return strcmp(word, "unix_ms") == 0 ? "%Q" : word;
}

static bool check_format(const ConfNode *node, const char *column, Error *err)
{
    const char *why = "it is no text";
    if (node->kind == CONF_TEXT && date_format_check(format_of(node->text), &why)) return true;
    return conf_error(node, err, "column `%s`: `%s` is no format of dates: %s; as in \"%%d.%%m.%%Y\", unix or"
                      " unix_ms", column, node->text ? node->text : conf_kind_names[node->kind], why);
}

bool columns_check(const ConfNode *map, Error *err)
{
    if (!map || map->kind == CONF_NULL) return true;
    if (map->kind != CONF_MAP)
        return conf_error(map, err, "data.columns takes a map, as in {price: numeric}, not %s",
                          conf_kind_names[map->kind]);
    for (const ConfNode *node = map->first; node; node = node->next) {
        const ConfNode *levels = levels_of(node);
        int word = word_of(node);
        if (levels && !check_levels(levels, node->key, err)) return false;
        if (word == COLUMN_DATE && node->kind == CONF_MAP &&
            !check_format(node->first, node->key, err))
            return false;
        if (!levels && word < 0)
            return conf_error(node, err, "column `%s` takes %s, not %s%s", node->key, takes,
                              node->text ? node->text : conf_kind_names[node->kind],
                              node->text ? names_suggest(node->text, words, "").text : "");
    }
    return true;
}

static bool is_label(const Reading *r, int column)
{
    for (int i = 0; i < r->n_labels; i++)
        if (r->label_columns[i] == column) return true;
    return false;
}

bool reading_columns_roles(Reading *r, Error *err)
{
    const ConfNode *map = r->options->columns;
    if (!columns_check(map, err)) return false;
    for (const ConfNode *node = map ? map->first : NULL; node; node = node->next) {
        int at = reading_column(r, node->key);
        if (at < 0) return reading_no_column(r, "columns", node->key, err);
        if (word_of(node) != WORD_IGNORE) continue;
        if (is_label(r, at))
            return conf_error(node, err, "data.columns ignores `%s`, which is the label; set data.label to"
                              " another column", r->columns[at].name);
        r->columns[at].role = ROLE_IGNORED;
    }
    return true;
}

static bool add_levels(Reading *r, RawColumn *column, const ConfNode *list, Error *err)
{
    for (const ConfNode *level = list->first; level; level = level->next)
        if (text_set_add(&column->levels, r->arena, level->text, strlen(level->text)) < 0)
            return error_memory(err);
    column->n_known = column->levels.n;
    return true;
}

bool reading_columns_kinds(Reading *r, Error *err)
{
    const ConfNode *map = r->options->columns;
    for (const ConfNode *node = map ? map->first : NULL; node; node = node->next) {
        RawColumn *column = &r->columns[reading_column(r, node->key)];
        const ConfNode *levels = levels_of(node);
        int word = word_of(node);
        if (column->role != ROLE_FEATURE) continue; /* classes are names, whatever they look like */
        ColumnKind kind = levels ? COLUMN_ORDERED : (ColumnKind)word;
        if (column->fixed && column->kind != kind)
            return conf_error(node, err, "column `%s` stands in data.%s, too", column->name,
                              column_kind_names[column->kind]);
        column->fixed = column->said = true;
        column->becomes = kind;
        column->kind = kind == COLUMN_NUMERIC ? COLUMN_NUMERIC : COLUMN_NOMINAL;
        if (kind == COLUMN_DATE && node->kind == CONF_MAP) {
            column->format = arena_copy(r->arena, format_of(node->first->text));
            if (!column->format) return error_memory(err);
        }
        if (levels && !add_levels(r, column, levels, err)) return false;
    }
    return true;
}
