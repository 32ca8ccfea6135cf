/* api/consort.h - Consort as a C library: load a model and predict, train, search, build an ensemble, look
 * into a study. The only header of libconsort; C99 and C++.
 *
 * SPDX-License-Identifier: MIT
 *
 *     cc main.c $(pkg-config --cflags --libs consort)
 *
 * Errors    what can fail returns 0, or a code of consort_code, and then says why in `error`: one line with its
 *           cure. `error` may be NULL. Nothing is printed, nothing exits, no signal is caught. What is handed
 *           out by a failed call is NULL.
 * Threads   there is no global state. One model may be used by any number of threads at once; a study, its
 *           predictions and a set of options by one at a time. Two studies may run at once in two threads.
 * Memory    what a call hands out is its caller's: models, studies, predictions and stops are closed, texts
 *           freed with consort_free. What is handed in is read during the call and not kept, unless its comment
 *           says so. Texts are UTF-8 and end with a zero byte.
 * Structs   that may grow begin with `size`, which the caller sets to the sizeof that it was compiled with; all
 *           other members may be 0, which is a sound default. An older program works with a newer library.
 *           `consort_rows rows = CONSORT_INIT(consort_rows);` sets it in C and in C++.
 * Versions  symbols carry the version in which they came (CONSORT_0.1); what stands here stays.
 */
#ifndef CONSORT_API_CONSORT_H
#define CONSORT_API_CONSORT_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CONSORT_API __attribute__((visibility("default")))
#else
#define CONSORT_API
#endif
/* All zero but the size. */
#ifdef __cplusplus
#define CONSORT_INIT(type) ([] { type x = type(); x.size = sizeof x; return x; }())
#else
#define CONSORT_INIT(type) {.size = sizeof(type)}
#endif

/* Of the library, as in "0.1.0". Static; never NULL. */
CONSORT_API const char *consort_version(void);

/* ---- errors -------------------------------------------------------------------------------------- */

typedef enum {
    CONSORT_OK = 0,
    CONSORT_MEMORY = 1,  /* an allocation failed */
    CONSORT_IO = 2,      /* a file could not be read or written */
    CONSORT_CONFIG = 3,  /* the configuration, or an option, is wrong */
    CONSORT_DATA = 4,    /* rows or a model file say something impossible */
    CONSORT_INVALID = 5, /* any other argument that cannot be */
    CONSORT_NUMERIC = 6, /* a number went to infinity */
    CONSORT_STORE = 7,   /* the study's database said no */
    CONSORT_STOPPED = 8  /* somebody asked to stop */
} consort_code;

typedef struct {
    int code;           /* consort_code */
    char message[1020]; /* one line, without a line end */
} consort_error;

/* A text that a call has handed out. NULL is fine. */
CONSORT_API void consort_free(char *text);

/* ---- rows ---------------------------------------------------------------------------------------- */

/* What a column is. Where nobody says, it is found out as in a file of rows: dates by how they are written,
 * running text by its length. */
typedef enum {
    CONSORT_FOUND_OUT = 0,
    CONSORT_NUMERIC_COLUMN = 1,
    CONSORT_NOMINAL_COLUMN = 2,
    CONSORT_DATE_COLUMN = 3, /* words, or numbers: seconds since 1970, UTC */
    CONSORT_TEXT_COLUMN = 4, /* running text */
    CONSORT_ORDERED_COLUMN = 5 /* codes of levels, from low to high */
} consort_kind;

/* A column of n_rows cells in one of three forms; exactly one of `numbers`, `words`, `codes` is there. */
typedef struct {
    size_t size;               /* sizeof(consort_column) */
    const char *name;          /* of all columns, or of none: then they go by their places */
    int kind;                  /* consort_kind */
    int n_levels;
    const double *numbers;     /* NaN is missing */
    const char *const *words;  /* NULL is missing, and so are empty ones and what data.missing_tokens lists */
    const int32_t *codes;      /* places in `levels`; -1 is missing */
    const char *const *levels; /* (n_levels) distinct, none empty */
} consort_column;

/* Rows in one of six forms. Columns beside pictures are the label alone. */
typedef struct {
    size_t size;                 /* sizeof(consort_rows) */
    int n_rows, n_columns;
    const consort_column *columns;  /* (n_columns) an array of structs of columns[0].size bytes each */
    const double *doubles;          /* a matrix: row i begins at i * row_step; NaN is missing */
    const float *floats;            /* the same */
    size_t row_step;                /* of a matrix, in numbers; 0: n_columns */
    const char *const *cells;       /* (n_rows, n_columns) cells as text, as in a file; NULL is missing */
    const char *const *names;       /* (n_columns) of a matrix and of cells; NULL: they go by their places */
    const unsigned char *pixels;    /* (n_rows, height, width, channels) pictures, from the top left */
    int height, width, channels;    /* channels: 1 grey, 3 red, green, blue; 0: 1 */
    const char *file;               /* a file of rows, of any format that `consort` reads */
} consort_rows;

