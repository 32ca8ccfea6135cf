/* job/transferred.h - `transfer` of a configuration as it stands there: names of studies, or what was taken
 * from them (job/transfer.h), as points of its space.
 *
 * A trial with a value that the space cannot have is left out. A parameter that no trial tells is unknown,
 * and taken to have been the same in all.
 * Memory  the arena. Errors  ERR_CONFIG at its place.
 */
#ifndef CONSORT_JOB_TRANSFERRED_H
#define CONSORT_JOB_TRANSFERRED_H
#include "job/config.h"

enum { TRANSFER_STUDIES = 4, TRANSFER_LEAST = 3 };

/* Is config->transfer what may stand there? Fills config->transferred where all of it is written out. The
 * space is read. */
bool transfer_read(Config *config, Arena *arena, Error *err);
/* Is all of it written out? */
bool transfer_is_frozen(const ConfNode *list);
/* For the identity: each study with the hash of what was taken. */
void transfer_say(const Config *config, Text *out);
#endif
