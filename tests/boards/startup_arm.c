/* What stands before main() on a Cortex-M: the table of vectors, the FPU, memory. */
#include <stdint.h>

extern uint32_t stack_top, data_from, data_to, data_end, bss, bss_end;
int main(void);
void start(void);
void fault(void);

void fault(void)
{
    const uint32_t block[2] = {0x20026, 99};
    register uint32_t r0 __asm__("r0") = 0x20;
    register const void *r1 __asm__("r1") = block;
    for (;;) __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void start(void)
{
    uint32_t *to = &data_to;
    const uint32_t *from = &data_from;
#ifdef __ARM_FP
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20;
    __asm__ volatile("dsb\nisb");
#endif
    while (to < &data_end) *to++ = *from++;
    for (to = &bss; to < &bss_end;) *to++ = 0;
    (void)main();
    fault();
}

typedef void Vector(void);
__attribute__((section(".vectors"), used)) static Vector *const vectors[16] = {
    (Vector *)&stack_top, start, fault, fault, fault, fault, fault, fault,
    fault, fault, fault, fault, fault, fault, fault, fault};
