/* Calls a model from a shared library, without gradc: a descent with fixed steps.
 *
 *     gradc emit --lang shared examples/rosenbrock.grad -o libmodel.so
 *     gcc -o call_shared call_shared.c -ldl && ./call_shared ./libmodel.so
 *
 * The library has the functions that its header libmodel.h declares; here they are looked up by their names.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef double gradient_function(const double *point, double *gradient, double *workspace);
typedef size_t count_function(void);

/* dlsym gives a pointer to data, and C knows no way from that to one to a function but its bytes. */
static void find(void *library, const char *name, void *function) {
    void *at = dlsym(library, name);
    if (!at) exit(1);
    memcpy(function, &at, sizeof at);
}

int main(int argc, char **argv) {
    void *library = dlopen(argc > 1 ? argv[1] : "./libmodel.so", RTLD_NOW);
    gradient_function *gradient_of;
    count_function *dimension, *room;
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    find(library, "model_dimension", &dimension);
    find(library, "model_workspace", &room);
    find(library, "model_gradient", &gradient_of);
    size_t n = dimension();
    double *point = calloc(n, sizeof *point), *gradient = calloc(n, sizeof *gradient);
    double *workspace = calloc(room() + 1, sizeof *workspace), value = 0;
    for (int step = 0; step < 50000; step++) {
        value = gradient_of(point, gradient, workspace);
        for (size_t k = 0; k < n; k++) point[k] -= 0.001 * gradient[k];
    }
    printf("%zu unknowns, value %.3g, first %.6f, last %.6f\n", n, value, point[0], point[n - 1]);
    free(point);
    free(gradient);
    free(workspace);
    return dlclose(library);
}
