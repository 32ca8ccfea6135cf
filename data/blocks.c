/* data/blocks.c - blocks of text become tables, as the beginning of the text says. */
#include "data/blocks.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/packed.h"
#include "data/read_csv.h"

enum { ENOUGH_LINES = 1100 }; /* what data/csv_start.c looks ahead, and the header */

/* ---- the beginning ------------------------------------------------------------------------------- */

bool blocks_can_begin(const char *bytes, size_t n)
{
    return blocks_lines(bytes, n) > ENOUGH_LINES;
}

static bool choose_format(Blocks *b, const char *bytes, size_t n, Error *err)
{
    const BlockOptions *o = &b->said;
    if (packed_how(bytes, n) != PACKED_NOT || packed_is_archive(bytes, n))
        return error_set(err, ERR_DATA, "%s is packed; unpack it first, such as with zcat FILE | ... -",
                         o->path);
    const int format = o->options->format != FORMAT_AUTO ? o->options->format
                     : reading_detect(o->path, bytes, n, o->schema);
    if (format != FORMAT_CSV && format != FORMAT_NDJSON)
        return error_set(err, ERR_DATA, "%s is %s; rows that come by and by are CSV or NDJSON", o->path,
                         data_format_names[format]);
    b->json = format == FORMAT_NDJSON;
    return true;
}

/* The place behind so many line ends. */
static size_t behind_lines(const char *bytes, size_t n, long lines)
{
    size_t at = 0;
    for (; lines > 0 && at < n; at++)
        if (bytes[at] == '\n' || (bytes[at] == '\r' && (at + 1 == n || bytes[at + 1] != '\n'))) lines--;
    return at;
}

static bool begin_csv(Blocks *b, const char *bytes, size_t n, Error *err)
{
    Reading *r = &b->plan;
    Bytes text = {malloc(n + 1), n};
    if (!text.bytes) return error_memory(err);
    memcpy(text.bytes, bytes, n);
    text.bytes[n] = '\0';
    bool ok = reading_make_text(r, &text, false, err);
    const size_t mark = ok ? reading_mark(text.bytes, text.n) : 0;
    Scanner s = {.path = r->path, .at = text.bytes + mark, .end = text.bytes + text.n, .line = 1,
                 .delimiter = ','};
    ok = ok && csv_begin(r, &s, err);
    if (ok && b->said.id) {
        b->id_column = reading_column(r, b->said.id);
        ok = b->id_column >= 0 || reading_no_column(r, "id", b->said.id, err);
    }
    b->first_line = s.line;
    b->from = s.line > 1 ? behind_lines(bytes, n, s.line - 1) : reading_mark(bytes, n);
    scan_free(&s);
    b->rows = scan_from(&s);
    b->rows.at = b->rows.end = NULL;
    bytes_free(&text);
    return ok;
}

static bool begin_json(Blocks *b, const char *bytes, size_t n, Error *err)
{
    size_t at = reading_mark(bytes, n);
    if (b->plan.schema->height > 0)
        return error_set(err, ERR_DATA, "%s is a table; the model reads images of %d x %d", b->plan.path,
                         b->plan.schema->height, b->plan.schema->width);
    b->first_line = 1;
    b->from = at;
    while (at < n && strchr(" \t\r\n", bytes[at])) at++;
    if (at < n && bytes[at] == '[')
        return error_set(err, ERR_DATA,
                         "%s is one array; rows that come by and by are objects, a line each, such"
                         " as jq -c '.[]' makes them", b->plan.path);
    return true;
}

bool blocks_begin(const BlockOptions *options, const char *bytes, size_t n, Arena *arena, Blocks *out,
                  Error *err)
{
    *out = (Blocks){.said = *options, .id_column = -1};
    out->plan = (Reading){.path = options->path, .options = options->options, .schema = options->schema,
                          .arena = arena, .label = -1, .part = true};
    if (n == 0) return error_set(err, ERR_DATA, "%s: the file is empty", options->path);
    if (!reading_rules(&out->plan, err) || !choose_format(out, bytes, n, err)) return false;
    return out->json ? begin_json(out, bytes, n, err) : begin_csv(out, bytes, n, err);
}

