/* The end of what a program wrote: always its last bytes, however they came, and a last line fit to be shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tuner/trial/tail.h"

enum { MOST = 16 };

static void keeps_the_last_bytes(void **state)
{
    (void)state;
    char whole[500];
    for (size_t i = 0; i < sizeof whole; i++) whole[i] = (char)('a' + i % 26);
    for (size_t piece = 1; piece <= 40; piece++) {
        char bytes[2 * MOST];
        Tail tail = {.bytes = bytes, .most = MOST};
        for (size_t at = 0; at < sizeof whole; at += piece) {
            size_t n = sizeof whole - at < piece ? sizeof whole - at : piece, end = at + n;
            size_t kept = end < MOST ? end : MOST;
            Text text = {0}, expected = {0};
            tail_add(&tail, whole + at, n);
            tail_text(&tail, &text);
            if (end > MOST) text_print(&expected, "[the first %zu bytes are left out]\n", end - MOST);
            text_add_n(&expected, whole + end - kept, kept);
            assert_string_equal(text.bytes, expected.bytes);
            text_free(&text);
            text_free(&expected);
        }
    }
}

static void shows_the_last_line(void **state)
{
    (void)state;
    static const struct {
        const char *written, *line;
        size_t size;
    } cases[] = {
        {"", "", 64},
        {" \n\n", "", 64},
        {"one line", "one line", 64},
        {"first\nlast\n\n", "last", 64},
        {"first\n  last \t\r\n", "last", 64},
        {"a\tb\x1b[0m\n", "a b", 64},
        {"\x1b[1;31mError:\x1b[0m it \x1b[4mbroke\x1b[24m", "Error: it broke", 64},
        {"\x1b]0;a title\x07\x1b]8;;http://x\x1b\\a link\x1b]8;;\x1b\\", "a link", 64},
        {"cut \x1b[3", "cut", 64},
        {"cut \x1b", "cut", 64},
        {"\x1b(Bplain\x1b=", "plain", 64},
        {"boom\r\x1b[K\x1b[0m\n", "boom", 64},
        {" 10%\r 50%\r100% done\r\n", "100% done", 64},
        {"boom\n\x1b[2K\r 50%", "50%", 64},
        {"much too long\n", "much", 5},
        {"gr\xc3\xbc\xc3\x9f" "e\n", "gr\xc3\xbc\xc3\x9f" "e", 64},
        {"gr\xc3\xbc\xc3\x9f" "e\n", "gr", 4},  /* half a letter is none */
        {"no \xff text\n", "no ? text", 64},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[128], line[64];
        Tail tail = {.bytes = bytes, .most = sizeof bytes / 2};
        tail_add(&tail, cases[i].written, strlen(cases[i].written));
        tail_last_line(&tail, line, cases[i].size);
        assert_string_equal(line, cases[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_last_bytes),
        cmocka_unit_test(shows_the_last_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
