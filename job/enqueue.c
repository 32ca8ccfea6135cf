/* job/enqueue.c - reads wishes, checks them against the space, and queues them: by the process that runs
 * the study, or in its database. */
#include "job/enqueue.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "job/part.h"
#include "tuner/store/curate.h"
#include "tuner/study/request.h"

/* ---- reading ----------------------------------------------------------------------------------- */

/* KEY=VALUE ... as one map. The node says where it stands: on the command line. */
bool wishes_of_pairs(const char *const *pairs, int n, Arena *arena, const ConfNode **out, Error *err)
{
    Text text = {0};
    ConfNode *node = NULL;
    text_add(&text, "{");
    for (int i = 0; i < n; i++) {
        const char *equals = strchr(pairs[i], '=');
        if (!equals || equals == pairs[i]) {
            text_free(&text);
            return error_set(err, ERR_CONFIG, "`%.60s`: no such file, and not KEY=VALUE", pairs[i]);
        }
        text_print(&text, "%s%.*s: %s", i > 0 ? ", " : "", (int)(equals - pairs[i]),
                   pairs[i], equals + 1);
    }
    text_add(&text, "}");
    bool ok = text_ok(&text) ? conf_read_value("command line", text.bytes, arena, &node, err)
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
bool wishes_of_file(const char *path, Arena *arena, const ConfNode **out, Error *err)
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

/* ---- queueing ---------------------------------------------------------------------------------- */

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
    *row = (TrialRow){.state = TRIAL_QUEUED, .source = trial_source_names[SOURCE_USER],
                       .params_hash = hash, .seed = open->study.seed,
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

static bool read_rows(const OpenStudy *open, const Config *config, const ConfNode *wishes, TrialRow **rows,
                      int *n, Error *err)
{
    bool list = wishes->kind == CONF_LIST;
    *rows = ARENA_NEW(open->arena, TrialRow, (list ? wishes->n : 1) + 1);
    *n = 0;
    if (!*rows) return error_memory(err);
    if (!list) return add_row(open, config, wishes, &(*rows)[(*n)++], err);
    for (const ConfNode *item = wishes->first; item; item = item->next)
        if (!add_row(open, config, item, &(*rows)[(*n)++], err)) return false;
    return true;
}

static bool write_rows(OpenStudy *open, TrialRow *rows, int n, int *n_added, Error *err)
{
    bool ok = study_open_writer(open, err)
           && curate_add(open->store, open->study.id, rows, NULL, 0, n, n_added, err);
    return study_close_writer(open, ok, err);
}

bool enqueue_wishes(OpenStudy *open, const ConfNode *wishes, Enqueued *out, Error *err)
{
    Config *config;
    TrialRow *rows;
    int n;
    *out = (Enqueued){0};
    bool ok = study_config(open, &config, err) && part_refuse(config, "nothing is queued in", err)
           && read_rows(open, config, wishes, &rows, &n, err);
    study_close(open);
    if (!ok || !ask_host(open, rows, n, &out->n_added, &out->running, err)
        || (!out->running && !write_rows(open, rows, n, &out->n_added, err)))
        return false;
    out->number = ARENA_NEW(open->arena, int, out->n_added + 1);
    if (!out->number) return error_memory(err);
    for (int i = 0; i < n; i++)
        if (rows[i].id) out->number[out->n++] = rows[i].number;
    out->n = n;
    return true;
}
