/* reports/verdict_parts.h - what the files of the verdict share: who writes, and how numbers are said.
 *
 * verdict.c orders the sentences, the most important first; verdict_words.c says numbers, verdict_compared.c
 * what beats what; verdict_front.c speaks of several goals, verdict_care.c of what a reader has to be careful
 * with.
 */
#ifndef CONSORT_REPORTS_VERDICT_PARTS_H
#define CONSORT_REPORTS_VERDICT_PARTS_H
#include "reports/noise.h"

typedef struct {
    double value, low, high;
} Estimate;

typedef struct {
    const Facts *facts;
    const Noise *noise;
    const Doc *document;        /* so far */
    const char *metric, *label; /* "f1_macro", "macro F1" */
    bool maximize, program;
    int n_members;              /* of the ensemble; 0: there is none */
    Estimate test, single, validation; /* the model on both sets, the best trial on the test set */
    Doc *out, *sentences, *caveats;
} Verdict;

/* NULL texts are noted as memory that ran out. */
void verdict_say(Verdict *v, const char *text);
void verdict_warn(Verdict *v, const char *text);
const char *verdict_score(Verdict *v, double value);
/* An accuracy, a loss, an MCC. */
const char *verdict_article(const char *noun);
/* "+0.0012": better is above 0, whatever the metric. */
Estimate verdict_estimate(const Doc *evaluation, const char *metric);
void verdict_put(Doc *parent, const char *key, Estimate estimate);

/* Members `gain`, `single` and `compared`, and what is to be said of the best trial and the baselines. Returns
 * how much worse than the best trial the ensemble is on the test set, where it is; else 0. */
double verdict_loss(Verdict *v);
void verdict_gain(Verdict *v);
void verdict_baselines(Verdict *v);
/* How classes are decided for, and what that does to the comparison with a single trial. */
void verdict_decision(Verdict *v);

/* verdict_numbers.c. The headline without its end, where numbers have words of their own; else NULL. */
const char *verdict_headline(Verdict *v, const char *who, double value);
void verdict_explains(Verdict *v);
const char *verdict_below(Verdict *v, const char *name, double model, double other);
void verdict_promises(Verdict *v);

/* Was a front asked for? Then it is the headline; NULL: it was not. */
const char *verdict_front(Verdict *v);
/* The smallest of the trials that cannot be told from the best, and the size of the ensemble beside it. */
void verdict_size(Verdict *v);

void verdict_care(Verdict *v);
#endif
