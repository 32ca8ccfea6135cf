/* app/verbs/watch.c - the status of a running study, live. */
#include "app/verbs/verbs.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "app/arguments.h"
#include "app/status.h"

/* On a terminal the status is drawn over itself once a second; elsewhere a line is printed when something
 * has changed. Either ends when nobody runs the study any more, on q, and on Ctrl-C. */

static volatile sig_atomic_t asked_to_end;

static void on_signal(int number)
{
    asked_to_end = number;
}

static bool on_terminal(void)
{
    const char *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

/* Waits a second, or until q. Keys come one by one while stdin is a terminal of ours. */
static void wait_a_second(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    struct timespec second = {1, 0};
    char key;
    if (!isatty(STDIN_FILENO)) {
        nanosleep(&second, NULL);
    } else if (poll(&in, 1, 1000) > 0 && read(STDIN_FILENO, &key, 1) == 1 && (key == 'q' || key == 'Q')) {
        asked_to_end = SIGINT;
    }
}

static bool keys_one_by_one(struct termios *before)
{
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, before) != 0) return false;
    struct termios raw = *before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

/* The text with its lines cut to the terminal, over the lines drawn last. Returns how many there are now. */
static int draw(const char *text, int drawn)
{
    struct winsize size;
    int width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80, lines = 0;
    if (drawn) printf("\033[%dA", drawn);
    printf("\033[J");
    while (*text) {
        size_t n = strcspn(text, "\n");
        int column = 0, letters = 0;
        for (size_t i = 0; i < n; i++) letters += ((unsigned char)text[i] & 0xC0) != 0x80;
        const int room = letters < width ? width : width - 1; /* the last is for the sign that there is more */
        for (size_t i = 0; i < n; i++) {
            if (((unsigned char)text[i] & 0xC0) != 0x80) column++; /* not within a character */
            if (column < room) putchar(text[i]);
        }
        puts(letters < width ? "" : "…");
        lines++;
        text += n + (text[n] == '\n');
    }
    fflush(stdout);
    return lines;
}

static void print_line(const Text *line)
{
    char clock[16];
    time_t now = time(NULL);
    struct tm tm;
    if (!gmtime_r(&now, &tm) || strftime(clock, sizeof clock, "%H:%M:%S UTC", &tm) == 0) clock[0] = '\0';
    printf("%s  %s\n", clock, line->bytes);
    fflush(stdout);
}

static bool look(Cli *cli, Arena *arena, bool terminal, char **last, int *drawn, bool *runs, Error *err)
{
    Cli here = *cli;
    OpenStudy open;
    Status status = {0};
    Text text = {0};
    here.arena = arena; /* emptied after each look */
    if (!open_study(&here, study_argument(cli), &open, err)) return false;
    bool ok = status_read(&open, &status, err);
    if (ok && terminal) ok = status_print(&open, &status, arena, &text) || error_memory(err);
    else if (ok) status_line(&status, &text);
    if (ok && !text_ok(&text)) ok = error_memory(err);
    if (ok) text_calm(text.bytes, text.n, true);
    if (ok) *runs = status.holder.alive;
    if (ok && terminal) {
        *drawn = draw(text.bytes, *drawn);
    } else if (ok && (!*last || strcmp(*last, text.bytes) != 0)) {
        print_line(&text);
        free(*last);
        *last = strdup(text.bytes);
    }
    text_free(&text);
    status_free(&status);
    study_close(&open);
    return ok;
}

int cmd_watch(Cli *cli)
{
    Error err = {0};
    struct termios before;
    struct sigaction action = {.sa_handler = on_signal};
    Arena *arena = arena_create(0);
    if (!arena) return cli_fail((error_memory(&err), &err));
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    bool terminal = on_terminal(), keys = terminal && keys_one_by_one(&before), runs = true, ok = true;
    char *last = NULL;
    int drawn = 0;
    while (ok && runs && !asked_to_end) {
        arena_reset(arena);
        ok = look(cli, arena, terminal, &last, &drawn, &runs, &err);
        if (ok && runs && !asked_to_end) wait_a_second();
        if (ferror(stdout)) break; /* main() says so */
    }
    if (keys) tcsetattr(STDIN_FILENO, TCSANOW, &before);
    free(last);
    arena_destroy(arena);
    return ok ? EXIT_OK : cli_fail(&err);
}
