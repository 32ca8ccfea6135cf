/* job/segments.h - rows by the levels of a column of their file, whether a network learns from it or not.
 *
 * The columns are read from the file once more, by themselves: a feature is encoded and may have been left
 * out, an attribute such as sex or region often is on purpose. Words are levels, by their number of rows
 * (most first; of more than SEGMENT_LEVELS the rest are one); numbers of few values likewise, of others
 * quarters by quartiles. Missing is a level.
 *
 * Memory  the arena.
 * Errors  ERR_CONFIG for a column that is not there, and for pictures, which have none.
 */
#ifndef CONSORT_JOB_SEGMENTS_H
#define CONSORT_JOB_SEGMENTS_H
#include "data/read.h"
#include "job/config.h"
#include "model/evaluate.h"

enum { SEGMENT_LEVELS = 20 };

typedef struct {
    int n;
    const Segmentation *of; /* (n) one a column */
} Segments;

/* Of the columns of a table. */
bool segments_of(const Table *columns, Arena *arena, Segments *out, Error *err);
/* The columns `by` of the rows of `table`, which was read from `file`, with a model's schema (all its rows) or
 * without (those with a class). `said`: what messages begin with, "--by" or "report.by". */
bool segments_read(const DataFile *file, const ReadOptions *read, const Table *table, bool with_schema,
                   const TextList *by, const char *said, Arena *arena, Segments *out, Error *err);
/* Of the training and test rows that data_load made of a configuration; `test` may be NULL. */
bool segments_load(const Config *config, const TextList *by, const char *said, const Table *train,
                   const Table *test, Arena *arena, Segments *of_train, Segments *of_test, Error *err);
#endif
