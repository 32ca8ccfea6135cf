/* app/verbs/convert.c - a file of rows in, the same rows out in another format. */
#include "app/verbs/verbs.h"

#include <string.h>

#include "app/arguments.h"
#include "base/file.h"
#include "job/convert.h"

/* --to, one of the formats; without it what the name says. */
static bool format_asked(const Cli *cli, int *format, Error *err)
{
    const char *said = cli_value(cli, "to");
    char known[200];
    *format = said ? names_find(data_format_names, said) : FORMAT_AUTO;
    return *format >= 0
        || error_set(err, ERR_CONFIG, "--to: no format `%.60s`%s", said,
                     names_suggest(said, data_format_names, names_join(data_format_names, known,
                                                                       sizeof known)).text);
}

static bool write_files(const char *to, const Text *bytes, const Text *beside, Arena *arena, Error *err)
{
    const char *labels = beside->n ? convert_beside(to, arena, err) : "";
    return labels && file_write(to, bytes->bytes ? bytes->bytes : "", bytes->n, err)
        && (!beside->n || file_write(labels, beside->bytes, beside->n, err));
}

static bool check(const DataFile *file, const char *to, int format, Error *err)
{
    const bool standard = strcmp(to, "-") == 0;
    if (standard && format == FORMAT_AUTO) return error_set(err, ERR_CONFIG,
                                                            "--to says what standard output is to be");
    return strcmp(to, file->images) != 0 || standard
        || error_set(err, ERR_CONFIG, "%.200s is the file that is read; write another", to);
}

int cmd_data_convert(Cli *cli)
{
    Error err;
    ReadOptions read;
    Table *table;
    Text bytes = {0}, beside = {0};
    int format, code = EXIT_OK;
    const DataFile file = {cli->arguments[0], cli_value(cli, "labels")};
    const char *to = cli->arguments[1];
    bool ok = read_options(cli, &read, &err) && format_asked(cli, &format, &err)
        && check(&file, to, format, &err)
           && convert_file(&file, &read, format, to, cli->arena, &table, &bytes, &beside, &err);
    if (ok) say_notes(cli, file.images, table);
    if (ok && strcmp(to, "-") != 0) ok = write_files(to, &bytes, &beside, cli->arena, &err);
    else if (ok && beside.n) ok = error_set(&err, ERR_CONFIG,
                                            "idx keeps labels in a file of its own; give a name");
    else if (ok) code = cli_answer_data(&bytes);
    text_free(&bytes);
    text_free(&beside);
    return ok ? code : cli_fail(&err);
}
