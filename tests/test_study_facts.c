/* tuner/study/facts: what a process says of itself, as text and back, from strangers too; and each line that
 * the one that runs the study may answer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "tuner/study/facts.h"

static Arena *arena;

static const PeerFacts here = {
    .name = "pid 7", .host = "a", .pid = 7, .rank = -1, .seats = 2, .cpus = 2, .version = "1.0",
    .configuration = "c0ffee0011", .settings = "method bayes\nseed 11\nsearch:\n  x: 1\n", .data = "d1d1d1d1d1",
    .split = "5151515151", .isa = ISA_AVX512, .libraries = "OpenBLAS SkylakeX, glibc 2.36", .memory_bytes = 8e9,
    .disk_bytes = 1e9, .clock_s = 1000, .folder = "runs/x"};

static PeerFacts rank_on(const char *host)
{
    PeerFacts guest = here;
    guest.name = "rank 3";
    guest.rank = 3;
    guest.host = host;
    return guest;
}

static const FactsVerdict *judged_by(FactsJudge *judge, const PeerFacts *guest)
{
    static FactsVerdict verdict;
    memset(&verdict, 'x', sizeof verdict);
    facts_judge(judge, guest, 1000, &verdict);
    return &verdict;
}

static const FactsVerdict *judged(const PeerFacts *guest)
{
    FactsJudge judge = {.host = &here, .arena = arena};
    return judged_by(&judge, guest);
}

static void refused(const PeerFacts *guest, const char *line)
{
    const FactsVerdict *v = judged(guest);
    assert_string_equal(v->refusal, line);
    assert_int_equal(v->n_warnings, 0);
}

static void warned(const PeerFacts *guest, const char *line)
{
    const FactsVerdict *v = judged(guest);
    assert_string_equal(v->refusal, "");
    assert_int_equal(v->n_warnings, line != NULL);
    if (line) assert_string_equal(v->warnings[0], line);
}

static void test_refusals(void **state)
{
    (void)state;
    PeerFacts guest = rank_on("b");
    warned(&guest, NULL);
    guest.version = "1.1";
    refused(&guest, "rank 3 on b runs consort 1.1, not 1.0: install the same version on all hosts");
    guest = rank_on("b");
    guest.configuration = "deadbeef99";
    guest.settings = "method bayes\nseed 12\nsearch:\n  x: 1\n";
    refused(&guest, "rank 3 on b has another configuration: seed 12, not seed 11; start all with the same file"
            " and"
                    " options");
    guest.settings = "method bayes\nseed 11\nsearch:\n  x: 2\n";
    refused(&guest, "rank 3 on b has another configuration: search: x: 2, not x: 1; start all with the same"
            " file and"
                    " options");
    guest.settings = here.settings; /* they part behind what is told */
    refused(&guest, "rank 3 on b has another configuration (deadbeef, not c0ffee00); start all with the same"
            " file and"
                    " options");
    guest = rank_on("b");
    guest.data = "e2e2e2e2e2";
    guest.split = "6262626262";
    refused(&guest, "rank 3 on b has read other data (fingerprint e2e2e2e2, not d1d1d1d1): its copy of the"
            " files"
                    " differs; compare them (sha256sum) and copy the study's");
    guest.data = here.data;
    refused(&guest, "rank 3 on b has other validation rows (split 62626262, not 51515151) of the same data: the"
            " file"
                    " with the folds or the library that draws them differs");
    guest = rank_on("b");
    guest.disk_bytes = 3 << 20;
    refused(&guest, "rank 3 on b has 3 MiB free in runs/x, where 16 MiB are the least that models and"
            " checkpoints"
                    " take: make room there, or give it another --dir");
    PeerFacts full = here;
    full.disk_bytes = guest.disk_bytes; /* the same disk, maybe: the study runs there all the same */
    assert_string_equal(judged_by(&(FactsJudge){.host = &full, .arena = arena}, &guest)->refusal, "");
    guest.disk_bytes = NAN;
    warned(&guest, NULL);
    guest.memory_bytes = 1000;
    refused(&guest, "rank 3 on b has no memory for any trial (1000 bytes): give its job more, or raise"
                    " run.memory_cap");
    guest.memory_bytes = NAN;
    warned(&guest, NULL);
}

