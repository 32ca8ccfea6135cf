/* export/browser/shim.c - between the model's C and JavaScript. All numbers pass through `memory`:
 *
 *     tables    text() has room for text_bytes() bytes: cells as UTF-8, each ended by a 0. cells() is an array
 *               of unsigned, one for each input: where its text begins in text(), plus 1; 0: missing
 *     pictures  pixels() has n_inputs() bytes, row by row; of colour red, green, blue side by side
 *     predict() returns the class decided for, or how many labels are likely, or 0 of numbers; below 0: minus
 *               the place (from 1) of a cell that is no number. values() has n_values() doubles then
 *     interval(level) fills low() and high(), a double a target; set(level) fills inside(), a byte a class
 */
#define EXPORT(name) __attribute__((export_name(#name), used)) name

static model_input shim_x[SHIM_INPUTS];
static SHIM_VALUE shim_said[SHIM_VALUES];
static double shim_values[SHIM_VALUES];

int EXPORT(n_inputs)(void) { return SHIM_INPUTS; }
int EXPORT(n_values)(void) { return SHIM_VALUES; }
double *EXPORT(values)(void) { return shim_values; }

#if SHIM_PICTURE
unsigned char *EXPORT(pixels)(void) { return shim_x; }
static int shim_read(void) { return 0; }
#else
static char shim_text[SHIM_TEXT];
static unsigned shim_cells[SHIM_INPUTS];
static const char *shim_fields[SHIM_INPUTS];
char *EXPORT(text)(void) { return shim_text; }
int EXPORT(text_bytes)(void) { return SHIM_TEXT; }
unsigned *EXPORT(cells)(void) { return shim_cells; }
static int shim_read(void)
{
    int i;
    for (i = 0; i < SHIM_INPUTS; i++) shim_fields[i] = shim_cells[i] ? shim_text + shim_cells[i] - 1 : 0;
    return model_encode_row(shim_fields, shim_x);
}
#endif

int EXPORT(predict)(void)
{
    int i, wrong = shim_read(), said;
    if (wrong) return -wrong;
    said = SHIM_PREDICT(shim_x, shim_said);
    for (i = 0; i < SHIM_VALUES; i++) shim_values[i] = (double)shim_said[i];
    return said;
}

#if SHIM_LEVELS && SHIM_TARGETS
static double shim_low[SHIM_TARGETS], shim_high[SHIM_TARGETS];
double *EXPORT(low)(void) { return shim_low; }
double *EXPORT(high)(void) { return shim_high; }
void EXPORT(interval)(int level) { model_interval(level, shim_said, shim_low, shim_high); }
#elif SHIM_LEVELS
static unsigned char shim_inside[SHIM_VALUES];
unsigned char *EXPORT(inside)(void) { return shim_inside; }
void EXPORT(set)(int level) { (void)model_set(level, shim_said, shim_inside); }
#endif
