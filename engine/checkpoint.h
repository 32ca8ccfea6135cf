/* engine/checkpoint.h - the state of a run in a file, so that a run that was killed goes on from there and
 * ends with the same bits.
 *
 * A state is a list of named arrays. It is written whole or not at all (base/tensors.h: temp, fsync,
 * rename, SHA-256), with an identity: a hash of all that decides the run. A file of another identity or
 * a damaged one is not an error: the run starts from its beginning, as if there were none.
 */
#ifndef CONSORT_ENGINE_CHECKPOINT_H
#define CONSORT_ENGINE_CHECKPOINT_H
#include "base/error.h"
#include "base/tensors.h"

typedef struct {
    const char *name;
    TensorType type;
    void *data;
    size_t n; /* elements; parts of 0 are left out */
} CheckpointPart;

enum { CHECKPOINT_MAX_PARTS = 256 };
/* Parts of larger elements come first. */
bool checkpoint_write(const char *path, const char *identity, const CheckpointPart *parts, int n,
                      Error *err);
/* True when the file is there, is sound, and has this identity and exactly these parts: then they
 * are filled, else untouched. */
bool checkpoint_read(const char *path, const char *identity, const CheckpointPart *parts, int n);
#endif
