/* job/open.h - finding and opening what is there: a study, its configuration, its model.
 *
 * A STUDY argument is a study's folder, a database with one study, DATABASE:NAME, the NAME of a
 * study in runs/, or its YAML file; with one study in runs/ it may be left out (NULL).
 *
 * Errors  ERR_INVALID where there is no such study, with those that there are; ERR_STORE.
 */
#ifndef CONSORT_JOB_OPEN_H
#define CONSORT_JOB_OPEN_H
#include "job/place.h"
#include "model/model.h"
#include "tuner/store/store.h"
#include "tuner/trial/stored.h"

/* The databases DIR/NAME/trials.db, in order of their names. A folder that is not there has none. */
bool databases_below(const char *dir, Arena *arena, const char ***out, int *n, Error *err);
/* Is it the name of a configuration, by its ending? */
bool names_config(const char *argument);
/* Is there a study, or a database of several, that goes by this name? */
bool names_study(const char *argument, Arena *arena);
/* `said` (NULL: nothing) is meant where there is no argument, and goes on top of a configuration. */
bool place_find(const char *argument, const PlaceOptions *said, Arena *arena, Place *out, Error *err);

/* A study opened for reading, or (study_open_writer) for what changes it between two sweeps. */
typedef struct {
    Place place;
    Store *store;
    StudyInfo study;
    Stored stored; /* what its configuration says about its trials */
    Arena *arena; /* borrowed: what is read goes there */
} OpenStudy;
bool study_open(const Place *place, Arena *arena, OpenStudy *out, Error *err);
/* Opens it again, for writing. On failure it is closed. */
bool study_open_writer(OpenStudy *open, Error *err);
/* To be called after either, also when it failed. */
void study_close(OpenStudy *open);
/* The same where what was written must be on disk: `ok` is how things went so far, and the error that
 * counts is the first. */
bool study_close_writer(OpenStudy *open, bool ok, Error *err);
/* Its configuration, as it was stored. */
bool study_config(const OpenStudy *open, Config **out, Error *err);
/* Trial `number`; ERR_INVALID when there is none. */
/* Refuses what needs trained networks in a study of a program. `what` is made of them: "an ensemble". */
bool study_has_networks(const Config *config, const StudyInfo *study, const char *folder, const char *what,
                        Error *err);
bool study_trial(const OpenStudy *open, int number, TrialRow *out, Error *err);

/* Adds each row of an answer to `rows`, an array, as an object of its columns. */
bool query_rows(Store *store, const char *sql, double timeout_s, Doc *rows, Error *err);
/* A cell as JSON: what a column of settings holds as text (`params`, `trace`, `example_params`) is the
 * object that it says. */
Doc *doc_of_cell(const char *column, const Value *cell);
/* 'text' as an SQL literal, for questions to its database; NULL: no memory. */
const char *sql_quote(const char *text, Arena *arena);

/* The model of one trial of a study; ERR_DATA where it was not kept. */
bool model_of_trial(const char *argument, const PlaceOptions *said, int number, Arena *arena, Model **out,
                    const char **path, Error *err);
/* A model file, or the ensemble of a study. */
bool model_open(const char *argument, const PlaceOptions *said, Arena *arena, Model **out, const char **path,
                Error *err);
#endif
