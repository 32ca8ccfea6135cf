/* engine/teach.h - what a row should be where a teacher has spoken: shares of classes, or numbers, of which the
 * label is a part.
 *
 *     classes   t = w q + (1 - w) onehot,    q_c = p_c^(1/T) / sum_k p_k^(1/T)
 *     labels    t = w q + (1 - w) y          the same of two answers, each question by itself
 *     numbers   t = w v + (1 - w) y          in the numbers' own unit, before the loss makes logarithms
 *
 * with p or v the teacher's (Rows.soft), w = soft_weight and T = soft_temperature. Rows of which the teacher
 * says nothing (NaN) keep their labels. Mixed rows (mix.h) mix these targets, not their labels. Smoothing comes
 * after it (loss.h). What is measured, on whatever rows, is measured by the labels.
 *
 * Shapes   N training rows, B of a batch, K classes.
 * Memory   the Trainer's plan: `aims` (N, K), `soft` (B, K).
 * Errors   none; data/reader_soft.c has checked what a teacher may say.
 * Source   Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015.
 */
#ifndef CONSORT_ENGINE_TEACH_H
#define CONSORT_ENGINE_TEACH_H
#include "engine/training.h"

/* Fills trainer->aims. */
void teach_aims(Trainer *trainer, const Rows *rows);
/* Target k of row i, in its own unit. */
double teach_target(const TrainOptions *options, const Rows *rows, int i, int k);
/* The aims of a batch into trainer->soft; of mixed rows (lambda < 1) with those at the places `partner`. */
void teach_gather(Trainer *trainer, const int32_t *index, const int32_t *partner, int n);
#endif
