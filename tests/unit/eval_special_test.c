/* Special functions against 45 digits from mpmath 1.3, in doubles and in MPFR, and what they give at the
 * edges of their domains. */
#include <criterion/criterion.h>
#include <math.h>

#include "eval/precise.h"
#include "ir/ops.h"

struct known {
    enum op op;
    double operands[2];
    const char *value;
};

static const struct known known[] = {
    {OP_DIGAMMA, {0.25, 0}, "-4.22745353337626540808953014609668357736724444"},
    {OP_DIGAMMA, {1.5, 0}, "0.0364899739785765205590236670012444328068403953"},
    {OP_DIGAMMA, {-2.75, 0}, "-1.95905526497799700982113187769841517909884617"},
    {OP_DIGAMMA, {20, 0}, "2.97052399224214905087725697882598536279455091"},
    {OP_TRIGAMMA, {0.25, 0}, "17.1973291545071107392713191193352240215068944"},
    {OP_TRIGAMMA, {-1.5, 0}, "9.37924664498912375386168994438252001210129415"},
    {OP_TRIGAMMA, {30, 0}, "0.0338950603577399442137593888443374498029082375"},
    {OP_POLYGAMMA, {2, 0.5}, "-16.8287966442343199955963342611602998707098081"},
    {OP_POLYGAMMA, {3, 7.25}, "0.00643303759794015665870613921803631268803803695"},
    {OP_POLYGAMMA, {5, -1.25}, "492230.210622874579713608367950495132461052816"},
    {OP_POLYGAMMA, {40, 12.5}, "-906.723478444317599127049208113771617051747444"},
    {OP_ERFINV, {0.0625, 0}, "0.0554459487727820202989893755359540310872145582"},
    {OP_ERFINV, {0.5, 0}, "0.476936276204469873381418353643130559808969749"},
    {OP_ERFINV, {-0.875, 0}, "-1.08478704006928314130699193783667332336934562"},
    {OP_ERFINV, {0.9990234375, 0}, "2.33146777362194767232054591435015010911215287"},
    {OP_ERFINV_SLOPE, {0.0625, 0}, "0.888955603620327294064353294583735105285404835"},
    {OP_ERFINV_SLOPE, {0.5, 0}, "1.1125848189719498040649148422514958785340716"},
    {OP_ERFINV_SLOPE, {-0.875, 0}, "2.87479303740060279898341750943084775744965407"},
    {OP_ERFINV_SLOPE, {0.9990234375, 0}, "203.356326204897228865854755267272937540211392"},
    {OP_LAMBERTW, {1, 0}, "0.567143290409783872999968662210355549753815787"},
    {OP_LAMBERTW, {-0.25, 0}, "-0.357402956181388903068811104055904753316590555"},
    {OP_LAMBERTW, {-0.34375, 0}, "-0.675419853059083018778234456810039236971395665"},
    {OP_LAMBERTW, {1000, 0}, "5.24960285240159622712605631969730628252147239"},
    {OP_EXPINT1, {0.125, 0}, "1.62342564058416879145630692462440887363310606"},
    {OP_EXPINT1, {1, 0}, "0.219383934395520273677163775460121649031047293"},
    {OP_EXPINT1, {2.5, 0}, "0.0249149178702697354956280122746096359458483847"},
    {OP_EXPINT1, {40, 0}, "1.03677326145165697215064188914525977128102461e-19"},
    {OP_GAMMAINC_P, {0.5, 0.25}, "0.520499877813046537682746653891964528736451576"},
    {OP_GAMMAINC_P, {2.5, 3}, "0.69378108158672159912060970890335968975924982"},
    {OP_GAMMAINC_P, {30, 10}, "0.000000250995120152790782335931033104772712599891255"},
    {OP_GAMMAINC_P, {5000, 4900}, "0.0779449562265139139026488058218065881257659345"},
    {OP_GAMMA_PDF, {0.5, 0.25}, "0.87878257893544479409372395482445789836252199"},
    {OP_GAMMA_PDF, {2.5, 3}, "0.194608693318565840902361656449593077778058438"},
    {OP_GAMMA_PDF, {30, 10}, "0.000000513471520661036783251003298256588712458366217"},
    {OP_GAMMA_PDF, {5000, 4900}, "0.00208938466323703700687178936645039361869031506"},
    {OP_BETA, {0.5, 0.25}, "5.2441151085842396209296791797822388273655099"},
    {OP_BETA, {2.5, 3}, "0.0507936507936507936507936507936507936507936508"},
    {OP_BETA, {300, 0.125}, "3.69369723011250834204416895992915487123725912"},
    {OP_BETA, {50, 40}, "7.51617121185538219110187105281337993145480881e-28"},
    {OP_LBETA, {0.5, 0.25}, "1.65710651619148217296089114403381695198935766"},
    {OP_LBETA, {10000000000.0, 3}, "-68.3844056095614252110975115190757496599571195"},
    {OP_LBETA, {3000, 2000}, "-3367.68438215318820318380207367463858548556521"},
    {OP_NORMAL_PDF, {0, 0}, "0.398942280401432677939946059934381868475858631"},
    {OP_NORMAL_PDF, {1.5, 0}, "0.129517595665891727614099557954741491183832239"},
    {OP_NORMAL_PDF, {-30, 0}, "1.47364613487854751904949326604507448706004633e-196"},
    {OP_NORMAL_CDF, {1, 0}, "0.841344746068542948585232545632037922477912967"},
    {OP_NORMAL_CDF, {-2.5, 0}, "0.00620966532577613516697810457419222112789774692"},
    {OP_NORMAL_CDF, {-30, 0}, "4.90671392714818705953380925658019047199698494e-198"},
    {OP_BESSELJ, {0, 1}, "0.76519768655796655144971752610266322090927429"},
    {OP_BESSELJ, {1, 2.5}, "0.49709410246427403801081627626442224252123497"},
    {OP_BESSELJ, {5, 3}, "0.0430284348770475839249112604629862213884896809"},
    {OP_BESSELJ, {-3, 10}, "-0.0583793793051868123429354784103409562900689914"},
    {OP_BESSELJ, {2, 100}, "-0.0215287573445053655848821008493936800848658122"},
    {OP_BESSELJ, {60, 50.5}, "0.00146837161558393728818203553580933524605463849"},
    {OP_BESSELY, {0, 1}, "0.0882569642156769579829267660235151628278175231"},
    {OP_BESSELY, {1, 2.5}, "0.145918137966785798878759940535877571276080197"},
    {OP_BESSELY, {5, 3}, "-1.90594595382867373221833479103262689489045197"},
    {OP_BESSELY, {-3, 10}, "0.251362657183837329779204747654240998257634465"},
    {OP_BESSELY, {2, 100}, "0.0768368671250279563881341427138704793108586105"},
    {OP_BESSELY, {60, 50.5}, "-6.72686337799932353409905678405280337671136039"},
    {OP_BESSELI, {0, 1}, "1.26606587775200833559824462521471753760767031"},
    {OP_BESSELI, {1, 2.5}, "2.5167162452886984415281917481223776723889473"},
    {OP_BESSELI, {5, 3}, "0.0912064776615133485260442944074030691276872169"},
    {OP_BESSELI, {-3, 10}, "1758.38071661085323810039006274328871584602427"},
    {OP_BESSELI, {2, 100}, "1052384319324310573895597942339008755979480.74"},
    {OP_BESSELI, {60, 50.5}, "2738381.52294596902635088399284641459633272894"},
    {OP_BESSELK, {0, 1}, "0.421024438240708333335627379212609036136219748"},
    {OP_BESSELK, {1, 2.5}, "0.0738908163477470636489935405912175821019757442"},
    {OP_BESSELK, {5, 3}, "0.937773602386808030572692957110100586631159424"},
    {OP_BESSELK, {-3, 10}, "0.0000272527002565986920890826838919585255813496186"},
    {OP_BESSELK, {2, 100}, "4.75022530388864020467025617432437306196703836e-45"},
    {OP_BESSELK, {60, 50.5}, "0.00000000232821247913740836481558168822357728667167543"},
};
enum { KNOWN = sizeof known / sizeof *known };

