/* Which way a metric of any name is better: as said, as the study has it, or by the words of its name. */
#include "tuner/trial/asked_goal.h"

#include <ctype.h>
#include <string.h>

#include "base/names.h"

/* Words of a name, in small letters. */
static const char *const smaller[] = {
    "loss", "losses", "error", "errors", "err", "mse", "rmse", "mae", "mape", "smape", "msle", "rmsle", "nll",
    "perplexity", "ppl", "wer", "cer", "ece", "brier", "deviance", "regret", "cost", "costs", "risk", "fid",
    "crossentropy", "divergence", "kl", "misclassified", "mistakes", "failures", "time", "runtime", "walltime",
    "seconds", "secs", "sec", "ms", "minutes", "hours", "duration", "elapsed", "latency", "params", "bytes",
    "flops", "macs", "memory", "energy", NULL};
static const char *const larger[] = {
    "accuracy", "acc", "f1", "auc", "auroc", "roc", "precision", "recall", "r2", "reward", "rewards", "return",
    "returns", "mcc", "kappa", "iou", "miou", "dice", "bleu", "rouge", "map", "ndcg", "mrr", "psnr", "ssim",
    "throughput", "likelihood", NULL};
/* These turn what comes with them round: neg_mean_squared_error, error_reduction. */
static const char *const turning[] = {"neg", "negative", "negated", "minus", "inv", "inverse", "reduction",
                                      "improvement", "gain", "saved", "per", "inverted", NULL};

enum { SAYS_SMALLER = 1, SAYS_LARGER = 2, SAYS_NOTHING_SURE = 4 };

static int says(const char *word)
{
    return (names_find(smaller, word) >= 0 ? SAYS_SMALLER : 0)
         | (names_find(larger, word) >= 0 ? SAYS_LARGER : 0)
         | (names_find(turning, word) >= 0 ? SAYS_NOTHING_SURE : 0);
}

/* Its words end where letters and digits do, and where a capital follows a small letter: valLoss, eval/loss. */
static int words_say(const char *name)
{
    char word[64] = "";
    size_t n = 0;
    int said = 0;
    for (const char *c = name;; c++) {
        bool part = isalnum((unsigned char)*c);
        bool hump = c > name && isupper((unsigned char)*c) && islower((unsigned char)c[-1]);
        if (n > 0 && (!part || hump)) {
            word[n] = '\0';
            said |= says(word);
            n = 0;
        }
        if (*c == '\0') return said;
        if (part && n < sizeof word - 1) word[n++] = (char)tolower((unsigned char)*c);
    }
}

/* NAME:min and NAME:max. */
static bool cut_way(const char *text, Arena *arena, const char **name, int *way)
{
    static const char *const ends[] = {":min", ":max", ":minimize", ":maximize"};
    size_t n = strlen(text);
    *name = text;
    *way = 0;
    for (int i = 0; i < 4; i++) {
        size_t m = strlen(ends[i]);
        if (n <= m || strcmp(text + n - m, ends[i]) != 0) continue;
        *way = i % 2 ? SAYS_LARGER : SAYS_SMALLER;
        *name = arena_copy_n(arena, text, n - m);
    }
    return *name != NULL;
}

static int way_in_study(const Goal *goal, const StudyInfo *study, const Goals *goals)
{
    for (int g = 0; g < goals->n; g++)
        if (strcmp(goals->goal[g].name, goal->name) == 0)
            return goals->goal[g].maximize ? SAYS_LARGER : SAYS_SMALLER;
    if (study->metric && strcmp(study->metric, goal->name) == 0)
        return study->maximize ? SAYS_LARGER : SAYS_SMALLER;
    MetricId id = metric_find(goal->name);
    if (id != METRIC_COUNT) return metric_larger_is_better(id) ? SAYS_LARGER : SAYS_SMALLER;
    return names_find(goals_costs, goal->name) >= 0 ? SAYS_SMALLER : words_say(goal->name);
}

bool asked_goal(const char *text, const StudyInfo *study, const Goals *goals, Arena *arena, Goal *out,
                bool *known, Error *err)
{
    const char *name;
    int way;
    bool program = study_runs_program(study);
    if (!cut_way(text, arena, &name, &way)) return error_memory(err);
    if (!goal_find(name, program, out))
        return error_set(err, ERR_CONFIG, "--metric %.60s: unknown metric%s", name,
                         names_suggest_as("; did you mean ", "?", strncmp(name, "val_", 4) == 0 ? name + 4
                                          : name,
                                          metric_names, "; accuracy, f1_macro, log_loss and the others that"
                                          " `consort show` prints are known").text);
    if (way == 0 && program) way = way_in_study(out, study, goals);
    *known = !program || way == SAYS_SMALLER || way == SAYS_LARGER;
    if (way == SAYS_SMALLER || way == SAYS_LARGER) out->maximize = way == SAYS_LARGER;
    return true;
}

bool asked_goal_unknown(const Goal *goal, Error *err)
{
    return error_set(err, ERR_CONFIG, "--metric %.60s: its name does not tell whether less is better; write"
                     " `--metric %.60s:min` or `%.60s:max`", goal->name, goal->name, goal->name);
}
