/* Help is folded text, the man page troff, completions one script a shell. */
#include "app/manual.h"

#include <stdio.h>
#include <string.h>

#include "app/width.h"

static bool wants(const Verb *verb, const Option *option)
{
    return cli_verb_takes(verb, option->name);
}

/* "-j, --jobs N" */
static int option_label(const Option *option, char *out, size_t size)
{
    char letter[8] = "";
    if (option->letter) snprintf(letter, sizeof letter, "-%c, ", option->letter);
    return snprintf(out, size, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
                    option->argument ? option->argument : "");
}

/* "  LABEL   what it is", the second from column `at` on, or on a line below where the first is longer. */
static void entry(const char *label, int at, const char *what, Text *out)
{
    bool fits = (int)strlen(label) + 4 <= at;
    text_print(out, "  %-*s", fits ? at - 2 : 0, label);
    if (!fits) text_print(out, "\n%*s", at, "");
    text_print(out, "%s\n", what);
}

static void verb_entry(const Verb *verb, Text *out)
{
    char usage[100];
    snprintf(usage, sizeof usage, "%s %s", verb->name, verb->arguments);
    entry(usage, 27, verb->summary, out);
}

/* Is it one of "a, b c, d"? */
static bool in_list(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = list; (at = strstr(at, name)) != NULL; at += n)
        if ((at == list || at[-1] == ' ') && (at == list || at[-2] == ',') && (at[n] == ',' || !at[n]))
            return true;
    return false;
}

static void help_overview(const VerbTable *table, Text *out)
{
    text_add(out, "consort " CONSORT_VERSION
                  " - tune, ensemble and ship small neural networks\n\n"
                  "usage: consort VERB [options] [ARGUMENTS]\n\n"
                  "First steps:\n"
                  "  consort run digits                   the whole job, on data made on the spot\n"
                  "  consort run churn.csv --label Churn  the whole job, on a table of yours\n"
                  "  consort init churn.csv > sweep.yaml  the settings of that, to be changed\n"
                  "  consort help run                     one verb\n"
                  "  consort help config                  every key of a sweep file\n");
    for (const VerbGroup *group = table->groups; group->title; group++) {
        text_print(out, "\n%s:\n", group->title);
        for (int i = 0; i < table->n_verbs; i++)
            if (*table->verbs[i].summary && in_list(group->verbs, table->verbs[i].name))
                verb_entry(&table->verbs[i], out);
    }
    text_add(out, "\nExit codes: 0 done, 1 internal, 2 usage or configuration, 3 data, 4 database, 5 no trial"
                  " succeeded, 6 a gate was missed, 130/143 interrupted, everything saved.\n");
}

static void help_verb(const VerbTable *table, const Verb *verb, Text *out)
{
    text_print(out, "consort %s - %s\n\nusage: consort %s [options]%s%s\n\n%s\n\nOptions:\n", verb->name,
               verb->summary, verb->name, *verb->arguments ? " " : "", verb->arguments, verb->about);
    for (int i = 0; i < table->n_options; i++) {
        char label[80];
        if (!wants(verb, &table->options[i])) continue;
        option_label(&table->options[i], label, sizeof label);
        entry(label, 27, table->options[i].help, out);
    }
}

void manual_family(const VerbTable *table, const char *word, Text *out)
{
    const size_t n = strlen(word);
    text_print(out, "consort %s - one of these; `consort help %s VERB` says more\n\n", word, word);
    for (int i = 0; i < table->n_verbs; i++)
        if (strncmp(table->verbs[i].name, word, n) == 0 && table->verbs[i].name[n] == ' ')
            verb_entry(&table->verbs[i], out);
}

void manual_help(const VerbTable *table, const Verb *verb, Text *out)
{
    Text whole = {0};
    if (verb) help_verb(table, verb, &whole);
    else help_overview(table, &whole);
    if (text_ok(&whole)) width_fold(whole.bytes, width_of_help(), out);
    else out->broken = true;
    text_free(&whole);
}

/* ---- man page -------------------------------------------------------------------------------- */

/* troff treats backslashes, hyphens and leading dots specially. */
static void roff(Text *out, const char *text)
{
    bool start = true;
    for (const char *c = text; *c; c++) {
        if (start && (*c == '.' || *c == '\'')) text_add(out, "\\&");
        if (*c == '\\') text_add(out, "\\e");
        else if (*c == '-') text_add(out, "\\-");
        else text_add_n(out, c, 1);
        start = *c == '\n';
    }
}

/* Lines that begin with two blanks are examples, set as they are. */
static void roff_about(Text *out, const char *about)
{
    bool example = false;
    for (const char *line = about; *line;) {
        char copy[600];
        size_t n = strcspn(line, "\n");
        snprintf(copy, sizeof copy, "%.*s", (int)n, line);
        bool is_example = copy[0] == ' ';
        if (is_example && !example) text_add(out, ".PP\n.nf\n");
        if (!is_example && example) text_add(out, ".fi\n");
        example = is_example;
        if (n == 0) text_add(out, ".PP");
        roff(out, copy);
        text_add(out, "\n");
        line += n + (line[n] == '\n');
    }
    if (example) text_add(out, ".fi\n");
}

