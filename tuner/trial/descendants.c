/* Finds, in /proc, who descends from a program: by parents, and by what stands in the environment. */
#include "tuner/trial/descendants.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char state;
    pid_t parent, group;
    int64_t born;
} Seen;

static size_t read_some(const char *path, char *to, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, to, room - 1);
    if (fd >= 0) close(fd);
    to[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

/* Fields 3, 4, 5 and 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold blanks and brackets. */
static bool see(pid_t pid, Seen *out)
{
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    read_some(path, line, sizeof line);
    char *at = strrchr(line, ')');
    if (!at || at[1] != ' ' || !at[2] || at[3] != ' ') return false;
    out->state = at[2];
    at += 4;
    out->parent = (pid_t)strtol(at, &at, 10);
    out->group = (pid_t)strtol(at, NULL, 10);
    for (int field = 4; field < 22; field++) {
        at = strchr(at, ' ');
        if (!at) return false;
        at++;
    }
    out->born = strtoll(at, NULL, 10);
    return true;
}

int64_t process_born(pid_t pid)
{
    Seen seen;
    return see(pid, &seen) ? seen.born : 0;
}

pid_t process_newest(void)
{
    char line[128];
    size_t n = read_some("/proc/loadavg", line, sizeof line);
    const char *last = n > 0 ? strrchr(line, ' ') : NULL;
    return last ? (pid_t)strtol(last, NULL, 10) : 0;
}

void group_mark(pid_t group, char *out) { snprintf(out, GROUP_MARK_ROOM, "CONSORT_GROUP=%d", (int)group); }

/* Is `mark` one of the variables that it was started with? */
static bool has_mark(pid_t pid, const char *mark)
{
    char path[64], bytes[4096];
    const size_t length = strlen(mark);
    size_t matched = 0;
    bool fits = true; /* what came since the last end of a variable */
    ssize_t n;
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (n = read(fd, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < n; i++) {
            if (bytes[i] == '\0' && fits && matched == length) {
                close(fd);
                return true;
            }
            if (bytes[i] == '\0') {
                matched = 0;
                fits = true;
            } else {
                fits = fits && matched < length && bytes[i] == mark[matched];
                matched++;
            }
        }
    if (fd >= 0) close(fd);
    return false;
}

static bool has_ancestor(pid_t parent, pid_t group, int64_t born)
{
    enum { DEEP = 1000 };
    Seen seen;
    for (int i = 0; i < DEEP && parent > 1; i++) {
        if (parent == group) return true;
        if (!see(parent, &seen) || seen.born < born) return false;
        parent = seen.parent;
    }
    return false;
}

static bool signal_once(pid_t group, int64_t born, const char *mark, int number)
{
    bool found = false;
    DIR *all = opendir("/proc");
    for (const struct dirent *entry; all && (entry = readdir(all));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        Seen seen, again;
        if (pid <= 1 || pid == getpid() || !see(pid, &seen) || seen.group == group || seen.born < born
            || seen.state == 'Z' || seen.state == 'X')
            continue;
        if (!has_ancestor(seen.parent, group, born) && !has_mark(pid, mark)) continue;
        if (see(pid, &again) && again.born == seen.born && kill(pid, number) == 0) found = true;
    }
    if (all) closedir(all);
    return found;
}

void descendants_signal(pid_t group, int64_t born, int number)
{
    enum { ROUNDS = 100 };
    char mark[GROUP_MARK_ROOM];
    if (group <= 1 || born <= 0) return;
    group_mark(group, mark);
    for (int i = 0; i < ROUNDS && signal_once(group, born, mark, number) && number == SIGKILL; i++) {}
}
