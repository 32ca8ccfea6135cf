/* job/list.h - a study's trials as the answer to one question: a row each, with a column per parameter. */
#ifndef CONSORT_JOB_LIST_H
#define CONSORT_JOB_LIST_H
#include "job/open.h"

typedef struct {
    const char *state;   /* only trials in this state; NULL: in any */
    const char *where;   /* SQL: only trials for which it is true */
    const char *sort;    /* SQL: order by it; NULL: by number, or with `top` and `front` the best first */
    const char *columns; /* only these, separated by commas */
    int top;             /* only so many; 0: all */
    int most;            /* without `top` at most so many; 0: all */
    bool front;          /* only those that no other beats in every goal */
} ListOptions;

/* The question in SQL, for store_query; in the arena of `open`. Its last column is for list_words and not for
 * people. NULL with an error. */
const char *list_question(const OpenStudy *open, const ListOptions *options, Error *err);
/* SQL knows neither truth values nor a null that is a value: puts true, false and null into the cells of a row
 * where the trial has them. `context` is the OpenStudy. False: no memory. */
bool list_words(const void *context, int n, const char *const *columns, Value *cells, Arena *arena);
/* The studies of a database, a row each: study, state, method, metric, trials, best, best_trial. They are
 * added to `rows`, an array. */
bool list_studies(const char *db, Doc *rows, Error *err);
#endif
