/* Finds the model to look into, the network, and rows that it was not trained on. */
#include "job/inspect.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "inspect/inside.h"
#include "reports/html.h"

enum { REPEATS = 5, RESAMPLES = 200 };
static const double WORK = 4e10;

/* ---- the network --------------------------------------------------------------------------------- */

/* Of the member called "trial N"; -1: none. */
static int member_of_trial(const Model *model, int trial)
{
    char name[32];
    snprintf(name, sizeof name, "trial %d", trial);
    for (int m = 0; m < model->n_members; m++)
        if (strcmp(model->members[m].name, name) == 0) return m;
    return -1;
}

static bool choose_member(const Model *model, const InspectOptions *o, int *out, Error *err)
{
    *out = o->member > 0 ? o->member - 1 : inside_heaviest(model);
    if (o->trial < 0) return true;
    *out = member_of_trial(model, o->trial);
    return *out >= 0 || error_set(err, ERR_INVALID, "the model has no member `trial %d`; its first is"
                                                    " `%s`", o->trial,
                                  model->members[0].name);
}

/* The row of the table that stands there in its file. */
static bool find_row(const Table *table, int source, int *out, Error *err)
{
    int last = 0;
    for (int i = 0; i < table->n_rows; i++) {
        int at = table_source(table, i);
        if (at == source) {
            *out = i;
            return true;
        }
        if (at > last) last = at;
    }
    if (source <= last)
        return error_set(err, ERR_INVALID, "--row %d: that row is not among the %d that are looked at; rows are"
                         " counted from 1, in their file", source, table->n_rows);
    return error_set(err, ERR_INVALID, "--row %d: there is no such row; the last is %d", source, last);
}

static EffectOptions effects(const InspectOptions *o, MetricId metric, int positive, uint64_t seed)
{
    return (EffectOptions){.metric = metric, .positive = positive, .seed = seed, .repeats = REPEATS,
                           .resamples = RESAMPLES, .work = o->work > 0 ? o->work : WORK};
}

/* ---- a model by itself ------------------------------------------------------------------------------ */

/* What it was chosen by, as its own file says. */
static MetricId metric_of(const Model *model)
{
    MetricId metric = METRIC_COUNT;
    Doc *doc = model->provenance ? doc_parse(model->provenance, strlen(model->provenance), NULL) : NULL;
    const char *name = doc_to_text(doc_get(doc, "metric"), NULL);
    if (name) metric = metric_find(name);
    for (int m = 0; metric == METRIC_COUNT && m < METRIC_COUNT; m++)
        if (doc_get(doc, metric_names[m])) metric = (MetricId)m;
    doc_free(doc);
    return metric == METRIC_COUNT ? METRIC_ACCURACY : metric; /* of numbers: inspect/effect.h */
}

/* A note that is none is left out: it predicts nothing. */
static void put_history(const Model *model, Doc *inside)
{
    Doc *history = model && model->history ? doc_parse(model->history, strlen(model->history), NULL) : NULL;
    if (history) doc_set(inside, "history", history);
}

bool inspect_model(const Model *model, const Table *table, const InspectOptions *options, Arena *arena,
                   Doc **out, Error *err)
{
    InsideInput input = {.model = model, .table = table, .own = -1, .where = "data given", .row = -1,
                         .net = options->net > 0 ? options->net - 1 : 0, .effects = true,
                         .effect = effects(options, metric_of(model), -1, 0)};
    if (!choose_member(model, options, &input.member, err)) return false;
    PanelSource all = {.model = model, .n = table ? table->n_rows : 0};
    if (table) {
        int32_t *rows = ARENA_NEW(arena, int32_t, table->n_rows + 1);
        if (!rows) return error_memory(err);
        for (int i = 0; i < table->n_rows; i++) rows[i] = i;
        all.rows = rows;
        input.sources = &all;
        input.n_sources = 1;
        if (options->row > 0 && !find_row(table, options->row, &input.row, err)) return false;
    } else if (options->row > 0) {
        return error_set(err, ERR_CONFIG, "--row %d: of which data? Give them behind the model", options->row);
    }
    if (!inside_make(&input, arena, out, err)) return false;
    put_history(model, *out);
    return true;
}

/* ---- of a study ---------------------------------------------------------------------------------------- */

/* The model file of a trial; NULL and no error: it is gone. */
static bool trial_model(Finished *f, const TrialRow *row, Model **out, Error *err)
{
    ArtifactRow *artifacts;
    int n;
    *out = NULL;
    if (!store_artifacts(f->store, row->id, f->arena, &artifacts, &n, err)) return false;
    for (int i = 0; i < n; i++) {
        if (!artifact_is(&artifacts[i], ARTIFACT_WEIGHTS)) continue;
        const char *path = place_file(&f->place, artifacts[i].path, f->arena);
        if (!path) return error_memory(err);
        if (file_exists(path)) return model_load(path, f->arena, out, err);
    }
    return true;
}

