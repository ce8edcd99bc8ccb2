#include "support/library.h"

#include <dlfcn.h>
#include <string.h>

bool library_load(const char *name, const char *other, const struct library_function *functions,
                  size_t count) {
    void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    if (!library && other) library = dlopen(other, RTLD_LAZY | RTLD_LOCAL);
    for (size_t k = 0; library && k < count; k++) {
        void *symbol = dlsym(library, functions[k].name);
        if (!symbol) return false;
        memcpy(functions[k].place, &symbol, sizeof symbol);
    }
    return library != NULL;
}

bool late_library_load(struct late_library *l) {
    pthread_mutex_lock(&l->lock);
    if (!l->tried) l->there = library_load(l->name, l->other, l->functions, l->count);
    if (!l->tried && l->there && l->prepare) l->there = l->prepare();
    l->tried = true;
    bool there = l->there;
    pthread_mutex_unlock(&l->lock);
    return there;
}