/* ---- where records end --------------------------------------------------------------------------- */

long blocks_lines(const char *bytes, size_t n)
{
    long lines = 0;
    if (!memchr(bytes, '\r', n)) {
        for (const char *at = bytes, *end = bytes + n; (at = memchr(at, '\n',
                                                                    (size_t)(end - at))); at++) lines++;
        return lines;
    }
    for (size_t i = 0; i < n; i++)
        lines += bytes[i] == '\n' || (bytes[i] == '\r' && i + 1 < n && bytes[i + 1] != '\n');
    return lines;
}

/* Behind the last line end that is one for sure; 0: there is none. */
static size_t last_line(const char *bytes, size_t n)
{
    for (size_t i = n; i > 0; i--)
        if (bytes[i - 1] == '\n' || (bytes[i - 1] == '\r' && i < n)) return i;
    return 0;
}

static size_t first_line(const char *bytes, size_t n)
{
    size_t i = 0;
    while (i < n && bytes[i] != '\n' && !(bytes[i] == '\r' && i + 1 < n)) i++;
    return i < n ? i + 1 + (bytes[i] == '\r' && bytes[i + 1] == '\n') : n;
}

/* Record by record, as they are read. One that cannot be read is a line. */
static size_t whole_records(const Blocks *b, const char *bytes, size_t n, bool last, int *rows)
{
    Scanner s = scan_from(&b->rows);
    const int most = *rows;
    size_t whole = 0;
    s.at = bytes;
    s.end = bytes + n;
    for (*rows = 0; *rows < most;) {
        const Scan scan = scan_record(&s, NULL);
        const size_t at = (size_t)(s.at - bytes);
        if (scan == RECORD_END) {
            if (last) whole = n;
            else if (at > 0 && bytes[at - 1] == '\n') whole = at;
            break;
        }
        if (!last && at == n && (bytes[n - 1] != '\n' || scan == RECORD_BAD)) break; /* it may go on */
        if (scan == RECORD_BAD) {
            const size_t line = first_line(bytes + whole, n - whole);
            if (!last && whole + line >= n) break;
            s.at = bytes + whole + line;
            whole += line;
        } else {
            whole = at;
        }
        ++*rows;
    }
    scan_free(&s);
    return whole;
}

/* Objects, whatever lines they take. What is none is a line. */
static size_t whole_objects(const char *bytes, size_t n, bool last, int *rows)
{
    const int most = *rows;
    size_t whole = 0;
    *rows = 0;
    while (*rows < most) {
        size_t at = whole;
        while (at < n && isspace((unsigned char)bytes[at])) at++;
        if (at == n) {
            whole = n;
            break;
        }
        size_t end = at;
        long depth = 0;
        bool inside = false;
        for (; bytes[at] == '{' && end < n; end++) {
            const char c = bytes[end];
            if (inside && c == '\\') end++;
            else if (c == '"') inside = !inside;
            else if (!inside && c == '{') depth++;
            else if (!inside && c == '}' && --depth == 0) break;
        }
        bool closed = bytes[at] == '{' && end < n;
        if (!closed && (!last || bytes[at] != '{')) { /* a line of its own, unless it may go on */
            if (bytes[at] == '{') break;
            end = at + first_line(bytes + at, n - at);
            if (end == n && !last && bytes[n - 1] != '\n') break;
            whole = end;
        } else if (!closed) {
            whole = n;
        } else { /* what stands behind it in its line belongs to it: another object, or nonsense */
            whole = end + 1;
            while (whole < n && (bytes[whole] == ' ' || bytes[whole] == '\t' || bytes[whole] == '\r')) whole++;
            if (whole < n && bytes[whole] == '\n') whole++;
        }
        ++*rows;
    }
    return whole;
}

