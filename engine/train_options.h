/* engine/train_options.h - what a run can be told: the record, and the table that names and limits it.
 * What the choices mean stands in engine/train.h.
 */
#ifndef CONSORT_ENGINE_TRAIN_OPTIONS_H
#define CONSORT_ENGINE_TRAIN_OPTIONS_H
#include "base/field.h"
#include "data/augment.h"

#define OPTIMIZER_LIST(X)                                                                          \
    X(OPT_SGD, "sgd") X(OPT_RMSPROP, "rmsprop") X(OPT_ADAM, "adam") X(OPT_ADAMW, "adamw")          \
    X(OPT_SCHEDULE_FREE, "schedule_free")
typedef enum { OPTIMIZER_LIST(LIST_ID) } OptimizerKind;
#define SCHEDULE_LIST(X)                                                                           \
    X(SCHEDULE_CONSTANT, "constant") X(SCHEDULE_STEP, "step")                                      \
    X(SCHEDULE_EXPONENTIAL, "exponential") X(SCHEDULE_COSINE, "cosine")                            \
    X(SCHEDULE_COSLOG4, "coslog4") X(SCHEDULE_ONECYCLE, "onecycle")
typedef enum { SCHEDULE_LIST(LIST_ID) } ScheduleKind;
#define STRENGTH_LIST(X) /* of dropout and decay */                                                \
    X(STRENGTH_CONSTANT, "constant") X(STRENGTH_FLAT_COS, "flat_cos")
typedef enum { STRENGTH_LIST(LIST_ID) } StrengthSchedule;
#define CLASS_WEIGHT_LIST(X)                                                                       \
    X(CLASS_WEIGHT_NONE, "none") X(CLASS_WEIGHT_BALANCED, "balanced")                              \
    X(CLASS_WEIGHT_SQRT_BALANCED, "sqrt_balanced")
typedef enum { CLASS_WEIGHT_LIST(LIST_ID) } ClassWeight;
#define SAMPLING_LIST(X) /* sampling.h */                                                          \
    X(SAMPLING_NONE, "none") X(SAMPLING_BALANCED, "balanced") X(SAMPLING_OVERSAMPLE, "oversample") \
    X(SAMPLING_UNDERSAMPLE, "undersample")
typedef enum { SAMPLING_LIST(LIST_ID) } Sampling;
#define INIT_LIST(X)                                                                               \
    X(INIT_AUTO, "auto") X(INIT_HE, "he") X(INIT_GLOROT, "glorot") X(INIT_LECUN, "lecun")          \
    X(INIT_REALMLP, "realmlp") X(INIT_DATA, "data")
typedef enum { INIT_LIST(LIST_ID) } InitKind;
#define NORM_LIST(X) X(NORM_NONE, "none") X(NORM_BATCH, "batch") X(NORM_LAYER, "layer")
typedef enum { NORM_LIST(LIST_ID) } NormKind;
#define LR_SCALING_LIST(X) X(LR_SAME, "none") X(LR_NTK, "ntk")
typedef enum { LR_SCALING_LIST(LIST_ID) } LrScaling;
#define BEST_OF_LIST(X) X(BEST_OF_EPOCHS, "epochs") X(BEST_OF_CYCLES, "cycles") X(BEST_OF_LAST, "last")
typedef enum { BEST_OF_LIST(LIST_ID) } BestOf;
extern const char *const optimizer_names[], *const schedule_names[], *const strength_names[],
    *const class_weight_names[], *const sampling_names[],
    *const init_names[], *const norm_names[],
    *const lr_scaling_names[], *const best_of_names[];

enum { TRAIN_MAX_WIDTHS = 8, TRAIN_MAX_MEMBERS = 64, TRAIN_MAX_SNAPSHOTS = 4 };
enum { TRAIN_EXPLODED = 1000000000 }; /* the longest gradient that is believed */

/* The `train` section; every field can also be searched. */
typedef struct {
    /* architecture: `hidden`, or `num_layers` with width_1 .. width_8, not both */
    IntList hidden;
    int num_layers;               /* 0: `hidden` counts */
    int width[TRAIN_MAX_WIDTHS];
    int activation, init, norm;
    bool residual, input_scaling;
    int members;                  /* of a BatchEnsemble inside the network; 1: an ordinary one */
    int embed_frequencies, embed_size, category_size; /* see embed.h */
    double embed_sigma;
    /* optimization */
    int optimizer;
    double learning_rate, momentum, beta1, beta2, epsilon, rms_decay;
    bool nesterov;
    int batch_size, epochs, patience; /* patience 0: no early stopping */
    int min_steps;                /* an epoch has at least so many, if a batch of 16 allows it; 0: off */
    bool drop_last;               /* a short last batch is left out */
    int schedule;
    double warmup_epochs, lr_step_epochs, lr_decay, lr_final; /* see schedule.h */
    double clip_norm;             /* 0: off */
    int lr_scaling;               /* and factors on the learning rate of one kind of parameter: */
    double bias_lr, scaling_lr, embed_lr, first_layer_lr;
    double ema;                   /* memory of the averaged weights; 0: off */
    int best_of;                  /* BestOf: among which epochs the kept one is chosen */
    int snapshots;                /* networks kept from the last cycles of the schedule; 0: off */
    /* regularization */
    int loss;                     /* LossKind of task.h */
    double huber_delta;           /* of loss: huber */
    double input_dropout, dropout, l1, l2, weight_decay, label_smoothing, max_norm, focal_gamma,
        mixup, cutmix;
    double soft_weight, soft_temperature; /* of a teacher: teach.h */
    int dropout_schedule, decay_schedule; /* StrengthSchedule */
    int class_weight;
    int sampling;                 /* Sampling */
    Augment augment;
    bool cool;                    /* its networks at their best temperature: used above the engine */
    int seeds_per_trial;          /* same configuration, other seeds: used above the engine */
} TrainOptions;
extern const FieldTable train_fields;

/* The hidden widths an options record means; ERR_CONFIG when the two forms are mixed or a width is
 * missing. (A `hidden` that equals its default, [128], gives way to num_layers.) `widths` needs
 * FIELD_LIST_MAX places. */
bool train_hidden(const TrainOptions *options, int *widths, int *n, Error *err);
/* Rows of a batch: batch_size, or fewer where there are few rows (min_steps of train.h). */
int train_batch(const TrainOptions *options, int n_rows);
#endif
