/* model/model.h - the thing that is shipped: raw columns in, probabilities and a class out, or numbers.
 *
 * A model is the whole pipeline: the raw schema, the fitted preprocessing, one or more members
 * (each the mean of one or more networks: folds, repeats), how members are combined, calibration
 * and decision weights, class names, and where it all came from. A single trial's weights are a
 * model of one member, so every kept trial can predict, be exported, and be put into an ensemble by
 * joining files, without retraining.
 *
 *     member   q_m = mean of its networks' softmax outputs; of other tasks of the values of data/task.h
 *     AVERAGE  p = sum_m w_m q_m / sum_m w_m
 *     VOTE     p_c = sum of w_m over members whose argmax is c (ties: the lowest class)
 *     POOL     p_c ~ exp(sum_m w_m log q_mc / sum_m w_m), of classes (model/pool.h)
 *     calibration   p_c <- p_c^(1/T) / sum (T = temperature; not of votes, probabilities clipped 1e-12), or
 *                   what model/calibration.h says
 *     decision      class = argmax_c p_c * decision_c, or argmin_c sum_t p_t * cost_tc; ties to the
 *                   lowest class
 *
 * File     base/tensors.h (safetensors), format "consort-model 1". Every number that matters is a
 *          tensor, never decimal text. Structure is one JSON note, "model"; "provenance" another, "history" a
 *          third.
 * Memory   a loaded or joined model lives in the arena.
 * Errors   ERR_DATA for a file that is not a sound model (every index, shape and finite check), ERR_IO.
 */
#ifndef CONSORT_MODEL_MODEL_H
#define CONSORT_MODEL_MODEL_H
#include "prep/prep.h"
#include "engine/mlp.h"
#include "model/calibration.h"
#include "model/conformal.h"

#define COMBINE_LIST(X)                                                                            \
    X(COMBINE_AVERAGE, "average") X(COMBINE_VOTE, "vote") X(COMBINE_POOL, "pool")
typedef enum { COMBINE_LIST(LIST_ID) } CombineRule;
extern const char *const combine_names[];
/* FEATURE_PLAIN, FEATURE_PBLD, FEATURE_PERIODIC as a model file names them; index -feature. */
extern const char *const feature_names[];

typedef struct {
    const Mlp *mlp;
    int prep; /* index into preps */
} ModelNet;

typedef struct {
    const char *name; /* "trial 17" */
    double weight;    /* > 0 */
    int n_nets;
    const ModelNet *nets;
} ModelMember;

typedef struct {
    const char *name; /* the study's */
    Schema schema;
    int n_preps;
    const Prep *const *preps;
    int n_members;
    const ModelMember *members;
    int combine;             /* CombineRule */
    double slope;            /* numbers that were stacked: slope * average */
    const double *intercept; /* + intercept (T), in the values of predictions; NULL: neither */
    double temperature;      /* 1: none */
    const Calibration *calibration; /* instead of the temperature, which is 1 then; NULL: that alone */
    const double *class_weight; /* (K) what training weighed the classes by; NULL: alike */
    const double *decision;  /* (K) or NULL: all 1 */
    const double *cost;      /* (K, K) of deciding the column where the row is true; NULL: by decision */
    const char *asked;       /* what the decision is for, as ensemble.thresholds says it; NULL: nothing */
    int interest;            /* the class of interest, counted from 1; 0: not said (of two, the second) */
    const Conformal *conformal; /* intervals of numbers, sets of classes; NULL: none */
    const char *provenance;  /* JSON text: study, seed, hashes, metrics, version */
    const char *history;     /* JSON text of one trial's training (engine/history.h); NULL: none */
    int views;               /* how one predicts, not in files: see model_set_views */
} Model;

bool model_save(const Model *model, const char *path, Error *err);
bool model_load(const char *path, Arena *arena, Model **out, Error *err);
/* Members of several models of one schema as one model (weights (n), preps shared where equal). */
bool model_join(const Model *const *models, const double *weights, int n, Arena *arena,
                Model **out, Error *err);
size_t model_n_params(const Model *model);
size_t model_bytes(const Model *model); /* of its weights as float32 */

/* Test-time augmentation of images: every network predicts each picture as it is (1), and moved by
 * one pixel to the four sides (5), and to the corners (9), and the mean counts. ERR_CONFIG for other
 * numbers, and for tables. */
bool model_set_views(Model *model, int views, Error *err);
/* Values of a prediction. */
static inline int model_values(const Model *model)
{
    return task_values(&model->schema.task, model->schema.n_classes);
}
/* Has a table what the model expects? ERR_DATA: another size of pictures, other columns. */
bool model_fits(const Model *model, const Table *table, Error *err);
/* Probabilities (table->n_rows, K), or the values of another task, of a table read with the model's schema. */
bool model_predict(const Model *model, const Table *table, Arena *arena, float *proba, Error *err);
/* Each member's own probabilities, (n_members, n_rows, K), before combination. */
bool model_predict_members(const Model *model, const Table *table, Arena *arena, float *proba,
                           Error *err);
/* Members' probabilities (n_members, n, K) -> the model's (n, K). */
void model_combine(const Model *model, int n, const float *members, float *proba);
int model_decide(const Model *model, const float *proba); /* class of one row */

/* Stored predictions of one trial on the rows it did not train on. Format "consort-proba 1". */
typedef struct {
    int n_rows, n_classes; /* K; of another task how many values a prediction has (data/task.h) */
    const int32_t *row;  /* (n) row numbers of the training table, increasing */
    const float *proba;  /* (n, K) */
    bool numbers;        /* they are no probabilities */
} Predictions;
bool predictions_save(const Predictions *predictions, const char *path, Error *err);
bool predictions_load(const char *path, Arena *arena, Predictions *out, Error *err);
#endif
