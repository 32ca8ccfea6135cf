#!/usr/bin/env bash
# Pictures as files, from a folder to C: a folder by class, a list of names, new ones predicted by name; the exported C
# says of their pixels what `predict` says of the files.   tests/cli_pictures.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"

# Blobs of a colour: photos/CLASS/N.png in 8 x 8, new/N.png, their raw pixels in new.bytes, and names.csv.
cat > make.py <<'PY'
import os, random, struct, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
def png(path, w, h, pixels):
    rows = b"".join(b"\0" + bytes(pixels[3 * w * y:3 * w * (y + 1)]) for y in range(h))
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
random.seed(1)
def blob(colour):
    x0, y0 = random.random() * 8, random.random() * 8
    return [min(255, max(0, int(v * (abs(x - x0) + abs(y - y0) < 5) + random.gauss(30, 10))))
            for y in range(8) for x in range(8) for v in colour]
os.makedirs("new")
names = open("names.csv", "w")
names.write("file,size,paint\n")
raw = open("new.bytes", "wb")
for k, (name, colour) in enumerate((("red", (200, 40, 40)), ("green", (40, 200, 40)), ("blue", (40, 40, 200)))):
    os.makedirs("photos/" + name)
    for i in range(40):
        png("photos/%s/%d.png" % (name, i), 8, 8, blob(colour))
        names.write("%s/%d.png,%.2f,%s\n" % (name, i, 1 + k + random.random() / 8, name.upper()))
    pixels = blob(colour)
    png("new/%d.png" % (8 + k), 8, 8, pixels)
    raw.write(bytes(pixels))
PY
python3 make.py || exit 1
echo "no picture" > photos/readme.txt

ok "a folder" data inspect photos
has "a folder" out '^120 images, 8 x 8 in colour, 3 classes, label class$'
has "a folder" out 'readme.txt'
ok "a run" run photos --set run_cap=2 --set train.epochs=4 --set run.jobs=1 -q
has "a run" out '^test +accuracy'
model=runs/photos/ensemble.consort
ok "the sheet" data preview runs/photos/sweep.yaml
ok "the inside" inspect "$model" photos --row 3 --json
has "the inside" out '"channels": ?3'
has "the card" runs/photos/data-card.json '"channels": ?3'

# New files in natural order, by name.
ok "new ones" predict "$model" new --proba
is "new ones" "$(cut -d, -f1 out | tr '\n' ' ')" "file 8.png 9.png 10.png "
cp out said.csv
ok "one" predict "$model" new/9.png --proba
is "one" "$(sed -n 2p out)" "$(sed -n 3p said.csv)"
ok "one as JSON" predict "$model" new/9.png --json
has "one as JSON" out '"id":"9.png"'
ok "judged" evaluate "$model" photos
has "judged" out 'accuracy'

# What was exported says the same of the same pixels.
cat > main.c <<'C'
#include <stdio.h>
#include "photos.h"
int main(void)
{
    unsigned char x[PHOTOS_HEIGHT * PHOTOS_WIDTH * PHOTOS_CHANNELS];
    float p[PHOTOS_N_CLASSES];
    int c;
    if (photos_selftest()) return 1;
    while (fread(x, 1, sizeof x, stdin) == sizeof x) {
        printf("%s", photos_class_names[photos_predict(x, p)]);
        for (c = 0; c < PHOTOS_N_CLASSES; c++) printf(",%.5f", p[c]);
        printf("\n");
    }
    return 0;
}
C
ok "C" export "$model" --to c --out photos.c
n=$((n + 1))
if ${CC:-cc} -std=c99 -O1 -o deployed main.c photos.c -lm 2> err && ./deployed < new.bytes > c.csv; then
    is "C" "$(cat c.csv)" "$(python3 -c '
for line in open("said.csv").read().split()[1:]:
    cells = line.split(",")
    print(",".join([cells[1]] + ["%.5f" % float(v) for v in cells[3:]]))')"
else
    fail "C is not compiled, or its self-test fails"
fi

# The same by a list of names, whose labels are not the folders'.
ok "a list" data inspect photos --labels names.csv --label paint
has "a list" out '^120 images, 8 x 8 in colour, 3 classes, label paint$'
has "a list" out '^GREEN +40'
cat > list.yaml <<'YAML'
data:
  train: {images: photos, labels: names.csv}
  label: paint
  pictures: {width: 6, colour: grey, fit: pad, background: black}
parameters:
  learning_rate: {min: 0.001, max: 0.01}
run_cap: 1
train: {epochs: 2}
YAML
ok "a list" train list.yaml -q --out list.consort
ok "a list" predict list.consort new
is "a list" "$(wc -l < out)" 4
has "a list" out '^8.png,(RED|GREEN|BLUE),'

# A quantity as well.
sed -e 's/label: paint/label: size/' -e 's/colour: grey, //' list.yaml > size.yaml
ok "a quantity" train size.yaml -q --out size.consort
ok "a quantity" predict size.consort new
is "a quantity" "$(wc -l < out)" 4
has "a quantity" out '^8.png,-?[0-9.]+'

# What is wrong is told with the file.
head -c 60 photos/red/3.png > photos/red/cut.png
expect 3 "a cut file" data inspect photos
has "a cut file" err 'photos/red/cut.png: PNG: '
expect 3 "no pictures" data inspect runs/photos/artifacts
has "no pictures" err 'no pictures are in it'

echo "cli_pictures: $n checks, $failed failed"
[ $failed = 0 ]
