/* Makes threads that wait for each other, and counts them. */
#include "base/threads.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static void *wait_for_gate(void *gate)
{
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

bool threads_error(const char *what, int number, Error *err)
{
    return error_set(err, ERR_IO, "cannot start a %s: %s; close other programs, or raise the limits on"
                     " processes and memory (ulimit -u, -v)", what, strerror(number));
}

int threads_possible(int wanted)
{
    if (wanted <= 1) return 1;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_t *threads = calloc((size_t)wanted, sizeof *threads);
    int n = 0;
    if (!threads) return 1;
    pthread_mutex_lock(&gate);
    while (n < wanted - 1 && pthread_create(&threads[n], NULL, wait_for_gate, &gate) == 0) n++;
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < n; i++) pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&gate);
    free(threads);
    return n + 1;
}
