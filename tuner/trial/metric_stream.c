/* Finds objects in lines of output, takes their numbers by name, and makes reports of them. */
#include "tuner/trial/metric_stream.h"

#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "tuner/trial/loose.h"

const char *const take_names[] = {TAKE_LIST(LIST_NAME) NULL};

static const StreamReport nothing_said = {0, NAN, NAN, NAN, NAN, NAN, {NAN, NAN, NAN}};

void metric_stream_start(MetricStream *stream, int n_wanted, const char *const *wanted, Arena *arena)
{
    *stream = (MetricStream){.n_wanted = n_wanted, .wanted = wanted, .arena = arena, .value = NAN};
    stream->gathering = nothing_said;
}

/* ---- one object ------------------------------------------------------------------------------ */

static bool is_epoch(const char *name)
{
    return strcmp(name, "epoch") == 0;
}

static bool is_step(const char *name)
{
    static const char *const names[] = {"step", "_step", "global_step", NULL};
    return names_find(names, name) >= 0;
}

/* Which of the wanted names is this? -1: none. `val.loss` is also val/loss. */
static int wanted_place(const MetricStream *stream, const char *name)
{
    for (int i = 0; i < stream->n_wanted; i++) {
        const char *a = stream->wanted[i], *b = name;
        while (*a && (*a == *b || (*a == '/' && *b == '.'))) a++, b++;
        if (*a == *b) return i;
    }
    return -1;
}

/* There is always room left for what is wanted. */
static void keep(MetricStream *stream, const char *name, double value)
{
    int i = 0;
    while (i < stream->n_names && strcmp(stream->name[i], name) != 0) i++;
    if (i == stream->n_names) {
        bool wanted = wanted_place(stream, name) >= 0;
        if (!wanted && stream->n_others == STREAM_MAX_NAMES - stream->n_wanted) return;
        stream->name[i] = arena_copy(stream->arena, name);
        if (!stream->name[i]) return; /* out of memory: the caller's next allocation says so */
        stream->n_others += !wanted;
        stream->n_names++;
    }
    stream->last[i] = value;
}

/* What a database of epochs has columns for, by the names that people give it. Who is judged by a `loss` does
 * not say that it is the training's. */
static void gather(StreamReport *report, const char *name, bool is_metric, double value)
{
    static const char *const rate[] = {"learning_rate", "lr", NULL};
    static const char *const train[] = {"train_loss", "train/loss", "train.loss", "training_loss",
                                        "loss", NULL};
    static const char *const valid[] = {"val_loss", "val/loss", "val.loss", "valid_loss", "eval_loss",
                                        "eval/loss", "eval.loss", "validation_loss", NULL};
    static const char *const norm[] = {"grad_norm", "gradient_norm", NULL};
    if (names_find(rate, name) >= 0) report->learning_rate = value;
    if (names_find(train, name) >= 0 && !(is_metric && strcmp(name, "loss") == 0)) report->train_loss = value;
    if (names_find(valid, name) >= 0) report->val_loss = value;
    if (names_find(norm, name) >= 0) report->grad_norm = value;
}

/* A number that was said as text, "0.5" or "nan". */
static bool number_in(const char *text, double *value)
{
    static const char *const none[] = {"nan", "NaN", "inf", "Infinity", "-inf", "-Infinity", NULL};
    if (names_find(none, text) >= 0) return *value = NAN, true;
    return text_to_number(text, value);
}

typedef struct {
    bool metric;
    double value, step, epoch; /* NaN: not said */
} Said;

static void visit(MetricStream *stream, const Doc *object, const char *prefix, int depth, Said *said)
{
    const char *key;
    const Doc *child;
    for (size_t i = 0; doc_member(object, i, &key, &child); i++) {
        char name[STREAM_MAX_NAME + 1];
        size_t at = strlen(prefix), n = strlen(key);
        if (at + n + 1 > STREAM_MAX_NAME) continue;
        memcpy(name, prefix, at);
        if (at > 0) name[at++] = '.';
        memcpy(name + at, key, n + 1);
        DocKind kind = doc_kind(child);
        if (kind == DOC_OBJECT && depth < 8) visit(stream, child, name, depth + 1, said);
        int wanted = wanted_place(stream, name);
        if (wanted == 0 && stream->pattern) continue;
        double value = doc_to_number(child, NAN);
        bool asked = wanted >= 0 || is_step(name) || is_epoch(name);
        if (asked && kind == DOC_TEXT && number_in(doc_to_text(child, ""), &value)) kind = DOC_NUMBER;
        stream->as_text |= wanted == 0 && kind != DOC_NUMBER && kind != DOC_NULL;
        if (kind != DOC_NUMBER && !(kind == DOC_NULL && wanted >= 0)) continue;
        if (wanted == 0) {
            said->metric = true;
            said->value = value;
        }
        if (is_step(name)) said->step = value;
        if (is_epoch(name)) said->epoch = value;
        if ((is_step(name) || is_epoch(name)) && wanted < 0) continue;
        if (wanted != 0) keep(stream, wanted < 0 ? name : stream->wanted[wanted], value);
        gather(&stream->gathering, name, wanted == 0, value);
    }
}

