/* Importance, posterior, finalists and ensemble as documents and sentences. */
#include "reports/findings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Doc *values_doc(const Value *values, int n)
{
    Doc *list = doc_array();
    for (int i = 0; i < n; i++)
        doc_add(list, values[i].kind == VALUE_NONE ? doc_null() : doc_value(&values[i]));
    return list;
}

/* Five digits: there are many, and they are a model's. */
static Doc *short_number(double number)
{
    char text[32];
    snprintf(text, sizeof text, "%.5g", number);
    return doc_number(isfinite(number) ? strtod(text, NULL) : NAN);
}

static Doc *map_doc(const PairMap *map, const Space *space)
{
    Doc *doc = doc_object();
    doc_set_text(doc, "a", space->params[space->param_of_dim[map->a]].name);
    doc_set_text(doc, "b", space->params[space->param_of_dim[map->b]].name);
    doc_set(doc, "a_values", values_doc(map->a_value, map->n_a));
    doc_set(doc, "b_values", values_doc(map->b_value, map->n_b));
    Doc *rows = doc_set(doc, "mean", doc_array());
    for (int j = 0; j < map->n_b; j++) {
        Doc *row = doc_add(rows, doc_array());
        for (int i = 0; i < map->n_a; i++) doc_add(row, short_number(map->mean[j][i]));
    }
    return doc;
}

Doc *importance_doc(const Importance *importance, const Space *space)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "n_trials", importance->n_trials);
    doc_set_number(doc, "n_scored", importance->n_scored);
    doc_set_number(doc, "n_top", importance->n_top);
    doc_set_number(doc, "top_share", importance->top_share);
    doc_set_number(doc, "left_out", importance->left_out);
    doc_set_number(doc, "n_sure", importance->n_sure);
    doc_set_text(doc, "warning", importance->warning);
    Doc *list = doc_set(doc, "parameters", doc_array());
    for (int k = 0; k < importance->n_params; k++) {
        const ParamImportance *p = &importance->param[k];
        Doc *row = doc_add(list, doc_object());
        doc_set_text(row, "name", space->params[space->param_of_dim[p->dim]].name);
        doc_set_number(row, "importance", p->told ? p->importance : NAN);
        doc_set_number(row, "low95", p->low95);
        doc_set_number(row, "high95", p->high95);
        doc_set_bool(row, "told", p->told);
        doc_set_number(row, "alone", p->told ? p->alone : NAN);
        doc_set_number(row, "ahead", p->ahead);
        doc_set_number(row, "tried", p->tried);
        doc_set_number(row, "active", p->active);
        doc_set_number(row, "length_scale", p->length_scale);
        doc_set_text(row, "favours", p->favours);
    }
    Doc *pairs = doc_set(doc, "pairs", doc_array());
    for (int k = 0; k < importance->n_pairs; k++) {
        Doc *row = doc_add(pairs, doc_object());
        doc_set_text(row, "a", space->params[space->param_of_dim[importance->pair[k].a]].name);
        doc_set_text(row, "b", space->params[space->param_of_dim[importance->pair[k].b]].name);
        doc_set_number(row, "effect", importance->pair[k].effect);
    }
    Doc *maps = doc_set(doc, "maps", doc_array());
    for (int k = 0; k < importance->n_pairs && importance->map; k++)
        doc_add(maps, map_doc(&importance->map[k], space));
    return doc;
}

Doc *posterior_doc(const Posterior *posterior)
{
    Doc *doc = doc_object();
    Doc *list = doc_set(doc, "trials", doc_array());
    for (int i = 0; i < posterior->n; i++) {
        const PosteriorTrial *t = &posterior->trial[i];
        Doc *row = doc_add(list, doc_object());
        doc_set_number(row, "trial", t->number);
        doc_set_number(row, "value", t->value);
        doc_set_number(row, "mean", t->mean);
    }
    return doc;
}

const char *finalists_sentence(const Finalist *finalists, int n, Arena *arena)
{
    if (n == 0) return "";
    const Finalist *f = finalists;
    if (!isfinite(f->fresh)) return "The finalists were run again, and every run failed.";
    const char *worth = "";
    if (isfinite(f->low95))
        worth = arena_print(arena, " (on average over seeds, on these rows: %.5g to %.5g, 95 %%)", f->low95,
                            f->high95);
    if (!worth) return NULL;
    if (n == 1)
        return arena_print(arena, "Trial %d has a mean of %.5g over %d runs, and of %.5g on fresh seeds"
                           " alone%s.", f->number, f->mean, f->n_runs, f->fresh, worth);
    return arena_print(arena, "Of %d finalists, run again on fresh seeds, trial %d wins with a mean of %.5g"
                       " over %d runs; on the fresh seeds alone it has %.5g%s. The next, trial %d, has a mean"
                       " of %.5g.", n, f->number, f->mean, f->n_runs, f->fresh, worth, f[1].number, f[1].mean);
}

