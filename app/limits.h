/* app/limits.h - what the shell's limits (ulimit) would make of libraries and stacks, seen to before that.
 *
 * OpenBLAS starts a thread for each core while the program is loaded, which we never use (base/mat.h). Where
 * threads or address space are limited (ulimit -u, -v, -d), that ends the program before main(), or leaves a
 * thread that looks for memory for ever. So the program begins again, once, telling OpenBLAS to start none;
 * programs of trials are not told.
 *
 * Products of matrices are cut into pieces that lie on the stack (engine/gemm.h), of main() and of all
 * threads: where ulimit -s leaves less than they take, all run on stacks of their own size.
 *
 * A file at its limit (ulimit -f) is an error like a full disk, not a signal that ends the program.
 *
 * Where the system has no means for one of these, nothing is done. Source: the order in which a program's
 * parts begin, "System V Application Binary Interface", DT_PREINIT_ARRAY.
 */
#ifndef CONSORT_APP_LIMITS_H
#define CONSORT_APP_LIMITS_H

/* What `program` returns. */
int limits_run(int (*program)(int argc, char **argv), int argc, char **argv);
#endif
