#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"

static char folder[64];
static Arena *arena;

static int start(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/consort-file-XXXXXX");
    arena = arena_create(0);
    return arena && mkdtemp(folder) ? 0 : -1;
}

static int count_entries(const char *path)
{
    DIR *dir = opendir(path);
    int n = -2; /* . and .. */
    while (dir && readdir(dir)) n++;
    if (dir) closedir(dir);
    return n;
}

static int finish(void **state)
{
    (void)state;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.') remove(path_join(arena, folder, entry->d_name));
    if (dir) closedir(dir);
    rmdir(folder);
    arena_destroy(arena);
    return 0;
}

static const char *in_folder(const char *name)
{
    return path_join(arena, folder, name);
}

static void expect_content(const char *path, const void *bytes, size_t n)
{
    Bytes read = {0};
    Error err = {0};
    if (!file_read(path, 0, &read, &err)) fail_msg("%s", err.message);
    assert_int_equal(read.n, n);
    assert_memory_equal(read.bytes, bytes, n);
    assert_int_equal(read.bytes[n], 0);
    bytes_free(&read);
}

static void expect_refused(const char *path, size_t limit, ErrorCode code, const char *message)
{
    Bytes read = {(char *)1, 7};
    Error err = {0};
    assert_false(file_read(path, limit, &read, &err));
    assert_int_equal(err.code, code);
    assert_string_equal(err.message, message);
    assert_ptr_equal(read.bytes, (char *)1); /* outputs are left alone */
}

static void writes_and_reads_back(void **state)
{
    (void)state;
    const char *path = in_folder("a");
    size_t sizes[] = {0, 1, 4096, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 3 << 18};
    char *bytes = malloc(3 << 18);
    for (size_t i = 0; i < 3 << 18; i++) bytes[i] = (char)(i * 31 % 253);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        assert_true(file_write(path, bytes, sizes[s], NULL));
        expect_content(path, bytes, sizes[s]);
    }
    assert_int_equal(count_entries(folder), 1); /* no temporary file is left */
    struct stat about;
    chmod(path, 0640);
    assert_true(file_write(path, "x", 1, NULL));
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640);
    free(bytes);
}

static void a_failed_write_leaves_the_old_file(void **state)
{
    (void)state;
    const char *path = in_folder("old");
    Error err = {0};
    assert_true(file_write(path, "old", 3, NULL));
    int entries = count_entries(folder);
    char *large = calloc(1, 100000), message[300];
    struct rlimit limit, small;
    getrlimit(RLIMIT_FSIZE, &limit);
    small = limit;
    small.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    bool ok = file_write(path, large, 100000, &err);
    setrlimit(RLIMIT_FSIZE, &limit);
    free(large);
    assert_false(ok);
    assert_int_equal(err.code, ERR_IO);
    snprintf(message, sizeof message, "cannot write %s: %s", path, strerror(EFBIG));
    assert_string_equal(err.message, message);
    expect_content(path, "old", 3);
    assert_int_equal(count_entries(folder), entries);

    /* Devices by way of links: should they be replaced after all, it is only the link. */
    const char *full = in_folder("full"), *null = in_folder("null");
    assert_int_equal(symlink("/dev/full", full) | symlink("/dev/null", null), 0);
    assert_false(file_write(full, "x", 1, &err));
    snprintf(message, sizeof message, "cannot write %s: the disk is full; free some space and run the same command again", full);
    assert_string_equal(err.message, message);
    assert_false(file_write(folder, "x", 1, &err));
    assert_non_null(strstr(err.message, "it is a folder"));
    assert_false(file_write(in_folder("none/x"), "x", 1, &err));
    assert_non_null(strstr(err.message, "none/x: its folder is not there; make it and run"));
    assert_false(file_write(in_folder("old/x"), "x", 1, &err));
    assert_non_null(strstr(err.message, "old/x: its folder is no folder; put one there and run"));
    assert_true(file_write(null, "x", 1, &err)); /* a device is written to, never replaced */
    struct stat about;
    assert_true(stat(null, &about) == 0 && S_ISCHR(about.st_mode));
}