/* The metric, of which the last value counts, or the best finite one. */
static void take_value(MetricStream *stream, double value)
{
    bool better = stream->take == TAKE_MIN ? value < stream->value : value > stream->value;
    bool counts = stream->take == TAKE_LAST || !isfinite(stream->value) || (isfinite(value) && better);
    if (counts) stream->value = value;
    stream->has_value = true;
    keep(stream, stream->wanted[0], stream->value);
}

static void report(MetricStream *stream, double value)
{
    stream->gathering.number = ++stream->n_reports;
    stream->gathering.value = value;
    for (int w = 1; w < stream->n_wanted && w <= STREAM_FURTHER; w++)
        for (int i = 0; i < stream->n_names; i++)
            if (strcmp(stream->name[i], stream->wanted[w]) == 0)
                stream->gathering.further[w - 1] = stream->last[i];
    if (stream->on_report && !stream->on_report(stream->context, &stream->gathering))
        stream->closed = true;
    stream->gathering = nothing_said;
}

static void take_object(MetricStream *stream, const Doc *object, bool may_report)
{
    Said said = {.value = NAN, .step = NAN, .epoch = NAN};
    visit(stream, object, "", 0, &said);
    if (!said.metric) return;
    take_value(stream, said.value);
    /* Steps are finer than epochs; where both are said, they order the reports. */
    double step = isnan(said.step) ? said.epoch : said.step;
    bool is_report = isnan(step) ? !stream->stepped : !stream->stepped || step > stream->step;
    if (!is_report || !may_report) return;
    if (!isnan(step)) {
        stream->stepped = true;
        stream->step = step;
    }
    report(stream, said.value);
}

/* ---- one match ------------------------------------------------------------------------------- */

typedef struct {
    MetricStream *stream;
    bool may_report;
} Matching;

/* "0.5", or "0.5." at the end of a sentence. */
static bool take_match(void *context, const char *text)
{
    Matching *matching = context;
    MetricStream *stream = matching->stream;
    char number[64];
    double value = NAN;
    size_t n = strlen(text);
    snprintf(number, sizeof number, "%s", text);
    while (n > 1 && !number_in(number, &value) && strchr(".,;+-eE", number[n - 1])) number[--n] = '\0';
    if (!number_in(number, &value)) return stream->as_text = true;
    take_value(stream, value);
    if (matching->may_report) report(stream, value);
    return !stream->closed;
}

/* ---- one line -------------------------------------------------------------------------------- */

/* Terminals' sequences taken out: ESC [ ... letter, ESC ] ... BEL. Returns what is left. */
static size_t without_colours(const char *line, size_t n, char *out)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        if (line[i] != 0x1B) {
            out[left++] = line[i];
        } else if (i + 1 < n && line[i + 1] == '[') {
            for (i += 2; i < n && (line[i] < 0x40 || line[i] > 0x7E);) i++;
        } else if (i + 1 < n && line[i + 1] == ']') {
            while (i < n && line[i] != 0x07 && !(line[i] == 0x1B && i + 1 < n && line[i + 1] == '\\')) i++;
            i += i < n && line[i] == 0x1B;
        } else {
            i++;
        }
    }
    return left;
}

/* Does a logger stand before the object: "INFO:root:", "[12:30] ", "2026-11-29 ... - ", "I1129 ... f.py:3] "?
 * "best so far: {...}" is somebody's own sentence. */
static bool is_log_head(const char *head, size_t n)
{
    static const char *const levels[] = {"DEBUG", "INFO", "NOTICE", "WARN", "ERROR", "CRITICAL"};
    char copy[201];
    while (n > 0 && (*head == ' ' || *head == '\t')) head++, n--;
    if (n == 0 || n >= sizeof copy) return false;
    memcpy(copy, head, n);
    copy[n] = '\0';
    if (*copy == '[' || *copy == '(' || (*copy >= '0' && *copy <= '9')) return true;
    if (strchr("IWEF", *copy) && strspn(copy + 1, "0123456789") >= 4) return true;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strstr(copy, levels[i])) return true;
    return false;
}

