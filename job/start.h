/* job/start.h - from a file of rows to a configuration: what one would write by hand to begin with.
 *
 * A table gets configs/tabular.yaml, pictures get configs/mnist.yaml (job/builtin.h), with the file, its label
 * and its name put in. The label may be left out where it is plain: the one column that is called class,
 * label, target, outcome or y, else the last one if it holds classes. Pictures find their labels, and t10k-...
 * beside train-..., by name. How many trials there are, of how many folds, follows from the effort or the time
 * (job/effort.h). What was decided stands in config->remarks.
 *
 * Errors  ERR_DATA where the file cannot be read; ERR_CONFIG, with the columns it could be, where the label is
 * not plain.
 */
#ifndef CONSORT_JOB_START_H
#define CONSORT_JOB_START_H
#include "data/given.h"
#include "data/table.h"
#include "job/config.h"
#include "job/effort.h"

typedef struct {
    const char *data;   /* a file, or a folder with train-images-idx3-ubyte in it */
    const char *labels; /* of pictures; NULL: found beside them */
    const char *test;   /* a file to test with; NULL: a fifth of the rows, or the one beside pictures */
    bool no_test;       /* all rows are to learn from; needs no `test` */
    EffortAsked asked;  /* how much is to be done */
    const GivenRows *given; /* (n_given) rows in memory, which `data` and `test` name as memory:NAME */
    int n_given;
} StartData;

/* Is it rows, by its name, or a folder of pictures? Anything else can be with `data_meant`. */
bool start_is_data(const char *argument, Arena *arena);
/* `overrides` go on top; --label and the like are among them. */
bool start_config(const StartData *start, const Override *overrides, int n, Arena *arena, Config **out,
                  Error *err);
/* The configuration with every key explained, below what is known of its data: rows, classes, what the data
 * card warns of. `folder` is where it will lie, NULL: where one stands. */
bool start_print(const Config *config, const char *folder, Arena *arena, Text *out, Error *err);
#endif
