/* app/arguments.h - what arguments and options mean that many verbs take: a STUDY with --dir and --db,
 * TRIALs, and how a data file is to be read.
 */
#ifndef CONSORT_APP_ARGUMENTS_H
#define CONSORT_APP_ARGUMENTS_H
#include "app/cli.h"
#include "job/load.h"
#include "job/open.h"

/* --dir and --db. */
PlaceOptions place_options(const Cli *cli);
/* The first argument, where a verb takes [STUDY] alone; NULL: it was left out. */
const char *study_argument(const Cli *cli);
/* Of `consort VERB [STUDY] WHAT` only STUDY was given: err = "which WHAT? ... usage: ...", ERR_CONFIG. */
bool is_forgotten(const Cli *cli, const char *argument, const char *what, Error *err);
/* From a STUDY argument (NULL: left out), in the arena of `cli`: where it is; it, opened for reading. */
bool find_place(const Cli *cli, const char *argument, Place *out, Error *err);
bool open_study(const Cli *cli, const char *argument, OpenStudy *out, Error *err);

/* [STUDY] TRIAL...: the first argument is a study unless it is a number and no study of that name is there.
 * Returns where the trials begin. */
int first_trial(const Cli *cli);
/* The trials from argument `first` on: numbers, and ranges as 3-7. ERR_CONFIG otherwise. */
bool trial_numbers(const Cli *cli, int first, int **numbers, int *n, Error *err);

/* Reading options from --label, --format and the others of READING, and the defaults. Messages name
 * them so. */
bool read_options(const Cli *cli, ReadOptions *out, Error *err);
/* One thing to be known of the data, `kind` a note or a warning. `file` is put before it, or NULL. */
void say_of_data(const Cli *cli, const char *kind, const char *file, const char *text);
/* What reading decided that a user would want to know, a line each on standard error; not with -q.
 * `file` is put before each, or NULL. */
void say_notes(const Cli *cli, const char *file, const Table *table);

/* A path in a line to be copied, as a shell reads it: runs/plain, 'runs/with blanks'. In the arena of `cli`. */
const char *shell_word(const Cli *cli, const char *path);
#endif
