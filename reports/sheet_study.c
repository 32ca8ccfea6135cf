/* The tables of the study: leaders, finalists, failures; of its data; of files and facts. */
#include "reports/sheets.h"

#include <math.h>
#include <string.h>

#include "engine/metrics.h"

const Doc *sheet_evaluation(const Doc *document, const char **name)
{
    const Doc *test = doc_get(document, "test"), *val = doc_get(document, "validation");
    bool tested = doc_kind(test) == DOC_OBJECT;
    if (name) *name = tested ? "test set" : "validation rows";
    return tested ? test : doc_kind(val) == DOC_OBJECT ? val : NULL;
}

/* ---- of the study ---------------------------------------------------------------------------- */

static bool any_finite(const Doc *rows, const char *group, const char *key)
{
    for (size_t i = 0; i < doc_count(rows); i++) {
        const Doc *row = doc_at(rows, i);
        if (isfinite(sheet_number(group ? doc_get(row, group) : row, key))) return true;
    }
    return false;
}

static bool any_above_zero(const Doc *rows, const char *key)
{
    for (size_t i = 0; i < doc_count(rows); i++)
        if (sheet_number(doc_at(rows, i), key) > 0) return true;
    return false;
}

bool sheet_is_program(const Doc *document)
{
    const Doc *study = doc_get(document, "study");
    return doc_count(doc_get(study, "classes")) == 0 && doc_kind(doc_get(study, "task")) != DOC_TEXT;
}

TaskKind sheet_task(const Doc *document)
{
    int kind = names_find(task_names, sheet_text(doc_get(document, "study"), "task"));
    return kind < 0 ? TASK_CLASSES : (TaskKind)kind;
}

const MetricId *sheet_board_metrics(TaskKind task)
{
    static const MetricId classes[] = {METRIC_ACCURACY, METRIC_F1_MACRO, METRIC_LOG_LOSS, METRIC_ECE};
    static const MetricId numbers[] = {METRIC_RMSE, METRIC_MAE, METRIC_R2, METRIC_SPEARMAN};
    static const MetricId labels[] = {METRIC_ACCURACY, METRIC_F1_MACRO, METRIC_ROC_AUC, METRIC_LOG_LOSS};
    return task == TASK_NUMBERS ? numbers : task == TASK_LABELS ? labels : classes;
}

/* "ECE" is what everybody calls it, and short. */
static const char *board_title(MetricId id)
{
    return id == METRIC_ECE ? "ECE" : metric_label(id);
}

/* A column of the board that the page's script knows by `key`. */
static void board_column(Sheet *out, const char *key, const char *title, bool number, int better,
                         const char *hint)
{
    sheet_column(out, title, number, better, hint);
    sheet_key(out, key);
}

