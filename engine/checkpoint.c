/* A run's state in a file: written whole, believed only when its hash and identity agree. */
#include "engine/checkpoint.h"

#include <assert.h>
#include <string.h>

#include "base/file.h"

static const char format[] = "consort-checkpoint 1";

bool checkpoint_write(const char *path, const char *identity, const CheckpointPart *parts, int n,
                      Error *err)
{
    Tensor tensors[CHECKPOINT_MAX_PARTS];
    int count = 0;
    assert(n <= CHECKPOINT_MAX_PARTS);
    for (int i = 0; i < n; i++)
        if (parts[i].n > 0)
            tensors[count++] = (Tensor){.name = parts[i].name, .type = parts[i].type, .rank = 1,
                                        .shape = {(int64_t)parts[i].n}, .data = parts[i].data};
    const TensorNote note = {"identity", identity};
    return tensors_write(path, format, &note, 1, tensors, count, err);
}

bool checkpoint_read(const char *path, const char *identity, const CheckpointPart *parts, int n)
{
    TensorFile *file;
    const Tensor *found[CHECKPOINT_MAX_PARTS] = {NULL};
    int count = 0;
    if (!file_exists(path) || !tensors_read(path, format, &file, NULL)) return false;
    const char *said = tensors_note(file, "identity");
    bool ok = said && strcmp(said, identity) == 0;
    for (int i = 0; ok && i < n; i++) {
        if (parts[i].n == 0) continue;
        const int64_t shape[TENSOR_MAX_RANK] = {(int64_t)parts[i].n};
        found[i] = tensors_find(file, parts[i].name, parts[i].type, 1, shape, NULL);
        ok = found[i] != NULL;
        count++;
    }
    ok = ok && count == tensors_count(file);
    for (int i = 0; ok && i < n; i++)
        if (found[i]) memcpy(parts[i].data, found[i]->data, parts[i].n * tensor_type_bytes(parts[i].type));
    tensors_free(file);
    return ok;
}
