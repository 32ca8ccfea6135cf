/* data/augment.h - small random changes to a row that do not change its class.
 *
 * Images: one combined warp, bilinear, drawn afresh for each picture and epoch:
 *     rotation U(+-rotate_deg), scale U(1 - scale, 1 + scale) an axis, shear U(+-shear),
 *     shift U(+-shift_px) an axis, then crop (a part U(0, crop) of each side is cut away at a
 *     random place and the rest enlarged), and elastic: each output pixel's source moves by
 *     elastic_alpha times a smooth random field. Then a square of cutout_px at a random place is made
 *     0, and Gaussian noise N(0, noise) on the unit scale is added to each byte's value, clipped to [0, 1].
 * Tables: Gaussian noise N(0, noise) on the encoded features, codes of categories excepted; the rest
 * does not apply.
 *
 * The warp is inverse-mapped: with q an output pixel, c the centre, t the shift, o the place of
 * the crop and s its size, the source point is c + (R H S)^-1 (s (q - c) + o - t), where R turns,
 * H shears and S scales. What lies outside the picture is 0.
 *
 * Elastic fields  U(-1, 1) for each pixel and axis, smoothed by a Gaussian of elastic_sigma pixels on
 * the torus, so that a field may be rolled: a pool of AUGMENT_FIELDS of them, made once, and each
 * picture takes one, rolled by random steps and with random signs: 4 height width AUGMENT_FIELDS
 * different fields for the price of a few. Their standard deviation is about
 * alpha / (6.1 sigma) pixels.
 *
 * Source  Simard, Steinkraus, Platt, ICDAR 2003 (elastic); DeVries and Taylor 2017 (cutout).
 *
 * Chance  a picture takes a fixed number of words from its Rng whatever the strengths of the warp
 *         (AUGMENT_WARP_WORDS), and noise one word for two features: how row i of a
 *         batch is deformed does not depend on the rows before it.
 * All strengths 0: off, and nothing is computed.
 */
#ifndef CONSORT_DATA_AUGMENT_H
#define CONSORT_DATA_AUGMENT_H
#include <stdbool.h>

#include "base/field.h"
#include "base/rng.h"

typedef struct {
    double rotate_deg, shift_px, scale, shear, crop, noise, elastic_alpha, elastic_sigma, cutout_px;
} Augment;
extern const FieldTable augment_fields; /* the `augment` section of train; `augment.rotate_deg` */

bool augment_is_on(const Augment *augment);
int augment_scratch_floats(int height, int width);
/* The pool of elastic fields lies behind those floats of scratch; 0 when elastic is off. */
enum { AUGMENT_FIELDS = 64 };
int augment_pool_floats(const Augment *augment, int height, int width);
void augment_fill_pool(const Augment *augment, int height, int width, Rng *rng, float *scratch);
/* Warps one picture of bytes (height, width, channels) into levels 0..255 as floats, without noise. All
 * channels move alike: one warp and one square are drawn for the picture. */
void augment_image(const Augment *augment, const unsigned char *pixels, int height, int width, int channels,
                   Rng *rng, float *scratch, float *out);

/* The two halves of augment_image, of one channel. `map` takes output (x, y) to the source point
 * (map[0] x + map[1] y + map[2], map[3] x + map[4] y + map[5]), pixel centres at whole numbers. */
enum { AUGMENT_WARP_WORDS = 24 };
void augment_draw(const Augment *augment, int height, int width, Rng *rng, float map[6]);
void augment_warp(const float map[6], const unsigned char *pixels, int height, int width,
                  float *scratch, float *out);
/* x[0..n) += N(0, sd), in float. Takes (n + 1) / 2 words. */
void augment_noise(double sd, Rng *rng, float *x, int n);
#endif
