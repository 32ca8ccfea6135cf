/* job/edit.h - edits of a study's search space, while it runs or between two sweeps.
 *
 * An edit is a version: from the next trial on proposals come from the new space, earlier trials stay evidence
 * (tuner/search/space_edit.h says what an edit can do). Which trial that is, is written down before anybody is
 * told so; the study is as repeatable as before: the same edits before the same trials give the same study.
 *
 * Memory  the study's arena. Errors ERR_CONFIG at the place of what cannot be; ERR_STORE.
 */
#ifndef CONSORT_JOB_EDIT_H
#define CONSORT_JOB_EDIT_H
#include "job/open.h"
#include "tuner/store/versions.h"

typedef struct {
    const char *file;         /* a configuration, or its `parameters` and `constraints` alone; NULL: `sets` */
    const char *const *sets;  /* (n_sets) parameters.dropout.max=0.3, on top of the newest version */
    int n_sets;
    const char *note;         /* why; NULL */
    bool dry_run;
} EditAsked;

typedef struct {
    int version, from_trial;  /* from_trial -1: dry run */
    const char *changes;      /* a line each */
    bool running;             /* somebody runs the study, and goes on with it */
} Edited;

/* `open` is left closed. */
bool edit_space(OpenStudy *open, const EditAsked *asked, Edited *out, Error *err);
#endif
