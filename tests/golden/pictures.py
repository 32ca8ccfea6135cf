"""Golden pictures for tests/test_pictures_files.c: files as Pillow writes them, and the pixels as Pillow reads them.

    python tests/golden/pictures.py [CORPUS] > tests/golden/pictures.h     (Pillow, NumPy)

With CORPUS, a folder, the files are left there, too (tests/fuzz/corpus/picture). What Pillow has no mode for
(16 bits in colour, alpha over a background) is computed here from the numbers that were written. Then sizes: a
picture in others by sums of fractions (pictures/resize.h).
"""
import io
import os
import struct
import sys
import zlib
from fractions import Fraction

import numpy as np
from PIL import Image

rng = np.random.default_rng(15)
W, H = 7, 5
files = []  # name, bytes, width, height, pixels


def add(name, data, pixels):
    pixels = np.asarray(pixels, np.uint8)
    files.append((name, bytes(data), pixels.shape[1], pixels.shape[0], pixels))


def saved(image, form, **how):
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth, kind, rows, extra=b""):
    """A file by hand: rows are bytes, without filters."""
    head = struct.pack(">IIBBBBB", W, H, depth, kind, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra
            + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows))) + chunk(b"IEND", b""))


def over(levels, alpha, ground):
    levels, alpha = levels.astype(int), alpha.astype(int)
    if levels.ndim == 3:
        alpha = alpha[..., None]
    return (levels * alpha + ground * (255 - alpha) + 127) // 255


grey = rng.integers(0, 256, (H, W), dtype=np.uint8)
rgb = rng.integers(0, 256, (H, W, 3), dtype=np.uint8)
alpha = rng.integers(0, 256, (H, W), dtype=np.uint8)
smooth = np.array([[[20 * x + 10 * y, 250 - 30 * x, 40 * y] for x in range(W)] for y in range(H)], np.uint8)

