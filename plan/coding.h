/* plan/coding.h - the constants of an encoding step as plan/runtime/ takes them.
 *
 * Made once from what a Prep has learned. encode_run.c computes with them and exported C has the same printed,
 * so that the one proves the other. Tables are as small as what they say: numbers that are the same in all
 * columns stand once, a word's levels are mapped only where the network does not know all of them, in bytes
 * where that is enough, and what a missing number becomes is left out where its feature is 0.
 *
 * Forms of a step of numbers: `run`, columns side by side (rt_numbers); `thermometer`, of levels in order;
 * else one column, with knots, bins or parts of a date.
 *
 * Memory   the arena's.
 * Errors   false without memory.
 */
#ifndef CONSORT_PLAN_CODING_H
#define CONSORT_PLAN_CODING_H
#include "plan/plan.h"

/* n numbers, in floats or doubles. */
typedef struct {
    int n;
    const float *narrow;
    const double *wide;
} CodingList;

/* Where a word goes. */
typedef struct {
    int bits;             /* of an entry of the map: 8, 16; 0: there is none, levels stay as they are */
    const uint8_t *byte;  /* (n_known) or */
    const uint16_t *word; /* (n_known) */
    int n_known, n_levels;
    int missing, unseen;  /* -1: nowhere */
} CodingPlace;

typedef struct {
    const PrepColumn *column; /* the first, or the derived one; NULL for pixels */
    const Derivation *derivation; /* derived: */
    bool wide, run, thermometer;
    int n;                    /* columns, or pixels */
    CodingList shift, scale;  /* 1 or n; scale 0: a feature that is always 0 */
    CodingList fill;          /* 1 or n; of a run 0: the shift */
    CodingList knots, edges, cells;
    CodingPlace place;        /* words; derived: of the column whose words a group is of, */
    CodingPlace cross;        /* and of the second */
    int by, with;             /* derived: these columns of the table, -1: none */
    int n_buckets;            /* text */
    const uint16_t *bucket;
    const float *idf;         /* NULL: none */
} Coding;

bool plan_coding(const Plan *plan, const PlanStep *step, Arena *arena, Coding *out);
/* Bytes of the tables that C has of it, where a pointer has four. */
size_t coding_bytes(const Coding *coding);
#endif
