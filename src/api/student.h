/* Student's distribution. */
#ifndef GRADC_API_STUDENT_H
#define GRADC_API_STUDENT_H

/* The t that a variable of this distribution exceeds in size with the probability, from the incomplete beta
 * function (DLMF, 8.17.22 and 8.17.4; Abramowitz and Stegun 26.7.1). */
double student_quantile(double freedom, double probability);

#endif
