/* job/model_check.c - what a model file promises beyond its form: that it predicts sound numbers, and its
 * figures. */
#include <math.h>
#include <string.h>

#include "base/tensors.h"
#include "job/model_doc.h"
#include "job/proof.h"
#include "model/evaluate.h"
#include "model/made_rows.h"
#include "plan/run.h"

enum { MADE = 200 };

static bool note(Doc *checks, const char *name, bool ok, const char *found)
{
    Doc *entry = doc_add(checks, doc_object());
    doc_set_text(entry, "name", name);
    doc_set_bool(entry, "ok", ok);
    doc_set_text(entry, "found", found);
    return ok;
}

/* Opened again by itself, as any reader of safetensors would. */
static bool check_file(const ModelFacts *f, Doc *checks, Error *err)
{
    TensorFile *file;
    double numbers = 0;
    if (!tensors_read(f->path, "consort-model 1", &file, err)) return false;
    const int n = tensors_count(file);
    for (int i = 0; i < n; i++) {
        const Tensor *tensor = tensors_at(file, i);
        double size = 1;
        for (int d = 0; d < tensor->rank; d++) size *= (double)tensor->shape[d];
        numbers += size;
    }
    tensors_free(file);
    const char *found = arena_print(f->arena,
                                    "safetensors, %d arrays of %.0f finite numbers, SHA-256 as it says",
                                    n, numbers);
    note(checks, "file", true, found);
    return found || error_memory(err);
}

/* Sums of at most 64 thousand floats. */
static bool is_sound(const Model *model, const float *v)
{
    const Task *task = &model->schema.task;
    const int k = model_values(model);
    double sum = 0;
    for (int i = 0; i < k; i++) {
        if (!isfinite(v[i])) return false;
        if (task->kind != TASK_NUMBERS && (v[i] < 0 || v[i] > 1.00001f)) return false;
        sum += (double)v[i];
    }
    return !task_has_classes(task) || fabs(sum - 1) < 1e-4;
}

static bool check_predictions(const ModelFacts *f, Doc *checks, bool *ok, Error *err)
{
    const int k = model_values(f->model);
    Table table;
    int bad = 0;
    float *values = ARENA_NEW(f->arena, float, MADE * (size_t)k);
    if (!values) return error_memory(err);
    if (!made_rows(f->model, MADE, f->arena, &table, err)
        || !model_predict(f->model, &table, f->arena, values, err))
        return false;
    for (int i = 0; i < MADE; i++) bad += !is_sound(f->model, values + (size_t)i * (size_t)k);
    const char *what = f->model->schema.task.kind == TASK_NUMBERS ? "finite numbers" : "probabilities";
    const char *found = bad ? arena_print(f->arena, "of %d made-up rows %d have no %s", MADE, bad, what)
                            : arena_print(f->arena, "%d made-up rows have %s", MADE, what);
    *ok &= note(checks, "predictions", bad == 0, found);
    return found || error_memory(err);
}

/* Exports are written from its plan. */
static bool check_plan(const ModelFacts *f, Doc *checks, bool *ok, Error *err)
{
    ProofRows rows;
    Proof proof;
    Plan *plan;
    float *values = ARENA_NEW(f->arena, float, PROOF_MADE * (size_t)model_values(f->model));
    if (!values) return error_memory(err);
    if (!proof_rows_of_study(f->model, NULL, true, f->arena, &rows, err)) return false;
    int tried = 0;
    do {
        if (!plan_make_near(f->model, proof_features[tried++], f->arena, &plan, err)
            || !plan_run(plan, rows.table, f->arena, values, err)
            || !proof_make(f->model, &rows, PLAN_F32, PROOF_DEVIATION, values, "its plan", f->arena, &proof,
                           err))
            return false;
    } while (!proof.held && proof_try_again(plan, tried));
    const char *said = proof_sentence(&proof, f->arena);
    *ok &= note(checks, "as exported", proof.held, said);
    return said || error_memory(err);
}

