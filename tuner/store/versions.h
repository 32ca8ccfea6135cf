/* tuner/store/versions.h - the versions of a study's search space, and the edits that made them.
 *
 * A study that was never edited has no rows. The first edit writes two: version 1, with which the study began,
 * and version 2. Trials from `from_trial` on are proposed in that version's space. study.config_yaml has all
 * versions as one space (tuner/search/space_edit.h): whoever reads a study's trials needs no more than that.
 *
 * Errors  ERR_STORE; ERR_INVALID where the study was edited since the caller read it. Memory the arena.
 */
#ifndef CONSORT_TUNER_STORE_VERSIONS_H
#define CONSORT_TUNER_STORE_VERSIONS_H
#include "tuner/store/store.h"

typedef struct {
    int version;             /* 1, 2, ... */
    int from_trial;
    const char *parameters;  /* YAML, as a configuration has it */
    const char *constraints; /* YAML; "": none */
    const char *changes;     /* against the version before, a line each; "" for the first */
    const char *utc, *note;  /* note: NULL, or why */
} SpaceVersion;

/* In order; none: it was never edited. */
bool store_versions(Store *store, int64_t study_id, Arena *arena, SpaceVersion **out, int *n, Error *err);

/* The one in which trial `number` was proposed; NULL: there are none. */
const SpaceVersion *version_of(const SpaceVersion *versions, int n, int number);

typedef struct {
    SpaceVersion first, next; /* `first` is written with the first edit alone; from_trial and utc are filled */
    const char *config_yaml;  /* with all versions as one space ... */
    const Space *space;       /* ... which is this */
    bool holds;               /* this process runs the study; else nobody may */
} SpaceEdited;
/* One transaction; waits. Sets edit->next.from_trial. */
bool store_version_add(Store *store, int64_t study_id, SpaceEdited *edit, Error *err);

/* A complete trial that breaks a limit of the newest version; text NULL: it breaks none. */
typedef struct {
    int64_t trial_id;
    const char *text; /* which, and by what */
} LimitMark;
/* One transaction; waits. */
bool store_limit_marks(Store *store, int64_t study_id, const LimitMark *marks, int n, bool holds, Error *err);
#endif
