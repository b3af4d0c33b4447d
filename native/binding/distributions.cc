// Draws from distributions beyond the uniform and the normal one.
#include "core/distributions.h"

#include "binding/call.h"
#include "binding/hosted.h"

namespace gb {

const Function kDistributionFunctions[] = {
    {"exponential", StoppableEntry<Direct<Hosted<FillExponential>::Run>, Call::Reach::kOneDevice>},
    {"geometric", StoppableEntry<Direct<Hosted<FillGeometric>::Run>, Call::Reach::kOneDevice>},
    {"cauchy", StoppableEntry<Direct<Hosted<FillCauchy>::Run>, Call::Reach::kOneDevice>},
    {"logNormal", StoppableEntry<Direct<Hosted<FillLogNormal>::Run>, Call::Reach::kOneDevice>},
    {"anyInteger", StoppableEntry<Direct<Hosted<FillAnyInteger>::Run>, Call::Reach::kOneDevice>},
    {"poisson", StoppableEntry<Direct<Hosted<FillPoisson>::Run>, Call::Reach::kOneDevice>},
    {"binomial", StoppableEntry<Direct<Hosted<FillBinomial>::Run>, Call::Reach::kOneDevice>},
    {"bernoulliTensor", StoppableEntry<Direct<Hosted<FillBernoulliOf>::Run>, Call::Reach::kOneDevice>},
    {"multinomial", StoppableEntry<Direct<Hosted<FillMultinomial>::Run>, Call::Reach::kOneDevice>},
    {nullptr, nullptr}};

}  // namespace gb
