/* reports/document.h - everything a report says, as one JSON document.
 *
 * Reports are data first: this document is `report.json`; the HTML page draws it, Markdown and the
 * terminal print it, and no number is shown anywhere that is not in it. Its keys are listed in
 * docs/report.md and versioned by "schema".
 */
#ifndef CONSORT_REPORTS_DOCUMENT_H
#define CONSORT_REPORTS_DOCUMENT_H
#include "base/doc.h"
#include "tuner/store/store.h"

/* What the report can draw on besides the database; NULL where there is none. */
typedef struct {
    Store *store; /* reading */
    const StudyInfo *study;
    const Doc *card;       /* data/card.h */
    const Doc *ensemble;   /* ensemble/build.h's summary */
    const Doc *validation; /* model/evaluate.h of the ensemble on validation rows */
    const Doc *test;       /* the same on the test set */
    const Doc *best_test;  /* of the best single trial on the test set */
    const Doc *images;     /* [{row, truth, predicted, p, height, width, pixels "base64"}] mistakes */
    const Doc *deployment; /* [{path, bytes, sha256, note}] */
    const Doc *machine;    /* version, cpu, threads, libraries, command */
    int top;               /* rows of the leaderboard */
} ReportInput;

bool document_make(const ReportInput *input, Arena *arena, Doc **out, Error *err);
#endif
