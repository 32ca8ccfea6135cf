/* The parts of a model file behind the networks: calibration, class weights, decision. */
#include <math.h>
#include <string.h>

#include "model/model_reader.h"

/* Of a calibration or a cost: no sum of them overflows. */
static const double MOST_NUMBER = 1e9;

static const Tensor *look_for(const ModelReader *r, const char *name)
{
    for (int i = 0; i < tensors_count(r->file); i++)
        if (strcmp(tensors_at(r->file, i)->name, name) == 0) return tensors_at(r->file, i);
    return NULL;
}

/* A tensor of K positive numbers, or none. */
static bool read_weights(ModelReader *r, const char *name, const char *what, const double **out)
{
    const int n = r->model->schema.n_classes;
    if (!look_for(r, name)) return true;
    if (!reader_doubles(r, name, n, out)) return false;
    for (int c = 0; c < n; c++)
        if (!((*out)[c] > 0)) return reader_bad(r, "%s %d is not positive", what, c + 1);
    return true;
}

/* K by K numbers, row by row. */
static bool read_matrix(ModelReader *r, const char *name, const double **out)
{
    const int64_t k = r->model->schema.n_classes, shape[TENSOR_MAX_RANK] = {k, k};
    const Tensor *tensor = tensors_find(r->file, name, TENSOR_F64, 2, shape, r->err);
    double *copy = tensor ? ARENA_NEW(r->arena, double, (size_t)k * (size_t)k) : NULL;
    if (!copy) return tensor ? error_memory(r->err) : false;
    memcpy(copy, tensor->data, (size_t)k * (size_t)k * sizeof *copy);
    for (int64_t i = 0; i < k * k; i++)
        if (!(fabs(copy[i]) <= MOST_NUMBER))
            return reader_bad(r, "number %lld of %s is out of range", (long long)i + 1, name);
    *out = copy;
    return true;
}

static bool read_knots(ModelReader *r, const Doc *counts, Calibration *out)
{
    const int k = r->model->schema.n_classes;
    int64_t total = 0;
    if (doc_kind(counts) == DOC_NULL) return true;
    int *n = ARENA_NEW(r->arena, int, k);
    if (!n) return error_memory(r->err);
    if (doc_kind(counts) != DOC_ARRAY || doc_count(counts) != (size_t)k)
        return reader_bad(r, "model: `calibration_knots` is not a number for each class");
    for (int c = 0; c < k; c++) {
        double number = doc_to_number(doc_at(counts, (size_t)c), NAN);
        if (!(number >= 2 && number <= CALIBRATION_KNOTS_MOST) || number != floor(number))
            return reader_bad(r, "model: a class has 2 to %d knots of calibration", CALIBRATION_KNOTS_MOST);
        total += n[c] = (int)number;
    }
    if (!reader_doubles(r, "calibration.at", total, &out->at)
        || !reader_doubles(r, "calibration.to", total, &out->to))
        return false;
    const double *both[2] = {out->at, out->to};
    for (int which = 0; which < 2; which++)
        for (int c = 0, at = 0; c < k; at += n[c++]) {
            const double *x = both[which] + at;
            bool sound = x[0] == 0 && x[n[c] - 1] == 1;
            for (int i = 1; i < n[c]; i++) sound = sound && x[i] > x[i - 1];
            if (!sound) return reader_bad(r, "the calibration of class %d does not rise from 0 to 1", c + 1);
        }
    out->n_knots = n;
    return true;
}

bool reader_calibration(ModelReader *r, const Doc *root)
{
    Model *model = r->model;
    const int k = model->schema.n_classes;
    const Tensor *scale = look_for(r, "calibration.scale");
    const double *temperature;
    model->temperature = 1;
    if (!task_has_classes(&model->schema.task)) return true;
    if (!scale) {
        if (!reader_doubles(r, "temperature", 1, &temperature)) return false;
        model->temperature = temperature[0];
        return model->temperature > 0 || reader_bad(r, "the temperature is not positive");
    }
    Calibration *out = ARENA_NEW(r->arena, Calibration, 1);
    if (!out) return error_memory(r->err);
    if (scale->rank == 2 && k > CALIBRATION_MATRIX_MOST)
        return reader_bad(r, "a matrix of calibration for %d classes", k);
    out->n_scale = scale->rank == 2 ? k * k : scale->shape[0] == 1 ? 1 : k;
    if (!(scale->rank == 2 ? read_matrix(r, "calibration.scale", &out->scale)
                           : reader_doubles(r, "calibration.scale", out->n_scale, &out->scale))
        || !reader_doubles(r, "calibration.bias", k, &out->bias))
        return false;
    for (int i = 0; i < out->n_scale + k; i++) {
        double number = i < out->n_scale ? out->scale[i] : out->bias[i - out->n_scale];
        if (!(fabs(number) <= MOST_NUMBER)) return reader_bad(r, "a number of the calibration is out of range");
    }
    model->calibration = out;
    return read_knots(r, doc_get(root, "calibration_knots"), out);
}

bool reader_decision(ModelReader *r, const Doc *root)
{
    Model *model = r->model;
    const int k = model->schema.n_classes;
    if (doc_kind(doc_get(root, "asked")) != DOC_NULL && !reader_text(r, root, "model", "asked", &model->asked))
        return false;
    if (!reader_new_int(r, root, "model", "interest", k, &model->interest)
        || !read_weights(r, "class_weight", "class weight", &model->class_weight)
        || !read_weights(r, "decision", "decision weight", &model->decision))
        return false;
    if (!look_for(r, "cost")) return true;
    if (model->decision) return reader_bad(r, "it decides by weights and by costs");
    return read_matrix(r, "cost", &model->cost);
}
