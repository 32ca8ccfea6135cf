/* tests/report_fixture.h - a small finished study with names that would like to be markup. */
#ifndef CONSORT_TESTS_REPORT_FIXTURE_H
#define CONSORT_TESTS_REPORT_FIXTURE_H
#include <math.h>
#include <stdio.h>

#include "reports/document.h"
#include "reports/noise.h"
#include "tests/store_fixture.h"

#define EVIL "</script><script>alert('x')</script>"

static const char *const report_classes[] = {EVIL, "a&b \"quoted\"", "<!-- c"};
static const char report_yaml[] =
    "name: s\nmetric: {name: val_f1_macro, goal: maximize}\nparameters:\n"
    "  learning_rate: {distribution: log_uniform_values, min: 0.0001, max: 0.5}\n"
    "  width_1: {values: [128, 64, 32]}\n  optimizer: {values: [adam, sgd]}\n"
    "  batch_size: {distribution: int_uniform, min: 16, max: 256}\n  epochs: {value: 20}\n"
    "  order: {distribution: normal}\n"
    "  augment: {parameters: {rotate-deg: {min: 0.0, max: 15.0}}}\n"
    "# </pre>" EVIL "\n";

/* Scores rise with the number and fall again, so that the best is in the middle. */
static inline double report_value(int number, int n)
{
    double x = (number - n * 0.6) / n;
    return 0.95 - x * x / 4;
}

/* Of ten trials seven complete, and one each is pruned, failed and infeasible. */
static inline TrialState report_state(int number)
{
    return number % 10 == 3 ? TRIAL_PRUNED : number % 10 == 7 ? TRIAL_FAILED
         : number % 10 == 9 ? TRIAL_INFEASIBLE : TRIAL_COMPLETE;
}

static inline bool report_add_trial(Store *store, int64_t study_id, int number, int n, Error *err)
{
    static const int64_t counts[9] = {300, 10, 0, 12, 310, 8, 0, 5, 355};
    FixtureTrial t;
    TrialRow *row = fixture_trial(&t, number);
    /* Widths fall as they come, so that their order in the report is the report's doing. */
    char *width = strstr(t.params, "\"width_1\":");
    snprintf(width, sizeof t.params - (size_t)(width - t.params), "\"width_1\":%d}", 128 >> number % 3);
    sha256_of(t.params, strlen(t.params), t.hash);
    row->state = report_state(number) == TRIAL_INFEASIBLE ? TRIAL_INFEASIBLE : TRIAL_RUNNING;
    if (row->state == TRIAL_INFEASIBLE) row->fail_code = "CONSTRAINT", row->fail_text = "n_params < 10";
    if (!store_trial_begin(store, study_id, row, err)) return false;
    if (row->state == TRIAL_INFEASIBLE) return true;
    for (int e = 1; e <= 4 && number < 60; e++) {
        EpochRow epoch = fixture_epoch(number, e);
        if (!store_epoch(store, row->id, &epoch, err)) return false;
    }
    fixture_end(row, report_value(number, n));
    row->state = report_state(number);
    if (row->state == TRIAL_FAILED) {
        row->value = NAN;
        row->fail_code = "DIVERGED";
        row->fail_text = "epoch 2, layer 1: the loss is nan " EVIL;
    }
    MetricRow metrics[] = {{"val", -1, "f1_macro", row->value, NAN, NAN},
                           {"val", -1, "accuracy", row->value + 0.01, NAN, NAN}};
    ConfusionRow confusion = {"val", 3, counts};
    bool complete = row->state == TRIAL_COMPLETE;
    return store_trial_end(store, row, metrics, complete ? 2 : 0, &confusion, complete, NULL, 0, err);
}

/* Leaves a database at `path` with a study of `n` trials, and opens it for reading. */
static inline Store *report_store(int n, Arena *arena, StudyInfo *info)
{
    Error err = {0};
    Store *store = NULL;
    StudyStart start;
    StudyInfo study = fixture_study("s " EVIL);
    study.classes = report_classes;
    study.config_yaml = report_yaml;
    bool ok = store_open(path, STORE_WRITE, &store, &err) &&
              store_study_begin(store, &study, &fixture_space, &start, &err);
    for (int i = 0; ok && i < n; i++) ok = report_add_trial(store, study.id, i, n, &err);
    for (int i = 0; ok && i < 2; i++) ok = store_event(store, study.id, 0, "TEST_LOOK", NULL, &err);
    ok = ok && store_study_end(store, study.id, "DONE", &err) && store_close(store, &err) &&
         store_open(path, STORE_READ, &store, &err) &&
         store_study_find(store, NULL, arena, info, &err);
    if (!ok) fail_msg("%s", err.message);
    return store;
}

static inline Doc *report_json(const char *json)
{
    Error err = {0};
    Doc *doc = doc_parse(json, strlen(json), &err);
    if (!doc) fail_msg("%s in %s", err.message, json);
    return doc;
}

