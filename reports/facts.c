/* Reading a study for its report: its trials, their ranking and parameters, its space. */
#include "reports/facts.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    double value;
    int number, at;
    bool maximize;
} RankKey;

static int by_rank(const void *a, const void *b)
{
    const RankKey *x = a, *y = b;
    if (x->number == y->number) return 0;
    return trial_before(x->value, x->number, y->value, y->number, x->maximize) ? -1 : 1;
}

static bool rank_trials(Facts *facts, Error *err)
{
    RankKey *keys = ARENA_NEW(facts->arena, RankKey, facts->n_trials);
    int *ranked = ARENA_NEW(facts->arena, int, facts->n_trials);
    if (!keys || !ranked) return error_memory(err);
    bool maximize = facts->study.maximize;
    int n = 0;
    for (int i = 0; i < facts->n_trials; i++) {
        const TrialRow *trial = &facts->trials[i];
        if (!trial_ranks(trial)) continue;
        keys[n++] = (RankKey){trial->value, trial->number, i, maximize};
    }
    qsort(keys, (size_t)n, sizeof *keys, by_rank);
    for (int i = 0; i < n; i++) ranked[i] = keys[i].at;
    facts->ranked = ranked;
    facts->n_ranked = n;
    return true;
}

/* Each trial's parameters are one small JSON object; `held` owns them until the document is made. */
static bool parse_params(Facts *facts, Doc *held, Error *err)
{
    const Doc **params = ARENA_NEW(facts->arena, const Doc *, facts->n_trials);
    if (!params) return error_memory(err);
    for (int i = 0; i < facts->n_trials; i++) {
        const char *json = facts->trials[i].params;
        Error why = {0};
        Doc *doc = json ? doc_parse(json, strlen(json), &why) : NULL;
        if (!doc && why.code == ERR_MEMORY) return error_memory(err);
        if (!doc) continue;
        const Doc *kept = doc_add(held, doc);
        if (doc_kind(kept) == DOC_OBJECT) params[i] = kept;
    }
    facts->params = params;
    return true;
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
    facts->metric = METRIC_COUNT;
    TrialRow *trials = NULL;
    if (!store_study_find(input->store, input->study->name, arena, &facts->study, err)) return false;
    /* A program's metric may have one of our names; what it means is the program's business. */
    if (facts->study.metric && !study_runs_program(&facts->study))
        facts->metric = metric_find(facts->study.metric);
    if (!store_trials(input->store, facts->study.id, arena, &trials, &facts->n_trials, err)) return false;
    facts->trials = trials;
    return stored_read(&facts->study, arena, &facts->stored, err) && parse_params(facts, held, err)
        && rank_trials(facts, err);
}
