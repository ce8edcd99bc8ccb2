#include <gradc/gradc.h>

#include "jit/host.h"
#include "support/pool.h"

const char *gradc_version(void) {
    return "0.1.0";
}

const char *gradc_llvm_version(void) {
    return host_llvm_version();
}

char *gradc_cpu_name(void) {
    return host_cpu_name();
}

unsigned gradc_processors(void) {
    return pool_processors();
}
