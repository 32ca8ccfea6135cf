/* tuner/store/lease.h - who runs a study. */
#ifndef CONSORT_TUNER_STORE_LEASE_H
#define CONSORT_TUNER_STORE_LEASE_H
#include "tuner/store/sql.h"

/* Another writer's lease, if it lives: `study_id` 0 is any study. Fills err and returns false. */
bool store_lease_free(Store *store, int64_t study_id, Error *err);
/* Before anything is written: leases whose holder cannot be looked up, and whose time of the last heartbeat
 * proves nothing, are watched until they beat or have stood still for three beats; then they go. */
bool store_lease_watch(Store *store, Error *err);
bool store_lease_take(Store *store, int64_t study_id, Error *err);
/* In a batch: are all we hold still ours? Else ERR_STORE. `beat` renews them. */
bool store_lease_check(Store *store, bool beat, Error *err);
bool store_lease_give(Store *store, int64_t study_id, Error *err); /* 0: all */
#endif