Doc *finalists_doc(const Finalist *finalists, int n)
{
    Doc *list = doc_array();
    for (int i = 0; i < n; i++) {
        const Finalist *f = &finalists[i];
        Doc *row = doc_add(list, doc_object());
        doc_set_number(row, "trial", f->number);
        doc_set_number(row, "runs", f->n_runs);
        doc_set_number(row, "failed", f->n_failed);
        doc_set_number(row, "value", f->value);
        doc_set_number(row, "mean", f->mean);
        doc_set_number(row, "sd", f->sd);
        doc_set_number(row, "fresh", f->fresh);
        doc_set_number(row, "low95", f->low95);
        doc_set_number(row, "high95", f->high95);
    }
    return list;
}

static void put_members(const Ensemble *ensemble, Doc *doc)
{
    const int n = ensemble->n_members;
    Doc *members = doc_set(doc, "members", doc_array());
    Doc *matrix = doc_set(doc, "disagreement", doc_array());
    for (int m = 0; m < n; m++) {
        const TrialRow *row = ensemble->member[m].trial;
        Doc *entry = doc_add(members, doc_object()), *line = doc_add(matrix, doc_array());
        doc_set_number(entry, "trial", row->number);
        doc_set_number(entry, "weight", ensemble->member[m].weight);
        doc_set_number(entry, "score", ensemble->member[m].score);
        doc_set(entry, "params", row->params ? doc_parse(row->params, strlen(row->params), NULL) : doc_null());
        doc_set_number(entry, "n_params", (double)row->n_params);
        for (int k = 0; k < n; k++) doc_add(line, doc_number(ensemble->disagreement[m * n + k]));
    }
}

static void set_pair(Doc *doc, const char *key, double before, double after)
{
    Doc *pair = doc_set(doc, key, doc_object());
    doc_set_number(pair, "before", before);
    doc_set_number(pair, "after", after);
}

static Doc *numbers(int n, const double *values)
{
    if (!values) return doc_null();
    Doc *list = doc_array();
    for (int i = 0; i < n; i++) doc_add(list, doc_number(values[i]));
    return list;
}

/* {method, loss {method: cross-validated log loss}, map: {scale, bias, knots} or null} */
static Doc *calibration_doc(const CalibrationChoice *choice, int n_classes)
{
    Doc *doc = doc_object();
    doc_set_text(doc, "method", calibrate_names[1 + choice->method]);
    Doc *loss = doc_set(doc, "loss", doc_object());
    for (int m = 0; m < CALIBRATION_COUNT; m++)
        if (!isnan(choice->loss[m])) doc_set_number(loss, calibrate_names[1 + m], choice->loss[m]);
    const Calibration *map = choice->calibration;
    const double alone = 1 / choice->temperature;
    doc_set(doc, "scale", map ? numbers(map->n_scale, map->scale) : numbers(1, &alone));
    doc_set(doc, "bias", numbers(n_classes, map ? map->bias : NULL));
    return doc;
}

/* {rows, levels [], few, parts [{name or null, method, margin [by level], width [by level], compared {method:
 * mean width}}]}; of classes width is the mean size of a set, of all parts together. */
static Doc *conformal_doc(const Ensemble *e)
{
    const Conformal *c = e->conformal.conformal;
    const bool classes = c->method[0] >= CONFORMAL_LAC;
    Doc *doc = doc_object(), *parts;
    doc_set_number(doc, "rows", c->n_rows);
    doc_set(doc, "levels", numbers(c->n_levels, c->level));
    doc_set_bool(doc, "few", e->conformal.few);
    if (classes) doc_set(doc, "size", numbers(c->n_levels, e->conformal.width));
    parts = doc_set(doc, "parts", doc_array());
    for (int i = 0; i < c->n_parts; i++) {
        Doc *part = doc_add(parts, doc_object());
        doc_set_text(part, "name", e->parts ? e->parts[i] : NULL);
        doc_set_text(part, "method", conformal_choice_names[1 + c->method[i]]);
        Doc *margin = doc_set(part, "margin", doc_array());
        for (int l = 0; l < c->n_levels; l++) doc_add(margin, doc_number(c->margin[l * c->n_parts + i]));
        if (classes) continue;
        doc_set(part, "width", numbers(c->n_levels, e->conformal.width + (size_t)i * (size_t)c->n_levels));
        Doc *compared = doc_set(part, "compared", doc_object());
        for (int m = 0; m < CONFORMAL_COUNT; m++)
            if (!isnan(e->conformal.compared[i][m]))
                doc_set_number(compared, conformal_choice_names[1 + m], e->conformal.compared[i][m]);
    }
    return doc;
}

