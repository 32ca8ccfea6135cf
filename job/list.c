/* job/list.c - puts together the question that lists a study's trials. */
#include "job/list.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/set.h"
#include "job/best.h"
#include "tuner/trial/goals.h"

/* The name of the study's own view. */
static const char *view_of(const OpenStudy *open, Error *err)
{
    const char *sql = arena_print(open->arena, "SELECT view_name FROM study WHERE study_id = %" PRId64,
                                  open->study.id), *name = NULL;
    if (!sql) return error_memory(err), NULL;
    Doc *rows = doc_array();
    if (query_rows(open->store, sql, 5, rows, err)) {
        name = arena_copy(open->arena, doc_to_text(doc_get(doc_at(rows, 0), "view_name"), ""));
        if (!name) error_memory(err);
    }
    doc_free(rows);
    return name;
}

/* A column for each goal beyond the first, which is `value`; the view has n_params, but of all folds. */
static void add_goals(const Goals *goals, Text *sql)
{
    for (int g = 1; g < goals->n; g++) {
        const Goal *goal = &goals->goal[g];
        const char *cost = goal->cost ? "cost_" : "";
        text_print(sql, ", (SELECT m.value FROM metric m WHERE m.trial_id = v.trial_id AND m.fold = -1"
                   " AND m.split = '%s' AND m.name = '%s') AS \"%s%s\"", goal->split, goal->key, cost,
                   goal->name);
    }
}

/* IN_LS: is it listed by default? IN_COLUMNS: can it be named? */
static bool is_column(int i, unsigned when)
{
    return column_in(&trial_columns.columns[i], when);
}

static bool add_name(TextSet *set, const char *name, Arena *arena)
{
    return text_set_add(set, arena, name, strlen(name)) >= 0;
}

/* The columns of `trial` that are not listed by default, joined for --columns, --where and --sort: all but
 * those whose name is a parameter's or a goal's. */
static bool add_columns(const OpenStudy *open, const char *view, const Goals *goals, Text *sql, Error *err)
{
    const char *name_of_view = sql_quote(view, open->arena);
    const char *ask = name_of_view ? arena_print(open->arena, "SELECT name FROM pragma_table_info(%s)",
                                                 name_of_view) : NULL;
    TextSet known = {0};
    Doc *rows = doc_array();
    bool ok = ask ? query_rows(open->store, ask, 5, rows, err) : error_memory(err), room = true;
    for (size_t i = 0; ok && room && i < doc_count(rows); i++)
        room = add_name(&known, doc_to_text(doc_get(doc_at(rows, i), "name"), ""), open->arena);
    for (int g = 1; ok && room && g < goals->n; g++) room = add_name(&known, goals->goal[g].name, open->arena);
    doc_free(rows);
    if (!ok) return false;
    if (!room) return error_memory(err);
    text_add(sql, " JOIN (SELECT trial_id AS trial_row");
    for (int i = 0; i < trial_columns.n; i++) {
        const char *name = trial_columns.columns[i].name;
        bool taken = false;
        for (int k = 0; k < known.n; k++) taken |= strcasecmp(known.text[k], name) == 0;
        if (!taken && is_column(i, IN_COLUMNS)) text_print(sql, ", %s", name);
    }
    text_add(sql, " FROM trial) ON trial_row = d.trial_id");
    return true;
}

/* " AND trial IN (4, 7)" */
static const char *front_where(const Front *front, const TrialRow *rows, Arena *arena)
{
    Text text = {0};
    text_add(&text, " AND trial IN (");
    for (int k = 0; k < front->n_front; k++)
        text_print(&text, "%s%d", k ? ", " : "", rows[front->row[front->order[k]]].number);
    text_add(&text, ")");
    const char *copy = text_ok(&text) ? arena_copy(arena, text.bytes) : NULL;
    text_free(&text);
    return copy;
}

/* What limits the list to the front, whose goals may be more than the study's own. "": nothing does. */
static const char *limit_to_front(const OpenStudy *open, const ListOptions *o, Goals *goals, Error *err)
{
    Front front;
    const TrialRow *rows;
    if (!o->front) return "";
    if (!study_front(open, &front, &rows, err)) return NULL;
    *goals = front.goals;
    const char *where = front_where(&front, rows, open->arena);
    if (!where) error_memory(err);
    return where;
}

