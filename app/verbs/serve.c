/* app/verbs/serve.c - answers requests until it is told to stop. */
#include "app/verbs/verbs.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/arguments.h"
#include "base/file.h"
#include "serve/daemon.h"
#include "serve/stream.h"

enum { LEAST_TOKEN = 16, MOST_TOKEN = 4096, FIRST_PORT = 8080 };

static void say_line(void *context, bool notice, const char *line)
{
    (void)notice;
    cli_say(context, "%s", line);
}

static void say_request(void *context, const char *client, const char *method, const char *path, int code,
                        int rows,
                        double seconds)
{
    cli_say(context, "%s %s %.200s %d, %d rows, %.1f ms", client, method, path, code, rows, 1000 * seconds);
}

/* From --token-file or CONSORT_TOKEN. NULL and true: there is none. */
static bool read_token(const Cli *cli, const char **out, Error *err)
{
    const char *path = cli_value(cli, "token-file"), *where = path ? path : "CONSORT_TOKEN";
    const char *text = getenv("CONSORT_TOKEN");
    Bytes bytes = {NULL, 0};
    *out = NULL;
    if (path) {
        if (!file_read_plain(path, MOST_TOKEN, &bytes, err)) {
            if (err->code == ERR_IO) err->code = ERR_CONFIG;
            return error_wrap(err, "--token-file");
        }
        text = bytes.bytes;
    }
    if (!text) return true;
    text += strspn(text, " \t\r\n");
    const size_t n = strcspn(text, " \t\r\n");
    bool ok = true;
    for (size_t i = 0; i < n; i++) ok = ok && text[i] > ' ' && text[i] < 127;
    if (n < LEAST_TOKEN || !ok || text[n + strspn(text + n, " \t\r\n")])
        ok = error_set(err, ERR_CONFIG,
                       "%s: a token is one word of %d ASCII characters or more, such as openssl rand"
                       " -hex 32 makes", where, LEAST_TOKEN);
    else if (!(*out = arena_copy_n(cli->arena, text, n))) ok = error_memory(err);
    bytes_free(&bytes);
    return ok;
}

static bool settle(const Cli *cli, DaemonOptions *o, Error *err)
{
    const char *body = cli_value(cli, "max-body"), *timeout = cli_value(cli, "timeout");
    double bytes = 8 << 20;
    bool loopback;
    const int cores = stream_cores();
    *o = (DaemonOptions){.bind = cli_value(cli, "bind") ? cli_value(cli, "bind") : "127.0.0.1", .timeout_s = 10,
                         .on_request = cli->verbose ? say_request : NULL, .context = (void *)cli};
    if (!cli_int(cli, "port", 0, 65535, FIRST_PORT, &o->port, err)
        || !cli_int(cli, "connections", 1, 10000, 256, &o->connections, err)
        || !cli_int(cli, "threads", 1, 64, cores > 2 ? cores : 2, &o->threads, err)
        || !daemon_loopback(o->bind, &loopback, err) || !read_token(cli, &o->token, err))
        return false;
    if (body && (!text_to_bytes(body, &bytes) || bytes < 1 || bytes > (double)(1 << 30)))
        return error_set(err, ERR_CONFIG, "--max-body %.40s: a size up to 1GiB, such as 8MiB", body);
    if (timeout && (!text_to_duration(timeout, &o->timeout_s) || !(o->timeout_s >= .1 && o->timeout_s <= 3600)))
        return error_set(err, ERR_CONFIG, "--timeout %.40s: a time from .1s to 1h, such as 10s", timeout);
    o->most_body = (size_t)bytes;
    return loopback || o->token
        || error_set(err, ERR_CONFIG, "--bind %s: others could ask there, so a token is needed:"
                     " --token-file FILE, or CONSORT_TOKEN", o->bind);
}

/* Until somebody wants it to end. */
static void attend(Cli *cli, Service *service, const sigset_t *signals)
{
    const struct timespec second = {1, 0};
    for (int signal = 0; signal != SIGINT && signal != SIGTERM;) {
        service_tend(service, signal == SIGHUP);
        signal = sigtimedwait(signals, NULL, &second);
        if (signal == SIGINT || signal == SIGTERM)
            cli_say(cli, "requests that have begun are answered, then it ends");
    }
}

int cmd_serve(Cli *cli)
{
    Error err;
    DaemonOptions options;
    ServiceOptions from = {.argument = cli->n_arguments ? cli->arguments[0] : NULL, .said = place_options(cli),
                           .on_line = say_line, .context = cli};
    sigset_t signals;
    if (!cli_int(cli, "views", 1, 9, 1, &from.views, &err) || !read_options(cli, &from.read, &err)
        || !settle(cli, &options, &err))
        return cli_fail(&err);
    from.read.no_labels = true;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL); /* before there are threads, which have it from here */
    signal(SIGPIPE, SIG_IGN);
    Service *service = service_create(&from, &err);
    Daemon *daemon = service ? daemon_start(&options, service, &err) : NULL;
    if (!daemon) {
        service_destroy(service);
        return cli_fail(&err);
    }
    const bool six = strchr(options.bind, ':') != NULL;
    printf("http://%s%s%s:%d/\n", six ? "[" : "", options.bind, six ? "]" : "", daemon_port(daemon));
    fflush(stdout);
    attend(cli, service, &signals);
    const int cut = daemon_stop(daemon, options.timeout_s);
    service_destroy(service);
    if (cut) cli_say(cli, "%d request%s did not end in time and %s cut off", cut, cut == 1 ? "" : "s",
                     cut == 1 ? "was" : "were");
    return EXIT_OK;
}
