/* app/again.h - the program begins again where a study wants other kernels than its libraries took while they
 * were loaded (run.isa, job/kernels.h): the same command, with what tells them in its environment, which
 * programs of trials get, too.
 *
 * To be called before anything that cannot begin twice: threads, ranks, a database that is open for writing.
 * What standard input held is put back, where the configuration came from there.
 */
#ifndef CONSORT_APP_AGAIN_H
#define CONSORT_APP_AGAIN_H
#include "app/cli.h"
#include "job/config.h"

/* Comes back where nothing is to be told, and where it could not be: kernels_take says then what is missing. */
void again_for_kernels(const Cli *cli, const Config *config);
#endif
