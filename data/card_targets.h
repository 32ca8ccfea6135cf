/* data/card_targets.h - the part of the data card about what is to be predicted where that is no classes. */
#ifndef CONSORT_DATA_CARD_TARGETS_H
#define CONSORT_DATA_CARD_TARGETS_H
#include "base/doc.h"
#include "data/table.h"

/* Sets "task" and "targets", of numbers [{name, rows, min, q25, median, q75, max, mean, sd, skewness,
 * log_skewness (null unless all are at least 0), outliers, distribution {low, high, counts []}}], of labels
 * [{name, rows, no, yes, yes_rows, share}]; nothing of classes. Adds what is worth a word to `warnings`. False:
 * no memory. */
bool card_targets(const Table *table, Doc *doc, Doc *warnings);
#endif