bool sheet_leaderboard(const Doc *document, int top, Arena *arena, Sheet *out, Error *err)
{
    enum { N_EXTRA = SHEET_BOARD_METRICS };
    const MetricId *extra = sheet_board_metrics(sheet_task(document));
    const Doc *study = doc_get(document, "study"), *board = doc_get(document, "leaderboard");
    const Doc *parameters = doc_get(document, "parameters");
    size_t n = doc_count(board), n_params = doc_count(parameters);
    if (top > 0 && n > (size_t)top) n = (size_t)top;
    bool with_sd = any_finite(board, NULL, "sd"), with[N_EXTRA];
    const char *own = sheet_text(study, "metric_name");
    int better = doc_to_bool(doc_get(study, "maximize"), true) ? 1 : -1;
    bool with_size = any_above_zero(board, "n_params") || any_above_zero(board, "bytes");
    bool program = sheet_is_program(document);
    if (!sheet_create("leaderboard", program ? "The best trials" : "The best trials by validation score",
                      10 + N_EXTRA + n_params, n, arena, out, err))
        return false;
    board_column(out, "rank", "rank", true, 0, NULL);
    board_column(out, "trial", "trial", true, 0, NULL);
    board_column(out, "value", sheet_text(study, "metric_label"), true, better,
                 program ? NULL : "on validation rows");
    if (with_sd) board_column(out, "sd", "± sd", true, 0, "standard deviation over folds or repeats");
    /* Settings stand beside the score they led to; what else was measured comes after. */
    for (size_t p = 0; p < n_params; p++) {
        const Doc *parameter = doc_at(parameters, p);
        const char *first = doc_to_text(doc_at(doc_get(parameter, "categories"), 0), "0");
        bool number = *first >= '0' && *first <= '9';
        board_column(out, arena_print(arena, "params.%s", sheet_text(parameter, "name")),
                     sheet_text(parameter, "name"), number, 0, "searched setting");
    }
    for (int k = 0; k < N_EXTRA; k++) {
        const char *name = metric_name(extra[k]);
        with[k] = strcmp(name, own) != 0 && any_finite(board, "metrics", name);
        if (with[k])
            board_column(out, arena_print(arena, "metrics.%s", name), board_title(extra[k]), true,
                         metric_larger_is_better(extra[k]) ? 1 : -1, NULL);
    }
    if (with_size) {
        board_column(out, "n_params", "weights", true, 0, "trained parameters: networks × weights of one");
        board_column(out, "bytes", "size", true, 0, "of the model's weights");
    }
    board_column(out, "seconds", "time", true, 0, program ? "seconds" : "seconds of training");
    board_column(out, "best_epoch", "epoch", true, 0, "best epoch");
    for (size_t i = 0; i < n; i++) {
        const Doc *row = doc_at(board, i), *metrics = doc_get(row, "metrics");
        Cell *cell = sheet_row(out);
        out->strong[i] = doc_to_bool(doc_get(row, "alike"), false);
        (cell++)->text = sheet_value(arena, doc_get(row, "rank"));
        (cell++)->text = sheet_value(arena, doc_get(row, "trial"));
        (cell++)->text = sheet_score(arena, sheet_number(row, "value"));
        if (with_sd) (cell++)->text = sheet_score(arena, sheet_number(row, "sd"));
        for (size_t p = 0; p < n_params; p++) {
            const char *name = sheet_text(doc_at(parameters, p), "name");
            (cell++)->text = sheet_value(arena, doc_get(doc_get(row, "params"), name));
        }
        for (int k = 0; k < N_EXTRA; k++)
            if (with[k]) (cell++)->text = sheet_score(arena, sheet_number(metrics, metric_name(extra[k])));
        if (with_size) {
            (cell++)->text = sheet_weights(arena, row);
            (cell++)->text = sheet_bytes(arena, sheet_number(row, "bytes"));
        }
        (cell++)->text = sheet_seconds(arena, sheet_number(row, "seconds"));
        (cell++)->text = sheet_value(arena, doc_get(row, "best_epoch"));
    }
    if (doc_to_number(doc_get(doc_get(document, "verdict"), "alike"), 0) > 1)
        out->note = "Marked trials cannot be told from the best on this many validation rows.";
    return true;
}

bool sheet_finalists(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const Doc *list = doc_get(document, "finalists"), *study = doc_get(document, "study");
    size_t n = doc_count(list);
    int better = doc_to_bool(doc_get(study, "maximize"), true) ? 1 : -1;
    bool failed = any_above_zero(list, "failed");
    if (!sheet_create("finalists", "The finalists: run again on fresh seeds", 7, n, arena, out, err))
        return false;
    sheet_column(out, "trial", true, 0, NULL);
    sheet_column(out, "runs", true, 0, "the trial itself included");
    if (failed) sheet_column(out, "failed", true, -1, "runs that came to nothing");
    sheet_column(out, "as found", true, better, "the value that made it a finalist");
    sheet_column(out, "mean", true, better, "over all runs: this decides");
    sheet_column(out, "± sd", true, 0, "standard deviation of one run");
    sheet_column(out, "fresh", true, better, "mean of the fresh runs alone: what it is worth");
    for (size_t i = 0; i < n; i++) {
        const Doc *row = doc_at(list, i);
        Cell *cell = sheet_row(out);
        out->strong[i] = i == 0;
        (cell++)->text = sheet_value(arena, doc_get(row, "trial"));
        (cell++)->text = sheet_value(arena, doc_get(row, "runs"));
        if (failed) (cell++)->text = sheet_value(arena, doc_get(row, "failed"));
        (cell++)->text = sheet_score(arena, sheet_number(row, "value"));
        (cell++)->text = sheet_score(arena, sheet_number(row, "mean"));
        (cell++)->text = sheet_score(arena, sheet_number(row, "sd"));
        (cell++)->text = sheet_score(arena, sheet_number(row, "fresh"));
    }
    return true;
}