/* An evaluation of 1,000 rows with one class that is never predicted. */
static inline Doc *report_evaluation(double f1)
{
    char json[4000];
    snprintf(json, sizeof json,
             "{\"rows\":1000,\"metrics\":{\"accuracy\":{\"value\":%.6f,\"low95\":0.91,\"high95\":0.95},"
             "\"f1_macro\":{\"value\":%.6f,\"low95\":%.6f,\"high95\":%.6f}},"
             "\"classes\":[\"<\\/script><script>alert('x')<\\/script>\",\"a&b\",\"<!-- c\"],"
             "\"per_class\":[{\"label\":\"<\\/script><script>alert('x')<\\/script>\",\"precision\":0.9,"
             "\"recall\":0.8,\"f1\":0.847,\"support\":400,\"low95\":0.82,\"high95\":0.87},"
             "{\"label\":\"a&b\",\"precision\":0.7,\"recall\":0.9,\"f1\":0.7875,\"support\":500,"
             "\"low95\":0.75,\"high95\":0.81},{\"label\":\"<!-- c\",\"precision\":null,\"recall\":0,"
             "\"f1\":null,\"support\":100,\"low95\":null,\"high95\":null}],"
             "\"averages\":{\"macro\":{\"precision\":0.53,\"recall\":0.57,\"f1\":0.54},"
             "\"weighted\":{\"precision\":0.71,\"recall\":0.77,\"f1\":0.73}},"
             "\"confusion\":[[320,80,0],[50,450,0],[40,60,0]],"
             "\"confused\":[{\"truth\":\"<!-- c\",\"predicted\":\"a&b\",\"n\":60}],"
             "\"reliability\":[{\"low\":0.5,\"high\":0.6,\"n\":300,\"confidence\":0.55,\"accuracy\":0.5},"
             "{\"low\":0.9,\"high\":1,\"n\":700,\"confidence\":0.97,\"accuracy\":0.95}],"
             "\"roc\":[{\"label\":\"a&b\",\"fpr\":[0,0.1,1],\"tpr\":[0,0.9,1],\"auc\":0.93}],"
             "\"pr\":[{\"label\":\"a&b\",\"recall\":[0,0.9,1],\"precision\":[1,0.9,0.3],\"ap\":0.91}],"
             "\"mistakes\":[{\"row\":5,\"truth\":\"a&b\",\"predicted\":\"<!-- c\",\"p\":0.98}],"
             "\"decision\":{\"rule\":\"decides a&b when p(a&b) >= 0.3, else <!-- c\",\"threshold\":0.3,"
             "\"weights\":[1,0.4],\"asked\":\"{recall: {a&b: 0.8}}\"},"
             "\"threshold_curve\":{\"label\":\"a&b\",\"at\":[0.1,0.3,0.55,0.9],\"precision\":[0.5,0.7,0.8,null],"
             "\"recall\":[0.95,0.8,0.6,0],\"f1\":[0.66,0.74,0.69,0],\"flagged\":[0.4,0.25,0.15,0],"
             "\"cost\":[0.4,0.3,0.5,0.9],\"chosen\":1},"
             "\"microseconds_per_row\":3.2}",
             f1, f1, f1 - 0.015, f1 + 0.015);
    return report_json(json);
}

typedef struct {
    Doc *card, *ensemble, *test, *best_test, *images, *deployment, *machine;
} ReportParts;

static inline ReportParts report_parts(void)
{
    static const char card[] =
        "{\"rows\":5000,\"columns\":4,\"classes\":3,\"image\":null,\"class_balance\":["
        "{\"class\":\"<b>0\",\"rows\":4000,\"share\":0.8},{\"class\":\"1\",\"rows\":1000,\"share\":0.2}],"
        "\"features\":[{\"name\":\"<i>f\",\"type\":\"numeric\",\"missing\":5,\"missing_share\":0.001,"
        "\"min\":0,\"max\":3}],\"warnings\":[\"column <u>id looks like an identifier\"],\"notes\":[]}";
    static const char ensemble[] =
        "{\"method\":\"greedy\",\"score\":0.953,\"best_single\":{\"trial\":18,\"score\":0.95},\"members\":["
        "{\"trial\":18,\"weight\":0.75,\"score\":0.95,\"params\":{\"learning_rate\":0.019,"
        "\"optimizer\":\"<s>adam\"}},{\"trial\":16,\"weight\":0.25,\"score\":0.949,\"params\":{}}],"
        "\"curve\":[0.95,0.952,0.953],\"disagreement\":[[0,0.03],[0.03,0]],\"temperature\":0.9,\"calibration\":{\"method\":\"bias\",\"loss\":{\"bias\":0.2},"
        "\"scale\":[1.1],\"bias\":[0,0.1]},"
        "\"log_loss\":{\"before\":0.2,\"after\":0.19},\"n_params\":2200,\"bytes\":8800,"
        "\"reason\":\"it <em>helps\"}";
    static const char images[] = "[{\"row\":5,\"truth\":\"a&b\",\"predicted\":\"<!-- c\",\"p\":0.98,"
                                 "\"height\":2,\"width\":2,\"pixels\":\"AICA/w==\"}]";
    static const char files[] = "[{\"path\":\"<q>m.consort\",\"bytes\":8800,\"sha256\":\"ab\","
                                "\"note\":\"the model\"}]";
    return (ReportParts){.card = report_json(card), .ensemble = report_json(ensemble),
                         .test = report_evaluation(0.94), .best_test = report_evaluation(0.935),
                         .images = report_json(images), .deployment = report_json(files),
                         .machine = report_json("{\"cpu\":\"<x>cpu\",\"threads\":2}")};
}

static inline void report_parts_free(ReportParts *parts)
{
    doc_free(parts->card), doc_free(parts->ensemble), doc_free(parts->test), doc_free(parts->best_test);
    doc_free(parts->images), doc_free(parts->deployment), doc_free(parts->machine);
}

static inline ReportInput report_input(Store *store, const StudyInfo *info, const ReportParts *parts)
{
    return (ReportInput){.store = store, .study = info, .card = parts->card, .ensemble = parts->ensemble,
                         .test = parts->test, .best_test = parts->best_test, .images = parts->images,
                         .deployment = parts->deployment, .machine = parts->machine, .top = 10};
}
#endif
