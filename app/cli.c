/* app/cli.c - the command line taken apart by the tables of verbs and options; what is said on stdout and
 * stderr. */
#include "app/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/names.h"

/* ---- tables ---------------------------------------------------------------------------------- */

const Verb *cli_find_verb(const VerbTable *table, const char *name)
{
    for (int i = 0; i < table->n_verbs; i++)
        if (strcmp(table->verbs[i].name, name) == 0) return &table->verbs[i];
    return NULL;
}

static bool is_always_there(const char *option)
{
    return strcmp(option, "help") == 0 || strcmp(option, "quiet") == 0
        || strcmp(option, "verbose") == 0;
}

bool cli_verb_takes(const Verb *verb, const char *option)
{
    size_t n = strlen(option);
    if (is_always_there(option)) return true;
    for (const char *at = verb->options; (at = strstr(at, option)) != NULL; at += n)
        if ((at == verb->options || at[-1] == ' ') && (at[n] == '\0' || at[n] == ' ')) return true;
    return false;
}

/* ---- parsing --------------------------------------------------------------------------------- */

static const Option *find_option(const VerbTable *table, const Verb *verb, const char *name, size_t n,
                                 char letter)
{
    for (int i = 0; i < table->n_options; i++) {
        const Option *option = &table->options[i];
        bool same = letter ? option->letter == letter
                           : strncmp(option->name, name, n) == 0 && option->name[n] == '\0';
        if (same && cli_verb_takes(verb, option->name)) return option;
    }
    return NULL;
}

static bool unknown_option(const Cli *cli, const char *argument, Error *err)
{
    const VerbTable *table = cli->table;
    const Verb *verb = cli->verb;
    const char **names = ARENA_NEW(cli->arena, const char *, table->n_options + 1);
    int n = 0;
    for (int i = 0; names && i < table->n_options; i++)
        if (cli_verb_takes(verb, table->options[i].name)) names[n++] = table->options[i].name;
    char word[64];
    size_t length = strcspn(argument, "=");
    snprintf(word, sizeof word, "%.*s", (int)(length > 60 ? 60 : length), argument);
    const char *help = arena_print(cli->arena, "; see `consort help %s`", verb->name);
    if (!names || !help) return error_memory(err);
    if (file_exists(argument))
        return error_set(err, ERR_CONFIG, "`consort %s` has no option %s; the file of that name is ./%s",
                         verb->name, word, argument);
    return error_set(err, ERR_CONFIG, "`consort %s` has no option %s%s", verb->name, word,
                     names_suggest_as("; did you mean --", "?", word + strspn(word, "-"), names, help).text);
}

static bool take(Cli *cli, const Option *option, const char *value, Error *err)
{
    if (strcmp(option->name, "quiet") == 0) cli->quiet++;
    if (strcmp(option->name, "verbose") == 0) cli->verbose++;
    if (strcmp(option->name, "json") == 0) cli->json = true;
    if (cli->n_given == CLI_MAX_OPTIONS)
        return error_set(err, ERR_CONFIG, "more than %d options", CLI_MAX_OPTIONS);
    cli->given[cli->n_given].option = option;
    cli->given[cli->n_given++].value = value;
    return true;
}

static bool needs_value(const Option *option, Error *err)
{
    return error_set(err, ERR_CONFIG, "--%s needs a value: --%s %s", option->name, option->name,
                     option->argument);
}

/* What an option means that stands at the end or before another one without its value; NULL: nothing. */
static const char *meant_alone(const Option *option)
{
    return strcmp(option->name, "interval") == 0 ? "all" : NULL;
}

