/* app/width.c - asks how wide the terminal is, and folds lines to a width. */
#include "app/width.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int width_of(int fd, int otherwise)
{
    const char *text = getenv("COLUMNS");
    int n = text ? atoi(text) : 0;
    struct winsize size;
    if (n <= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0) n = size.ws_col;
    return n > 20 && n < 100000 ? n : otherwise;
}

int width_of_help(void)
{
    enum { LEAST = 60, MOST = 100 };
    int n = width_of(STDOUT_FILENO, 80);
    return n < LEAST ? LEAST : n > MOST && !getenv("COLUMNS") ? MOST : n;
}

/* Where the lines below a line of n bytes begin. */
static size_t hang(const char *line, size_t n)
{
    enum { MOST = 40 };
    size_t first = 0, at;
    while (first < n && line[first] == ' ') first++;
    for (at = first; at + 2 < n && at < MOST; at++)
        if (line[at] == ' ' && line[at + 1] == ' ') {
            while (at < n && line[at] == ' ') at++;
            return at < MOST ? at : first;
        }
    return first;
}

/* Of a word too long for its line, "none|hyperband|median|...", how far it goes: behind the last bar that fits.
 * */
static size_t last_bar(const char *line, size_t from, size_t to, size_t room)
{
    size_t end = to;
    for (size_t i = from; i < to && i - from < room; i++)
        if (line[i] == '|' && i + 1 < to) end = i + 1;
    return end;
}

static void fold_line(const char *line, size_t n, int width, Text *out)
{
    const size_t indent = hang(line, n);
    size_t at = 0, column = 0;
    while (at < n) {
        size_t blanks = 0, word;
        while (at + blanks < n && line[at + blanks] == ' ') blanks++;
        for (word = at + blanks; word < n && line[word] != ' ';) word++;
        size_t letters = 0;
        for (size_t i = at + blanks; i < word; i++) letters += ((unsigned char)line[i] & 0xC0) != 0x80;
        if (column > indent && column + blanks + letters > (size_t)width && letters > 0) {
            text_print(out, "\n%*s", (int)indent, "");
            column = indent;
        } else {
            text_add_n(out, line + at, blanks);
            column += blanks;
        }
        size_t end = column + letters > (size_t)width ? last_bar(line, at + blanks, word,
                                                                 (size_t)width - column) : word;
        text_add_n(out, line + at + blanks, end - at - blanks);
        for (size_t i = at + blanks; i < end; i++) column += ((unsigned char)line[i] & 0xC0) != 0x80;
        at = end;
    }
    text_add(out, "\n");
}

void width_fold(const char *text, int width, Text *out)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        fold_line(text, n, width, out);
        text += n + (text[n] == '\n');
    }
}
