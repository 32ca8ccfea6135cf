/* job/load.h - data: what a configuration's `data` section leads to, and files that are named by themselves.
 *
 * Memory  everything in the arena.
 * Errors  a data file that cannot be read is ERR_DATA.
 */
#ifndef CONSORT_JOB_LOAD_H
#define CONSORT_JOB_LOAD_H
#include "base/doc.h"
#include "data/read.h"
#include "job/config.h"
#include "job/segments.h"

typedef struct {
    Table *train; /* the rows that are split into training and validation; NULL: trials run a program */
    Table *test;  /* NULL when there is none */
    Split *split;
    const char *test_said; /* how the test rows were taken from the table; NULL: at random, or they were not */
    int positive; /* the class of interest: report.positive_class, else ensemble.thresholds'; -1: neither */
    Segments train_by, test_by; /* report.by */
    char whole[65]; /* where the test rows are a part of one table: what table_fingerprint says of all of it */
} Data;
/* Says in a document how the rows were divided and weighed, where that is no plain split. */
void data_say_split(const Data *data, Doc *out);
/* The data card of a study's rows (data/card.h), with what its split has to say. NULL: no memory. */
Doc *data_card(const Data *data);
bool data_load(Config *config, Arena *arena, Data *out, Error *err);
/* To a message that the data are not a study's: that programs took dates and texts for words once, and how
 * such a study goes on. False. */
bool data_were_words(const Table *train, Error *err);

/* One file, read as `options` say; with a `schema`, as a model of that schema wants it. */
bool table_open(const DataFile *file, const ReadOptions *options, const Schema *schema, Arena *arena,
                Table **out, Error *err);
#endif
