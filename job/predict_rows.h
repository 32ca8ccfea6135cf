/* job/predict_rows.h - how `consort predict` and `consort serve` write what is predicted: a row out for each
 * row in,
 * CSV or JSON.
 *
 * One file a kind of task: predict_classes.c for classes and ordered ones, predict_targets.c for numbers and
 * labels. Each has a header, a row of CSV, and a row of JSON; a column that is added stands in all three.
 */
#ifndef CONSORT_JOB_PREDICT_ROWS_H
#define CONSORT_JOB_PREDICT_ROWS_H
#include "job/predict.h"

typedef struct {
    const Model *model;
    const Predicted *predicted;
    bool json, proba;
    int top;          /* 0: the decision only */
    int n_levels;     /* of intervals or sets; 0: none */
    int level[CONFORMAL_MOST_LEVELS]; /* (n_levels) which of the model's */
    bool *inside;     /* (n_classes) work */
    const Column *id; /* what goes along with each row; NULL: nothing */
    int *order;       /* (n_classes) work */
} PredictFormat;

/* The id of a row as it stands in the file. */
static inline const char *predict_id(const PredictFormat *f, int row)
{
    int code = f->id->code[row];
    return code < 0 ? "" : f->id->levels[code];
}

/* Room for what rows are made with; to be called once the rest is set. */
bool predict_format_room(PredictFormat *format, Arena *arena, Error *err);
/* The header of CSV, and a row, whatever the task. */
void predict_header(const PredictFormat *format, Text *out);
void predict_row(const PredictFormat *format, int row, Text *out);

void predict_classes_header(const PredictFormat *format, Text *out);
void predict_classes_csv(const PredictFormat *format, int row, Text *out);
void predict_classes_json(const PredictFormat *format, int row, Text *out);
/* predict_interval.c: low_LEVEL and high_LEVEL of target t (with its name where there are several), or
 * set_LEVEL, its classes with | between them; as JSON "interval": {target: {"0.9": [low, high]}} or "set":
 * {"0.9": [class]}. */
void predict_interval_header(const PredictFormat *format, int t, Text *out);
void predict_interval_csv(const PredictFormat *format, int row, int t, Text *out);
void predict_sets_header(const PredictFormat *format, Text *out);
void predict_sets_csv(const PredictFormat *format, int row, Text *out);
void predict_conformal_json(const PredictFormat *format, int row, Text *out);
/* LEVEL,LEVEL or all, of `option` in messages, against what the model has. */
bool predict_interval_levels(const Model *model, const char *option, const char *said, PredictFormat *format,
                             Error *err);
/* target, and of quantiles target_q05 ...; of labels the answer and p_target. JSON: {"predicted": {target: y},
 * "quantiles": {target: {"0.05": y}}} or {"predicted": {label: answer}, "p": {label: p}}. */
void predict_targets_header(const PredictFormat *format, Text *out);
void predict_targets_csv(const PredictFormat *format, int row, Text *out);
void predict_targets_json(const PredictFormat *format, int row, Text *out);
#endif
