/* What a thread has found, as text that can be compared with another's. */
#ifndef GRADC_TESTS_THREADS_FINDING_H
#define GRADC_TESTS_THREADS_FINDING_H

#include <gradc/gradc.h>
#include <gradc/laboratory.h>

struct finding {
    char *text;
    size_t length;
};

__attribute__((format(printf, 2, 3))) void find(struct finding *f, const char *format, ...);
/* The length and a sum of a long text, which may be NULL. */
void find_text(struct finding *f, const char *what, const char *text);
/* A sum of numbers. */
void find_numbers(struct finding *f, const char *what, const double *numbers, size_t count);
/* The same of a text that the library gives to its caller. */
void take_text(struct finding *f, const char *what, char *text);

/* ---- What threads do beside derivatives and descents (queries.c) ---- */

/* Everything that a model declares, and its diagnostics. */
void ask_model(struct finding *f, struct gradc_model *model);
/* Arrays, their derivatives, kinks and explanations at the start. */
void ask_evaluator(struct finding *f, struct gradc_model *model);
/* A fit: its statistics, and the same with another column. */
void ask_fit(struct finding *f, struct gradc_model *model);
/* Counts and measurements, of which the times differ. */
void ask_laboratory(struct finding *f, struct gradc_model *model);
/* What belongs to no model: functions, methods, numbers. */
void ask_library(struct finding *f);
/* A model by calls, with everything that a builder knows. */
struct gradc_model *build_all(struct finding *f);

#endif
