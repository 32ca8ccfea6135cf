/* tests/report_fixture.h - a small finished study with names that would like to be markup. */
#ifndef CONSORT_TESTS_REPORT_FIXTURE_H
#define CONSORT_TESTS_REPORT_FIXTURE_H
#include <math.h>
#include <stdio.h>

#include "reports/document.h"
#include "reports/noise.h"
#include "tests/store_fixture.h"

#define EVIL "</script><script>alert('x')</script><img/src=x onerror=alert(1)>"

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
    study.notes = "a note " EVIL;
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
             "\"classes\":[\"<\\/script><script>alert('x')<\\/script><img/src=x onerror=alert(3)>\",\"a&b\",\"<!-- c\"],"
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

/* The inside of a network for pictures of 2 x 2, and of a table's columns: whatever a section can draw. */
static inline Doc *report_inside(void)
{
    static const char json[] =
        "{\"model\":\"<b>s\",\"member\":\"trial 18\",\"members\":2,\"heaviest\":true,\"net\":1,\"nets\":3,"
        "\"classes\":[\"<\\/script><script>alert('x')<\\/script>\",\"a&b\"],\"where\":\"test set\",\"rows_asked\":60,"
        "\"rows_looked\":30,\"network\":{\"widths\":[4,2,2],\"activation\":\"relu\"},"
        "\"first_layer\":{\"kind\":\"tiles\",\"classes\":false,\"height\":2,\"width\":2,\"units\":2,"
        "\"tiles\":[{\"unit\":2,\"norm\":1.5},{\"unit\":1,\"norm\":0.5}],\"pixels\":\"AICA/4CAgIA=\",\"pixels_scale\":0.7},"
        "\"layers\":[{\"layer\":1,\"output\":false,\"units\":2,\"weights\":{\"low\":-1,\"high\":1,\"counts\":[1,2,1]},"
        "\"activations\":{\"low\":0,\"high\":0,\"counts\":[3,0,0]},\"gradients\":null,\"dead\":[1],\"n_dead\":1,"
        "\"saturated\":[],\"n_saturated\":0},{\"layer\":2,\"output\":true,\"units\":2}],"
        "\"rows\":[{\"why\":\"asked\",\"row\":7,\"id\":\"<i>k7\",\"truth\":\"a&b\",\"predicted\":\"<!-- c\",\"p\":0.9,"
        "\"proba\":[0.1,0.9],\"network_proba\":[0.2,0.8],\"layers\":[[0.5,0]],\"values\":[{\"column\":\"<b>size\","
        "\"value\":\"<u>3\",\"contribution\":0.25}]},{\"why\":\"typical\",\"row\":3,\"truth\":\"a&b\",\"predicted\":\"a&b\","
        "\"p\":0.9,\"proba\":[0.1,0.9],\"layers\":[[0.5,0]],\"height\":2,\"width\":2,\"pixels\":\"AICA/w==\","
        "\"saliency\":\"AICA/w==\"}],\"templates\":[{\"class\":\"a&b\",\"rows\":3,\"pixels\":\"AICA/w==\"},"
        "{\"class\":\"<i>\",\"rows\":1,\"pixels\":\"/4CAAA==\"}],"
        "\"importance\":{\"metric\":\"f1_macro\",\"metric_label\":\"macro F1\",\"score\":0.9,\"rows\":60,\"repeats\":5,"
        "\"columns\":1,\"out_of_fold\":true,\"features\":[{\"name\":\"<b>size\",\"drop\":0.1,\"low95\":0.05,\"high95\":0.2}]},"
        "\"dependence\":[{\"name\":\"<b>size\",\"kind\":\"numeric\",\"at\":[0,1,2],\"classes\":[{\"label\":\"a&b\","
        "\"mean\":[0.1,0.5,0.6]}],\"distribution\":{\"low\":0,\"high\":2,\"counts\":[3,1]}},{\"name\":\"colour\","
        "\"kind\":\"nominal\",\"levels\":[\"<i>red\",null],\"classes\":[{\"label\":\"a&b\",\"mean\":[0.1,0.5]}],"
        "\"shares\":[0.7,0.3]}],\"history\":{\"epochs\":[1,2],\"layers\":1,\"bins\":1,\"kinds\":[\"weights\"],"
        "\"cells\":\"AAAAvwAAAD//AAAAvwAAAD//\"}}";
    return report_json(json);
}

static inline Doc *report_augmented(void)
{
    return report_json("{\"height\":2,\"width\":2,\"versions\":1,\"originals\":[{\"row\":3,\"class\":\"<b>0\"}],"
                       "\"pixels\":\"AICA/w==\",\"sets\":[{\"name\":\"as configured\",\"settings\":{\"rotate_deg\":8},"
                       "\"pixels\":\"AICA/w==\"}]}");
}

typedef struct {
    Doc *card, *ensemble, *test, *best_test, *images, *deployment, *machine, *inside, *augmented;
    Doc *baselines, *compared;
} ReportParts;

/* One baseline, and how the ensemble compares with it (or with the best trial). */
static inline void report_add_baseline(ReportParts *parts, const char *name, double f1)
{
    Doc *entry = doc_add(parts->baselines, doc_object());
    doc_set_text(entry, "name", name);
    doc_set_number(entry, "n_params", 650);
    doc_set(entry, "validation", report_evaluation(f1 + 0.01));
    doc_set(entry, "test", report_evaluation(f1));
}

