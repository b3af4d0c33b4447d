// Convolutions and their gradients.
#include "binding/call.h"

namespace gb {

namespace {

napi_value ConvForwardOf(Call& call) {
  Convolve(call.Handle(0), call.Handle(1), call.Handle(2), call.OptionalHandle(3), call.Integers(4));
  return nullptr;
}

napi_value ConvBackwardInputOf(Call& call) {
  ConvolveInputGradient(call.Handle(0), call.Handle(1), call.Handle(2), call.OptionalHandle(3), call.Integers(4));
  return nullptr;
}

napi_value ConvBackwardWeightOf(Call& call) {
  ConvolveWeightGradient(call.Handle(0), call.Handle(1), call.Handle(2), call.Integers(3));
  return nullptr;
}

}  // namespace

const Function kConvFunctions[] = {{"convForward", StoppableEntry<ConvForwardOf>},
                                   {"convBackwardInput", StoppableEntry<ConvBackwardInputOf>},
                                   {"convBackwardWeight", StoppableEntry<ConvBackwardWeightOf>},
                                   {nullptr, nullptr}};

}  // namespace gb
