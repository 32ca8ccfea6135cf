/* What the processor, the system and the container say of cores and memory. */
#include "base/machine.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number after `key` ("" : the first word) in the lines of a file; -1: not there, or no number ("max"). */
static double number_in(const char *path, const char *key)
{
    char line[256];
    double found = -1;
    size_t n = strlen(key);
    FILE *file = fopen(path, "r");
    while (file && found < 0 && fgets(line, sizeof line, file)) {
        char *end;
        if (strncmp(line, key, n) != 0) continue;
        double number = strtod(line + n, &end);
        if (end > line + n) found = number;
    }
    if (file) fclose(file);
    return found;
}

/* Where a version of control groups keeps what we ask for. */
typedef struct {
    const char *line; /* of /proc/self/cgroup: what stands between the first and the last colon */
    const char *folder, *limit, *used, *files[2];
} Groups;
static const Groups versions[] = {
    {"", "/sys/fs/cgroup", "memory.max", "memory.current", {"inactive_file ", "active_file "}},
    {"memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
     {"total_inactive_file ", "total_active_file "}}};

static double of_group(const char *root, const Groups *groups, const char *group, const char *file,
                       const char *key)
{
    char path[PATH_MAX];
    if ((size_t)snprintf(path, sizeof path, "%s%s%s/%s", root, groups->folder, group, file) >= sizeof path)
        return -1;
    return number_in(path, key);
}

/* A group and all that it lies in. */
static void look_at_groups(const char *root, const Groups *groups, char *group, MachineMemory *memory)
{
    for (;;) {
        char *slash = strrchr(group, '/');
        if (slash && !slash[1]) *slash = '\0'; /* the root's path is "/" */
        double limit = of_group(root, groups, group, groups->limit, "");
        double used = of_group(root, groups, group, groups->used, "");
        for (int i = 0; i < 2 && used >= 0; i++) {
            double files = of_group(root, groups, group, "memory.stat", groups->files[i]);
            if (files > 0) used -= files;
        }
        if (limit > 0 && limit < memory->total) memory->total = limit;
        if (limit > 0 && used >= 0 && limit - used < memory->available)
            memory->available = limit > used ? limit - used : 0;
        slash = strrchr(group, '/');
        if (!slash) return;
        *slash = '\0';
    }
}

MachineMemory machine_memory(const char *root)
{
    char path[PATH_MAX], line[PATH_MAX];
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    double total = number_in(path, "MemTotal:"), available = number_in(path, "MemAvailable:");
    if (total <= 0) return (MachineMemory){0};
    MachineMemory memory = {1024 * total, 1024 * (available >= 0 ? available : total)};
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) { /* "4:memory:/a/b", "0::/a/b" */
        char *kind = strchr(line, ':'), *group = kind ? strchr(kind + 1, ':') : NULL;
        if (!group) continue;
        *group++ = '\0';
        group[strcspn(group, "\n")] = '\0';
        for (size_t v = 0; v < sizeof versions / sizeof *versions; v++)
            if (strcmp(kind + 1, versions[v].line) == 0) look_at_groups(root, &versions[v], group, &memory);
    }
    if (file) fclose(file);
    return memory;
}
