/* serve/daemon.c - requests come over HTTP. */
#include "serve/daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "serve/answer.h"

enum { HEAD_BYTES = 32 << 10, TICK_MS = 100, SENDING_TIMES = 6 };

/* READING: a first request may be on its way. BUSY: it is being answered. IDLE: between two requests. */
typedef enum { READING, BUSY, SENDING, IDLE } Phase;

typedef struct Connection {
    struct Connection *before, *after;
    int fd;
    Phase phase;
    bool ended; /* by us, for being slow */
    double since;
} Connection;

struct Daemon {
    DaemonOptions said;
    Service *service;
    struct MHD_Daemon *mhd;
    char token[65];    /* its hash */
    bool loopback;
    int port, fd;
    pthread_t watch;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    Connection *first; /* of the list */
    atomic_int n_connections;
    atomic_bool stopping;
    bool over;
};

/* A request on its way in. */
typedef struct {
    Connection *connection;
    Text body;
    Answer early;      /* its code is 0 unless it is settled before the body is there */
    bool too_large;
    size_t dropped;
} Pending;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- connections and time ------------------------------------------------------------------------ */

static void set_phase(Daemon *d, Connection *c, Phase phase)
{
    pthread_mutex_lock(&d->lock);
    c->phase = phase;
    c->since = now();
    pthread_mutex_unlock(&d->lock);
}

static void on_connection(void *context, struct MHD_Connection *mhd, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    Daemon *d = context;
    Connection *c = *socket_context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (!(c = calloc(1, sizeof *c))) return;
        c->fd = info ? info->connect_fd : -1;
        c->since = now();
        pthread_mutex_lock(&d->lock);
        c->after = d->first;
        if (c->after) c->after->before = c;
        d->first = c;
        d->n_connections++;
        pthread_mutex_unlock(&d->lock);
        atomic_fetch_add(&service_metrics(d->service)->connections, 1);
        *socket_context = c;
    } else if (c) { /* its descriptor is still open */
        pthread_mutex_lock(&d->lock);
        *(c->before ? &c->before->after : &d->first) = c->after;
        if (c->after) c->after->before = c->before;
        d->n_connections--;
        pthread_mutex_unlock(&d->lock);
        atomic_fetch_sub(&service_metrics(d->service)->connections, 1);
        free(c);
        *socket_context = NULL;
    }
}