bool sheet_failures(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const Doc *failures = doc_get(document, "failures");
    size_t n = doc_count(failures);
    if (!sheet_create("failures", "Trials that failed, by reason", 4, n, arena, out, err))
        return false;
    sheet_column(out, "reason", false, 0, NULL);
    sheet_column(out, "trials", true, 0, NULL);
    sheet_column(out, "e.g. trial", true, 0, NULL);
    sheet_column(out, "what it said", false, 0, NULL);
    for (size_t i = 0; i < n; i++) {
        const Doc *failure = doc_at(failures, i);
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_text(failure, "code");
        cell[1].text = sheet_value(arena, doc_get(failure, "n"));
        cell[2].text = sheet_value(arena, doc_get(failure, "trial"));
        cell[3].text = sheet_text(failure, "text");
    }
    return true;
}

/* ---- of the data ----------------------------------------------------------------------------- */

bool sheet_balance(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const Doc *balance = doc_get(doc_get(document, "card"), "class_balance");
    size_t n = doc_count(balance);
    double total = 0, most = 0;
    for (size_t i = 0; i < n; i++) {
        double rows = doc_to_number(doc_get(doc_at(balance, i), "rows"), 0);
        total += rows;
        if (rows > most) most = rows;
    }
    if (!sheet_create("balance", "Training rows by class", 3, n, arena, out, err)) return false;
    sheet_column(out, "class", false, 0, NULL);
    sheet_column(out, "rows", true, 0, NULL);
    sheet_column(out, "share", true, 0, NULL);
    double *share = ARENA_NEW(arena, double, n + 1);
    const char **percent = ARENA_NEW(arena, const char *, n + 1);
    if (!share || !percent) return error_memory(err);
    for (size_t i = 0; i < n; i++) share[i] = sheet_number(doc_at(balance, i), "rows") / total;
    if (!sheet_shares(arena, share, n, percent)) return error_memory(err);
    for (size_t i = 0; i < n; i++) {
        const Doc *entry = doc_at(balance, i);
        double rows = sheet_number(entry, "rows");
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_value(arena, doc_get(entry, "class"));
        cell[1].text = sheet_count(arena, rows);
        cell[2].text = percent[i];
        cell[2].bar = most > 0 && isfinite(rows) ? rows / most : 0;
    }
    return true;
}

/* Range of a number, levels of a category. */
static const char *feature_content(Arena *arena, const Doc *feature)
{
    const Doc *levels = doc_get(feature, "levels");
    double low = sheet_number(feature, "min"), high = sheet_number(feature, "max");
    if (doc_kind(levels) == DOC_NUMBER || doc_kind(levels) == DOC_ARRAY)
        return sheet_or_dash(arena_print(arena, "%.0f levels", doc_kind(levels) == DOC_NUMBER
                                   ? doc_to_number(levels, 0) : (double)doc_count(levels)));
    const char *from = doc_to_text(doc_get(feature, "min"), NULL);
    const char *to = doc_to_text(doc_get(feature, "max"), NULL);
    if (from && to) return sheet_or_dash(arena_print(arena, "%s to %s", from, to)); /* dates */
    double texts = sheet_number(feature, "distinct");
    if (!isfinite(low) && isfinite(texts))
        return sheet_or_dash(arena_print(arena, "%.0f different texts", texts));
    if (!isfinite(low) || !isfinite(high)) return SHEET_DASH;
    return sheet_or_dash(arena_print(arena, "%s to %s", sheet_quantity(arena, low),
                                     sheet_quantity(arena, high)));
}

