/* Arrays that double: from an arena, or from the heap where there is none. */
#include "base/grow.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 8 };

bool grow_items(Arena *arena, void *items, int n, int *capacity, size_t size)
{
    if (n < *capacity) return true;
    if (*capacity > INT_MAX / 2) return false;
    int room = *capacity ? *capacity * 2 : FIRST;
    if ((size_t)room > SIZE_MAX / size) return false;
    void *old, *larger; /* `items` is the address of a pointer to whatever the items are */
    memcpy(&old, items, sizeof old);
    if (arena) {
        larger = arena_alloc(arena, (size_t)room, size);
        if (larger && n) memcpy(larger, old, (size_t)n * size);
    } else {
        larger = realloc(old, (size_t)room * size);
    }
    if (!larger) return false;
    memcpy(items, &larger, sizeof larger);
    *capacity = room;
    return true;
}
