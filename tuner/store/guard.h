/* tuner/store/guard.h - is the file that we write still the one we opened, and whole? */
#ifndef CONSORT_TUNER_STORE_GUARD_H
#define CONSORT_TUNER_STORE_GUARD_H
#include "tuner/store/sql.h"

/* Before a transaction: still there, still ours, and nobody damaged it? Else ERR_STORE, and where what was
 * acknowledged lies now. With `connection`. */
bool store_guard(Store *store, Error *err);
void store_guard_mark(Store *store); /* after one: so we left it */
#endif
