/* Who goes on: by the probability of becoming the best, and the improvement to be expected for its epochs. */
#include "tuner/search/thaw.h"

#include <math.h>
#include <stdlib.h>

#include "tuner/search/ends.h"
#include "tuner/search/limit.h"
#include "tuner/search/special.h"

/* Of the trials that began this share comes to the end, whatever is predicted. */
static const double always = 0.1;

int thaw_first(const Space *space)
{
    const int n = space->n_dims + 2;
    return n < 4 ? 4 : n > 12 ? 12 : n;
}

/* Who has a smaller chance of becoming the best waits. Bold at first, when predictions are wide and there is
 * much to gain from others; later a small chance is worth its epochs. */
static double least(const Thaw *question, int n_done)
{
    return 0.02 + (question->more ? 0.3 * exp(-n_done / 4.0) : 0);
}

typedef struct {
    double best;  /* the least score there is; infinite: none that counts */
    int n_done;
} Known;

/* Whether a run keeps the limits is known at its end. */
static bool counts(const Thaw *question, const Seen *seen)
{
    return isfinite(seen->score)
        && (question->n_limits == 0 || (seen->slack && limits_hold(question->n_limits, seen->slack)));
}

static Known look(const Thaw *question)
{
    Known known = {INFINITY, 0};
    for (int i = 0; i < question->n_seen; i++) {
        const Seen *seen = &question->seen[i];
        if (counts(question, seen)) known.best = fmin(known.best, seen->score);
        known.n_done += seen->state == SEEN_DONE;
    }
    return known;
}

/* A run that can be sent on. */
typedef struct {
    int at;
    double chance; /* of becoming the best */
    double worth;  /* the improvement to be expected for each epoch it lacks */
} Waiting;

static Waiting weigh(int at, const Seen *run, const End *end, double best)
{
    const double sigma = sqrt(end->variance), gain = best - end->mean;
    const double lacks = fmax(1, run->n_curve / run->share - run->n_curve);
    if (isinf(best)) return (Waiting){at, 1, 1 / lacks};
    if (!(sigma > 0)) return (Waiting){at, gain > 0, gain / lacks};
    return (Waiting){at, normal_cdf(gain / sigma), sigma * exp(log_improvement(gain / sigma)) / lacks};
}

static int by_chance(const void *a, const void *b)
{
    const Waiting *x = a, *y = b;
    if (x->chance != y->chance) return x->chance > y->chance ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

bool thaw_decide(const Thaw *question, Arena *arena, int *send, bool *out, Error *err)
{
    *send = -1;
    if (question->more && question->n_begun < question->first) return true;
    int *rows = ARENA_NEW(arena, int, question->n_seen + 1), n = 0;
    End *ends = ARENA_NEW(arena, End, question->n_seen + 1);
    Waiting *waiting = ARENA_NEW(arena, Waiting, question->n_seen + 1);
    if (!rows || !ends || !waiting) return error_memory(err);
    for (int i = 0; i < question->n_seen; i++) rows[i] = i;
    if (!ends_predict(question->seen, question->n_seen, rows, arena, ends, err)) return false;
    const Known known = look(question);
    for (int i = 0; i < question->n_seen; i++)
        if (question->ready[i] && !isnan(ends[i].mean))
            waiting[n++] = weigh(i, &question->seen[i], &ends[i], known.best);
    qsort(waiting, (size_t)n, sizeof *waiting, by_chance);
    const double enough = least(question, known.n_done);
    const bool few = known.n_done + question->n_on_the_way < always * question->n_begun;
    double most = -INFINITY;
    int n_low = 0;
    for (int k = 0; k < n; k++) {
        const bool low = waiting[k].chance < enough;
        if (low && ++n_low > THAW_WAITING) out[waiting[k].at] = true;
        if ((low && !few) || !(waiting[k].worth > most)) continue;
        most = waiting[k].worth;
        *send = waiting[k].at;
    }
    if (*send >= 0) out[*send] = false;
    return true;
}
