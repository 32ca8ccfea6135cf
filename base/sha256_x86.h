/* base/sha256_x86.h - SHA-256's blocks by the instructions that newer x86 processors have for it.
 *
 * The same digest as base/sha256.c's own rounds, several times as fast. Where the processor or the compiler
 * does not have them sha256_x86_here() is false and nothing else may be called.
 */
#ifndef CONSORT_BASE_SHA256_X86_H
#define CONSORT_BASE_SHA256_X86_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool sha256_x86_here(void);
/* `n_blocks` of 64 bytes, beginning anywhere, into the state; `k`: the 64 constants of FIPS 180-4. */
void sha256_x86_blocks(uint32_t state[8], const unsigned char *bytes, size_t n_blocks, const uint32_t k[64]);
#endif