static void put(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

/* As they are on the disk, without unpacking. */
static void expect_same_bytes(const char *path, const char *bytes, size_t n)
{
    char *read = malloc(n + 2);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(read, 1, n + 2, file), n);
    assert_memory_equal(read, bytes, n);
    fclose(file);
    free(read);
}

static void copies_what_is_whole(void **state)
{
    (void)state;
    const char *from = in_folder("from"), *to = in_folder("to"), *pipe = in_folder("pipe");
    char hex[65], *bytes = malloc(3 << 18);
    Error err = {0};
    for (size_t i = 0; i < 3 << 18; i++) bytes[i] = (char)(i * 31 % 253);
    memcpy(bytes, "\x1f\x8b", 2); /* looks like gzip, and is copied as it is */
    size_t sizes[] = {0, 1, 1 << 18, (1 << 18) + 1, 3 << 18};
    int entries = count_entries(folder) + 2;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        int64_t n = (int64_t)sizes[s];
        put(from, bytes, sizes[s]);
        sha256_of(bytes, sizes[s], hex);
        assert_true(file_copy(from, to, n, hex, NULL));
        expect_same_bytes(to, bytes, sizes[s]);
        put(to, "old", 3);
        assert_true(n == 0 || !file_copy(from, to, n - 1, NULL, &err));
        assert_false(file_copy(from, to, n + 1, NULL, &err));
        hex[s] ^= 1;
        assert_false(file_copy(from, to, n, hex, &err));
        assert_int_equal(err.code, ERR_DATA);
        expect_same_bytes(to, "old", 3);
        assert_true(file_copy(from, to, n, NULL, NULL));
    }
    assert_int_equal(count_entries(folder), entries);
    assert_false(file_copy(from, to, INT64_MAX, NULL, &err));
    assert_false(file_copy(from, to, -1, NULL, &err));
    assert_int_equal(mkfifo(pipe, 0600), 0); /* nobody would ever write to it */
    assert_false(file_copy(pipe, to, 1, NULL, &err));
    assert_false(file_copy(in_folder("nothing"), to, 1, NULL, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_false(file_copy(from, in_folder("none/x"), 3 << 18, NULL, &err));
    assert_int_equal(err.code, ERR_IO);
    unlink(pipe);
    free(bytes);
}

static void names_what_it_cannot_read(void **state)
{
    (void)state;
    char message[300];
    const char *path = in_folder("missing");
    snprintf(message, sizeof message, "cannot read %s: %s", path, strerror(ENOENT));
    expect_refused(path, 0, ERR_IO, message);
    snprintf(message, sizeof message, "cannot read %s: it is a folder", folder);
    expect_refused(folder, 0, ERR_IO, message);
    assert_true(file_write(in_folder("ten"), "0123456789", 10, NULL));
    snprintf(message, sizeof message, "%s holds more than the 9 bytes allowed here", in_folder("ten"));
    expect_refused(in_folder("ten"), 9, ERR_DATA, message);
    Bytes ten;
    assert_true(file_read(in_folder("ten"), 10, &ten, NULL));
    bytes_free(&ten);

    /* Without rights; root has to step down to have none. */
    const char *closed = in_folder("closed");
    assert_true(file_make_folder(closed, NULL));
    assert_true(file_write(path_join(arena, closed, "x"), "x", 1, NULL));
    chmod(closed, 0);
    bool root = geteuid() == 0;
    if (root && seteuid(65534) != 0) skip();
    snprintf(message, sizeof message, "cannot read %s/x: %s", closed, strerror(EACCES));
    Error err = {0};
    Bytes none;
    bool ok = file_read(path_join(arena, closed, "x"), 0, &none, &err);
    if (root && seteuid(0) != 0) abort();
    assert_false(ok);
    assert_string_equal(err.message, message);
    chmod(closed, 0700);
    remove(path_join(arena, closed, "x"));
}

/* tests/golden/base.py: gzip.compress(b"one,two\n" * 20) */
static const unsigned char zipped[31] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb,
                                         0xcf, 0x4b, 0xd5, 0x29, 0x29, 0xcf, 0xe7, 0xca, 0x1f, 0xa4, 0x34,
                                         0x00, 0x49, 0xc8, 0x9a, 0x4f, 0xa0, 0x00, 0x00, 0x00};

