/* data/reader_plan.c - what each column of a file is for: feature, label or nothing, of which type;
 * from the options when a model is to be trained, from the schema when it is to be used. */
#include <string.h>

#include "base/names.h"
#include "data/reader.h"

/* The n-th column of a name is `name_n`, the n-th without one `unnamed_n`: numbered among their like and not by
 * place, so that a file without its label, or with one column more, has the same names. A number that the file
 * itself has given to a column is passed over. */
static const char *numbered_name(Reading *r, const TextSet *given, const char *stem, int nth)
{
    for (;; nth++) {
        const char *name = arena_print(r->arena, "%s_%d", stem, nth);
        if (!name || text_set_find(given, name, strlen(name)) < 0) return name;
    }
}

static bool name_columns(Reading *r, const char **names, int n, Error *err)
{
    r->columns = ARENA_NEW(r->arena, RawColumn, n);
    int *times = ARENA_NEW(r->arena, int, n + 1);
    if (!r->columns || !times) return error_memory(err);
    r->n_columns = n;
    TextSet given = {0}, seen = {0};
    for (int i = 0; names && i < n; i++)
        if (text_set_add(&given, r->arena, names[i], strlen(names[i])) < 0) return error_memory(err);
    for (int i = 0, n_unnamed = 0; i < n; i++) {
        const char *name = names ? names[i] : arena_print(r->arena, "column_%d", i + 1);
        if (!name) return error_memory(err);
        int number = text_set_add(&seen, r->arena, name, strlen(name));
        if (number < 0) return error_memory(err);
        int nth = ++times[number];
        r->columns[i] = (RawColumn){.name = name};
        if (*name && nth == 1) continue;
        const char *own = numbered_name(r, &given, *name ? name : "unnamed", *name ? nth : ++n_unnamed);
        if (!own) return error_memory(err);
        if (*name)
            reading_note(r, "two columns are called `%s`; column %d is now `%s`", name, i + 1, own);
        r->columns[i].name = own;
        if (text_set_add(&given, r->arena, own, strlen(own)) < 0) return error_memory(err);
    }
    return true;
}

static bool declare_kinds(Reading *r, const TextList *list, ColumnKind kind, Error *err)
{
    const char *option = column_kind_names[kind];
    for (int i = 0; i < list->n; i++) {
        int at = reading_column(r, list->items[i]);
        if (at < 0) return reading_no_column(r, option, list->items[i], err);
        RawColumn *column = &r->columns[at];
        if (column->role == ROLE_KEPT && column->fixed) continue;
        if (column->role == ROLE_LABEL) continue; /* classes are names, whatever they look like */
        if (column->fixed && column->kind != kind)
            return error_set(err, ERR_CONFIG,
                             "column `%s` stands in both data.numeric and data.nominal",
                             column->name);
        column->fixed = column->said = true;
        column->kind = kind;
    }
    return true;
}

static bool is_label(const Reading *r, int column)
{
    for (int i = 0; i < r->n_labels; i++)
        if (r->label_columns[i] == column) return true;
    return false;
}

/* "a, b" as a list of two: how several are said on a command line. */
static bool split_words(Reading *r, TextList *list)
{
    const char *text = list->items[0];
    int n = 1;
    for (const char *c = text; *c; c++) n += *c == ',';
    const char **words = ARENA_NEW(r->arena, const char *, n);
    if (!words) return false;
    for (int i = 0; i < n; i++) {
        size_t length = strcspn(text, ",");
        const char *word = text;
        text += length + (text[length] == ',');
        reading_trim(&word, &length);
        words[i] = arena_copy_n(r->arena, word, length);
        if (!words[i]) return false;
    }
    *list = (TextList){n, words};
    return true;
}

/* Which columns are to be predicted. */
static bool plan_labels(Reading *r, Error *err)
{
    const char *last = "-1";
    TextList said = r->options->label.n ? r->options->label : (TextList){1, &last};
    if (said.n == 1 && reading_column(r, said.items[0]) < 0 && !split_words(r, &said)) return error_memory(err);
    const int n = said.n;
    const char *const *words = said.items;
    r->label_columns = ARENA_NEW(r->arena, int, n);
    if (!r->label_columns) return error_memory(err);
    for (int i = 0; i < n; i++) {
        int at = reading_column(r, words[i]);
        if (at < 0 && n == 1 && strcmp(words[i], "none") == 0) return true;
        if (at < 0 && n == 1 && strcmp(words[i], "features") == 0) {
            r->mirror = true;
            return true;
        }
        if (at < 0) return reading_no_column(r, "label", words[i], err);
        if (is_label(r, at))
            return error_set(err, ERR_CONFIG, "%slabel names `%s` twice", reading_said_as(r),
                             r->columns[at].name);
        r->label_columns[r->n_labels++] = at;
    }
    r->label = r->label_columns[0];
    return true;
}