/* Are these columns of trials, and not something that is reckoned from several? */
static bool is_rows(const char *columns)
{
    return !columns || (!strpbrk(columns, "()") && strncasecmp(columns, "distinct", 8) != 0);
}

const char *list_question(const OpenStudy *open, const ListOptions *o, Error *err)
{
    Goals goals = open->stored.goals;
    const char *view = view_of(open, err), *state = NULL;
    if (!view) return NULL;
    const char *where_front = limit_to_front(open, o, &goals, err);
    if (!where_front) return NULL;
    if (o->state && !(state = sql_quote(o->state, open->arena))) return error_memory(err), NULL;
    Text sql = {0};
    text_print(&sql, "SELECT %s, %s FROM (SELECT v.*", o->columns ? o->columns : "d.*",
               is_rows(o->columns) ? "(SELECT params FROM trial WHERE trial_id = d.trial_id)" : "NULL");
    add_goals(&goals, &sql);
    for (int i = 0; i < trial_columns.n; i++)
        if (is_column(i, IN_LS)) text_print(&sql, ", t.%s", trial_columns.columns[i].name);
    text_print(&sql, " FROM \"%s\" v JOIN trial t ON t.trial_id = v.trial_id) d", view);
    bool asks = o->columns || o->where || o->sort;
    if (asks && !add_columns(open, view, &goals, &sql, err)) {
        text_free(&sql);
        return NULL;
    }
    text_print(&sql, " WHERE 1%s", where_front);
    if (state) text_print(&sql, " AND state = upper(%s)", state);
    if (o->where) text_print(&sql, " AND (%s)", o->where);
    if (o->sort)
        text_print(&sql, " ORDER BY %s", o->sort);
    else if (o->top > 0 || *where_front)
        text_print(&sql, " AND state = 'COMPLETE' AND fail_code IS NULL ORDER BY value %s, trial",
                   open->study.maximize ? "DESC" : "ASC");
    else
        text_add(&sql, " ORDER BY trial");
    if (o->top > 0 || o->most > 0) text_print(&sql, " LIMIT %d", o->top > 0 ? o->top : o->most);
    const char *copy = text_ok(&sql) ? arena_copy(open->arena, sql.bytes) : NULL;
    text_free(&sql);
    if (!copy) error_memory(err);
    return copy;
}

/* Is it the column of this parameter in the study's view, which writes names so that SQL takes them? */
static bool is_of(const char *column, const char *param)
{
    size_t n = strlen(param);
    if (strncmp(column, "param_", 6) == 0 && strlen(column) == n + 6) column += 6;
    for (; *param; param++, column++)
        if (*column != *param && !(*column == '_' && !isalnum((unsigned char)*param))) return false;
    return *column == '\0';
}

bool list_words(const void *context, int n, const char *const *columns, Value *cells, Arena *arena)
{
    const OpenStudy *open = context;
    const Space *space = open->stored.space;
    const char *json = cells[n - 1].kind == VALUE_TEXT ? cells[n - 1].text : NULL;
    Value *values = space ? ARENA_NEW(arena, Value, space->n_params + 1) : NULL;
    Error why = {0};
    if (!space || !json) return true;
    Doc *params = values ? doc_parse(json, strlen(json), &why) : NULL;
    bool known = params && space_from_doc(space, params, arena, values, &why);
    for (int p = 0; known && p < space->n_params; p++) {
        bool null = value_is_null(&values[p]), truth = values[p].kind == VALUE_BOOL;
        for (int c = 0; (null || truth) && c < n - 1; c++)
            if (is_of(columns[c], space->params[p].name)
                && (null ? cells[c].kind == VALUE_NONE : cells[c].number == values[p].number))
                cells[c] = values[p];
    }
    doc_free(params);
    return values && why.code != ERR_MEMORY;
}

bool list_studies(const char *db, Doc *rows, Error *err)
{
    Store *store;
    if (!store_open(db, STORE_READ, &store, err)) return false;
    bool ok = query_rows(store, "SELECT p.study, p.state, s.method, s.metric, p.trials, b.value AS best,"
                         " b.trial AS best_trial, (SELECT max(version) FROM space_version v WHERE v.study_id ="
                         " s.study_id) AS space_version FROM progress p JOIN study s ON s.name = p.study"
                         " LEFT JOIN best b ON b.study = p.study", 10, rows, err);
    store_close(store, NULL);
    return ok;
}
