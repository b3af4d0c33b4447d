// Writing at positions named by an index.
#include "cpu/scatter.h"

#include "binding/call.h"

namespace gb {

namespace {

ScatterOp ToScatterOp(const std::string& text) {
  if (text == "set") return ScatterOp::kSet;
  if (text == "add") return ScatterOp::kAdd;
  if (text == "mul") return ScatterOp::kMultiply;
  if (text == "max") return ScatterOp::kMax;
  if (text == "min") return ScatterOp::kMin;
  ThrowType("scatter: there is no operation \"%s\"; expected set, add, mul, max or min", text.c_str());
}

napi_value ScatterOf(Call& call) {
  Scatter(ToScatterOp(call.Text(0)), call.Handle(1), call.Integer(2), call.Handle(3), call.OperandAt(4));
  return nullptr;
}

napi_value IndexWriteOf(Call& call) {
  IndexWrite(ToScatterOp(call.Text(0)), call.Handle(1), call.Integer(2), call.Handle(3), call.OperandAt(4));
  return nullptr;
}

}  // namespace

const Function kScatterFunctions[] = {{"scatter", Entry<ScatterOf, Call::Reach::kOneDevice>},
                                      {"indexWrite", Entry<IndexWriteOf, Call::Reach::kOneDevice>},
                                      {nullptr, nullptr}};

}  // namespace gb
