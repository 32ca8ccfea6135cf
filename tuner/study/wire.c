/* Messages and sockets: one function a struct writes it and reads it back, checked as if a stranger sent it. */
#include "tuner/study/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- what a message holds -------------------------------------------------------------------- */

/* One function a struct serves both ends: with `out` it writes the fields, else it reads them. */
typedef struct {
    Text *out;
    const char *at, *end;
    Arena *arena;
    bool bad;
} Fields;

static void raw(Fields *f, void *bytes, size_t n)
{
    if (f->out) {
        text_add_n(f->out, bytes, n);
    } else if (f->bad || (size_t)(f->end - f->at) < n) {
        f->bad = true;
        memset(bytes, 0, n);
    } else {
        memcpy(bytes, f->at, n);
        f->at += n;
    }
}
#define RAW(f, x) raw((f), &(x), sizeof(x))

static void flag(Fields *f, bool *x)
{
    char byte = *x;
    RAW(f, byte);
    *x = byte != 0;
}

/* How many items of that size follow; reading, not more than there are bytes. */
static void count(Fields *f, int *n, size_t size)
{
    RAW(f, *n);
    if (!f->out && (*n < 0 || (size_t)*n > (size_t)(f->end - f->at) / size)) {
        f->bad = true;
        *n = 0;
    }
}

static void *room(Fields *f, int n, size_t size)
{
    void *items = arena_alloc(f->arena, (size_t)n + 1, size);
    if (!items) f->bad = true;
    return items;
}

static void text(Fields *f, const char **s)
{
    int n = f->out && *s ? (int)strlen(*s) : -1;
    RAW(f, n);
    if (f->out) {
        if (*s) text_add_n(f->out, *s, (size_t)n);
        return;
    }
    *s = NULL;
    if (n < -1 || n > f->end - f->at) f->bad = true;
    if (f->bad || n < 0) return;
    *s = arena_copy_n(f->arena, f->at, (size_t)n);
    if (!*s) f->bad = true;
    f->at += n;
}

static void doubles(Fields *f, int *n, const double **values)
{
    count(f, n, sizeof **values);
    if (f->out) {
        text_add_n(f->out, (const char *)*values, (size_t)*n * sizeof **values);
        return;
    }
    double *copy = room(f, *n, sizeof *copy);
    if (f->bad) *n = 0;
    else raw(f, copy, (size_t)*n * sizeof *copy);
    *values = copy;
}

static void curves(Fields *f, int *n, const Curve **list)
{
    count(f, n, sizeof(int));
    Curve *copy = f->out ? NULL : room(f, *n, sizeof *copy);
    if (f->bad) *n = 0;
    for (int i = 0; i < *n; i++) {
        Curve curve = f->out ? (*list)[i] : (Curve){0};
        doubles(f, &curve.n, &curve.value);
        if (copy) copy[i] = curve;
    }
    if (!f->out) *list = copy;
}

static void task_fields(Fields *f, TrialTask *task, const char **params)
{
    RAW(f, task->number);
    RAW(f, task->again);
    text(f, params);
    text(f, &task->params_hash);
    curves(f, &task->n_others, &task->others);
    curves(f, &task->n_finished, &task->finished);
    flag(f, &task->rungs);
    RAW(f, task->pause_after);
    RAW(f, task->n_known);
    RAW(f, task->seconds);
}

/* The columns asked for of one row. */
static void row_fields(Fields *f, const RowTable *table, unsigned when, void *row)
{
    for (int i = 0; i < table->n; i++) {
        const RowColumn *column = &table->columns[i];
        void *member = (char *)row + column->offset;
        if (!column_in(column, when)) continue;
        switch (column->member) {
        case MEMBER_NONE: break;
        case MEMBER_INT: raw(f, member, sizeof(int)); break;
        case MEMBER_INT64: raw(f, member, sizeof(int64_t)); break;
        case MEMBER_DOUBLE: raw(f, member, sizeof(double)); break;
        case MEMBER_TEXT:
            text(f, member);
            if (!f->out && column->null_text && !*(const char **)member) f->bad = true;
            break;
        case MEMBER_ENUM: {
            int n = 0, value = *(int *)member;
            while (column->names[n]) n++;
            RAW(f, value);
            if (value < 0 || value >= n) f->bad = true;
            if (!f->bad) *(int *)member = value;
        }
        }
    }
}

