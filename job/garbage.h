/* job/garbage.h - models and predictions of trials that are neither among the best nor in an ensemble, and
 * files of the artifacts folder that no trial owns. Rows of trials stay.
 */
#ifndef CONSORT_JOB_GARBAGE_H
#define CONSORT_JOB_GARBAGE_H
#include "job/open.h"

typedef struct {
    const char *path; /* absolute or as the folder was given */
    const char *why;
    double bytes;
    bool stays;       /* it could not be removed */
} GarbageFile;

typedef struct {
    GarbageFile *files;
    int n_files, capacity;
    double bytes;
} Garbage;

/* `top`: the best so many are kept; -1: as configured. `dry`: nothing is removed. `open` is left closed.
 * ERR_STORE also when somebody runs the study. */
bool garbage_collect(OpenStudy *open, int top, bool dry, Garbage *out, Error *err);
#endif
