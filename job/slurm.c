/* job/slurm.c - writes a batch script: what is asked of Slurm, how the study is started, what follows from
 * its end. */
#include "job/slurm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "job/kind.h"
#include "job/part.h"

const char *const mpi_start_names[] = {MPI_START_LIST(LIST_NAME) NULL};

typedef struct {
    const Config *config;
    const SlurmOptions *o;
    Arena *arena;
    const char *here, *file, *study; /* absolute paths; `file` may be a configuration inside the program */
    bool shared;                     /* `study` is a database that several share */
    const char *job;                 /* the job's name */
    long time_s, lead_s;             /* of one job; so long before its end comes the signal */
    int ranks;
    MpiStart mpi;
    Text *out;
} Script;

/* ---- what is asked for --------------------------------------------------------------------------- */

/* Minutes:seconds, hours:minutes:seconds, days-hours and on, as sbatch has them. */
static bool slurm_time(const char *text, double *seconds)
{
    static const double units[2][3] = {{3600, 60, 1}, {60, 1, 0}};
    double total = 0;
    long number[3];
    int n = 0;
    const char *dash = strchr(text, '-');
    if (dash) {
        char *end;
        if (*text < '0' || *text > '9') return false;
        total = 86400 * (double)strtol(text, &end, 10);
        if (end != dash) return false;
        text = dash + 1;
    }
    for (;; text++) {
        char *end;
        if (n == 3 || *text < '0' || *text > '9') return false;
        number[n++] = strtol(text, &end, 10);
        text = end;
        if (!*text) break;
        if (*text != ':') return false;
    }
    if (!dash && n == 1) return false; /* minutes to Slurm, seconds to us */
    for (int i = 0; i < n; i++) total += (double)number[i] * units[!dash && n == 2][i];
    *seconds = total;
    return true;
}

/* How long before the end: a stop waits for epochs, of which nobody knows how long they are, but not longer
 * than a trial may take; programs are given `run.grace`. And a minute for the rest. */
static long lead_of(const Config *config)
{
    const double cap = config->run.trial_time_cap;
    const double stop = !config->kind->trains ? config->run.grace : cap > 0 && cap < 120 ? cap : 120;
    return 60 + (long)ceil(stop);
}

static bool read_time(Script *s, Error *err)
{
    const char *text = s->o->time;
    double seconds;
    if (!text) return error_set(err, ERR_CONFIG, "--time is missing: how long one job may take, such as 2h");
    if (text[strspn(text, "0123456789.")] == '\0')
        return error_set(err, ERR_CONFIG, "--time %.40s: minutes to Slurm, seconds to Consort; say %.40sm or"
                         " %.40ss", text, text, text);
    if ((!slurm_time(text, &seconds) && !text_to_duration(text, &seconds)) || !(seconds <= 3e7))
        return error_set(err, ERR_CONFIG, "--time %.40s: a duration such as 2h or 90m, or Slurm's 2:00:00, 1-12"
                         " (at most a year)", text);
    s->time_s = (long)ceil(seconds);
    s->lead_s = lead_of(s->config);
    if (s->time_s > s->lead_s) return true;
    return error_set(err, ERR_CONFIG, "--time %.40s: a clean stop begins %ld seconds before the end; give a job"
                     " more than that", text, s->lead_s);
}

/* A word of an #SBATCH line that Slurm reads as one, whatever it is. */
static bool plain_word(const char *option, const char *word, Error *err)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,:@%+-";
    if (!word || (*word && *word != '-' && word[strspn(word, plain)] == '\0')) return true;
    return error_set(err, ERR_CONFIG, "--%s %.60s: letters, digits and _ . , : @ %% + -", option, word);
}

/* "8G" as it is, "8 GiB" as Slurm has it. */
static bool memory_of(const char *text, Arena *arena, const char **out, Error *err)
{
    const size_t digits = strspn(text, "0123456789");
    double bytes;
    *out = text;
    if (digits > 0 && digits < 12 && (!text[digits] || (strchr("KMGT", text[digits]) && !text[digits + 1])))
        return true;
    if (!text_to_bytes(text, &bytes) || !(bytes >= 1 && bytes < 1e17))
        return error_set(err, ERR_CONFIG, "--mem %.40s: a size such as 8G or 500 MB", text);
    *out = arena_print(arena, "%.0fM", ceil(bytes / (1 << 20)));
    return *out || error_memory(err);
}

