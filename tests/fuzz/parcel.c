/* Fuzzes the letters by which files travel: what is offered (first byte 0), asked for (1), or (2) sent, there several,
 * each after its length in two bytes, into files that are awaited. Nothing leaves the folder of its trial. */
#include "tests/fuzz/fuzz.h"

#include "base/file.h"
#include "base/folder.h"
#include "tuner/study/parcel.h"

static const char *study;
static const ParcelTrial seven = {7, 0, 2};

static void remove_study(void)
{
    folder_remove(study);
}

static void put(const char *name, const char *words)
{
    Error err;
    fuzz_must(file_write(path_join(fuzz_forever(), study, name), words, strlen(words), &err), &err);
}

static void make_study(void)
{
    Error err;
    study = fuzz_path("study");
    atexit(remove_study);
    fuzz_must(file_make_folder(path_join(fuzz_forever(), study, "artifacts"), &err), &err);
    put("secret", "SECRET");
    put("artifacts/trial-000008.consort", "SECRET");
    put("artifacts/trial-000007.proba", "may be read");
}

static void wants(ParcelIn *in)
{
    for (int i = 0; i < PARCEL_AHEAD + 2; i++) {
        Text want = {0};
        if (!parcel_want(in, &want)) break;
        FUZZ_HOLDS(i <= PARCEL_AHEAD);
        FUZZ_HOLDS(in->at == in->files.n || !parcel_enough(want.bytes, want.n));
        text_free(&want);
    }
}

static void offered(const char *body, size_t n, Arena *arena)
{
    ParcelIn in;
    Error err;
    ParcelState state = parcel_open(study, seven, NULL, true, body, n, arena, &in, &err);
    for (int i = 0; state != PARCEL_WRONG && i < in.files.n; i++) {
        const char *name = in.files.files[i].name;
        FUZZ_HOLDS(strncmp(name, "artifacts/trial-000007", 22) == 0 && !strstr(name, "/../"));
        FUZZ_HOLDS(in.files.files[i].bytes >= 0);
    }
    if (state == PARCEL_MORE) wants(&in);
    parcel_close(&in);
}

static bool is_secret(const char *bytes, size_t n)
{
    for (size_t i = 0; i + 6 <= n; i++)
        if (memcmp(bytes + i, "SECRET", 6) == 0) return true;
    return false;
}

/* The answer repeats the place that was asked for: what is no secret to who asks is none. */
static void asked(const char *body, size_t n)
{
    Text piece = {0};
    if (parcel_piece(study, seven, body, n, &piece)) FUZZ_HOLDS(is_secret(body, n) || !is_secret(piece.bytes, piece.n));
    text_free(&piece);
}

static void sent(FuzzBytes say, Arena *arena)
{
    static const char digest[] = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"; /* of "hello" */
    ParcelFile files[] = {{"artifacts/trial-000007.consort", 5}, {"artifacts/trial-000007.1.checkpoint", 0},
                          {"artifacts/trial-000007/deep/er", 300000}};
    TrialRecord record = {.row = {.state = TRIAL_QUEUED}, .n_artifacts = 1,
                          .artifacts = {{"weights", files[0].name, 5, digest}}};
    Text offer = {0};
    ParcelIn in;
    Error err;
    FUZZ_HOLDS(parcel_offer(&(ParcelFiles){3, 3, files}, &offer));
    ParcelState state = parcel_open(study, seven, &record, true, offer.bytes, offer.n, arena, &in, &err);
    FUZZ_HOLDS(state == PARCEL_MORE);
    while (state == PARCEL_MORE && say.n > 0) {
        size_t n = fuzz_byte(&say);
        n = n << 8 | fuzz_byte(&say);
        if (n > say.n) n = say.n;
        char *body = fuzz_string(say.at, n);
        wants(&in);
        state = parcel_take(&in, body, n, &err);
        say.at += n;
        say.n -= n;
        free(body);
    }
    parcel_close(&in);
    const char *model = path_join(arena, study, files[0].name);
    FUZZ_HOLDS(model && (in.at > 0 ? file_bytes(model) == 5 : !file_exists(model)));
    text_free(&offer);
    parcel_drop(study, seven, DROP_STATES | DROP_FOLDER, arena);
    folder_remove(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzBytes say = {data, size};
    Arena *arena = fuzz_arena();
    if (!study) make_study();
    unsigned what = fuzz_byte(&say) % 3;
    if (what == 2) {
        sent(say, arena);
        return 0;
    }
    char *body = fuzz_string(say.at, say.n);
    if (what == 0) offered(body, say.n, arena);
    else asked(body, say.n);
    free(body);
    return 0;
}