static void metrics(Fields *f, TrialRecord *record)
{
    count(f, &record->n_metrics, 4 * sizeof(double));
    if (!f->out) record->metrics = room(f, record->n_metrics, sizeof *record->metrics);
    if (f->bad) record->n_metrics = 0;
    for (int i = 0; i < record->n_metrics; i++) row_fields(f, &metric_columns, 0, &record->metrics[i]);
}

static void confusion(Fields *f, ConfusionRow *c)
{
    bool there = c->count != NULL;
    flag(f, &there);
    if (!there) return;
    text(f, &c->split);
    count(f, &c->n_classes, 1);
    size_t k = (size_t)c->n_classes, n = k * k;
    if (f->out) {
        text_add_n(f->out, (const char *)c->count, n * sizeof *c->count);
        return;
    }
    if (f->bad || !c->split || n > (size_t)(f->end - f->at) / sizeof *c->count) {
        f->bad = true;
        return;
    }
    int64_t *copy = arena_alloc(f->arena, n + 1, sizeof *copy);
    if (copy) raw(f, copy, n * sizeof *copy);
    else f->bad = true;
    c->count = copy;
}

static void artifacts(Fields *f, TrialRecord *record)
{
    enum { MOST = sizeof record->artifacts / sizeof *record->artifacts };
    count(f, &record->n_artifacts, 1);
    if (record->n_artifacts > MOST) f->bad = true;
    if (f->bad) record->n_artifacts = 0;
    for (int i = 0; i < record->n_artifacts; i++) {
        row_fields(f, &artifact_columns, 0, &record->artifacts[i]);
        if (!f->out && !record->artifacts[i].sha256) f->bad = true;
    }
}

static void record_fields(Fields *f, TrialRecord *record)
{
    row_fields(f, &trial_columns, OF_RUN, &record->row);
    if (record->row.state == TRIAL_RUNNING) f->bad = true;
    RAW(f, record->fail_text);
    record->fail_text[sizeof record->fail_text - 1] = '\0';
    metrics(f, record);
    confusion(f, &record->confusion);
    artifacts(f, record);
    doubles(f, &record->curve.n, &record->curve.value);
    doubles(f, &record->scores.n, &record->scores.value);
}

/* ---- messages -------------------------------------------------------------------------------- */

typedef struct {
    uint32_t kind, n;
} Head;
enum { BODY_LIMIT = 256 << 20 };

static bool send_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false; /* also when the other end took nothing for WIRE_SILENCE_S */
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool receive_all(int fd, char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t got = recv(fd, bytes, n, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        bytes += got;
        n -= (size_t)got;
    }
    return true;
}

static bool send_message(Wire *wire, WireKind kind, const Text *body)
{
    Head head = {kind, (uint32_t)body->n};
    if (!text_ok(body) || body->n > BODY_LIMIT) return false;
    pthread_mutex_lock(&wire->sending);
    bool ok = send_all(wire->fd, (const char *)&head, sizeof head)
           && (body->n == 0 || send_all(wire->fd, body->bytes, body->n));
    pthread_mutex_unlock(&wire->sending);
    return ok;
}

