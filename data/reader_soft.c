/* data/reader_soft.c - what a teacher says of the rows: columns of probabilities or numbers, by any system.
 *
 *     soft_labels: {no: p_no, yes: p_yes}    a column for each class, or for each target
 *     soft_labels: [p_no, p_yes]             the same, in the order of the classes
 *     soft_labels: {prefix: p_}              the columns p_no and p_yes
 *     soft_labels: teacher                   one column, of one number
 *
 * The columns leave the features. Probabilities of classes are at least 0 and add up to 1 (within SOFT_SUM,
 * then exactly); those of yes-or-noes lie within [0, 1]; numbers are any, in the unit of the label. A row
 * without any of them has its label alone: NaN. Only tables that train are read so; a model wants none. */
#include <math.h>
#include <string.h>

#include "data/reader.h"

static const double SOFT_SUM = 1e-3, MOST_NUMBER = 1e150; /* as far from 1; squares of more are infinite */

/* ---- the option -------------------------------------------------------------------------------------- */

static const char *prefix_of(const ConfNode *said)
{
    bool alone = said->kind == CONF_MAP && said->n == 1 && strcmp(said->first->key, "prefix") == 0;
    return alone ? said->first->text : NULL;
}

static bool is_column(const ConfNode *node)
{
    return node->kind == CONF_TEXT || node->kind == CONF_NUMBER;
}

bool soft_check(const ConfNode *said, Error *err)
{
    static const char takes[] = "a map from classes to columns, a list of columns, {prefix: p_}, or a column";
    if (!said || said->kind == CONF_NULL || is_column(said)) return true;
    if ((said->kind != CONF_MAP && said->kind != CONF_LIST) || said->n == 0)
        return conf_error(said, err, "data.soft_labels takes %s, not %s", takes,
                          said->kind == CONF_BOOL ? said->text : "nothing");
    for (const ConfNode *node = said->first; node; node = node->next)
        if (!is_column(node) || !*node->text)
            return conf_error(node, err, "data.soft_labels: a column is a name or a place, not %s",
                              is_column(node) ? "nothing" : conf_kind_names[node->kind]);
    return true;
}

/* ---- the plan ---------------------------------------------------------------------------------------- */

static bool take_column(Reading *r, int at, Error *err)
{
    RawColumn *column = &r->columns[at];
    const char *is = column->role == ROLE_LABEL ? "the label" : column->keys ? "another of groups, order,"
        " split_column and weight already" : column->taught ? "named twice" : NULL;
    if (is)
        return error_set(err, ERR_CONFIG, "data.soft_labels names `%s`, which is %s", column->name, is);
    column->taught = true;
    column->role = ROLE_KEPT;
    column->kind = COLUMN_NUMERIC;
    column->fixed = true;
    return true;
}

bool reading_soft_roles(Reading *r, Error *err)
{
    const ConfNode *said = r->options->soft_labels;
    if (!soft_check(said, err)) return false;
    if (!said || said->kind == CONF_NULL) return true;
    if (r->n_labels == 0)
        return error_set(err, ERR_CONFIG, "data.soft_labels: %s", r->mirror
                         ? "columns that predict themselves have no teacher"
                         : "there is no label of which a teacher could speak (data.label)");
    const char *prefix = prefix_of(said);
    int n = 0;
    for (int i = 0; prefix && i < r->n_columns; i++) {
        RawColumn *column = &r->columns[i];
        bool begins = strncmp(column->name, prefix, strlen(prefix)) == 0 && column->role != ROLE_LABEL;
        if (begins && !column->keys && (n++, !take_column(r, i, err))) return false;
    }
    if (prefix && n == 0)
        return error_set(err, ERR_CONFIG, "data.soft_labels: no column of %s begins with `%s`", r->path,
                         prefix);
    const ConfNode *node = prefix ? NULL : is_column(said) ? said : said->first;
    for (; node; node = node == said ? NULL : node->next) {
        int at = reading_column(r, node->text);
        if (at < 0) return reading_no_column(r, "soft_labels", node->text, err);
        if (!take_column(r, at, err)) return false;
    }
    return true;
}

/* ---- the table --------------------------------------------------------------------------------------- */

static const char *name_of(const Table *table, int c)
{
    return table->targets ? table->task.targets[c].name : table->classes[c];
}

/* A map or a prefix may name what is none of the classes. */
static bool all_known(const Reading *r, const Table *table, const ConfNode *said, Error *err)
{
    const int n = table_soft_width(table);
    const char *prefix = prefix_of(said), *what = table->targets ? "target" : "class";
    const char **names = ARENA_NEW(r->arena, const char *, n + 1);
    if (!names) return error_memory(err);
    for (int c = 0; c < n; c++) names[c] = name_of(table, c);
    const char *all = names_list(r->arena, names, n);
    const char *otherwise = all ? arena_print(r->arena, " (%s)", all) : NULL;
    if (!otherwise) return error_memory(err);
    for (int i = 0; prefix && i < r->n_columns; i++) {
        const RawColumn *column = &r->columns[i];
        const char *rest = column->name + strlen(prefix);
        if (column->taught && names_find(names, rest) < 0)
            return error_set(err, ERR_CONFIG, "data.soft_labels: column `%s` begins with `%s`, but `%s` is no"
                             " %s%s", column->name, prefix, rest, what,
                             names_suggest(rest, names, otherwise).text);
    }
    for (const ConfNode *node = prefix || said->kind != CONF_MAP ? NULL : said->first; node; node = node->next)
        if (names_find(names, node->key) < 0)
            return conf_key_error(node, err, "data.soft_labels: `%s` is no %s%s", node->key, what,
                                  names_suggest(node->key, names, otherwise).text);
    return true;
}

