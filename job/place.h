/* job/place.h - where the files of a study lie.
 *
 *     runs/NAME/trials.db          the database, unless run.db names a shared one
 *     runs/NAME/artifacts/         models and predictions of the kept trials
 *     runs/NAME/ensemble.consort   what is shipped
 *     runs/NAME/baselines/         what the networks have to beat: models and predictions (job/baselines.h)
 *     runs/NAME/report.html .json .md
 * A shared database DIR/x.db keeps each study's files in DIR/x.files/NAME/.
 *
 * Memory  paths in the arena.
 */
#ifndef CONSORT_JOB_PLACE_H
#define CONSORT_JOB_PLACE_H
#include "base/doc.h"
#include "job/config.h"

typedef struct {
    const char *db;     /* path of the database */
    const char *folder; /* the study's files */
    const char *name;   /* NULL: the only study of the database */
} Place;

/* What is said on top of run.dir and run.db, as --dir and --db do; one of the two, or neither. */
typedef struct {
    const char *dir, *db;
} PlaceOptions;

/* From run.dir, run.db, run.part (job/parts.h), what is said on top (NULL: nothing), and the study's name. A
 * folder and a database at once are refused: later commands could not find the one from the other. */
bool place_of_config(const Config *config, const PlaceOptions *said, Arena *arena, Place *out, Error *err);
/* The folder of study `name` where nothing else is said: runs/NAME, a slash, a colon and a dot at the beginning
 * made `_`, so that any name will do. NULL: no memory. */
const char *place_of_name(const char *name, Arena *arena);
/* Where the files of study `name` in database `db` lie. NULL: no memory. */
const char *place_folder_of_db(const char *db, const char *name, Arena *arena);
/* Does the database hold one study's folder's worth (trials.db), or may several studies share it? */
bool place_is_shared(const Place *place);
/* ERR_DATA where that folder is a link: nothing is written or removed outside of the study's folder. */
bool place_own(const Place *place, const char *folder, Arena *arena, Error *err);
bool place_artifacts_own(const Place *place, Arena *arena, Error *err);
char *place_file(const Place *place, const char *name, Arena *arena);

/* Files of a study that are read back. A missing file gives NULL and true. */
bool doc_load(const Place *place, const char *name, Doc **out, Error *err);
bool doc_save(const Place *place, const char *name, const Doc *doc, Error *err);
#endif
