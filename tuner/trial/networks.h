/* tuner/trial/networks.h - what one trial is: settings in, trained and scored networks out. The only
 * file in tuner/ that knows a network.
 *
 * A trial takes the fixed settings, puts the proposed values on top, and for each repeat and fold
 * fits preprocessing on the training rows, trains a network, and predicts the rows it did not see.
 * Its score is the metric over all validated rows together (out of fold, repeats averaged). What later
 * steps need is kept: probabilities, one model file of all its networks, confusion, curves.
 *
 * The result is a pure function of (settings, values, study seed, data, split): the random streams
 * are keyed by the study's seed and the hash of the values, not by the trial's number, so `consort
 * train` of a winner's configuration gives the winner, bit for bit.
 *
 * Encoded data are shared: each (preprocessing, fold) is fitted and encoded once and kept in a
 * cache that all workers read.
 *
 * Threads   objective_run may be called from many threads at once, each with its own arena.
 * Errors    only what stops a whole study (a full disk, a bug); all else is an outcome.
 */
#ifndef CONSORT_TUNER_TRIAL_NETWORKS_H
#define CONSORT_TUNER_TRIAL_NETWORKS_H
#include "data/split.h"
#include "engine/train.h"
#include "model/model.h"
#include "tuner/trial/runner.h"

/* Everything about a trial that can be fixed or searched. */
typedef struct {
    TrainOptions train;
    PrepOptions prep;
} Settings;

/* Which table of fields holds the setting of that (dotted) name; NULL when none does. */
const Field *settings_field(const char *name);
bool settings_assign(Settings *settings, const char *name, const Value *value, Arena *arena,
                     Error *err);
/* The value a setting has now; false when no setting has that name or it has no value. */
bool settings_get(const Settings *settings, const char *name, Arena *arena, Value *out);
/* All searchable names, NULL-terminated. */
const char *const *settings_names(Arena *arena);
/* Every parameter of the space names a setting and every value it can take is accepted by it.
 * ERR_CONFIG at the parameter. */
bool settings_check_space(const Settings *settings, const Space *space, Arena *arena, Error *err);
/* Names that constraints may use, and their order in `extras`. */
/* n_params, model_bytes, flops, n_features, n_classes, latency_us */
extern const char *const objective_extras[];
enum { OBJECTIVE_EXTRAS = 6 };

typedef struct {
    const Table *table;
    const Split *split;
    const Settings *settings;
    const Space *space;
    MetricId metric;
    int positive;          /* class for binary metrics; < 0: class 1 */
    uint64_t seed;         /* the study's */
    const char *name;      /* the study's, for model files */
    const char *folder;    /* artifacts go to <folder>/artifacts/; NULL: none are written */
    int threads;           /* of each run; 0: 1 */
    double time_cap_s;     /* a trial; 0: none */
    double memory_cap;     /* bytes of all trials and the table; 0: what the machine has */
    double checkpoint_s;   /* runs longer than this leave their state in the folder; 0: none do */
    const PrunerOptions *pruner;
} ObjectiveOptions;

typedef struct Objective Objective;
bool objective_create(const ObjectiveOptions *options, Objective **out, Error *err);
void objective_destroy(Objective *objective);
/* The constraints' extra values for an assignment, before anything is trained. ERR_CONFIG when
 * the values cannot be a network (two forms of architecture, a missing width). */
bool objective_cost(Objective *objective, const Value *values, double extras[OBJECTIVE_EXTRAS],
                    Error *err);

/* The work of training with these values, in multiplications of a forward pass: 0 where the values cannot be a
 * network. It follows from shapes and settings, not from any clock, so that a search may look at it. */
double objective_work(Objective *objective, const Value *values);

/* Whether a trial's footprint (tuner/trial/footprint.h) lies within memory_cap: ERR_MEMORY when it does not. */
bool objective_fits(Objective *objective, const Value *values, Error *err);

/* Waits until the trials under way leave room for this one. What is larger than all that was free when the
 * objective was made is FAILED as OOM, before anything is allocated.
 * Memory: `out` lives in the arena. */
bool objective_run(Objective *objective, const TrialTask *task, Arena *arena, TrialRecord *out,
                   Error *err);
/* The same as a study wants it. */
Runner objective_runner(Objective *objective);
#endif
