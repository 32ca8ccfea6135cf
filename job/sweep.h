/* job/sweep.h - a study run, or continued, from its configuration.
 *
 * The same call on the same configuration continues a study that was interrupted, and the result is the
 * same. A sweep prints nothing and knows no signals: it tells a callback what happens, and looks at a flag
 * whether it is to end. Every trial is in the database before it is told.
 *
 *     Sweep sweep;
 *     if (!sweep_run(config, &(SweepOptions){.on_event = told}, arena, &sweep, &err)) ...
 *
 * Threads    callbacks come one at a time, from any of the sweep's threads.
 * Memory     what is filled in lives in the arena.
 * Errors     ERR_CONFIG where the study cannot be this one (another configuration or other data stand under
 * its
 *            name), ERR_DATA, ERR_STORE also when another process runs it. That no trial succeeded is none:
 * see
 *            the summary.
 */
#ifndef CONSORT_JOB_SWEEP_H
#define CONSORT_JOB_SWEEP_H
#include "job/line.h"
#include "job/load.h"
#include "job/place.h"

typedef struct Sweep Sweep;
struct Ranks;

typedef struct {
    PlaceOptions place;      /* on top of run.dir and run.db */
    bool fresh;              /* where there is one, a new study NAME-2, NAME-3, ...: config->name becomes its */
    bool join;               /* lend workers to the process of this host that runs the study, else run it */
    struct Ranks *ranks;     /* of this job (cluster/ranks.h): those above 0 train for rank 0. NULL: alone */
    const atomic_int *stop;  /* 1: trials end with their epoch, and everything is saved; NULL: never */
    void (*on_begin)(void *context, const Sweep *sweep); /* once, before the first trial */
    void (*on_event)(void *context, const StudyEvent *event);
    void (*on_joined_trial)(void *context, int number, const TrialRecord *record); /* trained for another */
    OnLine *on_line;         /* what people should hear besides */
    void *context;
} SweepOptions;

struct Sweep {
    Place place;
    Data data;              /* empty when trials run a program */
    TextList warnings;      /* what the data card warns of */
    StudyInfo info;
    StudyStart start;       /* was it there already? */
    int jobs;
    int seats;              /* trials at once that other ranks have room for; 0: alone */
    const char *edited;     /* that its space was edited, in words; NULL: it never was, or has another */
    const char *raised;     /* that --jobs has raised the lookback, in words; NULL: it has not */
    bool ended;             /* it came to an end, and `summary` says which; else it is another process's */
    StudySummary summary;
    const char *identity;   /* what workers of another process must have, too */
};

/* `config` is kept, and must live as long as `out`, which is filled as far as it got. */
bool sweep_run(Config *config, const SweepOptions *options, Arena *arena, Sweep *out, Error *err);

/* Whether sweep_run would begin: all that it refuses is refused, and nothing is written. Of `out` place, data,
 * info, jobs, raised and start.resumed are filled. */
bool sweep_look(Config *config, const PlaceOptions *said, bool fresh, Arena *arena, Sweep *out, Error *err);
/* Is there a target that ends it, of its metric or of several? */
bool sweep_has_target(const Config *config);

/* Makes of a configuration the study of one trial, without a search: constants and defaults. Its name gets
 * the configuration's hash: the same configuration is found again, another never gets in its way. */
bool sweep_single(Config *config, Arena *arena, Error *err);
/* The model file that the trial of such a study leaves. NULL: no memory. */
const char *sweep_single_model(const Sweep *sweep, Arena *arena);

/* For what may come before a study's first trial: is the study of a STUDY argument there? `config` is set
 * when it is named by its YAML file; only then it may be missing, and sweep_prepare makes it in its database,
 * not run. `place` then says where. */
bool sweep_there(const char *study, const PlaceOptions *said, Arena *arena, Config **config, bool *there,
                 Error *err);
bool sweep_prepare(Config *config, const PlaceOptions *said, Arena *arena, Place *place, Error *err);
#endif
