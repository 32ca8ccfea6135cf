/* base/folder.h - which files lie below a folder.
 *
 * All regular files, also those of sub-folders and behind links, as paths from the folder ("cat/7.png"), in
 * natural order: digits count as the number they make, so 2.png comes before 10.png. Hidden files and folders
 * (a point in front) are left out; links to nothing are counted.
 *
 * Memory  the arena's.
 * Errors  ERR_IO with the path and the system's reason; ERR_DATA where there are more than `most` files, or
 *         folders within folders more than FOLDER_DEPTH deep (a link in a circle).
 */
#ifndef CONSORT_BASE_FOLDER_H
#define CONSORT_BASE_FOLDER_H
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

enum { FOLDER_DEPTH = 16 };

typedef struct {
    int n, capacity;
    const char **paths;
    int n_dead;       /* links to nothing, */
    const char *dead; /* the first of them, in natural order */
} FileList;
bool folder_list(const char *folder, int most, Arena *arena, FileList *out, Error *err);
/* A file, or a folder with all that is in it. Links are removed, not followed; what cannot be removed stays. */
void folder_remove(const char *path);
/* As strcmp(), but runs of digits by their value. Different texts are never equal. */
int natural_compare(const char *a, const char *b);
#endif
