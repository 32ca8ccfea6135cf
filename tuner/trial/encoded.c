/* Slots of encoded data: filled once under the lock, counted while they are used, dropped oldest first. */
#include "tuner/trial/encoded.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 256 };

typedef struct {
    Arena *arena; /* NULL: free */
    PrepOptions options;
    int fold, users;
    uint64_t used_at;
    Prep *prep;
    Rows *train, *valid;
} Slot;

struct EncodedCache {
    pthread_mutex_t lock;
    const Table *table;
    const Split *split;
    size_t cap_bytes;
    uint64_t clock;
    Slot slot[SLOTS];
};

EncodedCache *encoded_create(const Table *table, const Split *split, size_t cap_bytes)
{
    EncodedCache *cache = calloc(1, sizeof *cache);
    if (!cache) return NULL;
    pthread_mutex_init(&cache->lock, NULL);
    cache->table = table;
    cache->split = split;
    cache->cap_bytes = cap_bytes;
    return cache;
}

static void slot_drop(Slot *slot)
{
    arena_destroy(slot->arena);
    memset(slot, 0, sizeof *slot);
}

void encoded_destroy(EncodedCache *cache)
{
    if (!cache) return;
    for (int i = 0; i < SLOTS; i++) slot_drop(&cache->slot[i]);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

/* PrepOptions is ints alone: no padding, so bytes compare. */
static bool same_prep(const PrepOptions *a, const PrepOptions *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Drops unused entries, oldest first, until the cap is kept; returns a free slot or NULL. */
static Slot *make_room(EncodedCache *cache)
{
    for (;;) {
        size_t bytes = 0;
        Slot *oldest = NULL, *free_slot = NULL;
        for (int i = 0; i < SLOTS; i++) {
            Slot *slot = &cache->slot[i];
            if (!slot->arena) {
                free_slot = slot;
                continue;
            }
            bytes += arena_used(slot->arena);
            if (slot->users == 0 && (!oldest || slot->used_at < oldest->used_at)) oldest = slot;
        }
        if (free_slot && (bytes < cache->cap_bytes || !oldest)) return free_slot;
        if (!oldest) return NULL;
        slot_drop(oldest);
    }
}

static bool slot_fill(EncodedCache *cache, Slot *slot, const PrepOptions *options, int fold,
                      Error *err)
{
    const Split *split = cache->split;
    slot->arena = arena_create(0);
    if (!slot->arena) return error_memory(err);
    slot->options = *options;
    slot->fold = fold;
    bool ok = prep_fit(options, cache->table, split->train[fold], split->n_train[fold],
                       slot->arena, &slot->prep, err)
           && prep_apply_training(slot->prep, cache->table, split->train[fold], split->n_train[fold],
                         slot->arena, &slot->train, err)
           && prep_apply(slot->prep, cache->table, split->valid[fold], split->n_valid[fold],
                         slot->arena, &slot->valid, err);
    if (!ok) slot_drop(slot);
    return ok;
}

bool encoded_get(EncodedCache *cache, const PrepOptions *options, int fold, Encoded *out,
                 Error *err)
{
    bool ok = true;
    Slot *found = NULL;
    pthread_mutex_lock(&cache->lock);
    for (int i = 0; i < SLOTS && !found; i++) {
        Slot *slot = &cache->slot[i];
        if (slot->arena && slot->fold == fold && same_prep(&slot->options, options)) found = slot;
    }
    if (!found) {
        found = make_room(cache);
        ok = found ? slot_fill(cache, found, options, fold, err)
                   : error_set(err, ERR_MEMORY, "more than %d encodings in use at once", SLOTS);
    }
    if (ok && found) {
        found->users++;
        found->used_at = ++cache->clock;
        *out = (Encoded){found->prep, found->train, found->valid, (int)(found - cache->slot)};
    }
    pthread_mutex_unlock(&cache->lock);
    return ok;
}

void encoded_release(EncodedCache *cache, const Encoded *encoded)
{
    pthread_mutex_lock(&cache->lock);
    cache->slot[encoded->slot].users--;
    pthread_mutex_unlock(&cache->lock);
}
