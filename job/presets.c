/* job/presets.c - the presets as pieces of YAML, and how one is laid over the defaults. */
#include "job/presets.h"

#include <string.h>

const Preset presets[] = {
    {"keras", NULL, NULL,
     "the classic first network: 784-128-10 on MNIST, Adam, five epochs, a rate that falls to 0",
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
    {"realmlp-s", "default", NULL,
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
    {"lean", NULL, "default", "tables, at a sixth of default's time: two layers of 128, 48 epochs",
     "preprocess:\n"
     "  numeric_embedding: none\n"
     "train:\n"
     "  hidden: [128, 128]\n"
     "  activation: mish\n"
     "  batch_size: 128\n"
     "  epochs: 48\n"
     "  dropout: 0.1\n"
     "  label_smoothing: 0.05\n",
     "train:\n"
     "  label_smoothing: 0\n"},
    {"ple", NULL, "lean", "tables where thresholds matter: lean with fine bins of every number",
     "preprocess:\n"
     "  numeric_embedding: ple\n"
     "  ple_bins: 48\n"
     "  ple_edges: spread\n"
     "train:\n"
     "  activation: relu\n"
     "  dropout: 0.15\n",
     NULL},
    {"sharp", NULL, "ple", "the same at half the epochs and without smoothing: another voice beside it",
     "train:\n"
     "  epochs: 24\n"
     "  label_smoothing: 0\n",
     NULL},
    {"selu", NULL, "lean", "lean with SELU and without smoothing: another voice beside it",
     "train:\n"
     "  activation: selu\n"
     "  dropout: 0.15\n"
     "  label_smoothing: 0\n",
     NULL},
    {"realmlp", NULL, NULL,
     "tables whose numbers have steps and bumps: RealMLP's learned embeddings at 48 epochs; bag it",
     "preprocess:\n"
     "  numeric: robust\n"
     "  numeric_embedding: pbld\n"
     "  categorical: embed\n"
     "  embed_above: 8\n"
     "train:\n"
     "  hidden: [128, 128]\n"
     "  activation: selu\n"
     "  init: realmlp\n"
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
     "  batch_size: 128\n"
     "  drop_last: true\n"
     "  epochs: 48\n"
     "  best_of: cycles\n"
     "  dropout: 0.1\n"
     "  dropout_schedule: flat_cos\n"
     "  weight_decay: 0.01\n"
     "  decay_schedule: flat_cos\n"
     "  label_smoothing: 0.1\n",
     "train:\n"
     "  hidden: [256, 256]\n"
     "  activation: mish\n"
     "  learning_rate: 0.1\n"
     "  batch_size: 256\n"
     "  epochs: 96\n"
     "  label_smoothing: 0\n"},
    {"image", NULL, NULL, "small grey images such as MNIST: a wide network on deformed copies",
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
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

const Preset *preset_find(const char *name)
{
    for (const Preset *preset = presets; preset->name; preset++)
        if (strcmp(name, preset->name) == 0 ||
            (preset->alias && strcmp(name, preset->alias) == 0))
            return preset;
    return NULL;
}

/* Dropped: eight members cost three times as much and are no better in a bag (bench/NOTES.md). */
static const char tabm_is_gone[] = "the preset `tabm` is gone: it cost five times `default` and was no better;"
    " use `default`, with `train: {members: 8}` for TabM's members";

const Preset *preset_named(const char *name, const ConfNode *node, Error *err)
{
    const Preset *preset = preset_find(name);
    if (preset) return preset;
    if (strcmp(name, "tabm") == 0) conf_error(node, err, "%s", tabm_is_gone);
    else
        conf_error(node, err, "unknown preset `%s`; %s`consort help presets` lists them", name,
                   names_suggest_as("did you mean `", "`? ", name, preset_names, "").text);
    return NULL;
}

const Preset *preset_of(const ConfNode *node, Error *err)
{
    if (node->kind == CONF_TEXT) return preset_named(node->text, node, err);
    conf_error(node, err, "`preset` is a name, such as realmlp");
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
    const Preset *base = preset->base ? preset_find(preset->base) : NULL;
    if (base && !preset_apply(base, numbers, settings, arena, err)) return false;
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
        if (preset->base) text_print(out, "  over %s\n", preset->base);
        print_lines(preset->yaml, out);
        if (!preset->numbers) continue;
        text_add(out, "  where numbers are predicted, also\n");
        print_lines(preset->numbers, out);
    }
}
