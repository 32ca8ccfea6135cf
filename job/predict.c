/* job/predict.c - predicts a table and decides each row. */
#include "job/predict.h"

bool predict_table(const Model *model, const Table *table, Arena *arena, Predicted *out, Error *err)
{
    const int n = table->n_rows, k = model->schema.n_classes;
    float *proba = ARENA_NEW(arena, float, (size_t)n * (size_t)k);
    int *decision = ARENA_NEW(arena, int, n);
    if (!proba || !decision) return error_memory(err);
    if (!model_predict(model, table, arena, proba, err)) return false;
    for (int i = 0; i < n; i++) decision[i] = model_decide(model, proba + (size_t)i * (size_t)k);
    *out = (Predicted){n, k, (const char *const *)model->schema.classes, proba, decision};
    return true;
}

const char *predicted_label(const Predicted *predicted, int row)
{
    return predicted->classes[predicted->decision[row]];
}
