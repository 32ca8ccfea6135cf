/* JPEG, by libjpeg: the one file that calls it.
 *
 * libjpeg reports errors by not returning: on_error() notes the message and jumps back into attempt(). All that
 * must live through a jump is in the JpegReading that attempt()'s caller owns. Files that end early are
 * libjpeg's warnings; here they are errors. A picture of thousands of scans, each over all of it, would take
 * minutes of a few kilobytes: no more than MOST_SCANS are followed.
 */
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>
#include <jerror.h>
#include <setjmp.h>
#include <string.h>

#include "pictures/read.h"

enum { MOST_SCANS = 200 };

typedef struct {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    bool look, no_memory;
    Picture *out;
    char message[JMSG_LENGTH_MAX];
    jmp_buf back;
} JpegReading;

static void fail(JpegReading *r, const char *message)
{
    strncpy(r->message, message, sizeof r->message - 1);
    longjmp(r->back, 1);
}

static void on_error(j_common_ptr jpeg)
{
    JpegReading *r = jpeg->client_data;
    char message[JMSG_LENGTH_MAX];
    (*jpeg->err->format_message)(jpeg, message);
    fail(r, message);
}

static void on_message(j_common_ptr jpeg, int level)
{
    if (level >= 0) return; /* traces */
    int code = jpeg->err->msg_code;
    if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE) on_error(jpeg);
}

static void on_progress(j_common_ptr jpeg)
{
    JpegReading *r = jpeg->client_data;
    if (r->jpeg.input_scan_number > MOST_SCANS) fail(r, "too many scans");
}

/* Jumped out of. */
static void decode(JpegReading *r, const uint8_t *bytes, size_t n)
{
    Error err;
    Picture *out = r->out;
    struct jpeg_decompress_struct *jpeg = &r->jpeg;
    jpeg_create_decompress(jpeg);
    jpeg->progress = &r->progress;
    jpeg_mem_src(jpeg, bytes, (unsigned long)n);
    if (jpeg_read_header(jpeg, TRUE) != JPEG_HEADER_OK) fail(r, "there is no picture in it");
    if (!picture_fits(jpeg->image_width, jpeg->image_height, &err)) fail(r, err.message);
    if (jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK)
        fail(r, "four printing colours (CMYK); save it as RGB");
    const int channels = jpeg->jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
    *out = (Picture){(int)jpeg->image_width, (int)jpeg->image_height, channels, NULL};
    if (r->look) return;
    jpeg->out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;
    r->no_memory = !picture_room(out, &err);
    if (r->no_memory) fail(r, "out of memory");
    jpeg_start_decompress(jpeg);
    const size_t line = (size_t)out->width * (size_t)channels;
    if (jpeg->output_components != channels || jpeg->output_width != (JDIMENSION)out->width)
        fail(r, "a form that is not read");
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = out->bytes + (size_t)jpeg->output_scanline * line;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
}

/* Where a jump lands. */
static void attempt(JpegReading *r, const uint8_t *bytes, size_t n)
{
    if (setjmp(r->back) == 0) decode(r, bytes, n);
}

bool picture_read_jpeg(const uint8_t *bytes, size_t n, bool look, uint8_t background, Picture *out, Error *err)
{
    (void)background; /* nothing is transparent */
    JpegReading r = {.look = look, .out = out};
    r.jpeg.err = jpeg_std_error(&r.errors);
    r.errors.error_exit = on_error;
    r.errors.emit_message = on_message;
    r.progress.progress_monitor = on_progress;
    r.jpeg.client_data = &r;
    attempt(&r, bytes, n);
    jpeg_destroy_decompress(&r.jpeg);
    if (r.no_memory) return error_memory(err);
    return !*r.message || error_set(err, ERR_DATA, "JPEG: %s", r.message);
}