static void gzip_is_read_by_its_magic(void **state)
{
    (void)state;
    char plain[320];
    unsigned char two[70] = {0};
    for (int i = 0; i < 40; i++) memcpy(plain + 8 * i, "one,two\n", 8);
    const char *path = in_folder("data.csv");
    assert_true(file_write(path, zipped, sizeof zipped, NULL));
    expect_content(path, plain, 160);
    memcpy(two, zipped, 31), memcpy(two + 31, zipped, 31); /* two members and zeros behind them */
    assert_true(file_write(path, two, sizeof two, NULL));
    expect_content(path, plain, 320);
    assert_true(file_write(path, "\x1f", 1, NULL));
    expect_content(path, "\x1f", 1);
}

static void damaged_gzip_is_refused(void **state)
{
    (void)state;
    char message[300];
    const char *path = in_folder("cut.gz");
    for (size_t n = 2; n < sizeof zipped; n++) {
        Error err = {0};
        Bytes read;
        put(path, zipped, n);
        assert_false(file_read(path, 0, &read, &err));
        assert_int_equal(err.code, ERR_DATA);
        assert_non_null(strstr(err.message, "the gzip stream is cut off"));
    }
    for (size_t at = 2; at < sizeof zipped; at++) {
        unsigned char broken[32];
        Error err = {0};
        Bytes read;
        memcpy(broken, zipped, 31);
        broken[at] ^= 0x55;
        put(path, broken, 31);
        if (at >= 4 && at < 10) continue; /* time, flags and system: not part of the content */
        if (file_read(path, 0, &read, &err)) fail_msg("byte %zu flipped, and not noticed", at);
        assert_int_equal(err.code, ERR_DATA);
    }
    unsigned char tail[40];
    memcpy(tail, zipped, 31), memset(tail + 31, 'x', 9);
    put(path, tail, 40);
    snprintf(message, sizeof message, "%s: the gzip stream is corrupt (incorrect header check)", path);
    expect_refused(path, 0, ERR_DATA, message);
    put(path, zipped, 31);
    snprintf(message, sizeof message, "%s holds more than the 159 bytes allowed here", path);
    expect_refused(path, 159, ERR_DATA, message);
}

static void folders_and_paths(void **state)
{
    (void)state;
    Error err = {0};
    const char *deep = in_folder("x/y//z/");
    assert_true(file_make_folder(deep, &err));
    assert_true(file_make_folder(deep, &err));
    assert_true(file_is_folder(in_folder("x/y/z")));
    assert_true(file_exists(in_folder("x/y")));
    assert_false(file_exists(in_folder("x/q")));
    assert_true(file_write(in_folder("plain"), "", 0, &err));
    assert_false(file_is_folder(in_folder("plain")));
    assert_false(file_make_folder(in_folder("plain/q"), &err));
    assert_non_null(strstr(err.message, "/plain is a file"));
    assert_false(file_make_folder("", &err));
    rmdir(in_folder("x/y/z")), rmdir(in_folder("x/y"));
    assert_string_equal(path_join(arena, "a", "b"), "a/b");
    assert_string_equal(path_join(arena, "a/", "b"), "a/b");
    assert_string_equal(path_join(arena, "a", "/b"), "/b");
    assert_string_equal(path_join(arena, "", "b"), "b");
    assert_string_equal(path_join(arena, NULL, "b"), "b");
}