size_t blocks_whole(const Blocks *b, const char *bytes, size_t n, bool last, int *rows)
{
    if (n == 0) return *rows = 0, 0;
    if (b->json) return whole_objects(bytes, n, last, rows);
    if (*rows < INT_MAX || memchr(bytes, '"', n)) return whole_records(b, bytes, n, last, rows);
    *rows = -1;
    return last ? n : last_line(bytes, n);
}

/* ---- rows ---------------------------------------------------------------------------------------- */

/* Sets of levels grow with what is met; those of the plan stay. */
static bool copy_levels(const TextSet *from, Arena *arena, TextSet *out)
{
    const size_t slots = (size_t)from->index.n_slots;
    *out = *from;
    if (from->n == 0) return true;
    out->text = ARENA_NEW(arena, const char *, from->capacity);
    out->index.slots = ARENA_NEW(arena, SetSlot, slots);
    if (!out->text || !out->index.slots) return false;
    memcpy(out->text, from->text, (size_t)from->n * sizeof *out->text);
    memcpy(out->index.slots, from->index.slots, slots * sizeof *out->index.slots);
    return true;
}

static bool copy_plan(const Blocks *b, Arena *arena, Reading *out, Error *err)
{
    *out = b->plan;
    out->arena = arena;
    out->notes = NULL;
    out->n_notes = out->note_capacity = 0;
    out->part = !b->said.whole;
    if (b->json) return true;
    out->columns = ARENA_NEW(arena, RawColumn, out->n_columns);
    if (!out->columns) return error_memory(err);
    memcpy(out->columns, b->plan.columns, (size_t)out->n_columns * sizeof *out->columns);
    for (int i = 0; i < out->n_columns; i++)
        if (!copy_levels(&b->plan.columns[i].levels, arena, &out->columns[i].levels)) return error_memory(err);
    return true;
}

static bool take_rows(const Blocks *b, Reading *r, const char *bytes, size_t n, long line, Table **out,
                      Error *err)
{
    if (b->json) {
        r->first_line = line - 1;
        return read_ndjson(r, bytes, n, out, err);
    }
    Scanner s = scan_from(&b->rows);
    s.at = bytes;
    s.end = bytes + n;
    s.line = line;
    const bool ok = csv_rows(r, &s, err);
    scan_free(&s);
    if (ok && r->n_rows == 0) return true;
    return ok && reading_finish(r, out, err);
}

static bool take_carried(Carried *carried, const Blocks *b, Arena *arena, Table *table, Error *err)
{
    Column *id = ARENA_NEW(arena, Column, 1);
    const char *at = arena_copy_n(arena, carried->bytes.bytes, carried->bytes.n);
    if (!id || !at || carried->broken) return error_memory(err);
    *id = (Column){.name = b->id_column >= 0 ? b->plan.columns[b->id_column].name : b->said.id,
                   .kind = COLUMN_NOMINAL, .n_levels = carried->n,
                       .code = ARENA_NEW(arena, int32_t, carried->n),
                   .levels = ARENA_NEW(arena, const char *, carried->n)};
    if (!id->code || !id->levels) return error_memory(err);
    for (int i = 0; i < carried->n; i++, at += strlen(at) + 1) {
        id->code[i] = i;
        id->levels[i] = at;
    }
    table->id = id;
    return true;
}

static void count(const Reading *r, const Table *table, BlockCounts *counts)
{
    counts->rows = table->n_rows;
    if (r->n_notes && !counts->note) counts->note = r->notes[0];
    for (int i = 0; i < r->n_columns; i++) {
        const RawColumn *c = &r->columns[i];
        if (c->role != ROLE_FEATURE) continue;
        BlockColumn *to = &counts->columns[c->position];
        *to = (BlockColumn){.unknown = c->n_unknown, .unknown_line = c->unknown_line, .infinite = c->n_infinite,
                            .refused = c->n_refused, .missing = c->n_missing};
        if (c->n_unknown) cell_quote(c->levels.text[c->n_known], strlen(c->levels.text[c->n_known]), to->first);
        if (c->n_refused) cell_quote(c->refused, strlen(c->refused), to->first_refused);
    }
}

