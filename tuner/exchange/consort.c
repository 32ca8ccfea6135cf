/* Trials of another study of our own. */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/names.h"
#include "tuner/exchange/exchange.h"

static bool read_params(const TrialRow *row, Arena *arena, ForeignTrial *trial, Error *err)
{
    Doc *params = doc_parse(row->params, strlen(row->params), err);
    if (!params) return false;
    size_t n = doc_count(params);
    trial->names = ARENA_NEW(arena, const char *, n + 1);
    trial->values = ARENA_NEW(arena, Value, n + 1);
    bool ok = trial->names && trial->values;
    const char *key;
    const Doc *child;
    for (size_t i = 0; ok && doc_member(params, i, &key, &child); i++) {
        trial->names[i] = arena_copy(arena, key);
        ok = trial->names[i] && value_of_doc(child, arena, &trial->values[i], err);
        trial->n++;
    }
    doc_free(params);
    return ok || error_memory(err);
}

/* One of its pooled validation metrics; nan where it has none of that name. `names` (room for MOST_NAMES + 1)
 * gets those it has. */
enum { MOST_NAMES = 200 };
static bool read_metric(Store *store, const TrialRow *row, const char *name, Arena *arena, const char **names,
                        double *out, Error *err)
{
    MetricRow *metrics;
    int n, found = 0;
    *out = NAN;
    if (!store_metrics(store, row->id, arena, &metrics, &n, err)) return false;
    for (int i = 0; i < n && found < MOST_NAMES; i++) {
        if (metrics[i].fold >= 0 || strcmp(metrics[i].split, "val") != 0) continue;
        names[found++] = metrics[i].name;
        if (strcmp(metrics[i].name, name) == 0) *out = metrics[i].value;
    }
    if (found > 0) names[found] = NULL;
    return true;
}

/* Another metric than the study's own for all. `ours`: one of networks, which may have val_ in front. */
static bool read_metrics(Store *store, const TrialRow *rows, const char *metric, bool ours, Arena *arena,
                         ForeignStudy *out, Error *err)
{
    const char *name = ours && strncmp(metric, "val_", 4) == 0 ? metric + 4 : metric;
    const char *names[MOST_NAMES + 1] = {NULL};
    bool any = false;
    for (int i = 0; i < out->n; i++) {
        ForeignTrial *trial = &out->trials[i];
        if (rows[i].state != TRIAL_COMPLETE) continue;
        if (!read_metric(store, &rows[i], name, arena, names, &trial->score, err)) return false;
        any |= !isnan(trial->score);
    }
    if (any) return true;
    return error_set(err, ERR_DATA, "%s: no trial has the metric `%.60s`%s", store_path(store), metric,
                     names_suggest(name, names, "").text);
}

static bool read_study(Store *store, const char *study, const char *metric, Arena *arena, ForeignStudy *out,
                       Error *err)
{
    StudyInfo info;
    TrialRow *rows;
    int n;
    if (!store_study_find(store, study, arena, &info, err)
        || !store_trials(store, info.id, arena, &rows, &n, err))
        return false;
    bool other = metric && strcmp(metric, info.metric) != 0;
    *out = (ForeignStudy){.tool = "consort", .metric = other ? metric : info.metric, .only_params = true,
                          .n = n, .goal = other ? 0 : info.maximize ? 1 : -1,
                          .trials = ARENA_NEW(arena, ForeignTrial, n + 1)};
    if (!out->trials) return error_memory(err);
    for (int i = 0; i < n; i++) {
        ForeignTrial *trial = &out->trials[i];
        *trial = (ForeignTrial){.where = arena_print(arena, "trial %d", rows[i].number),
                                .score = rows[i].value};
        if (!trial->where) return error_memory(err);
        if (!read_params(&rows[i], arena, trial, err)) return error_wrap(err, "%s", trial->where);
        trial->breaks = rows[i].state == TRIAL_COMPLETE && rows[i].fail_code;
        if (rows[i].state != TRIAL_COMPLETE) trial->useless = trial_state_names[rows[i].state];
    }
    if (other && !read_metrics(store, rows, metric, !study_runs_program(&info), arena, out, err)) return false;
    for (int i = 0; i < n; i++)
        if (!out->trials[i].useless && !isfinite(out->trials[i].score)) out->trials[i].useless = "no score";
    return true;
}

bool foreign_read_study(const char *path, const char *study, const char *metric, Arena *arena,
                        ForeignStudy *out, Error *err)
{
    Store *store;
    const char *inside = path_join(arena, path, "trials.db");
    if (!inside) return error_memory(err);
    bool ok = store_open(file_exists(inside) ? inside : path, STORE_READ, &store, err);
    if (ok) {
        ok = read_study(store, study, metric, arena, out, err);
        store_close(store, NULL);
    }
    if (!ok && err->code == ERR_STORE) err->code = ERR_DATA;
    return ok;
}
