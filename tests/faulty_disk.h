/* tests/faulty_disk.h - a disk that fails on command: a VFS of SQLite's in front of the real one.
 *
 * Every change of a file counts: write, truncate, sync, delete, making a file. The n-th is where it goes wrong:
 *
 *     DISK_FULL    there is no room: half of what was to be written is, and the rest is not
 *     DISK_BROKEN  an input/output error
 *     DISK_DARK    the power goes: of each file there is what was synced last. The process ends
 *     DISK_TORN    the same, but any of the sectors written since may be there, too
 *
 * The first two last for one operation (`once`) or until the disk is mended. */
#ifndef CONSORT_TESTS_FAULTY_DISK_H
#define CONSORT_TESTS_FAULTY_DISK_H
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"

typedef enum { DISK_FINE, DISK_FULL, DISK_BROKEN, DISK_DARK, DISK_TORN } DiskFault;
enum { DISK_FILES = 16, DISK_SECTOR = 512 };

typedef struct {
    char path[256];
    unsigned char *bytes; /* as synced last */
    size_t n;
    bool cut; /* shortened since: that happens whole or not at all */
} DiskSynced;

static struct {
    DiskFault fault;
    int at; /* the operation that fails, from 1 */
    bool once;
    atomic_int n; /* operations so far */
    int last_error;
    sqlite3_vfs *real;
    pthread_mutex_t lock; /* of what follows */
    DiskSynced synced[DISK_FILES];
    int n_synced;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

typedef struct {
    sqlite3_file base;
    DiskSynced *synced; /* NULL: a file without a name */
    sqlite3_file *real; /* lies right behind */
} DiskFile;

static inline sqlite3_file *disk_real(sqlite3_file *file)
{
    return ((DiskFile *)file)->real;
}

/* ---- going wrong ------------------------------------------------------------------------------------- */

/* Of the sectors that were not synced none, or any. */
static inline void disk_lose(const DiskSynced *file, DiskFault fault, Rng *rng)
{
    int fd = open(file->path, O_RDWR);
    if (fd < 0) return;
    off_t size = lseek(fd, 0, SEEK_END);
    if (fault == DISK_TORN && file->cut) {
        if (rng_below(rng, 2)) {
            close(fd);
            return;
        }
        fault = DISK_DARK;
    }
    size_t n = fault == DISK_TORN && (size_t)size > file->n ? (size_t)size : file->n;
    unsigned char *now = calloc(n + DISK_SECTOR, 1);
    assert(now);
    if (pread(fd, now, n, 0) < 0) _exit(8);
    for (size_t at = 0; at < n; at += DISK_SECTOR) {
        if (fault == DISK_TORN && rng_below(rng, 2)) continue;
        for (size_t i = at; i < at + DISK_SECTOR && i < n; i++) now[i] = i < file->n ? file->bytes[i] : 0;
    }
    if (pwrite(fd, now, n, 0) != (ssize_t)n || ftruncate(fd, (off_t)n) != 0 || close(fd) != 0) _exit(8);
    free(now);
}

static inline void disk_go_dark(void)
{
    pthread_mutex_lock(&disk.lock);
    Rng rng = rng_stream((uint64_t)disk.at, 0, RNG_TEST);
    for (int i = 0; i < disk.n_synced; i++) {
        char shm[300]; /* was memory */
        snprintf(shm, sizeof shm, "%.250s-shm", disk.synced[i].path);
        unlink(shm);
        disk_lose(&disk.synced[i], disk.fault, &rng);
    }
    _exit(0);
}

/* Counts; SQLITE_OK, or what the operation says when it fails. */
static inline int disk_step(int broken)
{
    int n = atomic_fetch_add(&disk.n, 1) + 1;
    if (disk.fault == DISK_FINE || (disk.once ? n != disk.at : n < disk.at)) return SQLITE_OK;
    if (disk.fault == DISK_DARK || disk.fault == DISK_TORN) disk_go_dark();
    disk.last_error = errno = disk.fault == DISK_FULL ? ENOSPC : EIO;
    return disk.fault == DISK_FULL && broken == SQLITE_IOERR_WRITE ? SQLITE_FULL : broken;
}

/* ---- files ------------------------------------------------------------------------------------------- */

static inline int disk_close(sqlite3_file *file)
{
    return disk_real(file)->pMethods->xClose(disk_real(file));
}

static inline int disk_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
    return disk_real(file)->pMethods->xRead(disk_real(file), to, n, at);
}

static inline int disk_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
    int rc = disk_step(SQLITE_IOERR_WRITE);
    if (rc != SQLITE_OK) n = disk.fault == DISK_FULL ? n / 2 : 0;
    int wrote = n ? disk_real(file)->pMethods->xWrite(disk_real(file), from, n, at) : SQLITE_OK;
    return rc != SQLITE_OK ? rc : wrote;
}

static inline int disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    DiskSynced *synced = ((DiskFile *)file)->synced;
    int rc = disk_step(SQLITE_IOERR_TRUNCATE);
    if (rc == SQLITE_OK && synced && (size_t)size < synced->n) synced->cut = true;
    return rc != SQLITE_OK ? rc : disk_real(file)->pMethods->xTruncate(disk_real(file), size);
}

