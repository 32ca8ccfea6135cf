/* What the ranks of a job tell each other before they train: names, jobs, fingerprints. */
#define _GNU_SOURCE /* sched_getaffinity, CPU_COUNT */
#include "job/together.h"

#include <string.h>
#ifdef __linux__
#include <sched.h>
#endif

#include "job/lookback.h"

/* Cores that this process may use; 0: not known. */
static int cores_allowed(void)
{
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
    return 0;
}

/* As many as one process of this host would have, shared by its ranks, at most one for each core that what
 * started them has left to this one. */
static int jobs_beside(const Config *config, const Ranks *ranks)
{
    const int all = lookback_at_once(config), cores = cores_allowed();
    const int share = all / ranks_beside(ranks), fit = cores / config->run.threads_per_trial;
    const int jobs = cores > 0 && fit < share ? fit : share;
    return jobs > 0 ? jobs : 1;
}

bool together_settle(Config *config, Ranks *ranks, bool ok, Arena *arena, Error *err)
{
    const Doc *said;
    Doc *facts = NULL;
    if (!ranks) return ok;
    if (ranks_rank(ranks) == 0) {
        facts = doc_object();
        doc_set_text(facts, "name", config->name);
        doc_set_number(facts, "lookback", config->run.lookback);
    }
    if (!ranks_hear(ranks, ok, facts, &said, err)) return false;
    if (ranks_rank(ranks) == 0) return true;
    config->name = arena_copy(arena, doc_to_text(doc_get(said, "name"), config->name));
    config->run.lookback = (int)doc_to_number(doc_get(said, "lookback"), LOOKBACK_ONCE);
    config->lookback_auto = false;
    if (config->run.jobs == 0) config->run.jobs = jobs_beside(config, ranks);
    return config->name || error_memory(err);
}

/* What must be the same, from the outside in: the first that differs is the reason for those after it. */
static const struct {
    const char *key, *what;
    ErrorCode code;
} alike[] = {
    {"version", "another version of consort", ERR_CONFIG},
    {"config", "another configuration", ERR_CONFIG},
    {"data", "other data", ERR_DATA},
    {"split", "other rows in its folds", ERR_DATA},
};

static Doc *facts_of(const StudyInfo *info, int jobs)
{
    Doc *facts = doc_object();
    doc_set_text(facts, "version", CONSORT_VERSION);
    doc_set_text(facts, "config", info->config_sha256);
    doc_set_text(facts, "data", info->data_sha256);
    doc_set_text(facts, "split", info->split_sha256);
    doc_set_number(facts, "jobs", jobs);
    return facts;
}

typedef struct {
    Doc *here;
    int *seats;
} Comparison;

static bool same(void *context, int rank, const Doc *facts, Error *err)
{
    Comparison *c = context;
    (void)rank;
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
        const char *there = doc_to_text(doc_get(facts, alike[i].key), "");
        const char *here = doc_to_text(doc_get(c->here, alike[i].key), "");
        if (strcmp(there, here) != 0)
            return error_set(err, alike[i].code, "it has %s than rank 0: %.12s there, %.12s here; all"
                             " ranks read the same files", alike[i].what, there, here);
    }
    const double jobs = doc_to_number(doc_get(facts, "jobs"), 1);
    *c->seats += jobs >= 1 && jobs <= 1e6 ? (int)jobs : 1;
    return true;
}

bool together_ready(Ranks *ranks, const StudyInfo *info, int jobs, bool ok, int *seats, Error *err)
{
    if (!ranks) return ok;
    Comparison c = {ok ? facts_of(info, jobs) : NULL, seats};
    ok = ranks_agree(ranks, ok, doc_copy(c.here), ok ? same : NULL, &c, err);
    doc_free(c.here);
    return ok;
}

static int n_hosts(const Ranks *ranks)
{
    int n = 0;
    for (int i = 1, j; i < ranks_size(ranks); i++) {
        for (j = 1; j < i && strcmp(ranks_host(ranks, i), ranks_host(ranks, j)) != 0; j++) {}
        n += j == i;
    }
    return n;
}

const char *together_said(const Config *config, const Ranks *ranks, int seats, bool *idle, Arena *arena)
{
    const int n = ranks_size(ranks) - 1, hosts = n_hosts(ranks);
    *idle = seats > config->run.lookback && !config->run.async;
    const char *line = arena_print(arena, "%d rank%s on %d host%s train%s for rank 0, %d trial%s at once", n,
                                   n == 1 ? "" : "s", hosts, hosts == 1 ? "" : "s", n == 1 ? "s" : "",
                                   seats, seats == 1 ? "" : "s");
    if (!*idle || !line) return line;
    return arena_print(arena, "%s at most, and run.lookback, which is part of the study, is %d: no more run"
                       " than that. A new study with `run.lookback: %d` (--set, --fresh) has all at work", line,
                       config->run.lookback, seats);
}
