/* python/streams.c - the C library's streams and environment under names that a shared object can reach (wheel.mk). */
#include <stdio.h>

extern char **environ;
FILE *consort_stdin, *consort_stdout, *consort_stderr;
char **consort_environ;

__attribute__((constructor)) static void begin(void)
{
    consort_stdin = stdin;
    consort_stdout = stdout;
    consort_stderr = stderr;
    consort_environ = environ;
}
