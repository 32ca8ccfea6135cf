/* tuner/search/space_edit.h - one space that is as wide as two versions of it: what an edit makes of a study's.
 *
 * A study that was edited has trials of several versions. Its space, from then on, has of each parameter all
 * that any version had, so that every trial has its place in it; `only` says what of that the newest version
 * proposes, `before` what trials had of a parameter that is new (space_only.h). Ranges become the range that
 * holds both, lists the list of all values, the newest first; a value that was fixed or is fixed now is one of
 * them.
 *
 * What an edit cannot do, since trials before and after could not be compared: drop a parameter (fix it
 * instead), change its distribution, its q, its condition or its expression.
 *
 * Memory  the arena. Errors ERR_CONFIG at the place in the newer version.
 */
#ifndef CONSORT_TUNER_SEARCH_SPACE_EDIT_H
#define CONSORT_TUNER_SEARCH_SPACE_EDIT_H
#include "tuner/search/space.h"

typedef struct {
    const Space *was;      /* all versions so far, united */
    const Space *now;      /* the newest alone ... */
    const ConfNode *nodes; /* ... and the map it was read from */
    const Value *before;   /* (n_params of `now`) what trials had of a new parameter that does not say it
                            * itself; NONE: not known */
} SpaceEdit;

/* The `parameters` of both, as a map that space_read takes. */
bool space_unite(const SpaceEdit *edit, Arena *arena, ConfNode **out, Error *err);
#endif
