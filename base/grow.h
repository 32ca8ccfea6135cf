/* base/grow.h - one way for an array to make room for one item more.
 *
 * An array that grows is three members of whatever owns it: items, how many there are, how many
 * there is room for, all zero at first.
 *
 *     if (!GROW(arena, list->trials, list->n, list->capacity)) return error_memory(err);
 *     list->trials[list->n++] = trial;
 *
 * Memory  the arena's, where the smaller arrays stay until it is reset (together less than the last
 *         one). NULL for the heap: then the owner frees the items.
 * Errors  false without memory, or past INT_MAX / 2 items; items and capacity are as before.
 */
#ifndef CONSORT_BASE_GROW_H
#define CONSORT_BASE_GROW_H
#include <stdbool.h>

#include "base/arena.h"

/* `items` and `capacity` are the variables themselves. What is new is not zeroed on the heap. */
#define GROW(arena, items, n, capacity) \
    grow_items((arena), &(items), (n), &(capacity), sizeof *(items))
bool grow_items(Arena *arena, void *items, int n, int *capacity, size_t size); /* use GROW */
#endif
