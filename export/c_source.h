/* export/c_source.h - a model as one C99 file and its header.
 *
 * No dependency but libm, no malloc, no mutable globals, constants in flash; weights as hexadecimal
 * floats, so nothing is rounded on the way. Preprocessing, every member, calibration, decision
 * weights and class names are inside, and a self-test: rows with the outputs expected of them.
 * Compiles clean with -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror, and as C++.
 */
#ifndef CONSORT_EXPORT_C_SOURCE_H
#define CONSORT_EXPORT_C_SOURCE_H
#include "base/text.h"
#include "model/model.h"

typedef struct {
    const char *name;         /* prefix of every identifier; sanitized; NULL: the model's name */
    const Table *sample;      /* rows for the self-test (the first 10 are used), or NULL: made up */
    const char *model_sha256;
} CExportOptions;

/* Appends the header and the source. */
bool c_source_write(const Model *model, const CExportOptions *options, Arena *arena, Text *header,
                    Text *source, Error *err);
#endif
