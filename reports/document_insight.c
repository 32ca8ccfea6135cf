/* What the trials say about the settings: importance, the way from the first configuration to the winner,
 * means by level, and when the order of trials settles. */
#include "reports/document_parts.h"

#include <math.h>
#include <string.h>

#include "reports/findings.h"
#include "tuner/insight/curves.h"
#include "tuner/insight/levels.h"
#include "tuner/insight/stopping.h"

/* ---- importance and the way ---- */

/* Which of the points is this trial? -1: none. */
static int point_of(const Facts *facts, const Points *points, int at)
{
    const int row = sample_place(&facts->sample, at);
    for (int i = 0; i < points->n; i++)
        if (points->row[i] == row) return i;
    return -1;
}

/* Where the way begins: the baseline; else the first that somebody asked for; else the trial in the middle. */
static int begin_of(const Facts *facts, const Points *points, const char **what)
{
    static const TrialSource sources[] = {SOURCE_BASELINE, SOURCE_USER};
    static const char *const words[] = {"baseline", "enqueued"};
    for (int s = 0; s < 2; s++)
        for (int i = 0; i < points->n; i++) {
            const TrialRow *trial = &facts->sample.modelled[points->row[i]];
            if (trial->state != TRIAL_COMPLETE || !trial_is_from(trial, sources[s])) continue;
            *what = words[s];
            return i;
        }
    *what = "median";
    return facts->n_ranked > 0 ? point_of(facts, points, facts->ranked[facts->n_ranked / 2]) : -1;
}

static void put_drawn(Doc *out, const char *key, Drawn drawn)
{
    Doc *item = doc_set(out, key, doc_object());
    doc_set_number(item, "value", drawn.middle);
    doc_set_number(item, "low95", drawn.low95);
    doc_set_number(item, "high95", drawn.high95);
}

static void put_trial(const Facts *facts, int row, const char *what, Doc *out, const char *key)
{
    Doc *item = doc_set(out, key, doc_object());
    doc_set_number(item, "trial", facts->sample.modelled[row].number);
    doc_set_number(item, "value", facts->sample.modelled[row].value);
    doc_set_text(item, "what", what);
}

static Doc *value_or_null(const Value *value)
{
    return value->kind == VALUE_NONE ? doc_null() : doc_value(value);
}

static void put_way(const Facts *facts, const Points *points, const ImportanceInput *input,
                    const Importance *found,
                    const char *what, Doc *document)
{
    const Space *space = facts->stored.space;
    if (found->way.n == 0) return;
    Doc *out = doc_set(document, "ablation", doc_object());
    put_trial(facts, points->row[input->from], what, out, "from");
    put_trial(facts, points->row[input->to], "winner", out, "to");
    put_drawn(out, "start", found->way.start);
    Doc *steps = doc_set(out, "steps", doc_array());
    for (int k = 0; k < found->way.n; k++) {
        const AblationStep *step = &found->way.step[k];
        Doc *item = doc_add(steps, doc_object());
        doc_set_text(item, "name", space->params[space->param_of_dim[step->dim]].name);
        doc_set(item, "before", value_or_null(&step->before));
        doc_set(item, "after", value_or_null(&step->after));
        put_drawn(item, "score", step->score);
        put_drawn(item, "gain", step->gain);
    }
}

static bool put_importance(const Facts *facts, Points *points, Doc *document, Error *err)
{
    ImportanceInput input = {.trials = *points, .seed = facts->study.seed};
    Importance importance;
    const char *what = "";
    int from = begin_of(facts, points, &what);
    int to = facts->n_ranked > 0 ? point_of(facts, points, facts->ranked[0]) : -1;
    if (from >= 0 && to >= 0) input.from = from, input.to = to;
    if (!importance_compute(&input, facts->arena, &importance, err)) return false;
    doc_set(document, "importance", importance_doc(&importance, facts->stored.space));
    put_way(facts, points, &input, &importance, what, document);
    return true;
}

/* ---- means by level ---- */

