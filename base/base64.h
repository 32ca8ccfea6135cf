/* base/base64.h - bytes as text of 64 letters (RFC 4648, with padding), as pictures stand in JSON. */
#ifndef CONSORT_BASE_BASE64_H
#define CONSORT_BASE_BASE64_H
#include <stdint.h>

#include "base/text.h"

void base64_add(const uint8_t *bytes, size_t n, Text *out);
/* Fills out[0..n) from `text`, which must be exactly the base64 of n bytes; false otherwise. */
bool base64_read(const char *text, uint8_t *out, size_t n);
#endif
