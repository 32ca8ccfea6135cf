/* tests/report_numbers.h - a small finished study that predicts two quantities, and one of two labels. */
#ifndef CONSORT_TESTS_REPORT_NUMBERS_H
#define CONSORT_TESTS_REPORT_NUMBERS_H
#include "tests/report_fixture.h"

static const char numbers_yaml[] = "name: n\nmetric: {name: val_rmse, goal: minimize}\nparameters:\n"
                                   "  learning_rate: {distribution: log_uniform_values, min: 0.0001, max: 0.5}\n"
                                   "  width_1: {values: [128, 64, 32]}\n";
static const double numbers_quantiles[] = {0.1, 0.5, 0.9};

static inline Doc *numbers_score(Doc *metrics, const char *name, double value, double half)
{
    Doc *entry = doc_set(metrics, name, doc_object());
    doc_set_number(entry, "value", value);
    doc_set_number(entry, "low95", value - half);
    doc_set_number(entry, "high95", value + half);
    return entry;
}

static inline void numbers_scores(Doc *of, double rmse)
{
    Doc *metrics = doc_set(of, "metrics", doc_object());
    numbers_score(metrics, "rmse", rmse, rmse / 10);
    numbers_score(metrics, "mae", rmse * .7, rmse / 12);
    numbers_score(metrics, "median_ae", rmse * .5, rmse / 12);
    numbers_score(metrics, "r2", 1 - rmse * rmse / 100, .02);
    numbers_score(metrics, "spearman", .93, .02);
}

/* Ten groups: the larger the truth, the larger the error. */
static inline Doc *numbers_groups(double rmse)
{
    Doc *groups = doc_array();
    for (int g = 0; g < 10; g++) {
        Doc *group = doc_add(groups, doc_object());
        doc_set_number(group, "low", 10 + 4 * g);
        doc_set_number(group, "high", 14 + 4 * g);
        doc_set_number(group, "n", 40);
        doc_set_number(group, "truth", 12 + 4 * g);
        doc_set_number(group, "predicted", 13 + 3.8 * g);
        doc_set_number(group, "rmse", rmse * (.5 + g / 9.0));
    }
    return groups;
}

static inline Doc *numbers_target(const char *name, double rmse)
{
    uint32_t state = 7;
    Doc *target = doc_object();
    doc_set_text(target, "name", name);
    numbers_scores(target, rmse);
    Doc *truth = doc_set(target, "truth", doc_object());
    doc_set_number(truth, "low", 10), doc_set_number(truth, "high", 50);
    doc_set_number(truth, "mean", 30), doc_set_number(truth, "sd", 10);
    Doc *scatter = doc_set(target, "scatter", doc_array()), *worst = doc_set(target, "worst", doc_array());
    for (int i = 0; i < 300; i++) {
        double y = 10 + i * 40 / 300.0, error = 0;
        for (int k = 0; k < 12; k++) error += (state = state * 1664525u + 1013904223u) / 4294967296.0;
        Doc *point = doc_add(scatter, doc_object());
        doc_set_number(point, "truth", y);
        doc_set_number(point, "predicted", y + rmse * (error - 6));
    }
    for (int i = 0; i < 5; i++) {
        Doc *row = doc_add(worst, doc_object());
        doc_set_number(row, "row", 7 * i);
        doc_set_number(row, "truth", 20 + i);
        doc_set_number(row, "predicted", 31.5 - i);
        doc_set_number(row, "low", 25), doc_set_number(row, "high", 38);
        doc_set_text(doc_set(row, "values", doc_object()), "<b>size", "<u>3");
    }
    Doc *residuals = doc_set(target, "residuals", doc_object());
    Doc *edges = doc_set(residuals, "edges", doc_array()), *counts = doc_set(residuals, "counts", doc_array());
    for (int b = 0; b <= 10; b++) doc_add(edges, doc_number((b - 5) * rmse / 2));
    for (int b = 0; b < 10; b++) doc_add(counts, doc_number(b < 5 ? 12 * b + 1 : 12 * (10 - b)));
    doc_set(target, "by_truth", numbers_groups(rmse));
    doc_set(target, "by_predicted", numbers_groups(rmse));
    Doc *quantiles = doc_set(target, "quantiles", doc_array());
    for (int q = 0; q < 3; q++) {
        Doc *one = doc_add(quantiles, doc_object());
        doc_set_number(one, "quantile", numbers_quantiles[q]);
        doc_set_number(one, "below", numbers_quantiles[q] + .02);
    }
    Doc *intervals = doc_set(target, "interval", doc_array());
    for (int i = 0; i < 2; i++) {
        Doc *interval = doc_add(intervals, doc_object()), *coverage;
        doc_set_number(interval, "level", i ? .9 : .8);
        coverage = doc_set(interval, "coverage", doc_object());
        doc_set_number(coverage, "value", i ? .91 : .79);
        doc_set_number(coverage, "low95", i ? .88 : .75), doc_set_number(coverage, "high95", i ? .94 : .83);
        doc_set_number(interval, "width", i ? 9.6 : 7.1);
        doc_set_text(interval, "method", "cv+ <i>");
    }
    return target;
}

