/* reports/document_internal.h - what the parts of document.c share: one study, read once.
 *
 * document.c gathers the facts and puts the document together; document_trials.c writes what needs
 * every trial; document_search.c what they say about the settings; verdict.c turns the rest into sentences.
 */
#ifndef CONSORT_REPORTS_DOCUMENT_INTERNAL_H
#define CONSORT_REPORTS_DOCUMENT_INTERNAL_H
#include "engine/metrics.h"
#include "reports/document.h"

typedef struct {
    const ReportInput *input;
    StudyInfo study;         /* as it stands in the database */
    Arena *arena;
    MetricId metric;         /* METRIC_COUNT when the study's is none we know */
    const TrialRow *trials;  /* (n_trials) in number order */
    const Doc *const *params; /* (n_trials) the trials' parameters, NULL where they cannot be read */
    int n_trials;
    const int *ranked;       /* (n_ranked) positions in `trials` of COMPLETE trials, best first */
    int n_ranked;
    const Space *space;      /* NULL when the stored configuration cannot be read */
    bool *out_of_memory;     /* set where a text could not be made; looked at once, at the end */
} Facts;

/* `text`, or "" when there is none because memory ran out, which is then noted. */
const char *facts_text(const Facts *facts, const char *text);

/* A trial whose value differs from the best by less than `band` cannot be told from it. */
typedef struct {
    double error, band;    /* standard error of the best value; 2 x sqrt(2) x that; NaN: unknown */
    const char *method;    /* how `error` was found, for the reader; NULL: it was not */
    int64_t n_rows;        /* validation rows; 0: unknown */
    int n_alike;           /* first so many of the leaderboard; 1: the best stands alone */
    double optimism;       /* how much of the best value may be luck, at most; NaN: unknown */
} Noise;

bool noise_estimate(const Facts *facts, Noise *out, Error *err);
/* Expected maximum of n independent standard normal draws. */
double expected_maximum(int n);

/* counts, trials, parameters, constants, failures */
bool document_trials(const Facts *facts, Doc *document, Error *err);
bool document_leaderboard(const Facts *facts, const Noise *noise, Doc *document, Error *err);
/* front: before the verdict, which speaks of it */
bool document_front(const Facts *facts, Doc *document, Error *err);
/* posterior; and what the verdict says of it, "" for nothing */
bool document_posterior(const Facts *facts, Doc *document, const char **sentence, Error *err);
/* finalists; and what the verdict says of them, "" for nothing */
bool document_finalists(const Facts *facts, Doc *document, const char **sentence, Error *err);
/* importance */
bool document_importance(const Facts *facts, Doc *document, Error *err);
bool document_curves(const Facts *facts, Doc *document, Error *err);
/* `ran` and `why` are the sentences above. */
void document_verdict(const Facts *facts, const Noise *noise, const char *ran, const char *why, Doc *document);
#endif
