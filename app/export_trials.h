/* app/export_trials.h - a study's trials as CSV, as JSON, or as a file of Optuna's. */
#ifndef CONSORT_APP_EXPORT_TRIALS_H
#define CONSORT_APP_EXPORT_TRIALS_H
#include "app/cli.h"

int export_trials_csv(Cli *cli);
int export_trials_json(Cli *cli);
int export_trials_optuna(Cli *cli);
#endif
