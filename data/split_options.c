/* data/split_options.c - the tables of data.split and data.test. */
#include "data/split_options.h"

const char *const split_type_names[] = {SPLIT_TYPE_LIST(LIST_NAME) NULL};
const char *const split_window_names[] = {SPLIT_WINDOW_LIST(LIST_NAME) NULL};
#define LIST_GAP_NAME(id, name, size) name,
const char *const gap_unit_names[] = {GAP_UNIT_LIST(LIST_GAP_NAME) NULL};

#define F(member) offsetof(SplitOptions, member)
static const Field split_field_list[] = {
    {"type", FIELD_CHOICE, F(type), "holdout", .choices = split_type_names,
     .help = "one validation part, k folds, parts one after another in time, or rows named in files"},
    {"folds", FIELD_INT, F(folds), "5", 1, 1000, .help = "kfold, forward: how many parts"},
    {"val_fraction", FIELD_REAL, F(val_fraction), "0.2", 0, 0.95, .open_low = true,
     .help = "holdout, forward: share of the rows that validate"},
    {"stratify", FIELD_BOOL, F(stratify), "true",
     .help = "every part has the classes in proportion"},
    {"seed", FIELD_INT, F(seed), "1", 0, 2147483647, .help = "another seed, another split"},
    {"repeats", FIELD_INT, F(repeats), "1", 1, 100,
     .help = "kfold: deal so many times; predictions of a row are averaged"},
    {"window", FIELD_CHOICE, F(window), "expanding", .choices = split_window_names,
     .help = "forward: train on all that came before, or on as many rows for every part"},
    {"gap", FIELD_REAL, F(gap), "0", 0, 1e15,
     .help = "with data.order: leave out so much between training and validation"},
    {"gap_unit", FIELD_CHOICE, F(gap_unit), "rows", .choices = gap_unit_names,
     .help = "gap counts rows, the order column's own unit, or time of dates"},
    {"train", FIELD_TEXT, F(train), .help = "files: numbers of the training rows, one a line; default: the"
     " rest"},
    {"valid", FIELD_TEXT, F(valid), .help = "files: numbers of the validation rows"},
    {"test", FIELD_TEXT, F(test), .help = "files: numbers of the test rows; default: none"},
    {"base", FIELD_INT, F(base), "0", 0, 1, .help = "files: the number of the first row, 0 or 1"},
};
#undef F
const FieldTable split_fields = FIELD_TABLE("split", split_field_list);
const SplitOptions split_defaults = {.repeats = 1};

#define F(member) offsetof(TestOptions, member)
static const Field test_field_list[] = {
    {"fraction", FIELD_REAL, F(fraction), "0", 0, 0.95,
     .help = "share of the rows set aside as the test set; 0: none"},
    {"stratify", FIELD_BOOL, F(stratify), "true", .help = "the classes in proportion"},
    {"seed", FIELD_INT, F(seed), "1", 0, 2147483647, .help = "another seed, another test set"},
    {"gap", FIELD_REAL, F(gap), "0", 0, 1e15,
     .help = "with data.order: leave out so much between the other rows and the test set"},
    {"gap_unit", FIELD_CHOICE, F(gap_unit), "rows", .choices = gap_unit_names, .help = "as in data.split"},
};
#undef F
const FieldTable test_fields = FIELD_TABLE("test", test_field_list);
