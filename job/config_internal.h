/* job/config_internal.h - what the parts of the configuration share.
 *
 *     config.c          the tables, the checks, reading and writing
 *     config_program.c  what is different when a trial runs a program
 */
#ifndef CONSORT_JOB_CONFIG_INTERNAL_H
#define CONSORT_JOB_CONFIG_INTERNAL_H
#include "job/config.h"

/* config.c */
/* A line for standard error; false when memory ran out. */
bool config_notice(Config *config, Arena *arena, const char *text);
/* Takes the member of that (dotted) name out of a map. */
void config_remove(ConfNode *map, const char *name);

/* config_program.c */
/* Refuses the sections that are about training networks. */
bool config_program_sections(const Config *config, Error *err);
/* Any name; minimized unless `goal` says otherwise, as W&B does. */
bool config_program_metric(Config *config, Arena *arena, Error *err);
/* The space, whose names are free, and the command line. */
bool config_program_space(Config *config, Arena *arena, Error *err);
bool config_program_pruner(Config *config, Error *err);
/* What of it decides results. */
void config_program_identity(const Config *config, Text *out);
/* The printed configuration without what is about networks. */
bool config_program_print(const Config *config, const Text *whole, Arena *arena, Text *out);
#endif