/* ---- models -------------------------------------------------------------------------------------- */

typedef struct consort_model consort_model;

/* What is predicted. */
typedef enum {
    CONSORT_CLASSES = 0, /* one of several classes */
    CONSORT_ORDERED = 1, /* the same, of classes that have an order */
    CONSORT_NUMBERS = 2, /* one quantity or several */
    CONSORT_LABELS = 3   /* several questions with two answers each */
} consort_task;

/* A model file, or the ensemble of a study: a path to NAME.consort, or all that the command line takes for a
 * STUDY. CONSORT_DATA for a file that is no sound model, CONSORT_IO, CONSORT_INVALID for a study that is not
 * there. */
CONSORT_API int consort_model_open(const char *path, consort_model **out, consort_error *error);
/* Ends it; nobody may use it any more, nor predictions of it. NULL is fine. */
CONSORT_API void consort_model_close(consort_model *model);

/* All that is known of the model, as a JSON object: name, task, inputs, classes or targets, members, decision,
 * calibration, interval levels, provenance. Lives as long as the model. */
CONSORT_API const char *consort_model_info(const consort_model *model);
CONSORT_API int consort_model_task(const consort_model *model); /* consort_task */
/* Columns that it needs, with their names and kinds (consort_kind). Of pictures there are none: then the
 * height, width and channels of one are written to `size`, else zeros. Texts live as long as the model; an
 * index that is out of range gives NULL, or 0. */
CONSORT_API int consort_model_n_inputs(const consort_model *model);
CONSORT_API const char *consort_model_input_name(const consort_model *model, int input);
CONSORT_API int consort_model_input_kind(const consort_model *model, int input);
CONSORT_API void consort_model_picture(const consort_model *model, int size[3]);
/* Classes in the order of probabilities; 0 of other tasks. */
CONSORT_API int consort_model_n_classes(const consort_model *model);
CONSORT_API const char *consort_model_class(const consort_model *model, int number);
/* Targets of numbers and labels; of classes the label's column, one. NULL: it has no name. */
CONSORT_API int consort_model_n_targets(const consort_model *model);
CONSORT_API const char *consort_model_target(const consort_model *model, int target);
/* Quantiles that are predicted of each target, increasing; none: 0. */
CONSORT_API int consort_model_n_quantiles(const consort_model *model);
CONSORT_API double consort_model_quantile(const consort_model *model, int number);
/* Levels that intervals and sets were fitted for (ensemble.intervals); none: 0. */
CONSORT_API int consort_model_n_levels(const consort_model *model);
CONSORT_API double consort_model_level(const consort_model *model, int number);

/* ---- predicting ---------------------------------------------------------------------------------- */

typedef struct consort_predictions consort_predictions;

typedef struct {
    size_t size;      /* sizeof(consort_predict_options) */
    int views;        /* of pictures: as they are (0 or 1), and moved to the sides (5) and corners (9) */
} consort_predict_options;

/* Predicts each row, as `consort predict` does, to the last digit. `options` NULL: the defaults. A label
 * among the columns is not looked at. CONSORT_DATA where the rows are not the model's: a column is missing,
 * a word stands where a number should. The model must outlive the predictions. */
CONSORT_API int consort_predict(const consort_model *model, const consort_rows *rows,
                                const consort_predict_options *options, consort_predictions **out,
                                consort_error *error);
/* NULL is fine. */
CONSORT_API void consort_predictions_close(consort_predictions *predictions);
CONSORT_API int consort_predictions_n_rows(const consort_predictions *predictions);
/* (n_rows, n_values) what the model says: probabilities of classes, in their order; of labels of the second
 * answer; of numbers see the next. All arrays live as long as the predictions. */
CONSORT_API int consort_predictions_n_values(const consort_predictions *predictions);
CONSORT_API const float *consort_predictions_values(const consort_predictions *predictions);
/* (n_rows) the class that is decided for, with the model's thresholds or costs; NULL of other tasks. */
CONSORT_API const int32_t *consort_predictions_classes(const consort_predictions *predictions);
/* (n_rows, n_targets) numbers in the unit of the training rows, of quantiles the middle one; of labels the
 * probability of the second answer; NULL of classes. */
CONSORT_API const double *consort_predictions_numbers(const consort_predictions *predictions);
/* (n_rows, n_targets, n_quantiles) in that unit; NULL where no quantiles are predicted. */
CONSORT_API const double *consort_predictions_quantiles(const consort_predictions *predictions);
/* (n_rows) between which numbers target `target` lies with the promise of `level`, one of the model's.
 * CONSORT_INVALID for any other level, for classes, and where the model has none. */
CONSORT_API int consort_predictions_interval(const consort_predictions *predictions, double level, int target,
                                             double *low, double *high, consort_error *error);
/* (n_rows, n_classes) 1 for each class of the set that has the true one with the promise of `level`, else 0. */
CONSORT_API int consort_predictions_set(const consort_predictions *predictions, double level,
                                        unsigned char *inside, consort_error *error);

