// The header is C++ too.
#include <gradc/gradc.h>

#include <iostream>

int main() {
    gradc_model *model = gradc_load_expression("exp(x) - 2*x", nullptr);
    gradc_evaluator *evaluator = gradc_evaluator_new(model, nullptr);
    double at = 0, value = 0, slope = 0;
    gradc_evaluate(evaluator, &at, &value, &slope);
    std::cout << "f(0) = " << value << ", df/dx = " << slope << std::endl;
    gradc_evaluator_free(evaluator);
    gradc_free(model);
}
