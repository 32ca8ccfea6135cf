/* app/commands.h - one function a verb; each in the file of its name. They return exit codes. */
#ifndef CONSORT_APP_COMMANDS_H
#define CONSORT_APP_COMMANDS_H
#include "app/cli.h"

int cmd_run(Cli *cli);            /* cmd_run.c */
int cmd_sweep(Cli *cli);          /* cmd_sweep.c */
int cmd_train(Cli *cli);          /* cmd_train.c */
int cmd_ask_tell(Cli *cli);       /* cmd_ask_tell.c */
int cmd_ls(Cli *cli);             /* cmd_ls.c */
int cmd_show(Cli *cli);           /* cmd_show.c */
int cmd_best(Cli *cli);           /* cmd_best.c */
int cmd_status(Cli *cli);         /* cmd_status.c */
int cmd_importance(Cli *cli);     /* cmd_importance.c */
int cmd_query(Cli *cli);          /* cmd_query.c */
int cmd_ensemble(Cli *cli);       /* cmd_ensemble.c */
int cmd_evaluate(Cli *cli);       /* cmd_evaluate.c */
int cmd_predict(Cli *cli);        /* cmd_predict.c */
int cmd_report(Cli *cli);         /* cmd_report.c */
int cmd_export(Cli *cli);         /* cmd_export.c */
int cmd_import(Cli *cli);         /* cmd_import.c */
int cmd_merge(Cli *cli);          /* cmd_merge.c */
int cmd_watch(Cli *cli);          /* cmd_watch.c */
int cmd_diff(Cli *cli);           /* cmd_diff.c */
int cmd_retry(Cli *cli);          /* cmd_curate.c: these four */
int cmd_exclude(Cli *cli);
int cmd_include(Cli *cli);
int cmd_note(Cli *cli);
int cmd_enqueue(Cli *cli);        /* cmd_enqueue.c */
int cmd_stop(Cli *cli);           /* cmd_stop.c */
int cmd_gc(Cli *cli);             /* cmd_gc.c */
int cmd_data_inspect(Cli *cli);   /* cmd_data.c */
int cmd_config_check(Cli *cli);   /* cmd_config.c */
int cmd_config_resolve(Cli *cli);
int cmd_doctor(Cli *cli);         /* cmd_doctor.c */
int cmd_completion(Cli *cli);     /* cmd_help.c */
int cmd_man(Cli *cli);
int cmd_help(Cli *cli);
#endif
