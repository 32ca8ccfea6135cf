/* job/defaults.c - the choice of a list that stands for a setting's default. */
#include "job/defaults.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "engine/activation.h"

enum { MOST_LIKE = 7 };
typedef const char *Likeness[MOST_LIKE]; /* the most like first */

/* What scales a column: after each the one whose inputs come out most alike. */
static const Likeness of_tables = {"robust", "standard", "quantile", "minmax", "unit", "none"};
static const Likeness of_pictures = {"unit", "minmax", "standard", "none"};
static const Likeness of_relu = {"he", "lecun", "glorot"};
static const Likeness of_selu = {"lecun", "he", "glorot"};
static const Likeness of_tanh = {"glorot", "lecun", "he"};

static int find_word(const Param *param, const char *word)
{
    for (int c = 0; word && c < param->n_choices; c++)
        if (param->choices[c].kind == VALUE_TEXT && strcmp(param->choices[c].text, word) == 0) return c;
    return -1;
}

static bool is_folder(const Config *config, const char *path)
{
    Text full = {0};
    const char *dir = config->data.read.dir;
    text_print(&full, "%s%s%s", dir && *path != '/' ? dir : "", dir && *dir && *path != '/' ? "/" : "", path);
    bool is = text_ok(&full) && file_is_folder(full.bytes);
    text_free(&full);
    return is;
}

/* Which file it will be is known when it is read; until then by what is said of it. Robust and quantile are for
 * tables alone. */
static bool has_pictures(const Config *config, const Param *param)
{
    const DataFile *file = &config->data.train_file;
    int format = config->data.read.format;
    if (find_word(param, "robust") >= 0 || find_word(param, "quantile") >= 0) return false;
    if (format == FORMAT_DIGITS || format == FORMAT_IDX || format == FORMAT_CIFAR || format == FORMAT_PICTURES
        || (file->labels && !strstr(file->labels, ".npy")))
        return true;
    return format == FORMAT_AUTO && file->images
        && (strstr(file->images, "idx") || strstr(file->images, "ubyte") || is_folder(config, file->images));
}

static const char *const *likeness(const Config *config, const Param *param, const char *activation)
{
    if (strcmp(param->name, "numeric") == 0) return has_pictures(config, param) ? of_pictures : of_tables;
    if (strcmp(param->name, "init") != 0 || !activation) return NULL;
    if (strcmp(activation, activation_names[ACT_SELU]) == 0) return of_selu;
    bool bounded = strcmp(activation, activation_names[ACT_TANH]) == 0
                || strcmp(activation, activation_names[ACT_SIGMOID]) == 0;
    return bounded ? of_tanh : of_relu;
}

static int nearest_word(const Config *config, const Param *param, const char *wish, const char *activation)
{
    const char *const *like = likeness(config, param, activation);
    int found = find_word(param, wish);
    for (int i = 0; found < 0 && like && i < MOST_LIKE && like[i]; i++) found = find_word(param, like[i]);
    return found < 0 ? 0 : found;
}

static double away_in_size(double a, double b)
{
    return a > 0 && b > 0 ? fabs(log(a / b)) : fabs(a - b);
}

/* Lists of widths as their JSON: layers count most, then the first of them. */
static double away_in_layers(const char *a, const char *b)
{
    int layers[2] = {0, 0};
    double width[2] = {0, 0};
    const char *list[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        width[i] = fmax(1, strtod(list[i] + 1, NULL));
        layers[i] = strcmp(list[i], "[]") != 0;
        for (const char *at = list[i]; *at; at++) layers[i] += *at == ',';
    }
    return 2 * abs(layers[0] - layers[1]) + away_in_size(width[0], width[1]);
}

static double away(const Value *choice, const Value *wish)
{
    bool numbers = (choice->kind == VALUE_INT || choice->kind == VALUE_REAL)
                && (wish->kind == VALUE_INT || wish->kind == VALUE_REAL);
    if (numbers) return away_in_size(choice->number, wish->number);
    if (choice->kind == VALUE_LIST && wish->kind == VALUE_LIST) return away_in_layers(choice->text, wish->text);
    return INFINITY;
}

static bool is_no_default(const Param *param, const Value *wish)
{
    bool counts = strcmp(param->name, "num_layers") == 0 || strncmp(param->name, "width_", 6) == 0;
    return counts && wish->number == 0;
}

void default_choice(const Config *config, const Param *param, const Value *wish, const char *activation,
                    Value *value)
{
    int best = 0;
    if (param->n_choices == 0 || is_no_default(param, wish)) return;
    if (wish->kind == VALUE_TEXT) best = nearest_word(config, param, wish->text, activation);
    for (int c = 1; wish->kind != VALUE_TEXT && c < param->n_choices; c++)
        if (away(&param->choices[c], wish) < away(&param->choices[best], wish)) best = c;
    *value = param->choices[best];
}
