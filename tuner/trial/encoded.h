/* tuner/trial/encoded.h - training data encoded once for each preprocessing and fold, shared by workers.
 *
 * Entries are counted and stay valid between encoded_get and encoded_release; those nobody uses are
 * dropped, oldest first, once together they exceed the cap.
 *
 * Threads   any: one lock guards the entries and is held while one is encoded, since a second worker that wants
 *           the same should wait for it and not do it again. What encoded_get gave is only read.
 */
#ifndef CONSORT_TUNER_TRIAL_ENCODED_H
#define CONSORT_TUNER_TRIAL_ENCODED_H
#include "prep/prep.h"
#include "data/split.h"

typedef struct {
    const Prep *prep;
    const Rows *train, *valid;
    int slot;
} Encoded;

typedef struct EncodedCache EncodedCache;
EncodedCache *encoded_create(const Table *table, const Split *split, size_t cap_bytes);
void encoded_destroy(EncodedCache *cache);
bool encoded_get(EncodedCache *cache, const PrepOptions *options, int fold, Encoded *out,
                 Error *err);
void encoded_release(EncodedCache *cache, const Encoded *encoded);
#endif
