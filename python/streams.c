/* python/streams.c - the C library's streams and environment under names that a shared object can reach, and no TLS
 * (wheel.mk). */
#include <stdio.h>

extern char **environ;
int consort_no_tls(void);
FILE *consort_stdin, *consort_stdout, *consort_stderr;
char **consort_environ;

__attribute__((constructor)) static void begin(void)
{
    consort_stdin = stdin;
    consort_stdout = stdout;
    consort_stderr = stderr;
    consort_environ = environ;
}

int consort_no_tls(void)
{
    return 0;
}
