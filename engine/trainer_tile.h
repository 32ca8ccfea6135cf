/* engine/trainer_tile.h - floats that a fused pass works on at a time: what stays in the first-level
 * cache between bias, activation and dropout. */
#ifndef CONSORT_ENGINE_TRAINER_TILE_H
#define CONSORT_ENGINE_TRAINER_TILE_H
enum { TRAINER_TILE = 4096 };
#endif