/* One target, or two of which the second is worse. */
static inline Doc *numbers_evaluation(int n_targets, double rmse)
{
    Doc *evaluation = doc_object();
    doc_set_text(evaluation, "task", "numbers");
    doc_set_number(evaluation, "rows", 400);
    numbers_scores(evaluation, rmse);
    Doc *targets = doc_set(evaluation, "targets", doc_array());
    doc_add(targets, numbers_target("price " EVIL, rmse));
    if (n_targets > 1) doc_add(targets, numbers_target("<em>area", rmse * 2));
    doc_set_number(evaluation, "microseconds_per_row", 2.5);
    return evaluation;
}

static inline Doc *labels_evaluation(double f1)
{
    static const char one[] =
        "{\"name\":\"<b>happy\",\"answers\":[\"no\",\"yes\"],\"metrics\":{\"roc_auc\":{\"value\":0.91},\"log_loss\":{\"value\":0.3}},"
        "\"confusion\":[[200,20],[30,150]],\"reliability\":[{\"low\":0.1,\"high\":0.2,\"n\":200,\"confidence\":0.15,\"accuracy\":0.1},"
        "{\"low\":0.8,\"high\":0.9,\"n\":200,\"confidence\":0.85,\"accuracy\":0.9}],"
        "\"roc\":{\"fpr\":[0,0.1,1],\"tpr\":[0,0.9,1],\"auc\":0.91},\"pr\":{\"recall\":[0,0.9,1],\"precision\":[1,0.9,0.3],\"ap\":0.9}}";
    static const char other[] = "{\"name\":\"<b>sad\",\"answers\":[\"no\",\"yes\"],\"metrics\":{},\"confusion\":[[390,0],[10,0]]}";
    Doc *evaluation = doc_object();
    doc_set_text(evaluation, "task", "labels");
    doc_set_number(evaluation, "rows", 400);
    Doc *metrics = doc_set(evaluation, "metrics", doc_object());
    numbers_score(metrics, "f1_macro", f1, .02);
    numbers_score(metrics, "f1_micro", f1 + .01, .02);
    numbers_score(metrics, "log_loss", .3, .02);
    Doc *targets = doc_set(evaluation, "targets", doc_array());
    doc_add(targets, report_json(one));
    doc_add(targets, report_json(other));
    return evaluation;
}

static inline bool numbers_add_trial(Store *store, int64_t study_id, int number, const char *metric, Error *err)
{
    FixtureTrial t;
    TrialRow *row = fixture_trial(&t, number);
    row->state = TRIAL_RUNNING;
    if (!store_trial_begin(store, study_id, row, err)) return false;
    for (int e = 1; e <= 4; e++) {
        EpochRow epoch = fixture_epoch(number, e);
        if (!store_epoch(store, row->id, &epoch, err)) return false;
    }
    fixture_end(row, 3.2 + .01 * ((number * 7) % 20));
    row->state = TRIAL_COMPLETE;
    MetricRow metrics[] = {{"val", -1, metric, row->value, NAN, NAN}, {"val", -1, "mae", row->value * .7, NAN, NAN},
                           {"val", -1, "r2", .9 - row->value / 100, NAN, NAN}};
    return store_trial_end(store, row, metrics, 3, NULL, 0, NULL, 0, err);
}

