#include "app/commands.h"

#include <stdio.h>
#include <string.h>

#include "app/products.h"
#include "base/file.h"
#include "base/mat.h"

/* Where the files go: --out DIR/NAME or DIR/NAME.c; default: beside the model, named after it. */
static bool target_of(const Cli *cli, const char *model_path, const char **folder,
                      const char **name, Error *err)
{
    const char *out = cli_value(cli, "out");
    const char *path = out ? out : model_path;
    *folder = path_folder(cli->arena, path);
    *name = path_stem(cli->arena, path);
    if (!*folder || !*name) return error_memory(err);
    if (!**folder) *folder = ".";
    return **name || error_set(err, ERR_CONFIG, "--out %s names no file", out);
}

int cmd_export(Cli *cli)
{
    Error err;
    Model *model;
    const char *path, *folder, *name, *source, *to = cli_value(cli, "to");
    if (!to || strcmp(to, "c") != 0) {
        error_set(&err, ERR_CONFIG, to ? "--to %.40s: the one format is c, a C99 source file"
                                       : "--to is missing%.0s: --to c writes a C99 source file", to ? to : "");
        return cli_fail(&err);
    }
    mat_init();
    Table *sample = NULL;
    const char *data = cli_value(cli, "sample");
    ReadOptions read;
    if (!model_open(cli, cli->n_arguments ? cli->arguments[0] : NULL, cli->arena, &model, &path,
                    &err)
        || !target_of(cli, path, &folder, &name, &err)
        || !read_options_of(cli, cli->arena, &read, &err))
        return cli_fail(&err);
    DataFile file = {data, NULL};
    if (data && !table_open(&file, &read, &model->schema, cli->arena, &sample, &err))
        return cli_fail(&err);
    if (!product_c(model, path, name, folder, sample, cli->arena, &source, &err))
        return cli_fail(&err);
    puts(source);
    return EXIT_OK;
}
