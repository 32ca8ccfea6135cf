/* app/verbs/complete.c - what could stand where the cursor is: asked by the completions of bash, zsh and fish,
 * which know nothing themselves.
 *
 *     consort complete -- show di        digits
 *
 * WORDS are those behind `consort`, the last one the one that is being typed, maybe empty. Answers are a line
 * each, a tab and what it is behind some; `:files` or `:folders` at the end where the shell is to go on with
 * those. It never fails and never says what is wrong: nothing is completed then.
 */
#include "app/verbs/predict_stream.h"
#include "app/verbs/verbs.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/arguments.h"
#include "app/progress.h"
#include "base/file.h"
#include "base/names.h"
#include "engine/metrics.h"
#include "ensemble/options.h"
#include "job/builtin.h"
#include "job/config_keys.h"
#include "job/convert.h"
#include "job/effort.h"
#include "job/import.h"
#include "job/presets.h"
#include "job/ship.h"
#include "tuner/search/samplers.h"

typedef struct {
    const Cli *cli;
    const Verb *verb;
    const char *current;   /* what is being typed; behind the = of an option */
    const char *before;    /* what of it stays in front of an answer: "--to=", "method=" */
    const char *given[64]; /* arguments before it that are no options */
    int n_given;
    Text *out;
} Asked;

/* ---- answers ------------------------------------------------------------------------------------- */

static void offer(const Asked *a, const char *word, const char *end, const char *help)
{
    if (strncmp(word, a->current, strlen(a->current)) != 0) return;
    text_print(a->out, "%s%s%s%s%s\n", a->before, word, end, help && *help ? "\t" : "", help ? help : "");
}

static void offer_all(const Asked *a, const char *const *names)
{
    for (; names && *names; names++) offer(a, *names, "", NULL);
}

/* COMPLETE as --state takes it: in small letters. */
static void offer_states(const Asked *a)
{
    for (const char *const *name = trial_state_names; *name; name++) {
        char small[32] = "";
        for (size_t i = 0; (*name)[i] && i + 1 < sizeof small; i++)
            small[i] = (char)((*name)[i] | 0x20), small[i + 1] = '\0';
        offer(a, small, "", NULL);
    }
}

static void offer_studies(const Asked *a)
{
    Error ignored;
    const char **dbs;
    int n;
    if (!databases_below("runs", a->cli->arena, &dbs, &n, &ignored)) return;
    for (int i = 0; i < n; i++) {
        const char *folder = path_folder(a->cli->arena, dbs[i]);
        if (folder) offer(a, path_base(folder), "", NULL);
    }
}

static bool open_given(const Asked *a, OpenStudy *open)
{
    Error ignored;
    Place place;
    const char *study = a->n_given > 0 && strspn(a->given[0], "0123456789-") < strlen(a->given[0]) ? a->given[0]
        : NULL;
    return place_find(study, NULL, a->cli->arena, &place, &ignored)
        && study_open(&place, a->cli->arena, open, &ignored);
}

/* Of the study that is named, or of the only one; of `retry` those that failed. */
static void offer_trials(const Asked *a)
{
    OpenStudy open;
    Error ignored;
    TrialRow *rows;
    int n;
    if (!open_given(a, &open)) return;
    bool read = store_trials(open.store, open.study.id, open.arena, &rows, &n, &ignored);
    const bool failed = strcmp(a->verb->name, "retry") == 0;
    for (int i = 0; read && i < n; i++) {
        const char *number = arena_print(open.arena, "%d", rows[i].number);
        if (failed && rows[i].state != TRIAL_FAILED && rows[i].state != TRIAL_INTERRUPTED) continue;
        if (number) offer(a, number, "", trial_state_names[rows[i].state]);
    }
    study_close(&open);
}

/* KEY= of a sweep file, or what the key takes. */
static void offer_settings(const Asked *a)
{
    ConfigKey *keys;
    Error ignored;
    int n;
    const char *equal = strchr(a->current, '=');
    if (!config_keys(a->cli->arena, &keys, &n, &ignored)) return;
    for (int i = 0; i < n; i++) {
        size_t length = strlen(keys[i].name);
        if (!equal) offer(a, keys[i].name, "=", keys[i].help);
        if (!equal || (size_t)(equal - a->current) != length || memcmp(a->current, keys[i].name, length) != 0)
            continue;
        Asked value = *a;
        value.before = arena_print(a->cli->arena, "%s%s=", a->before, keys[i].name);
        value.current = equal + 1;
        if (value.before) offer_all(&value, keys[i].choices);
    }
}

