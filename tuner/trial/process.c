/* Children and the guard that outlives us: the one file that forks. */
#define _GNU_SOURCE /* prctl, close_range */
#include "tuner/trial/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "base/clock.h"
#include "base/threads.h"
#include "tuner/trial/descendants.h"

/* ---- the guard ------------------------------------------------------------------------------- */

/* A group is told of by its first member before that runs anything, and forgotten by us. Records are
 * far smaller than PIPE_BUF, so they arrive whole. */
typedef struct {
    int64_t born; /* of its first member */
    int32_t begins; /* 0: has ended */
    int32_t group;
} Notice;

struct Guard {
    pid_t pid;
    int to; /* the pipe to it: when all ends of this side are closed, we are gone */
    pthread_mutex_t spawning;
};

enum { MOST_GROUPS = 4096 };

static void guard_forget(Notice *groups, int *n, int32_t group)
{
    for (int i = 0; i < *n; i++)
        if (groups[i].group == group) groups[i] = groups[--*n];
}

static void guard_run(int from)
{
    Notice groups[MOST_GROUPS];
    int n = 0;
    Notice notice;
    for (;;) {
        ssize_t got = read(from, &notice, sizeof notice);
        if (got < 0 && errno == EINTR) continue;
        if (got != (ssize_t)sizeof notice) break;
        guard_forget(groups, &n, notice.group);
        if (notice.begins && n < MOST_GROUPS) groups[n++] = notice;
    }
    for (int i = 0; i < n; i++) kill(-groups[i].group, SIGKILL);
    for (int i = 0; i < n; i++) descendants_signal(groups[i].group, groups[i].born, SIGKILL);
}

static void close_from(int first, int keep)
{
    for (int fd = first; fd < 1024; fd++)
        if (fd != keep) close(fd);
}

static bool pipe_cloexec(int ends[2])
{
    if (pipe(ends) != 0) return false;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return true;
}

