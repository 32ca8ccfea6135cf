/* tests/boards/board.h - what main.c needs of an emulated board: the host's files, an end, a count of
 * instructions.
 *
 * Files and the exit code come by semihosting: one instruction that the emulator takes for a call, its number
 * and a block of words in two registers. Instructions are counted by what the board has: SysTick on a Cortex-M
 * (the emulator lets a fixed time pass for each instruction: -icount), minstret on RISC-V. Neither is a clock
 * of a real processor: no waiting for flash, no pipeline.
 */
#ifndef BOARD_H
#define BOARD_H
#include <stddef.h>
#include <stdint.h>

extern char end; /* the first byte behind what is static */

static intptr_t host(intptr_t call, const void *block)
{
#ifdef __riscv
    register intptr_t a0 __asm__("a0") = call;
    register const void *a1 __asm__("a1") = block;
    __asm__ volatile(".balign 16\n.option push\n.option norvc\n"
                     "slli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop"
                     : "+r"(a0) : "r"(a1) : "memory");
    return a0;
#else
    register intptr_t r0 __asm__("r0") = call;
    register const void *r1 __asm__("r1") = block;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
#endif
}

static void host_say(const char *text)
{
    (void)host(4, text);
}

static void host_exit(int code)
{
    const uintptr_t block[2] = {0x20026, (uintptr_t)code};
    for (;;) (void)host(0x20, block);
}

/* A handle, or -1. */
static intptr_t host_open(const char *name, size_t length)
{
    const uintptr_t block[3] = {(uintptr_t)name, 1 /* "rb" */, length};
    return host(1, block);
}

/* Not all of it: the end of the test. */
static void host_read(intptr_t file, void *to, size_t n)
{
    const uintptr_t block[3] = {(uintptr_t)file, (uintptr_t)to, n};
    if (n && host(6, block) != 0) {
        host_say("the file of rows ends too early\n");
        host_exit(97);
    }
}

#ifdef __riscv
static void count_start(void)
{
}
static uint32_t count_now(void)
{
    uint32_t n;
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %0, minstret\n.option pop" : "=r"(n));
    return n;
}
static uint32_t count_between(uint32_t before, uint32_t after)
{
    return after - before;
}
#else
/* SysTick counts down, 24 bits, at the processor's rate. TICK_PS: picoseconds a tick; INSTRUCTION_PS: those of an
 * instruction. */
#define SYSTICK ((volatile uint32_t *)0xe000e010)
static void count_start(void)
{
    SYSTICK[1] = 0xffffff;
    SYSTICK[2] = 0;
    SYSTICK[0] = 5;
    while (SYSTICK[2] == 0) continue; /* until it has begun */
    (void)SYSTICK[0];
}
static uint32_t count_now(void)
{
    return SYSTICK[2];
}
static uint32_t count_between(uint32_t before, uint32_t after)
{
    if (SYSTICK[0] & 0x10000) { /* it went through zero */
        host_say("a prediction takes longer than the counter is wide\n");
        host_exit(98);
    }
    return (uint32_t)((uint64_t)(before - after) * TICK_PS / INSTRUCTION_PS);
}
#endif

static uintptr_t stack_pointer(void)
{
    uintptr_t sp;
#ifdef __riscv
    __asm__ volatile("mv %0, sp" : "=r"(sp));
#else
    __asm__ volatile("mov %0, sp" : "=r"(sp));
#endif
    return sp;
}
#endif
