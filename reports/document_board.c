/* The leaderboard, the columns that a board of all trials is sorted by, and the learning curves of its first
 * and of the median. */
#include "reports/document_parts.h"

#include <math.h>
#include <string.h>

#include "reports/sheets.h"

/* ---- leaderboard ------------------------------------------------------------------------------ */

static void put_metrics(const Facts *facts, const MetricRow *metrics, int n, Doc *row)
{
    Doc *out = doc_set(row, "metrics", doc_object());
    const char *own = facts->metric != METRIC_COUNT ? metric_name(facts->metric) : "";
    for (int pooled = 0; pooled < 2; pooled++) /* the pooled row, if there is one, wins */
        for (int i = 0; i < n; i++) {
            const MetricRow *metric = &metrics[i];
            if (strcmp(metric->split, "val") != 0 || metric->fold > 0) continue;
            if ((metric->fold < 0) != (pooled == 1)) continue;
            doc_set_number(out, metric->name, metric->value);
            if (strcmp(metric->name, own) != 0 || !isfinite(metric->low95)) continue;
            doc_set_number(row, "low95", metric->low95);
            doc_set_number(row, "high95", metric->high95);
        }
}

bool document_leaderboard(const Facts *facts, const Noise *noise, Doc *document, Error *err)
{
    const ReportInput *input = facts->input;
    const int top = facts_top(facts);
    Doc *board = doc_set(document, "leaderboard", doc_array());
    for (int r = 0; r < facts->n_ranked && r < top; r++) {
        const TrialRow *trial = &facts->trials[facts->ranked[r]];
        MetricRow *metrics = NULL;
        int n = 0;
        if (!store_metrics(input->store, trial->id, facts->arena, &metrics, &n, err)) return false;
        Doc *row = doc_add(board, doc_object());
        doc_set_number(row, "rank", r + 1);
        doc_set_number(row, "trial", trial->number);
        doc_set_number(row, "value", trial->value);
        doc_set_number(row, "sd", trial->value_sd);
        put_metrics(facts, metrics, n, row);
        doc_set_bool(row, "alike", r < noise->n_alike);
        doc_set_number(row, "best_epoch", trial->best_epoch);
        doc_set_number(row, "epochs", trial->epochs);
        doc_set_number(row, "n_params", (double)trial->n_params);
        doc_set_number(row, "networks", trial_networks(trial, metrics, n));
        doc_set_number(row, "bytes", (double)trial->model_bytes);
        doc_set_number(row, "seconds", trial->seconds);
        doc_set_text(row, "source", trial->source);
        doc_set(row, "params", doc_copy(facts->params[facts->ranked[r]]));
    }
    return true;
}

/* ---- what the board of all trials is sorted and filtered by ------------------------------------ */

static double six_digits(double x)
{
    return isfinite(x) && fabs(x) < 1e9 ? round(x * 1e6) / 1e6 : x;
}

/* One list of the trials shown; none where no trial has the number. */
static bool put_list(Doc *out, const char *name, const double *values, int n)
{
    bool any = false;
    for (int i = 0; i < n; i++) any = any || isfinite(values[i]);
    if (!any) return true;
    Doc *list = doc_set(out, name, doc_array());
    for (int i = 0; i < n; i++) doc_add(list, doc_number(values[i]));
    return true;
}

static double pooled(const MetricRow *metrics, int n, const char *name)
{
    double value = NAN;
    for (int i = 0; i < n; i++) {
        bool own = strcmp(metrics[i].split, "val") == 0 && strcmp(metrics[i].name, name) == 0;
        if (own && metrics[i].fold < 0) return metrics[i].value;
        if (own && metrics[i].fold == 0) value = metrics[i].value;
    }
    return value;
}