static void test_warnings(void **state)
{
    (void)state;
    PeerFacts guest = rank_on("b");
    guest.isa = ISA_AVX2;
    guest.libraries = "OpenBLAS Haswell, glibc 2.36"; /* follows from it: not said beside it */
    warned(&guest, "host b takes avx2 kernels, this one avx512: results may differ in the last digits;"
           " `run.isa: avx2`"
                   " makes all the same");
    guest.isa = ISA_NEON;
    warned(&guest, "host b takes neon kernels, this one avx512: results may differ in the last digits");
    guest = rank_on("b");
    guest.libraries = "OpenBLAS Haswell, glibc 2.31";
    warned(&guest, "host b has other libraries (OpenBLAS Haswell, glibc 2.31, not OpenBLAS SkylakeX, glibc"
           " 2.36):"
                   " results may differ in the last digits; `run.isa` makes BLAS take the same kernels, the"
                   " same"
                   " packages do the rest");
    guest = rank_on("b");
    guest.clock_s = 1005;
    warned(&guest, NULL);
    guest.clock_s = 1065;
    warned(&guest, "the clock of host b is 1m 05s ahead: times in the database are this host's; those of files"
           " that"
                   " are written there are not");
    guest.clock_s = 900; /* or the letter lay there */
    warned(&guest, NULL);
    guest = rank_on("b");
    guest.memory_bytes = 3.9e9;
    warned(&guest, "host b has 3.6 GiB for trials, this one 7.5 GiB: trials that need more do not run there");
    guest.host = here.host; /* what is free changes from one moment to the next */
    warned(&guest, NULL);
}

static bool says_on(const char *host, FactsJudge *judge, FactsClock *clock, const char *text, char line[480])
{
    return facts_hear_clock(judge, clock, host, text, strlen(text), 1000, line, 480);
}

static bool says(FactsJudge *judge, FactsClock *clock, const char *text, char line[480])
{
    return says_on("b", judge, clock, text, line);
}

/* The first two letters lay there for a while. */
static void test_clocks(void **state)
{
    (void)state;
    char line[480] = "";
    FactsJudge judge = {.host = &here, .arena = arena};
    FactsClock clock = {0};
    assert_false(says(&judge, &clock, "900", line));
    assert_false(says(&judge, &clock, "", line) || says(&judge, &clock, "noon", line));
    assert_false(says(&judge, &clock, "980.5", line));
    assert_true(says(&judge, &clock, "992", line));
    assert_string_equal(line, "the clock of host b is 8.0s behind: times in the database are this host's; those"
        " of"
                              " files that are written there are not");
    clock = (FactsClock){0}; /* another process there: that was said */
    for (int i = 0; i < 5; i++) assert_false(says(&judge, &clock, "992", line));
    judge = (FactsJudge){.host = &here, .arena = arena};
    clock = (FactsClock){0};
    assert_false(says(&judge, &clock, "900", line) || says(&judge, &clock, "996", line)
                 || says(&judge, &clock, "900", line));
    clock = (FactsClock){0}; /* a process on our own host has our clock: we were slow to read */
    for (int i = 0; i < 5; i++) assert_false(says_on(here.host, &judge, &clock, "900", line));
}

static void test_once_a_host(void **state)
{
    (void)state;
    FactsJudge judge = {.host = &here, .arena = arena};
    for (int rank = 1; rank < 9; rank++) {
        PeerFacts guest = rank_on(rank % 2 ? "b" : "c");
        guest.isa = ISA_AVX2;
        guest.clock_s = 2000;
        guest.memory_bytes = 2e6;
        assert_int_equal(judged_by(&judge, &guest)->n_warnings, rank < 3 ? 3 : 0);
    }
}

static bool same_text(const char *a, const char *b) { return strcmp(a, b) == 0; }

static void test_round_trip(void **state)
{
    (void)state;
    PeerFacts guest = rank_on("b"), back;
    Text text = {0};
    guest.memory_bytes = NAN;
    guest.clock_s = 1796066137.123456;
    assert_true(facts_print(&guest, &text));
    assert_null(strchr(text.bytes, '\n'));
    assert_true(facts_read(text.bytes, text.n, arena, &back));
    assert_true(isnan(back.memory_bytes) && back.disk_bytes == guest.disk_bytes && back.clock_s == guest.clock_s);
    assert_true(back.pid == 7 && back.rank == 3 && back.seats == 2 && back.cpus == 2 && back.isa == ISA_AVX512);
    assert_true(same_text(back.name, guest.name) && same_text(back.host, guest.host)
                && same_text(back.version, guest.version) && same_text(back.configuration, guest.configuration)
                && same_text(back.settings, guest.settings) && same_text(back.data, guest.data)
                && same_text(back.split, guest.split) && same_text(back.libraries, guest.libraries)
                && same_text(back.folder, guest.folder));
    text_free(&text);
}

