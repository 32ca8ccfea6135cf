/* PNG, by libpng: the one file that calls it.
 *
 * libpng reports errors by not returning: on_error() notes the message and jumps back into attempt(). All that
 * must live through a jump is in the PngReading that attempt()'s caller owns, so no local variable is in doubt.
 */
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "pictures/read.h"

typedef struct {
    const uint8_t *at;
    size_t left;
    bool look;
    uint8_t background;
    Picture *out;
    png_structp png;
    png_infop info;
    png_bytep *rows; /* where each row of the picture goes */
    char message[120];
    bool no_memory;
    jmp_buf back;
} PngReading;

static void on_error(png_structp png, png_const_charp message)
{
    PngReading *r = png_get_error_ptr(png);
    strncpy(r->message, message, sizeof r->message - 1);
    longjmp(r->back, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png, (void)message; /* profiles and times that are odd: the pixels are not */
}

static void on_read(png_structp png, png_bytep to, size_t n)
{
    PngReading *r = png_get_io_ptr(png);
    if (n > r->left) png_error(png, "the file is cut off");
    memcpy(to, r->at, n);
    r->at += n;
    r->left -= n;
}

/* Grey as a rule: all entries that a palette has. */
static bool palette_is_grey(PngReading *r)
{
    png_colorp palette;
    int n = 0;
    if (!png_get_PLTE(r->png, r->info, &palette, &n)) return false;
    for (int i = 0; i < n; i++)
        if (palette[i].red != palette[i].green || palette[i].green != palette[i].blue) return false;
    return true;
}

/* To 8 bits a value, without palette. Alpha stays for now. */
static void ask_for_bytes(PngReading *r, int depth, int type, bool grey_palette)
{
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(r->png);
    if (type == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(r->png);
    if (png_get_valid(r->png, r->info, PNG_INFO_tRNS)) png_set_tRNS_to_alpha(r->png);
    if (depth == 16) png_set_scale_16(r->png);
    if (grey_palette) png_set_rgb_to_gray_fixed(r->png, 1, -1, -1);
    png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
}

/* Jumped out of. */
static void decode(PngReading *r)
{
    Error err;
    Picture *out = r->out;
    png_set_user_limits(r->png, PICTURE_SIDE, PICTURE_SIDE);
    png_set_chunk_malloc_max(r->png, 1 << 24);
    png_set_read_fn(r->png, r, on_read);
    png_read_info(r->png, r->info);
    png_uint_32 width = png_get_image_width(r->png, r->info), height = png_get_image_height(r->png, r->info);
    int depth = png_get_bit_depth(r->png, r->info), type = png_get_color_type(r->png, r->info);
    if (!picture_fits(width, height, &err)) png_error(r->png, err.message);
    bool grey_palette = type == PNG_COLOR_TYPE_PALETTE && palette_is_grey(r);
    *out = (Picture){(int)width, (int)height, (type & PNG_COLOR_MASK_COLOR) && !grey_palette ? 3 : 1, NULL};
    if (r->look) return;
    ask_for_bytes(r, depth, type, grey_palette);
    out->channels = png_get_channels(r->png, r->info);
    size_t line = png_get_rowbytes(r->png, r->info);
    if (png_get_bit_depth(r->png, r->info) != 8 || line != (size_t)width * (size_t)out->channels)
        png_error(r->png, "a form that is not read");
    r->rows = calloc(height, sizeof *r->rows);
    r->no_memory = !r->rows || !picture_room(out, &err);
    if (r->no_memory) png_error(r->png, "out of memory");
    for (png_uint_32 y = 0; y < height; y++) r->rows[y] = out->bytes + (size_t)y * line;
    png_read_image(r->png, r->rows);
}

/* Where a jump lands. */
static void attempt(PngReading *r)
{
    if (setjmp(r->back) == 0) decode(r);
}

bool picture_read_png(const uint8_t *bytes, size_t n, bool look, uint8_t background, Picture *out, Error *err)
{
    PngReading r = {.at = bytes, .left = n, .look = look, .background = background, .out = out};
    r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
    r.info = r.png ? png_create_info_struct(r.png) : NULL;
    if (!r.info) {
        png_destroy_read_struct(&r.png, NULL, NULL);
        return error_memory(err);
    }
    attempt(&r);
    png_destroy_read_struct(&r.png, &r.info, NULL);
    free(r.rows);
    if (r.no_memory) return error_memory(err);
    if (*r.message) return error_set(err, ERR_DATA, "PNG: %s", r.message);
    if (!look) picture_over(out, background);
    return true;
}