bool wire_waits(Wire *wire, int timeout_ms, bool *gone)
{
    struct pollfd poll_fd = {.fd = wire->fd, .events = POLLIN};
    char byte;
    *gone = false;
    if (poll(&poll_fd, 1, timeout_ms) <= 0) return false;
    ssize_t n = recv(wire->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    *gone = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    return n > 0;
}

bool wire_receive(Wire *wire, Arena *arena, WireKind *kind, const char **body, size_t *n)
{
    Head head;
    if (!receive_all(wire->fd, (char *)&head, sizeof head) || head.kind > WIRE_END || head.n > BODY_LIMIT)
        return false;
    char *bytes = arena_alloc(arena, (size_t)head.n + 1, 1);
    if (!bytes || !receive_all(wire->fd, bytes, head.n)) return false;
    *kind = (WireKind)head.kind;
    *body = bytes;
    *n = head.n;
    return true;
}

bool wire_send_text(Wire *wire, WireKind kind, const char *words)
{
    Text body = {0};
    text_add(&body, words);
    bool ok = send_message(wire, kind, &body);
    text_free(&body);
    return ok;
}

const char *wire_text(const char *body, size_t n, Arena *arena)
{
    return arena_copy_n(arena, body, n);
}

bool wire_send_task(Wire *wire, const Space *space, const TrialTask *task)
{
    Text body = {0}, params = {0};
    TrialTask copy = *task;
    bool ok = space_json(space, task->values, &params);
    const char *json = params.bytes;
    if (ok) task_fields(&(Fields){.out = &body}, &copy, &json);
    ok = ok && send_message(wire, WIRE_TASK, &body);
    text_free(&params);
    text_free(&body);
    return ok;
}

bool wire_task(const char *body, size_t n, const Space *space, Arena *arena, TrialTask *out)
{
    Fields f = {.at = body, .end = body + n, .arena = arena};
    const char *json = NULL;
    *out = (TrialTask){0};
    task_fields(&f, out, &json);
    Value *values = ARENA_NEW(arena, Value, space->n_params + 1);
    Doc *params = f.bad || !json ? NULL : doc_parse(json, strlen(json), NULL);
    bool ok = values && params && out->params_hash && space_from_doc(space, params, arena, values, NULL);
    doc_free(params);
    out->values = values;
    return ok;
}

bool wire_send_epoch(Wire *wire, const EpochRow *row)
{
    Text body = {0};
    EpochRow copy = *row;
    row_fields(&(Fields){.out = &body}, &epoch_columns, 0, &copy);
    bool ok = send_message(wire, WIRE_EPOCH, &body);
    text_free(&body);
    return ok;
}

bool wire_epoch(const char *body, size_t n, EpochRow *out)
{
    Fields f = {.at = body, .end = body + n};
    row_fields(&f, &epoch_columns, 0, out);
    return !f.bad && f.at == f.end;
}

bool wire_send_record(Wire *wire, const TrialRecord *record)
{
    Text body = {0};
    TrialRecord copy = *record;
    record_fields(&(Fields){.out = &body}, &copy);
    bool ok = send_message(wire, WIRE_RECORD, &body);
    text_free(&body);
    return ok;
}

bool wire_record(const char *body, size_t n, Arena *arena, TrialRecord *out)
{
    Fields f = {.at = body, .end = body + n, .arena = arena};
    *out = (TrialRecord){0};
    record_fields(&f, out);
    return !f.bad && f.at == f.end;
}

/* ---- sockets --------------------------------------------------------------------------------- */

void wire_create(Wire *wire, int fd)
{
    struct timeval patience = {.tv_sec = WIRE_SILENCE_S};
    wire->fd = fd;
    pthread_mutex_init(&wire->sending, NULL);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

void wire_hang_up(Wire *wire)
{
    shutdown(wire->fd, SHUT_RDWR);
}

void wire_destroy(Wire *wire)
{
    if (!wire) return;
    close(wire->fd);
    pthread_mutex_destroy(&wire->sending);
}

/* A socket's path has room for about a hundred characters; through /proc every folder's is short.
 * `folder_fd` (-1: none) is the caller's to close once the address has served. */
static bool address_of(const char *folder, struct sockaddr_un *address, int *folder_fd)
{
    const size_t size = sizeof address->sun_path;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    *folder_fd = -1;
    if ((size_t)snprintf(address->sun_path, size, "%s/join.socket", folder) < size) return true;
    *folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder_fd < 0) return false;
    snprintf(address->sun_path, size, "/proc/self/fd/%d/join.socket", *folder_fd);
    return true;
}

static int unix_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

int wire_listen(const char *folder, Error *err)
{
    struct sockaddr_un address;
    int folder_fd, fd = unix_socket();
    bool ok = fd >= 0 && address_of(folder, &address, &folder_fd);
    if (ok) {
        unlink(address.sun_path);
        /* Nobody can connect before it listens: by then it is ours alone. */
        ok = bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && chmod(address.sun_path, 0600) == 0
          && listen(fd, 128) == 0;
        int reason = errno;
        if (folder_fd >= 0) close(folder_fd);
        errno = reason;
    }
    if (ok) return fd;
    error_set(err, ERR_IO, "%s/join.socket: %s; nobody can join this sweep", folder, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}

int wire_accept(int listener)
{
    struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
    if (poll(&poll_fd, 1, 100) <= 0) return -1;
    int fd = accept(listener, NULL, NULL);
    if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

void wire_wake(int listener)
{
    shutdown(listener, SHUT_RDWR);
}

void wire_unlisten(int listener, const char *folder)
{
    struct sockaddr_un address;
    int folder_fd;
    if (address_of(folder, &address, &folder_fd)) unlink(address.sun_path);
    if (folder_fd >= 0) close(folder_fd);
    close(listener);
}

int wire_connect(const char *folder)
{
    struct sockaddr_un address;
    int folder_fd, fd = unix_socket();
    if (fd < 0) return -1;
    bool ok = address_of(folder, &address, &folder_fd)
           && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (folder_fd >= 0) close(folder_fd);
    if (ok) return fd;
    close(fd);
    return -1;
}
