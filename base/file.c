/* Whole files: read plain or gzipped, written whole or not at all; and paths to them. */
#define _DEFAULT_SOURCE /* madvise */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/machine.h"
#include "base/text.h"

enum { CHUNK = 1 << 18 };

static const char *shown(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* ---- reading ------------------------------------------------------------------------------- */

typedef struct {
    const char *path;
    char *bytes;
    size_t n, capacity, limit;
    unsigned char early; /* read before the rest: the first `n_early` bytes */
    size_t n_early;
    bool plain;      /* never decompressed */
    bool any_amount; /* the caller set no limit of its own */
} Buffer;

/* Room for at least one more byte and the final NUL; more than the limit is an error only when
 * a byte past it really comes, so one byte of room past the limit is allowed here. */
static bool buffer_grow(Buffer *buffer, size_t want, Error *err)
{
    if (buffer->bytes && buffer->capacity - buffer->n >= want + 1) return true;
    if (buffer->n > SIZE_MAX / 4 || want > SIZE_MAX / 4) return error_memory(err);
    size_t capacity = buffer->n + want + 1;
    if (capacity < buffer->capacity * 2) capacity = buffer->capacity * 2;
    if (capacity > buffer->limit + CHUNK + 1) capacity = buffer->limit + CHUNK + 1;
    char *bytes = realloc(buffer->bytes, capacity);
    if (!bytes) return error_set(err, ERR_MEMORY, "%s: out of memory after %zu bytes",
                                 shown(buffer->path), buffer->n);
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

static bool buffer_check(const Buffer *buffer, Error *err)
{
    if (buffer->n <= buffer->limit) return true;
    if (buffer->any_amount)
        return error_set(err, ERR_DATA, "%s holds more than the %zu bytes that may be read with %s of memory"
                         " free; take a part of it", shown(buffer->path), buffer->limit,
                         text_bytes(machine_memory("").available, (char[32]){0}));
    return error_set(err, ERR_DATA, "%s holds more than the %zu bytes allowed here",
                     shown(buffer->path), buffer->limit);
}

/* Up to `n` bytes, fewer only at the end of the file. */
static bool read_some(int fd, const char *path, void *into, size_t n, size_t *got, Error *err)
{
    *got = 0;
    while (*got < n) {
        ssize_t r = read(fd, (char *)into + *got, n - *got);
        if (r == 0) break;
        if (r < 0 && errno == EINTR) continue;
        if (r < 0) return error_set(err, ERR_IO, "cannot read %s: %s", shown(path), strerror(errno));
        *got += (size_t)r;
    }
    return true;
}

static bool read_plain(int fd, Buffer *buffer, Error *err)
{
    for (size_t got = 1; got > 0;) {
        if (!buffer_grow(buffer, CHUNK, err)) return false;
        if (!read_some(fd, buffer->path, buffer->bytes + buffer->n, CHUNK, &got, err)) return false;
        buffer->n += got;
        if (!buffer_check(buffer, err)) return false;
    }
    return true;
}

/* A gzip file is one or more members (RFC 1952), perhaps with zeros behind the last. `chunk` holds
 * the first `n` bytes of the file. */
static bool inflate_members(int fd, unsigned char *chunk, size_t n, z_stream *zip, Buffer *buffer,
                            Error *err)
{
    const char *path = shown(buffer->path);
    bool member = true; /* inside a member */
    zip->next_in = chunk;
    zip->avail_in = (uInt)n;
    for (;;) {
        if (zip->avail_in == 0) {
            if (!read_some(fd, buffer->path, chunk, CHUNK, &n, err)) return false;
            zip->next_in = chunk;
            zip->avail_in = (uInt)n;
            if (n == 0 && !member) return true;
            if (n == 0) return error_set(err, ERR_DATA, "%s: the gzip stream is cut off after %zu bytes "
                                         "of content; fetch the file again", path, buffer->n);
        }
        if (!member) {
            if (*zip->next_in == 0) {
                zip->next_in++;
                zip->avail_in--;
                continue;
            }
            if (inflateReset(zip) != Z_OK) return error_memory(err);
            member = true;
        }
        if (!buffer_grow(buffer, CHUNK, err)) return false;
        zip->next_out = (unsigned char *)buffer->bytes + buffer->n;
        zip->avail_out = CHUNK;
        int rc = inflate(zip, Z_NO_FLUSH);
        buffer->n += CHUNK - zip->avail_out;
        if (!buffer_check(buffer, err)) return false;
        if (rc == Z_MEM_ERROR) return error_memory(err);
        if (rc == Z_STREAM_END) member = false;
        else if (rc != Z_OK && rc != Z_BUF_ERROR)
            return error_set(err, ERR_DATA, "%s: the gzip stream is corrupt (%s)", path,
                             zip->msg ? zip->msg : "not gzip");
    }
}

static bool read_gzip(int fd, unsigned char *chunk, size_t n, Buffer *buffer, Error *err)
{
    z_stream zip = {0};
    enum { GZIP_ONLY = 15 + 16 };
    if (inflateInit2(&zip, GZIP_ONLY) != Z_OK) return error_memory(err);
    bool ok = inflate_members(fd, chunk, n, &zip, buffer, err);
    inflateEnd(&zip);
    return ok;
}

/* /dev/stdin, and what a shell makes of <(...) and >(...): whoever names these means what is behind them. */
static bool is_stream(const char *path)
{
    return strcmp(path, "-") == 0 || strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0;
}

/* A pipe that has a name may have nobody at its other end, ever: some seconds are enough to wait for one. The
 * first byte that comes is kept. */
static bool wait_for_writer(int fd, Buffer *buffer, Error *err)
{
    enum { TICKS = 100 };
    const struct timespec tick = {.tv_nsec = 50000000};
    struct pollfd pipe = {.fd = fd, .events = POLLIN};
    for (int i = 0; i < TICKS; i++) {
        ssize_t n = read(fd, &buffer->early, 1);
        buffer->n_early = n == 1;
        /* Nothing yet, or opened and closed again. */
        if (n != 0 || (poll(&pipe, 1, 0) > 0 && (pipe.revents & POLLHUP))) return true;
        nanosleep(&tick, NULL);
    }
    return error_set(err, ERR_IO, "cannot read %s: it is a pipe, and nobody writes to it", buffer->path);
}

/* What may be read: our own files are files; a device may have no end. */
static bool look_at(int fd, const struct stat *about, Buffer *buffer, Error *err)
{
    enum { DEVICE_BYTES = 64 << 20 };
    const char *path = buffer->path;
    if (S_ISDIR(about->st_mode)) return error_set(err, ERR_IO, "cannot read %s: it is a folder", path);
    if (S_ISREG(about->st_mode) || strcmp(path, "-") == 0) return true;
    if (buffer->plain && !is_stream(path))
        return error_set(err, ERR_DATA, "cannot read %s: it is a pipe or a device, not a file", path);
    if ((S_ISCHR(about->st_mode) || S_ISBLK(about->st_mode)) && buffer->limit > DEVICE_BYTES) {
        buffer->limit = DEVICE_BYTES;
        buffer->any_amount = false;
    }
    return !S_ISFIFO(about->st_mode) || is_stream(path) || wait_for_writer(fd, buffer, err);
}

static bool read_open(int fd, Buffer *buffer, Error *err)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return error_set(err, ERR_IO, "cannot read %s: %s", shown(buffer->path), strerror(errno));
    if (!look_at(fd, &about, buffer, err)) return false;
    if (!S_ISREG(about.st_mode) && strcmp(buffer->path, "-") != 0)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK); /* it was opened without waiting */
    unsigned char *chunk = calloc(CHUNK, 1);
    if (!chunk) return error_memory(err);
    size_t n = 0, early = buffer->n_early;
    if (early) chunk[0] = buffer->early;
    bool ok = read_some(fd, buffer->path, chunk + early, CHUNK - early, &n, err);
    n += early;
    if (ok && !buffer->plain && n >= 2 && chunk[0] == 0x1f && chunk[1] == 0x8b) {
        double free_bytes = machine_memory("").available;
        if (buffer->any_amount && free_bytes > 0 && (double)buffer->limit > free_bytes / 4)
            buffer->limit = (size_t)(free_bytes / 4);
        ok = read_gzip(fd, chunk, n, buffer, err);
    } else if (ok) {
        /* The size is a hint, nothing more: the file may grow or be a device. */
        size_t hint = S_ISREG(about.st_mode) && about.st_size > 0 ? (size_t)about.st_size : 0;
        if (hint > buffer->limit) hint = buffer->limit;
        ok = buffer_grow(buffer, (hint > n ? hint : n) + CHUNK, err);
        if (ok && buffer->bytes) {
            memcpy(buffer->bytes, chunk, n);
            buffer->n = n;
            ok = buffer_check(buffer, err) && (n < CHUNK || read_plain(fd, buffer, err));
        }
    }
    free(chunk);
    return ok;
}

