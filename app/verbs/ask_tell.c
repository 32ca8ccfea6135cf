/* app/verbs/ask_tell.c - the search alone: one JSON object a line on standard input, one in answer on
 * standard output (job/ask_session.h). */
#include "app/verbs/verbs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "job/ask_session.h"

enum { LINE_MOST = 1 << 20 };

static bool print_answer(const Doc *answer, Text *text, Error *err)
{
    text->n = 0;
    doc_print(answer, 0, text);
    text_add(text, "\n");
    if (!text_ok(text)) return error_memory(err);
    if (fwrite(text->bytes, 1, text->n, stdout) != text->n || fflush(stdout) != 0)
        return error_set(err, ERR_IO, "standard output: %s", strerror(errno));
    return true;
}

/* The next line into `buffer` (LINE_MOST): its length, or -1 at the end. Of a longer line the rest is
 * passed over, and *cut is true. */
static long read_line(char *buffer, bool *cut)
{
    long n = 0;
    int c;
    *cut = false;
    while ((c = getc(stdin)) != EOF && c != '\n') {
        if (n < LINE_MOST) buffer[n++] = (char)c;
        else *cut = true;
    }
    return c == EOF && n == 0 ? -1 : n;
}

static bool blank(const char *line, long n)
{
    for (long i = 0; i < n; i++)
        if (!strchr(" \t\r", line[i]) || !line[i]) return false;
    return true;
}

static bool converse(AskSession *session, char *buffer, Error *err)
{
    Text text = {0};
    bool ok = true, more = true, cut;
    for (long n; ok && more && (n = read_line(buffer, &cut)) >= 0;) {
        if (blank(buffer, n)) continue;
        Doc *answer = doc_object();
        if (cut) doc_set_text(answer, "error", "a line of more than 1 MiB");
        else more = ask_session_answer(session, buffer, (size_t)n, answer);
        if (more) ok = print_answer(answer, &text, err);
        doc_free(answer);
    }
    text_free(&text);
    return ok;
}

int cmd_ask_tell(Cli *cli)
{
    Error err = {0};
    AskSession *session = NULL;
    AskOptions options = {.file = cli->arguments[0], .method = cli_value(cli, "method"),
                          .explain = cli->verbose > 0};
    if (!cli_int(cli, "seed", 0, 2147483647, -1, &options.seed, &err)
        || !ask_session_create(&options, cli->arena, &session, &err))
        return cli_fail(&err);
    signal(SIGPIPE, SIG_IGN); /* whoever asked is gone: an error, not a signal */
    char *buffer = ARENA_NEW(cli->arena, char, LINE_MOST + 1);
    bool ok = buffer ? converse(session, buffer, &err) : error_memory(&err);
    ask_session_destroy(session);
    return ok ? EXIT_OK : cli_fail(&err);
}
