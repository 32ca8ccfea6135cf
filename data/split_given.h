/* data/split_given.h - splits that somebody has made: a column of the table, or files of row numbers, say it.
 *
 * A column says `train`, `valid` (val, validation, dev) or `test` of each row, in any case; or the number of
 * the fold
 * that validates it, 0 .. k-1 or 1 .. k, beside which `test` may stand. One that says only train and test
 * leaves it to data.split how the training rows are divided.
 *
 * Files hold one number a line, of rows of the data file, from `base`; blank lines and what follows a # are
 * passed over. A row without a label has its number, and is in no part. Without a file of training rows all
 * train that neither validate nor test.
 */
#ifndef CONSORT_DATA_SPLIT_GIVEN_H
#define CONSORT_DATA_SPLIT_GIVEN_H
#include "data/split_parts.h"

/* Does the column say more than which rows test? */
bool given_validates(const SplitRows *rows);
bool split_by_column(const SplitRows *rows, Arena *arena, Split *out, Error *err);
bool split_by_files(const SplitOptions *options, const SplitRows *rows, const char *dir, Arena *arena,
                    Split *out,
                    Error *err);
/* The test rows that the table or files of row numbers name themselves. `out->n_held` 0: they name none. */
bool split_given_test(const SplitOptions *options, const SplitRows *rows, const char *dir, Arena *arena,
                      TwoParts *out, Error *err);
#endif
