#include "emit/body.h"

/* REAL stands for the type of numbers. */
static const char *const texts[] = {
    [HELPER_FLOOR_QUOTIENT] = "/* The quotient, rounded down. */\n"
                              "static int64_t gradc_floor_quotient(int64_t a, int64_t b) {\n"
                              "    const int64_t quotient = a / b;\n"
                              "    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;\n"
                              "}\n",
    [HELPER_FLOOR_REST] = "/* What is left of the quotient that is rounded down: 0, or of the sign of b. */\n"
                          "static int64_t gradc_floor_rest(int64_t a, int64_t b) {\n"
                          "    const int64_t rest = a % b;\n"
                          "    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;\n"
                          "}\n",
    [HELPER_LESSER] = "/* The smaller of two whole numbers. */\n"
                      "static int64_t gradc_lesser(int64_t a, int64_t b) {\n"
                      "    return a < b ? a : b;\n"
                      "}\n",
    [HELPER_GREATER] = "/* The larger of two whole numbers. */\n"
                       "static int64_t gradc_greater(int64_t a, int64_t b) {\n"
                       "    return a > b ? a : b;\n"
                       "}\n",
    [HELPER_MINIMUM] = "/* The smaller of two numbers; a NaN in a stays. */\n"
                       "static REAL gradc_minimum(REAL a, REAL b) {\n"
                       "    return a < b || isnan(a) ? a : b;\n"
                       "}\n",
    [HELPER_MAXIMUM] = "/* The larger of two numbers; a NaN in a stays. */\n"
                       "static REAL gradc_maximum(REAL a, REAL b) {\n"
                       "    return a > b || isnan(a) ? a : b;\n"
                       "}\n",
    [HELPER_APART] =
        "/* Functions that compilers neither join nor fold: long code is cut into them, and calls with\n"
        " * constants are to have the bits of calls. */\n"
        "#if defined(__clang__)\n"
        "#define GRADC_APART __attribute__((noinline)) static\n"
        "#elif defined(__GNUC__)\n"
        "#define GRADC_APART __attribute__((noipa)) static\n"
        "#else\n"
        "#define GRADC_APART static\n"
        "#endif\n",
    [HELPER_RESTRICT] = "/* Arrays of a function do not overlap. gcc believes it of arguments: so the loops "
                        "of a function stand in\n"
                        " * its kernel. */\n"
                        "#if !defined(__cplusplus)\n"
                        "#define GRADC_RESTRICT restrict\n"
                        "#elif defined(__GNUC__)\n"
                        "#define GRADC_RESTRICT __restrict__\n"
                        "#else\n"
                        "#define GRADC_RESTRICT\n"
                        "#endif\n",
    [HELPER_SELDOM] = "/* Functions that are called once: not worth long optimization. */\n"
                      "#if defined(__GNUC__)\n"
                      "#define GRADC_SELDOM __attribute__((cold, noinline))\n"
                      "#else\n"
                      "#define GRADC_SELDOM\n"
                      "#endif\n",
    [HELPER_UNROLL] = "/* Loops of few iterations. */\n"
                      "#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)\n"
                      "#define GRADC_UNROLL _Pragma(\"GCC unroll 16\")\n"
                      "#else\n"
                      "#define GRADC_UNROLL\n"
                      "#endif\n",
};

void body_write_helper(enum helper helper, bool single, struct text *out) {
    for (const char *at = texts[helper]; *at;) {
        bool real = at[0] == 'R' && at[1] == 'E' && at[2] == 'A' && at[3] == 'L';
        if (real) text_add(out, single ? "float" : "double");
        if (!real) text_add_bytes(out, at, 1);
        at += real ? 4 : 1;
    }
    text_add(out, "\n");
}
