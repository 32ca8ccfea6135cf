/* export/c_source.h - a model as one C99 file and its header, written from its plan (plan/plan.h): constants,
 * the functions of plan/runtime/ that it needs, and calls of them in the order of the steps.
 *
 * No dependency but libm, no malloc, no mutable globals, constants in flash; weights as hexadecimal
 * floats, so nothing is rounded on the way. Preprocessing, every member, calibration, decision
 * weights and class names are inside, and a self-test: rows with the outputs expected of them.
 * Compiles clean with -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror, and as C++.
 */
#ifndef CONSORT_EXPORT_C_SOURCE_H
#define CONSORT_EXPORT_C_SOURCE_H
#include "base/text.h"
#include "plan/plan.h"

/* For whom: a board, one row in as little memory as it takes; a server, many rows in blocks. */
#define C_TARGET_LIST(X) X(C_MCU, "mcu") X(C_SERVER, "server")
typedef enum { C_TARGET_LIST(LIST_ID) C_TARGET_COUNT } CTarget;
extern const char *const c_target_names[];

typedef struct {
    CTarget target;
    const char *name;         /* prefix of every identifier; sanitized; NULL: the model's name */
    const Plan *plan;         /* what is written, such as one of integers; NULL: the model's own, of floats */
    const Table *sample;      /* rows for the self-test (the first 10 are used), or NULL: made up */
    const char *model_sha256;
} CExportOptions;

/* Appends the header and the source. */
bool c_source_write(const Model *model, const CExportOptions *options, Arena *arena, Text *header,
                    Text *source, Error *err);
#endif
