/* Rungs, brackets, and who goes on. */
#include "tuner/search/rungs.h"

#include <math.h>

void ladder_make(const PrunerOptions *options, int full_epochs, Ladder *out)
{
    *out = (Ladder){.n = 1, .share = {1}, .eta = options ? options->eta : 3, .n_kinds = 1, .size = {1}};
    if (pruner_thaws(options)) out->eta = THAW_ETA;
    if (!pruner_pauses(options) || full_epochs < 1) return;
    double first = options->min_iter > 0 ? options->min_iter : pruner_grace(full_epochs);
    double shares[RUNGS_MAX];
    int n = 0; /* below the full run, the lowest last */
    if (options->min_iter > 0) {
        /* From the first rung up, as the user counts. */
        for (double epoch = first; n < RUNGS_MAX - 1 && epoch < full_epochs; epoch *= out->eta)
            shares[n++] = epoch / full_epochs;
        for (int i = 0; i < n; i++) out->share[i] = shares[i];
    } else {
        double share = 1 / out->eta;
        for (; n < RUNGS_MAX - 1 && floor(share * full_epochs + 0.5) >= first; share /= out->eta)
            shares[n++] = share;
        for (int i = 0; i < n; i++) out->share[i] = shares[n - 1 - i];
    }
    out->share[n] = 1;
    out->n = n + 1;
    out->n_kinds = options->type == PRUNER_HYPERBAND_SYNC ? n + 1 : 1;
    for (int b = 0; b < out->n_kinds; b++) {
        int above = n - b;
        double size = ceil((n + 1.0) / (above + 1.0) * pow(out->eta, above) - 1e-9);
        out->lowest[b] = b;
        out->size[b] = size < 1e6 ? (int)size : 1000000;
        if (options->bracket > 0 && b == 0) out->size[b] = options->bracket;
    }
}

int ladder_epoch(const Ladder *ladder, int rung, int full_epochs)
{
    if (rung >= ladder->n - 1) return full_epochs;
    double epoch = floor(ladder->share[rung] * full_epochs + 0.5);
    return epoch < 1 ? 1 : epoch > full_epochs ? full_epochs : (int)epoch;
}

Bracket ladder_bracket(const Ladder *ladder, int number, int from)
{
    int kind = number % ladder->n_kinds;
    return (Bracket){from, ladder->size[kind], ladder->lowest[kind]};
}

/* Places in the bracket by their score at a rung, those without hope left out; ties by number. */
static int rank(const Climber *climbers, int rung, int n, int *order)
{
    int kept = 0;
    for (int i = 0; i < n; i++) {
        int who = order[i], at = kept;
        double score = climbers[who].score[rung];
        if (isnan(score)) continue;
        for (; at > 0 && (climbers[order[at - 1]].score[rung] > score ||
                          (climbers[order[at - 1]].score[rung] == score && order[at - 1] > who));
             at--)
            order[at] = order[at - 1];
        order[at] = who;
        kept++;
    }
    return kept;
}

Promotion ladder_decide(const Ladder *ladder, int lowest, int n, bool full, const Climber *climbers,
                        bool *out, int *order)
{
    Promotion none = {-1, 0, false};
    if (!full) return none;
    int in = n;
    double share = n;
    for (int i = 0; i < n; i++) order[i] = i;
    for (int rung = lowest; rung < ladder->n; rung++) {
        for (int i = 0; i < in; i++) {
            const Climber *c = &climbers[order[i]];
            if (!c->over && c->reached < rung) return none; /* not all are there */
        }
        if (rung == ladder->n - 1) break;
        int ranked = rank(climbers, rung, in, order), most;
        share /= ladder->eta;
        most = share + 1e-9 < 1 ? 1 : (int)(share + 1e-9);
        in = ranked < most ? ranked : most;
        for (int i = 0; i < n; i++) {
            bool goes_on = false;
            for (int k = 0; k < in; k++) goes_on |= order[k] == i;
            if (!goes_on && !climbers[i].over) out[i] = true;
        }
        int next = -1;
        for (int k = 0; k < in; k++) {
            const Climber *c = &climbers[order[k]];
            if (!c->over && c->sent <= rung && (next < 0 || order[k] < next)) next = order[k];
        }
        if (next >= 0) return (Promotion){next, rung + 1, false};
    }
    return (Promotion){-1, 0, true};
}
