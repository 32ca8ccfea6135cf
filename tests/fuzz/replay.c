/* Shows a fuzz target the files of its corpus, one after the other: the fuzzer's place in `make test`,
 * which needs no clang. Says how many there were; with FUZZ_VERBOSE set also which, each before it is shown. */
#include <dirent.h>
#include <sys/stat.h>

#include "base/file.h"
#include "tests/fuzz/fuzz.h"

static int shown;

static void show_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat about;
    if (!file || fstat(fileno(file), &about) != 0) {
        perror(path);
        exit(1);
    }
    size_t n = (size_t)about.st_size;
    uint8_t *bytes = malloc(n + !n);
    if (!bytes || fread(bytes, 1, n, file) != n) abort();
    fclose(file);
    if (getenv("FUZZ_VERBOSE")) fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(bytes, n);
    free(bytes);
    shown++;
}

int main(int argc, char **argv)
{
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        struct dirent **names;
        int n = file_is_folder(argv[i]) ? scandir(argv[i], &names, NULL, alphasort) : -1;
        if (n < 0) show_file(argv[i]);
        for (int k = 0; k < n; k++) {
            char path[1000];
            snprintf(path, sizeof path, "%s/%s", argv[i], names[k]->d_name);
            if (names[k]->d_name[0] != '.') show_file(path);
            free(names[k]);
        }
        if (n >= 0) free(names);
    }
    fprintf(stderr, "%s: %d inputs replayed\n", path_base(argv[0]), shown);
    return shown > 0 ? 0 : 1;
}
