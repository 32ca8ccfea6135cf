/* data/read_options.c - the table of the options of reading. */
#include "data/read_options.h"

#include "data/table.h"

const char *const data_format_names[] = {FORMAT_LIST(LIST_NAME) NULL};
#define LIST_HELP(id, name, endings, known_by, read_by, as_bytes, written_by, help) help,
const char *const data_format_helps[] = {FORMAT_LIST(LIST_HELP) NULL};
const char *const task_choice_names[] = {TASK_CHOICE_LIST(LIST_NAME) NULL};
const char *const header_mode_names[] = {HEADER_MODE_LIST(LIST_NAME) NULL};
const char *const decimal_mode_names[] = {DECIMAL_LIST(LIST_NAME) NULL};

const char *const colour_names[] = {COLOUR_LIST(LIST_NAME) NULL};

#define P(member) offsetof(PictureOptions, member)
static const Field picture_field_list[] = {
    {"width", FIELD_INT, P(width), "auto", 1, 1024, .zero_word = "auto",
     .help = "pixels; auto: the pictures' own if all agree on one up to 128, else 32 on the longer side"},
    {"height", FIELD_INT, P(height), "auto", 1, 1024, .zero_word = "auto", .help = "the same"},
    {"colour", FIELD_CHOICE, P(colour), "auto", .choices = colour_names, .alias = "color",
     .help = "one channel or three; auto: three if any picture has colours"},
    {"fit", FIELD_CHOICE, P(fit), "stretch", .choices = picture_fit_names,
     .help = "of another shape: stretched, its middle cut out, or padded with the background"},
    {"background", FIELD_CHOICE, P(background), "white", .choices = picture_ground_names,
     .help = "what is behind transparent pixels, and beside padded pictures"},
    {"column", FIELD_TEXT, P(column),
     .help = "of a list of names: the column with the files; default: found out"},
};
const FieldTable picture_fields = FIELD_TABLE("pictures", picture_field_list);

#define F(member) offsetof(ReadOptions, member)
static const Field read_field_list[] = {
    {"format", FIELD_CHOICE, F(format), "auto", .choices = data_format_names,
     .help = "what the files are; auto looks at their content"},
    {"dir", FIELD_TEXT, F(dir), .help = "folder of the files; default: the configuration's"},
    {"header", FIELD_CHOICE, F(header), "auto", .choices = header_mode_names,
     .help = "CSV: is the first line the names of the columns?"},
    {"delimiter", FIELD_TEXT, F(delimiter), "auto",
     .help = "CSV: one character, tab, space (runs of blanks), or auto"},
    {"decimal", FIELD_CHOICE, F(decimal), "auto", .choices = decimal_mode_names,
     .help = "CSV: the decimal point; auto: also a comma where `;` separates or a column agrees"},
    {"skip", FIELD_INT, F(skip), "0", 0, 1000000, .help = "CSV: leave out so many lines at the beginning"},
    {"comment", FIELD_TEXT, F(comment), .help = "CSV: leave out lines that begin so, such as \"#\""},
    {"label", FIELD_TEXT_LIST, F(label), .usually_one = true,
     .help = "the column to be predicted: its name, or its place from 1; default: the last; none; several as"
             " [a, b]; features: the numeric columns themselves"},
    {"task", FIELD_CHOICE, F(task), "auto", .choices = task_choice_names,
     .help = "what the label is: classes, ordered classes, numbers, or yes/no labels; auto: by its values"},
    {"ordinal", FIELD_TEXT_LIST, F(ordinal), .help = "the classes in order, from the lowest to the highest"},
    {"quantiles", FIELD_TEXT_LIST, F(quantiles),
     .help = "numbers: predict these quantiles, such as [0.05, 0.5, 0.95], instead of one number"},
    {"features", FIELD_TEXT_LIST, F(features), .help = "learn from these columns only"},
    {"drop", FIELD_TEXT_LIST, F(drop), .help = "leave these columns out"},
    {"numeric", FIELD_TEXT_LIST, F(numeric), .help = "columns to be read as numbers"},
    {"nominal", FIELD_TEXT_LIST, F(nominal), .help = "columns to be read as categories"},
    {"columns", FIELD_NODE, F(columns),
     .help = "what columns are: {NAME: numeric, nominal, date, text, ignore or levels in order}"},
    {"groups", FIELD_TEXT, F(groups),
     .help = "a column that says whose a row is: nobody stands on both sides of a split"},
    {"order", FIELD_TEXT, F(order),
     .help = "a column that says what came when (number or date): later rows judge what earlier ones taught"},
    {"split_column", FIELD_TEXT, F(split_column),
     .help = "a column that says of each row: train, valid or test; or the number of its fold"},
    {"weight", FIELD_TEXT, F(weight), .help = "a column that says what each row counts for"},
    {"soft_labels", FIELD_NODE, F(soft_labels),
     .help = "columns of a teacher's probabilities: {CLASS: column}, a list in the order of classes, or"
             " {prefix: p_}"},
    {"missing_tokens", FIELD_TEXT_LIST, F(missing_tokens),
     "[\"\", \"?\", NA, N/A, n/a, \"#N/A\", <NA>, nan, NaN, \"null\", \"NULL\", None]",
     .help = "CSV: cells that mean missing"},
    {"pictures", FIELD_SECTION, F(pictures), .section = &picture_fields,
     .help = "files of pictures: their size and colours"},
    {"cache", FIELD_TEXT, F(cache), "auto",
     .help = "keep large tables as read, in this folder; auto: in the user's cache folder; off"},
    {"rows", FIELD_INT, F(rows), "10000", 10, 10000000,
     .help = "digits: how many training rows to make"},
    {"test_rows", FIELD_INT, F(test_rows), "2000", 10, 10000000,
     .help = "digits: how many test rows to make"},
    {"digits_seed", FIELD_INT, F(digits_seed), "1", 0, 2147483647,
     .help = "digits: which digits are made"},
    {"digits_noise", FIELD_REAL, F(digits_noise), "1", 0, 4,
     .help = "digits: how difficult they are; 0 is clean"},
};

const char *read_options_key(const ReadOptions *o, int key)
{
    const char *const words[ROW_KEYS] = {[ROW_GROUP] = o->groups, [ROW_ORDER] = o->order,
                                         [ROW_PART] = o->split_column, [ROW_WEIGHT] = o->weight};
    return words[key];
}

const FieldTable read_fields = FIELD_TABLE("data", read_field_list);