/* Nothing of an answer has been sent on it, so that this one can be, past the library. */
static void say_slow(const Daemon *d, const Connection *c)
{
#define SLOW "{\"error\":{\"code\":408,\"message\":\"the request did not come in time; try again\"}}\n"
    char text[400];
    const int n = snprintf(text, sizeof text, "HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json"
                           "\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n" SLOW, sizeof SLOW - 1);
    send(c->fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
    serve_count(service_metrics(d->service), 408, d->said.timeout_s, 0, 0);
}

static void end_slow(Daemon *d)
{
    const double at = now(), limit = d->said.timeout_s;
    for (Connection *c = d->first; c; c = c->after) {
        const double spent = at - c->since;
        if (c->ended || c->fd < 0 || c->phase == BUSY || spent < (c->phase == SENDING ? limit * SENDING_TIMES
                                                                  : limit))
            continue;
        if (c->phase == READING) say_slow(d, c);
        shutdown(c->fd, SHUT_RDWR);
        c->ended = true;
    }
}

static void *watch(void *context)
{
    Daemon *d = context;
    pthread_mutex_lock(&d->lock);
    while (!d->over) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += TICK_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L) until.tv_nsec -= 1000000000L, until.tv_sec++;
        pthread_cond_timedwait(&d->stop, &d->lock, &until);
        end_slow(d);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

/* ---- who asks ------------------------------------------------------------------------------------ */

/* Takes the same time wherever two texts differ: it is their hashes that are compared. */
static bool same_secret(const char *said, const char hash[65])
{
    char its[65];
    unsigned differ = 0;
    sha256_of(said, strlen(said), its);
    for (int i = 0; i < 64; i++) differ |= (unsigned char)its[i] ^ (unsigned char)hash[i];
    return differ == 0;
}

static bool has_token(const Daemon *d, struct MHD_Connection *mhd)
{
    const char *said = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Authorization");
    if (!said || strncasecmp(said, "Bearer ", 7) != 0) return false;
    said += 7;
    said += strspn(said, " ");
    return same_secret(said, d->token);
}

/* localhost, 127.x.y.z or [::1], with a port or without. */
static bool is_local_name(const char *host)
{
    struct in_addr address;
    char name[64];
    size_t n = *host == '[' ? strcspn(host, "]") + (strchr(host, ']') != NULL) : strcspn(host, ":");
    if (n >= sizeof name) return false;
    memcpy(name, host, n);
    name[n] = '\0';
    if (strcasecmp(name, "localhost") == 0 || strcmp(name, "[::1]") == 0) return true;
    return inet_pton(AF_INET, name, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static bool may_ask(const Daemon *d, struct MHD_Connection *mhd, const Request *request, Answer *answer)
{
    const char *host = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Host");
    if (d->stopping
        || d->n_connections > d->said.connections) {
        answer->retry_s = 1;
        answer_error(answer, 503, NULL, d->stopping ? "the server is being stopped"
                                                    : "too many connections at once; come again in a second");
        return false;
    }
    if (strcmp(request->path, "/health") == 0) return true;
    if (d->said.token && !has_token(d, mhd)) {
        answer_error(answer, 401, NULL, "a token is needed: Authorization: Bearer TOKEN");
        return false;
    }
    if (!d->said.token && host && !is_local_name(host)) {
        answer_error(answer, 403, NULL,
                     "this server answers to the loopback's names alone, such as 127.0.0.1, unless it"
                     " is started with a token");
        return false;
    }
    return true;
}

/* ---- a request ----------------------------------------------------------------------------------- */

static enum MHD_Result take_query(void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
    Request *request = context;
    (void)kind;
    if (request->n_queries < HTTP_MOST_QUERIES)
        request->queries[request->n_queries] = (Query){key ? key : "", value ? value : ""};
    request->n_queries++;
    return MHD_YES;
}

static Request describe(struct MHD_Connection *mhd, const char *url, const char *method)
{
    Request request = {.method = method, .path = url};
    request.type = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Content-Type");
    request.packed = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Content-Encoding");
    request.accept = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Accept");
    MHD_get_connection_values(mhd, MHD_GET_ARGUMENT_KIND, take_query, &request);
    return request;
}

static void header(struct MHD_Response *response, const char *name, const char *value)
{
    MHD_add_response_header(response, name, value);
}

static void seconds_header(struct MHD_Response *response, const char *name, int seconds)
{
    char text[16];
    if (seconds > 0) header(response, name, text_number(seconds, text));
}

static enum MHD_Result reply(struct MHD_Connection *mhd, Answer *answer)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(answer->body.n, answer->body.bytes, MHD_RESPMEM_MUST_FREE);
    if (!response) return text_free(&answer->body), MHD_NO;
    answer->body = (Text){0}; /* the response's */
    header(response, "Content-Type", answer->type);
    header(response, "X-Content-Type-Options", "nosniff");
    header(response, "Cache-Control", "no-store");
    if (strncmp(answer->type, "text/html", 9) == 0)
        header(response, "Content-Security-Policy", "default-src 'unsafe-inline' data: blob:");
    if (answer->allow) header(response, "Allow", answer->allow);
    if (answer->code == 401) header(response, "WWW-Authenticate", "Bearer");
    if (answer->code == 413 || answer->code == 503) header(response, "Connection", "close");
    seconds_header(response, "Retry-After", answer->retry_s);
    seconds_header(response, "Refresh", answer->refresh_s);
    const enum MHD_Result result = MHD_queue_response(mhd, (unsigned)answer->code, response);
    MHD_destroy_response(response);
    return result;
}

static void say_request(const Daemon *d, struct MHD_Connection *mhd, const Request *request,
                        const Answer *answer,
                        double seconds)
{
    char client[INET6_ADDRSTRLEN] = "";
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *from = info ? info->client_addr : NULL;
    if (!d->said.on_request) return;
    if (from && from->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)from)->sin_addr, client, sizeof client);
    else if (from && from->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, client,
                  sizeof client);
    d->said.on_request(d->said.context, client, request->method, request->path, answer->code, answer->rows,
                       seconds);
}

