/* What a model predicts, read from its file: classes, or targets with their scales. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/model_reader.h"

/* Finite, within what a float and its square can hold, and scales that divide. */
static bool sound(const Target *t)
{
    static const double most = 1e300;
    double all[TASK_SCALES];
    target_scales_out(t, all);
    for (int i = 0; i < TASK_SCALES; i++)
        if (!(fabs(all[i]) <= most)) return false;
    return t->unit > 0 && t->scale > 0 && t->log_scale > 0 && t->log_offset >= 0;
}

static bool read_targets(ModelReader *r, const Doc *list, Task *task)
{
    const size_t n = doc_count(list);
    const double *scales = NULL;
    if (doc_kind(list) != DOC_ARRAY || n < 1 || n > TASK_MOST_TARGETS)
        return reader_bad(r, "task: it has 1 to %d targets", TASK_MOST_TARGETS);
    Target *targets = ARENA_NEW(r->arena, Target, n);
    if (!targets) return error_memory(r->err);
    if (task->kind == TASK_NUMBERS && !reader_doubles(r, "targets", (int64_t)(n * TASK_SCALES),
                                                      &scales)) return false;
    for (size_t t = 0; t < n; t++) {
        char where[32];
        const Doc *entry = doc_at(list, t);
        Target *target = &targets[t];
        snprintf(where, sizeof where, "target %zu", t + 1);
        target->unit = target->scale = target->log_scale = 1;
        if (!reader_text(r, entry, where, "name", &target->name)) return false;
        if (task->kind == TASK_LABELS) {
            int answers;
            const char **texts;
            if (!reader_texts(r, entry, where, "answers", &answers, &texts)) return false;
            if (answers != 2) return reader_bad(r, "%s has %d answers; it has two", where, answers);
            target->answer[0] = texts[0];
            target->answer[1] = texts[1];
            continue;
        }
        if (!reader_new_flag(r, entry, where, "logs", &target->logs)
            || !reader_new_flag(r, entry, where, "whole", &target->whole))
            return false;
        target_scales_in(scales + t * TASK_SCALES, target);
        if (!sound(target)) return reader_bad(r, "%s: a scale is out of range", where);
    }
    task->targets = targets;
    task->n_targets = (int)n;
    return true;
}

static bool read_quantiles(ModelReader *r, Task *task)
{
    int n = 0;
    for (int i = 0; i < tensors_count(r->file); i++)
        if (strcmp(tensors_at(r->file, i)->name, "quantiles") == 0) {
            const int64_t length = tensors_at(r->file, i)->shape[0];
            n = length > TASK_MOST_QUANTILES ? TASK_MOST_QUANTILES + 1 : (int)length;
        }
    if (n == 0) return true;
    if (n < 0 || n > TASK_MOST_QUANTILES) return reader_bad(r, "task: at most %d quantiles",
                                                            TASK_MOST_QUANTILES);
    if (!reader_doubles(r, "quantiles", n, &task->quantiles)) return false;
    for (int q = 0; q < n; q++)
        if (!(task->quantiles[q] > (q ? task->quantiles[q - 1] : 0) && task->quantiles[q] < 1))
            return reader_bad(r, "task: quantiles rise within 0 and 1");
    task->n_quantiles = n;
    return true;
}

bool reader_task(ModelReader *r, const Doc *root, Schema *schema)
{
    const Doc *entry = doc_get(root, "task");
    int kind = TASK_CLASSES;
    if (doc_kind(entry) != DOC_NULL && !reader_choice(r, entry, "task", "kind", task_names,
                                                      &kind)) return false;
    schema->task = (Task){.kind = (TaskKind)kind};
    if (!task_has_classes(&schema->task))
        return read_targets(r, doc_get(entry, "targets"), &schema->task)
            && (kind != TASK_NUMBERS || read_quantiles(r, &schema->task));
    if (!reader_texts(r, root, "model", "classes", &schema->n_classes, &schema->classes)) return false;
    if (schema->n_classes < (kind == TASK_ORDERED ? 2 : 1)) return reader_bad(r, "model: there are no classes");
    return true;
}

bool reader_link(ModelReader *r, const Doc *net, const char *where, Link *out)
{
    int link = LINK_SOFTMAX;
    if (doc_kind(doc_get(net, "link")) != DOC_NULL && !reader_choice(r, net, where, "link", link_names, &link))
        return false;
    if (!link_fits((Link)link, &r->model->schema.task))
        return reader_bad(r, "%s: outputs of %s are nothing for %s", where, link_names[link],
                          task_names[r->model->schema.task.kind]);
    *out = (Link)link;
    return true;
}
