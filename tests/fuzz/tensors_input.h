/* tests/fuzz/tensors_input.h - a file of tensors (base/tensors.h) from lines of text, so that a fuzzer need not
 * guess lengths, offsets and a SHA-256:
 *
 *     note KEY TEXT                        a note, to the end of the line
 *     tensor NAME TYPE SIZE ... = NUMBER ...    the last number fills what is left
 *
 * Names, types and sizes go into the header as they are, right or wrong. */
#ifndef CONSORT_TESTS_FUZZ_TENSORS_INPUT_H
#define CONSORT_TESTS_FUZZ_TENSORS_INPUT_H
#include "base/file.h"
#include "tests/fuzz/fuzz.h"

/* Puts the right digest into a file that has a place for one. */
static inline void fuzz_seal(char *bytes, size_t n)
{
    static const char key[] = "\"sha256\":\"";
    char hex[65];
    for (size_t at = 0; at + sizeof key - 1 + 64 <= n; at++)
        if (memcmp(bytes + at, key, sizeof key - 1) == 0) {
            char *digits = bytes + at + sizeof key - 1;
            memset(digits, '0', 64);
            sha256_of(bytes, n, hex);
            memcpy(digits, hex, 64);
            return;
        }
}

static inline void fuzz_element(Text *data, const char *type, double x)
{
    float f = (float)x;
    int32_t i = x > -2147483648.0 && x < 2147483647.0 ? (int32_t)x : -1;
    if (strcmp(type, "F64") == 0) text_add_n(data, (const char *)&x, 8);
    else if (strcmp(type, "U8") == 0) text_add_n(data, (const char *)&i, 1);
    else if (strcmp(type, "I32") == 0) text_add_n(data, (const char *)&i, 4);
    else text_add_n(data, (const char *)&f, 4);
}

static inline void fuzz_tensor(char *line, Text *header, Text *data)
{
    enum { MOST = 1 << 16 };
    char *values = strchr(line, '='), *rest, type[8] = "";
    if (values) *values++ = '\0';
    const char *name = strtok_r(line, " ", &rest), *said = strtok_r(NULL, " ", &rest);
    snprintf(type, sizeof type, "%.7s", said ? said : "");
    size_t begin = data->n;
    double n = 1, x = 0;
    text_add(header, ",");
    text_json(header, name ? name : "");
    text_add(header, ":{\"dtype\":");
    text_json(header, type);
    text_add(header, ",\"shape\":[");
    const char *comma = "";
    for (const char *size; (size = strtok_r(NULL, " ", &rest)) != NULL; comma = ",") {
        char number[32];
        n *= strtod(size, NULL);
        text_add(header, comma);
        text_add(header, text_number(strtod(size, NULL), number));
    }
    for (size_t i = 0; i < (n >= 0 && n < MOST ? (size_t)n : 0); i++) {
        char *end = values;
        double next = values ? strtod(values, &end) : 0;
        if (end != values) x = next, values = end;
        fuzz_element(data, type, x);
    }
    text_print(header, "],\"data_offsets\":[%zu,%zu]}", begin, data->n);
}

static inline const char *fuzz_tensors(const uint8_t *bytes, size_t size, const char *format)
{
    Text header = {0}, notes = {0}, data = {0};
    FuzzBytes rest = {bytes, size};
    while (rest.n) {
        FuzzBytes line = fuzz_line(&rest);
        char *text = fuzz_string(line.at, line.n);
        if (strncmp(text, "tensor ", 7) == 0) fuzz_tensor(text + 7, &header, &data);
        if (strncmp(text, "note ", 5) == 0) {
            char *value = strchr(text + 5, ' ');
            if (value) *value++ = '\0';
            text_add(&notes, ",");
            text_json(&notes, text + 5);
            text_add(&notes, ":");
            text_json(&notes, value ? value : "");
        }
        free(text);
    }
    Text all = {0};
    text_add_n(&all, "\0\0\0\0\0\0\0\0", 8);
    text_print(&all, "{\"__metadata__\":{\"format\":\"%s\",\"sha256\":\"%064d\"", format, 0);
    text_add_n(&all, notes.bytes, notes.n);
    text_add(&all, "}");
    text_add_n(&all, header.bytes, header.n);
    text_add(&all, "}");
    while (all.n % 64) text_add(&all, " ");
    for (int i = 0; i < 8; i++) all.bytes[i] = (char)((all.n - 8) >> 8 * i & 0xFF);
    text_add_n(&all, data.bytes, data.n);
    FUZZ_HOLDS(text_ok(&all));
    fuzz_seal(all.bytes, all.n);
    const char *path = fuzz_file("input.consort", all.bytes, all.n);
    text_free(&header), text_free(&notes), text_free(&data), text_free(&all);
    return path;
}
#endif
