/* job/portfolio.h - settings that did well elsewhere, as first trials of a study.
 *
 * A search that knows nothing begins with points spread over the space. Networks on tables are not that
 * different from each other: a few settings that complement one another come near the best on most of
 * them (the idea of auto-sklearn 2.0's portfolios; Feurer and others 2022). Ours were chosen greedily from
 * 72 points of a Sobol sequence, trained on ten tables (bench/portfolio.py): each entry helps most beside
 * those before it. Rounded. Where numbers are predicted there are five others, after what was published of
 * networks for them: RealMLP's settings (the same paper as prep/prep.h), with each embedding of a number.
 *
 * Where `preset` itself is searched (job/presets.h), a study has a portfolio of its own: its presets in
 * their order, each with the settings that it has (config_space.c).
 *
 * An entry is fitted into the search space: what is searched takes its value, numbers clamped to their
 * range or to the nearest choice; words that are no choice there, and everything else, stay as they are.
 */
#ifndef CONSORT_JOB_PORTFOLIO_H
#define CONSORT_JOB_PORTFOLIO_H
#include "tuner/search/space.h"

enum { PORTFOLIO_SIZE = 5, PORTFOLIO_MOST = 16 };
/* `values` (n_params): in, the defaults; out, entry i of the portfolio. False: no memory. */
bool portfolio_fit(int i, bool numbers, const Space *space, Arena *arena, Value *values);
#endif
