/* job/compare.c - opens the studies of a comparison, agrees on a metric, and puts the document together. */
#include "job/compare.h"

#include <string.h>

#include "base/grow.h"
#include "base/file.h"
#include "job/compare_parts.h"
#include "job/kind.h"
#include "job/list.h"
#include "job/told.h"
#include "reports/compare.h"

/* ---- which studies ------------------------------------------------------------------------------- */

static bool add(const char *given, const Place *place, Arena *arena, ComparedStudy **list, int *n, int *room,
                Error *err)
{
    if (!given || !GROW(arena, *list, *n, *room)) return error_memory(err);
    (*list)[(*n)++] = (ComparedStudy){given, *place};
    return true;
}

bool compare_find(const char *argument, Arena *arena, ComparedStudy **list, int *n, int *room, Error *err)
{
    Place place;
    Error ignored;
    if (!place_find(argument, NULL, arena, &place, err)) return false;
    bool database = !place.name && file_exists(place.db) && !file_is_folder(argument)
        && !names_config(argument);
    Doc *rows = doc_array();
    bool several = database && list_studies(place.db, rows, &ignored) && doc_count(rows) > 1, ok = true;
    for (size_t i = 0; ok && several && i < doc_count(rows); i++) {
        const char *name = arena_copy(arena, doc_to_text(doc_get(doc_at(rows, i), "study"), ""));
        Place one = {place.db, name ? place_folder_of_db(place.db, name, arena) : NULL, name};
        ok = (name && one.folder) || error_memory(err);
        ok = ok && add(arena_print(arena, "%s:%s", place.db, name), &one, arena, list, n, room, err);
    }
    doc_free(rows);
    return ok && (several || add(argument, &place, arena, list, n, room, err));
}

/* ---- one metric ------------------------------------------------------------------------------------ */

/* One is of numbers, the other of classes or labels, and neither of both. */
static bool one_of_numbers_alone(const char *a, const char *b)
{
    const char *name[] = {a, b};
    bool numbers[2], others[2];
    for (int i = 0; i < 2; i++) {
        MetricId id = metric_find(strncmp(name[i], "val_", 4) == 0 ? name[i] + 4 : name[i]);
        if (id == METRIC_COUNT) return false;
        numbers[i] = metric_is_for(id, TASK_NUMBERS);
        others[i] = metric_is_for(id, TASK_CLASSES) || metric_is_for(id, TASK_LABELS);
    }
    return (numbers[0] && !others[0] && others[1] && !numbers[1])
        || (numbers[1] && !others[1] && others[0] && !numbers[0]);
}

static bool agree(Comparison *c, Error *err)
{
    const StudyInfo *first = &c->side[0].open.study;
    const char *given = c->metric;
    for (int s = 1; !given && s < c->n; s++) {
        const StudyInfo *other = &c->side[s].open.study;
        if (one_of_numbers_alone(first->metric, other->metric))
            return error_set(err, ERR_CONFIG, "%s is judged by %s, %s by %s: numbers and classes have no metric"
                             " in common; compare studies of one task", c->side[0].label, first->metric,
                             c->side[s].label, other->metric);
        bool same_name = strcmp(first->metric, other->metric) == 0;
        if (same_name && first->maximize == other->maximize
            && study_runs_program(first) == study_runs_program(other)) continue;
        return error_set(err, ERR_CONFIG, "%s is judged by %s (%s is better) and %s by %s (%s): --metric NAME"
                         " compares them by one that all have, such as --metric accuracy", c->side[0].label,
                         first->metric, first->maximize ? "larger" : "smaller", c->side[s].label, other->metric,
                         other->maximize ? "larger" : "smaller");
    }
    bool all_networks = true;
    for (int s = 0; s < c->n; s++) all_networks &= !study_runs_program(&c->side[s].open.study);
    for (int s = 0; s < c->n; s++) { /* one name, one meaning */
        Goal goal;
        bool known;
        const OpenStudy *open = &c->side[s].open;
        const char *name = given ? given : open->study.metric;
        if (given && !asked_goal(given, &open->study, &open->stored.goals, c->arena, &goal, &known, err))
            return error_wrap(err, "%s", c->side[s].label);
        if (given && !known) return asked_goal_unknown(&goal, err);
        bool maximize = given ? goal.maximize : open->study.maximize;
        if (s > 0 && maximize != c->maximize)
            return error_set(err, ERR_CONFIG, "larger %s is better in one of %s and %s, smaller in the"
                                              " other: write"
                             " --metric %.60s:min or :max", name, c->side[0].label, c->side[s].label, name);
        c->maximize = maximize;
        c->name = given ? goal.name : name;
        c->id = all_networks ? metric_find(c->name) : METRIC_COUNT;
    }
    return true;
}

