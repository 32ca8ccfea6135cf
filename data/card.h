/* data/card.h - the data card: what is in a table, and what looks wrong with it.
 *
 * Rows, columns with type, missing share, range or levels; class balance; duplicates; warnings:
 * constant columns, identifiers, tiny classes, rows that stand in both training and test, one
 * column that alone gives the class away. One JSON document, read by the terminal and the report.
 */
#ifndef CONSORT_DATA_CARD_H
#define CONSORT_DATA_CARD_H
#include "base/doc.h"
#include "data/table.h"

/* `test` may be NULL. Keys: rows, columns, classes, image, label, class_balance[], targets[]
 * (card_targets.h), features[],
 * duplicates, train_test_overlap, warnings[], notes[], fingerprint. NULL when out of memory. */
Doc *card_make(const Table *table, const Table *test);
#endif
