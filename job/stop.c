/* job/stop.c - signals the process that runs a study, and waits until it has let go of it. */
#include "job/stop.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static void nap(int ms)
{
    nanosleep(&(struct timespec){ms / 1000, (long)(ms % 1000) * 1000000}, NULL);
}

static bool still_runs(const OpenStudy *open, const StudyHolder *who, bool *runs, Error *err)
{
    StudyHolder now;
    if (!curate_holder(open->store, open->study.id, &now, err)) return false;
    *runs = now.alive && now.writes && now.pid == who->pid && strcmp(now.since_utc, who->since_utc) == 0;
    return true;
}

/* As Ctrl-C does: the first signal lets trials end their epoch, the second ends the process. */
static bool ask_to_end(const OpenStudy *open, const StudyHolder *who, bool now, double timeout, Error *err)
{
    bool runs = true;
    double start = clock_seconds(), shout = now ? 0.3 : timeout + 1;
    if (kill((pid_t)who->pid, SIGTERM) != 0 && errno != ESRCH)
        return error_set(err, ERR_STORE,
                         "study %s is being run by pid %" PRId64 ", which cannot be signalled: %s",
                         open->study.name, who->pid, strerror(errno));
    while (runs && clock_seconds() - start < timeout) {
        nap(50);
        if (!still_runs(open, who, &runs, err)) return false;
        if (!runs || clock_seconds() - start < shout) continue;
        kill((pid_t)who->pid, SIGTERM);
        shout = timeout + 1;
    }
    return !runs || error_set(err, ERR_STORE,
                              "study %s: pid %" PRId64 " was asked to end and is ending its epochs"
                              " still, after %g s; it will. --now does not wait for them", open->study.name,
                              who->pid, timeout);
}

bool study_stop(const OpenStudy *open, bool now, double timeout_s, StudyHolder *who, Error *err)
{
    if (!curate_holder(open->store, open->study.id, who, err)) return false;
    if (who->alive && !who->here)
        return error_set(err, ERR_STORE, "study %s is being run on host %s by pid %" PRId64 "; stop it there",
                         open->study.name, who->host, who->pid);
    if (who->alive && !who->writes)
        return error_set(err, ERR_STORE, "study %s says that pid %" PRId64 " runs it, and that process has not"
                         " opened %s: it is not ours to stop", open->study.name, who->pid, open->place.db);
    return !who->alive || ask_to_end(open, who, now, timeout_s, err);
}
