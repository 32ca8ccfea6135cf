/* job/predict_classes.c - predicted classes as rows: label, confidence, probabilities. */
#include "base/text_float.h"
#include "job/predict_rows.h"

/* Classes by falling probability, the lower number first among equals. */
static void rank(const float *proba, int n_classes, int *order)
{
    for (int c = 0; c < n_classes; c++) {
        int at = c;
        for (; at > 0 && proba[order[at - 1]] < proba[c]; at--) order[at] = order[at - 1];
        order[at] = c;
    }
}

/* The probabilities of a row, and what is decided. */
static const float *row_of(const PredictFormat *f, int row, int *decision)
{
    const float *p = f->predicted->proba + (size_t)row * (size_t)f->predicted->n_classes;
    *decision = f->predicted->decision[row];
    if (f->top > 0) rank(p, f->predicted->n_classes, f->order);
    return p;
}

void predict_classes_json(const PredictFormat *f, int row, Text *out)
{
    int decision;
    const float *p = row_of(f, row, &decision);
    const Schema *schema = &f->model->schema;
    char number[32];
    text_add(out, "{");
    if (f->id) {
        text_add(out, "\"id\":");
        text_json(out, predict_id(f, row));
        text_add(out, ",");
    }
    text_add(out, "\"label\":");
    text_json(out, schema->classes[decision]);
    text_print(out, ",\"confidence\":%s", text_number((double)p[decision], number));
    if (f->proba) {
        text_add(out, ",\"proba\":{");
        for (int c = 0; c < schema->n_classes; c++) {
            if (c) text_add(out, ",");
            text_json(out, schema->classes[c]);
            text_print(out, ":%s", text_number((double)p[c], number));
        }
        text_add(out, "}");
    }
    if (f->top > 0) {
        text_add(out, ",\"top\":[");
        for (int i = 0; i < f->top && i < schema->n_classes; i++) {
            text_add(out, i ? ",[" : "[");
            text_json(out, schema->classes[f->order[i]]);
            text_print(out, ",%s]", text_number((double)p[f->order[i]], number));
        }
        text_add(out, "]");
    }
    predict_conformal_json(f, row, out);
    text_add(out, "}\n");
}

void predict_classes_csv(const PredictFormat *f, int row, Text *out)
{
    int decision;
    const float *p = row_of(f, row, &decision);
    const Schema *schema = &f->model->schema;
    if (f->id) {
        text_csv(out, predict_id(f, row));
        text_add(out, ",");
    }
    text_csv(out, schema->classes[decision]);
    text_add(out, ","), text_float(out, p[decision]);
    for (int c = 0; f->proba && c < schema->n_classes; c++)
        text_add(out, ","), text_float(out, p[c]);
    for (int i = 0; i < f->top && i < schema->n_classes; i++) {
        text_add(out, ",");
        text_csv(out, schema->classes[f->order[i]]);
        text_add(out, ","), text_float(out, p[f->order[i]]);
    }
    predict_sets_csv(f, row, out);
    text_add(out, "\n");
}

void predict_classes_header(const PredictFormat *f, Text *out)
{
    const Schema *schema = &f->model->schema;
    if (f->id) {
        text_csv(out, f->id->name);
        text_add(out, ",");
    }
    text_add(out, "label,confidence");
    for (int c = 0; f->proba && c < schema->n_classes; c++) {
        text_add(out, ",");
        text_csv(out, schema->classes[c]);
    }
    for (int i = 0; i < f->top && i < schema->n_classes; i++)
        text_print(out, ",label_%d,p_%d", i + 1, i + 1);
    predict_sets_header(f, out);
    text_add(out, "\n");
}