/* A column that is only kept for what it says of the rows: groups and parts are names, weights are numbers. */
static void keep_row_key(RawColumn *column, TableKey key)
{
    column->keys |= 1u << key;
    if (column->role == ROLE_FEATURE) return;
    column->role = ROLE_KEPT;
    if (key == ROW_ORDER) return;
    column->kind = key == ROW_WEIGHT ? COLUMN_NUMERIC : COLUMN_NOMINAL;
    column->fixed = true;
}

static bool plan_row_keys(Reading *r, Error *err)
{
    const ReadOptions *o = r->options;
    for (int k = 0; k < ROW_KEYS; k++) {
        const char *word = read_options_key(o, k);
        if (!word) continue;
        int at = reading_column(r, word);
        if (at < 0) return reading_no_column(r, row_key_names[k], word, err);
        RawColumn *column = &r->columns[at];
        if (is_label(r, at))
            return error_set(err, ERR_CONFIG, "data.%s names `%s`, which is the label; set data.label to"
                             " another"
                             " column", row_key_names[k], column->name);
        bool listed = false;
        for (int i = 0; i < o->features.n; i++) listed = listed || reading_column(r, o->features.items[i]) ==
            at;
        if (!listed) column->role = ROLE_KEPT;
        if ((k == ROW_WEIGHT && column->keys) || (column->keys >> ROW_PART & 1))
            return error_set(err, ERR_CONFIG, "data.%s names `%s`, which is another of groups, order,"
                             " split_column"
                             " already", row_key_names[k], column->name);
        keep_row_key(column, (TableKey)k);
    }
    return true;
}

/* Beside what a model needs: where the file has them. */
static void find_row_keys(Reading *r)
{
    for (int k = 0; k < ROW_KEYS; k++) {
        const char *word = read_options_key(r->options, k);
        int at = word ? reading_column(r, word) : -1;
        if (at >= 0 && !is_label(r, at)) keep_row_key(&r->columns[at], (TableKey)k);
    }
}

static bool plan_training(Reading *r, Error *err)
{
    const ReadOptions *o = r->options;
    if (!plan_labels(r, err)) return false;
    for (int i = 0; i < r->n_columns; i++)
        r->columns[i].role = o->features.n ? ROLE_IGNORED : ROLE_FEATURE;
    for (int i = 0; i < o->features.n; i++) {
        int at = reading_column(r, o->features.items[i]);
        if (at < 0) return reading_no_column(r, "features", o->features.items[i], err);
        r->columns[at].role = ROLE_FEATURE;
    }
    for (int i = 0; i < o->drop.n; i++) {
        int at = reading_column(r, o->drop.items[i]);
        if (at < 0) return reading_no_column(r, "drop", o->drop.items[i], err);
        if (is_label(r, at))
            return error_set(err, ERR_CONFIG,
                             "data.drop names `%s`, which is the label; set data.label to another"
                             " column",
                             r->columns[at].name);
        r->columns[at].role = ROLE_IGNORED;
    }
    if (!reading_columns_roles(r, err)) return false;
    for (int i = 0; i < r->n_labels; i++) {
        RawColumn *column = &r->columns[r->label_columns[i]];
        column->role = ROLE_LABEL;
        column->kind = o->task == 1 + TASK_NUMBERS ? COLUMN_NUMERIC : COLUMN_NOMINAL;
        column->fixed = true;
    }
    if (!plan_row_keys(r, err) || !reading_soft_roles(r, err)) return false;
    int n_features = 0;
    for (int i = 0; i < r->n_columns; i++)
        if (r->columns[i].role == ROLE_FEATURE) r->columns[i].position = n_features++;
    if (n_features == 0)
        return error_set(err, ERR_DATA,
                         "%s: no column is left to learn from (%d in the file, label `%s`); check"
                         " data.delimiter, data.features and data.drop",
                         r->path, r->n_columns,
                         r->label >= 0 ? r->columns[r->label].name : "none");
    return declare_kinds(r, &o->numeric, COLUMN_NUMERIC, err) &&
           declare_kinds(r, &o->nominal, COLUMN_NOMINAL, err) && reading_columns_kinds(r, err);
}

