/* job/effort.h - how much is done about a file of rows that comes without a configuration: `consort run DATA
 * --effort medium`, or --time 30s.
 *
 *     low     one bag of the first preset
 *     medium  the portfolio of presets and then the search, for about as long as CatBoost's defaults take:
 *             3 s and 1.5 s for each 1,000 rows, of one core
 *     high    ten times that, 24 trials at least
 *
 * A plan is made before anything is trained, by the work that each preset of the portfolio means for so many
 * rows and columns (tuner/trial/cost.h), and is written into the configuration as numbers of trials and
 * folds: low, medium and high are the same plan on every machine. With --time the clock is asked: what fits
 * into it is planned, from half the epochs on one hold-out up to 64 bags: the first trials so that they end in
 * time on a slow machine, as many as a fast one may do. The cap decides how many there are, a little less than
 * the time, since an ensemble and a report are made after it.
 *
 * Errors  ERR_CONFIG: a word that is none of these. ERR_MEMORY.
 */
#ifndef CONSORT_JOB_EFFORT_H
#define CONSORT_JOB_EFFORT_H
#include "job/config.h"

#define EFFORT_LIST(X) X(EFFORT_LOW, "low") X(EFFORT_MEDIUM, "medium") X(EFFORT_HIGH, "high")
typedef enum { EFFORT_LIST(LIST_ID) } Effort;
extern const char *const effort_names[];

typedef struct {
    const char *effort; /* NULL: medium */
    double time_s;      /* instead; 0: no limit */
    int jobs;           /* trials at the same time; < 1: as many as there are cores */
} EffortAsked;

typedef struct {
    int trials;
    int folds;          /* 1: one hold-out */
    bool half;          /* of the epochs */
    double seconds;     /* of one core that it is thought to take */
    double cap_s;       /* of --time: seconds of it that are for trials; 0: no limit */
    const char *remark; /* in words */
} EffortPlan;

/* `config` has the presets and the space, `table` the rows to learn from. */
bool effort_plan(const Config *config, const Table *table, const EffortAsked *asked, Arena *arena,
                 EffortPlan *out, Error *err);
#endif
