/* Reading a study for its report: its trials, their ranking and parameters, its space. */
#include "reports/facts.h"

#include <string.h>

/* A trial's parameters are one small JSON object; `held` owns them until the document is made. */
static bool parse_params(const Facts *facts, int at, Error *err)
{
    const char *json = facts->trials[at].params;
    Error why = {0};
    Doc *doc = json ? doc_parse(json, strlen(json), &why) : NULL;
    if (!doc && why.code == ERR_MEMORY) return error_memory(err);
    if (!doc) return true;
    const Doc *kept = doc_add(facts->held, doc);
    if (doc_kind(kept) == DOC_OBJECT) facts->params[at] = kept;
    return true;
}

bool facts_whole(const Facts *facts, int at, Error *err)
{
    if (!facts->sample.thinned || facts->params[at]) return true;
    return store_trial_whole(facts->input->store, &facts->sample.trials[at], facts->arena, err)
        && parse_params(facts, at, err);
}

/* Those that were the best so far: with them the line of the best is what it is of all trials. */
static void show_steps(Facts *facts)
{
    const TrialRow *best = NULL;
    for (int i = 0; i < facts->n_trials && facts->n_shown < FACTS_SHOWN / 2; i++) {
        const TrialRow *trial = &facts->trials[i];
        const bool behind = best && !trial_before(trial->value, trial->number, best->value, best->number,
                                                  facts->study.maximize);
        if (behind || !trial_ranks(trial)) continue;
        best = trial;
        facts->n_shown += !facts->shown[i];
        facts->shown[i] = true;
    }
}

/* The trials that charts show, and of these and of the leaderboard everything. Of many the best, those that
 * were it once, and an even sample of the rest: the page stays small, the database has them all. */
static bool choose_shown(Facts *facts, Error *err)
{
    const int n = facts->n_trials;
    facts->shown = ARENA_NEW(facts->arena, bool, n + 1);
    if (!facts->shown) return error_memory(err);
    for (int r = 0; r < facts->n_ranked && r < FACTS_BEST; r++, facts->n_shown++)
        facts->shown[facts->ranked[r]] = true;
    show_steps(facts);
    facts->n_shown += sample_mark(n, FACTS_SHOWN - facts->n_shown, facts->shown);
    facts->params = ARENA_NEW(facts->arena, const Doc *, n + 1);
    if (!facts->params) return error_memory(err);
    for (int i = 0; i < n && !facts->sample.thinned; i++)
        if (!parse_params(facts, i, err)) return false;
    for (int i = 0; i < n; i++)
        if (facts->shown[i] && !facts_whole(facts, i, err)) return false;
    for (int r = 0; r < facts->n_ranked && r < facts_top(facts); r++)
        if (!facts_whole(facts, facts->ranked[r], err)) return false;
    return true;
}

int facts_top(const Facts *facts)
{
    return facts->input->top > 0 ? facts->input->top : 20;
}

const char *facts_text(const Facts *facts, const char *text)
{
    if (!text) *facts->out_of_memory = true;
    return text ? text : "";
}

TaskKind facts_task(const Facts *facts)
{
    return facts->input->task ? facts->input->task->kind : TASK_CLASSES;
}

int facts_networks(const Facts *facts, const TrialRow *trial)
{
    MetricRow *metrics;
    Error ignored;
    int n;
    if (!store_metrics(facts->input->store, trial->id, facts->arena, &metrics, &n, &ignored)) return 1;
    return trial_networks(trial, metrics, n);
}

bool facts_gather(const ReportInput *input, Arena *arena, Doc *held, Facts *facts, Error *err)
{
    facts->input = input;
    facts->arena = arena;
    facts->held = held;
    facts->metric = METRIC_COUNT;
    if (!store_study_find(input->store, input->study->name, arena, &facts->study, err)) return false;
    /* A program's metric may have one of our names; what it means is the program's business. */
    if (facts->study.metric && !study_runs_program(&facts->study))
        facts->metric = metric_find(facts->study.metric);
    Sample *sample = &facts->sample;
    if (!sample_read(input->store, facts->study.id, facts->study.maximize, arena, sample, err)) return false;
    facts->trials = sample->trials;
    facts->n_trials = sample->n_trials;
    facts->ranked = sample->ranked;
    facts->n_ranked = sample->n_ranked;
    return stored_read(&facts->study, arena, &facts->stored, err) && choose_shown(facts, err);
}
