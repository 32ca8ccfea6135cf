/* job/edit.c - a new version of a study's space: read, held against the old one, written by whoever may. */
#include "job/edit.h"

#include <string.h>

#include "base/file.h"
#include "base/names.h"
#include "job/config_tables.h"
#include "job/edited.h"
#include "job/kind.h"
#include "job/part.h"
#include "tuner/search/space_edit.h"
#include "tuner/study/reported.h"
#include "tuner/study/request.h"

static const char *const edit_keys[] = {"parameters", "constraints", NULL};

/* What an edit begins from, and what it comes to. */
typedef struct {
    OpenStudy *open;
    Config *config;                                /* the study's, as it is stored */
    const ConfNode *parameters, *constraints;      /* of the newest version */
    const ConfNode *new_parameters, *new_constraints;
    Space *space;                                  /* of these */
    int version;                                   /* that it makes */
    Config edited;                                 /* all versions together */
    SpaceEdited row;
} Edit;

/* ---- what there is ----------------------------------------------------------------------------- */

static bool may_be_edited(const Config *config, Error *err)
{
    if (!part_refuse(config, "the space is not edited of", err)) return false;
    if (config->sampler->needs_grid)
        return error_set(err, ERR_CONFIG, "a grid is its space, and cannot be edited; begin another study"
                         " (--fresh), and take its trials along with `consort import`");
    return (config->parameters && config->parameters->kind == CONF_MAP)
        || error_set(err, ERR_CONFIG, "this study has no search space to edit");
}

static bool read_newest(Edit *edit, Error *err)
{
    SpaceVersion *versions;
    int n;
    OpenStudy *open = edit->open;
    if (!store_versions(open->store, open->study.id, open->arena, &versions, &n, err)) return false;
    edit->parameters = edit->config->parameters;
    edit->constraints = edit->config->constraints;
    edit->version = (n > 0 ? versions[n - 1].version : 1) + 1;
    return n == 0 || edited_nodes(&versions[n - 1], open->arena, &edit->parameters, &edit->constraints, err);
}

/* ---- what is asked for ------------------------------------------------------------------------- */

static const char *line_of(const ConfNode *node, Arena *arena)
{
    Text text = {0};
    if (node && node->kind != CONF_NULL) conf_print_line(node, &text);
    const char *line = text_ok(&text) ? arena_copy(arena, text.bytes ? text.bytes : "") : NULL;
    text_free(&text);
    return line;
}

/* "a, b, c" */
static void names_of(const ConfNode *map, char *out, size_t size)
{
    const char *names[SPACE_MAX_PARAMS + 1];
    int n = 0;
    for (const ConfNode *node = map->first; node && n < SPACE_MAX_PARAMS; node = node->next)
        names[n++] = node->key;
    names[n] = NULL;
    names_join(names, out, size);
}

/* --set goes into a parameter by where it stands in the file. What would be made up on the way there is a
 * typing error, mostly. */
static bool check_path(const ConfNode *parameters, const char *set, Error *err)
{
    static const char start[] = "parameters.";
    char names[160];
    const int n = (int)strcspn(set, "=");
    const char *at = set + strlen(start);
    if (strncmp(set, start, strlen(start)) != 0) return true;
    for (const ConfNode *group = parameters; group && group->kind == CONF_MAP;) {
        const size_t length = strcspn(at, ".=");
        const ConfNode *child = group->first;
        while (child && (strncmp(child->key, at, length) != 0 || child->key[length])) child = child->next;
        if (at[length] != '.') return true; /* a parameter as a whole */
        if (!child) {
            names_of(group, names, sizeof names);
            return error_set(err, ERR_CONFIG, "--set %.*s: there is no parameter `%.*s` here, but %s; a"
                             " new one is set as a whole, %.*s={...}", n, set, (int)length, at, names,
                             (int)(at - set) + (int)length, set);
        }
        group = conf_get(child, "parameters");
        at += length + 1;
        if (!group) return true; /* into a parameter */
        if (strncmp(at, start, strlen(start)) != 0)
            return at[strcspn(at, ".=")] != '.'
                || error_set(err, ERR_CONFIG, "--set %.*s: `%s` is a group; what is in it is set by"
                             " %.*sparameters.%.*s", n, set, child->key, (int)(at - set), set,
                             n - (int)(at - set), at);
        at += strlen(start);
    }
    return true;
}

