/* job/config_tables.h - what the files of the configuration share: its tables of fields as one tree, and
 * four small verbs on configurations and nodes. For those of job/ alone.
 */
#ifndef CONSORT_JOB_CONFIG_TABLES_H
#define CONSORT_JOB_CONFIG_TABLES_H
#include "job/config.h"

/* The root table with its `data` section, which is the readers' table and ours as one. Points into itself. */
enum { CONFIG_MOST_FIELDS = 64 };
typedef struct {
    FieldTable root, data;
    Field root_fields[CONFIG_MOST_FIELDS], data_fields[CONFIG_MOST_FIELDS];
} ConfigTables;
void config_tables_make(ConfigTables *tables);
extern const FieldTable config_numbers_fields; /* of `numbers` (config_numbers.c) */
/* Is it a metric that networks report, so that `constraints` may limit it? */
bool config_reports(const char *name);

/* config_repeats.c: the races of trials' runs, once space and settings are there. */
bool config_read_repeats(Config *config, Error *err);
/* A line for people; false when memory ran out, also for `text` NULL. */
bool config_notice(Config *config, Arena *arena, const char *text);
/* The settings of a preset that is searched; of another or NULL the study's own. */
const Settings *config_settings_of(const Config *config, const char *preset);
/* conf_get for a map that is to be changed. */
ConfNode *config_member(ConfNode *map, const char *key);
/* Takes the member of that (dotted) name out of a map. */
void config_remove(ConfNode *map, const char *name);
#endif
