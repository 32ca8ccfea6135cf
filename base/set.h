/* base/set.h - which number has this key? One hash table for all of Consort.
 *
 * A Set knows hashes and numbers; the keys stay with their owner, who compares them, so that any
 * kind of key will do and none is stored twice:
 *
 *     uint32_t step = 0;
 *     for (int i; (i = set_next(&set, hash, &step)) >= 0;)
 *         if (strcmp(names[i], name) == 0) return i;
 *     return -1;
 *
 * Where the hash is the key (a SHA-256's head), the first number found is the answer. A TextSet is
 * the common case built on it: distinct texts, numbered in order of first appearance.
 *
 * Method  open addressing, at most half full. Nothing that can be seen depends on the order in it, nor
 *         on the seed of a TextSet: an address, which whoever wrote a file of colliding words cannot know.
 * Memory  the arena's, as in base/grow.h; NULL for the heap, then set_free(). TextSets: an arena.
 * Errors  false or -1 without memory, and the set is as before.
 */
#ifndef CONSORT_BASE_SET_H
#define CONSORT_BASE_SET_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct {
    uint64_t hash;
    int number; /* + 1; 0 is empty */
} SetSlot;

typedef struct {
    int n, n_slots; /* n_slots: a power of two, or 0 */
    SetSlot *slots;
} Set; /* zero is the empty set */

/* The next of the numbers with this hash, -1 after the last. `*step` is 0 for the first. */
int set_next(const Set *set, uint64_t hash, uint32_t *step);
/* Adds a number (0 or more). Whether its key is there already is the caller's to know. */
bool set_add(Set *set, Arena *arena, uint64_t hash, int number);
/* Room for one more: after it the next set_add() cannot fail. */
bool set_reserve(Set *set, Arena *arena);
void set_free(Set *set); /* of a set on the heap */
/* FNV-1a with its bits mixed. A seed that a file's author cannot know keeps the file from being
 * written so that all its keys collide. */
uint64_t set_hash(const char *text, size_t n, uint64_t seed);

typedef struct {
    int n, capacity;
    const char **text; /* (n) copies, by number */
    uint64_t seed;     /* of the hashes; settled by the first text */
    Set index;
} TextSet;

/* The text need not end with a NUL. */
int text_set_find(const TextSet *set, const char *text, size_t n); /* -1: not there */
int text_set_add(TextSet *set, Arena *arena, const char *text, size_t n); /* -1: no memory */
#endif
