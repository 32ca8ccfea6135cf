/* The files below a folder, in an order that people expect. */
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/grow.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int natural_compare(const char *a, const char *b)
{
    const char *x = a, *y = b;
    while (*x && *y) {
        if (!is_digit(*x) || !is_digit(*y)) {
            if (*x != *y) return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
            x++, y++;
            continue;
        }
        while (*x == '0') x++;
        while (*y == '0') y++;
        size_t n = 0, m = 0;
        while (is_digit(x[n])) n++;
        while (is_digit(y[m])) m++;
        int order = n != m ? (n < m ? -1 : 1) : memcmp(x, y, n);
        if (order) return order < 0 ? -1 : 1;
        x += n, y += m;
    }
    if (*x || *y) return *x ? 1 : -1;
    return strcmp(a, b); /* 01 and 1 */
}

static int by_name(const void *a, const void *b)
{
    return natural_compare(*(const char *const *)a, *(const char *const *)b);
}

typedef struct {
    const char *folder;
    int most;
    Arena *arena;
    FileList *list;
    Error *err;
} Walk;

static bool walk(Walk *w, const char *below, int depth);

/* One entry of the folder `below`, a path from the root. */
static bool take(Walk *w, const char *below, const char *name, int depth)
{
    struct stat about;
    const char *path = *below ? path_join(w->arena, below, name) : arena_copy(w->arena, name);
    const char *full = path ? path_join(w->arena, w->folder, path) : NULL;
    if (!full) return error_memory(w->err);
    if (stat(full, &about) != 0) { /* gone, or a link to nothing */
        FileList *l = w->list;
        if (lstat(full, &about) != 0 || !S_ISLNK(about.st_mode)) return true;
        if (l->n_dead++ == 0 || natural_compare(path, l->dead) < 0) l->dead = path;
        return true;
    }
    if (S_ISDIR(about.st_mode)) return walk(w, path, depth + 1);
    if (!S_ISREG(about.st_mode)) return true;
    if (w->list->n >= w->most)
        return error_set(w->err, ERR_DATA, "%s: more than %d files", w->folder, w->most);
    if (!GROW(w->arena, w->list->paths, w->list->n, w->list->capacity)) return error_memory(w->err);
    w->list->paths[w->list->n++] = path;
    return true;
}

static bool walk(Walk *w, const char *below, int depth)
{
    const char *path = *below ? path_join(w->arena, w->folder, below) : w->folder;
    if (!path) return error_memory(w->err);
    if (depth > FOLDER_DEPTH)
        return error_set(w->err, ERR_DATA, "%s: folders within folders more than %d deep; is there a link in a"
                         " circle?", path, FOLDER_DEPTH);
    DIR *folder = opendir(path);
    if (!folder) return error_set(w->err, ERR_IO, "%s: %s", path, strerror(errno));
    bool ok = true;
    for (struct dirent *entry; ok && (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.') ok = take(w, below, entry->d_name, depth);
    closedir(folder);
    return ok;
}

bool folder_list(const char *folder, int most, Arena *arena, FileList *out, Error *err)
{
    FileList list = {0};
    Walk w = {folder, most, arena, &list, err};
    if (!walk(&w, "", 0)) return false;
    if (list.n > 1) qsort(list.paths, (size_t)list.n, sizeof *list.paths, by_name);
    *out = list;
    return true;
}

static void remove_below(const char *path, int depth)
{
    struct stat about;
    if (lstat(path, &about) != 0 || !S_ISDIR(about.st_mode)) {
        unlink(path); /* gone already is fine */
        return;
    }
    DIR *folder = depth <= 4 * FOLDER_DEPTH ? opendir(path) : NULL;
    for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
        char below[4096];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if ((size_t)snprintf(below, sizeof below, "%s/%s", path, entry->d_name) < sizeof below)
            remove_below(below, depth + 1);
    }
    if (folder) closedir(folder);
    rmdir(path);
}

void folder_remove(const char *path)
{
    remove_below(path, 0);
}
