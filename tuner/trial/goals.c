/* Reads `metrics:`, and turns what a trial came to into points to be minimized. */
#include "tuner/trial/goals.h"

#include <math.h>
#include <string.h>

#include "base/names.h"

const char *const goals_costs[] = {GOAL_COST_LIST(LIST_NAME) NULL};

bool goal_find(const char *name, bool program, Goal *out)
{
    *out = (Goal){.name = name, .split = "val", .key = name, .metric = METRIC_COUNT, .target = NAN};
    if (program) return true;
    int cost = names_find(goals_costs, name);
    if (cost >= 0) {
        out->split = "cost";
        out->key = goals_costs[cost];
        out->cost = true;
        return true;
    }
    out->metric = metric_find(name);
    if (out->metric == METRIC_COUNT) return false;
    out->key = metric_name(out->metric);
    out->maximize = metric_larger_is_better(out->metric);
    return true;
}

static bool unknown(const ConfNode *node, Error *err)
{
    const char *bare = strncmp(node->text, "val_", 4) == 0 ? node->text + 4 : node->text;
    Suggestion metric = names_suggest_as("; did you mean `val_", "`?", bare, metric_names, "; val_f1_macro,"
                                         " val_log_loss, ... (`consort help config`), or a cost: n_params,"
                                         " model_bytes, flops, latency_us");
    return conf_error(node, err, "unknown metric `%.60s`%s", node->text,
                      names_suggest(node->text, goals_costs, metric.text).text);
}

static bool read_goal(const ConfNode *item, bool program, Goal *out, Error *err)
{
    static const char *const keys[] = {"name", "goal", "target", NULL};
    if (item->kind != CONF_MAP)
        return conf_error(item, err, "each entry of `metrics` is a map:"
                          " - {name: val_f1_macro, goal: maximize}");
    if (!conf_only_keys(item, "in `metrics`", keys, err)) return false;
    const ConfNode *name = conf_get(item, "name"), *goal = conf_get(item, "goal"),
                   *target = conf_get(item, "target");
    if (!name || name->kind != CONF_TEXT)
        return conf_error(item, err, "an entry of `metrics` needs a `name`, such as val_f1_macro or n_params");
    if (!goal_find(name->text, program, out)) return unknown(name, err);
    if (goal) {
        bool maximize = goal->kind == CONF_TEXT && strcmp(goal->text, "maximize") == 0;
        if (!maximize && (goal->kind != CONF_TEXT || strcmp(goal->text, "minimize") != 0))
            return conf_error(goal, err, "`goal` is minimize or maximize");
        if (!program && maximize != out->maximize)
            return conf_error(goal, err, "`%s` is better when it is %s; write `goal: %s` or leave it out",
                              name->text, out->maximize ? "larger" : "smaller",
                              out->maximize ? "maximize" : "minimize");
        out->maximize = maximize;
    }
    if (target && (target->kind != CONF_NUMBER || !isfinite(target->number)))
        return conf_error(target, err, "`target` must be a finite number");
    if (target) out->target = target->number;
    return true;
}

bool goals_read(const ConfNode *metrics, bool program, Goals *out, Error *err)
{
    if (metrics->kind != CONF_LIST || metrics->n < 2)
        return conf_key_error(metrics, err, "`metrics` is a list of two or more; for one, write"
                              " `metric: {name: val_f1_macro}`");
    if (metrics->n > PARETO_MOST)
        return conf_key_error(metrics, err, "`metrics` has %d entries; more than %d say little about what to"
                              " choose", metrics->n, PARETO_MOST);
    *out = (Goals){0};
    for (const ConfNode *item = metrics->first; item; item = item->next) {
        Goal *goal = &out->goal[out->n];
        if (!read_goal(item, program, goal, err)) return false;
        for (int i = 0; i < out->n; i++)
            if (strcmp(out->goal[i].key, goal->key) == 0)
                return conf_error(item, err, "`%s` stands in `metrics` twice", goal->name);
        out->n++;
    }
    if (out->goal[0].cost)
        return conf_error(metrics->first, err, "the first of `metrics` is a metric, such as val_f1_macro: early"
                          " termination looks at its curve; put `%s` after it", out->goal[0].name);
    return true;
}

void goals_values(const Goals *goals, const MetricRow *rows, int n_rows, double *value)
{
    for (int g = 0; g < goals->n; g++) {
        value[g] = NAN;
        for (int i = 0; i < n_rows; i++)
            if (rows[i].fold == -1 && strcmp(rows[i].split, goals->goal[g].split) == 0
                && strcmp(rows[i].name, goals->goal[g].key) == 0)
                value[g] = rows[i].value;
    }
}

void goals_point(const Goals *goals, const double *value, double *point)
{
    for (int g = 0; g < goals->n; g++) {
        const Goal *goal = &goals->goal[g];
        double v = isfinite(value[g]) ? value[g] : NAN;
        point[g] = !goal->cost ? (goal->maximize ? -v : v) : isnan(v) ? v : log(fmax(v, 1e-9));
    }
}

void goals_note(const Goals *goals, const double *value, EpochRow *row)
{
    double *const to[] = {&row->goal_2, &row->goal_3, &row->goal_4};
    for (int g = 1; g < PARETO_MOST; g++) *to[g - 1] = g < goals->n ? value[g] : NAN;
}

void goals_noted(const Goals *goals, const EpochRow *row, double *more)
{
    const double value[PARETO_MOST] = {NAN, row->goal_2, row->goal_3, row->goal_4};
    double point[PARETO_MOST];
    goals_point(goals, value, point);
    memcpy(more, point + 1, (size_t)(goals->n - 1) * sizeof *more);
}

bool goals_have_target(const Goals *goals)
{
    for (int g = 0; g < goals->n; g++)
        if (!isnan(goals->goal[g].target)) return true;
    return false;
}

bool goals_reached(const Goals *goals, const double *value)
{
    int n = 0;
    for (int g = 0; g < goals->n; g++) {
        const Goal *goal = &goals->goal[g];
        if (isnan(goal->target)) continue;
        n++;
        if (!(goal->maximize ? value[g] >= goal->target : value[g] <= goal->target)) return false;
    }
    return n > 0;
}
