/* Kendall's tau of what was expected with what came, as a weight. */
#include "tuner/search/agreement.h"

#include <math.h>

#include "tuner/search/crowd.h"
#include "tuner/search/prior.h"

/* The prior is judged by so many trials, the first ones, half of which were blind; after FADED it has no
 * say. */
enum { JUDGES = 64, FADED = 50 * (int)PRIOR_BETA };

double agreement(int n, const double *said, const double *y)
{
    int m = 0, pairs = 0, balance = 0;
    for (int i = 0; i < n; i++) {
        if (!isfinite(y[i])) continue;
        m++;
        for (int j = 0; j < i; j++) {
            if (!isfinite(y[j]) || y[i] == y[j]) continue;
            pairs++;
            balance += said[i] == said[j] ? 0 : (y[i] < y[j]) == (said[i] < said[j]) ? 1 : -1;
        }
    }
    if (m < 2 || pairs == 0) return AGREEMENT_OPINION;
    const double tau = (double)balance / pairs, error = sqrt(2.0 * (2 * m + 5) / (9.0 * m * (m - 1)));
    const double related = sin(1.5707963267948966 * fmax(tau - error, -1)); /* of normal variables */
    return fmax((AGREEMENT_TRIALS * AGREEMENT_OPINION + m * related) / (AGREEMENT_TRIALS + m), 0);
}

double agreement_with_prior(const Ask *ask)
{
    double said[JUDGES], y[JUDGES];
    int n = 0, m = 0;
    if (!space_has_prior(ask->space)) return 0;
    for (int i = 0; i < ask->n_seen; i++) {
        const Seen *seen = &ask->seen[i];
        if (!seen_settled(seen)) continue;
        n++;
        if (m == JUDGES || seen->state != SEEN_DONE || !seen_scored(seen)) continue;
        said[m] = -space_log_prior(ask->space, seen->u, NULL);
        y[m++] = seen->score;
    }
    if (n > FADED) return 0;
    return PRIOR_BETA / (n > 1 ? n : 1) * fmin(1, agreement(m, said, y) / AGREEMENT_OPINION);
}
