/* The hash table behind everything that is found by its key. */
#include "base/set.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

enum { FIRST = 16 };

static SetSlot *slot_at(const Set *set, uint64_t hash, uint32_t step)
{
    return &set->slots[(hash + step) & ((uint64_t)set->n_slots - 1)];
}

int set_next(const Set *set, uint64_t hash, uint32_t *step)
{
    if (set->n_slots == 0) return -1;
    for (;;) {
        const SetSlot *slot = slot_at(set, hash, *step);
        if (slot->number == 0) return -1; /* there always is one: the set is half empty */
        ++*step;
        if (slot->hash == hash) return slot->number - 1;
    }
}

static void fill(Set *set, SetSlot entry)
{
    uint32_t step = 0;
    while (slot_at(set, entry.hash, step)->number) step++;
    *slot_at(set, entry.hash, step) = entry;
}

bool set_reserve(Set *set, Arena *arena)
{
    if (set->n < set->n_slots / 2) return true;
    if (set->n_slots > INT_MAX / 2) return false;
    Set larger = {.n = set->n, .n_slots = set->n_slots ? 2 * set->n_slots : FIRST};
    larger.slots = arena ? ARENA_NEW(arena, SetSlot, larger.n_slots)
                         : calloc((size_t)larger.n_slots, sizeof *larger.slots);
    if (!larger.slots) return false;
    for (int i = 0; i < set->n_slots; i++)
        if (set->slots[i].number) fill(&larger, set->slots[i]);
    if (!arena) free(set->slots);
    *set = larger;
    return true;
}

bool set_add(Set *set, Arena *arena, uint64_t hash, int number)
{
    if (!set_reserve(set, arena)) return false;
    fill(set, (SetSlot){hash, number + 1});
    set->n++;
    return true;
}

void set_free(Set *set)
{
    free(set->slots);
    *set = (Set){0};
}

uint64_t set_hash(const char *text, size_t n, uint64_t seed)
{
    uint64_t h = 0xcbf29ce484222325u ^ seed;
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
    h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
    return h ^ h >> 32;
}

/* ---- distinct texts -------------------------------------------------------------------------- */

static int find(const TextSet *set, const char *text, size_t n, uint64_t hash)
{
    uint32_t step = 0;
    for (int i; (i = set_next(&set->index, hash, &step)) >= 0;)
        if (strncmp(set->text[i], text, n) == 0 && set->text[i][n] == '\0') return i;
    return -1;
}

int text_set_find(const TextSet *set, const char *text, size_t n)
{
    return find(set, text, n, set_hash(text, n, set->seed));
}

int text_set_add(TextSet *set, Arena *arena, const char *text, size_t n)
{
    if (set->index.n_slots == 0) {
        if (!set_reserve(&set->index, arena)) return -1;
        uint64_t place = (uint64_t)(uintptr_t)set->index.slots;
        set->seed = (place ^ place >> 31) * 0x9e3779b97f4a7c15u;
    }
    uint64_t hash = set_hash(text, n, set->seed);
    int have = find(set, text, n, hash);
    if (have >= 0) return have;
    const char *copy = GROW(arena, set->text, set->n, set->capacity) ? arena_copy_n(arena, text, n) : NULL;
    if (!copy || !set_add(&set->index, arena, hash, set->n)) return -1;
    set->text[set->n] = copy;
    return set->n++;
}
