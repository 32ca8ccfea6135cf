/* What the ranks of a job tell each other before they train: names, jobs, fingerprints. */
#define _GNU_SOURCE /* sched_getaffinity, CPU_COUNT */
#include "job/together.h"

#include <string.h>
#ifdef __linux__
#include <sched.h>
#endif

#include "job/lookback.h"
#include "job/self.h"
#include "job/transfer.h"

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

/* A rank above 0 has from rank 0 what was made of the study's space. */
static bool hear_edits(Config *config, const Doc *said, Arena *arena, Error *err)
{
    EditedSpace *edited = ARENA_NEW(arena, EditedSpace, 1);
    if (!edited) return error_memory(err);
    config->heard = edited;
    return edited_hear(said, arena, edited, err);
}

bool together_settle(Config *config, Ranks *ranks, bool ok, const EditedSpace *edited, Arena *arena,
                     Error *err)
{
    const Doc *said;
    Doc *facts = NULL;
    if (!ranks) return ok;
    if (ranks_rank(ranks) == 0) {
        facts = doc_object();
        doc_set_text(facts, "name", config->name);
        doc_set_number(facts, "lookback", config->run.lookback);
        doc_set_number(facts, "cost_aware", config->cost_aware);
        if (ok && !edited_tell(edited, doc_set(facts, "edited", doc_object()))) ok = error_memory(err);
        Text text = {0};
        if (config->transferred && transfer_print(config, &text)) doc_set_text(facts, "transfer", text.bytes);
        text_free(&text);
    }
    if (!ranks_hear(ranks, ok, facts, &said, err)) return false;
    if (ranks_rank(ranks) == 0) return true;
    config->name = arena_copy(arena, doc_to_text(doc_get(said, "name"), config->name));
    config->run.lookback = (int)doc_to_number(doc_get(said, "lookback"), LOOKBACK_ONCE);
    config->lookback_auto = false;
    config->cost_aware = (int)doc_to_number(doc_get(said, "cost_aware"), 0);
    const char *transfer = doc_to_text(doc_get(said, "transfer"), NULL);
    if (transfer && !transfer_take(config, transfer, arena, err)) return false;
    if (config->run.jobs == 0) config->run.jobs = jobs_beside(config, ranks);
    return config->name ? hear_edits(config, doc_get(said, "edited"), arena, err) : error_memory(err);
}

/* What this rank is, as rank 0 will judge it. NULL: no memory, `err`. */
static Doc *facts_of(const PeerFacts *facts, Error *err)
{
    Text text = {0};
    Doc *doc = NULL;
    if (!facts_print(facts, &text)) error_memory(err);
    else doc = doc_parse(text.bytes, text.n, err);
    text_free(&text);
    return doc;
}

typedef struct {
    FactsJudge judge;
    int *seats;
} Comparison;

/* What is wrong with it, as it is said of those that join. What is only doubtful is said when it joins. */
static bool judged(void *context, int rank, const Doc *said, Error *err)
{
    Comparison *c = context;
    const PeerFacts *here = c->judge.host;
    PeerFacts there;
    FactsVerdict verdict;
    Text text = {0};
    bool ok = doc_print(said, 0, &text) && facts_read(text.bytes, text.n, c->judge.arena, &there);
    text_free(&text);
    if (!ok) return error_set(err, ERR_INVALID, "rank %d says nothing of itself that is understood", rank);
    facts_judge(&c->judge, &there, facts_clock(), &verdict);
    const bool same = strcmp(here->version, there.version) == 0
                   && strcmp(here->configuration, there.configuration) == 0;
    if (verdict.refusal[0]) return error_set(err, same ? ERR_DATA : ERR_CONFIG, "%s", verdict.refusal);
    *c->seats += there.seats > 0 ? there.seats : 1;
    return true;
}

bool together_ready(const TogetherRank *self, Ranks *ranks, bool ok, int *seats, Arena *arena, Error *err)
{
    PeerFacts facts;
    Doc *doc = NULL;
    if (!ranks) return ok;
    Comparison c = {{.host = &facts, .arena = arena}, seats};
    ok = ok && self_facts(self->config, self->info, self->folder, ranks_rank(ranks), arena, &facts, err);
    if (ok) {
        facts.seats = self->jobs;
        ok = (doc = facts_of(&facts, err)) != NULL;
    }
    return ranks_agree(ranks, ok, doc, ok ? judged : NULL, &c, err);
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
                       " than that. A new study with `run.lookback: %d` (--set, --fresh) has all at work while"
                       " trials last alike, four to eight times as many where they differ", line,
                       config->run.lookback, seats);
}
