/* job/predict_targets.c - predicted numbers and answers as rows. */
#include <stdio.h>
#include <string.h>

#include "base/text_float.h"
#include "job/predict_rows.h"

/* "05" of 0.05, "50" of 0.5, "025" of 0.025: what stands behind the point, at least two digits. */
static const char *digits_of(double quantile, char text[32])
{
    snprintf(text, 32, "%.9g", quantile);
    const size_t n = strlen(text);
    if (strncmp(text, "0.", 2) != 0) return text;
    if (n == 3) memcpy(text + n, "0", 2);
    return text + 2;
}

static const float *values_of(const PredictFormat *f, int row, int t)
{
    const Task *task = &f->model->schema.task;
    return f->predicted->proba + (size_t)row * (size_t)f->predicted->n_classes
         + (size_t)t * (size_t)task_stride(task);
}

/* A float has nine digits; where it counts from elsewhere there are more. */
static void put_number(const Task *task, int t, float v, Text *out)
{
    const Target *target = &task->targets[t];
    if (target->origin == 0 && target->unit == 1) text_float(out, v);
    else text_print(out, "%.15g", task_number(task, t, (double)v));
}

static const char *answer_of(const Task *task, int t, float p)
{
    return task->targets[t].answer[p > 0.5f];
}

/* ---- CSV ------------------------------------------------------------------------------------------ */

static void name_csv(const char *before, const char *name, const char *after, const char *digits, Text *out)
{
    Text whole = {0};
    text_print(&whole, "%s%s%s%s", before, name, after, digits);
    if (text_ok(&whole)) text_csv(out, whole.bytes);
    else out->broken = true;
    text_free(&whole);
}

void predict_targets_header(const PredictFormat *f, Text *out)
{
    const Task *task = &f->model->schema.task;
    char text[32];
    if (f->id) {
        text_csv(out, f->id->name);
        text_add(out, ",");
    }
    for (int t = 0; t < task->n_targets; t++) {
        const char *name = task->targets[t].name;
        if (t) text_add(out, ",");
        text_csv(out, name);
        for (int q = 0; q < task->n_quantiles; q++) {
            text_add(out, ",");
            name_csv("", name, "_q", digits_of(task->quantiles[q], text), out);
        }
        predict_interval_header(f, t, out);
        if (task->kind != TASK_LABELS) continue;
        text_add(out, ",");
        name_csv("p_", name, "", "", out);
    }
    text_add(out, "\n");
}

void predict_targets_csv(const PredictFormat *f, int row, Text *out)
{
    const Task *task = &f->model->schema.task;
    if (f->id) {
        text_csv(out, predict_id(f, row));
        text_add(out, ",");
    }
    for (int t = 0; t < task->n_targets; t++) {
        const float *v = values_of(f, row, t);
        if (t) text_add(out, ",");
        if (task->kind == TASK_LABELS) {
            text_csv(out, answer_of(task, t, *v));
            text_add(out, ","), text_float(out, *v);
            continue;
        }
        put_number(task, t, v[task_point(task)], out);
        for (int q = 0; q < task->n_quantiles; q++) {
            text_add(out, ",");
            put_number(task, t, v[q], out);
        }
        predict_interval_csv(f, row, t, out);
    }
    text_add(out, "\n");
}

/* ---- JSON ----------------------------------------------------------------------------------------- */

static void key_json(const Task *task, int t, Text *out)
{
    if (t) text_add(out, ",");
    text_json(out, task->targets[t].name);
    text_add(out, ":");
}

void predict_targets_json(const PredictFormat *f, int row, Text *out)
{
    const Task *task = &f->model->schema.task;
    char number[32];
    text_add(out, "{");
    if (f->id) {
        text_add(out, "\"id\":");
        text_json(out, predict_id(f, row));
        text_add(out, ",");
    }
    text_add(out, "\"predicted\":{");
    for (int t = 0; t < task->n_targets; t++) {
        const float *v = values_of(f, row, t);
        key_json(task, t, out);
        if (task->kind == TASK_LABELS) text_json(out, answer_of(task, t, *v));
        else put_number(task, t, v[task_point(task)], out);
    }
    text_add(out, "}");
    for (int t = 0; t < task->n_targets && task->kind == TASK_LABELS; t++) {
        if (t == 0) text_add(out, ",\"p\":{");
        key_json(task, t, out);
        text_add(out, text_number((double)*values_of(f, row, t), number));
    }
    for (int t = 0; t < task->n_targets && task->n_quantiles > 0; t++) {
        if (t == 0) text_add(out, ",\"quantiles\":{");
        key_json(task, t, out);
        for (int q = 0; q < task->n_quantiles; q++) {
            text_print(out, "%s\"%s\":", q ? "," : "{", text_number(task->quantiles[q], number));
            put_number(task, t, values_of(f, row, t)[q], out);
        }
        text_add(out, "}");
    }
    if (task->kind == TASK_LABELS || task->n_quantiles > 0) text_add(out, "}");
    predict_conformal_json(f, row, out);
    text_add(out, "}\n");
}
