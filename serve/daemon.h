/* serve/daemon.h - requests come over HTTP. The one caller of libmicrohttpd.
 *
 * Threads of the library's wait for connections, read requests, answer them (serve/answer.h) and send. What
 * comes is
 * a stranger's, so all of it has limits: a request's head (32 KiB) and body, how long it may take from its
 * first
 * byte to its last (one more thread looks; 408), how many connections are answered (others are told 503 at
 * once),
 * how long a connection may say nothing or be read from. With a token nothing but /health is answered without
 * it
 * (401). Without one, on the loopback, only requests for a loopback name are (403): what a page that somebody
 * looks
 * at sends by a name of its own is refused. Neither token nor anything of a query or a body is ever said to
 * anyone.
 *
 * Stopping  no more connections are taken, requests that have begun are answered, and those on connections that
 *           stay open get 503.
 * Errors    ERR_IO with the address and the system's reason.
 */
#ifndef CONSORT_SERVE_DAEMON_H
#define CONSORT_SERVE_DAEMON_H
#include "serve/service.h"

typedef struct {
    const char *bind;    /* an address, or localhost */
    int port;            /* 0: any that is free */
    const char *token;   /* NULL: none */
    size_t most_body;
    double timeout_s;
    int connections, threads;
    /* A request has been answered; may be NULL. By any of the threads. */
    void (*on_request)(void *context, const char *client, const char *method, const char *path, int code,
                       int rows,
                       double seconds);
    void *context;
} DaemonOptions;

typedef struct Daemon Daemon;
/* Is it an address that this machine alone reaches? ERR_CONFIG: it is none at all. */
bool daemon_loopback(const char *bind, bool *loopback, Error *err);
/* The options' texts stay the caller's. */
Daemon *daemon_start(const DaemonOptions *options, Service *service, Error *err);
int daemon_port(const Daemon *daemon);
/* Waits for requests that have begun, but not longer than `wait_s`, and frees the daemon. Returns how many
 * were cut
 * off. */
int daemon_stop(Daemon *daemon, double wait_s);
#endif
