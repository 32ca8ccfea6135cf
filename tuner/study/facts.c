/* PeerFacts of a process, as text and back, and what the process that runs a study says to them. */
#include "tuner/study/facts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "tuner/store/holder.h"

static const RowColumn facts_list[] = {
    COLUMN(PeerFacts, name, TEXT, .null_text = ""),
    COLUMN(PeerFacts, host, TEXT, .null_text = ""),
    COLUMN(PeerFacts, pid, INTEGER),
    COLUMN(PeerFacts, rank, INTEGER),
    COLUMN(PeerFacts, seats, INTEGER),
    COLUMN(PeerFacts, cpus, INTEGER),
    COLUMN(PeerFacts, version, TEXT, .null_text = ""),
    COLUMN(PeerFacts, configuration, TEXT, .null_text = ""),
    COLUMN(PeerFacts, data, TEXT, .null_text = ""),
    COLUMN(PeerFacts, split, TEXT, .null_text = ""),
    COLUMN(PeerFacts, settings, TEXT, .null_text = ""),
    COLUMN(PeerFacts, space_version, INTEGER),
    COLUMN(PeerFacts, isa, TEXT, .names = isa_names),
    COLUMN(PeerFacts, libraries, TEXT, .null_text = ""),
    COLUMN(PeerFacts, memory_bytes, REAL),
    COLUMN(PeerFacts, disk_bytes, REAL),
    COLUMN(PeerFacts, clock_s, REAL),
    COLUMN(PeerFacts, folder, TEXT, .null_text = ""),
};
const RowTable facts_columns = COLUMN_TABLE("facts", NULL, PeerFacts, facts_list);

/* ---- of this process ----------------------------------------------------------------------------- */

double facts_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double free_disk(const char *folder)
{
    struct statvfs disk;
    return folder && statvfs(folder, &disk) == 0 ? (double)disk.f_bavail * (double)disk.f_frsize : NAN;
}

bool facts_here(const StudyInfo *info, const FactsKnown *known, Arena *arena, PeerFacts *out)
{
    Holder self;
    char *hash = ARENA_NEW(arena, char, 65);
    if (!hash) return false;
    sha256_of(known->settings, strlen(known->settings), hash);
    holder_self(&self);
    *out = (PeerFacts){.host = arena_copy(arena, self.host), .pid = self.pid, .rank = known->rank,
                   .cpus = (int)sysconf(_SC_NPROCESSORS_ONLN),
                   .version = CONSORT_VERSION, .configuration = hash, .data = info->data_sha256,
                   .split = info->split_sha256, .space_version = info->space_version, .isa = known->isa,
                   .settings = arena_copy_n(arena, known->settings, strnlen(known->settings, FACTS_SETTINGS)),
                   .libraries = known->libraries, .memory_bytes = NAN,
                   .disk_bytes = free_disk(known->folder), .clock_s = facts_clock(), .folder = known->folder};
    out->name = known->rank < 0 ? arena_print(arena, "pid %" PRId64, self.pid)
                                : arena_print(arena, "rank %d", known->rank);
    return out->host && out->name && out->settings;
}

/* ---- as text ------------------------------------------------------------------------------------- */

bool facts_print(const PeerFacts *facts, Text *out)
{
    Doc *doc = doc_object();
    record_doc(&facts_columns, 0, facts, doc);
    bool ok = doc_print(doc, 0, out);
    doc_free(doc);
    return ok;
}

/* A text in one line; `settings` keeps its lines. */
static bool read_text(const RowColumn *column, const char *text, Arena *arena, RowCell *cell)
{
    enum { LONGEST = 255, LONGEST_PATH = 4095 };
    const bool lines = column->offset == offsetof(PeerFacts, settings);
    const bool path = column->offset == offsetof(PeerFacts, folder);
    const size_t most = lines ? FACTS_SETTINGS : path ? LONGEST_PATH : LONGEST;
    char *copy = arena_copy_n(arena, text, strnlen(text, most));
    if (!copy) return false;
    text_calm(copy, strlen(copy), true);
    for (char *at = copy; !lines && *at; at++)
        if (*at == '\n' || *at == '\t') *at = ' ';
    *cell = (RowCell){.kind = CELL_TEXT, .t = copy};
    return true;
}

