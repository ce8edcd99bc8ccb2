/* Files in memory without copying them. */
#ifndef GRADC_SUPPORT_MAPPING_H
#define GRADC_SUPPORT_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

struct mapping {
    const char *at; /* "" of an empty file */
    size_t length;
    bool is_read; /* what cannot be mapped, such as a pipe, has been read */
};

/* The whole of a file, which may not be shortened while it is used. False where it cannot be read: errno says
 * why. Released by mapping_release. */
bool mapping_open(struct mapping *m, const char *path);
void mapping_release(struct mapping *m);

#endif
