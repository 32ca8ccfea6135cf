/* Begins again without OpenBLAS's threads where they cannot be had, and gives all threads enough of a stack. */
#define _GNU_SOURCE /* pthread_setattr_default_np */
#include "app/limits.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

extern char **environ;

/* ---- before any library has begun ---------------------------------------------------------------- */

#if defined __GLIBC__ && !defined CONSORT_REFERENCE_BLAS
/* Written so by nobody else: what was begun again is known by it. Of two with one name the first counts. */
static const char no_threads[] = "OPENBLAS_NUM_THREADS=01";

static bool limited(int what, rlim_t enough)
{
    struct rlimit limit;
    return getrlimit(what, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < enough;
}

static void begin_again(int argc, char **argv, char **envp)
{
    enum { ENOUGH_THREADS = 4096 };
    (void)argc;
    if (envp[0] && strcmp(envp[0], no_threads) == 0) return;
    if (!limited(RLIMIT_AS, RLIM_INFINITY) && !limited(RLIMIT_DATA, RLIM_INFINITY)
        && !limited(RLIMIT_NPROC, ENOUGH_THREADS))
        return;
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    if (length <= 0 || length == (ssize_t)sizeof path) return;
    path[length] = '\0';
    size_t n = 0;
    while (envp[n]) n++;
    char **with = calloc(n + 2, sizeof *with);
    if (!with) return;
    with[0] = (char *)no_threads;
    memcpy(with + 1, envp, n * sizeof *with);
    execve(path, argv, with);
    free(with);
}

__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **)
    = begin_again;

/* It has been read: from here on the environment is what it was. */
static void forget(void)
{
    if (environ && environ[0] && strcmp(environ[0], no_threads) == 0) environ++;
}
#else
static void forget(void) {}
#endif

/* ---- stacks -------------------------------------------------------------------------------------- */

enum { LEAST_STACK = 1 << 20, STACK = 4 << 20 };

typedef struct {
    int (*program)(int argc, char **argv);
    int argc;
    char **argv;
    int code;
} Call;

static void *call(void *context)
{
    Call *c = context;
    c->code = c->program(c->argc, c->argv);
    return NULL;
}

static bool stack_is_small(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY
        && limit.rlim_cur < LEAST_STACK;
}

int limits_run(int (*program)(int argc, char **argv), int argc, char **argv)
{
    Call c = {program, argc, argv, 0};
    pthread_attr_t stack;
    pthread_t thread;
    forget();
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit (ulimit -f) is a write that fails */
    if (!stack_is_small() || pthread_attr_init(&stack) != 0) return program(argc, argv);
    bool begun = false;
    if (pthread_attr_setstacksize(&stack, STACK) == 0) {
#ifdef __GLIBC__
        pthread_setattr_default_np(&stack);
#endif
        begun = pthread_create(&thread, &stack, call, &c) == 0;
    }
    pthread_attr_destroy(&stack);
    if (!begun) return program(argc, argv);
    /* Signals are for the thread that waits for something they interrupt. */
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    pthread_join(thread, NULL);
    return c.code;
}
