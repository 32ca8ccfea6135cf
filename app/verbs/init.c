/* app/verbs/init.c - a sweep file to begin with: one of those inside the program, or made for a data file. */
#include "app/verbs/verbs.h"

#include <string.h>

#include "app/sweeping.h"
#include "base/file.h"
#include "base/names.h"
#include "job/builtin.h"
#include "job/start.h"

static bool of_data(Cli *cli, const char *out, Text *text, Error *err)
{
    Config *config;
    const char *folder = out ? path_folder(cli->arena, out) : NULL;
    return sweeping_data(cli, &config, err) && start_print(config, folder, cli->arena, text, err);
}

/* Its name: that of a file in all likelihood, if it has a slash or a dot. */
static bool unknown(const char *what, Error *err)
{
    char known[200];
    if (strpbrk(what, "./"))
        return error_set(err, ERR_DATA, "cannot read %.200s: no such file of rows; `consort init` has %s"
                                        " without any",
                         what, names_join(builtin_names, known, sizeof known));
    return error_set(err, ERR_CONFIG, "nothing to begin with is called `%.60s`: %s, or a data file%s", what,
                     names_join(builtin_names, known, sizeof known),
                     names_suggest_as("; did you mean ", "?", what, builtin_names, "").text);
}

static bool write(Cli *cli, Text *text, Error *err)
{
    const char *what = cli->n_arguments ? cli->arguments[0] : "table", *out = cli_value(cli, "out");
    const Builtin *built = file_exists(what) ? NULL : builtin_find(what);
    if (out && file_exists(out))
        return error_set(err, ERR_CONFIG, "%s is there already, and is not written over; give another --out",
                         out);
    if (built) text_add(text, built->text);
    else if (!file_exists(what) && !file_is_folder(what)) return unknown(what, err);
    else if (!of_data(cli, out, text, err)) return false;
    return (text_ok(text) || error_memory(err)) && (!out || file_write(out, text->bytes, text->n, err));
}

int cmd_init(Cli *cli)
{
    Error err;
    Text text = {0};
    const char *out = cli_value(cli, "out");
    int code = !write(cli, &text, &err) ? cli_fail(&err) : out ? EXIT_OK : cli_answer(&text);
    if (code == EXIT_OK && out)
        cli_say(cli, "%s: `consort run %s` runs it, `consort config check %s` reads it", out,
                                        out, out);
    text_free(&text);
    return code;
}
