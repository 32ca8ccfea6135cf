/* Fuzzes lists of names of pictures: the input is the CSV; a.pgm and b.ppm lie in the folder. Behind a
 * zero byte: the size that is asked for, and how pictures are made fit. */
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzBytes said = fuzz_options(data, &size);
    ReadOptions options = *fuzz_read_options();
    options.pictures.width = (int)(fuzz_byte(&said) % 20);
    options.pictures.height = (int)(fuzz_byte(&said) % 20);
    options.pictures.fit = (int)(fuzz_byte(&said) % 3);
    options.pictures.colour = (int)(fuzz_byte(&said) % 3);
    fuzz_file("a.pgm", "P5 3 2 255\nabcdef", 17);
    fuzz_file("b.ppm", "P6 2 2 255\nabcdefghijkl", 23);
    const char *names = fuzz_file("names", data, size);
    DataFile file = {.images = fuzz_folder_path, .labels = names};
    fuzz_read_table(&file, &options, fuzz_arena());
    return 0;
}
