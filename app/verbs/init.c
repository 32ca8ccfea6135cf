/* app/verbs/init.c - a sweep file to begin with: one of those inside the program, or made for a data file. */
#include "app/verbs/verbs.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "app/arguments.h"
#include "app/sweeping.h"
#include "base/file.h"
#include "base/names.h"
#include "data/source.h"
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

/* One inside the program, whatever lies here under its name: `consort init program.py > program.py` has made
 * that file before we look. But a folder of pictures, or what --label makes DATA, is what was meant. */
static const Builtin *inside(const Cli *cli, const char *what)
{
    bool said = cli_value(cli, "label") || cli_value(cli, "labels") || cli_value(cli, "format");
    bool data = file_is_folder(what) ? start_is_data(what, cli->arena) : said && file_exists(what);
    return data ? NULL : builtin_find(what);
}

/* It is printed as it is: what would change that must not be passed over. */
static bool takes_none(const Cli *cli, const char *what, Error *err)
{
    static const char *const own[] = {"out", "quiet", "verbose", "json"};
    for (int i = 0; i < cli->n_given; i++) {
        const char *name = cli->given[i].option->name;
        bool ours = false;
        for (size_t k = 0; k < sizeof own / sizeof *own; k++) ours = ours || strcmp(name, own[k]) == 0;
        if (!ours)
            return error_set(err, ERR_CONFIG, "--%s is for a data file; `%.60s` is printed as it is: change it"
                                              " there, or give it to `consort run FILE`", name, what);
    }
    return true;
}

/* For editors: where the schema is. Installed, it lies in ../share beside the program, else where the file
 * does. */
static void schema_line(Text *text, Arena *arena)
{
    static const char beside[] = "consort.schema.json";
    char program[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = '\0';
    const char *bin = n > 0 ? path_folder(arena, program) : NULL, *up = bin ? path_folder(arena, bin) : NULL;
    const char *installed = up ? arena_print(arena, "%s/share/consort/%s", up, beside) : NULL;
    const bool there = installed && file_exists(installed);
    text_print(text, "# yaml-language-server: $schema=%s\n", there ? installed : beside);
    if (!there)
        text_print(text, "# (an editor completes and checks with it; `consort schema --out %s` makes it)\n",
                   beside);
}

static bool begin(Cli *cli, Text *text, Error *err)
{
    const char *what = cli->n_arguments ? cli->arguments[0] : "table", *out = cli_value(cli, "out");
    const Builtin *built = inside(cli, what);
    if (built && !takes_none(cli, what, err)) return false;
    if (out && file_exists(out))
        return error_set(err, ERR_CONFIG, "%s is there already, and is not written over; give another --out",
                         out);
    if (!built || strstr(built->file, ".yaml")) schema_line(text, cli->arena);
    if (built) text_add(text, built->text);
    else if (!source_exists(what, cli->arena)) return unknown(what, err);
    else if (!of_data(cli, out, text, err)) return false;
    return (text_ok(text) || error_memory(err)) && (!out || file_write(out, text->bytes, text->n, err));
}

int cmd_init(Cli *cli)
{
    Error err;
    Text text = {0};
    const char *out = cli_value(cli, "out");
    int code = !begin(cli, &text, &err) ? cli_fail(&err) : out ? EXIT_OK : cli_answer(&text);
    if (code == EXIT_OK && out)
        cli_say(cli, "%s: `consort run %s` runs it, `consort config check %s` reads it", out,
                shell_word(cli, out), shell_word(cli, out));
    text_free(&text);
    return code;
}
