/* examples/library.c - Consort through its library: rows in memory, a search, the ensemble, new rows.
 *
 *     cc library.c $(pkg-config --cflags --libs consort) -lm && ./a.out runs/from-library
 */
#include <consort.h>
#include <math.h>
#include <stdio.h>

enum { N = 400, NEW = 4 };

/* Ducks weigh more where the pond is large, whatever its shade. */
static double size[N], shade[N];
static int32_t fat[N];
static const char *const words[] = {"slim", "fat"};

static int told(void *context, const char *event)
{
    int *n_events = context;
    ++*n_events;
    printf("%.60s ...\n", event);
    return 0; /* go on */
}

static consort_rows rows_of(consort_column columns[3], int n_columns, int n_rows)
{
    static const char *const names[] = {"size", "shade", "duck"};
    consort_rows rows = CONSORT_INIT(consort_rows);
    for (int i = 0; i < 3; i++) columns[i] = (consort_column){.size = sizeof *columns, .name = names[i]};
    columns[0].numbers = size;
    columns[1].numbers = shade;
    columns[2].codes = fat;
    columns[2].levels = words;
    columns[2].n_levels = 2;
    rows.n_rows = n_rows;
    rows.n_columns = n_columns;
    rows.columns = columns;
    return rows;
}

int main(int argc, char **argv)
{
    consort_error error = {0};
    consort_study *study = NULL;
    consort_model *model = NULL;
    consort_predictions *said = NULL;
    consort_column columns[3];
    const char *const set[] = {"run_cap=3", "train.epochs=20", "data.test={fraction: 0.2}"};
    consort_study_options options = CONSORT_INIT(consort_study_options);
    int n_events = 0;
    for (int i = 0; i < N; i++) {
        size[i] = fmod(i * 0.618034, 1), shade[i] = fmod(i * 0.414214, 1);
        fat[i] = size[i] * size[i] + 0.05 * shade[i] > 0.3;
    }
    consort_rows rows = rows_of(columns, 3, N);
    options.train = &rows, options.label = "duck", options.dir = argc > 1 ? argv[1] : NULL;
    options.set = set, options.n_set = 3;
    options.on_event = told, options.context = &n_events;
    int code = consort_sweep(&options, &study, &error);
    if (!code) code = consort_study_ensemble(study, &model, &error);
    rows = rows_of(columns, 2, NEW); /* without the label */
    if (!code) code = consort_predict(model, &rows, NULL, &said, &error);
    for (int i = 0; !code && i < NEW; i++)
        printf("a duck of %.2f is %s: %.3f\n", size[i],
               consort_model_class(model, consort_predictions_classes(said)[i]),
               (double)consort_predictions_values(said)[2 * i + consort_predictions_classes(said)[i]]);
    if (code) fprintf(stderr, "%s\n", error.message);
    else printf("%d events\n", n_events);
    consort_predictions_close(said);
    consort_model_close(model);
    consort_study_close(study);
    return code;
}
