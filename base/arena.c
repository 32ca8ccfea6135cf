/* Chunks from malloc, carved in steps of 64 bytes. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, FIRST_CHUNK = 1 << 16, LARGEST_KEPT = 1 << 23,
       LARGEST_STEP = 1 << 26 }; /* past 64 MiB grow by what is needed */

typedef struct Chunk Chunk;
struct Chunk {
    Chunk *next; /* the chunk that was current before this one */
    size_t size, used;
    unsigned char *bytes; /* aligned start inside the same malloc block */
};

struct Arena {
    Chunk *chunk; /* current, NULL when empty */
    size_t limit, reserved, used;
    long fail_after;
};

Arena *arena_create(size_t limit_bytes)
{
    Arena *arena = calloc(1, sizeof *arena);
    if (!arena) return NULL;
    arena->limit = limit_bytes;
    arena->fail_after = -1;
    return arena;
}

void arena_destroy(Arena *arena)
{
    if (!arena) return;
    for (Chunk *chunk = arena->chunk; chunk;) {
        Chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    free(arena);
}

void arena_reset(Arena *arena)
{
    /* Keep the largest chunk: the next trial is likely to need as much as the last. But not what somebody else
     * may be waiting for. */
    Chunk *keep = NULL;
    for (Chunk *chunk = arena->chunk; chunk;) {
        Chunk *next = chunk->next, *drop = chunk;
        if (chunk->size <= LARGEST_KEPT && (!keep || chunk->size > keep->size)) {
            drop = keep;
            keep = chunk;
        }
        free(drop);
        chunk = next;
    }
    if (keep) {
        keep->next = NULL;
        keep->used = 0;
    }
    arena->chunk = keep;
    arena->reserved = keep ? keep->size : 0;
    arena->used = 0;
}

static bool chunk_add(Arena *arena, size_t need)
{
    size_t size = arena->chunk ? arena->chunk->size * 2 : FIRST_CHUNK;
    if (size > LARGEST_STEP) size = LARGEST_STEP;
    if (size < need) size = need;
    if (arena->limit && arena->reserved + size > arena->limit) {
        if (arena->reserved + need > arena->limit) return false;
        size = need;
    }
    if (size > SIZE_MAX - sizeof(Chunk) - ALIGN) return false;
    Chunk *chunk = malloc(sizeof *chunk + ALIGN + size);
    if (!chunk) return false;
    uintptr_t start = ((uintptr_t)(chunk + 1) + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1);
    *chunk = (Chunk){.next = arena->chunk, .size = size, .bytes = (unsigned char *)start};
    arena->chunk = chunk;
    arena->reserved += size;
    return true;
}

static void *carve(Arena *arena, size_t count, size_t size, bool zeroed)
{
    if (arena->fail_after == 0) return NULL;
    if (size && count > (SIZE_MAX / 2) / size) return NULL;
    size_t bytes = (count * size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (bytes == 0) bytes = ALIGN;
    if (!arena->chunk || arena->chunk->size - arena->chunk->used < bytes)
        if (!chunk_add(arena, bytes)) return NULL;
    if (arena->fail_after > 0) arena->fail_after--;
    void *block = arena->chunk->bytes + arena->chunk->used;
    arena->chunk->used += bytes;
    arena->used += bytes;
    return zeroed ? memset(block, 0, bytes) : block;
}

void *arena_alloc(Arena *arena, size_t count, size_t size)
{
    return carve(arena, count, size, true);
}

void *arena_room(Arena *arena, size_t count, size_t size)
{
    return carve(arena, count, size, false);
}

char *arena_copy_n(Arena *arena, const char *text, size_t n)
{
    char *copy = arena_alloc(arena, n + 1, 1);
    return copy ? memcpy(copy, text, n) : NULL;
}

char *arena_copy(Arena *arena, const char *text)
{
    return arena_copy_n(arena, text, strlen(text));
}

char *arena_print(Arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = n < 0 ? NULL : arena_alloc(arena, (size_t)n + 1, 1);
    if (!text) return NULL;
    va_start(args, format);
    vsnprintf(text, (size_t)n + 1, format, args);
    va_end(args);
    return text;
}

size_t arena_used(const Arena *arena)
{
    return arena->used;
}

void arena_fail_after(Arena *arena, long n)
{
    arena->fail_after = n < 0 ? -1 : n;
}