/* The newest version with assignments on top. */
static bool read_sets(Edit *edit, const EditAsked *asked, Error *err)
{
    Conf *conf;
    Arena *arena = edit->open->arena;
    const char *parameters = line_of(edit->parameters, arena), *constraints = line_of(edit->constraints, arena);
    const char *text = parameters && constraints
                     ? arena_print(arena, "parameters: %s\nconstraints: %s\n", parameters,
                                   *constraints ? constraints : "null") : NULL;
    if (!text) return error_memory(err);
    if (!conf_read_text("the study's space", text, strlen(text), arena, &conf, err)) return false;
    for (int i = 0; i < asked->n_sets; i++)
        if (!check_path(conf_get(conf->root, "parameters"), asked->sets[i], err)
            || !conf_set_at(conf, asked->sets[i], NULL, err))
            return false;
    edit->new_parameters = conf_get(conf->root, "parameters");
    edit->new_constraints = conf_get(conf->root, "constraints");
    return conf_only_keys(conf->root, "in an edit", edit_keys, err);
}

/* A whole configuration: nothing else of it may be another one. */
static bool check_rest(const Edit *edit, const char *file, Error *err)
{
    Config *whole, rest;
    char difference[240];
    bool same;
    const Config *ours = edit->config;
    if (!config_read(file, NULL, 0, edit->open->arena, &whole, err)) return false;
    if (whole->numbers) return true; /* what is laid over it, only its rows tell */
    rest = *whole;
    rest.parameters = ours->parameters;
    rest.constraints = ours->constraints;
    rest.space = ours->space;
    rest.enqueued = ours->enqueued;
    rest.enqueued_source = ours->enqueued_source;
    rest.n_enqueued = ours->n_enqueued;
    rest.enqueue = ours->enqueue;
    if (rest.lookback_auto) rest.run.lookback = ours->run.lookback;
    if (!config_same_study(&rest, ours, &same, difference, err)) return false;
    return same || error_set(err, ERR_CONFIG, "%.200s: an edit changes `parameters` and `constraints`, nothing"
                             " else; it differs in %s", file, difference);
}

static bool read_file(Edit *edit, const char *file, Error *err)
{
    Conf *conf;
    Arena *arena = edit->open->arena;
    if (!conf_read_file(file, arena, &conf, err)) {
        if (err->code == ERR_IO) err->code = ERR_CONFIG; /* a mistyped path */
        return false;
    }
    edit->new_parameters = conf_get(conf->root, "parameters");
    edit->new_constraints = conf_get(conf->root, "constraints");
    bool alone = true;
    for (const ConfNode *node = conf->root->first; node; node = node->next)
        alone = alone && names_find(edit_keys, node->key) >= 0;
    if (alone && !edit->new_constraints) edit->new_constraints = edit->constraints;
    return alone || check_rest(edit, file, err);
}

/* ---- what it comes to -------------------------------------------------------------------------- */

static const ConfNode *node_of(const Space *space, const char *name)
{
    const int i = space_find(space, name);
    return i < 0 ? NULL : space->params[i].node;
}

static void say_change(const char *name, const char *before, const char *after, Text *out)
{
    if (strcmp(before, after) == 0) return;
    if (!*before) text_print(out, "%s: new, %s\n", name, after);
    else text_print(out, "%s: %s -> %s\n", name, before, *after ? after : "none");
}

static bool say_changes(Edit *edit, const char **out, Error *err)
{
    Text text = {0};
    Space *space = NULL;
    Arena *arena = edit->open->arena;
    const char *before = line_of(edit->constraints, arena), *after = line_of(edit->new_constraints, arena);
    bool ok = space_read(edit->parameters, NULL, NULL, arena, &space, err);
    for (int i = 0; ok && i < edit->space->n_params; i++) {
        const char *name = edit->space->params[i].name;
        const char *was = line_of(node_of(space, name), arena);
        const char *now = line_of(edit->space->params[i].node, arena);
        ok = (was && now) || error_memory(err);
        if (ok) say_change(name, was, now, &text);
    }
    if (ok && before && after) say_change("constraints", before, after, &text);
    ok = ok && ((before && after && text_ok(&text)) || error_memory(err));
    if (ok && text.n == 0)
        ok = error_set(err, ERR_CONFIG, "nothing changes: this is the search space of now; `consort edit STUDY"
                       " --set parameters.NAME.max=VALUE` widens a range");
    if (ok) ok = (*out = arena_copy_n(arena, text.bytes, text.n - 1)) != NULL || error_memory(err);
    text_free(&text);
    return ok;
}

/* What trials had of parameters that are new, where the configuration says it. */
static Value *known_before(const Edit *edit)
{
    const Config *config = edit->config;
    Value *before = ARENA_NEW(edit->open->arena, Value, edit->space->n_params + 1);
    for (int i = 0; before && i < edit->space->n_params; i++)
        if (!config->kind->trains
            || !settings_get(config_settings_of(config, NULL), edit->space->params[i].name, edit->open->arena,
                             &before[i]))
            before[i] = value_none();
    return before;
}

