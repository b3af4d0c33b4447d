// Draws from distributions beyond the uniform and the normal one.
#include "core/distributions.h"

#include "binding/call.h"

namespace gb {

const Function kDistributionFunctions[] = {
    {"exponential", Entry<Direct<FillExponential>>}, {"geometric", Entry<Direct<FillGeometric>>},
    {"cauchy", Entry<Direct<FillCauchy>>},           {"logNormal", Entry<Direct<FillLogNormal>>},
    {"anyInteger", Entry<Direct<FillAnyInteger>>},   {"poisson", Entry<Direct<FillPoisson>>},
    {"binomial", Entry<Direct<FillBinomial>>},       {"bernoulliTensor", Entry<Direct<FillBernoulliOf>>},
    {"multinomial", Entry<Direct<FillMultinomial>>}, {nullptr, nullptr}};

}  // namespace gb
