/* tuner/search/ends.h - where runs that wait will probably end, and how sure that is.
 *
 * What a run lacks is the gain g of the epochs that it did not have. It is read off two things: its own
 * gain s in the second half of its epochs, which a run that still learns has more of; and the gains of
 * those that came to the end, those nearest in what they had reached at that age first. In units of S, the
 * distance from the median of all runs to the best at that age:
 *
 *     g = c s + b + e,   c ~ N(c0, (0.7 c0)^2),   b ~ N(0, 0.2^2),   e ~ N(0, v)
 *
 * c0 is the gain of all further doublings of the epochs, had each half of the one before. c and b follow
 * from those that ended by Bayes' rule, each with weight exp(-|x_j - x| / h), x the best value so far, h =
 * S / 2; v is the mean of their squared errors (with twice that h) and of 3 errors that learning curves in
 * general let expect. So without any that ended there is a prediction, too, and a wide one. What is
 * uncertain of c and b counts as well. No run ends worse than it is.
 *
 * Others are looked at where they had the same share of their epochs, at most ENDS_PEERS of those that
 * ended, those nearest in x. The constants: bench/NOTES.md, Freeze and thaw.
 *
 * Errors  ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_SEARCH_ENDS_H
#define CONSORT_TUNER_SEARCH_ENDS_H
#include "tuner/search/sampler.h"

enum { ENDS_PEERS = 200 };

typedef struct {
    double mean, variance; /* of the score; nan, 0: it is none that waits and has a score and a curve */
} End;

/* Of seen[rows[i]], i < n, into out[i]. */
bool ends_predict(const Seen *seen, int n, const int *rows, Arena *arena, End *out, Error *err);
#endif
