/* tests/fuzz/fuzz.h - what the fuzz targets share.
 *
 * A target is one file here that feeds bytes from a stranger to one reader of ours, in a function of
 * libFuzzer's name. It must not crash, hang or lie: where it is cheap, what was accepted is printed, read
 * again, and must be the same. `make fuzz` and `make check` link it with clang's libFuzzer and sanitizers;
 * `make test` links it with replay.c, which shows it the files of its corpus, corpus/NAME/, one by one. What
 * once broke something stays there.
 *
 * Input    the file as people have it. Options that a reader takes follow a zero byte, if they are there:
 *          so any real file is an input as it is.
 * Memory   one arena, empty at the start of each input; what lives longer has an arena of its own.
 * Files    in a folder of the process, in memory where there is some.
 */
#ifndef CONSORT_TESTS_FUZZ_FUZZ_H
#define CONSORT_TESTS_FUZZ_FUZZ_H
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that the program makes. */
#define FUZZ_HOLDS(promise)                                                                      \
    do {                                                                                         \
        if (!(promise)) {                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #promise);         \
            abort();                                                                             \
        }                                                                                        \
    } while (0)

static inline Arena *fuzz_arena(void)
{
    static Arena *arena;
    if (!arena) arena = arena_create((size_t)1 << 30);
    arena_reset(arena);
    return arena;
}

/* For what is made once. */
static inline Arena *fuzz_forever(void)
{
    static Arena *arena;
    if (!arena) arena = arena_create(0);
    return arena;
}

/* What went in, what must not fail did, and why. */
static inline void fuzz_must(bool ok, const Error *err)
{
    if (ok) return;
    fprintf(stderr, "%s\n", err->message);
    abort();
}

/* ---- files --------------------------------------------------------------------------------------- */

static char fuzz_folder_path[64];
static char fuzz_files[8][120];
static int fuzz_n_files;

static inline void fuzz_clean(void)
{
    for (int i = 0; i < fuzz_n_files; i++) unlink(fuzz_files[i]);
    rmdir(fuzz_folder_path);
}

/* The path of a file of that name, one of at most eight. */
static inline const char *fuzz_path(const char *name)
{
    char path[120];
    if (!*fuzz_folder_path) {
        const char *where = getenv("FUZZ_FOLDER"); /* whoever sets it removes what is left there */
        if (!where) where = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
        snprintf(fuzz_folder_path, sizeof fuzz_folder_path, "%.40s/consort-fuzz-XXXXXX", where);
        if (!mkdtemp(fuzz_folder_path)) abort();
        atexit(fuzz_clean);
    }
    snprintf(path, sizeof path, "%s/%.50s", fuzz_folder_path, name);
    for (int i = 0; i < fuzz_n_files; i++)
        if (strcmp(fuzz_files[i], path) == 0) return fuzz_files[i];
    if (fuzz_n_files == 8) abort();
    strcpy(fuzz_files[fuzz_n_files], path);
    return fuzz_files[fuzz_n_files++];
}

static inline const char *fuzz_file(const char *name, const void *bytes, size_t n)
{
    const char *path = fuzz_path(name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, n, file) != n || fclose(file) != 0) abort();
    return path;
}

/* What verbs print is not of interest. */
static inline void fuzz_silence(void)
{
    static bool silent;
    if (!silent && !freopen("/dev/null", "w", stdout)) abort();
    silent = true;
}

/* ---- input --------------------------------------------------------------------------------------- */

typedef struct {
    const uint8_t *at;
    size_t n;
} FuzzBytes;

/* The next byte, 0 when there is none. */
static inline unsigned fuzz_byte(FuzzBytes *bytes)
{
    if (bytes->n == 0) return 0;
    bytes->n--;
    return *bytes->at++;
}

/* Up to the next line end, which is taken, too. */
static inline FuzzBytes fuzz_line(FuzzBytes *bytes)
{
    const uint8_t *end = bytes->n ? memchr(bytes->at, '\n', bytes->n) : NULL;
    FuzzBytes line = {bytes->at, end ? (size_t)(end - bytes->at) : bytes->n};
    size_t taken = line.n + (end != NULL);
    bytes->at += taken;
    bytes->n -= taken;
    return line;
}

/* Cuts the options off: what follows the last zero byte, if that is one of the last nine. */
static inline FuzzBytes fuzz_options(const uint8_t *data, size_t *size)
{
    for (size_t n = 0; n < 9 && n < *size; n++)
        if (data[*size - 1 - n] == 0) {
            *size -= n + 1;
            return (FuzzBytes){data + *size + 1, n};
        }
    return (FuzzBytes){NULL, 0};
}

/* A string of exactly that length, so that one byte too far is seen. Free it. */
static inline char *fuzz_string(const uint8_t *bytes, size_t n)
{
    char *text = malloc(n + 1);
    if (!text) abort();
    if (n) memcpy(text, bytes, n);
    text[n] = '\0';
    return text;
}

static inline bool fuzz_same(const Text *a, const Text *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->bytes, b->bytes, a->n) == 0);
}
#endif
