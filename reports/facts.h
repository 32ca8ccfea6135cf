/* reports/facts.h - what a report is made of: what it is given, and one study read once from the database.
 *
 * Memory  the arena; `params` belongs to `held`, which must outlive the facts.
 * Errors  ERR_STORE, ERR_MEMORY. Texts that could not be made are noted in out_of_memory instead of failing
 *         one by one.
 */
#ifndef CONSORT_REPORTS_FACTS_H
#define CONSORT_REPORTS_FACTS_H
#include "base/doc.h"
#include "data/task.h"
#include "engine/metrics.h"
#include "tuner/insight/sample.h"
#include "tuner/trial/stored.h"

/* What the report can draw on besides the database; NULL where there is none. */
typedef struct {
    Store *store; /* reading */
    const StudyInfo *study;
    const Task *task;      /* NULL: classes, or what only a program knows */
    const Doc *card;       /* data/card.h */
    const Doc *ensemble;   /* ensemble/build.h's summary */
    const Doc *validation; /* model/evaluate.h of the ensemble on validation rows */
    const Doc *test;       /* the same on the test set */
    const Doc *best_test;  /* of the best single trial on the test set */
    const Doc *inside;     /* inspect/inside.h */
    const Doc *augmented;  /* inspect/augmented.h */
    const Doc *best_interval; /* {low95, high95} of the study's metric of its best trial, over the rows */
    int n_alike;           /* so many, compared in pairs, cannot be told from the best; 0: not compared */
    const Doc *baselines;  /* job/baselines.h */
    const Doc *compared;   /* job/compared.h */
    const Doc *front_test; /* [{trial, metrics}] of members of the front, on the test set */
    bool untested;         /* the test set was opened for another ensemble than this one */
    const Doc *images;     /* [{row, truth, predicted, p, height, width, pixels "base64"}] mistakes */
    const Doc *deployment; /* [{path, bytes, sha256, note}] */
    const Doc *machine;    /* version, cpu, threads, libraries, command */
    int top;               /* rows of the leaderboard */
} ReportInput;

enum { FACTS_SHOWN = 2000, FACTS_BEST = 500 }; /* charts stay quick, and the page small */

typedef struct {
    const ReportInput *input;
    StudyInfo study;         /* as it stands in the database */
    Arena *arena;
    MetricId metric;         /* METRIC_COUNT when the study's is none we know */
    const TrialRow *trials;  /* (n_trials) in number order */
    const Doc **params;      /* (n_trials) the trials' parameters, NULL where they cannot be read */
    Doc *held;               /* owns them */
    int n_trials;
    const int *ranked;       /* (n_ranked) positions in `trials` of COMPLETE trials, best first */
    int n_ranked;
    Sample sample;           /* where these are from, and what models are made of */
    bool *shown;             /* (n_trials) in charts: the FACTS_BEST best, each that was the best so far, and an
                              * even sample of the rest */
    int n_shown;
    /* What its configuration says: goals, and which parameters are searched on a log scale. Where it cannot be
     * read, a report comes out all the same, and the trials' own values have to say it. */
    Stored stored;
    bool *out_of_memory;     /* set where a text could not be made; looked at once, at the end */
} Facts;

/* Fills all but out_of_memory, which the caller has set. */
bool facts_gather(const ReportInput *input, Arena *arena, Doc *held, Facts *facts, Error *err);
/* Of a study that is read in brief (sample.h), the trial that stands there whole, with its parameters. Those
 * shown and those of the leaderboard are. */
bool facts_whole(const Facts *facts, int at, Error *err);
int facts_top(const Facts *facts); /* rows of the leaderboard, at most */
/* What the study predicts: TASK_CLASSES also of a program. */
TaskKind facts_task(const Facts *facts);
/* trial_networks of one of its trials. */
int facts_networks(const Facts *facts, const TrialRow *trial);
/* `text`, or "" when there is none because memory ran out, which is then noted. */
const char *facts_text(const Facts *facts, const char *text);
#endif
