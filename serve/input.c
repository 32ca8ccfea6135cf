/* serve/input.c - the body of a request becomes rows of a model. */
#include "serve/input.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/doc.h"

const char *const input_types[] = {INPUT_KIND_LIST(LIST_NAME) NULL};

void answer_error(Answer *answer, int code, const char *row_is, const char *format, ...)
{
    char said[1100], *message = said;
    long row = 0;
    int n = 0;
    va_list args;
    va_start(args, format);
    vsnprintf(said, sizeof said, format, args);
    va_end(args);
    if (row_is && sscanf(said, "request:%9ld:%n", &row, &n) == 1
        && n > 0) message = said + n + (said[n] == ' ');
    text_free(&answer->body);
    *answer = (Answer){.code = code, .type = "application/json", .allow = answer->allow,
                       .retry_s = answer->retry_s};
    text_print(&answer->body, "{\"error\":{\"code\":%d,\"message\":", code);
    text_json(&answer->body, message);
    if (row > 0) text_print(&answer->body, ",\"%s\":%ld", row_is, row);
    text_add(&answer->body, "}}\n");
}

/* ---- what it is ---------------------------------------------------------------------------------- */

static bool is_type(const char *type, const char *name)
{
    const size_t n = strlen(name);
    return strncasecmp(type, name, n) == 0 && (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

bool input_kind(const Request *request, InputKind *out, Answer *answer)
{
    static const struct {
        const char *name;
        InputKind kind;
    } names[] = {{"application/json", INPUT_JSON}, {"text/json", INPUT_JSON}, {"text/csv", INPUT_CSV},
                 {"application/csv", INPUT_CSV}, {"application/x-ndjson", INPUT_NDJSON},
                 {"application/ndjson", INPUT_NDJSON}, {"application/jsonl", INPUT_NDJSON},
                 {"application/x-jsonlines", INPUT_NDJSON}};
    const char *type = request->type;
    if (request->packed && strcasecmp(request->packed, "identity") != 0) {
        answer_error(answer, 415, NULL, "the body is packed (Content-Encoding: %.40s); send it as it is",
                     request->packed);
        return false;
    }
    for (size_t i = 0; type && i < sizeof names / sizeof *names; i++)
        if (is_type(type, names[i].name)) {
            *out = names[i].kind;
            return true;
        }
    answer_error(answer, 415, NULL,
                 "%s%.60s%s; say Content-Type: application/json, application/x-ndjson or text/csv%s",
                 type ? "rows come as JSON or CSV, not as `" : "the request does not say what its body is",
                 type ? type : "", type ? "`" : "",
                 type && is_type(type, "application/x-www-form-urlencoded")
                     ? " (curl: -H 'Content-Type: text/csv' --data-binary @FILE)" : "");
    return false;
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static bool is_column(const Schema *schema, const char *name)
{
    for (int i = 0; i < schema->n_columns; i++)
        if (strcmp(schema->columns[i].name, name) == 0) return true;
    return false;
}

/* Rows, an object each and a line each. */
static bool put_rows(const Doc *rows, Text *out, Answer *answer)
{
    for (size_t i = 0; i < doc_count(rows); i++) {
        if (doc_kind(doc_at(rows, i)) != DOC_OBJECT) {
            answer_error(answer, 400, "row", "request:%zu: a row is an object, such as {\"age\": 31}", i + 1);
            return false;
        }
        doc_print(doc_at(rows, i), 0, out);
        text_add(out, "\n");
    }
    if (doc_count(rows) > 0) return true;
    answer_error(answer, 400, NULL, "there are no rows in the request");
    return false;
}

static bool put_columns(const Doc *columns, Text *out, Answer *answer)
{
    const char *key, *first = NULL;
    const Doc *cells;
    size_t n = 0;
    for (size_t c = 0; doc_member(columns, c, &key, &cells); c++) {
        if (doc_kind(cells) != DOC_ARRAY) {
            answer_error(answer, 400, NULL,
                         "`%.60s` is no array, while `%.60s` is; rows are objects of cells, columns"
                         " are arrays, all of them", key, first ? first : "another member");
            return false;
        }
        if (first && doc_count(cells) != n) {
            answer_error(answer, 400, NULL,
                         "column `%.60s` has %zu cells and `%.60s` has %zu; they must be as many",
                         key, doc_count(cells), first, n);
            return false;
        }
        if (!first) first = key, n = doc_count(cells);
    }
    for (size_t i = 0; i < n; i++) {
        text_add(out, "{");
        for (size_t c = 0; doc_member(columns, c, &key, &cells); c++) {
            if (c) text_add(out, ",");
            text_json(out, key);
            text_add(out, ":");
            doc_print(doc_at(cells, i), 0, out);
        }
        text_add(out, "}\n");
    }
    if (n > 0) return true;
    answer_error(answer, 400, NULL, "there are no rows in the request");
    return false;
}

static bool has_arrays(const Doc *object, const Schema *schema)
{
    const char *key;
    const Doc *value;
    for (size_t i = 0; doc_member(object, i, &key, &value); i++)
        if (doc_kind(value) == DOC_ARRAY && is_column(schema, key)) return true;
    return false;
}

/* The body as objects, a line each: itself where it is one object. */
static bool as_lines(const Doc *doc, const Schema *schema, JsonForm *form, Text *out, Answer *answer)
{
    const Doc *rows = doc_get(doc, "rows");
    if (doc_kind(doc) == DOC_ARRAY) {
        *form = JSON_LIST;
        return put_rows(doc, out, answer);
    }
    if (doc_kind(doc) != DOC_OBJECT) {
        answer_error(answer, 400, NULL, "the request is neither an object, a row, nor an array of them");
        return false;
    }
    if (rows && !is_column(schema, "rows")) {
        *form = JSON_ROWS;
        if (doc_kind(rows) == DOC_ARRAY) return put_rows(rows, out, answer);
        answer_error(answer, 400, NULL, "`rows` is not an array of objects");
        return false;
    }
    *form = has_arrays(doc, schema) ? JSON_ROWS : JSON_ROW;
    return *form == JSON_ROW || put_columns(doc, out, answer);
}

/* ---- rows ---------------------------------------------------------------------------------------- */

static int code_of(const Error *err)
{
    return err->code == ERR_DATA || err->code == ERR_CONFIG ? 400 : err->code == ERR_MEMORY ? 503 : 500;
}

static bool read_rows(const char *bytes, size_t n, const BlockOptions *how, const char *row_is, Arena *arena,
                      Input *out, Answer *answer)
{
    Blocks blocks;
    BlockCounts counts;
    Error err = {0};
    bool ok = blocks_begin(how, bytes, n, arena, &blocks, &err) && blocks_counts(&blocks, arena, &counts, &err)
           && blocks_table(&blocks, bytes + blocks.from, n - blocks.from, blocks.first_line, arena, &out->table,
                           &counts, &err);
    if (ok && !out->table) ok = error_set(&err, ERR_DATA, "there are no rows in the request");
    if (!ok) {
        answer_error(answer, code_of(&err), row_is, "%s", err.message);
        return false;
    }
    for (int i = 0; i < how->schema->n_columns; i++) out->unknown += counts.columns[i].unknown;
    return true;
}

bool input_table(const Request *request, const Schema *schema, const ReadOptions *read, const char *id,
                 Arena *arena,
                 Input *out, Answer *answer)
{
    ReadOptions options = *read;
    BlockOptions how = {.path = "request", .options = &options, .schema = schema, .id = id, .whole = true};
    *out = (Input){.kind = INPUT_CSV};
    if (!input_kind(request, &out->kind, answer)) return false;
    options.format = out->kind == INPUT_CSV ? FORMAT_CSV : FORMAT_NDJSON;
    if (request->n_body == 0) {
        answer_error(answer, 400, NULL, "the request has no body; rows are expected in it");
        return false;
    }
    if (out->kind != INPUT_JSON)
        return read_rows(request->body, request->n_body, &how, "line", arena, out, answer);
    Error err;
    Text lines = {0};
    Doc *doc = doc_parse(request->body, request->n_body, &err);
    if (!doc) {
        answer_error(answer, err.code == ERR_MEMORY ? 503 : 400, NULL, "the request is no JSON: %s%s",
                     err.message, strstr(err.message, "NaN") || strstr(err.message, "Infinity")
                     ? "; a number that is missing is null" : "");
        return false;
    }
    bool ok = as_lines(doc, schema, &out->form, &lines, answer);
    if (ok && !text_ok(&lines)) {
        answer_error(answer, 503, NULL, "out of memory");
        ok = false;
    }
    doc_free(doc);
    const bool own = out->form != JSON_ROW;
    ok = ok && read_rows(own ? lines.bytes : request->body, own ? lines.n : request->n_body, &how,
                         own ? "row" : "line", arena, out, answer);
    text_free(&lines);
    return ok;
}
