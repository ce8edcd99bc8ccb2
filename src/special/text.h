/* The source text of this folder, for the emitter: files made by it bring along the functions they call. */
#ifndef GRADC_SPECIAL_TEXT_H
#define GRADC_SPECIAL_TEXT_H

/* Line by line, what is used before its users; NULL behind the last. */
extern const char *const special_lines[];

#endif