/* ---- figures --------------------------------------------------------------------------------- */

static int positive_of(const Model *model, const Doc *evaluation)
{
    const char *name = doc_to_text(doc_get(evaluation, "positive"), NULL);
    for (int c = 0; name && c < model->schema.n_classes; c++)
        if (strcmp(model->schema.classes[c], name) == 0) return c;
    return -1;
}

/* Another machine adds in another order; what differs more is another model or other rows. */
static bool is_met(double stored, double found, bool numbers)
{
    if (isnan(stored) || isnan(found)) return isnan(stored) == isnan(found);
    return fabs(stored - found) <= 1e-4 * fabs(stored) + (numbers ? 0 : 1e-6);
}

/* Of calibration errors what was counted: the value has noise taken off, by draws. */
static double figure_of(const Doc *metric)
{
    const double value = doc_to_number(doc_get(metric, "value"), NAN);
    return doc_to_number(doc_get(metric, "counted"), value);
}

static void put_figures(const ModelFacts *f, const Doc *stored, const Doc *found, Doc *checks, Doc *figures,
                        bool *ok)
{
    const char *name;
    const Doc *value;
    int missed = 0, n = 0;
    for (size_t i = 0; doc_member(doc_get(found, "metrics"), i, &name, &value); i++) {
        const Doc *old = doc_get(doc_get(stored, "metrics"), name);
        const double now = figure_of(value);
        Doc *entry = doc_add(figures, doc_object());
        doc_set_text(entry, "metric", name);
        if (stored) doc_set_number(entry, "stored", figure_of(old));
        doc_set_number(entry, "found", now);
        if (!stored || !old) continue;
        bool met = is_met(figure_of(old), now, f->model->schema.task.kind == TASK_NUMBERS);
        doc_set_bool(entry, "met", met);
        missed += !met;
        n++;
    }
    if (!stored) {
        note(checks, "figures", true, "none are stored of these rows; theirs are below");
        return;
    }
    const char *said = missed ? arena_print(f->arena, "%d of %d stored are others", missed, n)
                              : arena_print(f->arena, "%d as stored", n);
    *ok &= note(checks, "figures", missed == 0, said ? said : "");
}

static bool check_figures(const ModelFacts *f, const Table *table, Doc *checks, Doc *figures, bool *ok,
                          Error *err)
{
    const char *tested = doc_to_text(doc_get(f->evaluation, "test_sha256"), "");
    const Doc *stored = strcmp(tested, table->fingerprint) == 0 ? f->evaluation : NULL;
    Doc *found;
    if (!table_has_label(table)) {
        float *values = ARENA_NEW(f->arena, float, (size_t)table->n_rows * (size_t)model_values(f->model));
        if (!values) return error_memory(err);
        if (!model_predict(f->model, table, f->arena, values, err)) return false;
        note(checks, "rows", true, arena_print(f->arena, "%d are predicted; they have no label to judge by",
                                               table->n_rows));
        return true;
    }
    if (!evaluate_model(f->model, table, positive_of(f->model, stored), 0, 0, f->arena, &found, err))
        return false;
    put_figures(f, stored, found, checks, figures, ok);
    doc_free(found);
    return true;
}

bool model_check(const ModelFacts *facts, const Table *table, Doc **out, bool *ok, Error *err)
{
    Doc *doc = doc_object();
    doc_set_text(doc, "path", facts->path);
    doc_set_text(doc, "sha256", facts->sha256);
    Doc *checks = doc_set(doc, "checks", doc_array()), *figures = doc_set(doc, "figures", doc_array());
    bool sound = true;
    bool done = check_file(facts, checks, err) && check_predictions(facts, checks, &sound, err)
             && check_plan(facts, checks, &sound, err)
             && (!table || check_figures(facts, table, checks, figures, &sound, err));
    doc_set_bool(doc, "ok", sound);
    if (!doc_hand_over(doc, done, out, err)) return false;
    *ok = sound;
    return true;
}
