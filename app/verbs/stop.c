#include "app/verbs/verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "job/place.h"
#include "tuner/store/curate.h"

static void nap(int ms)
{
    nanosleep(&(struct timespec){ms / 1000, (long)(ms % 1000) * 1000000}, NULL);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool still_runs(OpenStudy *open, const StudyHolder *who, bool *runs, Error *err)
{
    StudyHolder now;
    if (!curate_holder(open->store, open->study.id, &now, err)) return false;
    *runs = now.alive && now.pid == who->pid && strcmp(now.since_utc, who->since_utc) == 0;
    return true;
}

/* As Ctrl-C does: the first signal lets trials end their epoch, the second ends the process. */
static bool ask_to_end(OpenStudy *open, const StudyHolder *who, bool now, double timeout, Error *err)
{
    bool runs = true;
    double start = seconds(), shout = now ? 0.3 : timeout + 1;
    if (kill((pid_t)who->pid, SIGTERM) != 0 && errno != ESRCH)
        return error_set(err, ERR_STORE,
                         "study %s is being run by pid %" PRId64 ", which cannot be signalled: %s",
                         open->study.name, who->pid, strerror(errno));
    while (runs && seconds() - start < timeout) {
        nap(50);
        if (!still_runs(open, who, &runs, err)) return false;
        if (!runs || seconds() - start < shout) continue;
        kill((pid_t)who->pid, SIGTERM);
        shout = timeout + 1;
    }
    return !runs || error_set(err, ERR_STORE,
                              "study %s: pid %" PRId64 " was asked to end and is ending its epochs"
                              " still, after %g s; it will. --now does not wait for them", open->study.name,
                              who->pid, timeout);
}

int cmd_stop(Cli *cli)
{
    Error err;
    OpenStudy open;
    StudyHolder who;
    double timeout = 30;
    const char *limit = cli_value(cli, "timeout");
    if (limit && (!text_to_duration(limit, &timeout) || timeout < 0)) {
        error_set(&err, ERR_CONFIG, "--timeout %.40s: a duration such as 30s or 2m", limit);
        return cli_fail(&err);
    }
    if (!study_open(cli, cli->n_arguments ? cli->arguments[0] : NULL, &open, &err)) return cli_fail(&err);
    bool ok = curate_holder(open.store, open.study.id, &who, &err);
    if (ok && who.alive && !who.here)
        ok = error_set(&err, ERR_STORE, "study %s is being run on host %s by pid %" PRId64 "; stop it there",
                       open.study.name, who.host, who.pid);
    if (ok && who.alive) ok = ask_to_end(&open, &who, cli_flag(cli, "now"), timeout, &err);
    study_close(&open);
    if (!ok) return cli_fail(&err);
    printf(who.alive ? "study %s: stopped, pid %" PRId64 " has ended\n"
           : "study %s is not running%.0" PRId64 "\n",
           open.study.name, who.alive ? who.pid : 0);
    return EXIT_OK;
}
