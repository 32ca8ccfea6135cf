/* Goals of entries, the one score of a proposal, and who joins the front. */
#include "tuner/study/several_goals.h"

#include <math.h>
#include <string.h>

#include "tuner/study/turns.h"

int study_n_goals(const Study *study)
{
    return study->o->goals ? study->o->goals->n : 0;
}

void entry_price(const Study *study, Entry *entry)
{
    const Goals *goals = study->o->goals;
    const Space *space = study->o->space;
    const Runner *runner = &study->o->runner;
    double cost[SPACE_MAX_EXTRAS];
    int m = study_n_goals(study);
    if (m == 0) return;
    Value room[SPACE_MAX_PARAMS];
    Error ignored; /* what cannot be a network costs nothing that is known */
    bool priced = runner->cost && space->n_extras > 0
               && runner->cost(runner->self, entry_values(study, entry, room), cost, &ignored);
    for (int g = 0; g < m; g++) {
        entry->goal_value[g] = NAN;
        for (int i = 0; priced && goals->goal[g].cost && i < space->n_extras; i++)
            if (strcmp(space->extra_names[i], goals->goal[g].key) == 0) entry->goal_value[g] = cost[i];
    }
    goals_point(goals, entry->goal_value, entry->point);
}

void entry_set_goals(const Study *study, Entry *entry, const MetricRow *rows, int n_rows)
{
    const Goals *goals = study->o->goals;
    double value[PARETO_MOST];
    int m = study_n_goals(study);
    if (m == 0) return;
    goals_values(goals, rows, n_rows, value);
    for (int g = 0; g < m; g++)
        if (!goals->goal[g].cost) entry->goal_value[g] = value[g];
    goals_point(goals, entry->goal_value, entry->point);
}

ForecastRun entry_run(const Study *study, const Entry *entry)
{
    const int m = study_n_goals(study);
    const double *end = m > 0 ? entry->point : &entry->score;
    bool ended = entry->state == TRIAL_COMPLETE;
    /* What came over a wire may be anything. */
    const bool more = m > 1 && entry->more.n == (int64_t)entry->curve.n * (m - 1);
    for (int g = 0; g < (m > 0 ? m : 1); g++) ended &= isfinite(end[g]);
    return (ForecastRun){.n = entry->curve.n, .full = entry->full_epochs, .first = entry->curve.value,
                         .more = more ? entry->more.value : NULL, .end = ended ? end : NULL,
                         .breaks = entry->breaks};
}

void entry_priced(const Study *study, const Entry *entry, double *priced)
{
    const int m = study_n_goals(study);
    priced[0] = NAN;
    for (int g = 1; g < m; g++) priced[g] = study->o->goals->goal[g].cost ? entry->point[g] : NAN;
}

/* What one proposal knows of a trial: all goals when it is done; the first as far as it came, and the
 * costs, when it was stopped or waits. False: something is missing. */
static bool seen_point(const Study *study, const Seen *seen, double *point)
{
    const Entry *entry = study->entries[seen->number];
    bool whole = true, stopped = seen->state == SEEN_PRUNED;
    for (int g = 0; g < study_n_goals(study); g++) {
        bool known = seen->state == SEEN_DONE || (stopped && study->o->goals->goal[g].cost);
        point[g] = known ? entry->point[g] : stopped && g == 0 ? seen->score : NAN;
        whole &= !isnan(point[g]);
    }
    return whole;
}

/* The same of a stopped trial where forecasts say how it would have ended; and the point that is one standard
 * deviation worse in every goal. False: they do not. */