static enum MHD_Result finish(Daemon *d, struct MHD_Connection *mhd, Pending *p, const Request *request)
{
    Answer answer = p->early;
    const double begin = now();
    if (p->connection) set_phase(d, p->connection, BUSY);
    p->early = (Answer){0};
    if (p->too_large) answer_error(&answer, 413, NULL,
                                   "the body is larger than %zu bytes; send the rows in parts, or raise"
                                   " --max-body", d->said.most_body);
    else if (!answer.code && request->n_queries > HTTP_MOST_QUERIES)
        answer_error(&answer, 400, NULL, "more than %d things are asked behind the ?", HTTP_MOST_QUERIES);
    else if (!answer.code) answer_request(d->service, request, &answer);
    const double seconds = now() - begin;
    serve_count(service_metrics(d->service), answer.code, seconds, answer.rows, answer.unknown);
    say_request(d, mhd, request, &answer, seconds);
    if (p->connection) set_phase(d, p->connection, SENDING);
    return reply(mhd, &answer);
}

static enum MHD_Result begin(Daemon *d, struct MHD_Connection *mhd, const Request *request, void **context)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    const char *length = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Content-Length");
    Pending *p = calloc(1, sizeof *p);
    if (!p) return MHD_NO;
    *context = p;
    p->connection = info ? info->socket_context : NULL;
    atomic_fetch_add(&service_metrics(d->service)->in_flight, 1);
    if (p->connection) {
        pthread_mutex_lock(&d->lock);
        if (p->connection->phase == IDLE) p->connection->since = now();
        p->connection->phase = READING;
        pthread_mutex_unlock(&d->lock);
    }
    const unsigned long long bytes = length ? strtoull(length, NULL, 10) : 0;
    if (may_ask(d, mhd, request, &p->early) && answer_begin(d->service, request, &p->early))
        p->too_large = bytes > d->said.most_body;
    /* A body that is not much too large is taken in, so that who sends it gets to read the answer. */
    if ((p->early.code || p->too_large) && bytes / 4 > d->said.most_body) return finish(d, mhd, p, request);
    return MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *mhd, const char *url,
                                  const char *method,
                                  const char *version, const char *upload, size_t *n_upload, void **pending)
{
    Daemon *d = context;
    Pending *p = *pending;
    (void)version;
    if (!p) {
        const Request request = describe(mhd, url, method);
        return begin(d, mhd, &request, pending);
    }
    if (*n_upload > 0) {
        if (p->body.n + *n_upload > d->said.most_body) p->too_large = true;
        if (p->too_large || p->early.code) {
            p->dropped += *n_upload;
            if (p->dropped / 4 > d->said.most_body) return MHD_NO;
            text_free(&p->body);
        } else {
            text_add_n(&p->body, upload, *n_upload);
            if (!text_ok(&p->body)) return MHD_NO;
        }
        *n_upload = 0;
        return MHD_YES;
    }
    Request request = describe(mhd, url, method);
    request.body = p->body.bytes ? p->body.bytes : "";
    request.n_body = p->body.n;
    return finish(d, mhd, p, &request);
}

static void on_completed(void *context, struct MHD_Connection *mhd, void **pending,
                         enum MHD_RequestTerminationCode why)
{
    Daemon *d = context;
    Pending *p = *pending;
    (void)mhd, (void)why;
    if (!p) return;
    atomic_fetch_sub(&service_metrics(d->service)->in_flight, 1);
    if (p->connection) set_phase(d, p->connection, IDLE);
    text_free(&p->body);
    text_free(&p->early.body);
    free(p);
    *pending = NULL;
}

static void on_log(void *context, const char *format, va_list args)
{
    (void)context, (void)format, (void)args; /* what strangers send is no news */
}

/* ---- begin and end ------------------------------------------------------------------------------- */

typedef union {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
} Address;

static bool read_address(const char *text, int port, Address *out, socklen_t *n, Error *err)
{
    *out = (Address){0};
    if (strcmp(text, "localhost") == 0) text = "127.0.0.1";
    if (inet_pton(AF_INET, text, &out->four.sin_addr) == 1) {
        out->four.sin_family = AF_INET;
        out->four.sin_port = htons((uint16_t)port);
        *n = sizeof out->four;
        return true;
    }
    if (inet_pton(AF_INET6, text, &out->six.sin6_addr) == 1) {
        out->six.sin6_family = AF_INET6;
        out->six.sin6_port = htons((uint16_t)port);
        *n = sizeof out->six;
        return true;
    }
    return error_set(err, ERR_CONFIG, "--bind %.60s: an address, such as 127.0.0.1, ::1 or 0.0.0.0", text);
}

