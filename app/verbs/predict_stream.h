/* app/verbs/predict_stream.h - `consort predict --stream`. */
#ifndef CONSORT_APP_VERBS_PREDICT_STREAM_H
#define CONSORT_APP_VERBS_PREDICT_STREAM_H
#include "app/cli.h"
#include "data/read_options.h"
#include "job/predict_rows.h"

/* What --on-error says. */
extern const char *const on_error_names[];
/* Rows of `path` ("-": standard input) as they come. Returns an exit code. */
int predict_stream(Cli *cli, const PredictFormat *format, const ReadOptions *read, const char *path);
#endif
