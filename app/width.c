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

int width_of_text(const char *text)
{
    int n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
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
        text_add_n(out, line + at + blanks, word - at - blanks);
        column += letters;
        at = word;
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
