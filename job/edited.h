/* job/edited.h - a configuration and the versions of its study's search space.
 *
 * A study's space may be edited (job/edit.h). Its file need not be: a file that has the space with which the
 * study began, or the newest one, is the study's. Then the configuration gets the space of all versions
 * together, of which the newest part is proposed (tuner/search/space_only.h), and stays, for its identity, what
 * it began as.
 *
 * Memory  the arena. Errors ERR_STORE, ERR_MEMORY.
 */
#ifndef CONSORT_JOB_EDITED_H
#define CONSORT_JOB_EDITED_H
#include "job/config.h"
#include "job/place.h"
#include "tuner/store/versions.h"

typedef struct EditedSpace {
    int version, from_trial;      /* the newest; 0: the study is not there, or was never edited */
    const ConfNode *first_parameters, *first_constraints, *newest_parameters, *newest_constraints;
    const ConfNode *parameters;   /* of all versions together */
} EditedSpace;

/* A database that cannot be opened (a process was killed before it wrote any) has none: who opens it for
 * writing says what is wrong with it. */
bool edited_read(const Place *place, Arena *arena, EditedSpace *out, Error *err);
/* The same for another process, which cannot read that database: what it is told, and what it hears. False: no
 * memory, or not what edited_tell tells. */
bool edited_tell(const EditedSpace *edited, Doc *out);
bool edited_hear(const Doc *said, Arena *arena, EditedSpace *out, Error *err);
/* A version's nodes. */
bool edited_nodes(const SpaceVersion *version, Arena *arena, const ConfNode **parameters,
                  const ConfNode **constraints, Error *err);
/* Lays it over a configuration whose rows are loaded. One with another space stays as it is. Again, later, for
 * another edit: the configuration is known then. */
bool edited_take(Config *config, const EditedSpace *edited, Arena *arena, Error *err);
#endif
