/* job/kind.h - the kinds of trials there are: networks that are trained here, and programs that are run.
 *
 * What differs between the two, from the keys of the configuration to the Runner that a study is given, is
 * one row: all else in job/ asks `config->kind`. A third kind is a row in a file of its own, named in kind.c.
 *
 * Every function that can fail says so in `err`, with the place in the file.
 */
#ifndef CONSORT_JOB_KIND_H
#define CONSORT_JOB_KIND_H
#include "job/config.h"
#include "job/load.h"

struct TrialKind {
    const char *name;
    bool trains;     /* networks here, from data: models and predictions are left, and from them an ensemble;
                      * its defaults make a baseline, and what a trial costs is known before it */
    bool any_metric; /* metrics have whatever names, and `goal` says which way is better */

    /* ---- the configuration, in the order of the calls ---- */
    /* Is it what the keys of the configuration ask for? */
    bool (*is_meant)(const Config *config);
    /* Refuses sections that mean nothing for this kind. */
    bool (*check_sections)(const Config *config, Error *err);
    /* One `metric`; `name` is where its name stands, NULL: nowhere. */
    bool (*read_metric)(Config *config, const ConfNode *name, Arena *arena, Error *err);
    /* What a trial is made of, and the space: settings and data, or a command line. */
    bool (*read_space)(Config *config, Arena *arena, Error *err);
    /* `early_terminate` is read and checked already; sets full_epochs, and fills in what was left out. */
    bool (*read_pruner)(Config *config, Arena *arena, Error *err);
    /* What of it decides results, for the identity. */
    void (*say_settings)(const Config *config, Text *out);
    /* `whole` is the configuration as YAML; appends it without what is not in use. */
    bool (*print)(const Config *config, const Text *whole, Arena *arena, Text *out);

    /* ---- the study ---- */
    /* What trials need that can be missing: the data, the program. */
    bool (*load)(Config *config, Arena *arena, Data *out, Error *err);
    /* The runner, to be destroyed. `folder`: the study's. */
    bool (*create)(const Config *config, const Data *data, const char *folder, Arena *arena, Runner *out,
                   Error *err);
    void (*destroy)(Runner *runner);
};

extern const TrialKind networks_kind; /* kind_networks.c */
extern const TrialKind program_kind;  /* kind_program.c */

extern const TrialKind *const trial_kinds[]; /* all, NULL after the last */
/* The first that is meant; the last always is. */
const TrialKind *kind_meant(const Config *config);
#endif