/* Lines of a script, not more of them. */
static bool one_line(const char *path, Error *err)
{
    for (const unsigned char *c = (const unsigned char *)path; *c; c++)
        if (*c < 32 || *c == 127)
            return error_set(err, ERR_CONFIG, "a path or option with a control character in it: a script is no"
                             " place for that");
    return true;
}

static const char *absolute(const Script *s, const char *path)
{
    return *path == '/' ? path : path_join(s->arena, s->here, path);
}

static bool find_places(Script *s, Error *err)
{
    const Config *config = s->config;
    Place place;
    char here[4096];
    if (!getcwd(here, sizeof here)) return error_set(err, ERR_IO, "cannot tell in which folder this is");
    if (!place_of_config(config, &s->o->place, s->arena, &place, err)) return false;
    s->here = arena_copy(s->arena, here);
    if (!s->here) return error_memory(err);
    s->shared = place_is_shared(&place);
    s->file = file_exists(config->file) ? absolute(s, config->file) : config->file;
    s->study = absolute(s, s->shared ? place.db : place.folder);
    if (!s->file || !s->study) return error_memory(err);
    return one_line(s->here, err) && one_line(s->file, err) && one_line(s->study, err)
        && one_line(s->o->program, err);
}

/* Slurm puts it into names of files. */
static const char *job_name(const char *study, Arena *arena)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    char *name = arena_copy(arena, study);
    for (char *c = name; c && *c; c++)
        if (!strchr(plain, *c)) *c = '_';
    if (name && *name == '-') *name = '_';
    return name;
}

static bool read_mpi(Script *s, Error *err)
{
    const SlurmOptions *o = s->o;
    s->ranks = (o->nodes ? o->nodes : 1) * (o->tasks ? o->tasks : 1);
    s->mpi = MPI_PMIX;
    if (!o->mpi) return true;
    const int at = names_find(mpi_start_names, o->mpi);
    if (at < 0)
        return error_set(err, ERR_CONFIG, "--mpi %.40s: pmix, pmi2 (both by srun) or mpirun%s", o->mpi,
                         names_suggest_as("; did you mean ", "?", o->mpi, mpi_start_names, "").text);
    s->mpi = (MpiStart)at;
    return true;
}

static bool check_array(const Script *s, Error *err)
{
    const SlurmOptions *o = s->o;
    if (o->array == 0) return true;
    if (s->ranks > 1 || o->mpi)
        return error_set(err, ERR_CONFIG, "--array is for places without MPI: each of its tasks is one process;"
                         " leave out --%s", o->mpi ? "mpi" : o->nodes > 1 ? "nodes" : "tasks-per-node");
    if (o->run) return error_set(err, ERR_CONFIG, "--array ends with `consort run` by itself; leave out --run");
    if (s->shared)
        return error_set(err, ERR_CONFIG, "--array: each part has a folder of its own, and %.200s is a database"
                         " that several share; give --dir", s->study);
    if (s->config->run_cap > 0 && o->array > s->config->run_cap)
        return error_set(err, ERR_CONFIG, "--array %d: run_cap is %d, which is less than a trial for each part",
                         o->array, s->config->run_cap);
    return true;
}

/* ---- writing ------------------------------------------------------------------------------------- */

static void say(const Script *s, const char *text) { text_add(s->out, text); }

static void set_variable(const Script *s, const char *name, const char *word)
{
    text_print(s->out, "%s=", name);
    text_shell(s->out, word);
    say(s, "\n");
}

static bool write_more(const Script *s, Error *err)
{
    for (int i = 0; i < s->o->n_more; i++) {
        const char *word = s->o->more[i];
        if (!one_line(word, err)) return false;
        if (i == 0 && *word != '-')
            return error_set(err, ERR_CONFIG, "`%.60s`: behind -- come options of sbatch, such as"
                             " -- --constraint=avx512", word);
        if (strpbrk(word, "\"'\\"))
            return error_set(err, ERR_CONFIG, "`%.60s`: sbatch reads quotes and backslashes in its own way;"
                             " write this line into the script by hand", word);
        const char *quote = strpbrk(word, " #") ? "\"" : "";
        text_print(s->out, "%s%s%s%s%s", *word == '-' && i > 0 ? "\n" : "", *word == '-' ? "#SBATCH " : " ",
                   quote, word, quote);
    }
    if (s->o->n_more > 0) say(s, "\n");
    return true;
}

