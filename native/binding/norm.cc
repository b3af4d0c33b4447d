// Normalisation.
#include "binding/call.h"

namespace gb {

namespace {

// dx, dweight, dbias (each may be null), dy, statistics, x, weight (may be null), then a number.
NormGradientTensors GradientsOf(Call& call) {
  return {&call.Handle(3),        &call.Handle(4),        call.OptionalHandle(6),
          call.OptionalHandle(0), call.OptionalHandle(1), call.OptionalHandle(2)};
}

napi_value BatchNormOf(Call& call) {
  BatchNormOptions options;
  options.training = call.BooleanOption(7, "training");
  options.momentum = call.NumberOption(7, "momentum");
  options.eps = call.NumberOption(7, "eps");
  BatchNormForward(call.Handle(0), call.Handle(1), call.Handle(2), call.OptionalHandle(3), call.OptionalHandle(4),
                   call.OptionalHandle(5), call.OptionalHandle(6), options);
  return nullptr;
}

napi_value BatchNormBackwardOf(Call& call) {
  BatchNormGradient(GradientsOf(call), call.Handle(5), call.Boolean(7));
  return nullptr;
}

napi_value GroupNormBackwardOf(Call& call) {
  GroupNormGradient(GradientsOf(call), call.Handle(5), call.Integer(7));
  return nullptr;
}

napi_value LayerNormBackwardOf(Call& call) {
  LayerNormGradient(GradientsOf(call), call.Handle(5), call.Integer(7), call.Boolean(8));
  return nullptr;
}

}  // namespace

const Function kNormFunctions[] = {{"batchNorm", Entry<BatchNormOf, Call::Reach::kOneDevice>},
                                   {"batchNormBackward", Entry<BatchNormBackwardOf, Call::Reach::kOneDevice>},
                                   {"groupNorm", Entry<Direct<GroupNormForward>, Call::Reach::kOneDevice>},
                                   {"groupNormBackward", Entry<GroupNormBackwardOf, Call::Reach::kOneDevice>},
                                   {"layerNorm", Entry<Direct<LayerNormForward>, Call::Reach::kOneDevice>},
                                   {"layerNormBackward", Entry<LayerNormBackwardOf, Call::Reach::kOneDevice>},
                                   {nullptr, nullptr}};

}  // namespace gb