static inline int disk_sync(sqlite3_file *file, int flags)
{
    DiskSynced *synced = ((DiskFile *)file)->synced;
    sqlite3_file *real = disk_real(file);
    sqlite3_int64 size;
    int rc = disk_step(SQLITE_IOERR_FSYNC);
    if (rc == SQLITE_OK) rc = real->pMethods->xSync(real, flags);
    if (rc != SQLITE_OK || !synced || (disk.fault != DISK_DARK && disk.fault != DISK_TORN)) return rc;
    pthread_mutex_lock(&disk.lock);
    if (real->pMethods->xFileSize(real, &size) == SQLITE_OK) {
        synced->n = (size_t)size;
        synced->cut = false;
        synced->bytes = realloc(synced->bytes, synced->n + 1);
        assert(synced->bytes);
        if (size) rc = real->pMethods->xRead(real, synced->bytes, (int)size, 0);
    }
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

static inline int disk_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return disk_real(file)->pMethods->xFileSize(disk_real(file), size);
}

static inline int disk_lock(sqlite3_file *file, int level)
{
    return disk_real(file)->pMethods->xLock(disk_real(file), level);
}

static inline int disk_unlock(sqlite3_file *file, int level)
{
    return disk_real(file)->pMethods->xUnlock(disk_real(file), level);
}

static inline int disk_reserved(sqlite3_file *file, int *out)
{
    return disk_real(file)->pMethods->xCheckReservedLock(disk_real(file), out);
}

static inline int disk_control(sqlite3_file *file, int op, void *argument)
{
    return disk_real(file)->pMethods->xFileControl(disk_real(file), op, argument);
}

static inline int disk_sector(sqlite3_file *file)
{
    return disk_real(file)->pMethods->xSectorSize(disk_real(file));
}

static inline int disk_traits(sqlite3_file *file)
{
    (void)file;
    return 0; /* promises nothing: neither whole sectors nor safe appends */
}

static inline int disk_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return disk_real(file)->pMethods->xShmMap(disk_real(file), page, size, extend, out);
}

static inline int disk_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return disk_real(file)->pMethods->xShmLock(disk_real(file), offset, n, flags);
}

static inline void disk_shm_barrier(sqlite3_file *file)
{
    disk_real(file)->pMethods->xShmBarrier(disk_real(file));
}

static inline int disk_shm_unmap(sqlite3_file *file, int remove)
{
    return disk_real(file)->pMethods->xShmUnmap(disk_real(file), remove);
}

static const sqlite3_io_methods disk_methods = {
    .iVersion = 2, .xClose = disk_close, .xRead = disk_read, .xWrite = disk_write, .xTruncate = disk_truncate,
    .xSync = disk_sync, .xFileSize = disk_file_size, .xLock = disk_lock, .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_reserved, .xFileControl = disk_control, .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_traits, .xShmMap = disk_shm_map, .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier, .xShmUnmap = disk_shm_unmap};

/* ---- the disk ---------------------------------------------------------------------------------------- */

static inline DiskSynced *disk_remember(const char *path)
{
    pthread_mutex_lock(&disk.lock);
    int i = 0;
    while (i < disk.n_synced && strcmp(disk.synced[i].path, path) != 0) i++;
    if (i == disk.n_synced) {
        assert(i < DISK_FILES && strlen(path) < sizeof disk.synced[i].path);
        strcpy(disk.synced[disk.n_synced++].path, path);
    }
    pthread_mutex_unlock(&disk.lock);
    return &disk.synced[i];
}

static inline int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *got)
{
    (void)vfs;
    DiskFile *wrapped = (DiskFile *)file;
    *wrapped = (DiskFile){.real = (sqlite3_file *)(wrapped + 1)};
    wrapped->real->pMethods = NULL;
    bool makes = path && flags & SQLITE_OPEN_CREATE && access(path, F_OK) != 0;
    int rc = makes ? disk_step(SQLITE_CANTOPEN) : SQLITE_OK;
    if (rc == SQLITE_OK) rc = disk.real->xOpen(disk.real, path, wrapped->real, flags, got);
    if (wrapped->real->pMethods) file->pMethods = &disk_methods;
    if (rc == SQLITE_OK && path) wrapped->synced = disk_remember(path);
    return rc;
}

static inline int disk_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    (void)vfs;
    int rc = access(path, F_OK) == 0 ? disk_step(SQLITE_IOERR_DELETE) : SQLITE_OK;
    if (rc != SQLITE_OK) return rc;
    if (disk.fault == DISK_DARK || disk.fault == DISK_TORN) {
        DiskSynced *gone = disk_remember(path);
        gone->n = 0;
    }
    return disk.real->xDelete(disk.real, path, sync);
}

static inline int disk_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    (void)vfs;
    return disk.real->xAccess(disk.real, path, flags, out);
}

static inline int disk_full_path(sqlite3_vfs *vfs, const char *path, int n, char *out)
{
    (void)vfs;
    return disk.real->xFullPathname(disk.real, path, n, out);
}

static inline int disk_last_error(sqlite3_vfs *vfs, int n, char *out)
{
    (void)vfs;
    return disk.last_error ? disk.last_error : disk.real->xGetLastError(disk.real, n, out);
}

/* From here on every connection of this process writes to this disk. */
static inline void disk_install(void)
{
    static sqlite3_vfs vfs;
    disk.real = sqlite3_vfs_find(NULL);
    vfs = *disk.real; /* chance, time and what else it knows; libraries are not loaded */
    vfs.pNext = NULL;
    vfs.zName = "faulty";
    vfs.szOsFile = (int)sizeof(DiskFile) + disk.real->szOsFile;
    vfs.xOpen = disk_open;
    vfs.xDelete = disk_delete;
    vfs.xAccess = disk_access;
    vfs.xFullPathname = disk_full_path;
    vfs.xGetLastError = disk_last_error;
    int rc = sqlite3_vfs_register(&vfs, 1);
    assert(rc == SQLITE_OK);
}

static inline void disk_fail(DiskFault fault, int at, bool once)
{
    disk.fault = fault;
    disk.at = at;
    disk.once = once;
    disk.last_error = 0;
    atomic_store(&disk.n, 0);
}
#endif