bool guard_create(Guard **out, Error *err)
{
    int ends[2];
    Guard *guard = calloc(1, sizeof *guard);
    if (!guard) return error_memory(err);
    if (!pipe_cloexec(ends)) {
        free(guard);
        return error_set(err, ERR_IO, "cannot make a pipe: %s", strerror(errno));
    }
    guard->pid = fork();
    if (guard->pid == 0) { /* out of the terminal's reach: Ctrl-C and hang-ups are not for it */
        setsid();
        signal(SIGINT, SIG_IGN);
        signal(SIGTERM, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        close_from(0, ends[0]);
        guard_run(ends[0]);
        _exit(0);
    }
    close(ends[0]);
    if (guard->pid < 0) {
        close(ends[1]);
        free(guard);
        return threads_error("process", errno, err);
    }
    guard->to = ends[1];
    pthread_mutex_init(&guard->spawning, NULL);
    *out = guard;
    return true;
}

void guard_destroy(Guard *guard)
{
    if (!guard) return;
    close(guard->to);
    while (waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR) {}
    pthread_mutex_destroy(&guard->spawning);
    free(guard);
}

static void guard_tell(const Guard *guard, bool begins, pid_t group)
{
    Notice notice = {begins ? process_born(group) : 0, begins, (int32_t)group};
    while (write(guard->to, &notice, sizeof notice) < 0 && errno == EINTR) {}
}

/* ---- starting -------------------------------------------------------------------------------- */

/* What a child writes to, an end to read from and one to write to each: its output, its errors, and in case it
 * cannot become the program, why. */
typedef struct {
    int out[2], err[2], why[2];
} Pipes;

static void close_both(const int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

/* All three or none. */
static bool pipes_open(Pipes *pipes)
{
    if (!pipe_cloexec(pipes->out)) return false;
    if (pipe_cloexec(pipes->err)) {
        if (pipe_cloexec(pipes->why)) return true;
        close_both(pipes->err);
    }
    close_both(pipes->out);
    return false;
}

/* In the child, between fork and exec: only what is safe there. */
static void become(const Guard *guard, pid_t parent, const char *path, const char *const *words,
                   const char **environment, const Pipes *pipes)
{
    char mark[GROUP_MARK_ROOM];
    setpgid(0, 0);
    group_mark(getpid(), mark);
    environment[0] = mark;
    guard_tell(guard, true, getpid());
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent) _exit(127); /* it died while we were starting */
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(pipes->out[1], 1) < 0 || dup2(pipes->err[1], 2) < 0) goto failed;
#if defined __linux__ && defined SYS_close_range
    syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
#endif
    for (int fd = 3; fd < 256; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
    for (int number = 1; number < 32; number++) signal(number, SIG_DFL); /* those we ignore, too */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(path, (char *const *)words, (char *const *)environment);
failed:;
    int number = errno;
    ssize_t ignored = write(pipes->why[1], &number, sizeof number);
    (void)ignored;
    _exit(127);
}

/* With a first place for the mark of the group, and without that of a group that we are in ourselves. */
static const char **with_place(const char *const *environment)
{
    static const char name[] = "CONSORT_GROUP=";
    size_t n = 0, kept = 1;
    while (environment[n]) n++;
    const char **all = calloc(n + 2, sizeof *all);
    for (size_t i = 0; all && i < n; i++)
        if (strncmp(environment[i], name, sizeof name - 1) != 0) all[kept++] = environment[i];
    return all;
}

bool process_start(Guard *guard, const char *path, const char *const *words,
                   const char *const *environment, Process *process, Error *err)
{
    Pipes pipes;
    int number = 0;
    const char **marked = with_place(environment);
    if (!marked) return error_memory(err);
    /* One at a time: a child of another thread must not inherit these pipes before they are marked. */
    pthread_mutex_lock(&guard->spawning);
    bool ok = pipes_open(&pipes);
    pid_t parent = getpid(), pid = ok ? fork() : -1;
    if (pid == 0) become(guard, parent, path, words, marked, &pipes);
    number = errno;
    pthread_mutex_unlock(&guard->spawning);
    free(marked);
    if (!ok) return error_set(err, ERR_IO, "cannot make a pipe: %s", strerror(number));
    close(pipes.out[1]);
    close(pipes.err[1]);
    close(pipes.why[1]);
    if (pid > 0) {
        ssize_t got;
        while ((got = read(pipes.why[0], &number, sizeof number)) < 0 && errno == EINTR) {}
        if (got == 0) number = 0; /* closed by exec */
    }
    close(pipes.why[0]);
    if (pid > 0 && number == 0) {
        fcntl(pipes.out[0], F_SETFL, O_NONBLOCK);
        fcntl(pipes.err[0], F_SETFL, O_NONBLOCK);
        *process = (Process){.guard = guard, .pid = pid, .born = process_born(pid), .out = pipes.out[0],
                             .err = pipes.err[0]};
        return true;
    }
    close(pipes.out[0]);
    close(pipes.err[0]);
    if (pid < 0) return threads_error("process", number, err);
    guard_tell(guard, false, pid);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    return error_set(err, number == ENOMEM || number == EAGAIN ? ERR_IO : ERR_CONFIG, "cannot run %s: %s%s",
                     path, strerror(number),
                     number == ENOEXEC ? " (a script begins with #! and its interpreter)" : "");
}

/* ---- watching -------------------------------------------------------------------------------- */

/* Looks whether it has ended, without taking leave: until then its number, which is its group's, too,
 * belongs to nobody else. */
static void look(Process *process)
{
    siginfo_t info = {0};
    if (process->ended || waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0
        || info.si_pid == 0)
        return;
    process->ended = true;
    if (info.si_code == CLD_EXITED) process->exit_code = info.si_status;
    else process->signal = info.si_status;
}

/* Reads until there is nothing for now; closes the pipe at its end. At most a few chunks a call, so that
 * a program that never stops writing does not keep us from looking at the clock. */
static bool drain(int *fd, bool is_error,
                  void (*on_bytes)(void *context, bool is_error, const char *bytes, size_t n),
                  void *context)
{
    char bytes[1 << 16];
    for (int chunk = 0; *fd >= 0 && chunk < 16; chunk++) {
        ssize_t n = read(*fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
        if (n <= 0) {
            close(*fd);
            *fd = -1;
            return false;
        }
        on_bytes(context, is_error, bytes, (size_t)n);
    }
    return *fd >= 0;
}

bool process_read(Process *process, double wait_s,
                  void (*on_bytes)(void *context, bool is_error, const char *bytes, size_t n),
                  void *context)
{
    struct pollfd fds[2];
    int n = 0;
    if (process->out >= 0) fds[n++] = (struct pollfd){process->out, POLLIN, 0};
    if (process->err >= 0) fds[n++] = (struct pollfd){process->err, POLLIN, 0};
    look(process);
    if (!process->ended) {
        /* A program that has closed its output gives no sign when it ends: look more often. */
        double wait = n > 0 ? wait_s : 0.005;
        poll(fds, (nfds_t)n, (int)(1000 * wait));
        look(process);
    }
    /* Once it has ended nothing more comes from it, and what its children might still write is not
     * waited for. */
    bool more = drain(&process->out, false, on_bytes, context);
    more |= drain(&process->err, true, on_bytes, context);
    return more || !process->ended;
}

/* Those that it started and that have left its group. Most start nobody. */
static void signal_others(const Process *process, int number)
{
    if (process_newest() != process->pid) descendants_signal(process->pid, process->born, number);
}

static void kill_all(const Process *process)
{
    /* Its group is there to be known by, and says nothing about it, while the others are killed. */
    kill(-process->pid, SIGSTOP);
    signal_others(process, SIGKILL);
    kill(-process->pid, SIGKILL);
}

void process_stop(Process *process, double grace_s)
{
    double now = clock_seconds();
    if (process->term_s == 0) {
        process->term_s = now;
        kill(-process->pid, SIGTERM);
    } else if (process->kill_s == 0 && now - process->term_s >= grace_s) {
        process->kill_s = now;
        kill_all(process);
    }
}

bool process_was_stopped(const Process *process, const atomic_int *stop)
{
    enum { PATIENCE_S = 2 }; /* the word may come from another machine */
    const int number = process->signal ? process->signal : process->exit_code - 128; /* so a shell says it */
    const double until = clock_seconds() + PATIENCE_S;
    if (!stop || (number != SIGINT && number != SIGTERM && number != SIGUSR1)) return false;
    while (!atomic_load(stop) && clock_seconds() < until) poll(NULL, 0, 20);
    return atomic_load(stop);
}

void process_pause(Process *process)
{
    kill(-process->pid, SIGSTOP);
    signal_others(process, SIGSTOP);
    clockid_t clock;
    struct timespec spent;
    if (clock_getcpuclockid(process->pid, &clock) == 0 && clock_gettime(clock, &spent) == 0)
        process->cpu_s = (double)spent.tv_sec + 1e-9 * (double)spent.tv_nsec;
}

bool process_resume(Process *process)
{
    look(process);
    if (process->ended && process->signal == SIGKILL) return false;
    kill(-process->pid, SIGCONT);
    signal_others(process, SIGCONT);
    return true;
}

void process_end(Process *process)
{
    if (process->pid <= 0) return;
    kill_all(process);
    if (process->out >= 0) close(process->out);
    if (process->err >= 0) close(process->err);
    guard_tell(process->guard, false, process->pid);
    struct rusage took = {0};
    while (wait4(process->pid, NULL, 0, &took) < 0 && errno == EINTR) {}
    process->cpu_s = (double)(took.ru_utime.tv_sec + took.ru_stime.tv_sec)
                   + 1e-6 * (double)(took.ru_utime.tv_usec + took.ru_stime.tv_usec);
#ifdef __APPLE__
    process->peak_bytes = took.ru_maxrss;
#else
    process->peak_bytes = (int64_t)took.ru_maxrss * 1024;
#endif
    process->pid = 0;
    process->out = process->err = -1;
}

const char *signal_name(int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {{SIGHUP, "SIGHUP"}, {SIGINT, "SIGINT"}, {SIGQUIT, "SIGQUIT"}, {SIGILL, "SIGILL"},
                 {SIGTRAP, "SIGTRAP"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"},
                 {SIGKILL, "SIGKILL"}, {SIGSEGV, "SIGSEGV"}, {SIGPIPE, "SIGPIPE"},
                 {SIGALRM, "SIGALRM"}, {SIGTERM, "SIGTERM"}, {SIGXCPU, "SIGXCPU"},
                 {SIGXFSZ, "SIGXFSZ"}, {SIGUSR1, "SIGUSR1"}, {SIGUSR2, "SIGUSR2"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].number == number) return names[i].name;
    return "a signal";
}
