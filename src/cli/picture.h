/* Pictures: a script with its data, and what gnuplot draws from it. gnuplot is a program of its own, started
 * when a picture is wanted. A script depends on nothing but what is drawn. */
#ifndef GRADC_CLI_PICTURE_H
#define GRADC_CLI_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/message.h"

enum picture_format { PICTURE_SVG, PICTURE_PNG, PICTURE_SCRIPT };

/* A picture that is being written: what goes to `script` are commands of gnuplot. */
struct picture {
    const char *path; /* NULL or "-": standard output */
    enum picture_format format;
    FILE *script;
    char *text;
    size_t length;
};

/* Colours that people with any kind of colour vision can tell apart (Okabe and Ito, 2008), as "#0072B2"; they
 * repeat after PICTURE_COLOURS. */
enum { PICTURE_COLOURS = 8 };
const char *picture_colour(size_t k);

/* Begins a picture of a size in points. Its format follows from the end of the path: .svg, .png, or .gp for
 * the script itself; standard output takes SVG. False after an error, which is printed. */
bool picture_begin(struct picture *picture, const char *path, unsigned width, unsigned height);
/* A text in quotes, shown as it is only where `noenhanced` follows. */
void picture_text(struct picture *picture, const char *text);
/* A number with the digits that can be seen, or NaN where it is not finite. */
void picture_number(struct picture *picture, double value);
/* The text of numbers, in quotes, with minus signs in the place of hyphens. */
void picture_number_text(struct picture *picture, const char *text);
/* Opens a block of data, "$path2" (number 0: "$path"), whose rows follow, and closes it. */
void picture_data(struct picture *picture, const char *name, size_t number);
void picture_data_end(struct picture *picture);
/* A row of this many doubles. */
void picture_row(struct picture *picture, int count, ...);
/* Draws the picture, writes it, and releases what it took. */
enum exit_status picture_end(struct picture *picture);
/* Releases a picture that will not be drawn. */
void picture_abandon(struct picture *picture);

#endif
