/* job/model_card.c - gathers a model's card from its file and its study. */
#include "job/model_card.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "engine/metrics.h"
#include "job/model_doc.h"

/* ---- whose it is ------------------------------------------------------------------------------ */

static void put_owner(const char *before, Doc *out)
{
    static const char *const keys[] = {"license", "contact", "intended_use", "out_of_scope", "ethics"};
    Doc *owner = doc_set(out, "owner", doc_object()), *old = NULL;
    Bytes bytes;
    Error ignored;
    if (before && file_exists(before) && file_read_plain(before, 1 << 24, &bytes, &ignored)) {
        old = doc_parse(bytes.bytes, bytes.n, &ignored);
        bytes_free(&bytes);
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        doc_set_text(owner, keys[i], doc_to_text(doc_get(doc_get(old, "owner"), keys[i]), NULL));
    doc_free(old);
}

static void put_model(const ModelFacts *f, Doc *whole, Doc *out)
{
    static const char *const kept[] = {"name", "sha256", "bytes", "networks", "n_params", "members", "combine"};
    Doc *model = doc_set(out, "model", doc_object());
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        doc_set(model, kept[i], doc_copy(doc_get(whole, kept[i])));
    doc_set_text(model, "made_with", doc_to_text(doc_get(f->provenance, "version"), NULL));
}

static void put_predicts(const ModelFacts *f, const Doc *whole, Doc *out)
{
    static const char *const kept[] = {"task", "label", "classes", "targets", "quantiles"};
    Doc *predicts = doc_set(out, "predicts", doc_object());
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (doc_get(whole, kept[i])) doc_set(predicts, kept[i], doc_copy(doc_get(whole, kept[i])));
    const Doc *image = doc_get(whole, "image");
    if (image) doc_set(out, "image", doc_copy(image));
    doc_set_text(out, "decision", model_doc_rule(f->model, f->arena));
    doc_set_text(out, "decision_for", f->model->asked);
    doc_set(out, "calibration", model_doc_calibration(f->model));
    doc_set(out, "conformal", model_doc_conformal(f->model));
}

/* ---- columns ---------------------------------------------------------------------------------- */

static const Doc *feature_of(const Doc *card, const char *name)
{
    const Doc *features = doc_get(card, "features");
    for (size_t i = 0; i < doc_count(features); i++)
        if (strcmp(doc_to_text(doc_get(doc_at(features, i), "name"), ""), name) == 0) return doc_at(features,
                                                                                                    i);
    return NULL;
}

/* Without the study's card: bins and knots begin and end where training rows did. */
static void put_range(const Model *model, int j, Doc *entry)
{
    double low = INFINITY, high = -INFINITY;
    for (int p = 0; p < model->n_preps; p++) {
        const PrepColumn *column = &model->preps[p]->columns[j];
        const double *at = column->n_edges > 1 ? column->edges : column->knots;
        const int n = column->n_edges > 1 ? column->n_edges : column->n_knots;
        if (n < 2) continue;
        low = fmin(low, at[0]);
        high = fmax(high, at[n - 1]);
    }
    if (!(low <= high)) return;
    doc_set_number(entry, "low", low);
    doc_set_number(entry, "high", high);
}

static void put_columns(const ModelFacts *f, Doc *out)
{
    if (f->model->schema.n_columns == 0) return;
    Doc *list = doc_set(out, "columns", doc_array());
    for (int j = 0; j < f->model->schema.n_columns; j++) {
        const Column *column = &f->model->schema.columns[j];
        const Doc *feature = feature_of(f->card, column->name);
        Doc *entry = doc_add(list, doc_object());
        doc_set_text(entry, "name", column->name);
        doc_set_text(entry, "kind", column_kind_names[column->kind]);
        if (feature && doc_kind(doc_get(feature, "min")) == DOC_NUMBER) {
            doc_set(entry, "low", doc_copy(doc_get(feature, "min")));
            doc_set(entry, "high", doc_copy(doc_get(feature, "max")));
        } else if (column->kind == COLUMN_NUMERIC) {
            put_range(f->model, j, entry);
        }
        if (feature) doc_set(entry, "missing_share", doc_copy(doc_get(feature, "missing_share")));
        if (column->kind != COLUMN_NOMINAL && column->kind != COLUMN_ORDERED) continue;
        Doc *levels = doc_set(entry, "levels", doc_array());
        for (int i = 0; i < column->n_levels; i++) doc_add(levels, doc_text(column->levels[i]));
    }
}

/* ---- training and evaluation -------------------------------------------------------------------- */

static void put_training(const ModelFacts *f, Doc *out)
{
    static const char *const kept[] = {"study", "trial", "trials", "seed", "method", "metric", "params_hash",
                                       "config_sha256", "data_sha256", "split_sha256", "taught_by", "settings"};
    Doc *training = doc_set(out, "training", doc_object());
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (doc_get(f->provenance, kept[i])) doc_set(training, kept[i], doc_copy(doc_get(f->provenance,
                                                                                         kept[i])));
    if (f->card) doc_set(training, "rows", doc_copy(doc_get(f->card, "rows")));
    if (f->card) doc_set(training, "class_balance", doc_copy(doc_get(f->card, "class_balance")));
}

/* Of a model by itself what its own file says: one score. */
static void put_own_score(const ModelFacts *f, Doc *evaluation)
{
    const char *metric = doc_to_text(doc_get(f->provenance, "metric"), NULL);
    const Doc *score = doc_get(f->provenance, "validation_score");
    for (int m = 0; !score && metric_names[m]; m++) {
        score = doc_get(f->provenance, metric_names[m]);
        metric = metric_names[m];
    }
    if (!score || !metric) return;
    Doc *entry = doc_set(doc_set(evaluation, "metrics", doc_object()), metric, doc_object());
    doc_set(entry, "value", doc_copy(score));
    doc_set(evaluation, "rows", doc_copy(doc_get(f->provenance, "validation_rows")));
    doc_set_text(evaluation, "on", "validation");
}

static void put_evaluation(const ModelFacts *f, Doc *out)
{
    static const char *const kept[] = {"rows", "metrics", "positive", "per_class", "averages", "confusion",
                                       "classes",
                                       "by", "test_sha256"};
    const Doc *from = f->evaluation ? f->evaluation : doc_get(f->summary, "validation");
    Doc *evaluation = doc_set(out, "evaluation", doc_object());
    if (doc_kind(from) != DOC_OBJECT) {
        put_own_score(f, evaluation);
        return;
    }
    doc_set_text(evaluation, "on", f->evaluation ? "test" : "validation");
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (doc_get(from, kept[i])) doc_set(evaluation, kept[i], doc_copy(doc_get(from, kept[i])));
    const Doc *targets = doc_get(from, "targets");
    if (!targets) return;
    Doc *list = doc_set(evaluation, "targets", doc_array());
    for (size_t t = 0; t < doc_count(targets); t++) {
        Doc *entry = doc_add(list, doc_object());
        doc_set(entry, "name", doc_copy(doc_get(doc_at(targets, t), "name")));
        doc_set(entry, "metrics", doc_copy(doc_get(doc_at(targets, t), "metrics")));
        const Doc *interval = doc_get(doc_at(targets, t), "interval");
        if (interval) doc_set(entry, "interval", doc_copy(interval));
    }
}

/* ---- limits ------------------------------------------------------------------------------------- */

static void say(Doc *limits, const char *text)
{
    doc_add(limits, doc_text(text ? text : ""));
}

static void say_small_classes(const ModelFacts *f, const Doc *evaluation, Doc *limits)
{
    enum { FEW = 30, SHOWN = 5 };
    const Doc *classes = doc_get(evaluation, "per_class");
    int few = 0;
    const char *names = "";
    for (size_t i = 0; i < doc_count(classes) && names; i++) {
        const double rows = doc_to_number(doc_get(doc_at(classes, i), "support"), NAN);
        if (!(rows < FEW)) continue;
        if (few++ < SHOWN)
            names = arena_print(f->arena, "%s%s%s (%.0f)", names, few > 1 ? ", " : "",
                                doc_to_text(doc_get(doc_at(classes, i), "label"), "?"), rows);
    }
    if (few > 0)
        say(limits, arena_print(f->arena, "%d class%s had fewer than %d rows to judge by: %s%s. Their figures"
                                   " are uncertain.", few, few == 1 ? "" : "es", FEW, names ? names : "",
                                   few > SHOWN ? ", ..." : ""));
}

/* Cells that training never had. */
static void say_unseen(const ModelFacts *f, Doc *limits)
{
    bool words = false, numbers = false;
    for (int j = 0; j < f->model->schema.n_columns; j++) {
        const ColumnKind kind = f->model->schema.columns[j].kind;
        words |= kind == COLUMN_NOMINAL || kind == COLUMN_ORDERED;
        numbers |= kind == COLUMN_NUMERIC;
    }
    if (words)
        say(limits, "A word that training never had counts as unknown: the prediction then rests on the other"
            " columns.");
    if (numbers)
        say(limits, "Numbers far outside of the ranges above are predicted, too, without a warning; nothing was"
            " measured there.");
    if (f->model->schema.n_columns == 0)
        say(limits, "Pictures must have the size of training and be taken like those of training; another"
            " background, position or brightness is another kind of row.");
}

static void put_limits(const ModelFacts *f, Doc *out)
{
    const Doc *evaluation = doc_get(out, "evaluation");
    const char *on = doc_to_text(doc_get(evaluation, "on"), NULL);
    Doc *limits = doc_set(out, "limits", doc_array());
    if (!on) say(limits, "No figures of this very file are at hand.");
    else if (strcmp(on, "test") == 0)
        say(limits, "The figures are of rows that were neither trained nor chosen on; they speak of new rows of"
            " the same kind, and of no others.");
    else
        say(limits, "The figures are of validation rows: no network was trained on those it predicted, but the"
            " configuration was chosen by them, so they are somewhat better than those of new rows.");
    say_small_classes(f, evaluation, limits);
    say_unseen(f, limits);
    if (f->model->conformal)
        say(limits, "Promised intervals and sets hold on average over rows like those of training, not for each"
            " kind of row by itself.");
    if (!doc_get(evaluation, "by"))
        say(limits,
            "No figures by groups of rows were asked for (report.by, evaluate --by); differences between"
            " groups are not known.");
}

bool model_card(const ModelFacts *facts, const char *before, Doc **out, Error *err)
{
    Doc *doc = doc_object(), *whole = model_doc(facts);
    doc_set_number(doc, "schema", 1);
    put_model(facts, whole, doc);
    put_owner(before, doc);
    put_predicts(facts, whole, doc);
    put_columns(facts, doc);
    put_training(facts, doc);
    put_evaluation(facts, doc);
    put_limits(facts, doc);
    doc_free(whole);
    return doc_hand_over(doc, true, out, err);
}
