/* app/sweeping.h - what the verbs that run a study share (sweep, run, train): the configuration with the
 * command line on top, signals, progress, and exit codes. The study itself is run by job/sweep.h.
 *
 * The first Ctrl-C, SIGTERM or SIGUSR1 lets trials end with their epoch, the second ends the process.
 */
#ifndef CONSORT_APP_SWEEPING_H
#define CONSORT_APP_SWEEPING_H
#include "app/cli.h"
#include "job/sweep.h"

/* What the first signal raises. */
atomic_int *sweeping_stop(void);
/* CONFIG, or what is made of a data file (job/start.h), with --set, and what -j, --time, --trials, --seed,
 * --name, --async, --label and the like say on top. */
bool sweeping_config(const Cli *cli, Config **out, Error *err);
/* The first argument as a data file, whatever it is called. */
bool sweeping_data(const Cli *cli, Config **out, Error *err);
/* Everything up to the last trial. Returns an exit code; prints errors itself. `out` is filled as far as it
 * got. */
int sweeping_run(Cli *cli, Config *config, Sweep *out);
/* What became of the search, in the end: "best trial 3: val_loss 0.1", as a line; nothing without a metric. */
void sweeping_print_best(const Config *config, const StudySummary *summary, Text *out);
#endif
