/* Fuzzes the messages between a sweep and its guests: one of ours, damaged, or (first byte 0) any bytes. The rest
 * are changes of four bytes: what, where (two), with which value. */
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/fuzz/study.h"
#include "tuner/study/link_socket.h"

enum { KINDS = 5, MOST = 1 << 16 };

typedef struct {
    unsigned char bytes[MOST];
    size_t n;
} Message;

/* The host, which listens as long as there are inputs. */
static const StudyLink *host(void)
{
    static StudyLink link;
    Error err;
    fuzz_path("join.socket"); /* removed in the end */
    if (!link.self) fuzz_must(link_socket_listen(fuzz_folder_path, &link, &err), &err);
    return &link;
}

/* A stranger, who says this and no more. */
static int stranger(const void *bytes, size_t n)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%.100s", fuzz_path("join.socket"));
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) abort();
    if (n && send(fd, bytes, n, MSG_NOSIGNAL) != (ssize_t)n) abort();
    shutdown(fd, SHUT_WR);
    return fd;
}

/* What our own side would send. */
static void make(int kind, Message *out)
{
    static double curve[] = {0.5, 0.25}, other[] = {1};
    static MetricRow metrics[] = {{"val", -1, "f1_macro", 0.9, 0.8, 0.95}};
    static const int64_t counts[] = {5, 1, 0, 6};
    const Space *space = fuzz_space(0);
    static const double ends[] = {0.25, 3}, priced[] = {NAN, 3};
    const Curve others[] = {{2, curve}, {1, other}};
    const ForecastRun runs[] = {{2, 4, curve, curve, ends, true}, {1, 0, other, NULL, NULL, false}};
    double u[SPACE_MAX_PARAMS] = {0.5};
    Value values[SPACE_MAX_PARAMS];
    Text body = {0};
    space_decode(space, u, values);
    TrialTask task = {.number = 3, .values = values, .params_hash = "ab", .n_others = 2, .others = others,
                      .n_finished = 1, .finished = others, .pause_after = 4, .n_goals = 2, .priced = priced,
                      .full = 4, .n_runs = 2, .runs = runs};
    TrialRecord record = {.row = {.state = TRIAL_COMPLETE, .value = 0.9, .value_sd = 0.1, .epochs = 2},
                          .n_metrics = 1, .metrics = metrics, .confusion = {"val", 2, counts}, .n_artifacts = 1,
                          .artifacts = {{"weights", "artifacts/a", 10, "cd"}}, .curve = {2, curve},
                          .more = {2, curve}};
    EpochRow epoch = {.epoch = 2, .val_loss = 0.5};
    bool put = kind == 1 ? wire_put_task(space, 7, &task, &body)
             : kind == 2 ? wire_put_record(7, &record, &body)
             : kind == 3 ? wire_put_epoch(7, &epoch, &body) : true;
    static const WireKind said[KINDS] = {WIRE_HELLO, WIRE_TASK, WIRE_RECORD, WIRE_EPOCH, WIRE_ALIVE};
    if (kind == 0) text_add(&body, "consort and a study\n{\"seats\":2}");
    const uint32_t head[3] = {(uint32_t)said[kind], 1, (uint32_t)body.n};
    FUZZ_HOLDS(put && text_ok(&body) && sizeof head + body.n < MOST);
    memcpy(out->bytes, head, sizeof head);
    if (body.n > 0) memcpy(out->bytes + sizeof head, body.bytes, body.n);
    out->n = sizeof head + body.n;
    text_free(&body);
}

static void damage(Message *m, FuzzBytes *say)
{
    while (say->n >= 4 && m->n > 0 && m->n < MOST / 2) {
        unsigned what = fuzz_byte(say), high = fuzz_byte(say), value;
        size_t at = (high << 8 | fuzz_byte(say)) % m->n;
        value = fuzz_byte(say);
        switch (what % 5) {
        case 0: m->bytes[at] = (unsigned char)value; break;
        case 1: m->n = at; break;
        case 2:
            memmove(m->bytes + at + value, m->bytes + at, m->n - at);
            m->n += value;
            break;
        case 3: memset(m->bytes + at, value & 1 ? 0xFF : 0x7F, m->n - at < 4 ? m->n - at : 4); break;
        case 4:
            memmove(m->bytes + at, m->bytes + at + 1, m->n - at - 1);
            m->n--;
            break;
        }
    }
}

