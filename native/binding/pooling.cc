// Pooling.
#include "binding/call.h"

namespace gb {

namespace {

napi_value MaxPoolOf(Call& call) {
  MaxPoolForward(call.Handle(0), call.OptionalHandle(1), call.Handle(2), call.Integers(3));
  return nullptr;
}

napi_value MaxPoolBackwardOf(Call& call) {
  MaxPoolGradient(call.Handle(0), call.Handle(1), call.Handle(2), call.Integers(3));
  return nullptr;
}

napi_value MaxPoolTakeOf(Call& call) {
  MaxPoolTake(call.Handle(0), call.Handle(1), call.Handle(2), call.Integers(3));
  return nullptr;
}

napi_value MaxPoolIndicesOf(Call& call) {
  MaxPoolIndices(call.Handle(0), call.Handle(1), call.Handle(2), call.Integers(3));
  return nullptr;
}

napi_value StochasticPoolOf(Call& call) {
  StochasticPoolForward(call.Handle(0), call.Handle(1), call.Handle(2), call.Handle(3), call.Integers(4));
  return nullptr;
}

napi_value AveragePoolOf(Call& call) {
  AveragePoolForward(call.Handle(0), call.Handle(1), call.Integers(2), call.Boolean(3), call.Integer(4));
  return nullptr;
}

napi_value AveragePoolBackwardOf(Call& call) {
  AveragePoolGradient(call.Handle(0), call.Handle(1), call.Integers(2), call.Boolean(3), call.Integer(4));
  return nullptr;
}

napi_value AdaptiveMaxPoolOf(Call& call) {
  AdaptiveMaxPoolForward(call.Handle(0), call.Handle(1), call.Handle(2), call.Integer(3));
  return nullptr;
}

napi_value AdaptiveAveragePoolOf(Call& call) {
  AdaptiveAveragePoolForward(call.Handle(0), call.Handle(1), call.Integer(2));
  return nullptr;
}

napi_value AdaptiveAveragePoolBackwardOf(Call& call) {
  AdaptiveAveragePoolGradient(call.Handle(0), call.Handle(1), call.Integer(2));
  return nullptr;
}

napi_value FractionalMaxPoolOf(Call& call) {
  FractionalMaxPoolForward(call.Handle(0), call.Handle(1), call.Handle(2), call.Handle(3), call.Integers(4));
  return nullptr;
}

napi_value PlaneTakeOf(Call& call) {
  PlaneTakeFrom(call.Handle(0), call.Handle(1), call.Handle(2), call.Integer(3));
  return nullptr;
}

napi_value PlanePutOf(Call& call) {
  PlanePutInto(call.Handle(0), call.Handle(1), call.Handle(2), call.Integer(3), call.Boolean(4));
  return nullptr;
}

}  // namespace

const Function kPoolingFunctions[] = {{"maxPool", Entry<MaxPoolOf>},
                                      {"maxPoolBackward", Entry<MaxPoolBackwardOf>},
                                      {"maxPoolTake", Entry<MaxPoolTakeOf>},
                                      {"maxPoolIndices", Entry<MaxPoolIndicesOf>},
                                      {"stochasticPool", Entry<StochasticPoolOf>},
                                      {"avgPool", Entry<AveragePoolOf>},
                                      {"avgPoolBackward", Entry<AveragePoolBackwardOf>},
                                      {"adaptiveMaxPool", Entry<AdaptiveMaxPoolOf>},
                                      {"adaptiveAvgPool", Entry<AdaptiveAveragePoolOf>},
                                      {"adaptiveAvgPoolBackward", Entry<AdaptiveAveragePoolBackwardOf>},
                                      {"fractionalMaxPool", Entry<FractionalMaxPoolOf>},
                                      {"planeTake", Entry<PlaneTakeOf>},
                                      {"planePut", Entry<PlanePutOf>},
                                      {nullptr, nullptr}};

}  // namespace gb