static bool read_path(const char *path, size_t limit, bool plain, Bytes *out, Error *err)
{
    bool standard = strcmp(path, "-") == 0;
    Buffer buffer = {.path = path, .limit = limit ? limit : (size_t)8 << 30, .plain = plain,
                     .any_amount = limit == 0};
    if (buffer.limit > SIZE_MAX / 8) buffer.limit = SIZE_MAX / 8;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return error_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno));
    bool ok = read_open(fd, &buffer, err) && buffer_grow(&buffer, 0, err);
    if (!standard) close(fd);
    if (!ok) {
        free(buffer.bytes);
        return false;
    }
    buffer.bytes[buffer.n] = '\0';
    char *fitted = realloc(buffer.bytes, buffer.n + 1);
    *out = (Bytes){fitted ? fitted : buffer.bytes, buffer.n};
    return true;
}

bool file_read(const char *path, size_t limit, Bytes *out, Error *err)
{
    return read_path(path, limit, false, out, err);
}

bool file_read_plain(const char *path, size_t limit, Bytes *out, Error *err)
{
    return read_path(path, limit, true, out, err);
}

void bytes_done(const char *from, const char *to)
{
    const uintptr_t page = 1 << 16; /* the largest that Linux has, and a multiple of the others */
    uintptr_t first = ((uintptr_t)from + page - 1) / page * page, last = (uintptr_t)to / page * page;
    if (first < last) madvise((char *)from + (first - (uintptr_t)from), last - first, MADV_DONTNEED);
}

