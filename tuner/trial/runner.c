/* The seeds of trials and of their repeats. */
#include "tuner/trial/runner.h"

#include "base/file.h"
#include "base/rng.h"

uint64_t repeat_seed(uint64_t study_seed, int again)
{
    return again ? rng_mix(study_seed, (uint64_t)again) & 0x7fffffff : study_seed;
}

bool task_forecasts(const TrialTask *task, const PrunerOptions *pruner, const ForecastRun *run)
{
    const ForecastAsk ask = {.n_goals = task->n_goals, .priced = task->priced, .n_runs = task->n_runs,
                             .runs = task->runs};
    return task->n_goals > 0 && pruner_forecasts(pruner) && forecast_stops(pruner, &ask, run);
}

uint64_t runner_seed(uint64_t study_seed, const TrialTask *task)
{
    return rng_mix(repeat_seed(study_seed, task->again), sha256_head(task->params_hash));
}
