#include <criterion/criterion.h>
#include <math.h>

#include "api/student.h"

/* NIST/SEMATECH e-Handbook, section 1.3.6.7.2, with more digits from closed forms where there are some. */
Test(student, has_the_quantiles_of_the_tables) {
    static const struct {
        double freedom, probability, t;
    } rows[] = {{1, 0.05, 12.706204736174694}, {2, 0.05, 4.302652729749464}, {12, 0.05, 2.1788},
                {4, 0.01, 4.604094871349993},  {30, 0.05, 2.0423},           {1e6, 0.05, 1.959966}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        double t = student_quantile(rows[k].freedom, rows[k].probability);
        double within = k == 0 || k == 1 || k == 3 ? 1e-12 : 3e-5;
        cr_expect(fabs(t / rows[k].t - 1) < within, "row %zu: %.17g", k, t);
    }
    cr_expect(isnan(student_quantile(0, 0.05)));
}