bool daemon_loopback(const char *bind, bool *loopback, Error *err)
{
    static const uint8_t six[16] = {[15] = 1};
    Address address;
    socklen_t n;
    if (!read_address(bind, 0, &address, &n, err)) return false;
    *loopback = address.any.sa_family == AF_INET ? ntohl(address.four.sin_addr.s_addr) >> 24 == 127
              : memcmp(&address.six.sin6_addr, six, sizeof six) == 0;
    return true;
}

static bool listen_at(Daemon *d, Error *err)
{
    Address address;
    socklen_t n;
    const int on = 1;
    if (!read_address(d->said.bind, d->said.port, &address, &n, err)) return false;
    d->fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (d->fd >= 0) setsockopt(d->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (d->fd < 0 || bind(d->fd, &address.any, n) != 0 || listen(d->fd, 511) != 0
        || getsockname(d->fd, &address.any, &n) != 0)
        return error_set(err, ERR_IO, "cannot listen at %s port %d: %s%s", d->said.bind, d->said.port,
                         strerror(errno),
                         errno == EADDRINUSE ? "; --port 0 takes one that is free" : "");
    d->port = ntohs(address.any.sa_family == AF_INET ? address.four.sin_port : address.six.sin6_port);
    return true;
}

static bool start(Daemon *d, Error *err)
{
    const int threads = d->said.threads;
    /* The library shares connections out to its threads, not evenly; ours counts them all. */
    const unsigned most = (unsigned)d->said.connections * 2 + 64;
    struct MHD_OptionItem pool[] = {{threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads, NULL},
                                    {MHD_OPTION_END, 0, NULL}};
    d->mhd = MHD_start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, d,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, d->fd, MHD_OPTION_CONNECTION_LIMIT,
            most,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(d->said.timeout_s * SENDING_TIMES) + 1,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_BYTES * 2, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
            d,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, d, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_ARRAY,
            pool,
        MHD_OPTION_END);
    if (!d->mhd) return error_set(err, ERR_IO, "cannot start a server of %d threads: %s", threads,
                                  strerror(errno));
    if (pthread_create(&d->watch, NULL, watch, d) == 0) return true;
    MHD_stop_daemon(d->mhd);
    d->mhd = NULL;
    d->fd = -1; /* it has closed it */
    return error_set(err, ERR_IO, "cannot start a thread; raise the limits on processes (ulimit -u)");
}

Daemon *daemon_start(const DaemonOptions *options, Service *service, Error *err)
{
    Daemon *d = calloc(1, sizeof *d);
    if (!d) return error_memory(err), NULL;
    d->said = *options;
    d->service = service;
    d->fd = -1;
    if (options->token) sha256_of(options->token, strlen(options->token), d->token);
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->stop, NULL);
    if (listen_at(d, err) && start(d, err)) return d;
    if (d->fd >= 0) close(d->fd);
    pthread_cond_destroy(&d->stop);
    pthread_mutex_destroy(&d->lock);
    free(d);
    return NULL;
}

int daemon_port(const Daemon *d) { return d->port; }

int daemon_stop(Daemon *d, double wait_s)
{
    const struct timespec tick = {0, 5000000};
    const double begin = now();
    atomic_long *left = &service_metrics(d->service)->in_flight;
    d->stopping = true;
    const int fd = MHD_quiesce_daemon(d->mhd);
    if (fd >= 0) close(fd);
    while (atomic_load(left) > 0 && now() - begin < wait_s) nanosleep(&tick, NULL);
    const int cut = (int)atomic_load(left);
    pthread_mutex_lock(&d->lock);
    d->over = true;
    pthread_cond_signal(&d->stop);
    pthread_mutex_unlock(&d->lock);
    pthread_join(d->watch, NULL);
    MHD_stop_daemon(d->mhd);
    pthread_cond_destroy(&d->stop);
    pthread_mutex_destroy(&d->lock);
    free(d);
    return cut;
}
