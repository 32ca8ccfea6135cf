/* job/import.h - another tool's trials as a warm start: complete trials of its file become trials of the
 * study, seen by the sampler from the start and never trained again. What fits, and what is done about
 * names, says tuner/exchange/exchange.h.
 */
#ifndef CONSORT_JOB_IMPORT_H
#define CONSORT_JOB_IMPORT_H
#include "base/names.h"
#include "job/place.h"
#include "tuner/exchange/exchange.h"

#define IMPORT_TOOL_LIST(X)                                 \
    X(IMPORT_OPTUNA, "optuna") X(IMPORT_CSV, "csv")         \
    X(IMPORT_WANDB_CSV, "wandb-csv") X(IMPORT_CONSORT, "consort")
typedef enum { IMPORT_TOOL_LIST(LIST_ID) } ImportTool;
extern const char *const import_tools[];

typedef struct {
    const char *study;          /* a STUDY (job/open.h), or a configuration that was not run yet */
    PlaceOptions place;
    const char *from, *file;    /* the tool, one of import_tools; its file */
    const char *foreign_study;  /* in that file; NULL: the only one */
    const char *metric;         /* what the score is called there; NULL: it is found */
    const Rename *renames;      /* what a parameter is called there */
    int n_renames;
    bool dry;                   /* nothing is written */
} ImportOptions;

typedef struct {
    const char *where, *why;    /* "trial 12"; "`dropout` is 0.7 there; ..." */
} Refused;

typedef struct {
    Place made;                 /* the study was not there, and was made here; db NULL: it was there, or dry */
    const char *study;          /* its name */
    int n_found, n_fit, n_added, n_not_complete; /* n_fit - n_added were there already */
    Refused *refused;           /* (n_refused) */
    int n_refused;
} Imported;

/* `out` is filled as far as it got, also on failure.
 * Errors  ERR_CONFIG for options, ERR_DATA for the file, ERR_STORE. */
bool import_trials(const ImportOptions *options, Arena *arena, Imported *out, Error *err);
#endif
