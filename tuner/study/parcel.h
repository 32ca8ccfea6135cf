/* tuner/study/parcel.h - the files of a trial on their way between two study folders, in letters.
 *
 * Where the process that trains a trial does not have the folder of the study, its files travel: models,
 * predictions and logs to the host, the states of trials that wait at a rung both ways. The end that has the
 * files offers them; the other asks for pieces, a few at a time, so that a file of any size takes little memory
 * and stands in nobody's way; the end that has them remembers nothing.
 *
 *     OFFER  of each file its name and how many bytes it has
 *     WANT   from which byte of which file a piece is asked for; without a name: nothing more
 *     FILE   a piece, PARCEL_PIECE bytes or the rest, and with the last one the SHA-256 of the file
 *
 * What came is a file only once it is whole and right: until then it lies beside its name, as everything that
 * this program writes (base/file.h). A file that the record of its trial names must come as it is described
 * there. Any other may be missing: a state that is lost is trained again.
 *
 * Names    as in the database: artifacts/trial-000012.consort, .proba, .R.checkpoint, and whatever lies in
 *          artifacts/trial-000012/, the folder that a program has; of a repeat trial-000012.again-A. Others,
 *          and what would lie behind a link, are not written, and nothing else is read.
 * Memory   what is read lives in the arena given; a ParcelIn has an open file between `parcel_open` and
 *          `parcel_close`.
 * Threads  none of its own.
 * Errors   what comes is checked as if it came from a stranger. Errors are our own: a folder that cannot be
 *          read or written, a full disk.
 */
#ifndef CONSORT_TUNER_STUDY_PARCEL_H
#define CONSORT_TUNER_STUDY_PARCEL_H
#include "base/file.h"
#include "base/text.h"
#include "tuner/trial/runner.h"

enum {
    PARCEL_PIECE = 1 << 18,
    PARCEL_AHEAD = 2 /* pieces that are asked for at once */
};

/* Whose files they are: its numbers as in TrialTask, and how many states it may leave (Runner.runs). */
typedef struct {
    int number, again, n_runs;
} ParcelTrial;

typedef struct {
    const char *name; /* from the study's folder */
    int64_t bytes;
} ParcelFile;
typedef struct {
    int n, capacity;
    ParcelFile *files;
} ParcelFiles;

/* ---- the end that has the files ---- */

/* What the trial has in the folder. `record`: what it came to; NULL: it is about to run. */
bool parcel_find(const char *folder, ParcelTrial trial, const TrialRecord *record, Arena *arena,
                 ParcelFiles *out, Error *err);
bool parcel_offer(const ParcelFiles *files, Text *out); /* false: no memory */
/* The FILE letter that answers a WANT; of a file that is not there any more it has no bytes. False: it asks for
 * something that the trial cannot have, or there is no memory. */
bool parcel_piece(const char *folder, ParcelTrial trial, const char *body, size_t n, Text *out);
/* Does a WANT say that nothing more is wanted? */
bool parcel_enough(const char *body, size_t n);
/* What the trial has in the folder goes. */
enum { DROP_STATES = 1, DROP_MODELS = 2, DROP_FOLDER = 4 };
void parcel_drop(const char *folder, ParcelTrial trial, unsigned what, Arena *arena);

/* ---- the end that wants them ---- */

typedef struct {
    const char *folder;
    ParcelTrial trial;
    const TrialRecord *record; /* NULL: none names any */
    ParcelFiles files;
    int at;             /* the file that is under way */
    int64_t asked, got; /* bytes of it */
    bool writing, over; /* over: it will not be kept, what still comes of it is thrown away */
    char *path;
    FileWriting file;
    Sha256 sha;
    Arena *arena;
} ParcelIn;

typedef enum {
    PARCEL_MORE,
    PARCEL_WHOLE, /* all that is wanted has come */
    PARCEL_WRONG, /* the other end breaks the rules, or lacks a file that the record names */
    PARCEL_ERROR  /* here: `err` */
} ParcelState;

/* From an offer of the other end. `models`: those of a trial, too, which are kept for its score. A trial that
 * is about to run keeps the folder that it has: its program may stand still in it. */
ParcelState parcel_open(const char *folder, ParcelTrial trial, const TrialRecord *record, bool models,
                        const char *body, size_t n, Arena *arena, ParcelIn *out, Error *err);
/* The next WANT to send; false: there is none now. */
bool parcel_want(ParcelIn *in, Text *out);
ParcelState parcel_take(ParcelIn *in, const char *body, size_t n, Error *err);
/* What is half there goes. */
void parcel_close(ParcelIn *in);
#endif
