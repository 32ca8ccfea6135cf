#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/curating.h"
#include "base/file.h"
#include "tuner/study/request.h"

/* KEY=VALUE ... as one map. The node says where it stands: on the command line. */
static bool read_pairs(const Cli *cli, int first, const ConfNode **out, Error *err)
{
    Text text = {0};
    ConfNode *node = NULL;
    text_add(&text, "{");
    for (int i = first; i < cli->n_arguments; i++) {
        const char *equals = strchr(cli->arguments[i], '=');
        if (!equals || equals == cli->arguments[i]) {
            text_free(&text);
            return error_set(err, ERR_CONFIG, "`%.60s`: no such file, and not KEY=VALUE", cli->arguments[i]);
        }
        text_print(&text, "%s%.*s: %s", i > first ? ", " : "", (int)(equals - cli->arguments[i]),
                   cli->arguments[i],
                   equals + 1);
    }
    text_add(&text, "}");
    bool ok = text_ok(&text) ? conf_read_value("command line", text.bytes, cli->arena, &node, err)
                             : error_memory(err);
    text_free(&text);
    *out = node;
    return ok;
}

static void up_one_line(ConfNode *node)
{
    for (ConfNode *child = node->first; child; child = child->next) up_one_line(child);
    if (node->line > 0) node->line--;
    if (node->key_line > 0) node->key_line--;
}

/* A file of one configuration, of a list of them, or with a list under `enqueue`, as a sweep has it. Our
 * reader wants a map: a list is put under that key. */
static bool read_file(const char *path, Arena *arena, const ConfNode **out, Error *err)
{
    Bytes bytes;
    Conf *conf;
    Text text = {0};
    if (!file_read(path, 16 << 20, &bytes, err)) {
        if (err->code == ERR_IO) err->code = ERR_CONFIG; /* a mistyped path */
        return false;
    }
    const char *at = bytes.bytes;
    while (*at == '#' || strchr(" \t\r\n", *at) ? *at != '\0' : false)
        at += *at == '#' ? strcspn(at, "\n") : 1;
    bool list = *at == '-' && strncmp(at, "---", 3) != 0;
    size_t before = *at == '[' ? (size_t)(at - bytes.bytes) : 0;
    if (list) text_add(&text, "enqueue:\n");
    text_add_n(&text, bytes.bytes, before);
    if (*at == '[') text_add(&text, "enqueue: ");
    text_add_n(&text, bytes.bytes + before, bytes.n - before);
    bytes_free(&bytes);
    bool ok = (text_ok(&text) || error_memory(err)) && conf_read_text(path, text.bytes, text.n, arena,
                                                                      &conf, err);
    text_free(&text);
    if (!ok) return false;
    if (list) up_one_line(conf->root);
    const ConfNode *under = conf_get(conf->root, "enqueue");
    *out = under ? under : conf->root;
    return true;
}

static bool add_row(const OpenStudy *open, const Config *config, const ConfNode *item, TrialRow *row,
                    Error *err)
{
    Arena *arena = open->arena;
    Value *values = ARENA_NEW(arena, Value, config->space->n_params + 1);
    char *hash = ARENA_NEW(arena, char, 65);
    Text json = {0};
    if (!values || !hash) return error_memory(err);
    if (!config_wish(config, item, arena, values, err)) return false;
    space_hash(config->space, values, hash);
    *row = (TrialRow){.state = TRIAL_QUEUED, .source = "user", .params_hash = hash, .seed = open->study.seed,
                      .trace = "{\"kind\":\"user\"}", .value = NAN, .value_sd = NAN};
    if (space_json(config->space, values, &json)) row->params = arena_copy(arena, json.bytes);
    text_free(&json);
    return row->params || error_memory(err);
}

