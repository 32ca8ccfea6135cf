/* job/job.h - Consort from C: everything that the command line does, without it.
 *
 * A configuration is read, a study is run or continued from it, and things are made of the study. The whole
 * way, with nothing left out but what to do with `told` (examples/digits.c is a program):
 *
 *     Error err;
 *     Arena *arena = arena_create(0);
 *     Config *config;
 *     Sweep sweep;
 *     Finished study;
 *     Model *model;
 *     Predicted rows;
 *     bool ok = config_read("sweep.yaml", NULL, 0, arena, &config, &err)          what is wanted
 *            && sweep_run(config, &(SweepOptions){.on_event = told}, arena, &sweep, &err)    trials
 *            && finished_of_sweep(&sweep, config, arena, &study, &err)
 *            && product_ensemble(&study, NULL, &err)                              the best of them, together
 *            && model_load(study.ensemble.path, arena, &model, &err)
 *            && predict_table(model, sweep.data.test, arena, &rows, &err);        predicted_label(&rows, 0)
 *     if (!ok) fprintf(stderr, "%s\n", err.message);
 *     arena_destroy(arena);
 *
 * Memory    all that is filled in lives in the arena, which goes as a whole. What must be closed or freed by
 *           itself says so (finished_close, study_close).
 * Errors    a function that can fail returns false and says why in `err`: one line, with its cure. It never
 *           prints, never exits, and knows no signals.
 * Stopping  a flag in SweepOptions. A study that was stopped, or whose process was killed, is continued by the
 *           same call, and comes to the same result.
 * Options   structs in which zero is a sound default.
 *
 * What the verbs of the command line call:
 *
 *     sweep, train         sweep_run, sweep_single        job/sweep.h
 *     run                  products_make                  job/products.h
 *     ensemble             product_ensemble
 *     distill              distill_study, distill_rows    job/distill.h
 *     export               ship, trials_csv               job/ship.h, job/trials.h
 *     report               product_report                 job/report.h
 *     inspect              inspect_study, inspect_model   job/inspect.h
 *     evaluate             evaluate_table, evaluate_final job/evaluate.h
 *     predict              predict_table                  job/predict.h
 *     best                 best_find, study_front         job/best.h
 *     compare              compare_studies                job/compare.h
 *     importance, diff     study_importance, diff_trials  job/importance.h, job/diff.h
 *     status, watch, stop  status_read, study_stop        job/status.h, job/stop.h
 *     enqueue, retry, exclude, note                       job/enqueue.h, job/curate.h
 *     import, merge        import_trials, merge_studies   job/import.h, job/merge.h
 *     slurm                slurm_script                   job/slurm.h
 *     ask-tell             ask_session_answer             job/ask_session.h
 *     ls, show             list_question, trial_doc       job/list.h, job/trial_doc.h
 *     query                study_open, store_query        job/open.h, tuner/store/store.h
 *     gc                   garbage_collect                job/garbage.h
 *     data inspect         table_open, card_make          job/load.h, data/card.h
 *     config, doctor       config_read, health_doc        job/config.h, job/health.h
 */
#ifndef CONSORT_JOB_JOB_H
#define CONSORT_JOB_JOB_H
#include "data/card.h"
#include "job/ask_session.h"
#include "job/best.h"
#include "job/compare.h"
#include "job/config.h"
#include "job/curate.h"
#include "job/diff.h"
#include "job/distill.h"
#include "job/enqueue.h"
#include "job/evaluate.h"
#include "job/finished.h"
#include "job/garbage.h"
#include "job/health.h"
#include "job/import.h"
#include "job/importance.h"
#include "job/inspect.h"
#include "job/line.h"
#include "job/list.h"
#include "job/load.h"
#include "job/merge.h"
#include "job/open.h"
#include "job/place.h"
#include "job/predict.h"
#include "job/products.h"
#include "job/report.h"
#include "job/ship.h"
#include "job/slurm.h"
#include "job/status.h"
#include "job/stop.h"
#include "job/sweep.h"
#include "job/trial_doc.h"
#include "job/trials.h"
#endif
