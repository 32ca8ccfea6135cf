/* base/machine.h - how much memory there is: of the machine, or of the control group (container, batch job,
 * systemd slice) that this process lives in, whichever is less.
 *
 * What is free is what could be had without swapping: files in the page cache count as free.
 * Errors  none: where the system does not say (no /proc), both are 0.
 */
#ifndef CONSORT_BASE_MACHINE_H
#define CONSORT_BASE_MACHINE_H

typedef struct {
    double total, available; /* bytes */
} MachineMemory;
/* `root` is put before every path: "", or a folder of a test. */
MachineMemory machine_memory(const char *root);
#endif