/* The parameters of the study that is named, to be wished for. */
static void offer_parameters(const Asked *a)
{
    OpenStudy open;
    Config *config;
    Error ignored;
    if (!open_given(a, &open)) return;
    if (study_config(&open, &config, &ignored))
        for (int i = 0; i < config->space->n_params; i++) offer(a, config->space->params[i].name, "=", NULL);
    study_close(&open);
}

static void files(const Asked *a) { text_add(a->out, ":files\n"); }

/* ---- options ------------------------------------------------------------------------------------- */

static void offer_metrics(const Asked *a, const char *end)
{
    for (int m = 0; m < METRIC_COUNT; m++) offer(a, metric_name((MetricId)m), end, NULL);
}

/* Formats that `data convert` writes. */
static void offer_written(const Asked *a)
{
    for (int f = 0; f < FORMAT_COUNT; f++)
        if (convert_writes(f)) offer(a, data_format_names[f], "", data_format_helps[f]);
}

/* What an option takes, by its name. */
static void offer_values(const Asked *a, const Option *option)
{
    const struct {
        const char *option;
        const char *const *names;
    } lists[] = {{"to", export_names},        {"from", import_tools},           {"progress", progress_names},
                 {"format", data_format_names},    {"header", header_mode_names},
                 {"decimal", decimal_mode_names}, {"calibrate", calibrate_names},
                 {"effort", effort_names}, {"on-error", on_error_names}, {"inputs", ship_inputs},
                 {"classes", ship_classes}, {"verify", export_ways}, {"target", ship_targets},
                 {"numbers", ship_numbers}};
    const char *name = option->name;
    const bool converts = strcmp(name, "to") == 0 && strcmp(a->verb->name, "data convert") == 0;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(lists[i].option, name) == 0 && !converts) offer_all(a, lists[i].names);
    if (converts) offer_written(a);
    if (strcmp(name, "method") == 0)
        offer_all(a, strcmp(a->verb->name, "ensemble") == 0 ? select_method_names : sampler_names);
    if (strcmp(name, "by") == 0 && strcmp(a->verb->name, "best") == 0) offer_all(a, best_ways);
    if (strcmp(name, "state") == 0) offer_states(a);
    if (strcmp(name, "set") == 0) offer_settings(a);
    if (strcmp(name, "trial") == 0) offer_trials(a);
    if (strcmp(name, "metric") == 0) offer_metrics(a, "");
    if (strcmp(name, "min") == 0) offer_metrics(a, "=");
    if (strcmp(option->argument, "FILE") == 0) files(a);
    if (strcmp(option->argument, "FOLDER") == 0) text_add(a->out, ":folders\n");
}

static const Option *find(const Asked *a, const char *name, size_t n)
{
    const VerbTable *table = a->cli->table;
    for (int i = 0; i < table->n_options; i++) {
        const Option *option = &table->options[i];
        if (!cli_verb_takes(a->verb, option->name)) continue;
        if (n > 2 && strncmp(option->name, name + 2, n - 2) == 0 && !option->name[n - 2] && name[1] == '-')
            return option;
        if (n == 2 && name[1] == option->letter) return option;
    }
    return NULL;
}

static void offer_options(const Asked *a)
{
    const VerbTable *table = a->cli->table;
    for (int i = 0; i < table->n_options; i++) {
        const char *word = arena_print(a->cli->arena, "--%s", table->options[i].name);
        if (word && cli_verb_takes(a->verb, table->options[i].name)) offer(a, word, "", table->options[i].help);
    }
}

/* ---- arguments ----------------------------------------------------------------------------------- */

