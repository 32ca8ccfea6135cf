/* Bytes to base64 and back: three bytes are four letters. */
#include "base/base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(const uint8_t *bytes, size_t n, Text *out)
{
    for (size_t i = 0; i < n; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (i + 1 < n) group |= (uint32_t)bytes[i + 1] << 8;
        if (i + 2 < n) group |= bytes[i + 2];
        char four[4] = {digits[group >> 18], digits[group >> 12 & 63],
                        i + 1 < n ? digits[group >> 6 & 63] : '=',
                        i + 2 < n ? digits[group & 63] : '='};
        text_add_n(out, four, 4);
    }
}

bool base64_read(const char *text, uint8_t *out, size_t n)
{
    if (strlen(text) != (n + 2) / 3 * 4) return false;
    for (size_t i = 0; i < n; i += 3, text += 4) {
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) {
            bool padding = i + k > n; /* letter k > 0 ends byte i + k - 1 */
            const char *digit = text[k] ? strchr(digits, text[k]) : NULL;
            if (padding ? text[k] != '=' : !digit) return false;
            group = group << 6 | (padding ? 0 : (uint32_t)(digit - digits));
        }
        for (size_t k = 0; k < 3 && i + k < n; k++) out[i + k] = (uint8_t)(group >> (16 - 8 * k));
    }
    return true;
}