/* The line with one piece of it replaced. */
static bool reads_with(const char *piece, const char *by, PeerFacts *out)
{
    PeerFacts guest = rank_on("b");
    Text text = {0}, other = {0};
    assert_true(facts_print(&guest, &text));
    const char *at = strstr(text.bytes, piece);
    if (!at) fail_msg("%s has no %s", text.bytes, piece);
    text_add_n(&other, text.bytes, (size_t)(at - text.bytes));
    text_add(&other, by);
    text_add(&other, at + strlen(piece));
    bool ok = facts_read(other.bytes, other.n, arena, out);
    text_free(&text);
    text_free(&other);
    return ok;
}

static void test_strangers(void **state)
{
    (void)state;
    PeerFacts facts = rank_on("b"), untouched = {.pid = 99};
    Text text = {0};
    assert_true(facts_print(&facts, &text));
    for (size_t n = 0; n < text.n; n++) assert_false(facts_read(text.bytes, n, arena, &untouched));
    static const struct { const char *piece, *by; } bad[] = {
        {"\"pid\":7", "\"pid\":7.5"},      {"\"pid\":7", "\"pid\":-1"},     {"\"pid\":7", "\"pid\":1e300"},
        {"\"pid\":7", "\"pid\":\"7\""},    {"\"rank\":3", "\"rank\":-2"},   {"\"rank\":3", "\"rank\":1e9"},
        {"\"seats\":2", "\"seats\":0"},    {"\"avx512\"", "\"avx9\""},      {"\"avx512\"", "4"},
        {"\"b\"", "[]"},                   {"\"1.0\"", "1"},               {"\"seats\":2", "\"eats\":2"},
        {"\"clock_s\":1000", "\"clock_s\":-1"},
        {"\"disk_bytes\":1000000000", "\"disk_bytes\":-1"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (reads_with(bad[i].piece, bad[i].by, &untouched)) fail_msg("%s was believed", bad[i].by);
    assert_int_equal(untouched.pid, 99);
    static const char less[] = "{\"version\":\"2.0\",\"seats\":1}"; /* another version's */
    assert_true(facts_read(less, sizeof less - 1, arena, &facts));
    assert_true(*facts.host == 0 && facts.pid == 0 && isnan(facts.clock_s));
    assert_string_equal(judged(&facts)->refusal, " on  runs consort 2.0, not 1.0: install the same version on"
        " all hosts");
    assert_true(reads_with("\"rank 3\"", "\"\\u001b[2Jrank\\n3\\u202e\"", &facts)); /* what a terminal would obey */
    for (const char *at = facts.name; *at; at++) assert_true((unsigned char)*at >= ' ' && (unsigned char)*at < 127);
    char longer[5000] = "\"";
    memset(longer + 1, 'h', sizeof longer - 3);
    strcpy(longer + sizeof longer - 2, "\"");
    assert_true(reads_with("\"b\"", longer, &facts));
    assert_int_equal(strlen(facts.host), 255);
    facts.name = facts.version = facts.data = facts.folder = facts.libraries = facts.host;
    assert_int_equal(strlen(judged(&facts)->refusal) < sizeof judged(&facts)->refusal, 1);
    text_free(&text);
}

static void test_of_this_process(void **state)
{
    (void)state;
    const StudyInfo info = {.data_sha256 = "d", .split_sha256 = "s"};
    FactsKnown known = {.rank = -1, .settings = "abc", .libraries = "none", .isa = ISA_AVX2, .folder = "/tmp"};
    PeerFacts facts;
    char name[40];
    assert_true(facts_here(&info, &known, arena, &facts));
    snprintf(name, sizeof name, "pid %d", (int)getpid());
    assert_string_equal(facts.name, name);
    assert_string_equal(facts.configuration, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(facts.cpus > 0 && facts.disk_bytes > 0 && facts.clock_s > 1.7e9);
    known.rank = 4;
    assert_true(facts_here(&info, &known, arena, &facts));
    assert_string_equal(facts.name, "rank 4");
    assert_true(isnan(facts.memory_bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),   cmocka_unit_test(test_warnings),  cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_once_a_host), cmocka_unit_test(test_round_trip), cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_of_this_process),
    };
    arena = arena_create(0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_destroy(arena);
    return failed;
}
