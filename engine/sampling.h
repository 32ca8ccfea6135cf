/* engine/sampling.h - which rows an epoch sees where classes are not alike in number.
 *
 *     balanced     batches draw from the classes in turn, in an order of chance; an epoch is as many rows as
 *                  there are
 *     oversample   every class as often as the largest: rows of the others come several times
 *     undersample  every class as often as the smallest: other rows of the larger ones each epoch
 *
 * A class's rows are shuffled and dealt out; when they are used up they are shuffled anew, so that no row
 * comes twice
 * before every one has come. An epoch has at most SAMPLING_MOST times the rows there are (and at least one
 * of each
 * class). All classes then have the same share, and what a network learns is p_c ~ P(c | x) / n_c:
 * sampling_weights() says so,
 * as weights of the classes that are undone like those of the loss (model/calibration.h).
 *
 * Chance   an epoch's rows are a function of (seed, stream, epoch).
 * Memory   the arena's; sampling_epoch allocates nothing.
 */
#ifndef CONSORT_ENGINE_SAMPLING_H
#define CONSORT_ENGINE_SAMPLING_H
#include "base/arena.h"
#include "base/error.h"
#include "data/rows.h"
#include "engine/train_options.h"

enum { SAMPLING_MOST = 10 };

typedef struct {
    Sampling kind;
    int n_rows, n_epoch; /* rows of an epoch */
    int n_classes;       /* those that have rows; each has n_epoch / n_classes of an epoch, or one more */
    int *start;          /* (n_classes + 1) class after class: rows row[start[k]] .. row[start[k + 1] - 1] */
    int32_t *row;        /* (n_rows) */
    int32_t *turn;       /* (n_rows) the same, shuffled */
    int32_t *class;      /* (n_epoch) whose turn it is */
    int *used;           /* (n_classes) of this turn */
} EpochRows;

/* Rows with a class each. NONE: all rows, once. */
bool sampling_create(Sampling kind, const Rows *rows, Arena *arena, EpochRows *out, Error *err);
void sampling_epoch(EpochRows *rows, uint64_t seed, uint32_t stream, int epoch, int32_t *order);
/* Bytes that sampling_create takes at most, of the order besides, and rows of an epoch at most. */
size_t sampling_bytes(Sampling kind, int n_rows, int n_classes);
int sampling_most(Sampling kind, int n_rows, int n_classes);
/* How much more often than in the rows each class is seen, (K); their mean over the rows is 1. */
void sampling_weights(Sampling kind, const Rows *rows, float *weight);
#endif