static inline void report_add_compared(ReportParts *parts, const char *with, double other, double p)
{
    Doc *row = doc_add(parts->compared, doc_object());
    doc_set_text(row, "with", with);
    doc_set_text(row, "metric", "f1_macro");
    doc_set_number(row, "model", 0.94);
    doc_set_number(row, "other", other);
    doc_set_number(row, "difference", 0.94 - other);
    doc_set_number(row, "low95", 0.94 - other - 0.004);
    doc_set_number(row, "high95", 0.94 - other + 0.004);
    doc_set_number(row, "p", p);
    doc_set_text(row, "test", "bootstrap");
    doc_set_number(row, "n", 1000);
    doc_set_text(row, "split", "test");
}

static inline ReportParts report_parts(void)
{
    static const char card[] =
        "{\"rows\":5000,\"columns\":4,\"classes\":3,\"image\":null,\"class_balance\":["
        "{\"class\":\"<b>0\",\"rows\":4000,\"share\":0.8},{\"class\":\"1\",\"rows\":1000,\"share\":0.2}],"
        "\"features\":[{\"name\":\"<i>f<img/src=x onerror=alert(2)>\",\"type\":\"numeric\",\"missing\":5,\"missing_share\":0.001,"
        "\"min\":0,\"max\":3}],\"warnings\":[\"column <u>id looks like an identifier\"],\"notes\":[]}";
    static const char ensemble[] =
        "{\"method\":\"greedy\",\"score\":0.953,\"best_single\":{\"trial\":18,\"score\":0.95},\"members\":["
        "{\"trial\":18,\"weight\":0.75,\"score\":0.95,\"params\":{\"learning_rate\":0.019,"
        "\"optimizer\":\"<s>adam\"}},{\"trial\":16,\"weight\":0.25,\"score\":0.949,\"params\":{}}],"
        "\"curve\":[0.95,0.952,0.953],\"disagreement\":[[0,0.03],[0.03,0]],\"temperature\":0.9,\"calibration\":{\"method\":\"bias\",\"loss\":{\"bias\":0.2},"
        "\"scale\":[1.1],\"bias\":[0,0.1]},"
        "\"log_loss\":{\"before\":0.2,\"after\":0.19},\"n_params\":2200,\"bytes\":8800,"
        "\"rule\":\"decides <i>b\",\"asked\":\"f1_macro\",\"reason\":\"it <em>helps\"}";
    static const char images[] = "[{\"row\":5,\"truth\":\"a&b\",\"predicted\":\"<!-- c\",\"p\":0.98,"
                                 "\"height\":2,\"width\":2,\"pixels\":\"AICA/w==\"}]";
    static const char files[] = "[{\"path\":\"<q>m.consort\",\"bytes\":8800,\"sha256\":\"ab\","
                                "\"note\":\"the model\"}]";
    ReportParts parts = {.card = report_json(card), .ensemble = report_json(ensemble),
                         .test = report_evaluation(0.94), .best_test = report_evaluation(0.935),
                         .images = report_json(images), .deployment = report_json(files),
                         .machine = report_json("{\"cpu\":\"<x>cpu\",\"threads\":2}"),
                         .inside = report_inside(), .augmented = report_augmented(),
                         .baselines = doc_array(), .compared = doc_array()};
    report_add_baseline(&parts, "majority class", 0.3);
    report_add_baseline(&parts, "logistic regression", 0.93);
    report_add_baseline(&parts, "default <k>network", 0.941);
    report_add_compared(&parts, "best trial", 0.935, 0.012);
    report_add_compared(&parts, "default <k>network", 0.941, 0.6);
    report_add_compared(&parts, "logistic regression", 0.93, 0.0002);
    report_add_compared(&parts, "majority class", 0.3, 0.002);
    return parts;
}

static inline void report_parts_free(ReportParts *parts)
{
    doc_free(parts->card), doc_free(parts->ensemble), doc_free(parts->test), doc_free(parts->best_test);
    doc_free(parts->images), doc_free(parts->deployment), doc_free(parts->machine);
    doc_free(parts->inside), doc_free(parts->augmented);
    doc_free(parts->baselines), doc_free(parts->compared);
}

static inline ReportInput report_input(Store *store, const StudyInfo *info, const ReportParts *parts)
{
    return (ReportInput){.store = store, .study = info, .card = parts->card, .ensemble = parts->ensemble,
                         .test = parts->test, .best_test = parts->best_test, .images = parts->images,
                         .deployment = parts->deployment, .machine = parts->machine, .inside = parts->inside,
                         .augmented = parts->augmented,
                         .baselines = parts->baselines, .compared = parts->compared, .top = 10};
}

/* Of a study of n trials, with every part there is. */
static inline Doc *report_full_document(int n, Arena *arena)
{
    StudyInfo info;
    Error err = {0};
    Doc *document = NULL;
    ReportParts parts = report_parts();
    Store *store = report_store(n, arena, &info);
    ReportInput input = report_input(store, &info, &parts);
    if (!document_make(&input, arena, &document, &err)) fail_msg("%s", err.message);
    store_close(store, NULL);
    folder_empty();
    report_parts_free(&parts);
    return document;
}
#endif
