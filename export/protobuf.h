/* export/protobuf.h - Protocol Buffers, written: as much of the wire format as one who only writes needs.
 *
 * A message is a sequence of fields, each a tag (number of the field and wire type, a varint) and a value: a
 * varint, four bytes, or a length and so many bytes, which may be a message in turn. A submessage is written
 * in place: pb_begin() remembers where, pb_end() puts tag and length in front of what was written since. What
 * is long and lies elsewhere (weights) is announced by pb_head() and then added as it is, so that nothing is
 * copied twice. Repeated numbers are written one by one; readers must take that as well as packed.
 *
 * Memory and errors are those of Text: a text that ran out of memory is broken, and text_ok() says so once.
 * Source  protobuf.dev, "Encoding".
 */
#ifndef CONSORT_EXPORT_PROTOBUF_H
#define CONSORT_EXPORT_PROTOBUF_H
#include <stdint.h>

#include "base/text.h"

void pb_int(Text *out, int field, int64_t value); /* int32, int64, bool, enum */
void pb_float(Text *out, int field, float value);
void pb_bytes(Text *out, int field, const void *bytes, size_t n);
void pb_text(Text *out, int field, const char *text);
/* Tag and length of a field of n bytes, which follow. */
void pb_head(Text *out, int field, size_t n);
/* How many bytes that field takes, all in all. */
size_t pb_size(int field, size_t n);
size_t pb_begin(const Text *out);
void pb_end(Text *out, int field, size_t mark);
/* n numbers of `width` bytes each, the lowest byte first, whatever the machine has. */
void pb_little_endian(Text *out, const void *numbers, size_t n, size_t width);
#endif
