/* app/front_table.c - the front of a study as JSON, as a table of goals and of the settings that differ, or
 * in SQL. */
#include "app/front_table.h"

#include <math.h>
#include <string.h>

#include "reports/columns.h"

/* ---- JSON ---- */

static Doc *member_doc(const Front *front, const TrialRow *rows, int at)
{
    Error ignored;
    const TrialRow *row = &rows[front->row[at]];
    Doc *doc = doc_object(), *values = NULL;
    doc_set_number(doc, "trial", row->number);
    values = doc_set(doc, "values", doc_object());
    for (int g = 0; g < front->goals.n; g++)
        doc_set_number(values, front->goals.goal[g].name, front->value[at * front->goals.n + g]);
    doc_set_bool(doc, "knee", at == front->knee);
    doc_set(doc, "params", doc_parse(row->params, strlen(row->params), &ignored));
    return doc;
}

static bool print_json(const OpenStudy *open, const Front *front, const TrialRow *rows, Text *out, Error *err)
{
    double *volume = ARENA_NEW(open->arena, double, front->n);
    if (!volume) return error_memory(err);
    if (!front_volumes(front, open->arena, volume, err)) return false;
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "study", open->study.name);
    Doc *goals = doc_set(doc, "metrics", doc_array());
    for (int g = 0; g < front->goals.n; g++) {
        Doc *goal = doc_add(goals, doc_object());
        doc_set_text(goal, "name", front->goals.goal[g].name);
        doc_set_text(goal, "goal", front->goals.goal[g].maximize ? "maximize" : "minimize");
        doc_set_number(goal, "target", front->goals.goal[g].target);
    }
    doc_set_number(doc, "trials", front->n);
    doc_set_number(doc, "hypervolume", front->n ? volume[front->n - 1] : NAN);
    Doc *members = doc_set(doc, "front", doc_array());
    for (int k = 0; k < front->n_front; k++) doc_add(members, member_doc(front, rows, front->order[k]));
    bool ok = doc_print(doc, 1, out);
    text_add(out, "\n");
    doc_free(doc);
    return ok || error_memory(err);
}

/* ---- a table ---- */

/* Parameters that are not the same in all trials of the front. */
static int differing(const Front *front, Doc *const *params, const char **names, int most)
{
    int n = 0;
    for (int k = 0; k < front->n_front; k++) {
        const char *key;
        const Doc *value;
        for (size_t i = 0; doc_member(params[k], i, &key, &value); i++) {
            bool known = false, differs = false;
            for (int c = 0; c < n; c++) known |= strcmp(names[c], key) == 0;
            if (known || n == most) continue;
            Text here = {0};
            doc_print(value, 0, &here);
            for (int j = 0; j < front->n_front && !differs; j++) {
                Text there = {0};
                const Doc *other = doc_get(params[j], key);
                if (other) doc_print(other, 0, &there);
                differs = !other || strcmp(here.bytes ? here.bytes : "", there.bytes ? there.bytes : "") != 0;
                text_free(&there);
            }
            text_free(&here);
            if (differs) names[n++] = key;
        }
    }
    return n;
}

static const char *setting(const Doc *value, Arena *arena)
{
    if (!value) return "";
    if (doc_kind(value) == DOC_TEXT) return doc_to_text(value, "");
    if (doc_kind(value) == DOC_NUMBER) return arena_print(arena, "%.6g", doc_to_number(value, NAN));
    Text text = {0};
    const char *copy = doc_print(value, 0, &text) ? arena_copy(arena, text.bytes) : NULL;
    text_free(&text);
    return copy;
}

static bool print_table(const OpenStudy *open, const Front *front, const TrialRow *rows, Doc *const *params,
                        int fit, Text *out, Error *err)
{
    enum { MOST_SETTINGS = 8 };
    const char *names[MOST_SETTINGS];
    const int m = front->goals.n, n_names = differing(front, params, names, MOST_SETTINGS);
    Arena *arena = open->arena;
    Sheet sheet;
    if (!sheet_create("front", "", (size_t)(m + n_names) + 2, (size_t)front->n_front, arena, &sheet, err))
        return false;
    sheet_column(&sheet, "trial", true, 0, NULL);
    for (int g = 0; g < m; g++) sheet_column(&sheet, front->goals.goal[g].name, true, 0, NULL);
    sheet_column(&sheet, "", false, 0, NULL);
    for (int c = 0; c < n_names; c++) sheet_column(&sheet, names[c], false, 0, NULL);
    for (int k = 0; k < front->n_front; k++) {
        int at = front->order[k];
        Cell *cell = sheet_row(&sheet);
        (cell++)->text = arena_print(arena, "%d", rows[front->row[at]].number);
        for (int g = 0; g < m; g++)
            (cell++)->text = arena_print(arena, front->goals.goal[g].cost ? "%.7g" : "%.5g",
                                         front->value[at * m + g]);
        (cell++)->text = at == front->knee ? "knee" : "";
        for (int c = 0; c < n_names; c++) (cell++)->text = setting(doc_get(params[k], names[c]), arena);
    }
    if (!sheet_whole(&sheet)) return error_memory(err);
    text_print(out, "front: %d of %d trials, no other is better in everything\n\n", front->n_front, front->n);
    sheet_print(&sheet, fit, out);
    return text_ok(out) || error_memory(err);
}

bool front_print(const OpenStudy *open, const Front *front, const TrialRow *rows, bool json, int fit, Text *out,
                 Error *err)
{
    if (json) return print_json(open, front, rows, out, err);
    Doc **params = ARENA_NEW(open->arena, Doc *, front->n_front);
    if (!params) return error_memory(err);
    Error ignored;
    for (int k = 0; k < front->n_front; k++) {
        const char *text = rows[front->row[front->order[k]]].params;
        params[k] = doc_parse(text, strlen(text), &ignored); /* NULL: a trial without settings */
    }
    bool ok = print_table(open, front, rows, params, fit, out, err);
    for (int k = 0; k < front->n_front; k++) doc_free(params[k]);
    return ok;
}
