/* job/predict_interval.c - intervals and sets beside what is predicted. */
#include <stdio.h>
#include <string.h>

#include "base/text_float.h"
#include "job/predict_rows.h"

bool predict_interval_levels(const Model *model, const char *option, const char *said, PredictFormat *f,
                             Error *err)
{
    const Conformal *c = model->conformal;
    f->n_levels = 0;
    if (!said) return true;
    if (!c)
        return error_set(err, ERR_CONFIG, "%s: the model has none; `ensemble.intervals: 0.9` in the"
                         " configuration, then `consort ensemble`, makes them%s", option,
                         model->schema.task.kind == TASK_LABELS ? " (of numbers and classes, not of labels)"
                             : "");
    for (const char *at = said; *at;) {
        char word[32];
        double level;
        const size_t n = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", n < sizeof word ? (int)n : (int)sizeof word - 1, at);
        const int l = strcmp(said, "all") != 0 && text_to_number(word, &level) ? conformal_find(c, level) : -1;
        if (strcmp(said, "all") == 0) {
            while (f->n_levels < c->n_levels) f->level[f->n_levels] = f->n_levels, f->n_levels++;
            return true;
        }
        if (l < 0) {
            char has[16 * CONFORMAL_MOST_LEVELS] = "";
            for (int i = 0, k = 0; i < c->n_levels; i++)
                k += snprintf(has + k, sizeof has - (size_t)k, "%s%.6g", i ? ", " : "", c->level[i]);
            return error_set(err, ERR_CONFIG, "%s %.40s: the model has %s", option, word, has);
        }
        if (f->n_levels == CONFORMAL_MOST_LEVELS)
            return error_set(err, ERR_CONFIG, "%s: too many levels", option);
        f->level[f->n_levels++] = l;
        at += n + (at[n] == ',');
    }
    return true;
}

static double level_of(const PredictFormat *f, int i)
{
    return f->model->conformal->level[f->level[i]];
}

static void put(const Target *target, double y, Text *out)
{
    text_print(out, target->origin == 0 && target->unit == 1 ? "%.9g" : "%.15g", y);
}

static void interval(const PredictFormat *f, int row, int t, int i, double *low, double *high)
{
    conformal_interval(f->model->conformal, &f->model->schema.task, f->level[i], t,
                       f->predicted->proba + (size_t)row * (size_t)f->predicted->n_classes, low, high);
}

void predict_interval_header(const PredictFormat *f, int t, Text *out)
{
    const Task *task = &f->model->schema.task;
    for (int i = 0; i < f->n_levels; i++)
        for (int side = 0; side < 2; side++) {
            Text name = {0};
            if (task->n_targets > 1) text_print(&name, "%s_", task->targets[t].name);
            text_print(&name, "%s_%.6g", side ? "high" : "low", level_of(f, i));
            text_add(out, ",");
            if (text_ok(&name)) text_csv(out, name.bytes);
            else out->broken = true;
            text_free(&name);
        }
}

void predict_interval_csv(const PredictFormat *f, int row, int t, Text *out)
{
    for (int i = 0; i < f->n_levels; i++) {
        double low, high;
        interval(f, row, t, i, &low, &high);
        text_add(out, ",");
        put(&f->model->schema.task.targets[t], low, out);
        text_add(out, ",");
        put(&f->model->schema.task.targets[t], high, out);
    }
}

static const float *proba_of(const PredictFormat *f, int row)
{
    return f->predicted->proba + (size_t)row * (size_t)f->predicted->n_classes;
}

void predict_sets_header(const PredictFormat *f, Text *out)
{
    for (int i = 0; i < f->n_levels; i++) text_print(out, ",set_%.6g", level_of(f, i));
}

void predict_sets_csv(const PredictFormat *f, int row, Text *out)
{
    const Schema *schema = &f->model->schema;
    for (int i = 0; i < f->n_levels; i++) {
        Text cell = {0};
        int n = 0;
        conformal_set(f->model->conformal, f->level[i], schema->n_classes, proba_of(f, row), f->inside);
        for (int c = 0; c < schema->n_classes; c++)
            if (f->inside[c]) text_print(&cell, "%s%s", n++ ? "|" : "", schema->classes[c]);
        text_add(out, ",");
        if (n > 0 && text_ok(&cell)) text_csv(out, cell.bytes);
        else if (n > 0) out->broken = true;
        text_free(&cell);
    }
}

static void sets_json(const PredictFormat *f, int row, Text *out)
{
    const Schema *schema = &f->model->schema;
    text_add(out, ",\"set\":{");
    for (int i = 0; i < f->n_levels; i++) {
        int n = 0;
        text_print(out, "%s\"%.6g\":[", i ? "," : "", level_of(f, i));
        conformal_set(f->model->conformal, f->level[i], schema->n_classes, proba_of(f, row), f->inside);
        for (int c = 0; c < schema->n_classes; c++) {
            if (!f->inside[c]) continue;
            if (n++) text_add(out, ",");
            text_json(out, schema->classes[c]);
        }
        text_add(out, "]");
    }
    text_add(out, "}");
}

void predict_conformal_json(const PredictFormat *f, int row, Text *out)
{
    const Task *task = &f->model->schema.task;
    if (f->n_levels == 0) return;
    if (task_has_classes(task)) {
        sets_json(f, row, out);
        return;
    }
    text_add(out, ",\"interval\":{");
    for (int t = 0; t < task->n_targets; t++) {
        if (t) text_add(out, ",");
        text_json(out, task->targets[t].name);
        text_add(out, ":{");
        for (int i = 0; i < f->n_levels; i++) {
            double low, high;
            interval(f, row, t, i, &low, &high);
            text_print(out, "%s\"%.6g\":[", i ? "," : "", level_of(f, i));
            put(&task->targets[t], low, out);
            text_add(out, ",");
            put(&task->targets[t], high, out);
            text_add(out, "]");
        }
        text_add(out, "}");
    }
    text_add(out, "}");
}
