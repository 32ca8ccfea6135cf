/* Addresses for all of a file, memory for a part of it. */
#define _DEFAULT_SOURCE /* madvise, MAP_ANONYMOUS */
#include "base/pieces.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const size_t most = (size_t)8 << 30;
static const size_t block = (size_t)1 << 21; /* memory goes back in these, which may be pages of their own */

bool pieces_open(const char *path, Pieces *out)
{
    unsigned char head[2];
    struct stat about;
    *out = (Pieces){.path = path, .fd = -1};
    if (strcmp(path, "-") == 0 || stat(path, &about) != 0 || !S_ISREG(about.st_mode)) return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return false;
    bool plain = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= PIECES_LEAST
              && (uint64_t)about.st_size <= most && pread(fd, head, 2, 0) == 2
              && !(head[0] == 0x1f && head[1] == 0x8b);
    size_t n = plain ? (size_t)about.st_size : 0;
    const int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *room = plain ? mmap(NULL, n + 1, PROT_READ | PROT_WRITE, how, -1, 0) : MAP_FAILED;
    if (room == MAP_FAILED) {
        close(fd);
        return false;
    }
    madvise(room, n + 1, MADV_HUGEPAGE); /* fewer faults; a wish only */
    out->bytes = room;
    out->n = n;
    out->fd = fd;
    out->written_s = about.st_mtim.tv_sec;
    out->written_ns = about.st_mtim.tv_nsec;
    return true;
}

void pieces_close(Pieces *p)
{
    if (p->fd < 0) return;
    munmap(p->bytes, p->n + 1);
    close(p->fd);
    *p = (Pieces){.fd = -1};
}

bool pieces_copy(const Pieces *p, size_t from, void *into, size_t n, Error *err)
{
    for (size_t got = 0; got < n;) {
        ssize_t r = pread(p->fd, (char *)into + got, n - got, (off_t)(from + got));
        if (r < 0 && errno == EINTR) continue;
        if (r < 0) return error_set(err, ERR_IO, "cannot read %s: %s", p->path, strerror(errno));
        if (r == 0) return error_set(err, ERR_DATA, "%s became shorter while it was read", p->path);
        got += (size_t)r;
    }
    return true;
}

bool pieces_reach(Pieces *p, size_t to, Error *err)
{
    if (to <= p->reached || p->reached == p->n) return true;
    if (to < p->reached + PIECES_STEP) to = p->reached + PIECES_STEP;
    if (to > p->n) to = p->n;
    if (!pieces_copy(p, p->reached, p->bytes + p->reached, to - p->reached, err)) return false;
    p->reached = to;
    return true;
}

void pieces_leave(Pieces *p, size_t below)
{
    uintptr_t base = (uintptr_t)p->bytes, last = (base + below) / block * block;
    uintptr_t first = (base + p->left + block - 1) / block * block;
    if (first >= last || last - first < block) return;
    madvise(p->bytes + (first - base), last - first, MADV_DONTNEED);
    p->left = last - base;
}

void pieces_again(Pieces *p, size_t from)
{
    if (from >= p->left) return;
    pieces_leave(p, p->reached);
    p->reached = p->left = from;
}

bool pieces_same(const Pieces *p, Error *err)
{
    struct stat now;
    if (fstat(p->fd, &now) != 0) return error_set(err, ERR_IO, "cannot read %s: %s", p->path, strerror(errno));
    bool same = (uint64_t)now.st_size == p->n && now.st_mtim.tv_sec == p->written_s
             && now.st_mtim.tv_nsec == p->written_ns;
    if (same) return true;
    return error_set(err, ERR_DATA, "%s changed while it was read; run the same command again", p->path);
}
