/* serve/input.h - the body of a request becomes rows of a model.
 *
 *     application/json      {"a": 1}                 a row
 *                           [{"a": 1}, ...]          rows
 *                           {"rows": [{"a": 1}]}     rows
 *                           {"a": [1, 2], "b": [..]} columns, as many cells each
 *     application/x-ndjson  an object a row
 *     text/csv              with or without a line of names
 *
 * Cells are read by data/blocks.h as a file's are. A body is a stranger's: depth, size and text are checked
 * where a
 * byte becomes a value, and what is wrong is said with its row.
 *
 * Memory  the arena's. Errors  the Answer is the error (400, 415), and false.
 */
#ifndef CONSORT_SERVE_INPUT_H
#define CONSORT_SERVE_INPUT_H
#include "data/blocks.h"
#include "serve/http.h"

#define INPUT_KIND_LIST(X) X(INPUT_JSON, "application/json") X(INPUT_NDJSON, "application/x-ndjson") \
    X(INPUT_CSV, "text/csv")
typedef enum { INPUT_KIND_LIST(LIST_ID) INPUT_KINDS } InputKind;
extern const char *const input_types[];

typedef enum { JSON_ROW, JSON_LIST, JSON_ROWS } JsonForm; /* {..}, [..], {"rows": ..} or columns */

typedef struct {
    InputKind kind;
    JsonForm form;
    Table *table;
    long unknown;
} Input;

/* What the request says that its body is. */
bool input_kind(const Request *request, InputKind *out, Answer *answer);
bool input_table(const Request *request, const Schema *schema, const ReadOptions *read, const char *id,
                 Arena *arena,
                 Input *out, Answer *answer);
#endif
