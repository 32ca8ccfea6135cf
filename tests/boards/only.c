/* A program that predicts and does nothing else: what it has of an exported model is what that takes. */
#include "board.h"
#include "model.h"

static model_input x[MODEL_N_INPUTS];
#ifdef MODEL_N_CLASSES
static float y[MODEL_N_CLASSES];
#else
static VALUE y[MODEL_N_VALUES];
#endif

int main(void)
{
    host_exit((int)model_predict(x, y));
    return 0;
}