static bool put_levels(const Facts *facts, const Points *points, Doc *document, Error *err)
{
    static const char *const blind[] = {"grid", "random", "qmc"};
    LevelTable *tables;
    int n = 0;
    bool fair = false;
    for (int i = 0; i < 3; i++) fair |= facts->study.method && strcmp(facts->study.method, blind[i]) == 0;
    if (!fair) return true;
    if (!levels_compute(points, facts->arena, &tables, &n, err)) return false;
    Doc *out = n > 0 ? doc_set(document, "levels", doc_array()) : NULL;
    for (int t = 0; t < n; t++) {
        Doc *table = doc_add(out, doc_object());
        doc_set_text(table, "name", facts->stored.space->params[tables[t].param].name);
        Doc *levels = doc_set(table, "levels", doc_array());
        for (int l = 0; l < tables[t].n_levels; l++) {
            const Level *level = &tables[t].level[l];
            Doc *item = doc_add(levels, doc_object());
            doc_set(item, "value", value_or_null(&level->value));
            doc_set_number(item, "n", level->n);
            doc_set_number(item, "mean", level->mean);
            doc_set_number(item, "low95", level->low95);
            doc_set_number(item, "high95", level->high95);
        }
    }
    return true;
}

/* ---- is early termination safe? ---- */

static const char *stopping_note(const Stopping *found, Arena *arena)
{
    const char *stopped = "", *safe;
    if (found->n_stopped > 0)
        stopped = arena_print(arena, " What was stopped (%d) is left out, since its end is not known; it had"
                              " looked bad, so with it the order would agree more.", found->n_stopped);
    if (found->safe < 0)
        return !stopped ? NULL
             : arena_print(arena, "Of %d trials that ran whole. Before the last epoch their order never stays"
                           " that of the end: early termination would stop some of the best.%s",
                               found->n_trials, stopped);
    const StoppingPoint *p = &found->point[found->safe];
    safe = p->low95 >= 0.8 ? "early termination is safe from there on"
                           : "with so few trials that is no more than a hint that early termination is safe"
                             " there";
    return !stopped ? NULL
         : arena_print(arena, "Of %d trials that ran whole. From epoch %d on their order is that of the end,"
                       " nearly: rank correlation %.2f (%.2f to %.2f); %s.%s", found->n_trials, p->epoch,
                           p->rho,
                           p->low95,
                       p->high95, safe, stopped);
}

static bool put_stopping(const Facts *facts, Doc *document, Error *err)
{
    static const char *const keys[] = {"epoch", "rho", "low95", "high95"};
    Stopping found;
    Doc *lists[4];
    const Sample *sample = &facts->sample;
    if (!stopping_compute(facts->input->store, sample->modelled, sample->n_modelled, facts->study.maximize,
                          facts->arena, &found, err))
        return false;
    if (found.n == 0) return true;
    Doc *out = doc_set(document, "stopping", doc_object());
    doc_set_number(out, "trials", found.n_trials);
    doc_set_number(out, "stopped", found.n_stopped);
    doc_set_number(out, "safe_epoch", found.safe < 0 ? NAN : found.point[found.safe].epoch);
    doc_set_text(out, "note", facts_text(facts, stopping_note(&found, facts->arena)));
    for (int k = 0; k < 4; k++) lists[k] = doc_set(out, keys[k], doc_array());
    for (int i = 0; i < found.n; i++) {
        const StoppingPoint *p = &found.point[i];
        const double values[] = {p->epoch, p->rho, p->low95, p->high95};
        for (int k = 0; k < 4; k++) doc_add(lists[k], doc_number(round(values[k] * 1e4) / 1e4));
    }
    return true;
}

bool document_insight(const Facts *facts, Doc *document, Error *err)
{
    Points points;
    const Sample *sample = &facts->sample;
    if (!facts->stored.space) return put_stopping(facts, document, err);
    if (!points_gather(facts->stored.space, sample->modelled, sample->n_modelled, NULL, facts->study.maximize,
                       facts->arena, &points, err))
        return false;
    return put_levels(facts, &points, document, err)
        && curves_complete(facts->input->store, sample->modelled, sample->n_modelled, &points, facts->arena,
                           err)
        && put_importance(facts, &points, document, err) && put_stopping(facts, document, err);
}
