// Draws from distributions beyond the uniform and the normal one.
#include "core/distributions.h"

#include "binding/call.h"

namespace gb {

const Function kDistributionFunctions[] = {{"exponential", StoppableEntry<Direct<FillExponential>>},
                                           {"geometric", StoppableEntry<Direct<FillGeometric>>},
                                           {"cauchy", StoppableEntry<Direct<FillCauchy>>},
                                           {"logNormal", StoppableEntry<Direct<FillLogNormal>>},
                                           {"anyInteger", StoppableEntry<Direct<FillAnyInteger>>},
                                           {"poisson", StoppableEntry<Direct<FillPoisson>>},
                                           {"binomial", StoppableEntry<Direct<FillBinomial>>},
                                           {"bernoulliTensor", StoppableEntry<Direct<FillBernoulliOf>>},
                                           {"multinomial", StoppableEntry<Direct<FillMultinomial>>},
                                           {nullptr, nullptr}};

}  // namespace gb
