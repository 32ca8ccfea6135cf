/* reports/findings.h - what the trials taught (tuner/insight) and what was built of them (ensemble/build.h), as
 * JSON and as sentences for people.
 *
 * Sentences are made in the arena: NULL where memory ran out. Documents belong to the caller.
 */
#ifndef CONSORT_REPORTS_FINDINGS_H
#define CONSORT_REPORTS_FINDINGS_H
#include "base/doc.h"
#include "ensemble/build.h"
#include "tuner/insight/finalists.h"
#include "tuner/insight/importance.h"
#include "tuner/insight/posterior.h"

/* {n_trials, n_scored, n_top, top_share, left_out, n_sure, warning, parameters: [...], pairs: [...], map:
 * {...}}: docs/reference/report.md. */
Doc *importance_doc(const Importance *importance, const Space *space);
/* {trials: [{trial, value, mean}]} */
Doc *posterior_doc(const Posterior *posterior);
/* Who won, and by what, in a sentence or two; "" for n 0. */
const char *finalists_sentence(const Finalist *finalists, int n, Arena *arena);
/* [{trial, runs, failed, value, mean, sd, fresh, low95, high95}] */
Doc *finalists_doc(const Finalist *finalists, int n);
/* ensemble.json: method, metric, score, best_single {trial, score}, gain, reason, rows, considered,
 * members [{trial, weight, score, params {...}, n_params}] heaviest first, disagreement [[...]] between
 * them, curve, temperature (1 where scales differ), calibration {method, loss {method: cross-validated log
 * loss}, scale [...], bias [...] or null}, decision (weights) and cost (by rows) [...] or null, what they were
 * `asked` for and whether that is `assured` (best_single has these, too), rule (decision in a sentence),
 * log_loss and ece {before, after} the calibration, n_params, bytes, path, sha256, skipped [{trial, why}],
 * validation. Trials go by number. */
Doc *ensemble_doc(const Ensemble *ensemble);
#endif
