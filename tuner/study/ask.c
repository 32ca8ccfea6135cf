/* Proposals: what a sampler may not propose, and why it chose a point. */
#include "tuner/study/ask.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tuner/search/crowd.h"
#include "tuner/study/entries.h"
#include "tuner/study/nearby.h"
#include "tuner/study/several_goals.h"
#include "tuner/study/sight.h"

bool study_feasible(Study *study, const Value *values, const char **violated, Error *err)
{
    const Space *space = study->o->space;
    const Runner *runner = &study->o->runner;
    *violated = NULL;
    if (runner->fits && !runner->fits(runner->self, values, err)) return false;
    if (space->n_constraints == 0) return true;
    double cost[SPACE_MAX_EXTRAS] = {0};
    Value extras[SPACE_MAX_EXTRAS];
    if (space->n_extras > 0 && !runner->cost(runner->self, values, cost, err)) return false;
    for (int i = 0; i < space->n_extras; i++) extras[i] = value_real(cost[i]);
    return space_satisfies(space, values, extras, violated);
}

static bool accept(void *context, const double *u)
{
    Study *study = context;
    char hash[65];
    const char *violated;
    space_decode(study->o->space, u, study->scratch);
    space_hash(study->o->space, study->scratch, hash);
    return !taken_has(study, hash) && space_offers(study->o->space, study->scratch)
        && study_feasible(study, study->scratch, &violated, NULL);
}

static double log_cost(void *context, const double *u)
{
    Study *study = context;
    const Runner *runner = &study->o->runner;
    space_decode(study->o->space, u, study->scratch);
    double work = runner->work(runner->self, study->scratch);
    return work > 0 ? log(work) : 0;
}

/* From 1 at the first trial to 0 at the last that looks at costs: cheap trials first, while there is much to
 * learn anywhere, and in the end the best whatever it costs (CArBO; Lee, Eriksson, Perrone, Seeger 2020). It
 * follows from the trial's number alone. */
static double cost_weight(const Study *study, int n)
{
    int most = study->o->cost_trials;
    return most > 0 && n < most && study->o->runner.work ? 1 - (double)n / most : 0;
}

static bool keep_trace(const Study *study, int n, Entry *entry, const Trace *trace, Error *err)
{
    Doc *doc = doc_object();
    doc_set_text(doc, "kind", trace->kind);
    if (isfinite(trace->acquisition)) doc_set_number(doc, "acquisition", trace->acquisition);
    if (isfinite(trace->mean)) doc_set_number(doc, "mean", trace->mean);
    if (isfinite(trace->sigma)) doc_set_number(doc, "sigma", trace->sigma);
    if (isfinite(trace->noise)) doc_set_number(doc, "noise", trace->noise);
    if (isfinite(trace->lambda)) doc_set_number(doc, "lambda", trace->lambda);
    if (trace->n_scales > 0) {
        Doc *scales = doc_set(doc, "scales", doc_array());
        for (int i = 0; i < trace->n_scales; i++) doc_add(scales, doc_number(trace->scales[i]));
    }
    if (trace->n_scales > 0 && cost_weight(study, n) > 0)
        doc_set_number(doc, "cost_weight", cost_weight(study, n));
    double weight[PARETO_MOST];
    int m = study_n_goals(study);
    if (m > 0 && trace->n_scales > 0) { /* a model looked at the goals with these weights */
        pareto_weights(m, study->o->info->seed, (uint32_t)n, weight);
        Doc *weights = doc_set(doc, "weights", doc_array());
        for (int g = 0; g < m; g++) doc_add(weights, doc_number(weight[g]));
    }
    Text text = {0};
    bool ok = doc_print(doc, 0, &text) ? entry_set_trace(entry, text.bytes, err) : error_memory(err);
    text_free(&text);
    doc_free(doc);
    return ok;
}

static bool is_baseline(const char *source)
{
    return source && strcmp(source, trial_source_names[SOURCE_BASELINE]) == 0;
}

/* The first enqueued configuration that is not in the study yet; -1: none is left. The baseline may have become
 * another. */
static int next_wish(Study *study)
{
    const StudyOptions *o = study->o;
    char hash[65];
    for (int *i = &study->next_enqueued; *i < o->n_enqueued; ++*i) {
        if (study->has_baseline && is_baseline(o->enqueued_source[*i])) continue;
        space_hash(o->space, o->enqueued[*i], hash);
        if (!taken_has(study, hash)) return *i;
    }
    return -1;
}

/* Once: from this trial on the sampler does what it can afford (tuner/search/crowd.h). */
static bool say_part(Study *study, int n, const Trace *trace, Error *err)
{
    if (study->said_part || strcmp(trace->kind, sampler_part) != 0) return true;
    study->said_part = true;
    char line[200];
    snprintf(line, sizeof line, "from trial %d on %s learns from a part of the trials: more than %d are under"
             " way, and a proposal may take no longer than they leave", n, study->o->sampler->name, CROWD_FROM);
    study_say(study, false, "%s", line);
    return store_event(study->o->store, study->o->info->id, 0, "PART", line, err);
}

bool study_propose(Study *study, int n, int t, Entry *entry, bool *exhausted, Error *err)
{
    const StudyOptions *o = study->o;
    const Space *space = o->space;
    Trace trace = {.acquisition = NAN, .mean = NAN, .sigma = NAN, .noise = NAN, .lambda = NAN};
    Value values[SPACE_MAX_PARAMS];
    char hash[65];
    *exhausted = false;
    int wish = next_wish(study);
    if (wish >= 0) {
        memcpy(values, o->enqueued[wish], (size_t)space->n_params * sizeof *values);
        entry->source = o->enqueued_source[wish];
        study->has_baseline |= is_baseline(entry->source);
        const char *violated;
        if (is_baseline(entry->source) && !study_feasible(study, values, &violated, NULL))
            nearby(space, o->info->seed, accept, study, values);
        snprintf(trace.kind, sizeof trace.kind, "%s", entry->source);
    } else {
        Arena *arena = arena_create(0);
        if (!arena) return error_memory(err);
        Ask ask = {.space = space, .seed = o->info->seed, .number = (uint32_t)n, .accept = accept,
                   .context = study, .transfer = o->transfer, .memo = study->memo, .log_cost = log_cost,
                   .cost_weight = cost_weight(study, n), .grid_from = &study->grid_from,
                   .thaws = pruner_thaws(o->pruner)};
        AskResult result = ASK_POINT;
        bool ok = (!o->sampler->learns || sight_of(study, n, t, &ask, arena, err))
               && o->sampler->ask(&ask, arena, entry->u, &trace, &result, err);
        arena_destroy(arena);
        if (!ok) return error_wrap(err, "proposing trial %d", n);
        *exhausted = result == ASK_EXHAUSTED;
        if (*exhausted) return true;
        if (!say_part(study, n, &trace, err)) return false;
        space_decode(space, entry->u, values);
    }
    /* The canonical point, so that a resumed study sees the very same coordinates. */
    if (!entry_set_values(study, entry, values, err)) return false;
    space_hash(space, values, hash);
    entry_price(study, entry);
    if (o->n_parts > 0 && n % o->n_parts != o->part) entry->elsewhere = entry->settled = true;
    return (entry->elsewhere || keep_trace(study, n, entry, &trace, err)) && taken_add(study, hash, err);
}
