/* Predicts each row of a file of the host with an exported model, on an emulated board, and says how far its
 * values lie from those that the file has, what a prediction takes, and how deep its stack was.
 *
 * rows.bin, in the order of bytes of the board (rows.py writes it): how many rows; of each row how many bytes
 * its cells take, the cells (pixels, or texts, each with a 0 behind it), the class decided for (-1: none), the
 * values as doubles. One line is said: names and whole numbers. Exit code 0: it was said; 96 to 99: it could not be.
 */
#include "board.h"
#include "model.h"

#ifdef MODEL_N_CLASSES
enum { N_VALUES = MODEL_N_CLASSES };
typedef float value;
#else
enum { N_VALUES = MODEL_N_VALUES };
typedef VALUE value; /* float: labels, double: numbers */
#endif
enum { MOST_BYTES = 4096, PAINTED = 32768, PAINT = 0x5a };

static char cells[MOST_BYTES];
static model_input x[MODEL_N_INPUTS];
static value got[N_VALUES];
static double wanted[N_VALUES];

static void say_number(const char *name, uint32_t n)
{
    char text[12], *at = text + sizeof text;
    *--at = 0;
    do *--at = (char)('0' + n % 10);
    while (n /= 10);
    host_say(name);
    host_say(at);
}

/* What was said so far and these bytes, as one number. */
static uint32_t hash(uint32_t so_far, const void *bytes, size_t n)
{
    const uint8_t *at = (const uint8_t *)bytes;
    for (; n; n--) so_far = (so_far ^ *at++) * 16777619u;
    return so_far;
}

/* The class, or 0. */
static int __attribute__((noinline)) predict(void)
{
#ifdef MODEL_N_CLASSES
    return model_predict(x, got);
#else
    (void)model_predict(x, got);
    return 0;
#endif
}
static int __attribute__((noinline)) nothing(void)
{
    __asm__ volatile("" ::: "memory");
    return 0;
}

/* Not at the end of it: what was painted over went as deep as this. */
static uint32_t depth(const volatile uint8_t *low, const volatile uint8_t *top)
{
    while (low < top && *low == PAINT) low++;
    return (uint32_t)(top - low);
}

static int call(int (*function)(void), uint32_t *instructions, uint32_t *stack)
{
    const uintptr_t sp = stack_pointer();
    volatile uint8_t *const top = (volatile uint8_t *)(sp - 8), *low = top - PAINTED;
    volatile uint8_t *at;
    uint32_t before, after;
    int result;
    if ((uintptr_t)&end + 16 > (uintptr_t)low) low = (volatile uint8_t *)&end + 16;
    for (at = low; at < top; at++) *at = PAINT;
    count_start();
    before = count_now();
    result = function();
    after = count_now();
    *instructions = count_between(before, after);
    *stack = depth(low, top) + 8;
    return result;
}

#ifdef MODEL_HEIGHT
static uint32_t take(size_t n)
{
    size_t i;
    for (i = 0; i < n && i < MODEL_N_INPUTS; i++) x[i] = (model_input)(unsigned char)cells[i];
    return 0;
}
#else
static uint32_t take(size_t n)
{
    static const char *fields[MODEL_N_INPUTS];
    size_t i, at = 0;
    uint32_t before, after;
    for (i = 0; i < MODEL_N_INPUTS && at < n; i++) {
        fields[i] = cells + at;
        while (at < n && cells[at]) at++;
        at++;
    }
    count_start();
    before = count_now();
    if (i < MODEL_N_INPUTS || model_encode_row(fields, x) != 0) {
        host_say("a row that cannot be read\n");
        host_exit(96);
    }
    after = count_now();
    return count_between(before, after);
}
#endif

int main(void)
{
    static const char name[] = "rows.bin";
    const intptr_t file = host_open(name, sizeof name - 1);
    uint32_t n_rows, row, n, instructions, stack, empty, empty_stack, most = 0, deepest = 0, wrong = 0, bits = 0;
    uint64_t sum = 0, reading = 0;
    double worst = 0;
    int32_t class_wanted;
    int c, class_got;
    if (file < 0) {
        host_say("no rows.bin\n");
        host_exit(96);
    }
    host_read(file, &n_rows, 4);
    (void)call(nothing, &empty, &empty_stack);
    for (row = 0; row < n_rows; row++) {
        host_read(file, &n, 4);
        if (n > MOST_BYTES) {
            host_say("a row is too long\n");
            host_exit(96);
        }
        host_read(file, cells, n);
        host_read(file, &class_wanted, 4);
        host_read(file, wanted, sizeof wanted);
        reading += take(n);
        class_got = call(predict, &instructions, &stack);
        instructions -= empty;
        sum += instructions;
        if (instructions > most) most = instructions;
        if (stack > deepest) deepest = stack;
        bits = hash(bits, got, sizeof got);
        if (class_wanted >= 0 && class_got != class_wanted) wrong++;
        for (c = 0; c < N_VALUES; c++) {
            const double size = wanted[c] < 0 ? -wanted[c] : wanted[c], off = (double)got[c] - wanted[c];
            const double far = (off < 0 ? -off : off) / (size > 1 ? size : 1);
            if (!(far <= worst)) worst = far < 4 ? far : 4;
        }
    }
    if (n_rows == 0) host_exit(96);
    say_number("rows ", n_rows);
    say_number(" wrong ", wrong);
    say_number(" off_e9 ", (uint32_t)(worst * 1e9));
    say_number(" bits ", bits);
    say_number(" instructions ", (uint32_t)(sum / n_rows));
    say_number(" most ", most);
    say_number(" reading ", (uint32_t)(reading / n_rows));
    say_number(" stack ", deepest);
    say_number(" test ", (uint32_t)model_selftest());
    host_say("\n");
    host_exit(0);
    return 0;
}
