/* The document put together: what is passed through stands here, the other parts in files of their own. */
#include "reports/document.h"

#include <stdio.h>

#include "reports/document_parts.h"
#include "reports/verdict.h"
#include "tuner/store/versions.h"

/* ---- the parts that are passed through ------------------------------------------------------ */

static void put_study(const Facts *facts, Doc *document)
{
    const StudyInfo *study = &facts->study;
    bool known = facts->metric != METRIC_COUNT;
    Doc *out = doc_set(document, "study", doc_object());
    doc_set_text(out, "name", study->name);
    doc_set_text(out, "state", study->state);
    doc_set_text(out, "method", study->method);
    doc_set_text(out, "metric", study->metric);
    doc_set_text(out, "metric_name", known ? metric_name(facts->metric) : study->metric);
    doc_set_text(out, "metric_label", known ? metric_label(facts->metric) : study->metric);
    doc_set_bool(out, "maximize", study->maximize);
    doc_set_number(out, "target", study->target);
    doc_set_number(out, "run_cap", study->run_cap);
    doc_set_number(out, "time_cap_s", study->time_cap_s);
    doc_set_bool(out, "deterministic", !study->async);
    doc_set_text(out, "created_utc", study->created_utc);
    doc_set_text(out, "notes", study->notes);
    Doc *classes = doc_set(out, "classes", doc_array());
    for (int i = 0; i < study->n_classes; i++) doc_add(classes, doc_text(study->classes[i]));
    const Task *task = facts->input->task;
    if (!task || task->kind == TASK_CLASSES) return;
    doc_set_text(out, "task", task_names[task->kind]);
    Doc *targets = task->n_targets ? doc_set(out, "targets", doc_array()) : NULL;
    for (int t = 0; t < task->n_targets; t++) doc_add(targets, doc_text(task->targets[t].name));
}

static bool put_provenance(const Facts *facts, Doc *document, Error *err)
{
    const ReportInput *input = facts->input;
    const StudyInfo *study = &facts->study;
    int looks = 0, resumed = 0, recovered = 0;
    if (!store_count_events(input->store, study->id, "TEST_LOOK", &looks, err) ||
        !store_count_events(input->store, study->id, "RESUMED", &resumed, err) ||
        !store_count_events(input->store, study->id, "RECOVERED", &recovered, err))
        return false;
    SpaceVersion *versions;
    int n_versions;
    if (!store_versions(input->store, study->id, facts->arena, &versions, &n_versions, err)) return false;
    Doc *out = doc_set(document, "provenance", doc_object());
    char seed[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)study->seed);
    doc_set_text(out, "seed", seed); /* text: a JSON number cannot hold 64 bits */
    doc_set_text(out, "consort_version", study->version);
    doc_set_text(out, "config_sha256", study->config_sha256);
    doc_set_text(out, "data_sha256", study->data_sha256);
    doc_set_text(out, "split_sha256", study->split_sha256);
    doc_set_number(out, "test_looks", looks);
    doc_set_number(out, "resumed", resumed);
    doc_set_number(out, "recovered_trials", recovered);
    doc_set(out, "machine", doc_copy(input->machine));
    if (n_versions > 0) {
        Doc *space = doc_set(out, "space", doc_object());
        doc_set_number(space, "version", versions[n_versions - 1].version);
        doc_set_number(space, "from_trial", versions[n_versions - 1].from_trial);
    }
    doc_set_text(out, "config_yaml", study->config_yaml);
    return true;
}

/* ---- the document --------------------------------------------------------------------------- */

bool document_make(const ReportInput *input, Arena *arena, Doc **out, Error *err)
{
    bool out_of_memory = false;
    Facts facts = {.out_of_memory = &out_of_memory};
    Noise noise;
    const char *ran = "";
    Doc *held = doc_array(), *document = doc_object();
    bool ok = facts_gather(input, arena, held, &facts, err) && noise_estimate(&facts, &noise, err);
    if (!ok) goto done;
    doc_set_number(document, "schema", 1);
    put_study(&facts, document);
    doc_set(document, "verdict", doc_null()); /* first for the reader, but it needs the rest */
    doc_set(document, "card", doc_copy(input->card));
    ok = document_leaderboard(&facts, &noise, document, err);
    if (!ok) goto done;
    ok = document_trials(&facts, document, err) && document_curves(&facts, document, err)
      && document_front(&facts, document, err)
      && document_finalists(&facts, document, &ran, err)
      && document_insight(&facts, document, err);
    if (!ok) goto done;
    const bool untested = doc_kind(input->test) != DOC_OBJECT;
    doc_set(document, "validation", document_evaluation(input->validation, untested));
    doc_set(document, "test", document_evaluation(input->test, true));
    doc_set(document, "best_test", document_evaluation(input->best_test, false));
    doc_set(document, "images", doc_copy(input->images));
    doc_set(document, "augmented", doc_copy(input->augmented));
    doc_set(document, "inside", doc_copy(input->inside));
    doc_set(document, "ensemble", document_ensemble(input->ensemble));
    doc_set(document, "deployment", doc_copy(input->deployment));
    document_baselines(&facts, document);
    ok = put_provenance(&facts, document, err);
    if (!ok) goto done;
    document_verdict(&facts, &noise, ran, document);
    ok = !out_of_memory || error_memory(err);
done:
    doc_free(held);
    if (ok) *out = document;
    else doc_free(document);
    return ok;
}
