#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/tensors.h"

static char path[64];
static const char format[] = "consort-test 1";

static int start(void **state)
{
    (void)state;
    strcpy(path, "/tmp/consort-tensors-XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int finish(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static const double scales[3] = {0.1, -2.5, 1e300};
static const float weights[6] = {1, -2, 3.5f, 0, 1e-30f, 7};
static const int32_t counts[2] = {-5, 1 << 30};
static const uint8_t flags[3] = {0, 255, 17};
static const Tensor arrays[] = {
    {"prep.scale", TENSOR_F64, 1, {3}, scales}, {"m0.w", TENSOR_F32, 2, {2, 3}, weights},
    {"counts", TENSOR_I32, 1, {2}, counts},     {"none", TENSOR_F32, 2, {0, 4}, NULL},
    {"flags", TENSOR_U8, 3, {1, 3, 1}, flags},
};
enum { N_ARRAYS = sizeof arrays / sizeof *arrays };
static const TensorNote notes[] = {{"model", "{\"classes\":[\"a\",\"b\"]}"}, {"note", "quotes \" and \xC3\xA4\n"}};

static void put(const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY); /* no truncation first: that is slow, and this is done often */
    assert_int_equal(pwrite(fd, bytes, n, 0), n);
    assert_int_equal(ftruncate(fd, (off_t)n), 0);
    close(fd);
}

static Bytes written(void)
{
    Error err = {0};
    Bytes bytes;
    if (!tensors_write(path, format, notes, 2, arrays, N_ARRAYS, &err)) fail_msg("%s", err.message);
    assert_true(file_read(path, 0, &bytes, &err));
    return bytes;
}

static void comes_back_as_it_went(void **state)
{
    (void)state;
    Bytes bytes = written();
    assert_int_equal(bytes.bytes[8], '{');
    assert_memory_equal(bytes.bytes + 8, "{\"__metadata__\":{\"format\":\"consort-test 1\",\"sha256\":\"", 51);
    bytes_free(&bytes);
    TensorFile *file;
    Error err = {0};
    if (!tensors_read(path, format, &file, &err)) fail_msg("%s", err.message);
    assert_int_equal(tensors_count(file), N_ARRAYS);
    assert_string_equal(tensors_note(file, "model"), notes[0].text);
    assert_string_equal(tensors_note(file, "note"), notes[1].text);
    assert_null(tensors_note(file, "absent"));
    for (int i = 0; i < N_ARRAYS; i++) {
        const Tensor *got = tensors_at(file, i), *want = &arrays[i];
        static const size_t sizes[] = {4, 8, 4, 1};
        size_t n = sizes[want->type];
        assert_string_equal(got->name, want->name);
        assert_int_equal(got->type, want->type);
        assert_int_equal(got->rank, want->rank);
        for (int d = 0; d < want->rank; d++) {
            assert_int_equal(got->shape[d], want->shape[d]);
            n *= (size_t)want->shape[d];
        }
        if (n) assert_memory_equal(got->data, want->data, n);
        assert_int_equal((uintptr_t)got->data % sizes[want->type], 0);
        assert_ptr_equal(tensors_find(file, want->name, want->type, want->rank, want->shape, &err), got);
    }
    assert_ptr_equal(tensors_find(file, "m0.w", TENSOR_F32, 2, (int64_t[]){-1, 3}, &err), tensors_at(file, 1));
    char message[300];
    assert_null(tensors_find(file, "m0.w", TENSOR_F32, 2, (int64_t[]){-1, 4}, &err));
    snprintf(message, sizeof message, "%s: array `m0.w` is F32 (2, 3), expected F32 (any, 4)", path);
    assert_string_equal(err.message, message);
    assert_null(tensors_find(file, "m9", TENSOR_F64, 1, (int64_t[]){7}, &err));
    snprintf(message, sizeof message, "%s: array `m9` is missing, expected F64 (7)", path);
    assert_string_equal(err.message, message);
    tensors_free(file);
    tensors_free(NULL);
}

static void refuses_another_format(void **state)
{
    (void)state;
    Bytes bytes = written();
    TensorFile *file = NULL;
    Error err = {0};
    char message[300];
    assert_false(tensors_read(path, "consort-model 2", &file, &err));
    snprintf(message, sizeof message, "%s: this is `consort-test 1`, and `consort-model 2` is wanted here", path);
    assert_string_equal(err.message, message);
    assert_int_equal(err.code, ERR_DATA);
    assert_null(file);
    assert_false(tensors_read("/nowhere/x", format, &file, &err));
    assert_int_equal(err.code, ERR_IO);
    bytes_free(&bytes);
}

static void expect_damage(size_t where, const char *how)
{
    TensorFile *file = NULL;
    Error err = {0};
    if (tensors_read(path, format, &file, &err)) fail_msg("%s at byte %zu was not noticed", how, where);
    assert_int_equal(err.code, ERR_DATA);
    assert_memory_equal(err.message, path, strlen(path));
    assert_null(strchr(err.message, '\n'));
    assert_null(file);
    if (strcmp(how, "a cut in its header") == 0) /* nothing behind the end was looked at */
        assert_non_null(strstr(err.message, "cut off in its header"));
}

static void every_flip_cut_and_addition_is_noticed(void **state)
{
    (void)state;
    Bytes bytes = written();
    char *broken = malloc(bytes.n + 8);
    for (size_t at = 0; at < bytes.n; at++) {
        static const unsigned char masks[] = {0x01, 0x80, 0xFF, 0x20};
        for (size_t m = 0; m < sizeof masks; m++) {
            memcpy(broken, bytes.bytes, bytes.n);
            broken[at] = (char)(broken[at] ^ masks[m]);
            put(broken, bytes.n);
            expect_damage(at, "a flip");
        }
    }
    size_t header_end = 8 + (unsigned char)bytes.bytes[0] + 256u * (unsigned char)bytes.bytes[1];
    for (size_t n = 0; n < bytes.n; n++) {
        put(bytes.bytes, n);
        expect_damage(n, n > 8 && n < header_end ? "a cut in its header" : "a cut");
    }
    memset(broken, 0, bytes.n + 8);
    memcpy(broken, bytes.bytes, bytes.n);
    for (size_t more = 1; more <= 8; more++) {
        put(broken, bytes.n + more);
        expect_damage(bytes.n + more, "an addition");
    }
    free(broken);
    bytes_free(&bytes);
}

/* A file with this header, this much data, and a right checksum, so that only what the header says can
 * be what is refused. */
static void put_hostile(const char *entries, size_t n_data)
{
    static const char mark[] = "\"sha256\":\"";
    char bytes[4096] = {0}, hex[65];
    int n = snprintf(bytes + 8, 3000, "{\"__metadata__\":{\"format\":\"%s\",%s%064d\"}%s}", format, mark, 0, entries);
    while (n % 64 != 56) bytes[8 + n++] = ' ';
    for (int i = 0; i < 8; i++) bytes[i] = (char)((uint64_t)n >> (8 * i) & 0xFF);
    if (n_data) memset(bytes + 8 + n, 7, n_data);
    sha256_of(bytes, 8 + (size_t)n + n_data, hex);
    memcpy(strstr(bytes + 8, mark) + sizeof mark - 1, hex, 64);
    put(bytes, 8 + (size_t)n + n_data);
}

static void hostile_headers_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *entries;
        size_t n_data;
        const char *why;
    } cases[] = {
        {",\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}", 4, "array `a`: its shape and data_offsets disagree"},
        {",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}", 8, "its arrays overlap, leave holes, or do not end where the file ends"},
        {",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}", 8, "its arrays overlap, leave holes, or do not end where the file ends"},
        {",\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}", 8,
         "its arrays overlap, leave holes, or do not end where the file ends"},
        {",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,4]}", 8, "array `a`: its data_offsets lie outside the file"},
        {",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}", 8, "array `a`: its data_offsets lie outside the file"},
        {",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,1e300]}", 8, "array `a`: its data_offsets lie outside the file"},
        {",\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}", 0, "array `a`: its shape is not sizes"},
        {",\"a\":{\"dtype\":\"F32\",\"shape\":[4503599627370496,4503599627370496],\"data_offsets\":[0,0]}", 0, "array `a`: its shape is too large"},
        {",\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,6]}", 6, "array `a`: its shape is not sizes"},
        {",\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,0]}", 0, "array `a`: its shape is not sizes"},
        {",\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,4]}", 4, "array `a`: it has more than 4 dimensions"},
        {",\"a\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}", 4, "array `a`: its dtype is none of F64, F32, I32, U8"},
        {",\"a\\n\":{\"dtype\":\"F32\",\"shape\":[1]}", 4, "array `a?`: its entry is not dtype, shape and data_offsets"},
        {",\"a\":[]", 0, "array `a`: its entry is not dtype, shape and data_offsets"},
        {",\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}", 5,
         "array `b`: its bytes are not aligned"},
        {",\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}", 2,
         NULL},
    };
    TensorFile *file = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = {0};
        char message[400];
        put_hostile(cases[i].entries, cases[i].n_data);
        assert_false(tensors_read(path, format, &file, &err));
        assert_int_equal(err.code, ERR_DATA);
        snprintf(message, sizeof message, "%s: %s", path, cases[i].why);
        if (cases[i].why) assert_string_equal(err.message, message);
        else assert_non_null(strstr(err.message, "duplicate object key"));
    }
    put_hostile("", 0); /* the frame itself is sound */
    Error err = {0};
    if (!tensors_read(path, format, &file, &err)) fail_msg("%s", err.message);
    assert_int_equal(tensors_count(file), 0);
    tensors_free(file);
    static const char foreign[] = "\x20\0\0\0\0\0\0\0{\"__metadata__\":{\"by\":\"others\"}} ";
    put(foreign, 40);
    assert_false(tensors_read(path, format, &file, &err));
    assert_non_null(strstr(err.message, "a safetensors file, but not one of Consort's"));
    put("GGUF and so on and so on", 24);
    assert_false(tensors_read(path, format, &file, &err));
    assert_non_null(strstr(err.message, "not a model file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_went),
        cmocka_unit_test(refuses_another_format),
        cmocka_unit_test(every_flip_cut_and_addition_is_noticed),
        cmocka_unit_test(hostile_headers_are_refused),
    };
    return cmocka_run_group_tests_name("base/tensors", tests, start, finish);
}
