/* job/predict.c - predicts a table and decides each row. */
#include "job/predict.h"

bool predict_table(const Model *model, const Table *table, Arena *arena, Predicted *out, Error *err)
{
    const int n = table->n_rows, k = model_values(model);
    const bool classes = task_has_classes(&model->schema.task);
    float *proba = ARENA_NEW(arena, float, (size_t)n * (size_t)k);
    int *decision = classes ? ARENA_NEW(arena, int, n) : NULL;
    if (!proba || (classes && !decision)) return error_memory(err);
    if (!model_predict(model, table, arena, proba, err)) return false;
    for (int i = 0; decision && i < n; i++) decision[i] = model_decide(model, proba + (size_t)i * (size_t)k);
    *out = (Predicted){n, k, (const char *const *)model->schema.classes, proba, decision, &model->schema.task};
    return true;
}

const char *predicted_label(const Predicted *predicted, int row)
{
    return predicted->classes[predicted->decision[row]];
}

double predicted_number(const Predicted *predicted, int row, int target)
{
    const Task *task = predicted->task;
    const int at = target * task_stride(task) + task_point(task);
    const float v = predicted->proba[(size_t)row * (size_t)predicted->n_classes + (size_t)at];
    return task->kind == TASK_NUMBERS ? task_number(task, target, (double)v) : (double)v;
}
