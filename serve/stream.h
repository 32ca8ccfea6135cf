/* serve/stream.h - rows in, rows out, for as long as rows come: `consort predict --stream`.
 *
 * The caller's thread reads and cuts the text where records end (data/blocks.h); workers read, predict and
 * write
 * down a block each; one thread writes what is done, in the order of the input. So there is a row out for each
 * row in, byte for byte what `consort predict` says of the same file, and memory is that of a few blocks,
 * whatever the length. When the input pauses for some milliseconds, what is there is predicted and written.
 *
 * A row that cannot be read ends the stream behind the rows before it, or (`skip`) is a row out without
 * anything in it; as JSON {"error": "..."}. So rows out still are as many as rows in.
 *
 * Threads  workers, and one that writes; all are gone when the call returns.
 * Memory   about `threads` + 3 blocks; a record longer than 64 MiB is refused.
 * Errors   ERR_DATA for a row, with its line; ERR_IO where reading or writing fails (a full disk, a closed
 * pipe).
 */
#ifndef CONSORT_SERVE_STREAM_H
#define CONSORT_SERVE_STREAM_H
#include "data/blocks.h"
#include "job/predict_rows.h"

typedef struct {
    PredictFormat format;    /* of a row; its work is the stream's own. JSON rows also where JSON comes in */
    const ReadOptions *read; /* FORMAT_AUTO, FORMAT_CSV, FORMAT_NDJSON */
    const char *path;        /* for messages */
    const char *id;          /* a column that goes along; NULL: none */
    int in, out;             /* descriptors */
    int threads;             /* workers; 0: one a core */
    int batch;               /* rows of a block at most; 0: as many as 256 KiB hold */
    bool skip;
    bool calm;               /* `out` is a terminal: what it would obey becomes blanks */
    void (*on_bad)(void *context, const char *message); /* of each row that is skipped, in order; may be NULL */
    void *context;
} StreamOptions;

typedef struct {
    long rows, skipped;
    Text notes; /* what is to be known of the cells, a line each; text_free() */
} StreamEnd;

/* How many cores this process may use. */
int stream_cores(void);
/* `end` is filled in also where it fails: up to there. */
bool stream_rows(const StreamOptions *options, Arena *arena, StreamEnd *end, Error *err);
#endif