static bool trial_row(Finished *f, int number, TrialRow *out, bool *found, Error *err)
{
    TrialRow *rows;
    int n;
    *found = false;
    if (!store_trials_from(f->store, f->study.id, number, 1, f->arena, &rows, &n, err)) return false;
    *found = n == 1 && rows[0].number == number;
    if (*found) *out = rows[0];
    return true;
}

/* The trial that was asked for; else the ensemble; else the best trial. */
static bool find_model(Finished *f, const InspectOptions *o, Model **out, Error *err)
{
    TrialRow row;
    bool found;
    const char *path = place_file(&f->place, "ensemble.consort", f->arena);
    if (!path) return error_memory(err);
    if (o->trial < 0 && file_exists(path)) return model_load(path, f->arena, out, err);
    if (!(o->trial < 0 ? store_best(f->store, f->study.id, NULL, f->study.maximize, f->arena, &row, &found, err)
                       : trial_row(f, o->trial, &row, &found, err)))
        return false;
    if (!found && o->trial < 0)
        return error_set(err, ERR_INVALID, "study %s has no complete trial yet", f->study.name);
    if (!found)
        return error_set(err, ERR_INVALID, "study %s has no trial %d; `consort ls %s` has those there are",
                                 f->study.name, o->trial, f->study.name);
    if (!trial_model(f, &row, out, err)) return false;
    if (*out) return true;
    return error_set(err, ERR_DATA, "trial %d has no model: %s", row.number,
                     row.state == TRIAL_COMPLETE ? "it is not among the run.keep_models best, or was removed"
                                                 : "it was not trained to its end");
}

/* Each member's own file, which knows the folds; NULL where it is gone. */
static bool member_models(Finished *f, const Model *model, Model ***out, Error *err)
{
    Model **models = ARENA_NEW(f->arena, Model *, model->n_members);
    if (!models) return error_memory(err);
    for (int m = 0; m < model->n_members; m++) {
        TrialRow row;
        int number;
        bool found = false;
        if (sscanf(model->members[m].name, "trial %d", &number) != 1) continue;
        if (!trial_row(f, number, &row, &found, err)) return false;
        if (found && !trial_model(f, &row, &models[m], err)) return false;
        if (models[m] && models[m]->n_members != 1) models[m] = NULL;
    }
    *out = models;
    return true;
}

/* The model as it is for fold `fold`: of each member the networks that did not train on its rows. */
static bool fold_model(const Model *model, Model *const *own, int fold, Arena *arena, const Model **out,
                       Error *err)
{
    Model *part = ARENA_NEW(arena, Model, 1);
    const Prep **preps = ARENA_NEW(arena, const Prep *, model->n_members);
    ModelMember *members = ARENA_NEW(arena, ModelMember, model->n_members);
    if (!part || !preps || !members) return error_memory(err);
    *part = *model;
    part->preps = preps;
    part->n_preps = part->n_members;
    part->members = members;
    for (int m = 0; m < model->n_members; m++) {
        assert(own && own[m]); /* knows_folds */
        const ModelMember *all = &own[m]->members[0];
        ModelNet *nets = ARENA_NEW(arena, ModelNet, all->n_nets);
        int n = 0;
        if (!nets) return error_memory(err);
        for (int k = 0; k < all->n_nets; k++)
            if (all->nets[k].prep == fold) nets[n++] = (ModelNet){all->nets[k].mlp, m};
        preps[m] = own[m]->preps[fold];
        members[m] = model->members[m];
        members[m].nets = nets;
        members[m].n_nets = n;
    }
    *out = part;
    return true;
}

static bool knows_folds(const Model *model, Model *const *own, int n_folds)
{
    for (int m = 0; m < model->n_members; m++)
        if (!own[m] || own[m]->n_preps != n_folds
            || own[m]->members[0].n_nets != model->members[m].n_nets)
            return false;
    return true;
}

/* Validation rows, and who answers for them. False without err: nobody can. */
static bool fold_sources(Finished *f, Model *const *own, InsideInput *input, Error *err)
{
    const Split *split = f->data.split;
    PanelSource *sources = ARENA_NEW(f->arena, PanelSource, split->n_folds);
    if (!sources) return error_memory(err);
    for (int s = 0; s < split->n_folds; s++) {
        sources[s] = (PanelSource){input->model, split->valid[s], split->n_valid[s]};
        if (split->n_folds > 1 && !fold_model(input->model, own, s, f->arena, &sources[s].model, err))
            return false;
    }
    input->sources = sources;
    input->n_sources = split->n_folds;
    return true;
}