static double in_doubles(enum op op, double a, double b) {
    const struct op_info *info = op_info(op);
    return info->libm1 ? info->libm1(a) : info->libm2(a, b);
}

Test(eval_special, doubles_are_within_what_the_table_states) {
    for (int k = 0; k < KNOWN; k++) {
        const struct op_accuracy *accuracy = &op_info(known[k].op)->accuracy;
        double exact = strtod(known[k].value, NULL), size = fabs(exact);
        double value = in_doubles(known[k].op, known[k].operands[0], known[k].operands[1]);
        if (accuracy->value_scale) size = fmax(size, accuracy->value_scale(known[k].operands, 0));
        double bound = (accuracy->value + 0.5) * (nextafter(size, HUGE_VAL) - size);
        cr_expect_leq(fabs(value - exact), bound, "%s(%g, %g): %.17g for %s", op_info(known[k].op)->name,
                      known[k].operands[0], known[k].operands[1], value, known[k].value);
    }
}

static bool in_mpfr(struct precise *pr, const struct known *k, mpfr_ptr result) {
    struct precise_value operands[2], value;
    const struct precise_value *const places[2] = {&operands[0], &operands[1]};
    precise_value_init(&value, pr->precision);
    for (int i = 0; i < 2; i++) {
        precise_value_init(&operands[i], pr->precision);
        mpfr_set_d(operands[i].value, k->operands[i], MPFR_RNDN);
    }
    bool done = precise_operation(pr, k->op, places, op_info(k->op)->arity, 0, &value);
    mpfr_set(result, value.value, MPFR_RNDN);
    for (int i = 0; i < 2; i++) precise_value_clear(&operands[i]);
    precise_value_clear(&value);
    return done;
}

