/* A process, as another can tell it apart: by host, boot, pid namespace, pid and start time. */
#include "tuner/store/holder.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* State letter and start time of a process: fields 3 and 22 of /proc/PID/stat (proc(5)). The name in
 * field 2 may hold spaces and brackets, so count from the last bracket. */
static bool process_stat(int64_t pid, char *state, int64_t *started)
{
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file) return false;
    size_t n = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[n] = '\0';
    char *at = strrchr(line, ')');
    if (!at || at[1] != ' ' || !at[2]) return false;
    *state = at[2];
    at += 2;
    for (int field = 3; field < 22; field++) {
        at = strchr(at, ' ');
        if (!at) return false;
        at++;
    }
    *started = strtoll(at, NULL, 10);
    return true;
}

void holder_self(Holder *self)
{
    memset(self, 0, sizeof *self);
    char host[sizeof self->host] = "";
    if (gethostname(host, sizeof host - 1) != 0) strcpy(host, "localhost");
    memcpy(self->host, host, sizeof host);
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    if (file) {
        if (!fgets(self->boot_id, sizeof self->boot_id, file)) self->boot_id[0] = '\0';
        self->boot_id[strcspn(self->boot_id, "\n")] = '\0';
        fclose(file);
    }
    self->pid = getpid();
    struct stat space;
    if (stat("/proc/self/ns/pid", &space) == 0) self->pid_space = (int64_t)space.st_ino;
    char state;
    if (!process_stat(self->pid, &state, &self->started)) self->started = 0;
}

bool holder_alive(const Holder *other, const Holder *self, double beat_age_s)
{
    bool same_host = strcmp(other->host, self->host) == 0;
    bool same_boot = strcmp(other->boot_id, self->boot_id) == 0;
    if (same_host && !same_boot) return false; /* the machine was started again since */
    if (!same_host || other->pid_space != self->pid_space)
        return beat_age_s < BEAT_S * BEATS_UNTIL_DEAD;
    /* 1 is no sweep; others mean groups, or everybody, once they are a pid_t. */
    if (other->pid < 2 || other->pid > INT_MAX) return false;
    bool there = kill((pid_t)other->pid, 0) == 0, hidden = !there && errno == EPERM;
    if (!there && !hidden) return false;
    if (!self->started) return true; /* no /proc: it has the pid */
    char state;
    int64_t started;
    if (!process_stat(other->pid, &state, &started)) /* somebody else's may be hidden from us (hidepid) */
        return hidden && beat_age_s < BEAT_S * BEATS_UNTIL_DEAD;
    if (state == 'Z' || state == 'X') return false; /* dead, its parent has not noticed */
    return other->started == started;
}

bool holder_is_there(int64_t pid)
{
    return pid > 0 && pid <= INT_MAX && (kill((pid_t)pid, 0) == 0 || errno != ESRCH);
}

bool holder_has_open(int64_t pid, const char *path)
{
    char name[300];
    struct stat file, open;
    snprintf(name, sizeof name, "/proc/%" PRId64 "/fd", pid);
    DIR *dir = pid >= 2 && pid <= INT_MAX && stat(path, &file) == 0 ? opendir(name) : NULL;
    bool found = false;
    if (!dir) return false;
    for (struct dirent *entry; !found && (entry = readdir(dir)) != NULL;) {
        snprintf(name, sizeof name, "/proc/%" PRId64 "/fd/%.200s", pid, entry->d_name);
        found = stat(name, &open) == 0 && open.st_ino == file.st_ino && open.st_dev == file.st_dev;
    }
    closedir(dir);
    return found;
}

bool holder_same(const Holder *a, const Holder *b)
{
    return a->pid == b->pid && a->started == b->started && a->pid_space == b->pid_space &&
           strcmp(a->host, b->host) == 0 && strcmp(a->boot_id, b->boot_id) == 0;
}

bool holder_can_be_looked_up(const Holder *other, const Holder *self)
{
    return strcmp(other->host, self->host) == 0
        && (strcmp(other->boot_id, self->boot_id) != 0 || other->pid_space == self->pid_space);
}