static bool foretold_point(const Study *study, const Seen *seen, double *point, double *worse)
{
    const Entry *entry = study->entries[seen->number];
    const int m = study_n_goals(study);
    double priced[PARETO_MOST];
    Forecast end[PARETO_MOST];
    if (seen->state != SEEN_PRUNED) return false;
    entry_priced(study, entry, priced);
    const ForecastAsk ask = {.n_goals = m, .priced = priced, .n_runs = study->sight.n_runs,
                             .runs = study->sight.runs};
    const ForecastRun run = entry_run(study, entry);
    bool known = forecast_ends(&ask, &run, end);
    for (int g = 0; g < m && known; g++) {
        known = isfinite(end[g].mean) && isfinite(end[g].sigma);
        point[g] = end[g].mean;
        worse[g] = end[g].mean + end[g].sigma;
    }
    return known;
}

bool study_scalarize(const Study *study, int t, Ask *ask, Seen *seen, Arena *arena, Error *err)
{
    int m = study_n_goals(study), n = ask->n_seen;
    double weight[PARETO_MOST];
    if (m == 0) return true;
    /* A second half for those that are foretold: off by their errors. */
    const bool foretells = pruner_forecasts(study->o->pruner);
    const int n_points = foretells ? 2 * n : n;
    double *points = arena_alloc(arena, (size_t)n_points + 1, (size_t)m * sizeof *points);
    double *scores = ARENA_NEW(arena, double, n_points + 1);
    bool *done = ARENA_NEW(arena, bool, n_points + 1);
    if (!points || !scores || !done) return error_memory(err);
    for (int i = 0; i < n_points; i++) done[i] = false;
    for (int i = n * m; i < n_points * m; i++) points[i] = NAN;
    for (int i = 0; i < n; i++) {
        if (foretells && foretold_point(study, &seen[i], points + i * m, points + (n + i) * m)) continue;
        if (!seen_point(study, &seen[i], points + i * m) && seen[i].state != SEEN_PENDING) {
            seen[i].state = entry_known(study, study->entries[seen[i].number], t) ? SEEN_FAILED : SEEN_PENDING;
            seen[i].score = NAN;
        }
        done[i] = seen[i].state == SEEN_DONE;
    }
    pareto_weights(m, ask->seed, ask->number, weight);
    if (!pareto_scalarize(n_points, m, points, done, weight, arena, scores, err)) return false;
    for (int i = 0; i < n; i++)
        if (seen[i].state == SEEN_DONE || seen[i].state == SEEN_PRUNED) {
            seen[i].score = scores[i];
            seen[i].off = foretells && scores[n + i] > scores[i] ? scores[n + i] - scores[i] : 0;
            seen[i].n_curve = 0; /* which is of the first goal alone */
        }
    return true;
}

bool entry_reaches_targets(const Study *study, const Entry *entry)
{
    return study_n_goals(study) > 0 && entry->state == TRIAL_COMPLETE
        && goals_reached(study->o->goals, entry->goal_value);
}

bool entry_joins(const Study *study, int number, const int *others, int n_others)
{
    int m = study_n_goals(study);
    const Entry *entry = study->entries[number];
    for (int g = 0; g < m; g++)
        if (isnan(entry->point[g])) return false;
    for (int i = 0; i < n_others; i++) {
        const Entry *other = study->entries[others[i]];
        if (pareto_dominates(m, other->point, entry->point)
            || memcmp(other->point, entry->point, (size_t)m * sizeof *entry->point) == 0)
            return false;
    }
    return true;
}

bool study_keep_front(Study *study, Error *err)
{
    int m = study_n_goals(study), n = study->n_entries;
    if (m == 0) return true;
    double *points = arena_alloc(study->arena, (size_t)n + 1, (size_t)m * sizeof *points);
    bool *front = ARENA_NEW(study->arena, bool, n + 1);
    int *room = ARENA_NEW(study->arena, int, n + 1);
    if (!points || !front || !room) return error_memory(err);
    for (int i = 0; i < n; i++) {
        const Entry *entry = study->entries[i];
        for (int g = 0; g < m; g++)
            points[i * m + g] = entry->state == TRIAL_COMPLETE && !entry->breaks ? entry->point[g] : NAN;
    }
    pareto_front(n, m, points, front, room);
    return kept_trim(study->kept, front, study->o->keep_models, study->o->disk_cap_bytes, err);
}
