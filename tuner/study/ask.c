/* Proposals: what a sampler is shown of the study, what it may not propose, and why it chose a point. */
#include "tuner/study/ask.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tuner/study/entries.h"
#include "tuner/study/nearby.h"
#include "tuner/study/several_goals.h"
#include "tuner/study/turns.h"

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
    return !taken_has(study, hash) && study_feasible(study, study->scratch, &violated, NULL);
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

static const char *trace_json(Study *study, int n, const Trace *trace)
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
    const char *json = doc_print(doc, 0, &text) ? arena_copy(study->arena, text.bytes) : NULL;
    text_free(&text);
    doc_free(doc);
    return json;
}

/* How much of the epochs it could have had did a stopped trial have? Where nobody knows how many
 * those are, the longest trial seen stands for them. */
static double share_of(const Study *study, const Entry *entry, int n, int longest)
{
    const Runner *runner = &study->o->runner;
    int full = runner->full_epochs ? runner->full_epochs(runner->self, entry->values) : longest;
    return full > 0 ? fmin(1, (double)n / full) : 1;
}

static SeenState state_of(const Entry *entry)
{
    switch (entry->state) {
    case TRIAL_COMPLETE: return isfinite(entry->score) ? SEEN_DONE : SEEN_FAILED;
    case TRIAL_PRUNED: return isfinite(entry->score) ? SEEN_PRUNED : SEEN_FAILED;
    default: return SEEN_FAILED;
    }
}

/* A trial that waits at a rung, or went on from there to where this turn may not look. */
static void seen_at_rung(const Study *study, const Entry *entry, int rung, int longest, Seen *s)
{
    int epoch = entry_epoch(study, entry, rung);
    if (epoch > entry->curve.n) epoch = entry->curve.n;
    double score = curve_best(&entry->curve, epoch, NULL);
    if (!isfinite(score)) return;
    s->state = SEEN_PRUNED;
    s->score = score;
    s->share = share_of(study, entry, epoch, longest);
    s->n_curve = epoch;
    s->curve = entry->curve.value;
}

/* What the sampler may see when it is asked for trial n at turn t. */
static bool seen_for(Study *study, int n, int t, Arena *arena, Ask *ask, Error *err)
{
    Seen *seen = ARENA_NEW(arena, Seen, n);
    if (!seen) return error_memory(err);
    int n_seen = 0, longest = 0;
    for (int i = 0; i < n; i++)
        if (entry_known(study, study->entries[i], t) && study->entries[i]->curve.n > longest)
            longest = study->entries[i]->curve.n;
    for (int i = 0; i < n; i++) {
        const Entry *entry = study->entries[i];
        /* Within the lookback nothing is known yet, not even that a trial turned out infeasible. */
        bool known = entry_known(study, entry, t) && !entry->out;
        int rung = entry_reached(study, entry, t);
        if (known && (entry->state == TRIAL_INFEASIBLE || entry->state == TRIAL_EXCLUDED)) continue;
        Seen *s = &seen[n_seen++];
        *s = (Seen){.number = (uint32_t)i, .state = SEEN_PENDING, .u = entry->u, .score = NAN, .share = 1};
        if (known) {
            s->state = state_of(entry);
            if (s->state != SEEN_FAILED) s->score = entry->score;
            if (s->state == SEEN_PRUNED) s->share = share_of(study, entry, entry->curve.n, longest);
            if (s->state == SEEN_FAILED) continue;
            s->n_curve = entry->curve.n;
            s->curve = entry->curve.value;
        } else if (rung >= 0) {
            seen_at_rung(study, entry, rung, longest, s);
        }
    }
    ask->seen = seen;
    ask->n_seen = n_seen;
    return study_scalarize(study, t, ask, seen, arena, err);
}

/* The same of a study in which nobody looks at results: where trials are, and no more. */
static bool points_for(const Study *study, int n, Arena *arena, Ask *ask, Error *err)
{
    Seen *seen = ARENA_NEW(arena, Seen, n);
    if (!seen) return error_memory(err);
    for (int i = 0; i < n; i++)
        seen[i] = (Seen){.number = (uint32_t)i, .state = SEEN_PENDING, .u = study->entries[i]->u, .score = NAN,
                         .share = 1};
    ask->seen = seen;
    ask->n_seen = n;
    return true;
}

static bool is_baseline(const char *source)
{
    return source && strcmp(source, trial_source_names[SOURCE_BASELINE]) == 0;
}

/* The first enqueued configuration that is not in the study yet; -1: none is left. The baseline may have become
 * another. */
static int next_wish(const Study *study, int n)
{
    char hash[65];
    bool baseline = false;
    for (int i = 0; i < n && !baseline; i++) baseline = is_baseline(study->entries[i]->source);
    for (int i = 0; i < study->o->n_enqueued; i++) {
        if (baseline && is_baseline(study->o->enqueued_source[i])) continue;
        space_hash(study->o->space, study->o->enqueued[i], hash);
        if (!taken_has(study, hash)) return i;
    }
    return -1;
}

bool study_propose(Study *study, int n, int t, Entry *entry, bool *exhausted, Error *err)
{
    const StudyOptions *o = study->o;
    const Space *space = o->space;
    Trace trace = {.acquisition = NAN, .mean = NAN, .sigma = NAN, .noise = NAN, .lambda = NAN};
    *exhausted = false;
    int wish = next_wish(study, n);
    if (wish >= 0) {
        memcpy(entry->values, o->enqueued[wish], (size_t)space->n_params * sizeof *entry->values);
        entry->source = o->enqueued_source[wish];
        const char *violated;
        if (is_baseline(entry->source) && !study_feasible(study, entry->values, &violated, NULL))
            nearby(space, o->info->seed, accept, study, entry->values);
        snprintf(trace.kind, sizeof trace.kind, "%s", entry->source);
    } else {
        Arena *arena = arena_create(0);
        if (!arena) return error_memory(err);
        Ask ask = {.space = space, .seed = o->info->seed, .number = (uint32_t)n, .accept = accept,
                   .context = study, .memo = study->memo, .log_cost = log_cost,
                   .cost_weight = cost_weight(study, n)};
        AskResult result = ASK_POINT;
        bool ok = (o->numbered ? points_for(study, n, arena, &ask, err)
                               : seen_for(study, n, t, arena, &ask, err))
               && o->sampler->ask(&ask, arena, entry->u, &trace, &result, err);
        arena_destroy(arena);
        if (!ok) return error_wrap(err, "proposing trial %d", n);
        *exhausted = result == ASK_EXHAUSTED;
        if (*exhausted) return true;
        space_decode(space, entry->u, entry->values);
    }
    /* The canonical point, so that a resumed study sees the very same coordinates. */
    space_encode(space, entry->values, entry->u);
    space_hash(space, entry->values, entry->hash);
    entry_price(study, entry);
    entry->trace = trace_json(study, n, &trace);
    if (o->n_parts > 0 && n % o->n_parts != o->part) entry->elsewhere = entry->settled = true;
    return entry->trace ? taken_add(study, entry->hash, err) : error_memory(err);
}
