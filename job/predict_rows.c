/* job/predict_rows.c - a row as it is written, whatever the task. */
#include "job/predict_rows.h"

bool predict_format_room(PredictFormat *f, Arena *arena, Error *err)
{
    f->order = ARENA_NEW(arena, int, f->model->schema.n_classes);
    f->inside = ARENA_NEW(arena, bool, f->model->schema.n_classes);
    return (f->order && f->inside) || error_memory(err);
}

void predict_header(const PredictFormat *f, Text *out)
{
    (task_has_classes(&f->model->schema.task) ? predict_classes_header : predict_targets_header)(f, out);
}

void predict_row(const PredictFormat *f, int row, Text *out)
{
    const bool classes = task_has_classes(&f->model->schema.task);
    if (f->json) (classes ? predict_classes_json : predict_targets_json)(f, row, out);
    else (classes ? predict_classes_csv : predict_targets_csv)(f, row, out);
}