bool sheet_features(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    enum { MOST = 60 };
    const Doc *features = doc_get(doc_get(document, "card"), "features");
    size_t n = doc_count(features), rows = n < MOST ? n : MOST;
    if (!sheet_create("features", "Features", 4, rows, arena, out, err)) return false;
    sheet_column(out, "feature", false, 0, NULL);
    sheet_column(out, "type", false, 0, NULL);
    sheet_column(out, "missing", true, 0, "share of rows without a value");
    sheet_column(out, "range or levels", false, 0, NULL);
    for (size_t i = 0; i < rows; i++) {
        const Doc *feature = doc_at(features, i), *type = doc_get(feature, "type");
        Cell *cell = sheet_row(out);
        double missing = sheet_number(feature, "missing_share");
        cell[0].text = sheet_value(arena, doc_get(feature, "name"));
        cell[1].text = sheet_value(arena, type ? type : doc_get(feature, "kind"));
        cell[2].text = missing == 0 ? "none" : sheet_percent(arena, missing);
        cell[3].text = feature_content(arena, feature);
    }
    if (n > rows)
        out->note = arena_print(arena, "The first %d of %zu features; report.json has all.", MOST, n);
    return true;
}

/* ---- files and facts -------------------------------------------------------------------------- */

bool sheet_deployment(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const Doc *files = doc_get(document, "deployment");
    size_t n = doc_count(files);
    if (!sheet_create("deployment", "Files to deploy", 4, n, arena, out, err)) return false;
    out->prose = true;
    sheet_column(out, "file", false, 0, NULL);
    sheet_column(out, "size", true, 0, NULL);
    sheet_column(out, "what it is", false, 0, NULL);
    sheet_column(out, "SHA-256", false, 0, NULL);
    for (size_t i = 0; i < n; i++) {
        const Doc *file = doc_at(files, i);
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_text(file, "path");
        cell[1].text = sheet_bytes(arena, sheet_number(file, "bytes"));
        cell[2].text = sheet_text(file, "note");
        cell[3].text = sheet_text(file, "sha256");
    }
    return true;
}

static void fact(Sheet *sheet, const char *name, const char *text)
{
    if (!text || !*text) return;
    Cell *cell = sheet_row(sheet);
    cell[0].text = name;
    cell[1].text = text;
}

void sheet_split_said(const Doc *card, Text *out)
{
    const char *split = doc_to_text(doc_get(card, "split"), NULL);
    const char *test = doc_to_text(doc_get(card, "test_split"), NULL);
    const char *weight = doc_to_text(doc_get(card, "weight"), NULL);
    if (split) text_print(out, " Validation: %s.", split);
    if (test) text_print(out, " Test: %s.", test);
    if (weight)
        text_print(out, " Rows weigh what `%s` says, %.6g together.", weight, sheet_number(card, "weight_sum"));
}

bool sheet_provenance(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const Doc *study = doc_get(document, "study"), *from = doc_get(document, "provenance");
    const Doc *machine = doc_get(from, "machine"), *value;
    const char *key;
    if (!sheet_create("provenance", "Where this report comes from", 2, 17 + doc_count(machine),
                      arena, out, err))
        return false;
    sheet_column(out, "fact", false, 0, NULL);
    sheet_column(out, "value", false, 0, NULL);
    fact(out, "study", sheet_text(study, "name"));
    fact(out, "begun", sheet_text(study, "created_utc"));
    fact(out, "state", sheet_text(study, "state"));
    fact(out, "search", sheet_text(study, "method"));
    fact(out, "seed", sheet_text(from, "seed"));
    fact(out, "configuration SHA-256", sheet_text(from, "config_sha256"));
    fact(out, "data SHA-256", sheet_text(from, "data_sha256"));
    fact(out, "split SHA-256", sheet_text(from, "split_sha256"));
    const Doc *space = doc_get(from, "space");
    if (space)
        fact(out, "search space",
             arena_print(arena, "edited: version %.0f, from trial %.0f on", sheet_number(space, "version"),
                         sheet_number(space, "from_trial")));
    if (!sheet_is_program(document))
        fact(out, "looks at the test set", sheet_value(arena, doc_get(from, "test_looks")));
    fact(out, "times the study was continued", sheet_value(arena, doc_get(from, "resumed")));
    fact(out, "trials run again after an interruption", sheet_value(arena, doc_get(from, "recovered_trials")));
    fact(out, "Consort that began the study", sheet_text(from, "consort_version"));
    for (size_t i = 0; doc_member(machine, i, &key, &value); i++) fact(out, key, sheet_value(arena, value));
    return true;
}
