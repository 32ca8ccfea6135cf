/* tests/fault_shim.c - preloaded (LD_PRELOAD) into a program that knows nothing of it:
 *
 *     SHIM_CLOCK=FILE     the time of day is off by as many seconds as the file says, at this moment
 *     SHIM_DISK=N:ERRNO   the N-th change of a file, and all after it, fail with that error
 *     SHIM_DISK=N:kill    the process is killed when it is about to make it
 *     SHIM_STATFS=MAGIC   every file lies on a file system of that type
 *     SHIM_FREE=KB        the machine has so much memory, all of it free
 *     SHIM_WAIT=PART:FILE who is about to make a file with PART in its path waits until there is FILE: a trial lasts
 *                         until it is told to go on. A FILE whose folder is gone will not come
 *
 * Calls the system itself, so that it does not matter what else is in front of the C library (sanitizers). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* ---- the clock ----------------------------------------------------------------------------------------- */

static long shift(void)
{
    const char *path = getenv("SHIM_CLOCK");
    char text[32] = "";
    int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0) : -1;
    if (fd < 0) return 0;
    long n = syscall(SYS_read, fd, text, sizeof text - 1);
    syscall(SYS_close, fd);
    return n > 0 ? strtol(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int saved = errno;
    long rc = syscall(SYS_clock_gettime, clock, out);
    if (rc == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        out->tv_sec += shift();
        errno = saved;
    }
    return (int)rc;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

/* ---- the disk ------------------------------------------------------------------------------------------ */

static atomic_long n_changes;

static int fails(int fd)
{
    const char *plan = getenv("SHIM_DISK");
    struct stat about;
    if (!plan || fd <= STDERR_FILENO || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) return 0;
    char *end;
    long at = strtol(plan, &end, 10);
    if (atomic_fetch_add(&n_changes, 1) + 1 < at) return 0;
    if (strcmp(end, ":kill") == 0) kill(getpid(), SIGKILL);
    errno = *end == ':' ? atoi(end + 1) : ENOSPC;
    return 1;
}

ssize_t write(int fd, const void *from, size_t n)
{
    return fails(fd) ? -1 : syscall(SYS_write, fd, from, n);
}

ssize_t pwrite(int fd, const void *from, size_t n, off_t at)
{
    return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, from, n, at);
}

ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at)
{
    return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, from, n, at);
}

int fsync(int fd)
{
    return fails(fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fails(fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t size)
{
    return fails(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return fails(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

/* ---- files that are made ------------------------------------------------------------------------------- */

static int is_there(const char *path)
{
    return syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

static void wait_before(const char *path)
{
    const char *plan = getenv("SHIM_WAIT"), *colon = plan ? strchr(plan, ':') : NULL;
    char part[100] = "", folder[4000] = ".";
    if (!colon || (size_t)(colon - plan) >= sizeof part || strlen(colon + 1) >= sizeof folder) return;
    memcpy(part, plan, (size_t)(colon - plan));
    if (!strstr(path, part)) return;
    const char *file = colon + 1, *slash = strrchr(file, '/');
    if (slash) memcpy(folder, file, (size_t)(slash - file)), folder[slash - file] = '\0';
    int saved = errno;
    while (!is_there(file) && is_there(folder)) syscall(SYS_nanosleep, &(struct timespec){.tv_nsec = 5000000}, NULL);
    errno = saved;
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
        wait_before(path);
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

/* ---- the file system ----------------------------------------------------------------------------------- */

int statfs(const char *path, struct statfs *out)
{
    const char *magic = getenv("SHIM_STATFS");
    int rc = (int)syscall(SYS_statfs, path, out);
    if (rc == 0 && magic) out->f_type = strtol(magic, NULL, 0);
    return rc;
}

/* ---- memory -------------------------------------------------------------------------------------------- */

FILE *fopen(const char *path, const char *mode)
{
    static FILE *(*real)(const char *, const char *);
    static char text[128];
    const char *kb = getenv("SHIM_FREE");
    if (kb && strcmp(path, "/proc/meminfo") == 0) {
        snprintf(text, sizeof text, "MemTotal: %.20s kB\nMemAvailable: %.20s kB\n", kb, kb);
        return fmemopen(text, strlen(text), "r");
    }
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "fopen");
    return real(path, mode);
}