bool document_board(const Facts *facts, const bool *shown, int n_shown, Doc *out, Error *err)
{
    const MetricId *extra = sheet_board_metrics(facts_task(facts));
    double *list = ARENA_NEW(facts->arena, double, (size_t)n_shown * (3 + SHEET_BOARD_METRICS));
    if (!list) return error_memory(err);
    double *sd = list, *bytes = sd + n_shown, *epoch = bytes + n_shown, *score = epoch + n_shown;
    for (int i = 0, k = 0; i < facts->n_trials; i++) {
        const TrialRow *trial = &facts->trials[i];
        MetricRow *metrics = NULL;
        int n = 0;
        if (!shown[i]) continue;
        if (!store_metrics(facts->input->store, trial->id, facts->arena, &metrics, &n, err)) return false;
        sd[k] = six_digits(trial->value_sd);
        bytes[k] = trial->model_bytes > 0 ? (double)trial->model_bytes : NAN;
        epoch[k] = trial->best_epoch > 0 ? trial->best_epoch : NAN;
        for (int m = 0; m < SHEET_BOARD_METRICS; m++)
            score[m * n_shown + k] = six_digits(pooled(metrics, n, metric_name(extra[m])));
        k++;
    }
    put_list(out, "sd", sd, n_shown);
    put_list(out, "bytes", bytes, n_shown);
    put_list(out, "best_epoch", epoch, n_shown);
    Doc *scores = doc_set(out, "metrics", doc_object());
    for (int m = 0; m < SHEET_BOARD_METRICS; m++)
        put_list(scores, metric_name(extra[m]), score + m * n_shown, n_shown);
    return true;
}

/* ---- learning curves -------------------------------------------------------------------------- */

enum { MOST_CURVES = 8, MOST_POINTS = 400 };

typedef struct {
    int n_folds; /* that got this far */
    double learning_rate, train_loss, val_loss, val_metric;
} Point;

/* Folds and repeats of a trial are one curve: the mean of those that reached the epoch. */
static void put_curve(const EpochRow *rows, int n, Point *points, int n_epochs, Doc *curve)
{
    int n_folds = 0;
    for (int i = 0; i < n; i++) {
        if (rows[i].epoch < 1 || rows[i].epoch > n_epochs) continue;
        Point *point = &points[rows[i].epoch - 1];
        point->n_folds++;
        point->learning_rate += rows[i].learning_rate;
        point->train_loss += rows[i].train_loss;
        point->val_loss += rows[i].val_loss;
        point->val_metric += rows[i].val_metric;
        if (point->n_folds > n_folds) n_folds = point->n_folds;
    }
    doc_set_number(curve, "folds", n_folds);
    Doc *epoch = doc_set(curve, "epoch", doc_array());
    Doc *rate = doc_set(curve, "learning_rate", doc_array());
    Doc *train = doc_set(curve, "train_loss", doc_array());
    Doc *loss = doc_set(curve, "val_loss", doc_array());
    Doc *metric = doc_set(curve, "val_metric", doc_array());
    int step = (n_epochs + MOST_POINTS - 1) / MOST_POINTS;
    for (int e = 0; e < n_epochs; e++) {
        const Point *point = &points[e];
        if (point->n_folds == 0 || (e % step != 0 && e != n_epochs - 1)) continue;
        doc_add(epoch, doc_number(e + 1));
        doc_add(rate, doc_number(point->learning_rate / point->n_folds));
        doc_add(train, doc_number(point->train_loss / point->n_folds));
        doc_add(loss, doc_number(point->val_loss / point->n_folds));
        doc_add(metric, doc_number(point->val_metric / point->n_folds));
    }
}

static bool add_curve(const Facts *facts, int rank, const char *role, Doc *curves, Error *err)
{
    enum { MOST_EPOCHS = 1000000 };
    const TrialRow *trial = &facts->trials[facts->ranked[rank]];
    EpochRow *rows = NULL;
    int n = 0, n_epochs = 0;
    if (!store_epochs(facts->input->store, trial->id, facts->arena, &rows, &n, err)) return false;
    for (int i = 0; i < n; i++)
        if (rows[i].epoch > n_epochs && rows[i].epoch <= MOST_EPOCHS) n_epochs = rows[i].epoch;
    if (n_epochs == 0) return true;
    Point *points = ARENA_NEW(facts->arena, Point, n_epochs);
    if (!points) return error_memory(err);
    Doc *curve = doc_add(curves, doc_object());
    doc_set_number(curve, "trial", trial->number);
    doc_set_number(curve, "rank", rank + 1);
    doc_set_text(curve, "role", role);
    doc_set_number(curve, "best_epoch", trial->best_epoch);
    put_curve(rows, n, points, n_epochs, curve);
    return true;
}

bool document_curves(const Facts *facts, Doc *document, Error *err)
{
    Doc *curves = doc_set(document, "curves", doc_array());
    for (int r = 0; r < facts->n_ranked && r < MOST_CURVES; r++)
        if (!add_curve(facts, r, "top", curves, err)) return false;
    int median = facts->n_ranked / 2;
    return median < MOST_CURVES || add_curve(facts, median, "median", curves, err);
}
