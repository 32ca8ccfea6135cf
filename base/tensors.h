/* base/tensors.h - named arrays and a JSON header in one file, in the safetensors format.
 *
 * Layout: u64 little-endian header length N; a JSON object padded with spaces so that 8 + N is a
 * multiple of 64; then the arrays, row-major, little-endian, without holes. The header maps each
 * name to {"dtype", "shape", "data_offsets"}, and "__metadata__" to a flat map of text to text.
 * Any safetensors reader can open what this writes. Ours adds two metadata keys: "sha256" of the
 * whole file with its own 64 digits taken as zeros, checked when a file is opened, and "format", the
 * name and version of what the file is ("consort-model 1").
 * Source: https://github.com/huggingface/safetensors#format
 *
 * A file is hostile until proven good: header length, JSON depth, dtype, shape products, offsets
 * (in range, without overlap, covering everything) are checked before anything is believed.
 *
 * Memory  tensors_read loads the file; arrays point into it until tensors_free.
 * Errors  ERR_DATA "model.consort: ..." for a bad file, ERR_IO, ERR_MEMORY.
 */
#ifndef CONSORT_BASE_TENSORS_H
#define CONSORT_BASE_TENSORS_H
#include <stdint.h>

#include "base/doc.h"
#include "base/error.h"

#define TENSOR_TYPE_LIST(X) /* with its name in the file and its bytes */                         \
    X(TENSOR_F32, "F32", 4) X(TENSOR_F64, "F64", 8) X(TENSOR_I32, "I32", 4) X(TENSOR_U8, "U8", 1)
typedef enum { TENSOR_TYPE_LIST(LIST_ID) TENSOR_TYPE_COUNT } TensorType;
size_t tensor_type_bytes(TensorType type); /* of one number */
enum { TENSOR_MAX_RANK = 4 };

typedef struct {
    const char *name;
    TensorType type;
    int rank;
    int64_t shape[TENSOR_MAX_RANK];
    const void *data;
} Tensor;

typedef struct {
    const char *key, *text;
} TensorNote; /* one metadata entry */

/* Writes atomically. Order is kept; element sizes must not increase along the list, so that every
 * array stays aligned (asserted). */
bool tensors_write(const char *path, const char *format, const TensorNote *notes, int n_notes,
                   const Tensor *tensors, int n_tensors, Error *err);

typedef struct TensorFile TensorFile;
/* Refuses a file whose "format" is not `format`, naming both. */
bool tensors_read(const char *path, const char *format, TensorFile **out, Error *err);
void tensors_free(TensorFile *file);
const char *tensors_note(const TensorFile *file, const char *key); /* NULL when absent */
int tensors_count(const TensorFile *file);
const Tensor *tensors_at(const TensorFile *file, int i);
/* The tensor of that name, type and shape (-1 in `shape` matches anything), or an ERR_DATA that
 * names what was expected. */
const Tensor *tensors_find(const TensorFile *file, const char *name, TensorType type, int rank,
                           const int64_t *shape, Error *err);
#endif