/* The column that speaks of class or target c; -1: none. */
static int column_of(const Reading *r, const Table *table, const ConfNode *said, int c)
{
    const char *prefix = prefix_of(said), *name = name_of(table, c);
    if (is_column(said)) return c == 0 ? reading_column(r, said->text) : -1;
    for (int i = 0; prefix && i < r->n_columns; i++)
        if (r->columns[i].taught && strcmp(r->columns[i].name + strlen(prefix), name) == 0) return i;
    const ConfNode *node = prefix ? NULL : said->first;
    if (said->kind == CONF_LIST) while (node && c-- > 0) node = node->next;
    else while (node && strcmp(node->key, name) != 0) node = node->next;
    return node ? reading_column(r, node->text) : -1;
}

static double number_of(const RawColumn *column, int row)
{
    return column->number ? column->number[row] : decimal_number(column->decimal[row], column->unit);
}

/* One row's words, of which n are expected. */
static bool check_row(const Reading *r, const Table *table, int row, int n, const RawColumn *const *column,
                      double *p, Error *err)
{
    const bool numbers = table->targets && table->task.kind == TASK_NUMBERS;
    double sum = 0;
    int missing = 0, first = -1;
    for (int c = 0; c < n; c++) {
        missing += isnan(p[c]);
        if (isnan(p[c]) && first < 0) first = c;
        sum += p[c];
    }
    if (missing == n || (table->targets && missing > 0)) return true;
    const char *why = NULL;
    int at = 0;
    for (int c = 0; c < n && !why; c++) {
        at = c;
        if (isnan(p[c])) why = "is missing or infinite, and others of the row are not";
        else if (!numbers && p[c] < 0) why = "is less than 0; probabilities are at least 0";
        else if (!numbers && p[c] > 1 + SOFT_SUM) why = "is more than 1; probabilities are at most 1";
        else if (numbers && fabs(p[c]) > MOST_NUMBER) why = "is so large that squares of it are infinite";
    }
    if (why)
        return error_set(err, ERR_DATA, "%s: data.soft_labels: row %d: `%s` %s", r->path,
                         table_source(table, row), column[at]->name, why);
    if (!table->targets && fabs(sum - 1) > SOFT_SUM)
        return error_set(err, ERR_DATA, "%s: data.soft_labels: row %d: the probabilities `%s` ... `%s` add"
                         " up to %g, not to 1", r->path, table_source(table, row), column[0]->name,
                         column[n - 1]->name, sum);
    for (int c = 0; c < n && !table->targets; c++) p[c] /= sum;
    if (table->targets && !numbers)
        for (int c = 0; c < n; c++) p[c] = p[c] > 1 ? 1 : p[c];
    return true;
}

bool reading_soft(Reading *r, Table *table, Error *err)
{
    const ConfNode *said = r->options->soft_labels;
    if (r->schema || !said || said->kind == CONF_NULL) return true;
    const int n = table_soft_width(table), columns = is_column(said) ? 1 : said->n;
    if (table->task.n_quantiles > 0)
        return error_set(err, ERR_CONFIG, "data.soft_labels: a teacher's number is no quantile; leave"
                         " data.quantiles out");
    if (!all_known(r, table, said, err)) return false;
    if ((is_column(said) || said->kind == CONF_LIST) && columns != n)
        return error_set(err, ERR_CONFIG, "data.soft_labels names %d column%s for %d %s", columns,
                         columns == 1 ? "" : "s", n, table->targets ? "targets" : "classes");
    const RawColumn **column = ARENA_NEW(r->arena, const RawColumn *, n);
    double *soft = ARENA_NEW(r->arena, double, (size_t)r->n_rows * (size_t)n);
    if (!column || !soft) return error_memory(err);
    for (int c = 0; c < n; c++) {
        int at = column_of(r, table, said, c);
        if (at < 0)
            return error_set(err, ERR_CONFIG, "data.soft_labels has no column for %s `%s`",
                             table->targets ? "target" : "class", name_of(table, c));
        column[c] = &r->columns[at];
        if (column[c]->kind != COLUMN_NUMERIC)
            return error_set(err, ERR_DATA, "%s: data.soft_labels: column `%s` holds words; a teacher says"
                             " numbers", r->path, column[c]->name);
    }
    int silent = 0;
    for (int i = 0; i < r->n_rows; i++) {
        double *p = soft + (size_t)i * (size_t)n;
        for (int c = 0; c < n; c++) p[c] = number_of(column[c], i);
        if (!check_row(r, table, i, n, column, p, err)) return false;
        int said_of = 0;
        for (int c = 0; c < n; c++) said_of += !isnan(p[c]);
        silent += said_of == 0;
    }
    table->soft = soft;
    if (silent == r->n_rows)
        return error_set(err, ERR_DATA, "%s: data.soft_labels: all cells of `%s` are missing: there is no"
                         " teacher", r->path, column[0]->name);
    if (silent > 0)
        reading_note(r, "data.soft_labels: %d of %d rows have no teacher's word, and learn from their label"
                     " alone", silent, r->n_rows);
    return true;
}
