/* tuner/trial/process.h - somebody else's program, run as a child that cannot outlive us.
 *
 * A child leads a process group of its own, so that what it starts can be signalled with it, and so
 * that a terminal's Ctrl-C reaches us and not it. Its standard input is empty; what it writes comes
 * through two pipes. Descriptors and signal handlers of ours are not passed on.
 *
 * Nothing is left behind. When the program itself has ended, the rest of its group is killed, and who has
 * left that (setsid, daemons), as far as descendants.h finds them. When we die, even by SIGKILL, the kernel
 * kills the program (Linux: PR_SET_PDEATHSIG), and a Guard, a small process that does nothing but wait for our
 * end, kills the others. Out of reach is only a process that has left its group, its parent and its
 * environment, and everything if the guard is killed, too.
 *
 * Threads   process_start may be called from several threads; a Process belongs to one.
 * Errors    ERR_IO: no process, no descriptor. ERR_CONFIG: there is nothing to run by that name.
 */
#ifndef CONSORT_TUNER_TRIAL_PROCESS_H
#define CONSORT_TUNER_TRIAL_PROCESS_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

typedef struct Guard Guard;
bool guard_create(Guard **out, Error *err);
void guard_destroy(Guard *guard);

typedef struct {
    Guard *guard;
    pid_t pid;
    int64_t born;        /* when it was started, in the system's ticks; 0: not known */
    int out, err;        /* our ends of its standard output and error; -1: closed */
    double term_s, kill_s; /* when it was told to end, when it was killed; 0: it was not */
    bool ended;
    int exit_code, signal; /* once ended: one of the two; signal 0: it exited */
    /* Once paused: what the program itself took so far. After process_end: what it and all that it waited for
     * took, and the most memory one of them held. 0: not known. */
    double cpu_s;
    int64_t peak_bytes;
} Process;

/* `path` is the file to run, `words` its arguments with its name first, `environment` NAME=VALUE; both
 * end with NULL. */
bool process_start(Guard *guard, const char *path, const char *const *words,
                   const char *const *environment, Process *out, Error *err);
/* What it has written since: waits up to `wait_s` for something to happen (output, its end), then hands
 * over what there is. False when both pipes are closed and it has ended. */
bool process_read(Process *process, double wait_s,
                  void (*on_bytes)(void *context, bool is_error, const char *bytes, size_t n),
                  void *context);
/* SIGTERM to the group; after `grace_s` seconds, at a later call, SIGKILL. */
void process_stop(Process *process, double grace_s);
/* It has ended by a signal that would stop us, too, and not by ours: who stops us may have told all processes
 * at once (`scancel`), and it was the faster one. So `stop` (NULL: none) is waited for, a moment. */
bool process_was_stopped(const Process *process, const atomic_int *stop);
/* The group stands still, and goes on. False when it was killed meanwhile: it cannot go on. */
void process_pause(Process *process);
bool process_resume(Process *process);
/* Kills what is left of the group and takes leave of it. */
void process_end(Process *process);
/* "SIGSEGV" */
const char *signal_name(int number);
#endif
