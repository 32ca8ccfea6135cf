/* api/study_look.c - what a study has to say, and the models that are made of it. */
#include "api/parts.h"

#include <string.h>

#include "job/best.h"
#include "job/products.h"
#include "job/status.h"
#include "job/trials.h"

bool api_look_at(consort_study *study, const Place *place, Error *err)
{
    study->is_open = true;
    return study_open(place, study->arena, &study->open, err);
}

int consort_study_open(const char *path, consort_study **out, consort_error *error)
{
    Error err = {0};
    Place place;
    Arena *arena = arena_create(0);
    consort_study *study = arena ? ARENA_NEW(arena, consort_study, 1) : NULL;
    *out = NULL;
    bool ok = study != NULL;
    if (ok) {
        study->arena = arena;
    } else {
        error_memory(&err);
        arena_destroy(arena);
    }
    ok = ok && place_find(path, NULL, arena, &place, &err) && api_look_at(study, &place, &err);
    if (ok) *out = study;
    else consort_study_close(study);
    return api_end(ok, error, &err);
}

void consort_study_close(consort_study *study)
{
    if (!study) return;
    if (study->has_finished) finished_close(&study->finished);
    if (study->is_open) study_close(&study->open);
    arena_destroy(study->arena);
}

const char *consort_study_name(const consort_study *study)
{
    return study->open.study.name;
}

const char *consort_study_folder(const consort_study *study)
{
    return study->open.place.folder;
}

/* ---- texts --------------------------------------------------------------------------------------- */

/* Takes doc and text. */
static int give_doc(Doc *doc, bool ok, Error *err, char **json, consort_error *error)
{
    Text text = {0};
    ok = ok && (doc_print(doc, 0, &text) || error_memory(err)) && api_give(&text, json, err);
    text_free(&text);
    doc_free(doc);
    return api_end(ok, error, err);
}

int consort_study_summary(consort_study *study, char **json, consort_error *error)
{
    Error err = {0};
    Status status;
    const StudyInfo *info = &study->open.study;
    *json = NULL;
    if (!status_read(&study->open, &status, &err)) return api_end(false, error, &err);
    Doc *doc = doc_object();
    doc_set_text(doc, "name", info->name);
    doc_set_text(doc, "folder", study->open.place.folder);
    doc_set_text(doc, "metric", info->metric);
    doc_set_bool(doc, "maximize", info->maximize);
    doc_set_text(doc, "method", info->method);
    doc_set_number(doc, "seed", (double)info->seed);
    doc_set(doc, "counts", doc_copy(status.counts));
    doc_set_text(doc, "end", study->end);
    status_free(&status);
    return give_doc(doc, true, &err, json, error);
}

static int give_trials(consort_study *study, int top, char **out, consort_error *error,
                       bool (*write)(const OpenStudy *, int, const TrialsTaker *, Text *, int *, Error *))
{
    Error err = {0};
    Text text = {0};
    int n;
    *out = NULL;
    const bool ok = write(&study->open, top < 0 ? 0 : top, NULL, &text, &n, &err) && api_give(&text, out, &err);
    text_free(&text);
    return api_end(ok, error, &err);
}

int consort_study_trials_json(consort_study *study, int top, char **json, consort_error *error)
{
    return give_trials(study, top, json, error, trials_json);
}

int consort_study_trials_csv(consort_study *study, int top, char **csv, consort_error *error)
{
    return give_trials(study, top, csv, error, trials_csv);
}

int consort_study_best(consort_study *study, char **json, consort_error *error)
{
    Error err = {0};
    Best best;
    const BestOptions options = {.number = -1};
    *json = NULL;
    if (!best_find(&study->open, &options, &best, &err)) return api_end(false, error, &err);
    Doc *doc = doc_object();
    doc_set_text(doc, "study", study->open.study.name);
    doc_set_number(doc, "trial", best.row.number);
    doc_set_text(doc, "metric", best.goal.name);
    doc_set_number(doc, "value", best.score);
    doc_set_text(doc, "by", best.by);
    Doc *trial = doc_set(doc, "facts", doc_object());
    record_doc(&trial_columns, IN_JSON, &best.row, trial);
    doc_set(doc, "params", best.row.params ? doc_parse(best.row.params, strlen(best.row.params), NULL) : NULL);
    return give_doc(doc, true, &err, json, error);
}

/* ---- models -------------------------------------------------------------------------------------- */

static bool open_model(const char *path, consort_model **out, Error *err)
{
    Arena *arena = arena_create(0);
    Model *model;
    if (!arena) return error_memory(err);
    if (model_load(path, arena, &model, err)) return api_model(model, path, arena, out, err);
    arena_destroy(arena);
    return false;
}

int consort_study_ensemble(consort_study *study, consort_model **out, consort_error *error)
{
    Error err = {0};
    *out = NULL;
    bool ok = study->has_finished || finished_open(&study->open.place, study->arena, &study->finished, &err);
    study->has_finished = ok;
    ok = ok && finished_has_models(&study->finished, "an ensemble", &err)
      && product_ensemble(&study->finished, NULL, &err) && open_model(study->finished.ensemble.path, out, &err);
    return api_end(ok, error, &err);
}

int consort_study_model(consort_study *study, int number, consort_model **out, consort_error *error)
{
    Error err = {0};
    const char *path;
    Model *model;
    Arena *arena = arena_create(0);
    const Place *place = &study->open.place;
    *out = NULL;
    bool ok = arena || error_memory(&err);
    const char *argument = ok && place_is_shared(place) ? arena_print(arena, "%s:%s", place->db,
                                                                      study->open.study.name)
                                                        : place->db;
    if (ok && !argument) ok = error_memory(&err);
    ok = ok && (number < 0 ? model_open(argument, NULL, arena, &model, &path, &err)
                           : model_of_trial(argument, NULL, number, arena, &model, &path, &err));
    if (ok) ok = api_model(model, path, arena, out, &err);
    else arena_destroy(arena);
    return api_end(ok, error, &err);
}