void manual_page(const VerbTable *table, Text *out)
{
    text_add(out, ".TH CONSORT 1 \"\" \"consort " CONSORT_VERSION "\" \"User Commands\"\n"
                  ".SH NAME\nconsort \\- tune, ensemble and ship small neural networks\n"
                  ".SH SYNOPSIS\n.B consort\n.I VERB\n[options] [arguments]\n"
                  ".SH DESCRIPTION\nConsort turns a table or a set of small images and one YAML file"
                  " into a small, calibrated, deployable ensemble of multilayer perceptrons. It tunes"
                  " them in parallel, logs every trial to SQLite, combines the best, reports how good"
                  " they are, and writes one model file and a C source file. The same seed gives the"
                  " same study for any number of workers, and a killed study continues where it was.\n"
                  ".SH VERBS\n");
    for (int i = 0; i < table->n_verbs; i++) {
        const Verb *verb = &table->verbs[i];
        if (!*verb->summary) continue;
        text_print(out, ".SS \"%s %s\"\n", verb->name, verb->arguments);
        roff(out, verb->summary);
        text_add(out, ".\n.PP\n");
        roff_about(out, verb->about);
        text_add(out, ".PP\nOptions:");
        for (int o = 0; o < table->n_options; o++)
            if (wants(verb, &table->options[o]) && o > 2) {
                text_add(out, " ");
                roff(out, "--");
                roff(out, table->options[o].name);
            }
        text_add(out, "\n");
    }
    text_add(out, ".SH OPTIONS\n");
    for (int o = 0; o < table->n_options; o++) {
        char label[80];
        option_label(&table->options[o], label, sizeof label);
        text_add(out, ".TP\n.B ");
        roff(out, label);
        text_add(out, "\n");
        roff(out, table->options[o].help);
        text_add(out, "\n");
    }
    text_add(out, ".SH EXIT STATUS\n"
                  "0 done; 1 internal or input/output error; 2 usage or configuration; 3 data;"
                  " 4 database; 5 no trial succeeded; 6 a gate was missed; 130 and 143 interrupted,"
                  " everything saved.\n"
                  ".SH ENVIRONMENT\nNO_COLOR, TERM, COLUMNS: the progress line; COLUMNS also the width of help"
                  " and tables on a terminal.\n"
                  ".SH FILES\n.TP\n.I runs/NAME/\na study: trials.db, artifacts/, ensemble.consort,"
                  " report.html, report.json, report.md.\n");
}

/* ---- completions ----------------------------------------------------------------------------- */

/* Each asks `consort complete` (app/verbs/complete.c), which has it from the tables; with the program that was
 * typed. */
static const char bash[] =
    "# bash completion for consort\n"
    "_consort() {\n"
    "    local line words=(\"${COMP_WORDS[@]:1:COMP_CWORD}\")\n"
    "    words=(\"${words[@]//\\\\/}\") # what is typed so far has \\ before a blank\n"
    "    local word=${words[COMP_CWORD - 1]}\n"
    "    [ \"$word\" = = ] && word=\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r line; do\n"
    "        case $line in\n"
    "        :files) compopt -o filenames 2> /dev/null\n"
    "            while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(compgen -f -- \"$word\") ;;\n"
    "        :folders) compopt -o filenames 2> /dev/null\n"
    "            while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(compgen -d -- \"$word\") ;;\n"
    "        *) line=${line%%$'\\t'*}\n"
    "            case $line in *=) compopt -o nospace 2> /dev/null ;; esac\n"
    "            case $line in *[!A-Za-z0-9._=:/-]*) compopt -o filenames 2> /dev/null ;; esac # quotes\n"
    "            COMPREPLY+=(\"$line\") ;;\n"
    "        esac\n"
    "    done < <(\"${COMP_WORDS[0]}\" complete -- \"${words[@]}\" 2> /dev/null)\n"
    "}\n"
    "complete -F _consort consort\n";

static const char zsh[] =
    "#compdef consort\n"
    "_consort() {\n"
    "  local line what\n"
    "  local -a answers plain open\n"
    "  answers=(\"${(@f)$($words[1] complete -- \"${(@)words[2,CURRENT]}\" 2> /dev/null)}\")\n"
    "  for line in $answers; do\n"
    "    case $line in\n"
    "      :files|:folders) what=$line ;;\n"
    "      *=|*=$'\\t'*) open+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
    "      *$'\\t'*) plain+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
    "      ?*) plain+=(\"${line//:/\\\\:}\") ;;\n"
    "    esac\n"
    "  done\n"
    "  (( $#plain )) && _describe consort plain\n"
    "  (( $#open )) && _describe consort open -S ''\n"
    "  case $what in\n"
    "    :files) _files ;;\n"
    "    :folders) _files -/ ;;\n"
    "  esac\n"
    "}\n"
    "_consort \"$@\"\n";

static const char fish[] =
    "# fish completion for consort\n"
    "function __consort_complete\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    set -l program $words[1]\n"
    "    set -e words[1]\n"
    "    for line in ($program complete -- $words 2> /dev/null)\n"
    "        switch $line\n"
    "            case :files\n"
    "                __fish_complete_path (commandline -ct)\n"
    "            case :folders\n"
    "                __fish_complete_directories (commandline -ct)\n"
    "            case '*'\n"
    "                printf '%s\\n' $line\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c consort -f -a '(__consort_complete)'\n";

bool manual_completion(const char *shell, Text *out)
{
    if (strcmp(shell, "bash") == 0) text_add(out, bash);
    else if (strcmp(shell, "zsh") == 0) text_add(out, zsh);
    else if (strcmp(shell, "fish") == 0) text_add(out, fish);
    else return false;
    return true;
}
