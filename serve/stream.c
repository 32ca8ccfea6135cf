/* serve/stream.c - one reads, some predict, one writes.
 *
 * Blocks stand in a ring. A block belongs to the reader while it is EMPTY, to a worker from FULL on, to the
 * writer
 * when it is DONE. All three go around the ring in order, so that order needs no other care.
 */
#include "serve/stream.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 1 << 18, MOST_RECORD = 1 << 26, MOST_WORKERS = 64, PAUSE_MS = 10 };

typedef enum { EMPTY, FULL, DONE } BlockState;

typedef struct {
    BlockState state;
    Text in;
    long line;
    Arena *arena;
    Text out, bad;   /* rows, and what was wrong with those that are none, a line each */
    BlockCounts counts;
    long skipped;
    bool failed;     /* `why`, behind the rows in `out` */
    Error why;
} Block;

typedef struct {
    const StreamOptions *said;
    Blocks blocks;
    Block *ring;
    int n_ring;
    BlockCounts sum;
    StreamEnd *end;
    Arena *arena;    /* the writer's, while there are threads */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    long next;       /* the first block that no worker has taken */
    long filled;     /* the first that is not FULL yet */
    bool closed;     /* no more will be */
    bool broken;     /* something failed: `why`, the first in the order of the text */
    Error why;
} Stream;

/* ---- a block ------------------------------------------------------------------------------------- */

static void bad_row(const Stream *s, Block *b, const PredictFormat *f, const Error *why)
{
    b->skipped++;
    text_print(&b->bad, "%s\n", why->message);
    if (f->json) {
        text_add(&b->out, "{\"error\":");
        text_json(&b->out, why->message);
        text_add(&b->out, "}\n");
        return;
    }
    Text header = {0}; /* as many cells as it has names, all empty */
    PredictFormat names = *f;
    Column id = {.name = "id"};
    bool quoted = false;
    names.id = s->said->id ? &id : NULL;
    predict_header(&names, &header);
    for (size_t i = 0; i < header.n; i++) {
        quoted ^= header.bytes[i] == '"';
        if (header.bytes[i] == ',' && !quoted) text_add(&b->out, ",");
    }
    text_add(&b->out, "\n");
    b->out.broken = b->out.broken || !text_ok(&header);
    text_free(&header);
}

static bool good_rows(const Stream *s, Block *b, const char *bytes, size_t n, long line, PredictFormat *f,
                      int *rows,
                      Error *err)
{
    Table *table;
    Predicted predicted;
    BlockCounts counts;
    if (!blocks_counts(&s->blocks, b->arena, &counts, err)
        || !blocks_table(&s->blocks, bytes, n, line, b->arena, &table, &counts, err)) return false;
    *rows = table ? table->n_rows : 0;
    if (!table) return true;
    if (!predict_table(f->model, table, b->arena, &predicted, err)) return false;
    f->predicted = &predicted;
    f->id = table->id;
    for (int i = 0; i < predicted.n_rows; i++) predict_row(f, i, &b->out);
    blocks_add(&s->blocks, &counts, &b->counts);
    return true;
}

/* All rows of a run of records, or those before the first bad one; a run with a bad one is halved until that
 * one
 * stands alone. */
static bool do_rows(const Stream *s, Block *b, const char *bytes, size_t n, long line, PredictFormat *f,
                    Error *err)
{
    int rows = 0;
    if (n == 0 || good_rows(s, b, bytes, n, line, f, &rows, err)) return true;
    if (err->code != ERR_DATA) return false;
    int records = INT_MAX - 1;
    blocks_whole(&s->blocks, bytes, n, true, &records);
    if (records <= 1) {
        if (s->said->skip) bad_row(s, b, f, err);
        return s->said->skip;
    }
    records /= 2;
    const size_t half = blocks_whole(&s->blocks, bytes, n, true, &records);
    if (half == 0 || half >= n) return false;
    return do_rows(s, b, bytes, half, line, f, err)
        && do_rows(s, b, bytes + half, n - half, line + blocks_lines(bytes, half)
                   + (bytes[half - 1] == '\r' && bytes[half] != '\n'), f, err);
}