Test(eval_special, references_have_45_digits) {
    struct precise pr;
    mpfr_t value, difference;
    precise_init(&pr, 200);
    mpfr_inits2(200, value, difference, (mpfr_ptr)0);
    for (int k = 0; k < KNOWN; k++) {
        cr_assert(in_mpfr(&pr, &known[k], value));
        mpfr_set_str(difference, known[k].value, 10, MPFR_RNDN);
        mpfr_sub(difference, value, difference, MPFR_RNDN);
        mpfr_div(difference, difference, value, MPFR_RNDN);
        cr_expect_leq(fabs(mpfr_get_d(difference, MPFR_RNDN)), 1e-44, "%s(%g, %g)",
                      op_info(known[k].op)->name, known[k].operands[0], known[k].operands[1]);
    }
    mpfr_clears(value, difference, (mpfr_ptr)0);
    precise_release(&pr);
}

/* Ten digits of tables in Abramowitz and Stegun, Handbook of Mathematical Functions, by number, and of
 * DLMF 4.13. */
static const struct published {
    enum op op;
    double operands[2], value;
    const char *table;
} published[] = {
    {OP_GAMMA, {1.5, 0}, 0.8862269255, "6.1"},        {OP_DIGAMMA, {1, 0}, -0.5772156649, "6.1"},
    {OP_TRIGAMMA, {1, 0}, 1.6449340668, "6.1"},       {OP_POLYGAMMA, {2, 1}, -2.4041138063, "6.2"},
    {OP_ERF, {0.5, 0}, 0.5204998778, "7.1"},          {OP_EXPINT1, {1, 0}, 0.2193839344, "5.1"},
    {OP_BESSELJ, {0, 1}, 0.7651976866, "9.1"},        {OP_BESSELJ, {1, 1}, 0.4400505857, "9.1"},
    {OP_BESSELY, {0, 1}, 0.0882569642, "9.1"},        {OP_BESSELY, {1, 1}, -0.7812128213, "9.1"},
    {OP_BESSELI, {0, 1}, 1.2660658778, "9.8"},        {OP_BESSELI, {1, 1}, 0.5651591040, "9.8"},
    {OP_BESSELK, {0, 1}, 0.4210244382, "9.8"},        {OP_BESSELK, {1, 1}, 0.6019072302, "9.8"},
    {OP_NORMAL_CDF, {1, 0}, 0.8413447461, "26.1"},    {OP_NORMAL_PDF, {1, 0}, 0.2419707245, "26.1"},
    {OP_LAMBERTW, {1, 0}, 0.5671432904, "DLMF 4.13"},
};

Test(eval_special, doubles_are_those_of_published_tables) {
    for (size_t k = 0; k < sizeof published / sizeof *published; k++) {
        const struct published *p = &published[k];
        double value = in_doubles(p->op, p->operands[0], p->operands[1]);
        cr_expect_leq(fabs(value - p->value), 6e-11, "%s(%g, %g): %.12g, %.10f in table %s",
                      op_info(p->op)->name, p->operands[0], p->operands[1], value, p->value, p->table);
    }
}

/* The same value, and the same sign of 0. */
static void expect(enum op op, double a, double b, double wanted) {
    double value = in_doubles(op, a, b);
    bool same = isnan(wanted) ? isnan(value) : value == wanted && !signbit(value) == !signbit(wanted);
    cr_expect(same, "%s(%g, %g): %.17g, not %.17g", op_info(op)->name, a, b, value, wanted);
}

