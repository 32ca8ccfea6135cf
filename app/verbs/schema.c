/* app/verbs/schema.c - the configuration as a JSON Schema, for editors. */
#include "app/verbs/verbs.h"

#include "base/file.h"
#include "job/schema.h"

int cmd_schema(Cli *cli)
{
    Error err;
    Doc *schema;
    Text text = {0};
    const char *out = cli_value(cli, "out");
    if (!schema_make(&schema, &err)) return cli_fail(&err);
    bool ok = doc_print(schema, 1, &text);
    doc_free(schema);
    text_add(&text, "\n");
    ok = ok && text_ok(&text);
    int code = !ok && !error_memory(&err) ? cli_fail(&err)
             : !out ? cli_answer(&text)
             : file_write(out, text.bytes, text.n, &err) ? EXIT_OK : cli_fail(&err);
    if (code == EXIT_OK && out)
        cli_say(cli, "%s: `# yaml-language-server: $schema=%s` as the first line of a configuration beside it",
                out, path_base(out));
    text_free(&text);
    return code;
}
