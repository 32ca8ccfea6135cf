/* Bytes that are taken and given back under one lock; who does not fit yet waits for somebody to leave. */
#include "tuner/trial/gate.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct Gate {
    pthread_mutex_t lock;
    pthread_cond_t left;
    double capacity, taken;
    int n_inside;
};

Gate *gate_create(double capacity)
{
    Gate *gate = calloc(1, sizeof *gate);
    if (!gate) return NULL;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->left, &monotonic);
    pthread_condattr_destroy(&monotonic);
    gate->capacity = capacity;
    return gate;
}

void gate_destroy(Gate *gate)
{
    if (!gate) return;
    pthread_mutex_destroy(&gate->lock);
    pthread_cond_destroy(&gate->left);
    free(gate);
}

bool gate_enter(Gate *gate, double bytes, const atomic_int *stop)
{
    bool stopped = false;
    pthread_mutex_lock(&gate->lock);
    while (!stopped && gate->capacity > 0 && gate->n_inside > 0 && gate->taken + bytes > gate->capacity) {
        struct timespec until; /* a signal only sets a flag: look at it now and then */
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&gate->left, &gate->lock, &until);
        stopped = stop && atomic_load(stop);
    }
    if (!stopped) {
        gate->taken += bytes;
        gate->n_inside++;
    }
    pthread_mutex_unlock(&gate->lock);
    return !stopped;
}

void gate_leave(Gate *gate, double bytes)
{
    pthread_mutex_lock(&gate->lock);
    gate->taken -= bytes;
    gate->n_inside--;
    pthread_cond_broadcast(&gate->left);
    pthread_mutex_unlock(&gate->lock);
}
