/* data/split.h - which rows train, which validate, which test. Fixed by a seed, and hashed.
 *
 * Who may stand where follows from what rows have to do with each other:
 *
 *   nothing         hold-out, k folds, and k folds several times over, each another deal.
 *   a group         a patient's, a customer's rows are alike: one that was learned from makes the others
 *                   easy. All of a group stand on one side of every border (data/split_groups.h).
 *   an order        what is to be predicted comes later than what is known: each validation part lies behind
 *                   the rows that train for it, perhaps with a gap between (data/split_order.h). Hold-out then
 *                   holds out the last rows, `forward` several parts of them one after another.
 *   both            forward, and of the training rows those go whose group is in the part to be predicted.
 *   said            a column of the table, or files of row numbers, say it (data/split_given.h).
 *
 * Stratified: each class is shuffled and dealt out on its own, so that every part has the classes
 * in proportion, and a class of two rows is in both parts. Hold-out leaves a class of one row in
 * training; k-fold deals it to one fold. Without labels nothing is stratified. Groups are dealt so that
 * the classes are as near to proportion as groups allow; order leaves no choice.
 *
 * A split is part of a study's identity: its hash is stored, and a resumed study whose split
 * differs is refused.
 *
 * A row whose label is unknown (-1) can neither teach nor judge: it is in no part at all, and its
 * fold_of is -1. Nor is a row that weighs 0.
 *
 * Shapes  a Split has n_folds parts of validation rows; hold-out has one. Who trains for a part stands in
 *         train[f], and only there: for hold-out and k folds these are all other labelled rows, forward in
 *         time they are earlier ones. A row is validated n_times times, by as many folds, or never; k folds
 *         repeated r times are r k folds, and then n_times is r. Stratified parts hold each class to within one
 *         row of its share, and k-fold parts also differ by at most one row in all.
 * Errors  ERR_CONFIG when the options cannot be met by so many rows, ERR_DATA when the rows
 *         themselves cannot be divided, ERR_MEMORY.
 */
#ifndef CONSORT_DATA_SPLIT_H
#define CONSORT_DATA_SPLIT_H
#include "data/split_parts.h"

/* Of a table; by classes or, of a quantity, by tenths of it (table_strata). */
bool split_rows(const Table *table, Arena *arena, SplitRows *out, Error *err);
/* Can these options be, of rows with an order or groups, or of which a column says it all? */
bool split_check(const SplitOptions *options, bool order, bool groups, bool given, Error *err);
/* `dir`: where files of row numbers are, NULL: here. */
bool split_divide(const SplitOptions *options, const SplitRows *rows, const char *dir, Arena *arena,
                  Split **out, Error *err);
/* The same of rows that have nothing to do with each other. */
bool split_make(const SplitOptions *options, const int32_t *labels, int n_rows, int n_classes,
                Arena *arena, Split **out, Error *err);

/* Divides rows 0..n-1. `labels` may be NULL. */
bool split_hold_out(const HoldOut *how, const int32_t *labels, int n, int n_classes, Arena *arena,
                    TwoParts *out, Error *err);
/* The same by groups and order, where rows have them. */
bool split_two(const HoldOut *how, const SplitRows *rows, Arena *arena, TwoParts *out, Error *err);
#endif