/* False: it cannot be the value of that column. */
static bool read_cell(const RowColumn *column, const Doc *doc, Arena *arena, RowCell *cell)
{
    const double number = doc_to_number(doc, NAN), most = column->member == MEMBER_INT ? 1e6 : 9e15;
    *cell = (RowCell){.kind = CELL_NULL};
    if (!doc || doc_kind(doc) == DOC_NULL) return true;
    switch (column->type) {
    case COLUMN_TEXT: return doc_kind(doc) == DOC_TEXT && read_text(column, doc_to_text(doc, ""), arena, cell);
    case COLUMN_REAL:
        *cell = (RowCell){.kind = CELL_REAL, .d = number};
        return number >= 0 && number <= 1e30;
    case COLUMN_INTEGER:
        if (!(number >= (column->offset == offsetof(PeerFacts, rank) ? -1 : 0) && number <= most)
            || number != floor(number))
            return false;
        *cell = (RowCell){.kind = CELL_INTEGER, .i = (int64_t)number};
    }
    return true;
}

bool facts_read(const char *body, size_t n, Arena *arena, PeerFacts *out)
{
    PeerFacts facts = {0};
    Doc *doc = doc_parse(body, n, NULL);
    bool ok = doc && doc_kind(doc) == DOC_OBJECT;
    for (int i = 0; ok && i < facts_columns.n; i++) {
        const RowColumn *column = &facts_columns.columns[i];
        RowCell cell;
        ok = read_cell(column, doc_get(doc, column_label(column)), arena, &cell)
          && ((column->member == MEMBER_ENUM && cell.kind == CELL_NULL) /* ISA_AUTO: not told */
              || column_set(column, &facts, &cell, NULL, NULL));
    }
    doc_free(doc);
    ok = ok && facts.seats > 0;
    if (ok) *out = facts;
    return ok;
}

/* ---- judged -------------------------------------------------------------------------------------- */

static bool differ(const char *a, const char *b) { return strcmp(a, b) != 0; }


/* Where two configurations part: the first line that they have not in common. */
static void say_settings(const PeerFacts *host, const PeerFacts *guest, const char *who, char *out, size_t size)
{
    static const char cure[] = "start all with the same file and options";
    char difference[160];
    text_difference(guest->settings, host->settings, difference, sizeof difference);
    if (differ(guest->settings, host->settings))
        snprintf(out, size, "%s has another configuration: %s; %s", who, difference, cure);
    else
        snprintf(out, size, "%s has another configuration (%.8s, not %.8s); %s", who, guest->configuration,
                 host->configuration, cure);
}

static void refuse(const PeerFacts *host, const PeerFacts *guest, const char *who, char *out, size_t size)
{
    char bytes[32];
    if (differ(host->version, guest->version))
        snprintf(out, size, "%s runs consort %.40s, not %.40s: install the same version on all hosts", who,
                 guest->version, host->version);
    else if (differ(host->configuration, guest->configuration))
        say_settings(host, guest, who, out, size);
    else if (host->space_version != guest->space_version)
        snprintf(out, size, "%s has version %d of the search space, which was edited, not %d: it has to see the"
                 " study's database to know of that", who, guest->space_version, host->space_version);
    else if (differ(host->data, guest->data))
        snprintf(out, size, "%s has read other data (fingerprint %.8s, not %.8s): its copy of the files"
                 " differs; compare them (sha256sum) and copy the study's", who, guest->data, host->data);
    else if (differ(host->split, guest->split))
        snprintf(out, size, "%s has other validation rows (split %.8s, not %.8s) of the same data: the file"
                 " with the folds or the library that draws them differs", who, guest->split, host->split);
    else if (guest->disk_bytes < FACTS_LEAST_DISK
             && !(host->disk_bytes < FACTS_LEAST_DISK)) /* it may be the same disk */
        snprintf(out, size, "%s has %s free in %.150s, where %d MiB are the least that models and checkpoints"
                 " take: make room there, or give it another --dir", who, text_bytes(guest->disk_bytes, bytes),
                 guest->folder, FACTS_LEAST_DISK >> 20);
    else if (guest->memory_bytes < FACTS_LEAST_MEMORY)
        snprintf(out, size, "%s has no memory for any trial (%s): give its job more, or raise run.memory_cap",
                 who, text_bytes(guest->memory_bytes, bytes));
}