static bool all_blank(const char *bytes, size_t n)
{
    size_t i = 0;
    while (i < n && isspace((unsigned char)bytes[i])) i++; /* as data/read_ndjson.c has it */
    return i == n;
}

bool blocks_table(const Blocks *b, const char *bytes, size_t n, long line, Arena *arena, Table **out,
                  BlockCounts *counts, Error *err)
{
    Reading r;
    Carried carried = {.name = b->said.id, .column = b->id_column};
    Bytes own = {NULL, 0};
    *out = NULL;
    if (n == 0 || (b->json && all_blank(bytes, n))) return true;
    if (!copy_plan(b, arena, &r, err)) return false;
    r.carried = b->said.id ? &carried : NULL;
    bool ok = true;
    if (memchr(bytes, 0, n) || !text_is_utf8(bytes, n)) {
        own = (Bytes){malloc(n + 1), n};
        if (!own.bytes) return error_memory(err);
        memcpy(own.bytes, bytes, n);
        own.bytes[n] = '\0';
        const char *zero = memchr(bytes, 0, n);
        ok = zero ? error_set(err, ERR_DATA, "%s:%ld: a zero byte: this is no text", r.path,
                              line + blocks_lines(bytes, (size_t)(zero - bytes)))
                  : reading_make_text(&r, &own, true, err);
        bytes = own.bytes;
        n = own.n;
    }
    ok = ok && take_rows(b, &r, bytes, n, line, out, err)
      && (!*out || !r.carried || take_carried(&carried, b, arena, *out, err));
    if (ok && *out && counts) count(&r, *out, counts);
    text_free(&carried.bytes);
    bytes_free(&own);
    return ok;
}

/* ---- what cells were ----------------------------------------------------------------------------- */

bool blocks_counts(const Blocks *b, Arena *arena, BlockCounts *out, Error *err)
{
    *out = (BlockCounts){.columns = ARENA_NEW(arena, BlockColumn, b->said.schema->n_columns)};
    return out->columns || error_memory(err);
}

void blocks_add(const Blocks *b, const BlockCounts *from, BlockCounts *to)
{
    to->rows += from->rows;
    if (!to->note) to->note = from->note;
    for (int i = 0; i < b->said.schema->n_columns; i++) {
        const BlockColumn *more = &from->columns[i];
        BlockColumn *sum = &to->columns[i];
        if (more->unknown && !sum->unknown) {
            memcpy(sum->first, more->first, sizeof sum->first);
            sum->unknown_line = more->unknown_line;
        }
        if (more->refused && !sum->refused) memcpy(sum->first_refused, more->first_refused, sizeof sum->first);
        sum->unknown += more->unknown;
        sum->infinite += more->infinite;
        sum->refused += more->refused;
        sum->missing += more->missing;
    }
}

void blocks_notes(const Blocks *b, const BlockCounts *counts, Text *out)
{
    if (counts->note) text_print(out, "%s\n", counts->note);
    for (int i = 0; i < b->said.schema->n_columns; i++) {
        const Column *column = &b->said.schema->columns[i];
        const BlockColumn *c = &counts->columns[i];
        if (c->infinite)
            text_print(out, "column `%s`: %ld infinite value%s taken as missing\n", column->name, c->infinite,
                       c->infinite == 1 ? "" : "s");
        if (c->refused)
            text_print(out, "column `%s`: %ld cell%s no %s of it and taken as missing, first `%s`\n",
                       column->name,
                       c->refused, c->refused == 1 ? " is" : "s are",
                       column->kind == COLUMN_DATE ? "date as those" : "level", c->first_refused);
        if (c->unknown)
            text_print(out, "column `%s`: %ld of %ld words unknown to the model, first `%s` in line %ld\n",
                       column->name, c->unknown, counts->rows - c->missing, c->first, c->unknown_line);
        if (counts->rows > 0 && c->missing == counts->rows)
            text_print(out, "column `%s` is missing in all rows\n", column->name);
    }
}
