/* base/machine: what a machine and its control groups say about memory, from folders that look like them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/machine.h"

static char root[] = "/tmp/consort-machine-XXXXXX";

static void put(const char *name, const char *text)
{
    Error err;
    Arena *arena = arena_create(0);
    char *path = path_join(arena, root, name), *folder = path_folder(arena, path);
    if (!file_make_folder(folder, &err) || !file_write(path, text, strlen(text), &err))
        fail_msg("%s", err.message);
    arena_destroy(arena);
}

static void expect(double total, double available)
{
    MachineMemory memory = machine_memory(root);
    if (memory.total != total || memory.available != available)
        fail_msg("total %.0f, available %.0f; not %.0f and %.0f", memory.total, memory.available, total,
                 available);
}

static void the_least_counts(void **state)
{
    (void)state;
    expect(0, 0); /* nothing is known */
    put("proc/meminfo", "MemTotal:       1000 kB\nMemFree:        10 kB\nMemAvailable:    800 kB\n");
    expect(1024000, 819200);
    put("proc/self/cgroup", "0::/\n");
    put("sys/fs/cgroup/memory.max", "max\n");
    expect(1024000, 819200);
    /* a container: limits at two levels, the outer one less; its page cache can be had */
    put("proc/self/cgroup", "1:name=systemd:/\n0::/outer/inner\n");
    put("sys/fs/cgroup/outer/inner/memory.max", "900000\n");
    put("sys/fs/cgroup/outer/memory.max", "500000\n");
    put("sys/fs/cgroup/outer/memory.current", "300000\n");
    expect(500000, 200000);
    put("sys/fs/cgroup/outer/memory.stat", "anon 100000\ninactive_file 50000\nactive_file 20000\n");
    expect(500000, 270000);
    /* the older kind, which names a path that is not visible from inside */
    put("proc/self/cgroup", "4:memory:/not/here\n");
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    expect(1024000, 819200);
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "400000\n");
    put("sys/fs/cgroup/memory/memory.usage_in_bytes", "450000\n");
    expect(400000, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_least_counts)};
    if (!mkdtemp(root)) return 1;
    int failed = cmocka_run_group_tests_name("base/machine", tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", root);
    return system(command) == 0 ? failed : 1;
}
