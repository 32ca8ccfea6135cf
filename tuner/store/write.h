/* tuner/store/write.h - the records that travel through the queue, and what each becomes in the tables.
 *
 * Memory  a record owns its copies until store_record_free.
 */
#ifndef CONSORT_TUNER_STORE_WRITE_H
#define CONSORT_TUNER_STORE_WRITE_H
#include "tuner/store/sql.h"

typedef enum {
    RECORD_BEGIN, RECORD_AGAIN, RECORD_EPOCH, RECORD_END, RECORD_DROP, RECORD_EVENT, RECORD_JOINED, RECORD_LEFT,
    RECORD_LOST, RECORD_GIVEN
} RecordKind;

/* A copy of a row, its texts behind it in the same block. `utc` is when it happened: it may be written with
 * what came later. */
typedef struct {
    TrialRow row;
    Doc *params;
    char utc[32];
} BeginRecord;

typedef struct {
    const char *code, *text;
} TextRecord;

/* A copy, as in BeginRecord. */
typedef struct {
    WorkerRow row;
    char utc[32];
} WorkerRecord;

typedef struct {
    WorkerEnd why; /* LEFT */
    double seconds; /* LOST */
    char utc[32];
} LossRecord;

/* Itself a copy; what it points to is borrowed: its sender waits. */
typedef struct {
    const TrialRow *row;
    const MetricRow *metrics;
    const ConfusionRow *confusions;
    const ArtifactRow *artifacts;
    int n_metrics, n_confusions, n_artifacts;
    char utc[32];
} EndRecord;

struct Record {
    RecordKind kind;
    bool again;          /* BEGIN: the row is there, QUEUED, of an earlier attempt */
    int number;          /* BEGIN */
    int attempt;         /* BEGIN, LOST */
    int worker;          /* BEGIN: this process; JOINED, LEFT, LOST, GIVEN: which one */
    int64_t study_id, trial_id;
    union {
        EpochRow epoch;
        BeginRecord *begin; /* BEGIN, AGAIN (whose parameters are there) */
        TextRecord *text; /* DROP, EVENT */
        EndRecord *end;
        WorkerRecord *joined;
        LossRecord loss; /* LEFT, LOST */
    } as;
};

/* In a transaction. */
bool store_record_write(Store *store, const Record *record, Error *err);
void store_record_free(Record *record); /* what it owns */
/* Does the study have this configuration with this seed? */
bool store_trial_there(Store *store, int64_t study_id, const TrialRow *row, bool *there, Error *err);
/* The rows of `param`, from a trial's parameters. */
bool store_params_write(Store *store, int64_t trial_id, const Doc *params, Error *err);
#endif