/* Asks the process that runs the study; `*there` is false where nobody does. */
static bool ask_host(const OpenStudy *open, TrialRow *rows, int n, int *n_added, bool *there, Error *err)
{
    Doc *question = doc_object(), *list = doc_set(question, "enqueue", doc_array()), *answer = NULL;
    const char *identity = study_identity(&open->study, open->arena);
    bool ok = identity || error_memory(err);
    for (int i = 0; ok && i < n; i++) {
        Doc *params = doc_parse(rows[i].params, strlen(rows[i].params), err);
        ok = params && doc_add(list, params);
    }
    ok = ok && study_ask(open->place.folder, identity, question, open->arena, &answer, err);
    *there = answer != NULL;
    for (int i = 0; answer && i < n; i++) {
        rows[i].number = (int)doc_to_number(doc_at(doc_get(answer, "numbers"), (size_t)i), -1);
        rows[i].id = rows[i].number >= 0;
        *n_added += rows[i].number >= 0;
    }
    doc_free(question);
    doc_free(answer);
    return ok;
}

static int answer(Cli *cli, const OpenStudy *open, const TrialRow *rows, int n, int n_added, bool runs)
{
    Text text = {0};
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "study", open->study.name);
    Doc *trials = doc_set(doc, "trials", doc_array());
    for (int i = 0; i < n; i++)
        if (rows[i].id) doc_add(trials, doc_number(rows[i].number));
    doc_set_number(doc, "there_already", n - n_added);
    if (cli->json) {
        doc_print(doc, 1, &text);
        text_add(&text, "\n");
    } else if (n_added > 0) {
        int first = 0;
        while (!rows[first].id) first++;
        text_print(&text, "%d queued, from trial %d on\n", n_added, rows[first].number);
    } else {
        text_add(&text, "0 queued\n");
    }
    doc_free(doc);
    if (n > n_added)
        cli_say(cli, "%d %s in the study already, and nothing is trained twice", n - n_added,
                n - n_added == 1 ? "is" : "are");
    if (n_added > 0) cli_say(cli, runs ? "the sweep that is running trains them next"
                                       : "`consort sweep` with the study's configuration runs them first");
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

/* [STUDY] FILE, or [STUDY] KEY=VALUE... */
int cmd_enqueue(Cli *cli)
{
    Error err;
    OpenStudy open = {0};
    Config *config;
    const ConfNode *root = NULL;
    int n = 0, n_added = 0;
    bool one = cli->n_arguments == 1, pairs = strchr(cli->arguments[cli->n_arguments - 1], '=') != NULL;
    bool named = pairs ? strchr(cli->arguments[0], '=') == NULL : !one;
    int first = named ? 1 : 0;
    bool ok = true;
    if (!pairs && cli->n_arguments - first > 1)
        ok = error_set(&err, ERR_CONFIG, "one file at a time; usage: consort enqueue %s", cli->verb->arguments);
    ok = ok && study_open(cli, named ? cli->arguments[0] : NULL, &open, &err)
      && study_config(&open, &config, &err);
    study_close(&open);
    if (ok && pairs) {
        ok = read_pairs(cli, first, &root, &err);
    } else if (ok) {
        ok = read_file(cli->arguments[first], cli->arena, &root, &err);
    }
    int most = ok && root->kind == CONF_LIST ? root->n : 1;
    TrialRow *rows = ARENA_NEW(cli->arena, TrialRow, most + 1);
    if (ok && !rows) ok = error_memory(&err);
    if (ok && root->kind == CONF_LIST)
        for (const ConfNode *item = root->first; ok && item; item = item->next)
            ok = add_row(&open, config, item, &rows[n++], &err);
    else if (ok)
        ok = add_row(&open, config, root, &rows[n++], &err);
    bool runs = false;
    if (!ok || !ask_host(&open, rows, n, &n_added, &runs, &err)) return cli_fail(&err);
    if (!runs)
        ok = store_open(open.place.db, STORE_WRITE, &open.store, &err)
          && curate_add(open.store, open.study.id, rows, n, &n_added, &err);
    return curating_close(&open, ok, &err) ? answer(cli, &open, rows, n, n_added, runs) : cli_fail(&err);
}
