/* What stands before main() on RV32: a stack, traps, the FPU, memory. */
#include <stdint.h>

extern uint32_t bss, bss_end;
int main(void);
void start_c(void);
void fault(void);

__asm__(".section .vectors, \"ax\"\n"
        ".globl start\n"
        ".option arch, +zicsr\n"
        "start:\n"
        "la sp, stack_top\n"
        "la t0, fault\n"
        "csrw mtvec, t0\n"
        "j start_c\n"
        ".text\n");

__attribute__((aligned(4))) void fault(void)
{
    const uint32_t block[2] = {0x20026, 99};
    register uint32_t a0 __asm__("a0") = 0x20;
    register const void *a1 __asm__("a1") = block;
    for (;;)
        __asm__ volatile(".balign 16\n.option push\n.option norvc\n"
                         "slli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop"
                         : "+r"(a0) : "r"(a1) : "memory");
}

void start_c(void)
{
    uint32_t *to;
#ifdef __riscv_flen
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrs mstatus, %0\n.option pop" : : "r"(1u << 13));
#endif
    for (to = &bss; to < &bss_end;) *to++ = 0;
    (void)main();
    fault();
}