static bool write_head(const Script *s, Error *err)
{
    const SlurmOptions *o = s->o;
    const long t = s->time_s;
    const char *memory = NULL;
    if (!plain_word("partition", o->partition, err) || !plain_word("account", o->account, err)
        || (o->memory && !memory_of(o->memory, s->arena, &memory, err)))
        return false;
    text_print(s->out, "#!/bin/bash\n# Study %s on Slurm, as `consort slurm` wrote it.\n#\n", s->config->name);
    say(s, o->array ? "#     bash THIS_FILE\n#\n"
                      "# submits it twice: its parts as an array, and a last job that waits for them, merges"
                      " them and does\n# the rest. Submitted again, it goes on where the study is.\n"
                    : "#     sbatch THIS_FILE\n#\n"
                      "# submits it. It puts itself back into the queue until the study is done; submitted"
                      " again, it goes on\n# where the study is.\n");
    text_print(s->out, "#SBATCH --job-name=%s\n", s->job);
    if (o->array) text_print(s->out, "#SBATCH --array=0-%d\n", o->array - 1);
    text_print(s->out, "#SBATCH --nodes=%d\n#SBATCH --ntasks-per-node=%d\n", o->nodes ? o->nodes : 1,
               o->tasks ? o->tasks : 1);
    if (o->cpus) text_print(s->out, "#SBATCH --cpus-per-task=%d\n", o->cpus);
    if (memory) text_print(s->out, "#SBATCH --mem=%s\n", memory);
    if (o->partition) text_print(s->out, "#SBATCH --partition=%s\n", o->partition);
    if (o->account) text_print(s->out, "#SBATCH --account=%s\n", o->account);
    text_print(s->out, "# How long one job may take. So long before its end (%ld s) this script, B, gets"
               " SIGUSR1: time\n# for a clean stop.\n#SBATCH --time=%ld-%02ld:%02ld:%02ld\n"
               "#SBATCH --signal=B:USR1@%ld\n", s->lead_s, t / 86400, t / 3600 % 24, t / 60 % 60, t % 60,
               s->lead_s);
    text_print(s->out, "# It may be put back into the queue, under the same number: by Slurm when a node fails"
               " or somebody\n# more urgent comes, and by itself, below. What it says goes on in the"
               " same file.\n"
               "#SBATCH --requeue\n#SBATCH --open-mode=append\n#SBATCH --output=%s\n",
               o->array ? "%x-%A_%a.out" : "%x-%j.out");
    return write_more(s, err);
}

static void write_variables(const Script *s)
{
    const int threads = s->config->run.threads_per_trial;
    say(s, "\n");
    set_variable(s, "consort", s->o->program);
    set_variable(s, "config", s->file);
    set_variable(s, "study", s->study);
    say(s, "most=${MOST_REQUEUES:-100} # how often it puts itself back\n");
    if (s->config->kind->trains && s->config->run.jobs == 0) {
        text_print(s->out, "jobs=$((${SLURM_CPUS_PER_TASK:-1} / %d)) # trials at a time in each task, as it has"
                   " cores\n[ \"$jobs\" -gt 0 ] || jobs=1\n", threads);
    }
    say(s, "cd -- ");
    text_shell(s->out, s->here);
    say(s, " || exit 2\n");
}

/* On the login node: the parts, and what comes behind them. */
static void write_submission(const Script *s)
{
    text_print(s->out, "\n# No job yet: this is where it is submitted. The last job waits until all parts have"
               " ended, well or not.\n"
               "if [ -z \"${SLURM_JOB_ID-}\" ]; then\n"
               "    parts=$(sbatch --parsable \"$0\") || exit\n"
               "    parts=${parts%%%%;*}\n"
               "    last=$(sbatch --parsable --array=0 --dependency=\"afterany:$parts\" --job-name=%s-last \\\n"
               "        --output=%%x-%%A.out \"$0\" last) || exit\n"
               "    echo \"job $parts: %d parts; job ${last%%%%;*}: the rest, after them\"\n"
               "    exit\n"
               "fi\n", s->job, s->o->array);
}

