/* job/edited.c - the versions of a space read from the database, and laid over a configuration. */
#include "job/edited.h"

#include <string.h>

#include "base/file.h"
#include "tuner/store/store.h"

static const char stored[] = "stored configuration";

bool edited_nodes(const SpaceVersion *version, Arena *arena, const ConfNode **parameters,
                  const ConfNode **constraints, Error *err)
{
    ConfNode *node;
    if (!conf_read_value(stored, version->parameters, arena, &node, err)) return false;
    *parameters = node;
    *constraints = NULL;
    if (!version->constraints || !*version->constraints) return true;
    if (!conf_read_value(stored, version->constraints, arena, &node, err)) return false;
    *constraints = node;
    return true;
}

static bool read_versions(Store *store, const StudyInfo *study, Arena *arena, EditedSpace *out, Error *err)
{
    SpaceVersion *versions;
    Conf *conf;
    int n;
    if (!store_versions(store, study->id, arena, &versions, &n, err)) return false;
    if (n < 2) return true;
    if (!edited_nodes(&versions[0], arena, &out->first_parameters, &out->first_constraints, err)
        || !edited_nodes(&versions[n - 1], arena, &out->newest_parameters, &out->newest_constraints, err)
        || !conf_read_text(stored, study->config_yaml, strlen(study->config_yaml), arena, &conf, err))
        return false;
    out->parameters = conf_get(conf->root, "parameters");
    out->version = versions[n - 1].version;
    out->from_trial = versions[n - 1].from_trial;
    return true;
}

bool edited_read(const Place *place, Arena *arena, EditedSpace *out, Error *err)
{
    Store *store;
    StudyInfo *studies;
    Error why;
    int n;
    *out = (EditedSpace){0};
    if (!file_exists(place->db)) return true;
    if (!store_open(place->db, STORE_READ, &store, &why)) return why.code != ERR_MEMORY || error_memory(err);
    bool ok = store_studies(store, arena, &studies, &n, err);
    for (int i = 0; ok && i < n; i++)
        if (studies[i].space_version > 0 && studies[i].config_yaml && strcmp(studies[i].name, place->name) == 0)
            ok = read_versions(store, &studies[i], arena, out, err);
    store_close(store, NULL);
    return ok;
}

static const char *const told[] = {"first_parameters", "first_constraints", "newest_parameters",
                                   "newest_constraints", "parameters"};
enum { N_TOLD = sizeof told / sizeof *told };

bool edited_tell(const EditedSpace *edited, Doc *out)
{
    const ConfNode *nodes[N_TOLD] = {edited->first_parameters, edited->first_constraints,
                                     edited->newest_parameters, edited->newest_constraints, edited->parameters};
    bool ok = true;
    doc_set_number(out, "version", edited->version);
    doc_set_number(out, "from_trial", edited->from_trial);
    for (int i = 0; i < N_TOLD; i++) {
        Text text = {0};
        if (!nodes[i]) continue;
        conf_print_line(nodes[i], &text);
        ok = ok && text_ok(&text);
        if (ok) doc_set_text(out, told[i], text.bytes);
        text_free(&text);
    }
    return ok;
}

bool edited_hear(const Doc *said, Arena *arena, EditedSpace *out, Error *err)
{
    const ConfNode **nodes[N_TOLD] = {&out->first_parameters, &out->first_constraints, &out->newest_parameters,
                                      &out->newest_constraints, &out->parameters};
    *out = (EditedSpace){.version = (int)doc_to_number(doc_get(said, "version"), 0),
                         .from_trial = (int)doc_to_number(doc_get(said, "from_trial"), 0)};
    for (int i = 0; i < N_TOLD; i++) {
        const char *text = doc_to_text(doc_get(said, told[i]), NULL);
        ConfNode *node = NULL;
        if (text && !conf_read_value(stored, text, arena, &node, err)) return false;
        *nodes[i] = node;
    }
    return true;
}

/* Is it one with which the study began, or goes on, or what a reader of the database has of it? */
static bool is_one_of(const Config *config, const EditedSpace *e, Arena *arena, bool *is, Error *err)
{
    return config_has_space(config, e->first_parameters, e->first_constraints, arena, is, err)
        && (*is || config_has_space(config, e->newest_parameters, e->newest_constraints, arena, is, err))
        && (*is || config_has_space(config, e->parameters, e->newest_constraints, arena, is, err));
}

static bool settle_with(Config *config, const ConfNode *parameters, const ConfNode *constraints, Arena *arena,
                        Error *err)
{
    const int n_notices = config->n_notices;
    config->parameters = parameters;
    config->constraints = constraints;
    const bool ok = config_settle(config, arena, err);
    config->n_notices = n_notices;
    return ok;
}

static bool keep_begun(Config *config, Arena *arena, Error *err)
{
    BegunSpace *begun = ARENA_NEW(arena, BegunSpace, 1);
    if (!begun) return error_memory(err);
    *begun = (BegunSpace){config->parameters, config->constraints, config->space, config->n_enqueued,
                          config->enqueued};
    config->begun = begun;
    return true;
}

/* What runs first is what ran first: of a parameter that is new it has what trials had before. */
static bool enqueue_begun(Config *config, const char **sources, Arena *arena, Error *err)
{
    const BegunSpace *begun = config->begun;
    const Space *space = config->space;
    config->n_enqueued = begun->n_enqueued;
    config->enqueued_source = sources;
    config->enqueued = ARENA_NEW(arena, const Value *, begun->n_enqueued + 1);
    if (!config->enqueued) return error_memory(err);
    for (int k = 0; k < begun->n_enqueued; k++) {
        Value *values = ARENA_NEW(arena, Value, space->n_params + 1);
        if (!values) return error_memory(err);
        for (int i = 0; i < space->n_params; i++) {
            const int at = space_find(begun->space, space->params[i].name);
            values[i] = at < 0 ? value_none() : begun->enqueued[k][at];
        }
        config->enqueued[k] = values;
    }
    return true;
}

bool edited_take(Config *config, const EditedSpace *edited, Arena *arena, Error *err)
{
    bool known = config->begun != NULL;
    if (edited->version == 0) return true;
    if (!known && !is_one_of(config, edited, arena, &known, err)) return false;
    if (!known) return true;
    const char **sources = config->enqueued_source;
    if (!config->begun) {
        if (!settle_with(config, edited->first_parameters, edited->first_constraints, arena, err)
            || !keep_begun(config, arena, err))
            return false;
        sources = config->enqueued_source;
    }
    if (!settle_with(config, edited->parameters, edited->newest_constraints, arena, err)) return false;
    config->space_version = edited->version;
    return enqueue_begun(config, sources, arena, err);
}
