/* plan/plan.h - a model as operations and constants: what every export is written from.
 *
 * A model says what it is (networks, folds, members, preprocessing); a plan says what is computed for one
 * row, step by step, in the order in which it is computed. Each step reads vectors of that row and writes
 * one. The exporters (C, ONNX) walk the steps and know nothing of members and folds; run.h computes a plan
 * with the very functions that an exported C file has (plan/runtime/), so that an export can be checked,
 * and its integers calibrated, without a compiler.
 *
 *     x  the row's cells
 *     |  encoding, of each preprocessing that some network needs       PLAN_PIXELS .. PLAN_DERIVED
 *     f  features of that preprocessing
 *     |  a network: embed; dense, norm, activate, add a layer; link    PLAN_EMBED .. PLAN_LINK
 *     v  values of one network
 *     |  members taken together: mix, vote, pool; stack, calibrate     PLAN_CLEAR .. PLAN_CALIBRATE
 *     p  `result`: probabilities of classes or labels, or numbers v in the scale of data/task.h, for which a
 *        float is enough; the user's unit is origin + unit v, in double
 *
 * Networks come in the order of their preprocessings, so that one row of features is needed at a time. Behind
 * the result stand the decision (Model.decision, Model.cost) and intervals (Model.conformal), which
 * are taken from plan->model.
 *
 * Numbers. A float32 plan has one vector type for all that lies between cells and result. In a plan of
 * integers (quantize.h) a PLAN_QUANTIZE step follows the encoding, hidden layers are integers, and the last
 * layer of a network gives floats again, so that link and what follows see full resolution.
 *
 * Wide. A column is encoded in float where that is as good as double, by a bound on the error of its features
 * (plan_column_why); else its step is `wide`. If any is, cells are doubles (plan->wide). Features are floats.
 * How wrong a feature may be is PLAN_FEATURES, which most networks do not see. One that is steep somewhere
 * makes more of it: who has rows to compare asks for less (plan_make_near), and more columns are wide.
 *
 * Zero features. A network's features that are 0 for all rows stay; nothing is pruned. Networks that share
 * a preprocessing share its features, and steps of one preprocessing stand before the first network that
 * needs it.
 *
 * Scratch. Each vector has a place in the scratch memory of a prediction; vectors whose lives do not
 * overlap share it (place.c). scratch_bytes is all the memory that a prediction needs besides its caller's
 * cells and result and a few locals.
 *
 * Shapes   as in the model; W_l of a step is (n_in, ld) input by output, as network.h has it.
 * Memory   a plan lives in the arena and borrows all constants from the model. It reads no weight while it
 *          is made: the plan of a model whose networks are shapes (params NULL) can be measured (measure.h).
 * Errors   ERR_MEMORY.
 */
#ifndef CONSORT_PLAN_PLAN_H
#define CONSORT_PLAN_PLAN_H
#include "model/model.h"

#define PLAN_OP_LIST(X)                                                                             \
    X(PLAN_PIXELS, "pixels")       /* all levels: (level - shift) * scale */                        \
    X(PLAN_NUMBERS, "numbers")     /* columns of numbers, n_columns alike in form: x, bins, flag */  \
    X(PLAN_WORD, "word")           /* one column of words: one-hot, -1/+1, or a code */             \
    X(PLAN_TEXT, "text")           /* one column of text: hashed n-grams */                         \
    X(PLAN_DERIVED, "derived")     /* one column made of others, from the raw cells */              \
    X(PLAN_QUANTIZE, "quantize")   /* floats as integers: f / out.scale + out.zero, rounded */      \
    X(PLAN_EMBED, "embed")         /* features to inputs: tables and waves (engine/embed.h) */      \
    X(PLAN_DENSE, "dense")         /* out = activation(in W + b); activation -1: none */            \
    X(PLAN_NORM, "norm")           /* layer norm, in place */                                       \
    X(PLAN_ACTIVATE, "activate")   /* in place, behind a norm */                                    \
    X(PLAN_ADD, "add")             /* out = in + with: a skip */                                    \
    X(PLAN_LINK, "link")           /* outputs to values (engine/link.h) */                          \
    X(PLAN_CLEAR, "clear")         /* out = 0 */                                                    \
    X(PLAN_MIX, "mix")             /* out += weight * in */                                         \
    X(PLAN_VOTE, "vote")           /* out[argmax in] += weight */                                   \
    X(PLAN_LOG_MIX, "log_mix")     /* out += weight * log(max(in, 1e-6)): a pool */                 \
    X(PLAN_SOFTMAX, "softmax")     /* in place: what ends a pool */                                 \
    X(PLAN_STACK, "stack")         /* slope and intercept of numbers, in place */                   \
    X(PLAN_CALIBRATE, "calibrate") /* temperature or model/calibration.h, in place */
