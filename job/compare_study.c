/* job/compare_study.c - what a comparison says of each study by itself: its best, its test, its cost, its
 * curve. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <inttypes.h>

#include "job/compare_parts.h"

/* ---- scores ---------------------------------------------------------------------------------- */

/* The value of the best trial as the comparison's metric has it, with its interval where one is stored. */
static bool put_best(Comparison *c, Side *side, Doc *out, Error *err)
{
    const Best *best = &side->best;
    const char *own = c->id != METRIC_COUNT ? metric_name(c->id) : best->goal.key ? best->goal.key : "";
    MetricRow *rows;
    Error ignored;
    double low = NAN, high = NAN;
    int n;
    if (!side->found) {
        doc_set(out, "best", doc_null());
        return true;
    }
    if (!store_metrics(side->open.store, best->row.id, c->arena, &rows, &n, err)) return false;
    for (int i = 0; i < n; i++)
        if (rows[i].fold == -1 && strcmp(rows[i].split, "val") == 0 && strcmp(rows[i].name, own) == 0)
            low = rows[i].low95, high = rows[i].high95;
    if (isnan(low) && !compare_interval(c, side, &low, &high, err)) return false;
    Doc *doc = doc_set(out, "best", doc_object());
    doc_set_number(doc, "trial", best->row.number);
    doc_set_number(doc, "value", best->score);
    doc_set_number(doc, "low95", low);
    doc_set_number(doc, "high95", high);
    doc_set_text(doc, "by", best->by);
    doc_set_number(doc, "n_params", best->row.n_params > 0 ? (double)best->row.n_params : NAN);
    doc_set(doc, "params", doc_parse(best->row.params, strlen(best->row.params), &ignored));
    return true;
}

static void put_test(const Comparison *c, const Doc *evaluation, const char *key, Doc *out)
{
    const Doc *value = compare_tested(c, evaluation);
    Doc *doc = doc_set(out, key, value ? doc_object() : doc_null());
    if (!value) return;
    static const char *const keys[] = {"value", "low95", "high95"};
    for (int k = 0; k < 3; k++) doc_set_number(doc, keys[k], doc_to_number(doc_get(value, keys[k]), NAN));
    doc_set_number(doc, "rows", doc_to_number(doc_get(evaluation, "rows"), NAN));
}

/* ---- cost ------------------------------------------------------------------------------------ */

/* How long at least one trial ran: a night between two halves of a study is no cost. */
static bool wall_seconds(const Side *side, double *wall, Error *err)
{
    const char *sql = arena_print(side->open.arena, "SELECT secs, (julianday(end_utc) - 2440587.5) * 86400.0 AS"
                                  " end_s FROM trial WHERE study_id = %" PRId64 " AND secs > 0 AND end_utc IS"
                                                                                " NOT"
                                  " NULL ORDER BY end_s - secs", side->open.study.id);
    if (!sql) return error_memory(err);
    Doc *rows = doc_array();
    bool ok = query_rows(side->open.store, sql, 30, rows, err);
    double until = -INFINITY, sum = 0;
    for (size_t i = 0; i < doc_count(rows); i++) {
        double secs = doc_to_number(doc_get(doc_at(rows, i), "secs"), 0);
        double end = doc_to_number(doc_get(doc_at(rows, i), "end_s"), NAN), start = end - secs;
        if (!isfinite(end)) continue;
        if (end > until) sum += end - fmax(start, until);
        until = fmax(until, end);
    }
    doc_free(rows);
    *wall = sum;
    return ok;
}

/* ---- the curve ------------------------------------------------------------------------------- */

/* Each trial's value of the metric that was asked for; NULL: the trials' own values count. */
static bool asked_values(const Side *side, int n, double **out, Error *err)
{
    const Goal *goal = &side->best.goal;
    Arena *arena = side->open.arena;
    *out = NULL;
    if (!side->found || !goal->key) return true;
    const char *split = sql_quote(goal->split, arena), *key = sql_quote(goal->key, arena);
    const char *sql = split && key
        ? arena_print(arena, "SELECT t.number, m.value FROM metric m JOIN trial t USING (trial_id) WHERE"
                             " t.study_id"
                      " = %" PRId64 " AND m.fold = -1 AND m.split = %s AND m.name = %s AND m.value IS NOT NULL",
                      side->open.study.id, split, key) : NULL;
    double *values = ARENA_NEW(arena, double, n + 1);
    if (!sql || !values) return error_memory(err);
    for (int i = 0; i < n; i++) values[i] = NAN;
    Doc *rows = doc_array();
    bool ok = query_rows(side->open.store, sql, 30, rows, err);
    for (size_t i = 0; i < doc_count(rows); i++) {
        double number = doc_to_number(doc_get(doc_at(rows, i), "number"), -1);
        if (number >= 0 && number < n) values[(int)number] = doc_to_number(doc_get(doc_at(rows, i), "value"),
                                                                           NAN);
    }
    doc_free(rows);
    *out = values;
    return ok;
}

