/* engine/history.h - how a network's numbers spread while it is trained: histograms by epoch and layer.
 *
 * At up to HISTORY_EPOCHS epochs, evenly, the first and the last planned among them, and for each layer: the
 * weights as they would be shipped, and of the epoch's last batch the gradient by the weights and the
 * activations as training saw them (dropout and all; of the output layer none). Of each at most twice
 * HISTORY_SAMPLE numbers are looked at, evenly: what a look costs does not grow with the network. Nothing of
 * the training is touched, no random number drawn.
 *
 * Cells    one an epoch, layer and kind, in that order: two floats, low and high, little-endian, and
 *          HISTORY_BINS bytes, the bins between them beside the fullest of them, 255. All 0: nothing finite
 *          was there.
 * Memory   history_create carves everything; 84 bytes a layer and epoch, 14 kB in all at most.
 */
#ifndef CONSORT_ENGINE_HISTORY_H
#define CONSORT_ENGINE_HISTORY_H
#include "base/text.h"
#include "engine/trainer.h"

enum { HISTORY_EPOCHS = 32, HISTORY_BINS = 20, HISTORY_CELL = 8 + HISTORY_BINS, HISTORY_SAMPLE = 512,
       HISTORY_MOST_BYTES = 14000 };
#define HISTORY_KIND_LIST(X) \
    X(HISTORY_WEIGHTS, "weights") X(HISTORY_ACTIVATIONS, "activations") X(HISTORY_GRADIENTS, "gradients")
typedef enum { HISTORY_KIND_LIST(LIST_ID) HISTORY_KINDS } HistoryKind;

typedef struct {
    int n_layers, n_epochs; /* planned epochs of the run */
    int most, n;            /* epochs that have room, and that were noted */
    int32_t *epoch;         /* (most) */
    uint8_t *cell;          /* (most, n_layers, HISTORY_KINDS, HISTORY_CELL) */
} History;

/* Bytes that it takes from an arena, to be counted beforehand. */
size_t history_bytes(int n_layers, int n_epochs);
bool history_create(int n_layers, int n_epochs, Arena *arena, History *out, Error *err);
/* Is this epoch, from 1, one of those that are noted? */
bool history_wants(const History *history, int epoch);
/* After the epoch's last step, a batch of n rows; `shipped` is the network as it would be shipped now. */
void history_note(History *history, int epoch, const Trainer *trainer, const Mlp *shipped, int n);
/* Appends it as JSON: {"epochs": [...], "layers": L, "bins": 20, "kinds": [...], "cells": "base64"}. */
void history_print(const History *history, Text *out);
#endif
