/* job/predict.h - what a model says about the rows of a table. */
#ifndef CONSORT_JOB_PREDICT_H
#define CONSORT_JOB_PREDICT_H
#include "model/model.h"

typedef struct {
    int n_rows, n_classes;
    const char *const *classes; /* (n_classes) their names, the model's */
    const float *proba;         /* (n_rows, n_classes) */
    const int *decision;        /* (n_rows) class numbers; labels of a table read with the schema compare */
} Predicted;

/* The table is of the model's schema: one of its study, or read with it (table_open). In the arena. */
bool predict_table(const Model *model, const Table *table, Arena *arena, Predicted *out, Error *err);
/* The name of the class that a row is decided for. */
const char *predicted_label(const Predicted *predicted, int row);
#endif