static void use_task(const char *body, size_t n, Arena *arena)
{
    TrialTask task;
    int64_t errand;
    double sum = 0;
    Text json = {0};
    if (!wire_task(body, n, fuzz_space(0), arena, &errand, &task)) return;
    FUZZ_HOLDS(task.params_hash && space_json(fuzz_space(0), task.values, &json));
    for (int i = 0; i < task.n_others; i++)
        for (int k = 0; k < task.others[i].n; k++) sum += task.others[i].value[k];
    for (int i = 0; i < task.n_finished; i++)
        for (int k = 0; k < task.finished[i].n; k++) sum += task.finished[i].value[k];
    for (int i = 0; i < task.n_runs; i++) { /* as a forecast looks at them */
        const ForecastRun *run = &task.runs[i];
        for (int k = 0; k < run->n; k++) sum += run->first[k];
        for (int k = 0; run->more && k < run->n * (task.n_goals - 1); k++) sum += run->more[k];
        for (int g = 0; run->end && g < task.n_goals; g++) sum += run->end[g];
    }
    FUZZ_HOLDS(task.n_goals <= PARETO_MOST);
    FUZZ_HOLDS(isnan(sum) || !isnan(sum));
    text_free(&json);
}

static void use_record(const char *body, size_t n, Arena *arena)
{
    TrialRecord record;
    int64_t errand;
    if (!wire_record(body, n, arena, &errand, &record)) return;
    size_t letters = strlen(record.fail_text) + (record.row.fail_code ? strlen(record.row.fail_code) : 0);
    int64_t total = 0;
    FUZZ_HOLDS(record.row.state < TRIAL_STATE_COUNT);
    for (int i = 0; i < record.n_metrics; i++)
        letters += strlen(record.metrics[i].split) + strlen(record.metrics[i].name);
    for (int i = 0; i < record.n_artifacts; i++)
        letters += strlen(record.artifacts[i].path) + strlen(record.artifacts[i].kind);
    const int k = record.confusion.count ? record.confusion.n_classes : 0;
    for (int i = 0; i < k * k; i++) total ^= record.confusion.count[i];
    for (int i = 0; i < record.curve.n; i++) total += isnan(record.curve.value[i]);
    for (int i = 0; i < record.scores.n; i++) total += isnan(record.scores.value[i]);
    FUZZ_HOLDS(letters + (total != 0) < (size_t)1 << 40);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Message base[KINDS], message;
    FuzzBytes say = {data, size < MOST / 2 ? size : MOST / 2};
    Arena *arena = fuzz_arena();
    const StudyLink *link = host();
    if (base[0].n == 0)
        for (int i = 0; i < KINDS; i++) make(i, &base[i]);
    unsigned which = fuzz_byte(&say) % (KINDS + 1);
    message.n = 0;
    if (which > 0) {
        memcpy(message.bytes, base[which - 1].bytes, message.n = base[which - 1].n);
        damage(&message, &say);
    } else if (say.n) {
        memcpy(message.bytes, say.at, message.n = say.n);
    }
    int fd = stranger(message.bytes, message.n);
    Letter letter;
    EpochRow epoch;
    int64_t errand;
    LinkEvent event;
    FUZZ_HOLDS(link->next(link->self, 10000, arena, &letter) == LINK_CAME);
    const int peer = letter.peer;
    while ((event = link->next(link->self, 10000, arena, &letter)) == LINK_LETTER) {
        FUZZ_HOLDS(letter.kind <= WIRE_END && letter.body[letter.n] == '\0' && letter.peer == peer);
        /* each as what it says it is, and as what it is not */
        use_task(letter.body, letter.n, arena);
        use_record(letter.body, letter.n, arena);
        wire_epoch(letter.body, letter.n, &errand, &epoch);
    }
    FUZZ_HOLDS(event == LINK_GONE && letter.peer == peer);
    close(fd);
    return 0;
}