/* The object that begins there, if only a logger's head stands before it. */
static Doc *take_from(const char *piece, const char *begin, size_t n)
{
    size_t head = (size_t)(begin - piece);
    if (strspn(piece, " \t") < head && !is_log_head(piece, head)) return NULL;
    return loose_object(begin, n - head);
}

/* One piece between carriage returns. */
static bool take_piece(MetricStream *stream, const char *piece, size_t n, bool may_report)
{
    Matching matching = {stream, may_report};
    bool any = stream->pattern && pattern_find(stream->pattern, piece, n, take_match, &matching);
    const char *begin = loose_begin(piece, n);
    if (!begin) return any;
    const char *brace = memchr(begin, '{', n - (size_t)(begin - piece));
    Doc *object = take_from(piece, begin, n);
    if (!object && brace && brace > begin) object = take_from(piece, brace, n); /* "INFO (main): {...}" */
    if (object) take_object(stream, object, may_report);
    doc_free(object);
    return any || object != NULL;
}

static bool take_line(MetricStream *stream, const char *line, size_t n, bool may_report)
{
    char *clean = NULL;
    bool any = false;
    if (memchr(line, 0x1B, n) && (clean = malloc(n)) != NULL) n = without_colours(line, n, clean);
    for (const char *at = clean ? clean : line, *end = at + n; at < end;) {
        const char *next = memchr(at, '\r', (size_t)(end - at));
        if (!next) next = end;
        any |= take_piece(stream, at, (size_t)(next - at), may_report);
        at = next + 1;
    }
    free(clean);
    return any;
}

/* A line from a place where the program writes, which may be part of an object over several. */
static void hear_line(MetricStream *stream, StreamLine *line, const char *bytes, size_t n)
{
    Text *block = &line->block;
    bool any = take_line(stream, bytes, n, true);
    if (block->n > 0 && !any && n < STREAM_MAX_BLOCK - block->n) {
        text_add_n(block, "\n", 1);
        text_add_n(block, bytes, n);
        if (text_ok(block) && loose_is_open(block->bytes, block->n)) return;
        if (text_ok(block)) take_line(stream, block->bytes, block->n, true);
    } else if (block->n == 0 && !any && n > 0 && *bytes == '{' && n < STREAM_MAX_BLOCK
               && loose_is_open(bytes, n)) {
        text_add_n(block, bytes, n);
        if (text_ok(block)) return;
    }
    text_free(block);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* Part of a line, kept until its end comes. A line that is too long is no line of ours. */
static void hold(StreamLine *line, const char *bytes, size_t n)
{
    if (line->skipping) return;
    line->skipping = n > STREAM_MAX_LINE - line->text.n;
    if (!line->skipping) text_add_n(&line->text, bytes, n);
    if (!line->skipping && text_ok(&line->text)) return;
    text_free(&line->text);
    line->text = (Text){0};
    line->skipping = true;
}

void stream_line_free(StreamLine *line)
{
    text_free(&line->text);
    text_free(&line->block);
    *line = (StreamLine){0};
}

void metric_stream_feed(MetricStream *stream, StreamLine *line, const char *bytes, size_t n)
{
    while (n > 0 && !stream->closed) {
        const char *end = memchr(bytes, '\n', n);
        if (!end) {
            hold(line, bytes, n);
            return;
        }
        size_t piece = (size_t)(end - bytes);
        if (line->text.n > 0) hold(line, bytes, piece);
        if (!line->skipping && line->text.n > 0)
            hear_line(stream, line, line->text.bytes, line->text.n);
        else if (!line->skipping && piece <= STREAM_MAX_LINE)
            hear_line(stream, line, bytes, piece); /* a whole line needs no copy */
        line->text.n = 0;
        line->skipping = false;
        bytes += piece + 1;
        n -= piece + 1;
    }
}

void metric_stream_end(MetricStream *stream, StreamLine *line)
{
    if (!stream->closed && !line->skipping && line->text.n > 0)
        hear_line(stream, line, line->text.bytes, line->text.n);
    stream_line_free(line);
}

void metric_stream_values(MetricStream *stream, const char *bytes, size_t n)
{
    Doc *object = n <= STREAM_MAX_LINE ? loose_object(bytes, n) : NULL; /* line ends are blanks to JSON */
    if (object) {
        take_object(stream, object, false);
        doc_free(object);
        return;
    }
    while (n > 0) {
        const char *end = memchr(bytes, '\n', n);
        size_t piece = end ? (size_t)(end - bytes) : n;
        if (piece <= STREAM_MAX_LINE) take_line(stream, bytes, piece, false);
        n -= end ? piece + 1 : piece;
        bytes += end ? piece + 1 : piece;
    }
}
