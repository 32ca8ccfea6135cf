/* tuner/trial/descendants.h - processes that a program started and that have left its process group.
 *
 * setsid() and daemons leave the group that signals go to. Two marks remain: the parent, as long as it lives,
 * and the environment, in which a program finds CONSORT_GROUP, the number of its group, and which those that
 * it starts inherit. Who has neither, or is somebody else's, is not found; nor is anybody where there is no
 * /proc. A process that is older than the group is never one of it, whatever its environment says: numbers
 * are used again.
 */
#ifndef CONSORT_TUNER_TRIAL_DESCENDANTS_H
#define CONSORT_TUNER_TRIAL_DESCENDANTS_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* "CONSORT_GROUP=" and the number; room for GROUP_MARK_ROOM. */
enum { GROUP_MARK_ROOM = 32 };
void group_mark(pid_t group, char *out);
/* When a process was started, in the system's ticks; 0: there is none, or no telling. */
int64_t process_born(pid_t pid);
/* The last process that was started, whosever it was; 0: no telling. */
pid_t process_newest(void);
/* Sends `signal` to all of them, and with SIGKILL looks again until nobody is left. `born`: the group's. */
void descendants_signal(pid_t group, int64_t born, int signal);
#endif
