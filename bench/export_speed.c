/* Exports networks for a server, for bench/export_speed.py: `export_speed FOLDER NAME MEMBERS WIDTH WIDTH ...`.
 * They are of pictures of 28 x 28 with random weights.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "export/c_source.h"

enum { SIDE = 28, PIXELS = SIDE * SIDE, MOST_WIDTHS = 8, CLASSES = 10 };

static Mlp *network(const int *hidden, int n_hidden, uint32_t seed, Arena *arena)
{
    Rng rng = rng_stream(1, seed, RNG_TEST);
    Mlp *mlp = NULL;
    if (!mlp_create(PIXELS, hidden, n_hidden, CLASSES, ACT_RELU, arena, &mlp, NULL)) return NULL;
    for (int l = 0; l < mlp->n_layers; l++) {
        const MlpLayer layer = mlp_layer(mlp, l);
        for (int i = 0; i < mlp->width[l]; i++)
            for (int j = 0; j < mlp->width[l + 1]; j++)
                layer.w[i * layer.ld + j] = (float)(rng_normal(&rng) / sqrt(mlp->width[l]));
    }
    return mlp;
}

static bool put(const char *folder, const char *name, const char *ending, Text *text)
{
    char path[500];
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, ending);
    FILE *file = fopen(path, "w");
    if (!file) return false;
    const bool ok = fwrite(text->bytes, 1, text->n, file) == text->n;
    text_free(text);
    return fclose(file) == 0 && ok;
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 4 + MOST_WIDTHS) return 2;
    static float shift[PIXELS], scale[PIXELS];
    static const char *classes[CLASSES] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    Arena *arena = arena_create(0);
    const int n_members = atoi(argv[3]), n_hidden = argc - 4;
    int hidden[MOST_WIDTHS];
    for (int i = 0; i < PIXELS; i++) scale[i] = 1.0f / 255;
    for (int i = 0; i < n_hidden; i++) hidden[i] = atoi(argv[4 + i]);
    const Prep prep = {.n_features = PIXELS, .height = SIDE, .width = SIDE, .pixel_shift = shift,
                       .pixel_scale = scale};
    const Prep *preps[1] = {&prep};
    ModelMember *members = ARENA_NEW(arena, ModelMember, n_members);
    ModelNet *nets = ARENA_NEW(arena, ModelNet, n_members);
    for (int m = 0; m < n_members; m++) {
        nets[m] = (ModelNet){network(hidden, n_hidden, (uint32_t)m, arena), 0};
        members[m] = (ModelMember){.name = "m", .weight = 1, .n_nets = 1, .nets = &nets[m]};
    }
    const Model model = {.name = "it", .n_preps = 1, .preps = preps, .n_members = n_members, .members = members,
                         .schema = {.height = SIDE, .width = SIDE, .n_classes = CLASSES, .classes = classes},
                         .temperature = 1};
    const CExportOptions options = {.target = C_SERVER, .name = argv[2]};
    Text header = {0}, source = {0};
    Error err;
    if (!c_source_write(&model, &options, arena, &header, &source, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    const bool ok = put(argv[1], argv[2], "h", &header) && put(argv[1], argv[2], "c", &source);
    arena_destroy(arena);
    return ok ? 0 : 1;
}
