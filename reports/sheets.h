/* reports/sheets.h - the tables of a report (document.h), each described once.
 *
 * sheet_study.c has those of the study, its data and files, sheet_search.c those of the search, sheet_model.c
 * those of evaluations and the ensemble, sheet_decision.c that of thresholds, sheet_rivals.c that of what the
 * model has to beat, sheet_segments.c an evaluation by the levels of columns, sheet_crew.c hosts.
 *
 * Errors  ERR_MEMORY only. A part the document lacks gives a sheet without rows.
 */
#ifndef CONSORT_REPORTS_SHEETS_H
#define CONSORT_REPORTS_SHEETS_H
#include "engine/metrics.h"
#include "reports/sheet.h"

/* Did the trials run a program of the user's? Then there are no classes, rows or weights to speak of. */
bool sheet_is_program(const Doc *document);
/* What is predicted, as data/task.h names it: "classes" where the document says nothing. */
TaskKind sheet_task(const Doc *document);
/* Sentences of how the rows of a data card were divided and weighed, each behind a blank; nothing where that is
 * as the options alone say. */
void sheet_split_said(const Doc *card, Text *out);
/* Of the study. `top` limits the rows, 0: all there are. */
/* Validation scores that have a column of the leaderboard beside the study's own metric. */
enum { SHEET_BOARD_METRICS = 4 };
const MetricId *sheet_board_metrics(TaskKind task); /* (SHEET_BOARD_METRICS) */
bool sheet_leaderboard(const Doc *document, int top, Arena *arena, Sheet *out, Error *err);
/* `importance` is the member of that name, as `consort importance --json` has it. */
bool sheet_importance(const Doc *importance, Arena *arena, Sheet *out, Error *err);
/* Of the study: the way from the first configuration to the winner; means by level of a search that does not
 * learn. */
bool sheet_ablation(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_levels(const Doc *document, Arena *arena, Sheet *out, Error *err);
/* `front` is the member of that name. */
bool sheet_front(const Doc *front, Arena *arena, Sheet *out, Error *err);
bool sheet_finalists(const Doc *document, Arena *arena, Sheet *out, Error *err);
/* `crew` is the member of that name (tuner/insight/crew.h); the first `top` hosts (0: all) and their sum. */
bool sheet_hosts(const Doc *crew, int top, Arena *arena, Sheet *out, Error *err);
bool sheet_failures(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_balance(const Doc *document, Arena *arena, Sheet *out, Error *err);
/* Of a data card: how its numbers lie, or how often its labels are so. */
bool sheet_card_targets(const Doc *card, Arena *arena, Sheet *out, Error *err);
bool sheet_features(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_deployment(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_provenance(const Doc *document, Arena *arena, Sheet *out, Error *err);
/* Of an evaluation (model/evaluate.h). */
/* The model beside the best single trial and the baselines, with paired differences. */
bool sheet_rivals(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_scores(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_per_class(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
/* Counts, or (`shares`) percent of each true class. More than 40 classes make no readable table: no
 * rows. */
bool sheet_confusion(const Doc *evaluation, bool shares, Arena *arena, Sheet *out, Error *err);
bool sheet_confused(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
/* A dozen thresholds of the class of interest, the one in use standing out. */
bool sheet_thresholds(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
bool sheet_mistakes(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
/* Of the targets of an evaluation (sheet_targets.c): the scores of each where there are several numbers; each
 * label with its answers; how far intervals and quantiles keep what they promise. */
bool sheet_targets(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
bool sheet_labels(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
bool sheet_intervals(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
bool sheet_sets(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
bool sheet_quantiles(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
/* Errors by the size of the truth, and the rows with the largest: of a dozen targets at most, or of one. */
bool sheet_sizes(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
bool sheet_sizes_of(const Doc *evaluation, size_t target, Arena *arena, Sheet *out, Error *err);
bool sheet_worst(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
bool sheet_worst_of(const Doc *evaluation, size_t target, Arena *arena, Sheet *out, Error *err);
/* By the levels of columns; for the terminal with two of the scores. */
bool sheet_segments(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
bool sheet_segments_narrow(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
/* Of the ensemble. */
bool sheet_members(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_calibration(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_disagreement(const Doc *document, Arena *arena, Sheet *out, Error *err);

/* Of `inside` (inspect/inside.h); sheet_inside.c. The last two of the row that was asked for. */
/* Of the first layer: "unit 7", or the name of a class. */
const char *sheet_unit(const Doc *inside, double unit, Arena *arena);
bool sheet_layers(const Doc *inside, Arena *arena, Sheet *out, Error *err);
bool sheet_layers_brief(const Doc *inside, Arena *arena, Sheet *out, Error *err); /* for 80 columns */
bool sheet_first_weights(const Doc *inside, Arena *arena, Sheet *out, Error *err);
bool sheet_permutation(const Doc *inside, Arena *arena, Sheet *out, Error *err);
bool sheet_row_proba(const Doc *inside, Arena *arena, Sheet *out, Error *err);
bool sheet_row_values(const Doc *inside, Arena *arena, Sheet *out, Error *err);

/* The evaluation the report stands on: of the test set, else of the validation rows; NULL: none.
 * `name` (may be NULL) gets "test set" or "validation rows". */
const Doc *sheet_evaluation(const Doc *document, const char **name);
#endif
