/* data/card_targets.h - what a table's targets are like: how numbers lie, in how many rows a label is so. */
#ifndef CONSORT_DATA_CARD_TARGETS_H
#define CONSORT_DATA_CARD_TARGETS_H
#include "base/doc.h"
#include "data/table.h"

/* Sets "targets" [{name, rows, and of numbers min, median, max, mean, sd; of labels no, yes, yes_rows, share}];
 * nothing of classes. False: no memory. */
bool card_targets(const Table *table, Doc *card);
#endif