static bool take_schema_column(Reading *r, int at, int position, Error *err)
{
    const Column *want = &r->schema->columns[position];
    RawColumn *column = &r->columns[at];
    if (column->role != ROLE_IGNORED)
        return error_set(err, ERR_DATA, "%s: column `%s` is wanted twice by the model", r->path,
                         column->name);
    *column = (RawColumn){.name = want->name,
                          .role = ROLE_FEATURE,
                          .kind = want->kind == COLUMN_NUMERIC ? COLUMN_NUMERIC : COLUMN_NOMINAL,
                          .becomes = want->kind,
                          .style = want->style,
                          .format = want->format,
                          .fixed = true,
                          .position = position,
                          .n_known = want->kind == COLUMN_FREE_TEXT ? 0 : want->n_levels};
    for (int i = 0; i < column->n_known; i++)
        if (text_set_add(&column->levels, r->arena, want->levels[i], strlen(want->levels[i])) < 0)
            return error_memory(err);
    return true;
}

/* Room for the column of each of the model's targets. */
static bool schema_targets(Reading *r, Error *err)
{
    const int n = r->schema->task.n_targets > 0 ? r->schema->task.n_targets : 1;
    if (r->label_columns) return true;
    r->label_columns = ARENA_NEW(r->arena, int, n);
    if (!r->label_columns) return error_memory(err);
    r->n_labels = n;
    for (int i = 0; i < n; i++) r->label_columns[i] = -1;
    return true;
}

/* Target t of the model stands in this column. */
static bool take_schema_target(Reading *r, int at, int t, Error *err)
{
    RawColumn *column = &r->columns[at];
    const Task *task = &r->schema->task;
    if (r->options->no_labels || column->role != ROLE_IGNORED) return true;
    if (!schema_targets(r, err)) return false;
    if (r->label < 0) r->label = at;
    r->label_columns[t] = at;
    *column = (RawColumn){.name = column->name, .role = ROLE_LABEL, .fixed = true,
                          .kind = task->kind == TASK_NUMBERS ? COLUMN_NUMERIC : COLUMN_NOMINAL};
    return true;
}

static bool take_schema_label(Reading *r, int at, Error *err)
{
    RawColumn *column = &r->columns[at];
    if (r->schema->task.n_targets > 0) return take_schema_target(r, at, 0, err);
    if (r->options->no_labels) return true; /* it has its place, whatever stands in it */
    if (!schema_targets(r, err)) return false;
    r->label = r->label_columns[0] = at;
    *column = (RawColumn){.name = column->name,
                          .role = ROLE_LABEL,
                          .kind = COLUMN_NOMINAL,
                          .fixed = true,
                          .n_known = r->schema->n_classes};
    for (int i = 0; i < r->schema->n_classes; i++) {
        const char *text = r->schema->classes[i];
        if (text_set_add(&column->levels, r->arena, text, strlen(text)) < 0)
            return error_memory(err);
    }
    return true;
}

/* Names on both sides: any order, extra columns ignored. */
static bool match_by_name(Reading *r, const TextSet *names, Error *err)
{
    const Schema *s = r->schema;
    for (int i = 0; i < s->n_columns; i++) {
        const char *want = s->columns[i].name;
        int at = text_set_find(names, want, strlen(want));
        if (at < 0) {
            const char **have = reading_names(r), *all = have ? names_list(r->arena, have, r->n_columns) : NULL;
            all = all ? arena_print(r->arena, "columns here: %s", all) : NULL;
            if (!all) return error_memory(err);
            return error_set(err, ERR_DATA, "%s: column `%s` is missing; the model needs it (%s)", r->path,
                             want, names_suggest_as("nearest here: `", "`", want, have, all).text);
        }
        if (!take_schema_column(r, at, i, err)) return false;
    }
    const TextList *said = &r->options->label;
    if (s->task.n_targets > 1) {
        for (int t = 0; t < s->task.n_targets; t++) {
            const char *name = said->n == s->task.n_targets ? said->items[t] : s->task.targets[t].name;
            int at = text_set_find(names, name, strlen(name));
            if (at >= 0 && !take_schema_target(r, at, t, err)) return false;
        }
        return true;
    }
    int at = s->label_name ? text_set_find(names, s->label_name, strlen(s->label_name)) : -1;
    if (at < 0 && said->n == 1) {
        long place;
        if (!reading_whole(said->items[0], &place)) at = reading_column(r, said->items[0]);
    }
    return at < 0 || r->columns[at].role != ROLE_IGNORED || take_schema_label(r, at, err);
}

