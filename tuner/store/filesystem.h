/* tuner/store/filesystem.h - what the choice of a journal depends on. */
#ifndef CONSORT_TUNER_STORE_FILESYSTEM_H
#define CONSORT_TUNER_STORE_FILESYSTEM_H
#include <stdbool.h>

/* Is the file on a file system where several machines, or a daemon, stand between us and the disk?
 * `name` gets its name. */
bool store_on_network(const char *path, const char **name);
bool store_library_has_wal_fix(void);
#endif
