/* app/verbs/verbs.h - one function a verb; each in the file of its name. They return exit codes.
 * table.c says what each takes and does. */
#ifndef CONSORT_APP_VERBS_VERBS_H
#define CONSORT_APP_VERBS_VERBS_H
#include "app/cli.h"

extern const VerbTable verb_table;

int cmd_run(Cli *cli);            /* run.c */
int cmd_sweep(Cli *cli);          /* sweep.c */
int cmd_train(Cli *cli);          /* train.c */
int cmd_init(Cli *cli);           /* init.c */
int cmd_ask_tell(Cli *cli);       /* ask_tell.c */
int cmd_ls(Cli *cli);             /* ls.c */
int cmd_show(Cli *cli);           /* show.c */
int cmd_slurm(Cli *cli);          /* slurm.c */
int cmd_best(Cli *cli);           /* best.c */
int cmd_status(Cli *cli);         /* status.c */
int cmd_importance(Cli *cli);     /* importance.c */
int cmd_query(Cli *cli);          /* query.c */
int cmd_ensemble(Cli *cli);       /* ensemble.c */
int cmd_distill(Cli *cli);        /* distill.c */
int cmd_evaluate(Cli *cli);       /* evaluate.c */
int cmd_predict(Cli *cli);
int cmd_serve(Cli *cli);        /* predict.c */
int cmd_inspect(Cli *cli);        /* inspect.c */
int cmd_report(Cli *cli);         /* report.c */
int cmd_export(Cli *cli);         /* export.c */
int cmd_import(Cli *cli);         /* import.c */
int cmd_merge(Cli *cli);          /* merge.c */
int cmd_watch(Cli *cli);          /* watch.c */
int cmd_diff(Cli *cli);           /* diff.c */
/* compare.c, and this: `report` of several studies; *several false: it is one */
int cmd_compare(Cli *cli);
int report_several(Cli *cli, bool *several);
int cmd_retry(Cli *cli);          /* curate.c: these four */
int cmd_exclude(Cli *cli);
int cmd_include(Cli *cli);
int cmd_note(Cli *cli);
int cmd_enqueue(Cli *cli);        /* enqueue.c */
int cmd_edit(Cli *cli);           /* edit.c */
int cmd_stop(Cli *cli);           /* stop.c */
int cmd_gc(Cli *cli);             /* gc.c */
int cmd_data_inspect(Cli *cli);   /* data.c */
int cmd_data_preview(Cli *cli);   /* preview.c */
int cmd_data_convert(Cli *cli);   /* convert.c */
int cmd_data_cache(Cli *cli);     /* data_cache.c */
int cmd_model_show(Cli *cli);     /* model.c */
int cmd_model_verify(Cli *cli);
int cmd_model_diff(Cli *cli);
int cmd_model_card(Cli *cli);
int cmd_config_check(Cli *cli);   /* config.c */
int cmd_config_resolve(Cli *cli);
int cmd_schema(Cli *cli);         /* schema.c */
int cmd_doctor(Cli *cli);         /* doctor.c */
int cmd_complete(Cli *cli);       /* complete.c */
int cmd_completion(Cli *cli);     /* help.c */
int cmd_man(Cli *cli);
int cmd_help(Cli *cli);

/* Words that some of them take, for completions; NULL at the end. */
extern const char *const export_names[]; /* --to */
extern const char *const export_ways[];  /* --verify */
extern const char *const best_ways[];    /* --by */
#endif
