/* tuner/store/holder.h - a process that may hold a study, as another process can tell it apart.
 *
 * A pid means something only on its host, since its boot, in its pid namespace, and only until it is
 * used again: hence the start time (clock ticks since boot, 0 where the system has no /proc).
 * What is known of one stands in a database, which may come from anywhere: no number of it is believed before
 * /proc has said the same.
 */
#ifndef CONSORT_TUNER_STORE_HOLDER_H
#define CONSORT_TUNER_STORE_HOLDER_H
#include <stdbool.h>
#include <stdint.h>

enum { BEAT_S = 5, BEATS_UNTIL_DEAD = 3 };

typedef struct {
    char host[65], boot_id[40];
    int64_t pid, pid_space, started;
} Holder;
void holder_self(Holder *self);
/* `beat_age_s`: since its last heartbeat, which decides where its pid cannot be looked up. */
bool holder_alive(const Holder *other, const Holder *self, double beat_age_s);
/* Is there a process of that number on this host, whatever it is? */
bool holder_is_there(int64_t pid);
/* Does this process hold that file open, as far as we may see? */
bool holder_has_open(int64_t pid, const char *path);
bool holder_same(const Holder *a, const Holder *b);
bool holder_can_be_looked_up(const Holder *other, const Holder *self);
#endif
