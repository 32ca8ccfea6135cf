/* base/arena.h - memory that is given back all at once.
 *
 * Almost everything in Consort lives as long as something larger does: a trial, a study, a loaded
 * table. So it is carved from an arena and freed by resetting or destroying that arena; nothing
 * is freed one by one, and nothing can leak. A worker owns one arena and resets it after each
 * trial; a study owns one for what outlives trials.
 *
 * Every block is zeroed and aligned to 64 bytes (a cache line, an AVX-512 vector).
 * Errors   a failed allocation returns NULL. Callers write
 *              float *w = ARENA_NEW(arena, float, n);
 *              if (!w) return error_memory(err);
 *          A byte limit (0: none) makes a run that cannot fit fail here and not in the kernel's
 *          out-of-memory killer; tests use arena_fail_after() to let the n-th allocation fail.
 * Threads  an arena belongs to one thread at a time.
 */
#ifndef CONSORT_BASE_ARENA_H
#define CONSORT_BASE_ARENA_H
#include <stddef.h>

typedef struct Arena Arena;

Arena *arena_create(size_t limit_bytes); /* NULL when even that fails */
void arena_destroy(Arena *arena);        /* NULL is fine */
/* Forgets all blocks, keeps the largest chunk of up to 8 MiB for the next round. */
void arena_reset(Arena *arena);
/* `count * size` zeroed bytes, or NULL (also when the product overflows). Zero bytes give a
 * valid pointer. */
void *arena_alloc(Arena *arena, size_t count, size_t size);
/* The same, but holding anything: what of a large one is never written to takes no memory. */
void *arena_room(Arena *arena, size_t count, size_t size);
char *arena_copy(Arena *arena, const char *text);                       /* strdup */
char *arena_copy_n(Arena *arena, const char *text, size_t n);           /* strndup */
char *arena_print(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t arena_used(const Arena *arena); /* bytes handed out since creation or reset */
/* Tests: the next `n` allocations succeed, the one after fails, and so do all later ones until
 * the next call; n < 0 switches this off. */
void arena_fail_after(Arena *arena, long n);

#define ARENA_NEW(arena, Type, count) ((Type *)arena_alloc((arena), (size_t)(count), sizeof(Type)))
#endif
