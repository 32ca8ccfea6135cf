/* engine/trainer_tile.h - the constants that the parts of the trainer share. */
#ifndef CONSORT_ENGINE_TRAINER_TILE_H
#define CONSORT_ENGINE_TRAINER_TILE_H
/* Floats that a fused pass works on at a time: what stays in the first-level cache between bias,
 * activation and dropout. */
enum { TRAINER_TILE = 4096 };
/* Share of zeros from which the first layer skips them: skipping reads a row of weights for each number,
 * which is about as fast as a dense product on half as many. */
#define TRAINER_SPARSE 0.6
#endif