/* How good the model is on rows with labels: the JSON document of `consort evaluate`. `positive` (NULL: the
 * second) names the class that ROC and PR are about. consort_free(*json). */
CONSORT_API int consort_evaluate(const consort_model *model, const consort_rows *rows, const char *positive,
                                 char **json, consort_error *error);

/* ---- studies: running ---------------------------------------------------------------------------- */

/* A flag that ends a study from outside. Setting it may be done from any thread, and from a signal handler. */
typedef struct consort_stop consort_stop;
CONSORT_API consort_stop *consort_stop_create(void); /* NULL: no memory */
CONSORT_API void consort_stop_set(consort_stop *stop);
CONSORT_API void consort_stop_close(consort_stop *stop);

typedef struct {
    size_t size;               /* sizeof(consort_study_options) */
    /* One of the two, or neither: then it follows from the training rows, as with `consort run DATA`. */
    const char *config;        /* YAML, docs/reference/config.md */
    const char *config_file;   /* a file of it */
    const char *const *set;    /* (n_set) KEY=VALUE on top, as --set */
    int n_set;
    const consort_rows *train; /* instead of data.train */
    const consort_rows *test;  /* instead of data.test */
    const char *label;         /* the column to be predicted, or several, "a,b"; NULL: data.label */
    const char *name;          /* of the study; NULL: the configuration's */
    const char *dir;           /* its folder, made where it is not there; NULL: run.dir, runs/NAME */
    int fresh;                 /* 1: where there is such a study, a new one NAME-2, NAME-3, ... */
    /* Without a configuration: how much is done. */
    const char *effort;        /* low, medium, high; NULL: medium */
    double time_s;             /* seconds, instead; with a configuration run.time_cap; 0: none */
    int no_test;               /* 1: a fifth of the rows is not held back to test with */
    int jobs;                  /* trials at the same time; 0: as many as there are cores */
    /* Called one at a time, from threads of the study; nothing in them may ask the study. `event` is a JSON
     * object with "event": trial_start, trial_end, trial_pause, trial_resume, repeat_end or, where `epochs`
     * is 1, epoch; "number"; "trial", what is known of it; "is_best". What is not 0 ends the study as a stop
     * does. */
    int (*on_event)(void *context, const char *event);
    int epochs;
    void (*on_line)(void *context, int is_notice, const char *line); /* what a person should hear besides */
    void *context;
    consort_stop *stop;        /* NULL: none */
} consort_study_options;

typedef struct consort_study consort_study;

/* A search. The same call on the same configuration and rows continues a study that was stopped or killed,
 * and comes to the same result. That it was stopped, or that no trial succeeded, is no error: see
 * consort_study_summary. */
CONSORT_API int consort_sweep(const consort_study_options *options, consort_study **out, consort_error *error);
/* One trial without a search: the configuration's constants, and the defaults. */
CONSORT_API int consort_train(const consort_study_options *options, consort_study **out, consort_error *error);
/* A search and all that is made of it: ensemble, test, C source, report. `json` (NULL: not wanted) says what
 * there is, with paths. CONSORT_INVALID where no trial succeeded. */
CONSORT_API int consort_run(const consort_study_options *options, consort_study **out, char **json,
                            consort_error *error);

/* ---- studies: looking ---------------------------------------------------------------------------- */

/* A study that is there: its folder, or all that the command line takes for a STUDY. It is only read, also
 * while another process runs it. */
CONSORT_API int consort_study_open(const char *path, consort_study **out, consort_error *error);
CONSORT_API void consort_study_close(consort_study *study); /* NULL is fine */
CONSORT_API const char *consort_study_name(const consort_study *study);
CONSORT_API const char *consort_study_folder(const consort_study *study);
/* JSON: name, folder, metric, maximize, state, counts of trials by state, the best, and of one that was run
 * here how it ended. Each of these texts is its caller's: consort_free. */
CONSORT_API int consort_study_summary(consort_study *study, char **json, consort_error *error);
/* All trials, or the best `top` (0: all): {"study": ..., "trials": [...]}, or CSV with a line of names. */
CONSORT_API int consort_study_trials_json(consort_study *study, int top, char **json, consort_error *error);
CONSORT_API int consort_study_trials_csv(consort_study *study, int top, char **csv, consort_error *error);
/* The winner, as JSON. CONSORT_INVALID where there is none yet. */
CONSORT_API int consort_study_best(consort_study *study, char **json, consort_error *error);
/* Selects and weighs the best trials, writes ensemble.consort into the study's folder, and opens it. Rows
 * that a study of this process had in memory are still there; another study's are read again, from files
 * only. */
CONSORT_API int consort_study_ensemble(consort_study *study, consort_model **out, consort_error *error);
/* The model of one trial that was kept; -1: the ensemble, once it is there. */
CONSORT_API int consort_study_model(consort_study *study, int number, consort_model **out,
                                    consort_error *error);

#ifdef __cplusplus
}
#endif
#endif
