/* job/tool.h - another program, run to its end: a compiler.
 *
 * Found along PATH, without a shell: arguments are passed as they are. Its standard input is empty; what it
 * says on both outputs goes into a file. After `limit_s` it is ended.
 *
 * Errors   ERR_INVALID where there is no such program, where it fails (with the first lines of what it said),
 *          or takes too long. ERR_IO.
 */
#ifndef CONSORT_JOB_TOOL_H
#define CONSORT_JOB_TOOL_H
#include "base/error.h"

/* `words` ends with NULL. `missing`: how to get the program, for the message where it is not there. */
bool tool_run(const char *const *words, double limit_s, const char *said, const char *missing, Error *err);
#endif
