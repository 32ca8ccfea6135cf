/* tuner/trial/metric_stream.h - what a program says about itself: lines of JSON among whatever else it prints.
 *
 * A line that is a JSON object carries numbers by name; nested ones are joined with a point:
 * {"val": {"loss": 0.3}} is `val.loss`, or `val/loss` where that is what is wanted. All other lines are
 * the program's own business. Also understood is what programs really print: Python's dictionaries
 * (loose.h), colours, a progress bar's carriage returns, a logger's head before the object, a number as text,
 * and an object over several lines that begins one of them.
 *
 * A report is a line with the wanted metric and a larger `epoch` (or `step`, `_step`, `global_step`)
 * than the last; as long as no line had one, every line with the metric. Reports are what early
 * termination counts, from 1, whatever numbers the program gives them, as W&B does. A line that is no
 * report, such as a summary at the end, still counts for the values: the last value of each name is
 * the program's answer.
 *
 * Bounds    a line of more than 1 MiB is skipped; 256 names, of up to 200 bytes, are kept, those that are
 *           wanted in any case.
 * Memory    what is kept of names lives in the arena; a line under way is malloc'd.
 */
#ifndef CONSORT_TUNER_TRIAL_METRIC_STREAM_H
#define CONSORT_TUNER_TRIAL_METRIC_STREAM_H
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/names.h"
#include "base/text.h"
#include "tuner/trial/pattern.h"

enum { STREAM_MAX_LINE = 1 << 20, STREAM_MAX_BLOCK = 1 << 16, STREAM_MAX_NAMES = 256, STREAM_MAX_NAME = 200,
       STREAM_FURTHER = 3 };

typedef struct {
    int number;   /* from 1 */
    double value; /* of the wanted metric; NaN when it says so */
    double learning_rate, train_loss, val_loss, grad_norm; /* NaN: not said */
    double further[STREAM_FURTHER]; /* the last values of the next wanted names; NaN: not said yet */
} StreamReport;

/* What of all that is said of the metric counts. */
#define TAKE_LIST(X) X(TAKE_LAST, "last") X(TAKE_MIN, "min") X(TAKE_MAX, "max")
typedef enum { TAKE_LIST(LIST_ID) } Take;
extern const char *const take_names[];

typedef struct {
    int n_wanted;
    const char *const *wanted; /* (n_wanted < STREAM_MAX_NAMES) the first makes a line a report */
    Arena *arena;
    bool (*on_report)(void *context, const StreamReport *report); /* false: hear no more */
    void *context;
    Take take;
    const Pattern *pattern; /* NULL: none; else the metric is read by it alone, and every match is a report */
    /* What was said. */
    int n_names;
    const char *name[STREAM_MAX_NAMES];
    double last[STREAM_MAX_NAMES];
    int n_reports;
    bool has_value;     /* the metric was said at least once ... */
    double value;       /* ... and this is what counts of it: its last value, or what `take` says */
    bool as_text;       /* it was said as something that is no number */
    bool closed;        /* on_report had enough */
    /* inside */
    int n_others; /* names that nobody wanted */
    bool stepped;
    double step;
    StreamReport gathering;
} MetricStream;

/* A line under way, of one of the places where a program writes. Zero to begin with. */
typedef struct {
    Text text;
    Text block; /* the lines so far of an object over several */
    bool skipping;
} StreamLine;
void stream_line_free(StreamLine *line);

/* `wanted` is borrowed; none: nothing is reported, everything is kept. */
void metric_stream_start(MetricStream *stream, int n_wanted, const char *const *wanted, Arena *arena);
void metric_stream_feed(MetricStream *stream, StreamLine *line, const char *bytes, size_t n);
/* The end of the output: what stands there without a line's end is a line, too. Frees the line. */
void metric_stream_end(MetricStream *stream, StreamLine *line);
/* The last values of a whole text: one JSON object over many lines, or lines of them. Makes no reports,
 * so it does no harm to lines that were fed before. */
void metric_stream_values(MetricStream *stream, const char *bytes, size_t n);
#endif
