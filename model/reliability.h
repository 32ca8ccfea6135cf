/* model/reliability.h - do the probabilities mean what they say?
 *
 * Top label  of rows that got a largest probability near p, is a share p right? Says how far confidence can be
 *            trusted; errors of two classes cancel in it.
 * By class   of rows that got a probability near p of this class, is a share p of this class? With Wilson
 *            intervals of the shares and the counts behind them. Mean probability and share of the class
 *            must agree up to sampling error: where they do not, by more than two standard errors of their
 *            difference (more where there are many classes), a sentence says so: another prior.
 */
#ifndef CONSORT_MODEL_RELIABILITY_H
#define CONSORT_MODEL_RELIABILITY_H
#include "model/intervals.h"

enum { RELIABILITY_MOST = 100 }; /* classes; of more, those with most rows */

/* Sets "reliability" [{low, high, n, confidence, accuracy, low95, high95}], "class_reliability" [{label, n,
 * mean_p, share, low95, high95, ece, bins [{low, high, n, mean_p, share, low95, high95}]}], of two classes
 * the positive one first, and "warnings" [text]. */
bool write_reliability(const Evaluation *evaluation, Arena *arena, Doc *out, Error *err);
#endif