static void write_start(const Script *s)
{
    const char *verb = s->o->run ? "run" : "sweep", *place = s->shared ? "--db" : "--dir";
    const char *jobs = s->config->kind->trains && s->config->run.jobs == 0 ? " -j \"$jobs\"" : "";
    say(s, "\n# The signal is handed on: trials end with their epoch, and what was under way is run again."
        " Ended by\n# somebody (scancel), the job does not come back.\nwork= cancelled=\n"
        "trap 'cancelled=yes' TERM\n");
    if (s->ranks > 1)
        text_print(s->out, "# To the first rank alone, which is on this node: srun would signal the programs of"
                   " trials, too.\nstop() {\n"
                   "    case $(\"$consort\" stop %s \"$study\" --timeout %lds 2> /dev/null) in\n"
                   "    *': stopped, pid '*) ;;\n"
                   "    *) kill -USR1 $work 2> /dev/null ;;\n"
                   "    esac\n}\ntrap stop USR1\n\n", place, s->lead_s - 10);
    else say(s, "trap 'kill -USR1 $work 2> /dev/null' USR1\n\n");
    if (s->o->array) {
        text_print(s->out, "if [ \"${1-}\" = last ]; then\n"
                   "    \"$consort\" merge \"$config\" --parts --dir \"$study\" || exit\n"
                   "    \"$consort\" run \"$config\" --dir \"$study\"%s &\n"
                   "else\n"
                   "    \"$consort\" sweep \"$config\" --dir \"$study\" --part \"$SLURM_ARRAY_TASK_ID/%d\"%s"
                   " &\n"
                   "fi\n", jobs, s->o->array, jobs);
        return;
    }
    if (s->ranks > 1)
        text_print(s->out, "# %d ranks: the first proposes trials and writes them down, the others train.\n",
                   s->ranks);
    if (s->ranks > 1 && s->mpi == MPI_MPIRUN)
        text_print(s->out, "mpirun -n %d --bind-to none ", s->ranks);
    else if (s->ranks > 1)
        text_print(s->out, "export SRUN_CPUS_PER_TASK=\"${SLURM_CPUS_PER_TASK:-1}\"\nsrun --mpi=%s ",
                   mpi_start_names[s->mpi]);
    text_print(s->out, "\"$consort\" %s \"$config\" %s \"$study\"%s &\n", verb, place, jobs);
}

static void write_end(const Script *s)
{
    say(s, "work=$!\n# A signal ends `wait` before the work has ended.\n"
        "while wait \"$work\"; code=$?; [ $code -gt 128 ] && kill -0 \"$work\" 2> /dev/null; do :; done\n\n"
        "# What the exit code means: docs/reference/cli.md.\n"
        "case $code in\n"
        "0) exit 0 ;;                # done\n"
        "2 | 3 | 5 | 6) exit $code ;; # configuration, data, no trial succeeds, a gate: the same next time\n"
        "130 | 138 | 143) ;;         # stopped: there is more to do\n"
        "*)                          # killed, a full disk, a node that was lost: perhaps not next time\n"
        "    if [ $SECONDS -lt 60 ]; then\n"
        "        echo \"consort failed ($code) within a minute: not put back into the queue\" >&2\n"
        "        exit $code\n"
        "    fi ;;\n"
        "esac\n"
        "[ -z \"$cancelled\" ] || exit $code\n"
        "if [ \"${SLURM_RESTART_COUNT:-0}\" -ge \"$most\" ]; then\n"
        "    echo \"put back $most times, and not done: submit it again to go on\" >&2\n"
        "    exit $code\n"
        "fi\n"
        "scontrol requeue \"$SLURM_JOB_ID\" || exit $code\n");
}

bool slurm_script(const Config *config, const SlurmOptions *options, Arena *arena, Text *out, Error *err)
{
    Script s = {.config = config, .o = options, .arena = arena, .out = out};
    s.job = job_name(config->name, arena);
    if (!s.job) return error_memory(err);
    if (!part_refuse(config, "no script is written for", err) || !read_time(&s, err) || !read_mpi(&s, err)
        || !find_places(&s, err) || !check_array(&s, err) || !write_head(&s, err))
        return false;
    if (options->array) write_submission(&s);
    write_variables(&s);
    write_start(&s);
    write_end(&s);
    return text_ok(out) || error_memory(err);
}