static void do_block(const Stream *s, Block *b)
{
    PredictFormat f = s->said->format;
    f.json = f.json || s->blocks.json;
    arena_reset(b->arena);
    b->failed = !predict_format_room(&f, b->arena, &b->why)
             || !blocks_counts(&s->blocks, b->arena, &b->counts, &b->why)
             || !do_rows(s, b, b->in.bytes, b->in.n, b->line, &f, &b->why);
    if (!b->failed && (!text_ok(&b->out) || !text_ok(&b->bad))) b->failed = !error_memory(&b->why);
    if (s->said->calm && text_ok(&b->out) && b->out.n > 0) text_calm(b->out.bytes, b->out.n, true);
}

static void *work(void *context)
{
    Stream *s = context;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        while (s->next == s->filled && !s->closed && !s->broken) pthread_cond_wait(&s->moved, &s->lock);
        if (s->next == s->filled || s->broken) break;
        Block *b = &s->ring[s->next++ % s->n_ring];
        pthread_mutex_unlock(&s->lock);
        do_block(s, b);
        pthread_mutex_lock(&s->lock);
        b->state = DONE;
        pthread_cond_broadcast(&s->moved);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* ---- out ----------------------------------------------------------------------------------------- */

static bool put(int to, const char *bytes, size_t n, Error *err)
{
    while (n > 0) {
        const ssize_t k = write(to, bytes, n);
        if (k < 0 && errno == EINTR) continue;
        if (k < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = to, .events = POLLOUT};
            poll(&room, 1, -1);
            continue;
        }
        if (k <= 0) return error_set(err, ERR_IO, "cannot write to standard output: %s", strerror(errno));
        bytes += k;
        n -= (size_t)k;
    }
    return true;
}

static void tell_bad(const Stream *s, const Block *b)
{
    for (char *at = b->bad.bytes, *end; at && b->bad.n > 0 && *at && s->said->on_bad; at = end + 1) {
        if (!(end = strchr(at, '\n'))) break;
        *end = '\0';
        s->said->on_bad(s->said->context, at);
    }
}

static bool put_block(Stream *s, Block *b, Error *err)
{
    if (b->out.n > 0 && text_ok(&b->out) && !put(s->said->out, b->out.bytes, b->out.n, err)) return false;
    tell_bad(s, b);
    s->end->skipped += b->skipped;
    if (b->counts.columns) {
        if (b->counts.note && !s->sum.note) b->counts.note = arena_copy(s->arena, b->counts.note);
        blocks_add(&s->blocks, &b->counts, &s->sum);
    }
    if (b->failed) *err = b->why;
    return !b->failed;
}

static void *write_out(void *context)
{
    Stream *s = context;
    Error err;
    for (long at = 0;; at++) {
        Block *b = &s->ring[at % s->n_ring];
        pthread_mutex_lock(&s->lock);
        while (!s->broken && !(at < s->filled && b->state == DONE) && !(s->closed && at == s->filled))
            pthread_cond_wait(&s->moved, &s->lock);
        const bool over = s->broken || at == s->filled;
        pthread_mutex_unlock(&s->lock);
        if (over) return NULL;
        const bool ok = put_block(s, b, &err);
        b->out.n = b->bad.n = 0;
        b->skipped = 0;
        pthread_mutex_lock(&s->lock);
        b->state = EMPTY;
        if (!ok) {
            s->broken = true;
            s->why = err;
        }
        pthread_cond_broadcast(&s->moved);
        pthread_mutex_unlock(&s->lock);
        if (!ok) return NULL;
    }
}

/* ---- in ------------------------------------------------------------------------------------------ */

typedef struct {
    char *bytes; /* what no block has yet */
    size_t n, capacity;
    bool over;   /* the input has ended */
    bool paused;
} Input;

static bool make_room(char **bytes, size_t *capacity, size_t n, Error *err)
{
    if (n <= *capacity) return true;
    size_t more = *capacity ? *capacity : BLOCK_BYTES;
    while (more < n) more *= 2;
    char *room = realloc(*bytes, more);
    if (!room) return error_memory(err);
    *bytes = room;
    *capacity = more;
    return true;
}

/* Something went wrong behind us: what still comes is for nobody. */
static bool is_broken(Stream *s)
{
    pthread_mutex_lock(&s->lock);
    const bool broken = s->broken;
    pthread_mutex_unlock(&s->lock);
    return broken;
}

