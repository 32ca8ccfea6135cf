/* job/predict.h - what a model says about the rows of a table. */
#ifndef CONSORT_JOB_PREDICT_H
#define CONSORT_JOB_PREDICT_H
#include "model/model.h"

typedef struct {
    int n_rows, n_classes;      /* of numbers and labels n_classes is how many values a row has (data/task.h) */
    const char *const *classes; /* (n_classes) their names, the model's; of classes */
    const float *proba;         /* (n_rows, n_classes) */
    const int *decision;        /* (n_rows) class numbers; labels of a table read with the schema compare; of
                                   classes, else NULL */
    const Task *task;           /* the model's */
} Predicted;

/* The table is of the model's schema: one of its study, or read with it (table_open). In the arena. */
bool predict_table(const Model *model, const Table *table, Arena *arena, Predicted *out, Error *err);
/* The name of the class that a row is decided for. Of classes. */
const char *predicted_label(const Predicted *predicted, int row);
/* Target `target` of a row in its own unit, of quantiles the middle one; of labels the probability of yes. */
double predicted_number(const Predicted *predicted, int row, int target);
#endif
