/* Finds objects in lines of output, takes their numbers by name, and makes reports of them. */
#include "tuner/trial/metric_stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/names.h"

void metric_stream_start(MetricStream *stream, int n_wanted, const char *const *wanted, Arena *arena)
{
    *stream = (MetricStream){.n_wanted = n_wanted, .wanted = wanted, .arena = arena, .value = NAN};
    stream->gathering = (StreamReport){0, NAN, NAN, NAN, NAN, NAN};
}

/* ---- from what programs print to JSON -------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Words that JSON has not: nan and inf as null, Python's constants as JSON's. */
static void add_word(const char *word, size_t n, Text *out)
{
    static const struct {
        const char *said, *meant;
    } words[] = {{"NaN", "null"}, {"nan", "null"}, {"Infinity", "null"}, {"inf", "null"}, {"None", "null"},
                 {"True", "true"}, {"False", "false"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].said) == n && strncmp(words[i].said, word, n) == 0) {
            if (out->n > 0 && out->bytes[out->n - 1] == '-') out->bytes[--out->n] = '\0';
            text_add(out, words[i].meant);
            return;
        }
    text_add_n(out, word, n);
}

/* A Python dictionary or a JSON object as JSON. Strings are copied; single quotes become double. */
static void to_json(const char *text, size_t n, Text *out)
{
    char quote = '\0';
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (quote) {
            if (c == '\\' && i + 1 < n) {
                if (text[i + 1] != '\'') text_add_n(out, text + i, 2);
                else text_add(out, "'");
                i++;
            } else if (c == quote) {
                quote = '\0';
                text_add(out, "\"");
            } else if (c == '"') {
                text_add(out, "\\\"");
            } else {
                text_add_n(out, &c, 1);
            }
        } else if (c == '"' || c == '\'') {
            quote = c;
            text_add(out, "\"");
        } else if (is_letter(c) && (i == 0 || !(text[i - 1] >= '0' && text[i - 1] <= '9'))) {
            size_t length = 1;
            while (i + length < n && is_letter(text[i + length])) length++;
            add_word(text + i, length, out);
            i += length - 1;
        } else {
            text_add_n(out, &c, 1);
        }
    }
}

/* The text as an object; NULL when it is none. */
static Doc *object_of(const char *text, size_t n)
{
    while (n > 0 && is_blank(*text)) text++, n--;
    while (n > 0 && is_blank(text[n - 1])) n--;
    if (n < 2 || *text != '{' || memchr(text, '\0', n)) return NULL;
    Doc *doc = doc_parse(text, n, NULL);
    if (!doc) {
        Text json = {0};
        to_json(text, n, &json);
        if (text_ok(&json)) doc = doc_parse(json.bytes, json.n, NULL);
        text_free(&json);
    }
    if (doc && doc_kind(doc) != DOC_OBJECT) {
        doc_free(doc);
        return NULL;
    }
    return doc;
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

/* What a database of epochs has columns for, by the names that people give it. */
static void gather(StreamReport *report, const char *name, double value)
{
    static const char *const rate[] = {"learning_rate", "lr", NULL};
    static const char *const train[] = {"train_loss", "train/loss", "train.loss", "loss",
                                        "training_loss", NULL};
    static const char *const valid[] = {"val_loss", "val/loss", "val.loss", "valid_loss", "eval_loss",
                                        "eval/loss", "eval.loss", "validation_loss", NULL};
    static const char *const norm[] = {"grad_norm", "gradient_norm", NULL};
    if (names_find(rate, name) >= 0) report->learning_rate = value;
    if (names_find(train, name) >= 0) report->train_loss = value;
    if (names_find(valid, name) >= 0) report->val_loss = value;
    if (names_find(norm, name) >= 0) report->grad_norm = value;
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
        stream->as_text |= wanted == 0 && kind != DOC_NUMBER && kind != DOC_NULL;
        if (kind != DOC_NUMBER && !(kind == DOC_NULL && wanted >= 0)) continue;
        double value = doc_to_number(child, NAN);
        if (wanted == 0) {
            said->metric = true;
            said->value = value;
        }
        if (is_step(name)) said->step = value;
        if (is_epoch(name)) said->epoch = value;
        if ((is_step(name) || is_epoch(name)) && wanted < 0) continue;
        keep(stream, wanted < 0 ? name : stream->wanted[wanted], value);
        gather(&stream->gathering, name, value);
    }
}

static void take_object(MetricStream *stream, const Doc *object, bool may_report)
{
    Said said = {.value = NAN, .step = NAN, .epoch = NAN};
    visit(stream, object, "", 0, &said);
    if (!said.metric) return;
    stream->has_value = true;
    stream->value = said.value;
    /* Steps are finer than epochs; where both are said, they order the reports. */
    double step = isnan(said.step) ? said.epoch : said.step;
    bool report = isnan(step) ? !stream->stepped : !stream->stepped || step > stream->step;
    if (!report || !may_report) return;
    if (!isnan(step)) {
        stream->stepped = true;
        stream->step = step;
    }
    stream->gathering.number = ++stream->n_reports;
    stream->gathering.value = said.value;
    if (stream->on_report && !stream->on_report(stream->context, &stream->gathering))
        stream->closed = true;
    stream->gathering = (StreamReport){0, NAN, NAN, NAN, NAN, NAN};
}

static void take_line(MetricStream *stream, const char *line, size_t n, bool may_report)
{
    Doc *object = object_of(line, n);
    if (object) take_object(stream, object, may_report);
    doc_free(object);
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
            take_line(stream, line->text.bytes, line->text.n, true);
        else if (!line->skipping && piece <= STREAM_MAX_LINE)
            take_line(stream, bytes, piece, true); /* a whole line needs no copy */
        line->text.n = 0;
        line->skipping = false;
        bytes += piece + 1;
        n -= piece + 1;
    }
}

void metric_stream_end(MetricStream *stream, StreamLine *line)
{
    if (!stream->closed && !line->skipping && line->text.n > 0)
        take_line(stream, line->text.bytes, line->text.n, true);
    text_free(&line->text);
    *line = (StreamLine){0};
}

void metric_stream_values(MetricStream *stream, const char *bytes, size_t n)
{
    Doc *object = n <= STREAM_MAX_LINE ? object_of(bytes, n) : NULL; /* line ends are blanks to JSON */
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
