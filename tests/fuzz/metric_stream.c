/* Fuzzes what a program says about itself, in pieces of any size: the pieces must not matter. Options: the
 * piece's size. */
#include "tests/fuzz/fuzz.h"
#include "tuner/trial/metric_stream.h"

static bool hear(void *context, const StreamReport *report)
{
    int *n = context;
    FUZZ_HOLDS(report->number == ++*n);
    return *n < 1000;
}

static void feed(MetricStream *stream, int *heard, const char *text, size_t size, size_t piece)
{
    static const char *const wanted[] = {"loss", "val/accuracy", "val.loss"};
    StreamLine line = {0};
    metric_stream_start(stream, 3, wanted, stream->arena);
    stream->on_report = hear;
    stream->context = heard;
    for (size_t at = 0; at < size; at += piece)
        metric_stream_feed(stream, &line, text + at, size - at < piece ? size - at : piece);
    metric_stream_end(stream, &line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static MetricStream whole, pieces;
    FuzzBytes say = fuzz_options(data, &size);
    char *text = fuzz_string(data, size);
    int heard = 0, heard_again = 0;
    whole = pieces = (MetricStream){.arena = fuzz_arena()};
    feed(&whole, &heard, text, size, size + 1);
    feed(&pieces, &heard_again, text, size, 1 + fuzz_byte(&say));
    FUZZ_HOLDS(heard == heard_again && whole.n_names == pieces.n_names);
    FUZZ_HOLDS(whole.has_value == pieces.has_value && whole.n_reports == pieces.n_reports);
    for (int i = 0; i < whole.n_names; i++) {
        FUZZ_HOLDS(strcmp(whole.name[i], pieces.name[i]) == 0 && strlen(whole.name[i]) <= STREAM_MAX_NAME);
        FUZZ_HOLDS(memcmp(&whole.last[i], &pieces.last[i], sizeof *whole.last) == 0);
    }
    metric_stream_values(&whole, text, size);
    free(text);
    return 0;
}