/* The best so far, where it got better, and at the end; by trials that were begun and by what they had cost. */
static bool put_curve(const Comparison *c, const Side *side, const TrialRow *rows, int n, Doc *out, Error *err)
{
    double *asked, best = NAN, cpu = 0, seconds = 0, wall = 0;
    bool known = true;
    int count = 0;
    if (!asked_values(side, n, &asked, err) || !wall_seconds(side, &wall, err)) return false;
    Doc *curve = doc_object();
    Doc *trials = doc_set(curve, "trials", doc_array()), *spent = doc_set(curve, "cpu_s", doc_array());
    Doc *values = doc_set(curve, "best", doc_array());
    for (int i = 0; i < n; i++) {
        if (trial_is_from(&rows[i], SOURCE_IMPORT)) continue; /* cost nothing here, and is nobody's to claim */
        double value = asked ? asked[i] : rows[i].value, took = fmax(0, rows[i].seconds);
        count++;
        seconds += isfinite(took) ? took : 0;
        if (rows[i].cpu_s > 0) cpu += rows[i].cpu_s;
        else if (took > 0) cpu += took, known = false;
        bool better = trial_ranks(&rows[i]) && isfinite(value)
                   && (isnan(best) || (c->maximize ? value > best : value < best));
        if (better) best = value;
        if (!better && (i < n - 1 || isnan(best))) continue;
        doc_add(trials, doc_number(count));
        doc_add(spent, doc_number(round(cpu * 1e3) / 1e3));
        doc_add(values, doc_number(best));
    }
    Doc *cost = doc_set(out, "cost", doc_object());
    doc_set_number(cost, "trial_s", round(seconds * 1e3) / 1e3);
    doc_set_number(cost, "cpu_s", round(cpu * 1e3) / 1e3);
    doc_set_bool(cost, "cpu_known", known); /* false: of some trials only how long they took */
    doc_set_number(cost, "wall_s", round(wall * 1e3) / 1e3);
    doc_set(out, "curve", curve);
    return true;
}

static void put_counts(const TrialRow *rows, int n, Doc *out)
{
    int count[TRIAL_STATE_COUNT] = {0};
    for (int i = 0; i < n; i++) count[rows[i].state]++;
    Doc *counts = doc_set(out, "counts", doc_object());
    for (int s = 0; s < TRIAL_STATE_COUNT; s++)
        if (count[s]) doc_set_number(counts, trial_state_names[s], count[s]);
}

static void put_size(const Side *side, Doc *out)
{
    double n = doc_to_number(doc_get(side->ensemble, "n_params"), NAN);
    bool whole = isfinite(n);
    Doc *size = doc_set(out, "size", side->trains && (whole || side->found) ? doc_object() : doc_null());
    if (!side->trains || (!whole && !side->found)) return;
    doc_set_text(size, "of", whole ? "ensemble" : "best trial");
    doc_set_number(size, "n_params", whole ? n : (double)side->best.row.n_params);
    doc_set_number(size, "bytes", whole ? doc_to_number(doc_get(side->ensemble, "bytes"), NAN)
                                        : (double)side->best.row.model_bytes);
}

bool compare_study_doc(Comparison *c, Side *side, Doc *out, Error *err)
{
    const StudyInfo *study = &side->open.study;
    TrialRow *rows;
    char seed[32];
    int n, looks;
    if (!store_trials_brief(side->open.store, study->id, c->arena, &rows, &n, err)
        || !store_count_events(side->open.store, study->id, "TEST_LOOK", &looks, err))
        return false;
    snprintf(seed, sizeof seed, "%" PRIu64, study->seed);
    doc_set_text(out, "label", side->label);
    doc_set_text(out, "name", study->name);
    doc_set_text(out, "place", side->given);
    doc_set_text(out, "state", study->state);
    doc_set_text(out, "method", study->method);
    doc_set_text(out, "metric", study->metric);
    doc_set_text(out, "seed", seed);
    doc_set_text(out, "created_utc", study->created_utc);
    doc_set_number(out, "trials", n);
    put_counts(rows, n, out);
    if (!put_best(c, side, out, err)) return false;
    put_test(c, doc_get(side->evaluation, "ensemble"), "test", out);
    put_test(c, doc_get(side->evaluation, "best"), "best_test", out);
    put_size(side, out);
    doc_set_number(out, "test_looks", looks);
    doc_set_text(out, "config_sha256", study->config_sha256);
    doc_set_text(out, "data_sha256", study->data_sha256);
    doc_set_text(out, "split_sha256", study->split_sha256);
    return put_curve(c, side, rows, n, out, err);
}
