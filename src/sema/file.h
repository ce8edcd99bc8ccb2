/* Files as the user names them. */
#ifndef GRADC_SEMA_FILE_H
#define GRADC_SEMA_FILE_H

#include "support/arena.h"

/* The whole of a file, NUL-terminated, from malloc; its length goes to *length. NULL where it cannot be read:
 * errno says why. */
char *file_read(const char *path, size_t *length);
/* `path` as it is meant in the file `beside`: relative ones count from the folder of that file. NULL where
 * memory is exhausted. */
const char *file_beside(struct arena *arena, const char *beside, const char *path);
/* A name of a file that is the same however its path is written; NULL where there is no such file. */
const char *file_identity(struct arena *arena, const char *path);

#endif