/* Was a host not warned of that yet? */
static bool is_new(FactsJudge *judge, const char *host, const char *what)
{
    char key[300];
    const int n = snprintf(key, sizeof key, "%s %.255s", what, host);
    if (text_set_find(&judge->said, key, (size_t)n) >= 0) return false;
    text_set_add(&judge->said, judge->arena, key, (size_t)n); /* no memory: it is said again */
    return true;
}

static char *warning(FactsJudge *judge, const PeerFacts *guest, const char *what, FactsVerdict *out)
{
    return is_new(judge, guest->host, what) ? out->warnings[out->n_warnings++] : NULL;
}

static void warn_of_kernels(FactsJudge *judge, const PeerFacts *guest, FactsVerdict *out)
{
    enum { SIZE = sizeof out->warnings[0] };
    const PeerFacts *host = judge->host;
    const Isa common = isa_common(host->isa, guest->isa);
    char *line;
    if (host->isa != guest->isa) {
        if (!(line = warning(judge, guest, "kernels", out))) return;
        int n = snprintf(line, SIZE, "host %.80s takes %s kernels, this one %s: results may differ in the last"
                         " digits", guest->host, isa_names[guest->isa], isa_names[host->isa]);
        if (common != ISA_AUTO) snprintf(line + n, SIZE - (size_t)n, "; `run.isa: %s` makes all the same",
                                         isa_names[common]);
    } else if (differ(host->libraries, guest->libraries) && (line = warning(judge, guest, "libraries", out))) {
        snprintf(line, SIZE, "host %.80s has other libraries (%.120s, not %.120s): results may differ in the"
                 " last digits; `run.isa` makes BLAS take the same kernels, the same packages do the rest",
                 guest->host, guest->libraries, host->libraries);
    }
}

static void warn_of_memory(FactsJudge *judge, const PeerFacts *guest, FactsVerdict *out)
{
    const PeerFacts *host = judge->host;
    char *line, there[32], here[32];
    if (!(guest->memory_bytes < host->memory_bytes / 2) || !differ(host->host, guest->host)
        || !(line = warning(judge, guest, "memory", out)))
        return;
    snprintf(line, sizeof out->warnings[0], "host %.80s has %s for trials, this one %s: trials that need more"
             " do not run there", guest->host, text_bytes(guest->memory_bytes, there),
             text_bytes(host->memory_bytes, here));
}

/* False: its clock is not that far off, or this host's own (then letters are late), or that was said.
 * Below 0: behind. */
static bool judge_clock(FactsJudge *judge, const char *host, double ahead_s, char *line, size_t size)
{
    char seconds[32];
    if (!(fabs(ahead_s) > FACTS_CLOCK_S) || !differ(judge->host->host, host) || !is_new(judge, host, "clock"))
        return false;
    snprintf(line, size, "the clock of host %.80s is %s %s: times in the database are this host's; those of"
             " files that are written there are not", host, text_duration(fabs(ahead_s), seconds),
             ahead_s > 0 ? "ahead" : "behind");
    return true;
}

bool facts_hear_clock(FactsJudge *judge, FactsClock *clock, const char *host, const char *body, size_t n,
                      double now_s, char *line, size_t size)
{
    enum { ENOUGH = 3 }; /* those of one may have waited, of all not */
    char text[40];
    double there;
    if (n == 0 || n >= sizeof text || clock->n == ENOUGH) return false;
    memcpy(text, body, n);
    text[n] = '\0';
    if (!text_to_number(text, &there)) return false;
    if (clock->n++ == 0 || now_s - there < clock->behind_s) clock->behind_s = now_s - there;
    return clock->n == ENOUGH && judge_clock(judge, host, -clock->behind_s, line, size);
}

void facts_judge(FactsJudge *judge, const PeerFacts *guest, double now_s, FactsVerdict *out)
{
    char who[200];
    const double ahead = guest->clock_s - now_s;
    out->refusal[0] = '\0';
    out->n_warnings = 0;
    snprintf(who, sizeof who, "%.60s on %.100s", guest->name, guest->host);
    refuse(judge->host, guest, who, out->refusal, sizeof out->refusal);
    if (out->refusal[0]) return;
    warn_of_kernels(judge, guest, out);
    if (ahead > 0)
        out->n_warnings += judge_clock(judge, guest->host, ahead, out->warnings[out->n_warnings],
                                       sizeof out->warnings[0]);
    warn_of_memory(judge, guest, out);
}
