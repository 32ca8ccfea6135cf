/* job/lookback.c - settles how many results a proposal may be behind, and how many trials run at a time. */
#include "job/lookback.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "job/kind.h"

/* Trials at the same time, as far as cores go, where so many are said; 0: none are. */
static int at_once(const Config *config, int said)
{
    if (said > 0) return said;
    /* A program may use every core, or the graphics card: only its owner knows how many fit. */
    if (!config->kind->trains) return 1;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int threads = config->run.threads_per_trial;
    return ((cores > 0 ? (int)cores : 1) + threads - 1) / threads;
}

bool lookback_stored(const Place *place, const char *name, Arena *arena, Stored *out, bool *found, Error *err)
{
    Store *store;
    Error why;
    StudyInfo *studies;
    int n;
    *out = (Stored){0};
    *found = false;
    if (!file_exists(place->db)) return true;
    if (!store_open(place->db, STORE_READ, &store, &why)) return why.code != ERR_MEMORY || error_memory(err);
    bool ok = store_studies(store, arena, &studies, &n, &why);
    for (int i = 0; ok && i < n; i++) {
        if (strcmp(studies[i].name, name) != 0) continue;
        ok = stored_read(&studies[i], arena, out, &why);
        *found = true;
    }
    store_close(store, NULL);
    return ok || why.code != ERR_MEMORY || error_memory(err);
}

bool lookback_settle(Config *config, const Place *place, Arena *arena, const char **raised, Error *err)
{
    int lookback = 0;
    Stored stored;
    bool found = false;
    *raised = NULL;
    if (!config->lookback_auto) return true;
    if (place && !lookback_stored(place, config->name, arena, &stored, &found, err)) return false;
    if (found) lookback = stored.lookback > 0 ? stored.lookback : LOOKBACK_ONCE;
    if (lookback == 0) {
        lookback = at_once(config, config->file_jobs);
        if (config->run.jobs > lookback && !config->run.async) {
            lookback = config->run.jobs;
            *raised = arena_print(arena, "run.lookback is %d, for so many jobs: a proposal may be that many"
                                  " results behind; the study keeps it, also with fewer jobs", lookback);
            if (!*raised) return error_memory(err);
        }
    }
    config->run.lookback = lookback < 4096 ? lookback : 4096;
    return true;
}

int lookback_at_once(const Config *config) { return at_once(config, 0); }

int sweep_jobs(const Config *config)
{
    int jobs = at_once(config, config->run.jobs), most = config->run.lookback;
    return jobs > most && !config->run.async ? most : jobs;
}

const char *sweep_fewer_jobs(const Config *config, Arena *arena)
{
    return arena_print(arena, "%d job%s, not %d: run.lookback is %d, and it is part of the study",
                       sweep_jobs(config), sweep_jobs(config) == 1 ? "" : "s", config->run.jobs,
                       config->run.lookback);
}
