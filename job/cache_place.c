/* The folder of the cache of tables, as the environment has it. */
#include "job/cache_place.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

const char *cache_place(const char *said, Arena *arena)
{
    /* in YAML an unquoted off is false to some, and none means the same everywhere else */
    static const char *const off[] = {"off", "false", "no", "none"};
    for (int i = 0; said && i < 4; i++)
        if (strcmp(said, off[i]) == 0) return NULL;
    if (!said) return NULL;
    if (strcmp(said, "auto") != 0) return said;
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && *cache == '/') return path_join(arena, cache, "consort");
    return home && *home == '/' ? path_join(arena, home, ".cache/consort") : NULL;
}