/* ---- the studies ----------------------------------------------------------------------------------- */

static void name_sides(Comparison *c)
{
    for (int a = 0; a < c->n; a++) {
        int same = 0;
        for (int b = 0; b < c->n; b++)
            same += strcmp(c->side[a].open.study.name, c->side[b].open.study.name) == 0;
        c->side[a].label = same > 1 ? c->side[a].given : c->side[a].open.study.name;
    }
}

static bool open_side(const ComparedStudy *study, Arena *arena, Side *side, Error *err)
{
    side->given = side->label = study->given;
    bool current;
    if (!study_open(&study->place, arena, &side->open, err) || !study_config(&side->open, &side->config, err)
        || !told_ensemble(&side->open.place, &side->ensemble, err)
        || !told_evaluation(&side->open.place, side->ensemble, NULL, &side->evaluation, &current, err))
        return error_wrap(err, "%s", study->given);
    if (!current) { /* of an ensemble that was built before */
        doc_free(side->evaluation);
        side->evaluation = NULL;
    }
    side->trains = side->config->kind->trains;
    return true;
}

/* A study without a complete trial stands in the list all the same. */
static bool find_best(const Comparison *c, Side *side, Error *err)
{
    Error why = {0};
    BestOptions options = {.metric = c->metric, .number = -1};
    side->found = best_find(&side->open, &options, &side->best, &why);
    if (!side->found && (why.code != ERR_INVALID || c->metric)) {
        *err = why;
        return error_wrap(err, "%s", side->label);
    }
    return true;
}

static void put_metric(const Comparison *c, Doc *document)
{
    Doc *metric = doc_set(document, "metric", doc_object());
    bool known = c->id != METRIC_COUNT;
    doc_set_text(metric, "name", known ? metric_name(c->id) : c->name);
    doc_set_text(metric, "label", known ? metric_label(c->id) : c->name);
    doc_set_bool(metric, "maximize", c->maximize);
}

static bool make(Comparison *c, Doc *document, Error *err)
{
    doc_set_number(document, "schema", 1);
    put_metric(c, document);
    doc_set(document, "verdict", doc_null()); /* first for the reader; it needs the rest */
    Doc *studies = doc_set(document, "studies", doc_array());
    for (int s = 0; s < c->n; s++)
        if (!find_best(c, &c->side[s], err)
            || !compare_study_doc(c, &c->side[s], doc_add(studies, doc_object()), err))
            return false;
    if (!compare_settings(c, document, err) || !compare_pairs(c, document, err)) return false;
    compare_verdict(document, c->arena);
    return true;
}

bool compare_studies(const ComparedStudy *studies, int n, const char *metric, Arena *arena, Doc **out,
                     Error *err)
{
    Comparison c = {.side = ARENA_NEW(arena, Side, n + 1), .metric = metric, .arena = arena,
                    .id = METRIC_COUNT};
    if (n < 2) return error_set(err, ERR_CONFIG, "two studies or more are compared");
    if (!c.side) return error_memory(err);
    bool ok = true;
    for (int s = 0; ok && s < n; s++) ok = open_side(&studies[c.n++], arena, &c.side[s], err);
    Doc *document = doc_object();
    if (ok) name_sides(&c);
    ok = ok && agree(&c, err) && make(&c, document, err);
    for (int s = 0; s < c.n; s++) {
        study_close(&c.side[s].open);
        doc_free(c.side[s].evaluation);
        doc_free(c.side[s].ensemble);
    }
    if (ok) *out = document;
    else doc_free(document);
    return ok;
}
