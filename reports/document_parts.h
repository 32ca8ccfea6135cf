/* reports/document_parts.h - the parts of the document that are worked out from the facts, in the order in
 * which they are put in. document_trials.c writes what needs every trial, document_board.c the leaders,
 * document_crew.c who trained them, document_search.c what the trials say about the winner, document_insight.c
 * what they say about the settings.
 */
#ifndef CONSORT_REPORTS_DOCUMENT_PARTS_H
#define CONSORT_REPORTS_DOCUMENT_PARTS_H
#include "reports/noise.h"

bool document_leaderboard(const Facts *facts, const Noise *noise, Doc *document, Error *err);
/* counts, trials, parameters, constants, failures */
bool document_trials(const Facts *facts, Doc *document, Error *err);
/* When and where a trial is drawn in the timeline. */
typedef struct {
    double start; /* seconds after the study's first trial; NaN: it never ran */
    int lane;     /* which of its rows, from 0; -1: none */
} Slot;
typedef struct {
    int n;        /* rows */
    double span;  /* seconds from first to last */
    double share; /* of their time that trials took */
} Lanes;
/* crew, and by whom each trial (n_trials) was trained: of a study that several processes trained. Of others
 * nothing changes. */
bool document_crew(const Facts *facts, Slot *slots, Lanes *lanes, Doc *document, Error *err);
/* Into `trials`: of the trials shown, what the page's board sorts and filters by. */
bool document_board(const Facts *facts, const bool *shown, int n_shown, Doc *trials, Error *err);
bool document_curves(const Facts *facts, Doc *document, Error *err);
/* front: before the verdict, which speaks of it */
bool document_front(const Facts *facts, Doc *document, Error *err);
/* finalists; and what the verdict says of them, "" for nothing */
bool document_finalists(const Facts *facts, Doc *document, const char **sentence, Error *err);
/* importance, ablation; levels, where the search does not learn; stopping */
bool document_insight(const Facts *facts, Doc *document, Error *err);
/* A copy of an evaluation: of targets, where they are many or the evaluation is not the one `shown`, scores
 * without the lists that charts are drawn from. */
Doc *document_ensemble(const Doc *ensemble); /* of targets without what was evaluated, which stands beside it */
Doc *document_evaluation(const Doc *evaluation, bool shown);
/* baselines */
void document_baselines(const Facts *facts, Doc *document);
#endif
