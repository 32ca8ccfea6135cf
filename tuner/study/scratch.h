/* tuner/study/scratch.h - is the folder of the study ours as well? And the folder to work in where it is not.
 *
 * The process that runs a study writes a token to artifacts/join.token, and says it to whoever joins: who reads
 * the same there has the same folder, on the same host or over the network, and writes into it. Nobody
 * has to say which it is; who finds no token, an old one, or a folder that may not be written works in a
 * folder of its own, below $TMPDIR, else /tmp, and its files travel (tuner/study/parcel.h).
 *
 * That folder, consort-PID-XXXXXX, goes when its process ends. One that was killed leaves it, and the next that
 * makes one removes it: whoever lives holds a lock on the file `lock` in it.
 *
 * Threads  none of its own.
 * Errors   ERR_IO with the path. A token that cannot be written is none: everybody then works elsewhere.
 * Memory   a Scratch has its path and an open file.
 */
#ifndef CONSORT_TUNER_STUDY_SCRATCH_H
#define CONSORT_TUNER_STUDY_SCRATCH_H
#include <stdbool.h>

#include "base/error.h"

enum { TOKEN_SIZE = 65 };
/* Another each time. Empty: it could not be written. */
void token_write(const char *folder, char token[TOKEN_SIZE]);
bool token_is_here(const char *folder, const char *token);
void token_remove(const char *folder);

typedef struct {
    char *path; /* NULL: there is none */
    int lock;
} Scratch;
/* With a folder `artifacts` in it. */
bool scratch_create(Scratch *out, Error *err);
void scratch_destroy(Scratch *scratch); /* with all that is in it */
#endif
