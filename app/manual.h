/* app/manual.h - --help, the man page and shell completions, all from the table of verbs. */
#ifndef CONSORT_APP_MANUAL_H
#define CONSORT_APP_MANUAL_H
#include "app/cli.h"

void manual_help(const VerbTable *table, const Verb *verb, Text *out); /* NULL: the overview */
void manual_family(const VerbTable *table, const char *word, Text *out); /* verbs of two words, by the first */
void manual_page(const VerbTable *table, Text *out);
bool manual_completion(const char *shell, Text *out);
#endif
