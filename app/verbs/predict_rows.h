/* app/verbs/predict_rows.h - how `consort predict` writes what it predicts: a row out for each row in, CSV or
 * JSON.
 *
 * One file a kind of task: predict_classes.c for classes and ordered ones, predict_targets.c for numbers and
 * labels. Each has a header, a row of CSV, and a row of JSON; a column that is added stands in all three.
 */
#ifndef CONSORT_APP_VERBS_PREDICT_ROWS_H
#define CONSORT_APP_VERBS_PREDICT_ROWS_H
#include "job/predict.h"

typedef struct {
    const Model *model;
    const Predicted *predicted;
    bool json, proba;
    int top;          /* 0: the decision only */
    const Column *id; /* what goes along with each row; NULL: nothing */
    int *order;       /* (n_classes) work */
} PredictFormat;

/* The id of a row as it stands in the file. */
static inline const char *predict_id(const PredictFormat *f, int row)
{
    int code = f->id->code[row];
    return code < 0 ? "" : f->id->levels[code];
}

void predict_classes_header(const PredictFormat *format, Text *out);
void predict_classes_csv(const PredictFormat *format, int row, Text *out);
void predict_classes_json(const PredictFormat *format, int row, Text *out);
/* target, and of quantiles target_q05 ...; of labels the answer and p_target. JSON: {"predicted": {target: y},
 * "quantiles": {target: {"0.05": y}}} or {"predicted": {label: answer}, "p": {label: p}}. */
void predict_targets_header(const PredictFormat *format, Text *out);
void predict_targets_csv(const PredictFormat *format, int row, Text *out);
void predict_targets_json(const PredictFormat *format, int row, Text *out);
#endif
