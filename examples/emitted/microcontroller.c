/* A descent with fixed steps as a microcontroller would do it: floats, no memory but the stack, no library
 * but libm.
 *
 *     gradc emit --float --freeze examples/tracking.grad -o model.c
 *     arm-none-eabi-gcc -Os -mcpu=cortex-m4 -mthumb -c microcontroller.c model.c
 *
 * A timer would call step(), which does a bounded amount of work; the point stays where the rest of the
 * firmware finds it. Compiled for a computer, with -DSHOW, it shows where a thousand calls lead. */
#include "model.h"

static float point[MODEL_DIMENSION];

/* One step downhill, at most `longest` in each unknown; gives the objective before it. */
float step(float rate, float longest) {
    float gradient[MODEL_DIMENSION], workspace[MODEL_WORKSPACE + 1];
    float value = model_gradient(point, gradient, workspace);
    for (int k = 0; k < MODEL_DIMENSION; k++) {
        float move = rate * gradient[k];
        if (move > longest) move = longest;
        if (move < -longest) move = -longest;
        point[k] -= move;
    }
    return value;
}

#ifdef SHOW
#include <stdio.h>
int main(void) {
    float first = step(1e-4f, 0.1f), last = first;
    for (int k = 0; k < 1000; k++) last = step(1e-4f, 0.1f);
    printf("microcontroller: %s\n", last < first ? "downhill" : "stuck");
    return last >= first;
}
#endif
