/* app/verbs/predict_stream.c - rows as they come: the options of a stream, and what is said at its end. */
#include "app/verbs/predict_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/arguments.h"
#include "app/verbs/verbs.h"
#include "serve/stream.h"

enum { BAD_SAID = 5 };

const char *const on_error_names[] = {"stop", "skip", NULL};

typedef struct {
    const Cli *cli;
    long said;
} Bad;

/* The first of them, each; how many there were stands at the end. */
static void say_bad(void *context, const char *message)
{
    Bad *bad = context;
    if (bad->said++ < BAD_SAID) say_of_data(bad->cli, "skipped", NULL, message);
}

static bool settle(const Cli *cli, const char *path, StreamOptions *o, Error *err)
{
    const char *on_error = cli_value(cli, "on-error");
    if (on_error && names_find(on_error_names, on_error) < 0)
        return error_set(err, ERR_CONFIG, "--on-error %.40s: stop or skip", on_error);
    o->skip = on_error && strcmp(on_error, "skip") == 0;
    if (cli_value(cli, "labels"))
        return error_set(err, ERR_CONFIG, "--labels is about files of pictures; a stream has rows of columns");
    if (o->format.model->schema.height > 0)
        return error_set(err, ERR_CONFIG, "--stream is for rows of columns, and this model reads pictures;"
                         " leave --stream out");
    if (!cli_int(cli, "batch", 1, 1000000, 0, &o->batch, err)
        || !cli_int(cli, "threads", 1, 64, 0, &o->threads, err)) return false;
    if (strcmp(path, "-") == 0) {
        o->in = STDIN_FILENO;
        return true;
    }
    o->in = open(path, O_RDONLY | O_CLOEXEC);
    return o->in >= 0 || error_set(err, ERR_DATA, "%s: %s", path, strerror(errno));
}

int predict_stream(Cli *cli, const PredictFormat *format, const ReadOptions *read, const char *path)
{
    Error err;
    StreamEnd end = {0};
    Bad bad = {.cli = cli};
    StreamOptions o = {.format = *format, .read = read, .path = strcmp(path, "-") == 0 ? "standard input"
                       : path,
                       .id = cli_value(cli, "id"), .out = STDOUT_FILENO, .calm = isatty(STDOUT_FILENO),
                       .on_bad = say_bad, .context = &bad};
    if (!settle(cli, path, &o, &err)) return cli_fail(&err);
    const bool ok = stream_rows(&o, cli->arena, &end, &err);
    for (char *at = end.notes.bytes, *line_end; at && (line_end = strchr(at, '\n')); at = line_end + 1) {
        *line_end = '\0';
        say_of_data(cli, "note", o.path, at);
    }
    if (end.skipped)
        cli_say(cli, "%ld row%s could not be read and %s empty in the answer", end.skipped,
                end.skipped == 1 ? "" : "s", end.skipped == 1 ? "is" : "are");
    text_free(&end.notes);
    if (o.in != STDIN_FILENO) close(o.in);
    return ok ? EXIT_OK : cli_fail(&err);
}