/* The rows of the study, and of k folds the network to look into: the asked row must be new to it. */
static bool find_rows(Finished *f, const InspectOptions *o, Model *const *own, InsideInput *input, Error *err)
{
    const Split *split = f->data.split;
    const char *opened = place_file(&f->place, "evaluation.json", f->arena);
    if (!opened) return error_memory(err);
    if (f->data.test && file_exists(opened)) {
        int32_t *rows = ARENA_NEW(f->arena, int32_t, f->data.test->n_rows + 1);
        PanelSource *all = ARENA_NEW(f->arena, PanelSource, 1);
        if (!rows || !all) return error_memory(err);
        for (int i = 0; i < f->data.test->n_rows; i++) rows[i] = i;
        *all = (PanelSource){input->model, rows, f->data.test->n_rows};
        input->table = f->data.test;
        input->sources = all;
        input->n_sources = 1;
        input->where = "test set";
        return o->row == 0 || find_row(input->table, o->row, &input->row, err);
    }
    if (split->n_folds > 1 && !knows_folds(input->model, own, split->n_folds))
        return o->row == 0 || error_set(err, ERR_DATA, "--row %d: the models of the ensemble's trials are"
                                                       " gone, and"
                                        " only they know which rows they were trained on", o->row);
    input->table = f->data.train;
    input->where = "validation rows";
    if (o->row > 0 && !find_row(input->table, o->row, &input->row, err)) return false;
    if (split->n_folds == 1) return fold_sources(f, own, input, err);
    const ModelMember *member = &own[input->member]->members[0];
    int fold = input->row >= 0 ? split->fold_of[input->row] : 0;
    for (int k = 0; o->net == 0 && k < member->n_nets; k++)
        if (member->nets[k].prep == fold) {
            input->net = k;
            break;
        }
    input->own = member->nets[input->net < member->n_nets ? input->net : 0].prep;
    if (!fold_sources(f, own, input, err)) return false;
    input->answers = input->row >= 0 && fold >= 0 ? input->sources[fold].model : NULL;
    return true;
}

bool inspect_study(Finished *f, const InspectOptions *o, Doc **out, Error *err)
{
    Model *model, **own = NULL;
    InsideInput input = {.own = -1, .row = -1, .net = o->net > 0 ? o->net - 1 : 0, .effects = true};
    InspectOptions of_model = *o;
    if (!finished_has_models(f, "a look inside", err) || !find_model(f, o, &model, err)) return false;
    assert(model);
    of_model.trial = -1; /* its own model has one member */
    input.model = model;
    input.effect = effects(o, metric_find(f->study.metric), f->data.positive, f->study.seed);
    if (input.effect.metric == METRIC_COUNT) input.effect.metric = METRIC_ACCURACY;
    if (!choose_member(model, &of_model, &input.member, err) || !member_models(f, model, &own, err))
        return false;
    assert(own);
    if (input.member < model->n_members && !find_rows(f, o, own, &input, err)) return false;
    if (!inside_make(&input, f->arena, out, err)) return false;
    put_history(own[input.member], *out);
    return true;
}

/* ---- a page ---------------------------------------------------------------------------------------------- */

bool inspect_page(const Doc *inside, const char *path, Error *err)
{
    Text html = {0};
    Doc *document = doc_object(), *study = doc_set(document, "study", doc_object());
    doc_set_text(study, "name", doc_to_text(doc_get(inside, "model"), "model"));
    Doc *verdict = doc_set(document, "verdict", doc_object());
    doc_set_text(verdict, "headline", "What the network does");
    doc_set(document, "inside", doc_copy(inside));
    bool ok = html_write(document, &html, err) && file_write(path, html.bytes, html.n, err);
    text_free(&html);
    doc_free(document);
    return ok;
}

/* ---- mistakes -------------------------------------------------------------------------------------------- */

bool inspect_mistakes(const Table *table, const Doc *inside, Doc *evaluation, Arena *arena, Error *err)
{
    const Doc *features = doc_get(doc_get(inside, "importance"), "features");
    int *order = ARENA_NEW(arena, int, table->n_columns + 1), n = 0;
    if (!order) return error_memory(err);
    for (size_t i = 0; i < doc_count(features); i++) {
        const char *name = doc_to_text(doc_get(doc_at(features, i), "name"), "");
        for (int c = 0; c < table->n_columns; c++) {
            if (strcmp(table->columns[c].name, name) != 0) continue;
            if (n < table->n_columns) order[n++] = c;
            break;
        }
    }
    return inside_mistakes(table, n > 0 ? order : NULL, n, evaluation, arena, err);
}
