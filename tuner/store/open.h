/* tuner/store/open.h - opening a store as tests do. */
#ifndef CONSORT_TUNER_STORE_OPEN_H
#define CONSORT_TUNER_STORE_OPEN_H
#include "tuner/store/store.h"

/* What tests turn and users do not. Zero: the default. */
typedef struct {
    bool rollback_journal; /* as on a network file system */
    int max_pages;         /* the disk is full after so many pages */
    int beat_ms;           /* instead of BEAT_S */
    int read_most_s;       /* of one statement of a reader, instead of 60 */
} StoreHooks;
bool store_open_with(const char *path, StoreMode mode, const StoreHooks *hooks, Store **out,
                     Error *err);
#endif
