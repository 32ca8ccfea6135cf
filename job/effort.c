/* job/effort.c - trials, folds and epochs for so much time, by the work that presets mean. */
#include "job/effort.h"

#include <math.h>
#include <unistd.h>

#include "job/config_tables.h"
#include "tuner/trial/cost.h"

const char *const effort_names[] = {EFFORT_LIST(LIST_NAME) NULL};

enum { FOLDS = 5, MOST_TRIALS = 64, MEDIUM_TRIALS = 12, HIGH_TRIALS = 24, LEAST_TRIALS = 2 };
/* Units of tuner/trial/cost.h in a second of one core: lean and ple on eight tables, on a server of 2026. */
static const double rate = 3e10, cautious = 2e10, generous = 6e10;

/* Of each bag in the order of the portfolio; the mean of all after it. */
typedef struct {
    int n;
    double *of, mean;
} Bags;

static bool weigh_bags(const Config *config, const Table *table, Arena *arena, Bags *out, Error *err)
{
    const Param *param = config->presets ? &config->space->params[space_find(config->space, "preset")] : NULL;
    const int n_rows = table->n_rows / FOLDS * (FOLDS - 1);
    out->n = param ? param->n_choices : 1;
    out->mean = 0;
    out->of = ARENA_NEW(arena, double, out->n);
    if (!out->of) return error_memory(err);
    for (int c = 0; c < out->n; c++) {
        const Settings *settings = config_settings_of(config, param ? param->choices[c].text : NULL);
        if (!cost_of_settings(settings, table, n_rows, arena, &out->of[c], err)) return false;
        out->of[c] *= FOLDS;
        out->mean += out->of[c] / out->n;
    }
    return true;
}

static double work_of(const Bags *bags, int trials)
{
    double sum = 0;
    for (int t = 0; t < trials; t++) sum += t < bags->n ? bags->of[t] : bags->mean;
    return sum;
}

static int trials_within(const Bags *bags, double work, int most)
{
    int n = 0;
    while (n < most && work_of(bags, n + 1) <= work) n++;
    return n;
}

/* As much as may fit into so many seconds of each job, from half of one network up. What is started first,
 * before anything is known of the machine, should end in time; how many follow the cap decides. */
static void fit_time(const Bags *bags, double seconds, int jobs, EffortPlan *plan)
{
    const double work = cautious * seconds;
    if (bags->of[0] <= work) {
        plan->trials = trials_within(bags, generous * seconds * jobs, MOST_TRIALS);
        return;
    }
    plan->folds = 1;
    plan->trials = 1;
    plan->half = bags->of[0] / FOLDS > work;
}

static bool say(const EffortAsked *asked, Arena *arena, EffortPlan *plan, Error *err)
{
    const char *how = plan->folds > 1 ? "bags of five networks" : plan->half ? "network at half of the epochs"
                                                                            : "networks";
    if (plan->folds > 1 && plan->trials == 1) how = "bag of five networks";
    else if (plan->folds == 1 && !plan->half && plan->trials == 1) how = "network";
    if (asked->time_s > 0)
        plan->remark = arena_print(arena, "--time: up to %d %s, as many as end within %.*f s; the rest of"
                                   " the time is for what is made of them", plan->trials, how, plan->cap_s < 10,
                                   plan->cap_s);
    else plan->remark = arena_print(arena, "%s%s: %d %s, about %.*f s of one core%s", "--effort ",
                               asked->effort ? asked->effort : effort_names[EFFORT_MEDIUM],
                               plan->trials, how, plan->seconds < 10, plan->seconds,
                               asked->effort ? "" : " (--effort high for more)");
    return plan->remark || error_memory(err);
}

bool effort_plan(const Config *config, const Table *table, const EffortAsked *asked, Arena *arena,
                 EffortPlan *out, Error *err)
{
    Bags bags;
    const int effort = asked->effort ? names_find(effort_names, asked->effort) : EFFORT_MEDIUM;
    if (effort < 0)
        return error_set(err, ERR_CONFIG, "--effort `%s`: it is low, medium or high", asked->effort);
    if (!weigh_bags(config, table, arena, &bags, err)) return false;
    const double medium = rate * (3 + 1.5 * table->n_rows / 1000);
    *out = (EffortPlan){.trials = 1, .folds = FOLDS};
    if (asked->time_s > 0) {
        const double beside = 0.6 + table->n_rows / 5000.0; /* seconds: the ensemble, the report */
        out->cap_s = fmax(asked->time_s - beside, asked->time_s / 2);
        const int jobs = asked->jobs > 0 ? asked->jobs : (int)sysconf(_SC_NPROCESSORS_ONLN);
        fit_time(&bags, out->cap_s, jobs, out);
    } else if (effort == EFFORT_MEDIUM) {
        out->trials = trials_within(&bags, medium, MEDIUM_TRIALS);
    } else if (effort == EFFORT_HIGH) {
        out->trials = trials_within(&bags, 10 * medium, MOST_TRIALS);
        if (out->trials < HIGH_TRIALS) out->trials = HIGH_TRIALS;
    }
    if (asked->time_s <= 0 && effort == EFFORT_MEDIUM && out->trials < LEAST_TRIALS) {
        out->trials = LEAST_TRIALS; /* of wide tables one network each, where bags take too long */
        if (work_of(&bags, LEAST_TRIALS) > 4 * medium) out->folds = 1;
    }
    out->seconds = work_of(&bags, out->trials) / rate * out->folds / FOLDS * (out->half ? 0.5 : 1);
    return say(asked, arena, out, err);
}