typedef enum { PLAN_OP_LIST(LIST_ID) PLAN_OP_COUNT } PlanOp;
extern const char *const plan_op_names[];

#define PLAN_NUMBERS_LIST(X) X(PLAN_F32, "f32") X(PLAN_I16, "i16") X(PLAN_I8, "i8")
typedef enum { PLAN_NUMBERS_LIST(LIST_ID) PLAN_NUMBERS_COUNT } PlanNumbers;
extern const char *const plan_numbers_names[];

#define PLAN_TYPE_LIST(X)                                                                           \
    X(PLAN_FLOAT, "float") X(PLAN_DOUBLE, "double") X(PLAN_INT8, "int8") X(PLAN_INT16, "int16")
typedef enum { PLAN_TYPE_LIST(LIST_ID) PLAN_TYPE_COUNT } PlanType;
extern const char *const plan_type_names[];

/* A vector of one row. */
typedef struct {
    int n;
    PlanType type;
    float scale; /* of integers: the number is scale * (q - zero) */
    int zero;
    int most;    /* the largest q; of 16 bits the smallest is -most */
    size_t at;   /* bytes from the beginning of the scratch memory; the result has none */
} PlanVector;

/* Integers of a dense step (quantize.h). W is (n_out, n_in), row by row, as a dot product reads it. */
typedef struct {
    const int8_t *w;           /* symmetric, one scale an output */
    const int32_t *bias;       /* at the scale of the sums, with what in.zero adds */
    const float *w_scale;      /* (n_out) of the sums: a float is w_scale[o] times one */
    const int32_t *multiplier; /* (n_out) requantization in Q31, NULL for a layer that ends in floats */
    const int8_t *shift;
} PlanIntegers;

typedef struct {
    PlanOp op;
    int in, with, out;  /* vectors; -1: none. Encoding reads cells and has no `in` */
    int first;          /* encoding: the feature of `out` that it begins with */
    int net;            /* the network it is part of, counted through all members; -1: none */
    /* encoding */
    int prep;           /* of the model's */
    int column, n_columns; /* of the table; derived: of the derived ones */
    bool wide;
    /* networks */
    const Mlp *mlp;
    int layer;
    int activation;     /* Activation, or -1 */
    const PlanIntegers *integers; /* NULL: floats */
    double weight;      /* mix, vote, log_mix */
} PlanStep;

typedef struct {
    const Model *model;
    PlanNumbers numbers;
    bool wide;          /* cells are doubles */
    double features;    /* how wrong features may be by floats */
    int n_vectors, n_steps;
    PlanVector *vectors;
    PlanStep *steps;
    int result;         /* the vector of values */
    size_t scratch_bytes;
} Plan;

#define PLAN_FEATURES 1e-5
bool plan_make(const Model *model, Arena *arena, Plan **out, Error *err);
/* The same with features that floats may make wrong by `features` at most; below 1e-6 every number is wide. */
bool plan_make_near(const Model *model, double features, Arena *arena, Plan **out, Error *err);
/* Why the features of a column would be wrong by more than `most` (of 1, and of themselves) if cells and
 * constants were floats; wide.c has the bound. Arithmetic of raw cells always would, for what two
 * numbers have in common is not known. */
#define PLAN_WIDE_LIST(X)                                                                           \
    X(WIDE_NOT, "") X(WIDE_DATE, "date") X(WIDE_RANK, "rank among quantiles")                       \
    X(WIDE_SIZE, "too large or small") X(WIDE_DIGITS, "varies little beside its size")              \
    X(WIDE_BINS, "narrow bins") X(WIDE_ARITHMETIC, "arithmetic")                                    \
    X(WIDE_STEEP, "the network is steep") /* fine by PLAN_FEATURES, and not by what was asked for */
typedef enum { PLAN_WIDE_LIST(LIST_ID) } PlanWide;
extern const char *const plan_wide_names[];
PlanWide plan_column_why(const PrepColumn *column, double most);
PlanWide plan_derived_why(const Prep *prep, int k, double most);
static inline bool plan_column_wide(const PrepColumn *column, double most)
{
    return plan_column_why(column, most) != WIDE_NOT;
}
/* Is a column encoded by numbers in the form of another, so that one step can take both? */
bool plan_columns_alike(const PrepColumn *a, const PrepColumn *b, double most);
#endif
