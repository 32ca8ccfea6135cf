#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export/c_text.h"

/* The pieces of plan/runtime/ as they stand in an exported file. */

#define WARNINGS "-Wall -Wextra -Wpedantic -Wconversion -Wno-unused-function -Werror"

static void after_what_it_includes_and_once(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    CExport e = {.arena = arena, .name = "it", .capitals = "IT"};
    c_piece(&e, "cool");
    c_piece(&e, "calibrate");
    const char *text = e.pieces.bytes, *softmax = strstr(text, "static void it_softmax(int n,"),
               *cool = strstr(text, "static void it_cool(");
    assert_true(text_ok(&e.pieces));
    assert_non_null(softmax);
    assert_non_null(cool);
    assert_true(softmax < cool);
    assert_null(strstr(softmax + 1, "static void it_softmax("));
    assert_non_null(strstr(cool, "it_softmax(n, p, p);"));
    assert_null(strstr(text, "inline"));
    assert_null(strstr(text, "#"));
    assert_null(strstr(text, "rt_"));
    text_free(&e.pieces);
    arena_destroy(arena);
}

static void a_call_brings_its_piece(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Text out = {0};
    CExport e = {.arena = arena, .name = "it", .capitals = "IT", .out = &out};
    c_call(&e, "relu", "%d, s + %d", 7, 12);
    c_call(&e, "relu", "3, s");
    assert_string_equal(out.bytes, "    it_relu(7, s + 12);\n    it_relu(3, s);\n");
    assert_string_equal(e.pieces.bytes, "\nstatic void it_relu(int n, float *z)\n{\n    int i;\n"
                        "    for (i = 0; i < n; i++) z[i] = z[i] < 0 ? 0.0f : z[i];\n}\n");
    text_free(&e.pieces);
    text_free(&out);
    arena_destroy(arena);
}

/* Together, as C99 and as C++, by each compiler that is here. */
static void all_compile(void **state)
{
    (void)state;
    static const char *const compilers[] = {"cc -std=c99", "g++ -x c++", "clang -std=c99", "clang++ -x c++"};
    char path[] = "/tmp/consort-pieces-XXXXXX", command[300];
    Arena *arena = arena_create(0);
    CExport e = {.arena = arena, .name = "it", .capitals = "IT"};
    for (int i = 0; runtime_pieces[i].name; i++) {
        assert_int_equal(runtime_find(runtime_pieces[i].name, (int)strlen(runtime_pieces[i].name)), i);
        c_piece(&e, runtime_pieces[i].name);
    }
    assert_true(text_ok(&e.pieces));
    assert_int_equal(runtime_find("relue", 5), -1);
    int file = mkstemp(path);
    assert_true(file >= 0);
    FILE *out = fdopen(file, "w");
    fprintf(out, "#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <string.h>\n%s"
            "extern int it_last;\nint it_last = 1;\n", e.pieces.bytes);
    fclose(out);
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
        snprintf(command, sizeof command, "%.*s --version > /dev/null 2>&1", (int)strcspn(compilers[i], " "),
                 compilers[i]);
        if (system(command) != 0) {
            print_message("skipped: no %s here\n", compilers[i]);
            continue;
        }
        snprintf(command, sizeof command, "%s %s -O2 -c -o /dev/null %s%s", compilers[i], WARNINGS,
                 strstr(compilers[i], "-x") ? "" : "-x c ", path);
        assert_int_equal(system(command), 0);
    }
    unlink(path);
    text_free(&e.pieces);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_what_it_includes_and_once),
        cmocka_unit_test(a_call_brings_its_piece),
        cmocka_unit_test(all_compile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
