/* job/presets.c - the presets as pieces of YAML, and how one is laid over the defaults. */
#include "job/presets.h"

#include <string.h>

const Preset presets[] = {
    {"keras", NULL, "the classic first network: 784-128-10 on MNIST, Adam, five epochs, a rate that falls to 0",
     "train:\n"
     "  hidden: [128]\n"
     "  activation: relu\n"
     "  init: glorot\n"
     "  optimizer: adam\n"
     "  learning_rate: 0.001\n"
     "  schedule: cosine\n"
     "  batch_size: 32\n"
     "  epochs: 5\n"
     "  weight_decay: 0\n",
     NULL},
    {"realmlp-s", "default",
     "tables, quick and good: a simplified RealMLP, two layers at 96 epochs; bag it with k-fold",
     "preprocess:\n"
     "  numeric: robust\n"
     "train:\n"
     "  hidden: [256, 256]\n"
     "  activation: selu\n"
     "  init: realmlp\n"
     "  input_scaling: true\n"
     "  optimizer: adamw\n"
     "  learning_rate: 0.04\n"
     "  lr_scaling: ntk\n"
     "  bias_lr: 0.1\n"
     "  scaling_lr: 6\n"
     "  beta2: 0.95\n"
     "  schedule: coslog4\n"
     "  batch_size: 256\n"
     "  drop_last: true\n"
     "  epochs: 96\n"
     "  best_of: cycles\n"
     "  weight_decay: 0.01\n"
     "  decay_schedule: flat_cos\n"
     "  label_smoothing: 0.1\n",
     "preprocess:\n"
     "  numeric_embedding: pbld\n"
     "train:\n"
     "  activation: mish\n"
     "  learning_rate: 0.1\n"
     "  embed_lr: 0.1\n"
     "  dropout: 0.1\n"
     "  dropout_schedule: flat_cos\n"
     "  label_smoothing: 0\n"},
    {"realmlp", NULL, "tables, with more time: RealMLP with learned embeddings at 256 epochs",
     "preprocess:\n"
     "  numeric: robust\n"
     "  numeric_embedding: pbld\n"
     "  categorical: embed\n"
     "  embed_above: 8\n"
     "train:\n"
     "  hidden: [256, 256, 256]\n"
     "  activation: selu\n"
     "  init: data\n"
     "  input_scaling: true\n"
     "  category_size: 8\n"
     "  embed_frequencies: 16\n"
     "  embed_size: 4\n"
     "  embed_sigma: 0.1\n"
     "  optimizer: adamw\n"
     "  learning_rate: 0.04\n"
     "  lr_scaling: ntk\n"
     "  bias_lr: 0.1\n"
     "  scaling_lr: 6\n"
     "  embed_lr: 0.1\n"
     "  beta2: 0.95\n"
     "  schedule: coslog4\n"
     "  batch_size: 256\n"
     "  drop_last: true\n"
     "  epochs: 256\n"
     "  dropout: 0.15\n"
     "  dropout_schedule: flat_cos\n"
     "  weight_decay: 0.02\n"
     "  decay_schedule: flat_cos\n"
     "  label_smoothing: 0.1\n",
     "train:\n"
     "  activation: mish\n"
     "  learning_rate: 0.2\n"
     "  label_smoothing: 0\n"},
    {"tabm", NULL, "tables: eight networks in one that share most weights (TabM), piecewise-linear inputs",
     "preprocess:\n"
     "  numeric: robust\n"
     "  numeric_embedding: ple\n"
     "train:\n"
     "  hidden: [128, 128, 128]\n"
     "  members: 8\n"
     "  activation: relu\n"
     "  optimizer: adamw\n"
     "  learning_rate: 0.002\n"
     "  schedule: cosine\n"
     "  batch_size: 256\n"
     "  epochs: 64\n"
     "  dropout: 0.1\n"
     "  weight_decay: 0.0003\n"
     "  clip_norm: 1\n",
     NULL},
    {"image", NULL, "small grey images such as MNIST: a wide network on deformed copies",
     "train:\n"
     "  hidden: [1024, 1024, 512]\n"
     "  activation: relu\n"
     "  optimizer: adamw\n"
     "  learning_rate: 0.001\n"
     "  schedule: cosine\n"
     "  batch_size: 256\n"
     "  epochs: 60\n"
     "  weight_decay: 0.01\n"
     "  label_smoothing: 0.05\n"
     "  ema: 0.999\n"
     "  augment:\n"
     "    rotate_deg: 10\n"
     "    shift_px: 1.5\n"
     "    scale: 0.1\n"
     "    shear: 0.1\n"
     "    elastic_alpha: 32\n"
     "    elastic_sigma: 5\n",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

const Preset *preset_find(const char *name)
{
    for (const Preset *preset = presets; preset->name; preset++)
        if (strcmp(name, preset->name) == 0 ||
            (preset->alias && strcmp(name, preset->alias) == 0))
            return preset;
    return NULL;
}

const Preset *preset_of(const ConfNode *node, Error *err)
{
    const Preset *preset = node->kind == CONF_TEXT ? preset_find(node->text) : NULL;
    if (preset) return preset;
    if (node->kind != CONF_TEXT) conf_error(node, err, "`preset` is a name, such as realmlp");
    else
        conf_error(node, err, "unknown preset `%s`; %s`consort help presets` lists them", node->text,
                   names_suggest_as("did you mean `", "`? ", node->text, preset_names, "").text);
    return NULL;
}

static bool apply(const char *name, const char *yaml, Settings *settings, Arena *arena, Error *err)
{
    Conf *conf;
    return conf_read_text(name, yaml, strlen(yaml), arena, &conf, err)
        && field_read(&prep_fields, conf_get(conf->root, "preprocess"), &settings->prep, arena, err)
        && field_read(&train_fields, conf_get(conf->root, "train"), &settings->train, arena, err);
}

bool preset_apply(const Preset *preset, bool numbers, Settings *settings, Arena *arena, Error *err)
{
    return apply(preset->name, preset->yaml, settings, arena, err)
        && (!numbers || !preset->numbers || apply(preset->name, preset->numbers, settings, arena, err));
}

static void print_lines(const char *yaml, Text *out)
{
    while (*yaml) {
        size_t n = strcspn(yaml, "\n");
        text_print(out, "    %.*s\n", (int)n, yaml);
        yaml += n + (yaml[n] == '\n');
    }
}

void presets_print(Text *out)
{
    for (const Preset *preset = presets; preset->name; preset++) {
        text_print(out, "%s%s%s%s  %s\n", preset != presets ? "\n" : "", preset->name,
                   preset->alias ? ", " : "", preset->alias ? preset->alias : "", preset->help);
        print_lines(preset->yaml, out);
        if (!preset->numbers) continue;
        text_add(out, "  where numbers are predicted, also\n");
        print_lines(preset->numbers, out);
    }
}
