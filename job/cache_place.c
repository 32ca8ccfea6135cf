/* The folder of the cache of tables, as the environment has it. */
#include "job/cache_place.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

const char *cache_place(const char *said, Arena *arena)
{
    if (!said || strcmp(said, "off") == 0) return NULL;
    if (strcmp(said, "auto") != 0) return said;
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && *cache == '/') return path_join(arena, cache, "consort");
    return home && *home == '/' ? path_join(arena, home, ".cache/consort") : NULL;
}