static void offer_verbs(const Asked *a, bool topics)
{
    const VerbTable *table = a->cli->table;
    const char *last = "";
    for (int i = 0; i < table->n_verbs; i++) {
        const Verb *verb = &table->verbs[i];
        size_t n = strcspn(verb->name, " "); /* "config check" and "config resolve": once */
        bool again = strncmp(last, verb->name, n) == 0 && (last[n] == ' ' || !last[n]);
        const char *word = arena_copy_n(a->cli->arena, verb->name, n);
        last = verb->name;
        if (word && !again && *verb->summary) offer(a, word, "", verb->name[n] ? NULL : verb->summary);
    }
    static const char *const others[] = {"--help", "--version", NULL};
    if (topics) offer(a, "presets", "", "defaults in one word"), offer(a, "methods", "", "of the search");
    else if (a->current[0] == '-') offer_all(a, others);
}

/* One alternative of what a verb's arguments say in the table: STUDY, CONFIG, bash, ... */
static void offer_kind(const Asked *a, const char *kind)
{
    const struct {
        const char *kind;
        bool study, trials, files;
    } kinds[] = {{"STUDY", true, false, true},  {"MODEL", true, false, true},  {"INTO", true, false, true},
                 {"FROM", true, false, true},   {"TRIAL", false, true, false}, {"A", false, true, false},
                 {"B", false, true, false},     {"CONFIG", false, false, true}, {"SPACE", false, false, true},
                 {"DATA", false, false, true},  {"FILE", false, false, true},
                 {"IN", false, false, true},    {"OUT", false, false, true}};
    const bool verb = strcmp(a->verb->name, "help") == 0 && strcmp(kind, "config") == 0; /* is among VERB */
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].kind, kind) != 0) continue;
        if (kinds[i].study) offer_studies(a);
        if (kinds[i].trials) offer_trials(a);
        if (kinds[i].files) files(a);
    }
    for (const Builtin *b = builtins; strcmp(kind, "CONFIG") == 0 && b->name; b++)
        if (b->whole) offer(a, b->name, "", b->what);
    if (strcmp(kind, "VERB") == 0) {
        offer_verbs(a, true);
        return;
    }
    if (strcmp(kind, "KEY=VALUE") == 0) offer_parameters(a);
    if (!verb && *kind >= 'a' && *kind <= 'z' && strspn(kind, "abcdefghijklmnopqrstuvwxyz") == strlen(kind))
        offer(a, kind, "", NULL);
}

/* Of "[STUDY] TRIAL..." the part at the argument's place; where STUDY is left out, the next. */
static void offer_arguments(const Asked *a)
{
    char parts[8][64];
    int n = 0, at = a->n_given;
    bool repeats = false;
    for (const char *from = a->verb->arguments; *from && n < 8;) {
        size_t length = strcspn(from, " "), k = 0;
        for (size_t i = 0; i < length && k + 1 < sizeof parts[n]; i++)
            if (!strchr("[].", from[i])) parts[n][k++] = from[i];
        parts[n][k] = '\0';
        repeats = length > 3 && strncmp(from + length - 3, "...", 3) == 0;
        if (*from != '-' && !(n > 0 && parts[n - 1][0] == '-')) n++;
        from += length + (from[length] == ' ');
    }
    const bool optional = strncmp(a->verb->arguments, "[STUDY] ", 8) == 0;
    const char *first = a->n_given > 0 ? a->given[0] : "";
    if (optional && *first >= '0' && *first <= '9') at++; /* a trial: STUDY was left out */
    if (repeats && at >= n) at = n - 1;
    for (int part = at; part < n && part <= at + (optional && a->n_given == 0); part++)
        for (char *kind = parts[part], *end; kind; kind = *end ? end + 1 : NULL) {
            end = kind + strcspn(kind, "|");
            const char *one = arena_copy_n(a->cli->arena, kind, (size_t)(end - kind));
            if (one) offer_kind(a, one);
        }
}

/* ---- the line ------------------------------------------------------------------------------------ */

/* The second word of verbs that have two: check, resolve. */
static void offer_second(const Asked *a, const char *first)
{
    size_t n = strlen(first);
    for (int i = 0; i < a->cli->table->n_verbs; i++) {
        const Verb *verb = &a->cli->table->verbs[i];
        if (strncmp(verb->name, first, n) == 0 && verb->name[n] == ' ')
            offer(a, verb->name + n + 1, "", verb->summary);
    }
}