void bytes_free(Bytes *bytes)
{
    free(bytes->bytes);
    *bytes = (Bytes){0};
}

/* ---- writing ------------------------------------------------------------------------------- */

static bool cannot_write(const char *path, int reason, Error *err)
{
    static const struct { int reason; const char *what, *cure; } cures[] = {
        {ENOSPC, "the disk is full", "free some space"},
        {EDQUOT, "the disk is full", "free some space"},
        {ENOENT, "its folder is not there", "make it"},
        {ENOTDIR, "its folder is no folder", "put one there"},
        {EACCES, NULL, "make its folder writable"},
        {EROFS, NULL, "make it writable"},
        {EIO, NULL, "look after the disk"}};
    for (size_t i = 0; i < sizeof cures / sizeof *cures; i++)
        if (cures[i].reason == reason)
            return error_set(err, ERR_IO, "cannot write %s: %s; %s and run the same command again", path,
                             cures[i].what ? cures[i].what : strerror(reason), cures[i].cure);
    return error_set(err, ERR_IO, "cannot write %s: %s", path, strerror(reason));
}

/* Both return 0 or the errno of what failed. */
static int write_all(int fd, const char *at, size_t n)
{
    while (n > 0) {
        ssize_t wrote = write(fd, at, n < (size_t)1 << 30 ? n : (size_t)1 << 30);
        if (wrote < 0 && errno != EINTR) return errno;
        if (wrote > 0) at += wrote, n -= (size_t)wrote;
    }
    return 0;
}

/* Closes `fd` in any case; `reason` is what failed before, or 0. */
static int close_written(int fd, bool sync, int reason)
{
    if (!reason && sync && fsync(fd) != 0) reason = errno;
    if (close(fd) != 0 && !reason) reason = errno;
    return reason;
}

/* The rename itself must reach the disk. Not every file system can sync a folder; that is no
 * reason to call a written file failed. */
static int sync_folder_of(char *path)
{
    char *slash = strrchr(path, '/');
    const char *folder = slash == path ? "/" : slash ? path : ".";
    if (slash) *slash = '\0';
    int reason = 0, fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return 0; /* a folder one may write to but not list */
    if (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS) reason = errno;
    close(fd);
    return reason;
}

/* The temporary file beside `path`, its name in malloc's memory; -1 and err. */
static int create_beside(const char *path, char **name, Error *err)
{
    size_t size = strlen(path) + 48;
    int fd = -1;
    if (!(*name = malloc(size))) return error_memory(err), -1;
    for (int try = 0; try < 1000; try++) {
        snprintf(*name, size, "%s.%ld-%d.tmp", path, (long)getpid(), try);
        fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) break;
    }
    if (fd >= 0) return fd;
    cannot_write(path, errno, err);
    free(*name);
    return -1;
}

/* The temporary file, closed, takes the place of `path`, or goes where something failed. Frees `name`. */
static bool put_in_place(char *name, const char *path, int reason, Error *err)
{
    if (!reason && rename(name, path) != 0) reason = errno;
    if (reason) unlink(name);
    else reason = sync_folder_of(name);
    free(name);
    return reason ? cannot_write(path, reason, err) : true;
}

static bool write_stream(const char *path, const void *bytes, size_t n, Error *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | (is_stream(path) ? 0 : O_NONBLOCK));
    if (fd < 0 && errno == ENXIO)
        return error_set(err, ERR_IO, "cannot write %s: it is a pipe that nobody reads; remove it, or read it"
                         " first", path);
    if (fd >= 0) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    int reason = fd < 0 ? errno : close_written(fd, false, write_all(fd, bytes, n));
    return reason ? cannot_write(path, reason, err) : true;
}

