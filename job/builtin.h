/* job/builtin.h - the configurations that are inside the program, for whom there is no repository at hand.
 *
 * They are the files of configs/, word for word: what is explained there is what `consort init` prints. One of
 * them needs nothing, no data and no program; it goes by its name wherever a configuration is asked for,
 * unless a file of that name is there: `consort run digits`.
 */
#ifndef CONSORT_JOB_BUILTIN_H
#define CONSORT_JOB_BUILTIN_H
#include <stdbool.h>

typedef struct {
    const char *name; /* "digits" */
    const char *file; /* "digits.yaml", as configs/ has it */
    const char *what; /* one line */
    const char *text;
    bool whole;       /* runs as it is */
} Builtin;

extern const Builtin builtins[]; /* name NULL after the last */
extern const char *const builtin_names[]; /* the same, NULL at the end */
/* By its name; NULL: none is called so. */
const Builtin *builtin_find(const char *name);
/* By the name of its file, whatever folder stands before it. */
const Builtin *builtin_of_file(const char *path);
#endif
