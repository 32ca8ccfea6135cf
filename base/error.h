/* base/error.h - how every part of Consort says that something failed.
 *
 * What can fail takes `Error *err` last and returns bool, true for success. On failure it fills
 * `*err` and leaves its outputs alone; on success it never touches `*err`. The text lives inside
 * the struct, so reporting cannot itself fail and threads share nothing. error_set, error_wrap
 * and error_memory return false, so failing is one line:
 *
 *     if (!file) return error_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno));
 *
 * A message is one line that names the place and, where there is one, the cure: control
 * characters of what is quoted in it become blanks. `err` may be
 * NULL when the caller does not want to know why.
 */
#ifndef CONSORT_BASE_ERROR_H
#define CONSORT_BASE_ERROR_H
#include <stdbool.h>

#include "base/names.h"

#define ERROR_LIST(X)                                                                            \
    X(ERR_NONE, "ok")               /* no error */                                               \
    X(ERR_MEMORY, "out of memory")  /* an allocation failed */                                   \
    X(ERR_IO, "input/output")       /* a file could not be read or written */                    \
    X(ERR_CONFIG, "configuration")  /* YAML or command line: the user's to mend, exit 2 */       \
    X(ERR_DATA, "data")             /* a data or model file says something impossible, exit 3 */ \
    X(ERR_INVALID, "invalid value") /* any other argument that cannot be */                      \
    X(ERR_NUMERIC, "not finite")    /* a factorization or a sum went wrong */                    \
    X(ERR_STORE, "database")        /* SQLite said no, exit 4 */                                 \
    X(ERR_STOPPED, "stopped")       /* the user asked to stop */
typedef enum { ERROR_LIST(LIST_ID) ERROR_COUNT } ErrorCode;

typedef struct {
    ErrorCode code;
    char message[1000];
} Error;

bool error_set(Error *err, ErrorCode code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts context in front: "trial 12: fold 3: loss is nan". Keeps the code. */
bool error_wrap(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The one sentence for a failed allocation. */
bool error_memory(Error *err);
const char *error_name(ErrorCode code);
#endif
