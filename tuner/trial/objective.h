/* tuner/trial/objective.h - what all trials of a study that trains networks stand on: its data, its fixed
 * settings, the space that they vary, what was encoded once for all of them, and the memory they share.
 *
 * The ground floor of the files that make a trial: costs (tuner/trial/cost.h), what its runs leave
 * (tuner/trial/gathered.h, tuner/trial/artifacts.h), and the trial itself (tuner/trial/networks.h).
 *
 * Threads   all workers hold the same Objective. Options and room are only read once it is made; the cache and
 *           the gate have locks of their own.
 * Memory    the options are copied, what they point to is borrowed.
 */
#ifndef CONSORT_TUNER_TRIAL_OBJECTIVE_H
#define CONSORT_TUNER_TRIAL_OBJECTIVE_H
#include "tuner/search/noise.h"
#include "tuner/trial/encoded.h"
#include "tuner/trial/gate.h"
#include "tuner/trial/goals.h"
#include "tuner/trial/settings.h"

typedef struct {
    const Table *table;
    const Split *split;
    const Settings *settings;
    const Settings *const *presets; /* what trials that draw one stand on, by preset_names; NULL: none does */
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
    const Goals *goals;    /* NULL or none: one metric */
    Race repeats;          /* of seeds; most below 2: no race */
} ObjectiveOptions;

typedef struct {
    ObjectiveOptions o;
    EncodedCache *encoded;
    double cap;   /* bytes that trials may take at most, by the study or the machine */
    double room;  /* and that there were to take */
    Gate *gate;   /* which holds that many */
} Objective;

bool objective_create(const ObjectiveOptions *options, Objective **out, Error *err);
void objective_destroy(Objective *objective);

/* What a trial's values are laid over: the settings of the preset that it draws, else the study's. */
const Settings *objective_base(const Objective *objective, const Value *values);
/* The fixed settings, those of its preset where it draws one, with a trial's values on top. */
bool objective_settings(const Objective *objective, const Value *values, Arena *arena, Settings *out,
                        Error *err);
/* The bytes that a trial with these settings takes (tuner/trial/footprint.h). */
bool objective_footprint(const Objective *objective, const Settings *settings, Arena *arena, double *bytes,
                         Error *err);
/* What to say of columns of many words, if embedding them would take much less: "; `town` has 3000 different
 * words: ... takes 80 MiB", else "". */
const char *objective_memory_cure(const Objective *objective, const Settings *settings, double bytes,
                                  Arena *arena);
/* The same of a trial's values; 0: they cannot be a network. */
double objective_memory(const Objective *objective, const Value *values);
/* Whether that lies within memory_cap: ERR_MEMORY when it does not. */
bool objective_fits(const Objective *objective, const Value *values, Error *err);
#endif
