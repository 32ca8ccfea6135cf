/* Settings by name: walks the tables of engine/ and data/, and asks the fields what a search space may give. */
#include "tuner/trial/settings.h"

#include <math.h>
#include <string.h>

#include "base/names.h"

const char *const preset_names[] = {PRESET_LIST(LIST_NAME) NULL};
static const Field preset_list[] = {
    {"preset", FIELD_CHOICE, offsetof(Settings, preset), "default", .choices = preset_names, .searchable = true,
     .help = "what the other settings stand on: `consort help presets`"},
};
static const FieldTable preset_fields = FIELD_TABLE("parameters", preset_list);

static const struct {
    const FieldTable *table;
    size_t offset;
} parts[] = {
    {&preset_fields, 0},
    {&train_fields, offsetof(Settings, train)},
    {&prep_fields, offsetof(Settings, prep)},
};
enum { N_PARTS = sizeof parts / sizeof *parts };

const Field *settings_field(const char *name)
{
    for (int i = 0; i < N_PARTS; i++) {
        const Field *field = field_find(parts[i].table, name);
        if (field && field->kind != FIELD_SECTION) return field;
    }
    return NULL;
}

bool settings_assign(Settings *settings, const char *name, const Value *value, Arena *arena,
                     Error *err)
{
    for (int i = 0; i < N_PARTS; i++)
        if (field_find(parts[i].table, name))
            return field_assign(parts[i].table, name, value, (char *)settings + parts[i].offset,
                                arena, err);
    return error_set(err, ERR_CONFIG, "`%s` is no setting", name);
}

/* Walks into nested sections, adding up offsets. */
static const Field *locate(const FieldTable *table, const char *name, size_t *offset)
{
    const char *dot = strchr(name, '.');
    size_t n = dot ? (size_t)(dot - name) : strlen(name);
    for (int i = 0; i < table->n; i++) {
        const Field *field = &table->fields[i];
        if (strncmp(field->name, name, n) != 0 || field->name[n] != '\0') continue;
        *offset += field->offset;
        if (!dot) return field;
        return field->kind == FIELD_SECTION ? locate(field->section, dot + 1, offset) : NULL;
    }
    return NULL;
}

static bool list_value(const IntList *list, Arena *arena, Value *out)
{
    Text text = {0};
    text_add(&text, "[");
    for (int i = 0; i < list->n; i++) text_print(&text, i ? ",%d" : "%d", list->items[i]);
    text_add(&text, "]");
    const char *json = text_ok(&text) ? arena_copy(arena, text.bytes) : NULL;
    text_free(&text);
    *out = value_list(json);
    return json != NULL;
}

bool settings_get(const Settings *settings, const char *name, Arena *arena, Value *out)
{
    const Field *field = settings_field(name);
    size_t offset = 0;
    if (field && !strchr(name, '.')) name = field->name; /* it may be an alias */
    field = NULL;
    for (int i = 0; i < N_PARTS && !field; i++) {
        offset = parts[i].offset;
        field = locate(parts[i].table, name, &offset);
    }
    if (!field) return false;
    const char *at = (const char *)settings + offset;
    switch (field->kind) {
    case FIELD_BOOL: *out = value_bool(*(const bool *)at); return true;
    case FIELD_INT: *out = value_int(*(const int *)at); return true;
    case FIELD_REAL: *out = value_real(*(const double *)at); return true;
    case FIELD_CHOICE: *out = value_text(field->choices[*(const int *)at]); return true;
    case FIELD_INT_LIST: return list_value((const IntList *)at, arena, out);
    default: return false;
    }
}

/* Appends the searchable names of a table, those of nested sections with a dotted prefix. */
static bool add_names(const FieldTable *table, const char *prefix, Arena *arena,
                      const char **names, int *n)
{
    for (int i = 0; i < table->n; i++) {
        const Field *field = &table->fields[i];
        char *name = prefix ? arena_print(arena, "%s.%s", prefix, field->name)
                            : arena_copy(arena, field->name);
        if (!name) return false;
        if (field->kind == FIELD_SECTION) {
            if (!add_names(field->section, name, arena, names, n)) return false;
        } else if (field->searchable) {
            names[(*n)++] = name;
        }
    }
    return true;
}

const char *const *settings_names(Arena *arena)
{
    enum { ROOM = 256 };
    const char **names = ARENA_NEW(arena, const char *, ROOM);
    int n = 0;
    for (int i = 0; names && i < N_PARTS; i++)
        if (!add_names(parts[i].table, NULL, arena, names, &n)) return NULL;
    return names;
}

/* The least and largest value a bounded numeric distribution can give; false when it has none. */
static bool extremes(const Param *param, double *low, double *high)
{
    switch (param->distribution) {
    case DIST_INT_UNIFORM: case DIST_UNIFORM: case DIST_Q_UNIFORM: case DIST_LOG_UNIFORM_VALUES:
    case DIST_Q_LOG_UNIFORM_VALUES: case DIST_INV_LOG_UNIFORM_VALUES:
        *low = param->low;
        *high = param->high;
        return true;
    case DIST_LOG_UNIFORM: case DIST_Q_LOG_UNIFORM:
        *low = exp(param->low);
        *high = exp(param->high);
        return true;
    default: return false;
    }
}

static bool check_value(const Param *param, const Field *field, const Value *value, Error *err)
{
    Error why;
    if (field_accepts(field, value, &why)) return true;
    return conf_error(param->node, err, "parameter `%s`: %s", param->name, why.message);
}

static bool check_range(const Param *param, const Field *field, Error *err)
{
    bool whole = param->distribution == DIST_INT_UNIFORM
              || (param->q > 0 && param->q == floor(param->q));
    bool takes_number = field->kind == FIELD_INT || field->kind == FIELD_REAL;
    if (!takes_number)
        return conf_error(param->node, err,
                          "parameter `%s` takes words or lists, not numbers in a range; use `values:`",
                          param->name);
    if (field->kind == FIELD_INT && !whole)
        return conf_error(param->node, err,
                          "parameter `%s` takes whole numbers; give whole `min` and `max`, or `q: 1`",
                          param->name);
    double low, high;
    if (!extremes(param, &low, &high)) return true;
    bool strict_low = field->kind == FIELD_INT;
    Value ends[2] = {strict_low ? value_int(ceil(low)) : value_real(low),
                     strict_low ? value_int(floor(high)) : value_real(high)};
    return check_value(param, field, &ends[0], err) && check_value(param, field, &ends[1], err);
}

/* A setting cannot be fixed in `train` as `hidden` and searched as widths: caught when a trial
 * resolves its architecture, because defaults make the two look alike here. */
bool settings_check_space(const Space *space, Arena *arena, Error *err)
{
    const char *const *names = settings_names(arena);
    if (!names) return error_memory(err);
    for (int i = 0; i < space->n_params; i++) {
        const Param *param = &space->params[i];
        const Field *field = settings_field(param->name);
        if (!field || !field->searchable) {
            return conf_key_error(param->node, err, "unknown parameter `%s`%s", param->name,
                                  names_suggest(param->name, names, "; `consort help config` lists the settings"
                                                " that can be searched").text);
        }
        if (param->distribution == DIST_DERIVED) continue;
        if (param->n_choices > 0) {
            for (int c = 0; c < param->n_choices; c++)
                if (!check_value(param, field, &param->choices[c], err)) return false;
        } else if (!check_range(param, field, err)) {
            return false;
        }
        Value zero = value_real(0);
        if (param->zero_prob > 0 && !check_value(param, field, &zero, err)) return false;
    }
    return true;
}
