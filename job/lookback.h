/* job/lookback.h - how many trials of a study run at the same time, and how many results its proposals may
 * be behind for that (run.lookback).
 *
 * Where the file does not say it, the lookback is what the configuration means to run at once when the study
 * begins: `run.jobs` of the file, else the cores for networks and one for a program. A larger --jobs raises
 * it, a smaller one changes nothing: a study is the same for any number of jobs up to its lookback. From then
 * on the study has it, in the configuration that its database keeps, and is continued with it on any machine.
 *
 * Memory  the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_JOB_LOOKBACK_H
#define CONSORT_JOB_LOOKBACK_H
#include "job/config.h"
#include "job/place.h"
#include "tuner/trial/stored.h"

/* What it was wherever nobody said it, until it followed the jobs. */
enum { LOOKBACK_ONCE = 8 };

/* Fills config->run.lookback where it is not given: of the study at `place`, or, where there is none yet (or
 * `place` is NULL), of the one that begins now. `*raised` says in words that --jobs raised it; else NULL. */
bool lookback_settle(Config *config, const Place *place, Arena *arena, const char **raised, Error *err);

/* What the study of that name at `place` has kept. A database that cannot be read, as while another process
 * makes it, has none yet: who is about to begin the study meets what is wrong with it. */
bool lookback_stored(const Place *place, const char *name, Arena *arena, Stored *out, bool *found, Error *err);

/* Trials at the same time where nobody said how many: as far as this host's cores go. */
int lookback_at_once(const Config *config);
/* Trials at the same time: run.jobs, or the cores when that is auto; at most the lookback, which is settled. */
int sweep_jobs(const Config *config);
/* That these are fewer than run.jobs, in words. NULL: no memory. */
const char *sweep_fewer_jobs(const Config *config, Arena *arena);
#endif
