// Draws from distributions beyond the uniform and the normal one.
#include "core/distributions.h"

#include "binding/call.h"

namespace gb {

namespace {

napi_value ExponentialOf(Call& call) {
  FillExponential(call.Handle(0), &call.GeneratorAt(1), call.Number(2));
  return nullptr;
}

napi_value GeometricOf(Call& call) {
  FillGeometric(call.Handle(0), &call.GeneratorAt(1), call.Number(2));
  return nullptr;
}

napi_value CauchyOf(Call& call) {
  FillCauchy(call.Handle(0), &call.GeneratorAt(1), call.Number(2), call.Number(3));
  return nullptr;
}

napi_value LogNormalOf(Call& call) {
  FillLogNormal(call.Handle(0), &call.GeneratorAt(1), call.Number(2), call.Number(3));
  return nullptr;
}

napi_value AnyIntegerOf(Call& call) {
  FillAnyInteger(call.Handle(0), &call.GeneratorAt(1));
  return nullptr;
}

napi_value PoissonOf(Call& call) {
  FillPoisson(call.Handle(0), &call.GeneratorAt(1), call.Handle(2));
  return nullptr;
}

napi_value BinomialOf(Call& call) {
  FillBinomial(call.Handle(0), &call.GeneratorAt(1), call.Handle(2), call.Handle(3));
  return nullptr;
}

napi_value BernoulliTensorOf(Call& call) {
  FillBernoulliOf(call.Handle(0), &call.GeneratorAt(1), call.Handle(2));
  return nullptr;
}

napi_value MultinomialOf(Call& call) {
  FillMultinomial(call.Handle(0), &call.GeneratorAt(1), call.Handle(2));
  return nullptr;
}

}  // namespace

const Function kDistributionFunctions[] = {
    {"exponential", Entry<ExponentialOf>}, {"geometric", Entry<GeometricOf>},
    {"cauchy", Entry<CauchyOf>},           {"logNormal", Entry<LogNormalOf>},
    {"anyInteger", Entry<AnyIntegerOf>},   {"poisson", Entry<PoissonOf>},
    {"binomial", Entry<BinomialOf>},       {"bernoulliTensor", Entry<BernoulliTensorOf>},
    {"multinomial", Entry<MultinomialOf>}, {nullptr, nullptr}};

}  // namespace gb
