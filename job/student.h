/* job/student.h - the network that a budget allows, learned from a table with a teacher's word in it.
 *
 * What is tried, each on the hold-out or folds of the split, by log loss (numbers: RMSE) against the labels:
 *
 *     shape     one hidden layer, or two alike, as wide as the budget allows, of the numbers as they are, and
 *               in 4 and in 12 pieces (ple): fewer units that see more, or more that see less
 *     rate      a third of the learning rate, three times as much
 *     weight    of the teacher's word: 0.4, 1
 *     epochs    a third of them
 *
 * each of the three from where the one before has left it; half as many epochs as the network itself is then
 * given, which learns from all rows. With a teacher it is not calibrated: what it hears is calibrated. On
 * labels alone it is, by what the hold-out's network said, where there are more than a few thousand rows.
 *
 * Budgets  weights, four bytes each, and microseconds as tuner/trial/cost.h has them; of the one network, whose
 *          preprocessing is fitted to all rows.
 * Chance   a function of table, split, budget and seed.
 * Memory   results in the arena, each run in one of its own. Errors ERR_CONFIG where no network is so small.
 */
#ifndef CONSORT_JOB_STUDENT_H
#define CONSORT_JOB_STUDENT_H
#include "base/doc.h"
#include "data/split.h"
#include "job/line.h"
#include "model/model.h"
#include "tuner/trial/settings.h"

#define BUDGET_LIST(X) X(BUDGET_PARAMS, "params") X(BUDGET_BYTES, "bytes") X(BUDGET_US, "us")
typedef enum { BUDGET_LIST(LIST_ID) BUDGETS } BudgetKind;
extern const char *const budget_names[];
/* What a document calls it: `params` are parameters there. */
static inline const char *budget_key(int kind)
{
    return kind == BUDGET_PARAMS ? "n_params" : budget_names[kind];
}

typedef struct {
    double most[BUDGETS]; /* 0: not limited */
} Budget;
/* What a model takes of each. */
void budget_of(const Model *model, double out[BUDGETS]);

typedef struct {
    const Table *table; /* with soft */
    const Split *split; /* of its rows */
    /* (n_folds) of (n_train, width) what a teacher who has not seen the fold's validation rows says of its
     * training rows: else what is held out would have told the student itself. NULL: the table's soft. */
    const double *const *blind;
    Budget budget;
    uint64_t seed;
    OnLine *on_line;    /* NULL: nobody hears */
    void *context;
} StudentInput;

/* The best settings for it, and an array of what was tried: {hidden, ..., loss}. */
bool student_search(const StudentInput *input, Arena *arena, Settings *out, Doc *tried, Error *err);

/* The same for labels alone: of settings with a teacher, `plain` has soft_weight 0, and the rate and the epochs
 * that are best then. */
bool student_search_plain(const StudentInput *input, const Settings *settings, Settings *plain, Error *err);

/* A network of these settings, trained on all rows, as a model without a name; and what the networks of the
 * hold-out said of its rows. */
typedef struct {
    Model *model;
    double loss;          /* on the hold-out */
    int n_held;
    const int32_t *held;  /* (n_held) rows of the table */
    float *proba;         /* (n_held, values) what its networks said, calibrated */
} Student;
bool student_train(const StudentInput *input, const Settings *settings, Arena *arena, Student *out,
                   Error *err);
/* {hidden, numeric_embedding, ple_bins, learning_rate, batch_size, epochs, soft_weight}. */
Doc *student_settings_doc(const Settings *settings);
#endif
