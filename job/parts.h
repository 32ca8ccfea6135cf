/* job/parts.h - the parts of a study (job/part.h) on the disk: part K of a study in FOLDER lies in
 * FOLDER.parts/K, and FOLDER.parts/parts.json says how many there are.
 *
 * Memory  paths in the arena.
 */
#ifndef CONSORT_JOB_PARTS_H
#define CONSORT_JOB_PARTS_H
#include "job/part.h"
#include "job/place.h"

/* ERR_CONFIG where the study of a part at `place` has been divided into another number of them, or there are
 * more than trials. */
bool parts_check(const Config *config, const Place *place, Arena *arena, Error *err);
/* Writes down how many there are. */
bool parts_write(const Config *config, const Place *place, Arena *arena, Error *err);
/* The folders of the parts of a study in `folder` that have begun, in order, and how many there are in all;
 * ERR_INVALID where there are none. */
bool parts_find(const char *folder, Arena *arena, const char *const **out, int *n, int *n_parts, Error *err);
#endif
