/* Begins the same command again, with other words in its environment. */
#include "app/again.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job/kernels.h"

static bool tell(const KernelSetting *setting, Arena *arena)
{
    const char *there = setting->adds ? getenv(setting->name) : NULL, *value = setting->value;
    if (there && *there) value = arena_print(arena, "%s:%s", there, value);
    return value && setenv(setting->name, value, 1) == 0;
}

/* The lowest number that is free is the next file's. */
static bool put_back(const char *text)
{
    char path[] = "/tmp/consort-XXXXXX";
    const size_t n = strlen(text);
    close(STDIN_FILENO);
    const int fd = mkstemp(path);
    if (fd < 0) return false;
    unlink(path);
    return fd == STDIN_FILENO && write(fd, text, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0;
}

void again_for_kernels(const Cli *cli, const Config *config)
{
    const Isa isa = (Isa)config->run.isa;
    char path[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    if (!isa_there(isa) || kernels_are_told(isa) || n <= 0 || n == (ssize_t)sizeof path) return;
    path[n] = '\0';
    for (const KernelSetting *s = kernels_environment(isa); s->name; s++)
        if (!tell(s, cli->arena)) return;
    if (strcmp(config->file, "-") == 0 && !put_back(config->conf->source)) return;
    execv(path, cli->argv);
}