bool file_write(const char *path, const void *bytes, size_t n, Error *err)
{
    struct stat about;
    bool exists = stat(path, &about) == 0;
    if (exists && S_ISDIR(about.st_mode))
        return error_set(err, ERR_IO, "cannot write %s: it is a folder", path);
    if (exists && S_ISBLK(about.st_mode))
        return error_set(err, ERR_IO, "cannot write %s: it is a disk", path);
    if (exists && !S_ISREG(about.st_mode)) /* /dev/stdout, a pipe: nothing to be atomic about */
        return write_stream(path, bytes, n, err);
    char *name;
    int fd = create_beside(path, &name, err);
    if (fd < 0) return false;
    if (exists) (void)fchmod(fd, about.st_mode & 0777); /* keep who may read it */
    return put_in_place(name, path, close_written(fd, true, write_all(fd, bytes, n)), err);
}

bool file_begin(const char *path, unsigned mode, FileWriting *out, Error *err)
{
    *out = (FileWriting){.path = path};
    out->fd = create_beside(path, &out->name, err);
    if (out->fd < 0) return false;
    struct stat about;
    if (fstat(out->fd, &about) == 0) (void)fchmod(out->fd, about.st_mode & mode & 0777);
    return true;
}

void file_add(FileWriting *w, const void *bytes, size_t n)
{
    if (!w->reason) w->reason = write_all(w->fd, bytes, n);
}

bool file_end(FileWriting *w, bool keep, Error *err)
{
    const int reason = close_written(w->fd, keep, w->reason);
    if (keep) return put_in_place(w->name, w->path, reason, err);
    unlink(w->name);
    free(w->name);
    return true;
}

/* The bytes of `in` to `out`, how many, and their hash; it stops beyond `n`. */
static bool pour(int in, const char *from, int out, int64_t *n, char hex[65], int *reason, Error *err)
{
    char *chunk = malloc(CHUNK);
    Sha256 sha;
    size_t got = 1;
    int64_t n_poured = 0;
    bool ok = chunk || error_memory(err);
    sha256_start(&sha);
    while (ok && !*reason && got > 0 && n_poured <= *n) { /* one that is larger than it says is enough of it */
        ok = read_some(in, from, chunk, CHUNK, &got, err);
        if (!ok) break;
        sha256_add(&sha, chunk, got);
        n_poured += (int64_t)got;
        *reason = write_all(out, chunk, got);
    }
    sha256_end(&sha, hex);
    *n = n_poured;
    free(chunk);
    return ok;
}

bool file_copy(const char *from, const char *to, int64_t n, const char *sha256, Error *err)
{
    char *name, hex[65];
    int64_t there = n;
    int reason = 0, in = open(from, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a pipe: nothing in it */
    if (in < 0) return error_set(err, ERR_IO, "cannot read %s: %s", from, strerror(errno));
    int out = create_beside(to, &name, err);
    bool ok = out >= 0 && pour(in, from, out, &there, hex, &reason, err);
    close(in);
    if (out < 0) return false;
    if (ok && !reason && (there != n || (sha256 && strcmp(sha256, hex) != 0)))
        ok = error_set(err, ERR_DATA, "%s is not the file that was written there: its size or SHA-256 differs",
                       from);
    reason = close_written(out, ok, reason);
    if (ok) return put_in_place(name, to, reason, err);
    unlink(name);
    free(name);
    return false;
}

/* ---- folders and paths --------------------------------------------------------------------- */

bool file_exists(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0;
}

int64_t file_bytes(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) ? (int64_t)about.st_size : 0;
}

bool file_is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

bool file_make_folder(const char *path, Error *err)
{
    size_t n = strlen(path);
    char part[PATH_MAX];
    if (n == 0 || n >= sizeof part)
        return error_set(err, ERR_IO, "cannot make the folder %.200s: %s", path,
                         strerror(n ? ENAMETOOLONG : ENOENT));
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        int reason = mkdir(part, 0777) == 0 ? 0 : errno;
        if (!reason || file_is_folder(part)) continue;
        if (reason == EEXIST)
            return error_set(err, ERR_IO, "cannot make the folder %s: %s is a file", path, part);
        return error_set(err, ERR_IO, "cannot make the folder %s: %s", path,
                         reason == ENOSPC ? "the disk is full; free some space" : strerror(reason));
    }
    return true;
}

char *path_join(Arena *arena, const char *folder, const char *name)
{
    if (name[0] == '/' || !folder || !folder[0]) return arena_copy(arena, name);
    size_t n = strlen(folder);
    return arena_print(arena, "%s%s%s", folder, folder[n - 1] == '/' ? "" : "/", name);
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *path_folder(Arena *arena, const char *path)
{
    size_t n = (size_t)(path_base(path) - path);
    return arena_copy_n(arena, path, n > 1 ? n - 1 : n); /* without its last slash, but for "/" */
}

char *path_stem(Arena *arena, const char *path)
{
    const char *base = path_base(path), *dot = strrchr(base, '.');
    return arena_copy_n(arena, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}
