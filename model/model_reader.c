/* What every part of a model file is read with: one key or one array, checked. */
#include "model/model_reader.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool reader_bad(ModelReader *r, const char *format, ...)
{
    char what[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    for (char *c = what; *c; c++) /* names are the file's; a message is one line */
        if ((unsigned char)*c < 0x20 || *c == 0x7F) *c = '?';
    return error_set(r->err, ERR_DATA, "%s: %s; the file is damaged or not from this program",
                     r->path, what);
}

bool reader_int(ModelReader *r, const Doc *object, const char *where, const char *key, int low,
                     int high, int *out)
{
    const Doc *node = doc_get(object, key);
    double number = doc_to_number(node, NAN);
    if (!(number >= low && number <= high) || number != floor(number))
        return reader_bad(r, "%s: `%s` is not a whole number from %d to %d", where, key, low, high);
    *out = (int)number;
    return true;
}

bool reader_flag(ModelReader *r, const Doc *object, const char *where, const char *key, bool *out)
{
    const Doc *node = doc_get(object, key);
    if (doc_kind(node) != DOC_BOOL) return reader_bad(r, "%s: `%s` is not true or false", where, key);
    *out = doc_to_bool(node, false);
    return true;
}

/* The same for a key that older files do not have. */
bool reader_new_flag(ModelReader *r, const Doc *object, const char *where, const char *key, bool *out)
{
    *out = false;
    return doc_kind(doc_get(object, key)) == DOC_NULL || reader_flag(r, object, where, key, out);
}

bool reader_new_int(ModelReader *r, const Doc *object, const char *where, const char *key, int high, int *out)
{
    *out = 0;
    return doc_kind(doc_get(object, key)) == DOC_NULL || reader_int(r, object, where, key, 0, high, out);
}

bool reader_text(ModelReader *r, const Doc *object, const char *where, const char *key,
                      const char **out)
{
    const char *text = doc_to_text(doc_get(object, key), NULL);
    if (!text) return reader_bad(r, "%s: `%s` is not a text", where, key);
    *out = arena_copy(r->arena, text);
    return *out ? true : error_memory(r->err);
}

bool reader_texts(ModelReader *r, const Doc *object, const char *where, const char *key, int *n,
                       const char ***out)
{
    const Doc *list = doc_get(object, key);
    size_t count = doc_count(list);
    if (doc_kind(list) != DOC_ARRAY || count > READER_MOST_ITEMS)
        return reader_bad(r, "%s: `%s` is not a list of texts", where, key);
    const char **texts = ARENA_NEW(r->arena, const char *, count);
    if (!texts) return error_memory(r->err);
    for (size_t i = 0; i < count; i++) {
        const char *text = doc_to_text(doc_at(list, i), NULL);
        if (!text) return reader_bad(r, "%s: entry %zu of `%s` is not a text", where, i + 1, key);
        if (!(texts[i] = arena_copy(r->arena, text))) return error_memory(r->err);
    }
    *n = (int)count;
    *out = texts;
    return true;
}

bool reader_choice(ModelReader *r, const Doc *object, const char *where, const char *key,
                        const char *const *names, int *out)
{
    const char *text = doc_to_text(doc_get(object, key), NULL);
    for (int i = 0; text && names[i]; i++)
        if (strcmp(text, names[i]) == 0) {
            *out = i;
            return true;
        }
    return reader_bad(r, "%s: unknown %s \"%.40s\"", where, key, text ? text : "");
}

/* A tensor of n finite numbers, copied, since the file is closed after loading. */
static bool reader_array(ModelReader *r, const char *name, TensorType type, int64_t n, const void **out)
{
    const int64_t shape[TENSOR_MAX_RANK] = {n};
    const Tensor *tensor = tensors_find(r->file, name, type, 1, shape, r->err);
    if (!tensor) return false;
    size_t size = type == TENSOR_F64 ? sizeof(double) : sizeof(float);
    void *copy = arena_alloc(r->arena, (size_t)n, size);
    if (!copy) return error_memory(r->err);
    memcpy(copy, tensor->data, (size_t)n * size);
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(type == TENSOR_F64 ? ((const double *)copy)[i] : ((const float *)copy)[i]))
            return reader_bad(r, "number %lld of %s is not finite", (long long)i + 1, name);
    *out = copy;
    return true;
}

bool reader_doubles(ModelReader *r, const char *name, int64_t n, const double **out)
{
    const void *copy = NULL;
    if (!reader_array(r, name, TENSOR_F64, n, &copy)) return false;
    *out = copy;
    return true;
}

bool reader_floats(ModelReader *r, const char *name, int64_t n, const float **out)
{
    const void *copy = NULL;
    if (!reader_array(r, name, TENSOR_F32, n, &copy)) return false;
    *out = copy;
    return true;
}