/* tests/golden/base.py: hashlib, bytes i % 251. FIPS 180-4's own example is "abc". */
static const struct {
    size_t n;
    const char *hex;
} hashes[] = {
    {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {55, "463eb28e72f82e0a96c0a4cc53690c571281131f672aa229e0d45ae59b598b59"},
    {56, "da2ae4d6b36748f2a318f23e7ab1dfdf45acdc9d049bd80e59de82a60895f562"},
    {63, "29af2686fd53374a36b0846694cc342177e428d1647515f078784d69cdb9e488"},
    {64, "fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108"},
    {65, "4bfd2c8b6f1eec7a2afeb48b934ee4b2694182027e6d0fc075074f2fabb31781"},
    {119, "da18797ed7c3a777f0847f429724a2d8cd5138e6ed2895c3fa1a6d39d18f7ec6"},
    {120, "f52b23db1fbb6ded89ef42a23ce0c8922c45f25c50b568a93bf1c075420bbb7c"},
    {1000, "4e4c294b331f7a2099a379bec34b9f9fc03dc46ab465d998f4d683da53487e6d"},
    {100000, "cd2df694e424bc7968cc37f47751019e5ca0cd1bdf2e479ea537c3a1c32ee1aa"},
};

static void fingerprints_match(void **state)
{
    (void)state;
    static unsigned char bytes[100000];
    char hex[65];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i % 251);
    sha256_of("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        sha256_of(bytes, hashes[i].n, hex);
        assert_string_equal(hex, hashes[i].hex);
        Sha256 sha; /* in pieces of growing size */
        sha256_start(&sha);
        for (size_t at = 0, piece = 1; at < hashes[i].n; at += piece, piece = piece % 150 + 1) {
            if (piece > hashes[i].n - at) piece = hashes[i].n - at;
            sha256_add(&sha, bytes + at, piece);
        }
        sha256_end(&sha, hex);
        assert_string_equal(hex, hashes[i].hex);
    }
}

/* With the processor's instructions, where it has them, and without: any length and any place in memory. */
static void two_ways_to_one_fingerprint(void **state)
{
    (void)state;
    unsigned char bytes[1100];
    Rng rng = rng_stream(5, 0, RNG_TEST);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)rng_below(&rng, 256);
    for (size_t n = 0; n < 1000; n++) {
        char one[65], other[65];
        Sha256 sha;
        size_t from = rng_below(&rng, 100), first = n ? rng_below(&rng, (uint32_t)n) : 0;
        sha256_of(bytes + from, n, one);
        sha256_start(&sha);
        sha.by_processor = false;
        sha256_add(&sha, bytes + from, first);
        sha256_add(&sha, bytes + from + first, n - first);
        sha256_end(&sha, other);
        assert_string_equal(one, other);
    }
}

static void paths_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *path, *folder, *base, *stem;
    } cases[] = {
        {"runs/a/x.db", "runs/a", "x.db", "x"}, {"x.db", "", "x.db", "x"}, {"/x", "/", "x", "x"},
        {"a/.hidden", "a", ".hidden", ".hidden"}, {"a/b.tar.gz", "a", "b.tar.gz", "b.tar"},
        {"a.b/c", "a.b", "c", "c"}, {"a/", "a", "", ""}, {"", "", "", ""},
    };
    Arena *own = arena_create(0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(path_folder(own, cases[i].path), cases[i].folder);
        assert_string_equal(path_base(cases[i].path), cases[i].base);
        assert_string_equal(path_stem(own, cases[i].path), cases[i].stem);
    }
    arena_destroy(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_taken_apart),
        cmocka_unit_test(writes_and_reads_back),     cmocka_unit_test(a_failed_write_leaves_the_old_file),
        cmocka_unit_test(names_what_it_cannot_read), cmocka_unit_test(gzip_is_read_by_its_magic),
        cmocka_unit_test(damaged_gzip_is_refused),   cmocka_unit_test(folders_and_paths),
        cmocka_unit_test(fingerprints_match),
        cmocka_unit_test(two_ways_to_one_fingerprint),        cmocka_unit_test(copies_what_is_whole),
    };
    return cmocka_run_group_tests_name("base/file", tests, start, finish);
}