/* Reads some more, up to `want` bytes in all. Waits for the first byte as long as it takes, and for others
 * PAUSE_MS. */
static bool take(Stream *s, Input *in, size_t want, Error *err)
{
    if (!make_room(&in->bytes, &in->capacity, want, err)) return false;
    in->paused = false;
    while (!in->over && in->n < want) {
        struct pollfd from = {.fd = s->said->in, .events = POLLIN};
        const int ready = poll(&from, 1, in->n ? PAUSE_MS : 250);
        if (ready < 0 && errno != EINTR) return error_set(err, ERR_IO, "%s: %s", s->said->path,
                                                          strerror(errno));
        if (is_broken(s)) return true;
        if (ready == 0 && in->n) {
            in->paused = true;
            return true;
        }
        if (ready <= 0) continue;
        const ssize_t k = read(s->said->in, in->bytes + in->n, want - in->n);
        if (k < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (k < 0) return error_set(err, ERR_DATA, "%s: %s", s->said->path, strerror(errno));
        in->over = k == 0;
        in->n += (size_t)k;
    }
    return true;
}

/* The block that is filled next, when it is free; NULL: something failed. */
static Block *next_block(Stream *s)
{
    pthread_mutex_lock(&s->lock);
    Block *b = &s->ring[s->filled % s->n_ring];
    while (b->state != EMPTY && !s->broken) pthread_cond_wait(&s->moved, &s->lock);
    const bool broken = s->broken;
    pthread_mutex_unlock(&s->lock);
    return broken ? NULL : b;
}

static bool hand_over(Stream *s, Input *in, size_t whole, long *line, Error *err)
{
    Block *b = next_block(s);
    if (!b) return true;
    b->in.n = 0;
    text_add_n(&b->in, in->bytes, whole);
    if (!text_ok(&b->in)) return error_memory(err);
    b->line = *line;
    *line += blocks_lines(in->bytes, whole) + (in->bytes[whole - 1] == '\r' && whole < in->n);
    memmove(in->bytes, in->bytes + whole, in->n - whole);
    in->n -= whole;
    pthread_mutex_lock(&s->lock);
    b->state = FULL;
    s->filled++;
    pthread_cond_broadcast(&s->moved);
    pthread_mutex_unlock(&s->lock);
    return true;
}

static bool read_in(Stream *s, Input *in, Error *err)
{
    long line = s->blocks.first_line;
    size_t want = BLOCK_BYTES;
    while (!is_broken(s)) {
        if (!in->over && !take(s, in, want, err)) return false;
        for (size_t whole = 1; whole > 0 && in->n > 0 && !is_broken(s);) {
            int rows = s->said->batch > 0 ? s->said->batch : INT_MAX;
            const bool full = in->n >= want || in->paused || in->over;
            whole = blocks_whole(&s->blocks, in->bytes, in->n, in->over, &rows);
            if (s->said->batch > 0 && rows < s->said->batch && !full) break;
            if (whole > 0 && !hand_over(s, in, whole, &line, err)) return false;
        }
        if (in->over) return true;
        want = BLOCK_BYTES;
        while (want <= in->n) want *= 2; /* a long record */
        if (want > MOST_RECORD)
            return error_set(err, ERR_DATA,
                             "%s:%ld: a row that goes on for %d MiB; is a quote or a brace not closed?",
                             s->said->path, line, MOST_RECORD >> 20);
        if (in->paused && in->n > 0) { /* half a record: wait for the rest */
            struct pollfd from = {.fd = s->said->in, .events = POLLIN};
            while (poll(&from, 1, 250) == 0 && !is_broken(s)) continue;
        }
    }
    return true;
}

/* What stands above the rows. It needs a thousand rows, or what there is when the input pauses and one is
 * there. */
static bool begin(Stream *s, Input *in, Arena *arena, Error *err)
{
    const StreamOptions *o = s->said;
    const BlockOptions how = {.path = o->path, .options = o->read, .schema = &o->format.model->schema,
                              .id = o->id};
    for (size_t want = BLOCK_BYTES; !in->over; want *= 2) {
        if (!take(s, in, want, err)) return false;
        if (in->over || blocks_can_begin(in->bytes, in->n) || want >= MOST_RECORD) break;
        if (in->paused && (blocks_lines(in->bytes, in->n) >= 2 || ndjson_looks_like(in->bytes, in->n))) break;
        if (in->paused) {
            struct pollfd from = {.fd = o->in, .events = POLLIN};
            while (poll(&from, 1, 1000) == 0) continue;
        }
        if (in->n < want / 2) want /= 2;
    }
    size_t n = in->n;
    while (!in->over && n > 0 && in->bytes[n - 1] != '\n') n--;
    if (n == 0) n = in->n;
    if (!blocks_begin(&how, in->bytes, n, arena, &s->blocks, err)) return false;
    memmove(in->bytes, in->bytes + s->blocks.from, in->n - s->blocks.from);
    in->n -= s->blocks.from;
    return true;
}

static bool put_header(Stream *s, Error *err)
{
    PredictFormat f = s->said->format;
    Text text = {0};
    if (f.json || s->blocks.json) return true;
    const Column id = {.name = s->said->id && s->blocks.id_column >= 0
                               ? s->blocks.plan.columns[s->blocks.id_column].name : s->said->id};
    f.id = s->said->id ? &id : NULL;
    predict_header(&f, &text);
    if (s->said->calm && text_ok(&text)) text_calm(text.bytes, text.n, true);
    const bool ok = text_ok(&text) ? put(s->said->out, text.bytes, text.n, err) : error_memory(err);
    text_free(&text);
    return ok;
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static bool make_ring(Stream *s, int workers, Arena *arena, Error *err)
{
    s->n_ring = workers + 3;
    s->ring = ARENA_NEW(arena, Block, s->n_ring);
    if (!s->ring) return error_memory(err);
    for (int i = 0; i < s->n_ring; i++)
        if (!(s->ring[i].arena = arena_create(0))) return error_memory(err);
    return true;
}

static bool run(Stream *s, Input *in, int workers, Error *err)
{
    pthread_t thread[MOST_WORKERS + 1];
    int n = 0, reason = pthread_create(&thread[n], NULL, write_out, s);
    n += reason == 0;
    while (reason == 0 && n <= workers && pthread_create(&thread[n], NULL, work, s) == 0) n++;
    bool ok = n >= 2
        || error_set(err, ERR_IO, "cannot start a thread; raise the limits on processes (ulimit -u)");
    ok = ok && read_in(s, in, err);
    pthread_mutex_lock(&s->lock);
    s->closed = true;
    if (n < 2) s->broken = true, s->why = *err;
    pthread_cond_broadcast(&s->moved);
    pthread_mutex_unlock(&s->lock);
    for (int i = 0; i < n; i++) pthread_join(thread[i], NULL);
    if (s->broken) *err = s->why; /* it came before */
    return ok && !s->broken;
}

int stream_cores(void)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores < MOST_WORKERS ? (int)cores : MOST_WORKERS;
}

bool stream_rows(const StreamOptions *options, Arena *arena, StreamEnd *end, Error *err)
{
    Stream s = {.said = options, .end = end, .arena = arena};
    Input in = {0};
    int workers = options->threads > 0 ? options->threads : stream_cores();
    if (workers > MOST_WORKERS) workers = MOST_WORKERS;
    *end = (StreamEnd){0};
    pthread_mutex_init(&s.lock, NULL);
    pthread_cond_init(&s.moved, NULL);
    bool ok = begin(&s, &in, arena, err) && blocks_counts(&s.blocks, arena, &s.sum, err)
           && make_ring(&s, workers, arena, err) && put_header(&s, err) && run(&s, &in, workers, err);
    end->rows = s.sum.rows;
    if (s.sum.columns) {
        for (int i = 0; i < s.blocks.plan.n_notes; i++) text_print(&end->notes, "%s\n", s.blocks.plan.notes[i]);
        blocks_notes(&s.blocks, &s.sum, &end->notes);
    }
    for (int i = 0; s.ring && i < s.n_ring; i++) {
        text_free(&s.ring[i].in);
        text_free(&s.ring[i].out);
        text_free(&s.ring[i].bad);
        arena_destroy(s.ring[i].arena);
    }
    free(in.bytes);
    pthread_cond_destroy(&s.moved);
    pthread_mutex_destroy(&s.lock);
    return ok;
}