/* One "--name", "--name=value", "-x", "-xvalue" or "-qq"; may eat the next argument. */
static bool parse_option(Cli *cli, int argc, char **argv, int *i, Error *err)
{
    const char *argument = argv[*i];
    bool is_long = argument[1] == '-';
    const char *name = argument + (is_long ? 2 : 1);
    for (;;) {
        size_t n = strcspn(name, "=");
        const Option *option = find_option(cli->table, cli->verb, name, n, is_long ? '\0' : *name);
        if (!option) return unknown_option(cli, argument, err);
        const char *rest = is_long ? (name[n] == '=' ? name + n + 1 : NULL)
                                   : (name[1] ? name + 1 : NULL);
        if (!option->argument) {
            if (is_long && rest)
                return error_set(err, ERR_CONFIG, "--%s takes no value", option->name);
            if (!take(cli, option, NULL, err)) return false;
            if (is_long || !rest) return true;
            name++; /* the next letter of -qq */
            continue;
        }
        const bool last = *i + 1 >= argc;
        if (!rest && (last || argv[*i + 1][0] == '-')) rest = meant_alone(option);
        if (!rest) {
            if (last) return needs_value(option, err);
            rest = argv[++*i];
        }
        return take(cli, option, rest, err);
    }
}

char *cli_family(const VerbTable *table, const char *word, Arena *arena)
{
    const size_t n = strlen(word);
    char *text = NULL;
    for (int i = 0; i < table->n_verbs; i++) {
        const Verb *verb = &table->verbs[i];
        if (strncmp(verb->name, word, n) != 0 || verb->name[n] != ' ') continue;
        text = arena_print(arena, "%s%s%s %s", text ? text : "", text ? ", " : "", verb->name, verb->arguments);
        if (!text) return NULL;
    }
    return text;
}

/* The verb is one word or two ("data inspect"). Returns how many arguments it took. */
static int parse_verb(int argc, char **argv, Cli *cli, Error *err)
{
    const VerbTable *table = cli->table;
    char two[128];
    if (argc > 2) {
        snprintf(two, sizeof two, "%s %s", argv[1], argv[2]);
        if ((cli->verb = cli_find_verb(table, two)) != NULL) return 2;
    }
    if ((cli->verb = cli_find_verb(table, argv[1])) != NULL) return 1;
    const char **names = ARENA_NEW(cli->arena, const char *, table->n_verbs + 1), *family;
    for (int i = 0; names && i < table->n_verbs; i++) names[i] = table->verbs[i].name;
    if (!names)
        error_memory(err);
    else if ((family = cli_family(table, argv[1], cli->arena)) != NULL && argc > 2 && argv[2][0] != '-')
        error_set(err, ERR_CONFIG, "unknown verb `%.60s`; %s", two,
                  names_suggest_as("did you mean `consort ", "`?", two, names,
                                   arena_print(cli->arena, "there are %s", family)).text);
    else if (family)
        error_set(err, ERR_CONFIG, "`consort %s` needs a second word: %s", argv[1], family);
    else
        error_set(err, ERR_CONFIG, "unknown verb `%.60s`; %s", argv[1],
                  names_suggest_as("did you mean `consort ", "`?", argv[1], names,
                                   "`consort help` lists them").text);
    return 0;
}

bool cli_parse(int argc, char **argv, Cli *cli, Error *err)
{
    int used = parse_verb(argc, argv, cli, err);
    cli->argv = argv;
    if (used == 0) return false;
    cli->arguments = ARENA_NEW(cli->arena, const char *, argc);
    if (!cli->arguments) return error_memory(err);
    bool only_arguments = false;
    for (int i = used + 1; i < argc; i++) {
        if (!only_arguments && strcmp(argv[i], "--") == 0)
            only_arguments = true;
        else if (!only_arguments && argv[i][0] == '-' && argv[i][1] != '\0') {
            if (!parse_option(cli, argc, argv, &i, err)) return false;
        } else
            cli->arguments[cli->n_arguments++] = argv[i];
    }
    if (cli_flag(cli, "help")) return true;
    if (cli->n_arguments < cli->verb->min_arguments)
        return error_set(err, ERR_CONFIG, "usage: consort %s %s", cli->verb->name,
                         cli->verb->arguments);
    if (cli->n_arguments > cli->verb->max_arguments)
        return error_set(err, ERR_CONFIG, "`%.60s` is one argument too many; usage: consort %s %s",
                         cli->arguments[cli->verb->max_arguments], cli->verb->name,
                         cli->verb->arguments);
    return true;
}