/* decision [weights] or null, cost [by rows] or null, asked */
static void set_decision(Doc *doc, const Decision *decision, int n_classes)
{
    doc_set(doc, "decision", numbers(n_classes, decision->weight));
    doc_set(doc, "cost", numbers(n_classes * n_classes, decision->cost));
    doc_set_text(doc, "asked", decision->asked);
    doc_set_bool(doc, "assured", decision->assured);
}

/* Of a single scale, the temperature; else 1. */
static double temperature_of(const CalibrationChoice *choice)
{
    const Calibration *map = choice->calibration;
    return !map ? choice->temperature : map->n_scale == 1 ? 1 / map->scale[0] : 1;
}

/* {text, trials, first, METRIC: {gain, error}, ...} */
static void set_more(Doc *doc, const More *more)
{
    Doc *out = doc_set(doc, "more", doc_object());
    doc_set_text(out, "text", more->text);
    doc_set_number(out, "trials", more->trials);
    doc_set_number(out, "first", more->first);
    for (int i = 0; more->known && i < more->n; i++) {
        Doc *of = doc_set(out, metric_name(more->of[i].metric), doc_object());
        doc_set_number(of, "gain", more->of[i].gain);
        doc_set_number(of, "error", more->of[i].error);
    }
}

Doc *ensemble_doc(const Ensemble *e)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "method", select_method_names[e->method]);
    if (e->task != TASK_CLASSES) doc_set_text(doc, "task", task_names[e->task]);
    doc_set_text(doc, "metric", metric_name(e->metric));
    doc_set_number(doc, "score", e->score);
    Doc *single = doc_set(doc, "best_single", doc_object());
    doc_set_number(single, "trial", e->best_single->number);
    doc_set_number(single, "score", e->best_single_score);
    set_decision(single, &e->best_single_decision, e->n_classes);
    doc_set_number(doc, "gain", metric_larger_is_better(e->metric) ? e->score - e->best_single_score
                                                                  : e->best_single_score - e->score);
    doc_set_text(doc, "reason", e->reason);
    if (e->nested.tried) {
        Doc *nested = doc_set(doc, "nested", doc_object());
        doc_set_number(nested, "greedy", e->nested.greedy);
        doc_set_number(nested, "stack", e->nested.stack);
        doc_set_number(nested, "gain", e->nested.gain);
        doc_set_number(nested, "error", e->nested.error);
    }
    if (e->more.text) set_more(doc, &e->more);
    doc_set_number(doc, "rows", e->n_rows);
    doc_set_number(doc, "considered", e->n_considered);
    put_members(e, doc);
    Doc *curve = doc_set(doc, "curve", doc_array());
    for (int i = 0; i < e->n_curve; i++) doc_add(curve, doc_number(e->curve[i]));
    doc_set_number(doc, "temperature", temperature_of(&e->calibration));
    doc_set(doc, "calibration", calibration_doc(&e->calibration, e->n_classes));
    set_decision(doc, &e->decision, e->n_classes);
    doc_set_text(doc, "rule", e->rule);
    if (e->conformal.conformal) doc_set(doc, "conformal", conformal_doc(e));
    set_pair(doc, "log_loss", e->log_loss.before, e->log_loss.after);
    set_pair(doc, "ece", e->ece.before, e->ece.after);
    doc_set_number(doc, "n_params", (double)e->n_params);
    doc_set_number(doc, "bytes", (double)e->bytes);
    doc_set_text(doc, "path", e->path);
    doc_set_text(doc, "sha256", e->sha256);
    Doc *skipped = doc_set(doc, "skipped", doc_array());
    for (int i = 0; i < e->n_skipped; i++) {
        Doc *entry = doc_add(skipped, doc_object());
        doc_set_number(entry, "trial", e->skipped[i].trial);
        doc_set_text(entry, "why", e->skipped[i].why);
    }
    doc_set(doc, "validation", doc_copy(e->validation));
    return doc;
}
