// Elementwise functions, copies and fills.
#include "binding/call.h"
#include "binding/hosted.h"

namespace gb {

namespace {

napi_value ElementwiseOps(Call& call) {
  const Kernels& k = kernels();
  napi_value names;
  call.Check(napi_create_array_with_length(call.env(), static_cast<size_t>(k.elementwise_count), &names));
  for (int i = 0; i < k.elementwise_count; i++) {
    napi_value name = call.MakeText(k.elementwise[i].name);
    call.Check(napi_set_element(call.env(), names, static_cast<uint32_t>(i), name));
  }
  return names;
}

napi_value ElementwiseOf(Call& call) {
  const Tensor& out = call.Handle(1);
  const Tensor& a = call.Handle(2);
  const std::optional<Operand> b = call.OptionalOperand(3), c = call.OptionalOperand(4);
  Elementwise(call.Integer(0), out, a, b ? &*b : nullptr, c ? &*c : nullptr, call.Number(5, 0), call.Number(6, 0));
  return nullptr;
}

}  // namespace

const Function kElementwiseFunctions[] = {{"elementwiseOps", Entry<ElementwiseOps>},
                                          {"elementwise", Entry<ElementwiseOf, Call::Reach::kOneDevice>},
                                          {"copy", Entry<Direct<Copy>, Call::Reach::kAnywhere>},
                                          {"fill", Entry<Direct<Fill>, Call::Reach::kOneDevice>},
                                          {"where", Entry<Direct<Where>, Call::Reach::kOneDevice>},
                                          {"arange", Entry<Direct<Hosted<Arange>::Run>, Call::Reach::kOneDevice>},
                                          {"linspace", Entry<Direct<Hosted<Linspace>::Run>, Call::Reach::kOneDevice>},
                                          {nullptr, nullptr}};

}  // namespace gb
