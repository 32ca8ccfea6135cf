/* tuner/store/repeat_rows.h - leaders run again on fresh seeds (tuner/insight/finalists.h): one row a
 * run that has ended, so one that was cut short is simply run again.
 */
#ifndef CONSORT_TUNER_STORE_REPEAT_ROWS_H
#define CONSORT_TUNER_STORE_REPEAT_ROWS_H
#include "tuner/store/store.h"

typedef struct {
    int64_t trial_id;
    int number;               /* of the trial; filled when read */
    int run;                  /* 1, 2, ... */
    uint64_t seed;            /* repeat_seed: `consort train` with it gives the same */
    TrialState state;         /* COMPLETE, FAILED */
    double value, value_sd;   /* as a trial's */
    int epochs;
    double seconds;
    const char *fail_code, *fail_text;
    const char *host;         /* of another worker; NULL, and pid 0: this process, filled by the store */
    int pid;
    int worker;               /* who trained it; 0: this process. Not read back */
    const char *end_utc;      /* filled by the store */
    double first;             /* the trial's own value, when read; NaN: it may not be ranked (any more) */
} RepeatRow;
extern const RowTable repeat_columns;

/* Waits until it is on disk. A row that is there stays: it says the same. */
bool store_repeat(Store *store, const RepeatRow *row, Error *err);
/* In order of trial and run. */
bool store_repeats(Store *store, int64_t study_id, Arena *arena, RepeatRow **out, int *n, Error *err);
#endif
