/* What the trials of a study say about its search space. */
#include "reports/document_parts.h"

#include <math.h>
#include <string.h>

#include "reports/findings.h"
#include "tuner/insight/front.h"

enum { MOST_POINTS = 2000 };

static void put_goals(const Goals *goals, Doc *out)
{
    Doc *list = doc_set(out, "metrics", doc_array());
    for (int g = 0; g < goals->n; g++) {
        const Goal *goal = &goals->goal[g];
        static const char *const labels[] = {"weights", "bytes", "operations", "microseconds"};
        const char *label = goal->metric != METRIC_COUNT ? metric_label(goal->metric) : goal->name;
        for (int c = 0; goals_costs[c] && goal->cost; c++)
            if (strcmp(goals_costs[c], goal->key) == 0) label = labels[c];
        Doc *item = doc_add(list, doc_object());
        doc_set_text(item, "name", goal->name);
        doc_set_text(item, "label", label);
        doc_set_bool(item, "maximize", goal->maximize);
        doc_set_bool(item, "cost", goal->cost);
        doc_set_number(item, "target", goal->target);
    }
}

/* Of many points the front and an even sample of the rest. */
static bool is_shown(const Front *front, int i)
{
    int64_t others = front->n - front->n_front, room = MOST_POINTS - front->n_front;
    return front->n <= MOST_POINTS || front->on_front[i]
        || (room > 0 && (i + 1) * room / others > i * room / others);
}

static void put_points(const Facts *facts, const Front *front, const double *volume, Doc *out)
{
    const int m = front->goals.n;
    Doc *trial = doc_set(out, "trial", doc_array()), *on_front = doc_set(out, "on_front", doc_array());
    Doc *grown = doc_set(out, "volume", doc_array()), *values = doc_set(out, "values", doc_array());
    Doc *columns[PARETO_MOST];
    for (int g = 0; g < m; g++) columns[g] = doc_add(values, doc_array());
    for (int i = 0; i < front->n; i++) {
        if (!is_shown(front, i)) continue;
        doc_add(trial, doc_number(facts->trials[front->row[i]].number));
        doc_add(on_front, doc_bool(front->on_front[i]));
        doc_add(grown, doc_number(volume[i]));
        for (int g = 0; g < m; g++) doc_add(columns[g], doc_number(front->value[i * m + g]));
    }
}

/* The study's metric on the test set, of a member whose model is kept. */
static void put_test(const Facts *facts, int number, Doc *item)
{
    const Doc *list = facts->input->front_test;
    const char *metric = facts->metric == METRIC_COUNT ? "" : metric_name(facts->metric);
    for (size_t i = 0; i < doc_count(list); i++) {
        const Doc *entry = doc_at(list, i), *score = doc_get(doc_get(entry, "metrics"), metric);
        if (doc_to_number(doc_get(entry, "trial"), -1) == number && doc_kind(score) == DOC_OBJECT)
            doc_set(item, "test", doc_copy(score));
    }
}

static bool put_members(const Facts *facts, const Front *front, Doc *out, Error *err)
{
    const int m = front->goals.n;
    Doc *list = doc_set(out, "members", doc_array());
    for (int k = 0; k < front->n_front; k++) {
        int at = front->order[k], row = front->row[at];
        if (!facts_whole(facts, row, err)) return false;
        Doc *item = doc_add(list, doc_object());
        doc_set_number(item, "trial", facts->trials[row].number);
        Doc *values = doc_set(item, "values", doc_array());
        for (int g = 0; g < m; g++) doc_add(values, doc_number(front->value[at * m + g]));
        doc_set_bool(item, "knee", at == front->knee);
        put_test(facts, facts->trials[row].number, item);
        doc_set(item, "params", doc_copy(facts->params[row]));
    }
    return true;
}

bool document_front(const Facts *facts, Doc *document, Error *err)
{
    Goals goals;
    Front front;
    front_goals(&facts->study, &facts->stored.goals, &goals);
    if (!front_read(facts->input->store, &goals, facts->trials, facts->n_trials, facts->arena, &front, err))
        return false;
    double *volume = ARENA_NEW(facts->arena, double, front.n + 1);
    if (!volume) return error_memory(err);
    if (front.n < 2) return true;
    if (!front_volumes(&front, facts->arena, volume, err)) return false;
    Doc *out = doc_set(document, "front", doc_object());
    doc_set_bool(out, "asked", facts->stored.goals.n > 0); /* or is it score and size, which every study has? */
    put_goals(&goals, out);
    doc_set_number(out, "trials", front.n);
    doc_set_number(out, "knee", front.knee < 0 ? NAN : facts->trials[front.row[front.knee]].number);
    doc_set_number(out, "hypervolume", volume[front.n - 1]);
    if (!put_members(facts, &front, out, err)) return false;
    put_points(facts, &front, volume, out);
    return true;
}

bool document_finalists(const Facts *facts, Doc *document, const char **sentence, Error *err)
{
    Finalist *finalists;
    int n;
    *sentence = "";
    if (!finalists_read(facts->input->store, &facts->study, facts->arena, &finalists, &n, err)) return false;
    if (n > 0) doc_set(document, "finalists", finalists_doc(finalists, n));
    *sentence = facts_text(facts, finalists_sentence(finalists, n, facts->arena));
    return true;
}
