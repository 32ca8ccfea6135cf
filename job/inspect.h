/* job/inspect.h - what a model, or the model of a study, does inside: inspect/inside.h with its rows found.
 *
 * Of a study the rows are those of its test set where that has been opened before (a look is recorded then, and
 * none is added here), else its validation rows: of k folds each row is answered by the networks that did not
 * train on it.
 *
 * Errors  ERR_INVALID where there is no such trial, member, network or row; ERR_DATA where a trial's files are
 *         gone.
 */
#ifndef CONSORT_JOB_INSPECT_H
#define CONSORT_JOB_INSPECT_H
#include "job/finished.h"

typedef struct {
    int trial;   /* of the study, or the member of that name; -1: the model, and its heaviest member */
    int member;  /* from 1; 0: as above */
    int net;     /* from 1; 0: the first, or the one that did not train on `row` */
    int row;     /* of data in its file, from 1, to explain; 0: none */
    double work; /* multiplications for importance and dependence; 0: some seconds' */
} InspectOptions;

/* `table` NULL: weights alone. The caller frees the document. */
bool inspect_model(const Model *model, const Table *table, const InspectOptions *options, Arena *arena,
                   Doc **out, Error *err);
/* Refuses a program's study. */
bool inspect_study(Finished *finished, const InspectOptions *options, Doc **out, Error *err);
/* The page of a report with nothing but this, into `path`. */
bool inspect_page(const Doc *inside, const char *path, Error *err);
/* mistakes[] of an evaluation of `table`, with their cells: of the columns that matter most by `inside` (NULL:
 * the first ones). */
bool inspect_mistakes(const Table *table, const Doc *inside, Doc *evaluation, Arena *arena, Error *err);
#endif