/* The model learned from a file without names: column_1, column_2, ... say where each column stood. */
static bool match_by_number(Reading *r, Error *err)
{
    const Schema *s = r->schema;
    int label = column_place(s->label_name), features = 0;
    for (int i = 0; i < s->n_columns; i++) {
        int at = column_place(s->columns[i].name);
        if (at + 1 > features) features = at + 1;
    }
    /* The training file may have gone on behind the last of them. */
    int width = label + 1 > features ? label + 1 : features, whole = s->rules.layout.width;
    bool shifted = label < features && whole > width && r->n_columns == whole - 1;
    bool without_label = label >= 0 && (shifted || r->n_columns == width - 1);
    if (r->n_columns < width - without_label)
        return error_set(err, ERR_DATA, "%s: %d columns, the model expects %d%s", r->path,
                         r->n_columns, width,
                         label >= 0 ? " (or one fewer, without the label)" : "");
    for (int i = 0; i < s->n_columns; i++) {
        int at = column_place(s->columns[i].name);
        if (!take_schema_column(r, at - (without_label && at > label), i, err)) return false;
    }
    if (label < 0 || without_label || r->columns[label].role != ROLE_IGNORED) return true;
    return take_schema_label(r, label, err);
}

/* Does a file have the fields of the training file, also those that the model left out, with the label or
 * without it? */
static bool has_all_fields(const Schema *s, int n)
{
    const Layout *trained = &s->rules.layout;
    return trained->width > s->n_columns + 1 && n > s->n_columns + 1
        && (n == trained->width || (trained->label >= 0 && n == trained->width - 1));
}

bool schema_takes_fields(const Schema *s, int n)
{
    return n == s->n_columns || n == s->n_columns + 1 || has_all_fields(s, n);
}

/* The label's place among the model's columns: as in the training file, if that is known, else the last. */
static int label_among(const Schema *s)
{
    int label = 0;
    if (!s->rules.layout.width || s->rules.layout.label < 0) return s->n_columns;
    while (label < s->n_columns && s->columns[label].place < s->rules.layout.label) label++;
    return label;
}

/* The model has names and the file has none: the order of training, with or without the label; all of that
 * file's columns, or the model's. */
static bool match_by_order(Reading *r, Error *err)
{
    const Schema *s = r->schema;
    int n = r->n_columns;
    bool all = has_all_fields(s, n), labelled = n == (all ? s->rules.layout.width : s->n_columns + 1);
    if (!schema_takes_fields(s, n))
        return error_set(err, ERR_DATA,
                         "%s: %d columns without names, the model expects %d, or %d with the label"
                         " (%s); give the file a header",
                         r->path, n, s->n_columns, s->n_columns + 1,
                         s->label_name ? s->label_name : "last");
    int label = all ? s->rules.layout.label : label_among(s), at;
    if (labelled && label >= 0) {
        long place;
        const char *word = r->options->label.n == 1 ? r->options->label.items[0] : NULL;
        if (word && reading_whole(word, &place)) label = reading_column(r, word);
        if (label < 0) return reading_no_column(r, "label", word, err);
        if (!take_schema_label(r, label, err)) return false;
    }
    for (int i = 0; i < s->n_columns; i++) {
        if (all) at = s->columns[i].place - (!labelled && s->columns[i].place > label);
        else at = i + (labelled && i >= label);
        if (!take_schema_column(r, at, i, err)) return false;
    }
    return true;
}

bool schema_by_place(const Schema *s)
{
    if (s->rules.names != NAMES_UNSAID) return s->rules.names == NAMES_BY_PLACE;
    for (int i = 0; i < s->n_columns; i++)
        if (column_place(s->columns[i].name) < 0) return false;
    return true;
}

/* Columns of a file that a model reads. */
static bool plan_for_schema(Reading *r, const char **names, int n, Error *err)
{
    const Schema *s = r->schema;
    if (s->label_name && strcmp(s->label_name, "features") == 0 && s->task.n_targets > 0) r->mirror = true;
    if (s->height > 0)
        return error_set(err, ERR_DATA, "%s is a table; the model reads images of %d x %d",
                         r->path, s->height, s->width);
    if (!names) return schema_by_place(s) ? match_by_number(r, err) : match_by_order(r, err);
    TextSet here = {0};
    for (int i = 0; i < n; i++)
        if (text_set_add(&here, r->arena, r->columns[i].name, strlen(r->columns[i].name)) < 0)
            return error_memory(err);
    bool all = true;
    for (int i = 0; i < s->n_columns && all; i++)
        all = text_set_find(&here, s->columns[i].name, strlen(s->columns[i].name)) >= 0;
    return all || !schema_by_place(s) ? match_by_name(r, &here, err) : match_by_number(r, err);
}

bool reading_plan(Reading *r, const char **names, int n, Error *err)
{
    r->label = -1;
    if (!name_columns(r, names, n, err)) return false;
    if (!r->schema) {
        r->rules.names = names ? NAMES_OF_FILE : NAMES_BY_PLACE;
        return plan_training(r, err);
    }
    if (!plan_for_schema(r, names, n, err)) return false;
    find_row_keys(r);
    return true;
}