static inline Store *numbers_store(int n, const char *metric, bool maximize, Arena *arena, StudyInfo *info)
{
    Error err = {0};
    Store *store = NULL;
    StudyStart start;
    StudyInfo study = fixture_study("n");
    study.n_classes = 0, study.classes = NULL;
    study.metric = metric, study.maximize = maximize;
    study.config_yaml = numbers_yaml;
    bool ok = store_open(path, STORE_WRITE, &store, &err)
           && store_study_begin(store, &study, &fixture_space, &start, &err);
    for (int i = 0; ok && i < n; i++) ok = numbers_add_trial(store, study.id, i, metric + strlen("val_"), &err);
    ok = ok && store_study_end(store, study.id, "DONE", &err) && store_close(store, &err)
      && store_open(path, STORE_READ, &store, &err) && store_study_find(store, NULL, arena, info, &err);
    if (!ok) fail_msg("%s", err.message);
    return store;
}

static inline void numbers_add_rival(Doc *baselines, Doc *compared, const char *name, const char *metric, double value,
                                     double model, double p)
{
    Doc *entry = doc_add(baselines, doc_object()), *row = doc_add(compared, doc_object());
    doc_set_text(entry, "name", name);
    numbers_score(doc_set(doc_set(entry, "test", doc_object()), "metrics", doc_object()), metric, value, .3);
    doc_set_text(row, "with", name);
    doc_set_text(row, "metric", metric);
    doc_set_number(row, "model", model), doc_set_number(row, "other", value);
    doc_set_number(row, "difference", model - value);
    doc_set_number(row, "low95", model - value - .2), doc_set_number(row, "high95", model - value + .2);
    doc_set_number(row, "p", p), doc_set_number(row, "n", 400);
    doc_set_text(row, "test", "bootstrap"), doc_set_text(row, "split", "test");
}

/* The document of a study of numbers (1 or 2), or of labels (0). */
static inline Doc *numbers_document(int n_targets, Arena *arena)
{
    static const Target names[] = {{.name = "price " EVIL}, {.name = "<em>area"}};
    static const Target labels[] = {{.name = "<b>happy", .answer = {"no", "yes"}}, {.name = "<b>sad", .answer = {"no", "yes"}}};
    const bool numbers = n_targets > 0;
    const Task task = {.kind = numbers ? TASK_NUMBERS : TASK_LABELS, .n_targets = numbers ? n_targets : 2,
                       .targets = numbers ? names : labels};
    const char *metric = numbers ? "rmse" : "f1_macro";
    const double model = numbers ? 2.91 : .88;
    Doc *test = numbers ? numbers_evaluation(n_targets, model) : labels_evaluation(model), *document = NULL;
    Doc *baselines = doc_array(), *compared = doc_array();
    Doc *ensemble = report_json("{\"method\":\"greedy\",\"score\":3.1,\"best_single\":{\"trial\":0,\"score\":3.2},\"members\":["
                                "{\"trial\":0,\"weight\":0.75,\"score\":3.2,\"params\":{}},{\"trial\":3,\"weight\":0.25,\"score\":3.21,"
                                "\"params\":{}}],\"curve\":[3.2,3.15,3.1],\"n_params\":2200,\"bytes\":8800}");
    Doc *card = report_json("{\"rows\":1600,\"test_rows\":400,\"columns\":4,\"classes\":0,\"class_balance\":[],"
                            "\"label\":\"price\",\"features\":[],\"warnings\":[],\"notes\":[]}");
    numbers_add_rival(baselines, compared, "linear regression", metric, numbers ? 4.4 : .7, model, .002);
    numbers_add_rival(baselines, compared, "mean", metric, numbers ? 9.2 : .4, model, .0002);
    Doc *spread = report_json("{\"value\":3.2,\"low95\":3.1,\"high95\":3.3}");
    StudyInfo info;
    Error err = {0};
    Store *store = numbers_store(20, numbers ? "val_rmse" : "val_f1_macro", !numbers, arena, &info);
    ReportInput input = {.store = store, .study = &info, .task = &task, .card = card, .ensemble = ensemble, .test = test,
                         .best_interval = spread, .n_alike = n_targets == 2 ? 4 : 0,
                         .best_test = test, .baselines = baselines, .compared = compared, .top = 10};
    if (!document_make(&input, arena, &document, &err)) fail_msg("%s", err.message);
    store_close(store, NULL);
    folder_empty();
    doc_free(test), doc_free(baselines), doc_free(compared), doc_free(ensemble), doc_free(card), doc_free(spread);
    return document;
}
#endif