/* All versions together, checked as a configuration is. */
static bool unite(Edit *edit, Error *err)
{
    Arena *arena = edit->open->arena;
    ConfNode *parameters;
    const Config *config = edit->config;
    const Value *before = known_before(edit);
    if (!before) return error_memory(err);
    const SpaceEdit spaces = {config->space, edit->space, edit->new_parameters, before};
    if (!space_unite(&spaces, arena, &parameters, err)) return false;
    edit->edited = *config;
    edit->edited.parameters = parameters;
    edit->edited.constraints = edit->new_constraints;
    if (!config_settle(&edit->edited, arena, err)) return false;
    if (edit->edited.full_epochs == config->full_epochs || config->pruner.type == PRUNER_NONE) return true;
    return conf_error(edit->new_parameters, err, "early_terminate counts in shares of the most epochs that a"
                      " trial can have, %d: that cannot change to %d; begin another study",
                      config->full_epochs, edit->edited.full_epochs);
}

static bool make_row(Edit *edit, const EditAsked *asked, Error *err)
{
    Text yaml = {0};
    Arena *arena = edit->open->arena;
    SpaceEdited *row = &edit->row;
    *row = (SpaceEdited){.space = edit->edited.space};
    row->first = (SpaceVersion){1, 0, line_of(edit->parameters, arena), line_of(edit->constraints, arena), "",
                                NULL, NULL};
    row->next = (SpaceVersion){edit->version, -1, line_of(edit->new_parameters, arena),
                               line_of(edit->new_constraints, arena), NULL, NULL, asked->note};
    bool ok = config_print(&edit->edited, &yaml);
    row->config_yaml = ok ? arena_copy(arena, yaml.bytes) : NULL;
    text_free(&yaml);
    ok = row->first.parameters && row->first.constraints && row->next.parameters && row->next.constraints
      && row->config_yaml;
    return ok ? say_changes(edit, &row->next.changes, err) : error_memory(err);
}

static bool read_edit(Edit *edit, const EditAsked *asked, Error *err)
{
    Arena *arena = edit->open->arena;
    if (!study_config(edit->open, &edit->config, err) || !may_be_edited(edit->config, err)
        || !read_newest(edit, err)
        || !(asked->file ? read_file(edit, asked->file, err) : read_sets(edit, asked, err)))
        return false;
    if (!edit->new_parameters || edit->new_parameters->kind != CONF_MAP)
        return error_set(err, ERR_CONFIG, "%.200s: an edit needs `parameters`",
                         asked->file ? asked->file : "--set");
    return space_read(edit->new_parameters, NULL, NULL, arena, &edit->space, err) && unite(edit, err)
        && make_row(edit, asked, err);
}

/* ---- writing it -------------------------------------------------------------------------------- */

/* The process that runs the study does it; `*there` is false where nobody does. */
static bool ask_host(Edit *edit, bool *there, Error *err)
{
    const SpaceEdited *row = &edit->row;
    const OpenStudy *open = edit->open;
    Doc *question = doc_object(), *said = doc_set(question, "edit", doc_object()), *answer = NULL;
    const char *identity = study_identity(&open->study, open->arena);
    doc_set_number(said, "version", row->next.version);
    doc_set_text(said, "parameters", row->next.parameters);
    doc_set_text(said, "constraints", row->next.constraints);
    doc_set_text(said, "changes", row->next.changes);
    doc_set_text(said, "first_parameters", row->first.parameters);
    doc_set_text(said, "first_constraints", row->first.constraints);
    doc_set_text(said, "config_yaml", row->config_yaml);
    if (row->next.note) doc_set_text(said, "note", row->next.note);
    bool ok = (identity || error_memory(err))
           && study_ask(open->place.folder, identity, question, open->arena, &answer, err);
    *there = answer != NULL;
    if (answer) edit->row.next.from_trial = (int)doc_to_number(doc_get(answer, "from_trial"), -1);
    doc_free(question);
    doc_free(answer);
    return ok;
}

static bool write_edit(Edit *edit, Error *err)
{
    bool ok = study_open_writer(edit->open, err)
           && store_version_add(edit->open->store, edit->open->study.id, &edit->row, err)
           && reported_again(edit->open->store, edit->open->study.id, edit->row.space, false, err);
    return study_close_writer(edit->open, ok, err);
}

bool edit_space(OpenStudy *open, const EditAsked *asked, Edited *out, Error *err)
{
    Edit edit = {.open = open};
    bool running = false;
    const bool ok = read_edit(&edit, asked, err);
    study_close(open);
    if (!ok || (!asked->dry_run && (!ask_host(&edit, &running, err) || (!running && !write_edit(&edit, err)))))
        return false;
    *out = (Edited){edit.version, asked->dry_run ? -1 : edit.row.next.from_trial, edit.row.next.changes,
                    running};
    return true;
}
