/* Files as memory, and their marks. */
#include "base/mapped.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool mapped_open(const char *path, Mapped *out)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return false;
    bool ok = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0;
    void *bytes = ok ? mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    close(fd);
    if (bytes == MAP_FAILED) return false;
    *out = (Mapped){bytes, (size_t)about.st_size};
    return true;
}

void mapped_close(Mapped *mapped)
{
    if (mapped->bytes) munmap((void *)(uintptr_t)mapped->bytes, mapped->n);
    *mapped = (Mapped){0};
}

bool file_mark(const char *path, FileMark *out)
{
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode)) return false;
    *out = (FileMark){(uint64_t)about.st_dev, (uint64_t)about.st_ino, (int64_t)about.st_size,
                      (int64_t)about.st_mtim.tv_sec, (int64_t)about.st_mtim.tv_nsec, about.st_mode & 0777};
    return true;
}

void file_touch(const char *path)
{
    (void)utimensat(AT_FDCWD, path, NULL, 0);
}

bool file_remove(const char *path)
{
    return unlink(path) == 0;
}

char *path_real(const char *path)
{
    return realpath(path, NULL);
}
