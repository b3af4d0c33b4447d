// Draws from distributions beyond the uniform and the normal one.
#include "core/distributions.h"

#include "binding/call.h"
#include "binding/hosted.h"

namespace gb {

const Function kDistributionFunctions[] = {
    {"exponential", Entry<Direct<Hosted<FillExponential>::Run>, Call::Reach::kOneDevice>},
    {"geometric", Entry<Direct<Hosted<FillGeometric>::Run>, Call::Reach::kOneDevice>},
    {"cauchy", Entry<Direct<Hosted<FillCauchy>::Run>, Call::Reach::kOneDevice>},
    {"logNormal", Entry<Direct<Hosted<FillLogNormal>::Run>, Call::Reach::kOneDevice>},
    {"anyInteger", Entry<Direct<Hosted<FillAnyInteger>::Run>, Call::Reach::kOneDevice>},
    {"poisson", Entry<Direct<Hosted<FillPoisson>::Run>, Call::Reach::kOneDevice>},
    {"binomial", Entry<Direct<Hosted<FillBinomial>::Run>, Call::Reach::kOneDevice>},
    {"bernoulliTensor", Entry<Direct<Hosted<FillBernoulliOf>::Run>, Call::Reach::kOneDevice>},
    {"multinomial", Entry<Direct<Hosted<FillMultinomial>::Run>, Call::Reach::kOneDevice>},
    {nullptr, nullptr}};

}  // namespace gb
