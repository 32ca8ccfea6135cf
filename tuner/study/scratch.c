/* A token that says whose folder it is, and a folder of one's own, which does not outlive its process for
 * long. */
#include "tuner/study/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"

enum { PATH_BYTES = 4096 };

/* ---- the token ------------------------------------------------------------------------------- */

static bool token_path(const char *folder, char path[PATH_BYTES])
{
    int n = snprintf(path, PATH_BYTES, "%s/artifacts/join.token", folder);
    return n > 0 && n < PATH_BYTES;
}

void token_write(const char *folder, char token[TOKEN_SIZE])
{
    char path[PATH_BYTES], host[256] = "";
    struct timespec now, up;
    Error ignored;
    *token = '\0';
    if (!token_path(folder, path)) return;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_MONOTONIC, &up);
    gethostname(host, sizeof host - 1);
    struct {
        long pid;
        struct timespec now, up;
        const void *place; /* in an address space that the system shuffles */
        char host[256];
    } who;
    memset(&who, 0, sizeof who);
    who.pid = (long)getpid();
    who.now = now;
    who.up = up;
    who.place = &who;
    memcpy(who.host, host, sizeof host);
    sha256_of(&who, sizeof who, token);
    if (!file_write(path, token, strlen(token), &ignored)) *token = '\0';
}

bool token_is_here(const char *folder, const char *token)
{
    char path[PATH_BYTES];
    Bytes bytes;
    if (!*token || !token_path(folder, path) || !file_read_plain(path, TOKEN_SIZE, &bytes, NULL)) return false;
    bool same = bytes.n == strlen(token) && memcmp(bytes.bytes, token, bytes.n) == 0;
    bytes_free(&bytes);
    int n = snprintf(path, sizeof path, "%s/artifacts", folder);
    return same && n > 0 && n < PATH_BYTES && access(path, W_OK | X_OK) == 0;
}

void token_remove(const char *folder)
{
    char path[PATH_BYTES];
    if (token_path(folder, path)) unlink(path);
}

/* ---- the folder ------------------------------------------------------------------------------ */

static const char *place(void)
{
    const char *said = getenv("TMPDIR");
    return said && *said == '/' ? said : "/tmp";
}

/* Is it a folder of a process that is no more? Its lock is free then, and there is one. */
static bool is_left_over(const char *path)
{
    struct stat about;
    char lock[PATH_BYTES];
    int n = snprintf(lock, sizeof lock, "%s/lock", path);
    if (n < 0 || n >= PATH_BYTES || lstat(path, &about) != 0 || !S_ISDIR(about.st_mode)
        || about.st_uid != getuid())
        return false;
    int fd = open(lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return false;
    bool left = lockf(fd, F_TLOCK, 0) == 0;
    close(fd);
    return left;
}

static void clear_left_over(void)
{
    char path[PATH_BYTES];
    DIR *folder = opendir(place());
    for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
        long pid;
        int length = 0;
        if (sscanf(entry->d_name, "consort-%ld-%*6[0-9A-Za-z]%n", &pid, &length) != 1 || length == 0
            || entry->d_name[length] != '\0' || pid == (long)getpid())
            continue;
        int n = snprintf(path, sizeof path, "%s/%s", place(), entry->d_name);
        if (n > 0 && n < PATH_BYTES && is_left_over(path)) folder_remove(path);
    }
    if (folder) closedir(folder);
}

/* It is locked before it has its name: what has none is nobody's to remove. */
static int make_lock(const char *folder)
{
    char early[PATH_BYTES + 16], path[PATH_BYTES + 16];
    snprintf(early, sizeof early, "%s/lock.new", folder);
    snprintf(path, sizeof path, "%s/lock", folder);
    int fd = open(early, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return -1;
    if (lockf(fd, F_TLOCK, 0) == 0 && rename(early, path) == 0) return fd;
    close(fd);
    return -1;
}

bool scratch_create(Scratch *out, Error *err)
{
    char path[PATH_BYTES], below[PATH_BYTES + 16];
    *out = (Scratch){.lock = -1};
    clear_left_over();
    int n = snprintf(path, sizeof path, "%s/consort-%ld-XXXXXX", place(), (long)getpid());
    if (n < 0 || n >= PATH_BYTES) return error_set(err, ERR_IO, "TMPDIR is too long a path");
    if (!mkdtemp(path))
        return error_set(err, ERR_IO, "cannot make a folder in %s: %s; give another with TMPDIR", place(),
                         strerror(errno));
    snprintf(below, sizeof below, "%s/artifacts", path);
    out->lock = make_lock(path);
    bool ok = out->lock >= 0 && mkdir(below, 0777) == 0;
    if (!ok)
        error_set(err, ERR_IO, "cannot write %s: %s; give another folder with TMPDIR", path, strerror(errno));
    out->path = strdup(path);
    if (ok && out->path) return true;
    if (ok) error_memory(err);
    if (out->lock >= 0) close(out->lock);
    folder_remove(path);
    free(out->path);
    *out = (Scratch){.lock = -1};
    return false;
}

void scratch_destroy(Scratch *scratch)
{
    if (!scratch || !scratch->path) return;
    folder_remove(scratch->path);
    close(scratch->lock);
    free(scratch->path);
    *scratch = (Scratch){.lock = -1};
}