const char *cli_value(const Cli *cli, const char *option)
{
    for (int i = cli->n_given - 1; i >= 0; i--)
        if (strcmp(cli->given[i].option->name, option) == 0) return cli->given[i].value;
    return NULL;
}

bool cli_flag(const Cli *cli, const char *option)
{
    for (int i = 0; i < cli->n_given; i++)
        if (strcmp(cli->given[i].option->name, option) == 0) return true;
    return false;
}

int cli_values(const Cli *cli, const char *option, const char **values)
{
    int n = 0;
    for (int i = 0; i < cli->n_given; i++)
        if (strcmp(cli->given[i].option->name, option) == 0) values[n++] = cli->given[i].value;
    return n;
}

bool cli_int(const Cli *cli, const char *option, int low, int high, int otherwise, int *out,
             Error *err)
{
    const char *text = cli_value(cli, option);
    double number = otherwise;
    if (text && (!text_to_number(text, &number) || number != (double)(long long)number
                 || number < low || number > high))
        return error_set(err, ERR_CONFIG, "--%s %.60s: a whole number between %d and %d, please",
                         option, text, low, high);
    *out = (int)number;
    return true;
}

/* ---- streams --------------------------------------------------------------------------------- */

ExitCode cli_exit_code(ErrorCode code)
{
    switch (code) {
    case ERR_NONE: return EXIT_OK;
    case ERR_CONFIG: case ERR_INVALID: return EXIT_USAGE;
    case ERR_DATA: return EXIT_DATA;
    case ERR_STORE: return EXIT_STORE;
    default: return EXIT_INTERNAL;
    }
}

/* One line, whatever a file, a path or an argument that is quoted in it contains: a line end or an
 * escape sequence in a column's name must not reach the terminal. */
int cli_fail(const Error *err)
{
    char line[sizeof err->message];
    if (err->code == ERR_NONE) return EXIT_OK;
    snprintf(line, sizeof line, "%s", err->message);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < 32 || *c == 127) *c = ' ';
    fflush(stdout);
    fprintf(stderr, "consort: %s\n", line);
    return (int)cli_exit_code(err->code);
}

static void tell(const char *format, va_list args, const char *end)
{
    char line[4096];
    int n = vsnprintf(line, sizeof line, format, args);
    if (n >= (int)sizeof line) n = (int)sizeof line - 1;
    if (n > 0) text_calm(line, (size_t)n, true);
    fprintf(stderr, "%s%s", line, end);
}

void cli_say(const Cli *cli, const char *format, ...)
{
    if (cli->quiet > 0) return;
    va_list args;
    va_start(args, format);
    tell(format, args, "\n");
    va_end(args);
}

void cli_tell(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(format, args, "");
    va_end(args);
}

/* Names, notes and messages of a database or a file may hold what a terminal obeys. */
int cli_answer(const Text *text)
{
    if (text_ok(text) && text->n > 0) text_calm(text->bytes, text->n, isatty(STDOUT_FILENO));
    return cli_answer_data(text);
}

int cli_answer_data(const Text *text)
{
    if (text_ok(text) && text->n > 0 && isatty(STDOUT_FILENO)) text_calm(text->bytes, text->n, true);
    bool ok = text_ok(text) && (text->n == 0 || fwrite(text->bytes, 1, text->n, stdout) == text->n);
    ok = fflush(stdout) == 0 && ok;
    if (ok) return EXIT_OK;
    fprintf(stderr, "consort: cannot write to standard output: %s\n", strerror(errno));
    return EXIT_INTERNAL;
}