add("grey.png", saved(Image.fromarray(grey), "PNG"), grey)
add("rgb.png", saved(Image.fromarray(rgb), "PNG"), rgb)
add("bits.png", saved(Image.fromarray(grey).convert("1"), "PNG"), np.asarray(Image.fromarray(grey).convert("1").convert("L")))
palette = Image.fromarray(rgb).quantize(9)
add("palette.png", saved(palette, "PNG"), np.asarray(palette.convert("RGB")))
greys = Image.fromarray(grey // 32, "P")
greys.putpalette([v for k in range(8) for v in 3 * [35 * k]])
add("greys.png", saved(greys, "PNG"), 35 * (grey // 32))
add("alpha.png", saved(Image.fromarray(np.dstack([rgb, alpha])), "PNG"), over(rgb, alpha, 255))
add("grey_alpha.png", saved(Image.fromarray(np.dstack([grey, alpha]), "LA"), "PNG"), over(grey, alpha, 255))
deep = rng.integers(0, 65536, (H, W), dtype=np.uint16)
add("deep.png", png(16, 0, [r.astype(">u2").tobytes() for r in deep]), np.round(deep / 257.0))
deep = rng.integers(0, 65536, (H, W, 3), dtype=np.uint16)
add("deep_rgb.png", png(16, 2, [r.astype(">u2").tobytes() for r in deep]), np.round(deep / 257.0))
add("key.png", png(8, 0, [r.tobytes() for r in grey], chunk(b"tRNS", struct.pack(">H", int(grey[1, 2])))),
    np.where(grey == grey[1, 2], 255, grey))
for name, image in (("grey.jpg", Image.fromarray(smooth[..., 0])), ("rgb.jpg", Image.fromarray(smooth))):
    data = saved(image, "JPEG", quality=90)
    add(name, data, np.asarray(Image.open(io.BytesIO(data))))
data = saved(Image.fromarray(smooth), "JPEG", quality=90, progressive=True)
add("progressive.jpg", data, np.asarray(Image.open(io.BytesIO(data))))
add("grey.pgm", saved(Image.fromarray(grey), "PPM"), grey)
add("rgb.ppm", saved(Image.fromarray(rgb), "PPM"), rgb)
bits = np.asarray(Image.fromarray(grey).convert("1").convert("L"))
add("bits.pbm", saved(Image.fromarray(grey).convert("1"), "PPM"), bits)
add("text.pbm", b"P1 # ink is 1\n7 5\n" + b"\n".join(b"".join(b"0" if v else b"1" for v in r) for r in bits), bits)
small = grey % 8
add("text.pgm", b"P2\n# seven\n7\t5 7\n" + b" ".join(b"%d" % v for v in small.ravel()),
    (small.astype(int) * 255 + 3) // 7)
add("text.ppm", b"P3 7 5 255 " + b"\n".join(b"%d" % v for v in rgb.ravel()), rgb)
wide = rng.integers(0, 1001, (H, W))
add("wide.pgm", b"P5 7 5 1000\n" + wide.astype(">u2").tobytes(), (wide * 255 + 500) // 1000)


def axis(n, m):
    """Weights (m, n) of an axis of n in m, as fractions."""
    out = [[Fraction(0)] * n for _ in range(m)]
    for i in range(m):
        if m < n:
            low, high = Fraction(i * n, m), Fraction((i + 1) * n, m)
            for j in range(n):
                out[i][j] = max(Fraction(0), min(high, j + 1) - max(low, j)) / (high - low)
        else:
            at = min(max(Fraction(2 * i + 1, 2) * n / m - Fraction(1, 2), Fraction(0)), Fraction(n - 1))
            j = int(at)
            out[i][j] += 1 - (at - j)
            if at > j:
                out[i][j + 1] += at - j
    return out


def resized(p, width, height):
    down, across = axis(p.shape[0], height), axis(p.shape[1], width)
    deep = 1 if p.ndim == 2 else p.shape[2]
    p = p.reshape(p.shape[0], p.shape[1], deep)
    out = np.zeros((height, width, deep), np.uint8)
    for y in range(height):
        for x in range(width):
            for c in range(deep):
                v = sum(a * b * int(p[j, i, c]) for j, a in enumerate(down[y]) if a
                        for i, b in enumerate(across[x]) if b)
                out[y, x, c] = int(v + Fraction(1, 2))
    return out


def numbers(values, line=30):
    values = [int(v) for v in values]
    return ",\n    ".join(",".join(map(str, values[k:k + line])) for k in range(0, len(values), line))


print("/* Made by pictures.py beside it. */")
for k, (name, data, w, h, pixels) in enumerate(files):
    print(f"static const unsigned char file_{k}[] = {{\n    {numbers(data)}}};")
    print(f"static const unsigned char pixels_{k}[] = {{\n    {numbers(pixels.ravel())}}};")
    if len(sys.argv) > 1:
        with open(os.path.join(sys.argv[1], name), "wb") as out:
            out.write(data)
print("static const struct {\n    const char *name;\n    const unsigned char *bytes;\n    size_t n;\n"
      "    int width, height, channels;\n    const unsigned char *pixels;\n} golden_files[] = {")
for k, (name, data, w, h, pixels) in enumerate(files):
    print(f'    {{"{name}", file_{k}, sizeof file_{k}, {w}, {h}, {3 if pixels.ndim == 3 else 1}, pixels_{k}}},')
print("};")
sizes = [(3, 2), (7, 5), (1, 1), (14, 10), (9, 3), (4, 11), (21, 5)]
for k, (w, h) in enumerate(sizes):
    print(f"static const unsigned char sized_{k}[] = {{\n    {numbers(resized(rgb, w, h).ravel())}}};")
print(f"enum {{ GOLDEN_RGB = {[f[0] for f in files].index('rgb.png')} }};")
print("static const struct {\n    int width, height;\n    const unsigned char *pixels;\n} golden_sizes[] = {")
for k, (w, h) in enumerate(sizes):
    print(f"    {{{w}, {h}, sized_{k}}},")
print("};")