Test(eval_special, edges_of_the_polygammas) {
    expect(OP_DIGAMMA, 0, 0, -HUGE_VAL);
    expect(OP_DIGAMMA, -0.0, 0, HUGE_VAL);
    expect(OP_DIGAMMA, -1, 0, NAN);
    expect(OP_DIGAMMA, HUGE_VAL, 0, HUGE_VAL);
    expect(OP_TRIGAMMA, -2, 0, HUGE_VAL);
    expect(OP_POLYGAMMA, 2, -3, NAN);
    expect(OP_POLYGAMMA, 2, 0, -HUGE_VAL);
    expect(OP_POLYGAMMA, 3, HUGE_VAL, 0);
    expect(OP_POLYGAMMA, -1, 1, NAN);
    expect(OP_POLYGAMMA, 2.5, 1, NAN);
    expect(OP_POLYGAMMA, 0, 20, in_doubles(OP_DIGAMMA, 20, 0));
    expect(OP_POLYGAMMA, 1, 0.3, in_doubles(OP_TRIGAMMA, 0.3, 0));
    cr_expect(isfinite(in_doubles(OP_POLYGAMMA, 1e6, 367900)), "an order of a million");
}

Test(eval_special, edges_of_inverses_and_integrals) {
    expect(OP_ERFINV, 1, 0, HUGE_VAL);
    expect(OP_ERFINV, -1, 0, -HUGE_VAL);
    expect(OP_ERFINV, 1.5, 0, NAN);
    expect(OP_ERFINV, -0.0, 0, -0.0);
    expect(OP_LAMBERTW, -0.4, 0, NAN);
    expect(OP_LAMBERTW, -0.0, 0, -0.0);
    expect(OP_LAMBERTW, HUGE_VAL, 0, HUGE_VAL);
    expect(OP_EXPINT1, 0, 0, HUGE_VAL);
    expect(OP_EXPINT1, -1, 0, NAN);
    expect(OP_EXPINT1, HUGE_VAL, 0, 0);
    cr_expect_lt(fabs(in_doubles(OP_LAMBERTW, -0x1.78b56362cef37p-2, 0) + 1), 3e-8);
}

Test(eval_special, edges_of_the_gamma_distribution_and_beta) {
    expect(OP_GAMMAINC_P, 2, 0, 0);
    expect(OP_GAMMAINC_P, 2, HUGE_VAL, 1);
    expect(OP_GAMMAINC_P, 0, 1, NAN);
    expect(OP_GAMMAINC_P, 2, -1, NAN);
    expect(OP_GAMMAINC_P, 1e300, 1e300, 0.5);
    expect(OP_GAMMAINC_P, 1e300, 9e299, 0);
    expect(OP_GAMMA_PDF, 1, 0, 1);
    expect(OP_GAMMA_PDF, 2, 0, 0);
    expect(OP_GAMMA_PDF, 0.5, 0, HUGE_VAL);
    expect(OP_GAMMA_PDF, 0, 1, 0);
    expect(OP_GAMMA_PDF, 3, HUGE_VAL, 0);
    expect(OP_BETA, 0, 1, HUGE_VAL);
    expect(OP_BETA, -1, 1, NAN);
    expect(OP_BETA, 1, HUGE_VAL, 0);
    expect(OP_LBETA, 1, 1, 0);
    expect(OP_MOD, -1, 3, 2);
    expect(OP_MOD, 1e300, -7, -in_doubles(OP_MOD, -1e300, 7));
    expect(OP_MOD, 1, 0, NAN);
}

Test(eval_special, edges_of_the_bessel_functions) {
    expect(OP_BESSELJ, 0, 0, 1);
    expect(OP_BESSELJ, 3, 0, 0);
    expect(OP_BESSELJ, -3, 2, -in_doubles(OP_BESSELJ, 3, 2));
    expect(OP_BESSELJ, 3, -2, -in_doubles(OP_BESSELJ, 3, 2));
    expect(OP_BESSELJ, -3, -2, in_doubles(OP_BESSELJ, 3, 2));
    expect(OP_BESSELJ, 4, HUGE_VAL, 0);
    expect(OP_BESSELJ, 1e6, 1, NAN);
    expect(OP_BESSELJ, 0.5, 1, NAN);
    expect(OP_BESSELY, 0, 0, -HUGE_VAL);
    expect(OP_BESSELY, -1, 0, HUGE_VAL);
    expect(OP_BESSELY, 1, -1, NAN);
    expect(OP_BESSELY, 300, 1e-3, -HUGE_VAL);
    expect(OP_BESSELI, 0, 0, 1);
    expect(OP_BESSELI, -3, -2, -in_doubles(OP_BESSELI, 3, 2));
    expect(OP_BESSELI, 3, 800, HUGE_VAL);
    expect(OP_BESSELK, 0, 0, HUGE_VAL);
    expect(OP_BESSELK, 2, -1, NAN);
    expect(OP_BESSELK, 2, 800, 0);
    cr_expect_gt(in_doubles(OP_BESSELJ, 100000, 100000), 0.009);
    cr_expect_gt(in_doubles(OP_BESSELK, 400, 800), 0, "exp(-800) alone is 0");
}
