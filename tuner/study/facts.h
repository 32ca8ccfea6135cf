/* tuner/study/facts.h - what a process that takes part in a study says of itself, and what the one that runs
 * the study makes of it.
 *
 * A guest's HELLO has its facts as JSON, a member a column of `facts_columns`. What comes is checked as if a
 * stranger had sent it: texts are short, on one line, and without what a terminal would obey; numbers are whole
 * and in range, or the letter is none. Judged, a guest is refused, with one line that names its host, what
 * differs and the cure, or let in, with warnings: each is said once a host, not once a process.
 *
 *     refused  another version of consort; another configuration, and where they part; other data, or other
 *              validation rows; no room on its disk; no memory for any trial
 *     warned   other kernels or libraries, whose sums may end in other last digits; a clock that is off by more
 *              than FACTS_CLOCK_S; less than half of the memory that trials have here
 *
 * Clocks    a study's database has one clock, its host's: a trial begins when the host sends it and ends when
 *           the host has its record; how many seconds that took is measured where it runs, by a clock that only
 *           grows. So a guest's own time of day matters for what it writes into files and nowhere else. A
 *           letter that lay there for a while makes its sender seem behind, never ahead: so a HELLO shows only
 *           that a guest is ahead, and the least that several later letters say is how far it is behind.
 * Memory    texts live in the arena that is given, or are borrowed from StudyInfo.
 * Threads   a FactsJudge belongs to one.
 */
#ifndef CONSORT_TUNER_STUDY_FACTS_H
#define CONSORT_TUNER_STUDY_FACTS_H
#include "base/isa.h"
#include "base/record.h"
#include "base/set.h"
#include "tuner/store/rows.h"

typedef struct {
    const char *name;          /* "rank 3", "pid 77" */
    const char *host;          /* texts: "" where they are not told */
    int64_t pid;
    int rank;                  /* -1: none */
    int seats, cpus;
    const char *version, *data, *split; /* as StudyInfo has them */
    const char *configuration; /* SHA-256 of ... */
    const char *settings;      /* ... what decides results, a line each; told up to FACTS_SETTINGS bytes */
    int space_version;         /* of the search space; 0: it was never edited */
    Isa isa;                   /* of the kernels in use */
    const char *libraries;     /* BLAS and C library in use, with their versions */
    double memory_bytes;       /* that trials may have; nan: not known */
    double disk_bytes;         /* free where it writes; nan: not known */
    double clock_s;            /* of the day, UTC, since 1970 */
    const char *folder;        /* of the study, as it sees it */
} PeerFacts;
extern const RowTable facts_columns;

/* What the rest of the program knows of this process. */
typedef struct {
    int rank;                  /* -1: none */
    const char *settings, *libraries; /* settings: whole */
    Isa isa;
    const char *folder;
} FactsKnown;
/* All but seats and memory (nan): they are known where trials are run. False: no memory. */
bool facts_here(const StudyInfo *info, const FactsKnown *known, Arena *arena, PeerFacts *out);
double facts_clock(void); /* seconds of the day, UTC, since 1970 */

/* One line of JSON, appended. False: no memory. */
bool facts_print(const PeerFacts *facts, Text *out);
/* Another version may tell less: that is 0, "" or nan. False: it is none of ours, or there is no memory. */
bool facts_read(const char *body, size_t n, Arena *arena, PeerFacts *out);

enum {
    FACTS_SETTINGS = 1 << 14,
    FACTS_CLOCK_S = 5,
    FACTS_LEAST_DISK = 16 << 20, /* bytes: models, predictions and checkpoints of a few trials */
    FACTS_LEAST_MEMORY = 1 << 20,
    FACTS_WARNINGS = 4
};
typedef struct {
    const PeerFacts *host;
    Arena *arena;  /* for as long as the study runs: it remembers which hosts were warned of */
    TextSet said;
} FactsJudge;      /* {.host, .arena} */
typedef struct {
    char refusal[480]; /* "": welcome */
    int n_warnings;
    char warnings[FACTS_WARNINGS][480];
} FactsVerdict;
/* `now_s`: facts_clock() when its HELLO was read. */
void facts_judge(FactsJudge *judge, const PeerFacts *guest, double now_s, FactsVerdict *out);
/* What a guest's letters have said of its clock. */
typedef struct {
    int n;
    double behind_s; /* the least of them */
} FactsClock;
/* One more, the text of a number. True: what there is to say about it. */
bool facts_hear_clock(FactsJudge *judge, FactsClock *clock, const char *host, const char *body, size_t n,
                      double now_s, char *line, size_t size);
#endif