/* bash takes --to=c apart into three words: put together again, what it has of it stays out of the answers. */
static int put_together(const Cli *cli, const char **words, bool *apart)
{
    int n = 0;
    *apart = false;
    for (int i = 0; i < cli->n_arguments; i++) {
        const char *word = cli->arguments[i];
        bool equal = strcmp(word, "=") == 0 && n > 0 && i > 1;
        if (!equal) {
            words[n++] = word;
            continue;
        }
        const char *value = i + 1 < cli->n_arguments ? cli->arguments[++i] : "";
        words[n - 1] = arena_print(cli->arena, "%s=%s", words[n - 1], value);
        if (!words[n - 1]) return 0;
        *apart = i + 1 == cli->n_arguments;
    }
    return n;
}

/* The words of the verb, and which one; 0: they are none of ours. */
static int read_verb(Asked *a, const char *const *words, int n)
{
    const VerbTable *table = a->cli->table;
    const char *two = n > 2 ? arena_print(a->cli->arena, "%s %s", words[0], words[1]) : NULL;
    if (two && (a->verb = cli_find_verb(table, two)) != NULL) return 2;
    a->verb = n > 1 ? cli_find_verb(table, words[0]) : NULL;
    return a->verb != NULL;
}

/* The option whose value the last word is; NULL: of none. */
static const Option *read_line(Asked *a, const char *const *words, int n, int from)
{
    enum { MOST = sizeof a->given / sizeof *a->given };
    bool only_arguments = false;
    const Option *option = NULL;
    for (int i = from; i < n; i++) {
        const char *word = words[i], *equal = strchr(word, '=');
        const bool last = i == n - 1;
        if (option && last) return option;
        if (option) {
            option = NULL;
            continue;
        }
        if (only_arguments || word[0] != '-' || !word[1]) {
            if (!last && a->n_given < MOST) a->given[a->n_given++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            only_arguments = true;
            continue;
        }
        option = find(a, word, equal ? (size_t)(equal - word) : strlen(word));
        if (option && (!option->argument || (last && !equal))) option = NULL;
        if (option && equal && last) {
            a->before = arena_copy_n(a->cli->arena, word, (size_t)(equal + 1 - word));
            a->current = equal + 1;
            return a->before ? option : NULL;
        }
        if (equal) option = NULL;
    }
    return NULL;
}

static void answer(Asked *a, const char *const *words, int n)
{
    a->current = n > 0 ? words[n - 1] : "";
    int from = read_verb(a, words, n);
    if (n <= 1) {
        offer_verbs(a, false);
    } else if (!from && n == 2) {
        offer_second(a, words[0]);
    } else if (from) {
        const Option *option = read_line(a, words, n, from);
        if (option) offer_values(a, option);
        else if (a->current[0] == '-') offer_options(a);
        else offer_arguments(a);
    }
}

int cmd_complete(Cli *cli)
{
    Text text = {0}, kept = {0};
    bool apart;
    const char **words = ARENA_NEW(cli->arena, const char *, cli->n_arguments + 1);
    if (!words) return EXIT_OK;
    Asked asked = {.cli = cli, .before = "", .out = &text};
    int n = put_together(cli, words, &apart);
    answer(&asked, words, n);
    /* `--set method=b`, which bash took apart: its word is what stands behind the last =. */
    bool files = false; /* once, at the end */
    for (const char *line = text_ok(&text) && text.n ? text.bytes : ""; *line;) {
        size_t length = strcspn(line, "\n"), word = strcspn(line, "\t\n");
        if (strncmp(line, ":files\n", 7) == 0) {
            files = true;
            line += 7;
            continue;
        }
        const char *equal = apart ? memchr(line, '=', word > 0 ? word - 1 : 0) : NULL;
        size_t skip = equal ? (size_t)(equal + 1 - line) : 0;
        text_add_n(&kept, line + skip, length - skip);
        text_add(&kept, "\n");
        line += length + (line[length] == '\n');
    }
    if (files) text_add(&kept, ":files\n");
    cli_answer(&kept);
    text_free(&kept);
    text_free(&text);
    return EXIT_OK;
}
