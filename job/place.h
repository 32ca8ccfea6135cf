/* job/place.h - where things lie: a study's folder and database, its data, its model.
 *
 * A STUDY argument is a study's folder, a database with one study, DATABASE:NAME, the NAME of a
 * study in runs/, or its YAML file; with one study in runs/ it may be left out.
 *
 *     runs/NAME/trials.db          the database, unless run.db names a shared one
 *     runs/NAME/artifacts/         models and predictions of the kept trials
 *     runs/NAME/ensemble.consort   what is shipped
 *     runs/NAME/report.html .json .md
 * A shared database DIR/x.db keeps each study's files in DIR/x.files/NAME/.
 */
#ifndef CONSORT_JOB_PLACE_H
#define CONSORT_JOB_PLACE_H
#include "app/cli.h"
#include "data/card.h"
#include "data/read.h"
#include "job/config.h"
#include "model/model.h"
#include "tuner/store/store.h"

typedef struct {
    const char *db;     /* path of the database */
    const char *folder; /* the study's files */
    const char *name;   /* NULL: the only study of the database */
} Place;

/* From --dir, --db, run.dir, run.db and the study's name. A folder and a database at once are refused:
 * later commands could not find the one from the other. */
bool place_of_config(const Cli *cli, const Config *config, Arena *arena, Place *out, Error *err);
/* Is it the name of a configuration, by its ending? */
bool names_config(const char *argument);
/* From a STUDY argument (NULL: the only one). */
bool place_of_argument(const Cli *cli, const char *argument, Arena *arena, Place *out, Error *err);
/* Does the database hold one study's folder's worth (trials.db), or may several studies share it? */
bool place_is_shared(const Place *place);
char *place_file(const Place *place, const char *name, Arena *arena);

/* A study opened for reading. */
typedef struct {
    Place place;
    Store *store;
    StudyInfo study;
    Arena *arena;
} OpenStudy;
bool study_open(const Cli *cli, const char *argument, OpenStudy *out, Error *err);
void study_close(OpenStudy *open);
/* Its configuration, as it was stored. */
bool study_config(const OpenStudy *open, Config **out, Error *err);

/* What a configuration's `data` section leads to. */
typedef struct {
    Table *train; /* the rows that are split into training and validation */
    Table *test;  /* NULL when there is none */
    Split *split;
    int positive; /* class number of report.positive_class, -1: not given */
} Data;
/* ERR_IO of a data file is turned into ERR_DATA: the exit code is then 3. */
bool data_load(const Config *config, Arena *arena, Data *out, Error *err);

/* A model file, or the ensemble of a study. */
bool model_open(const Cli *cli, const char *argument, Arena *arena, Model **out,
                const char **path, Error *err);
/* Reading options from --label, --format, --delimiter, --header and the defaults. */
bool read_options_of(const Cli *cli, Arena *arena, ReadOptions *out, Error *err);

/* A data file named on the command line. Mistakes name the option (--label), not the key of a
 * configuration, and a file that cannot be read is ERR_DATA. */
bool table_open(const DataFile *file, const ReadOptions *options, const Schema *schema,
                Arena *arena, Table **out, Error *err);

/* Files of a study that later commands read back. A missing file gives NULL and true. */
bool doc_load(const Place *place, const char *name, Doc **out, Error *err);
bool doc_save(const Place *place, const char *name, const Doc *doc, Error *err);
#endif
