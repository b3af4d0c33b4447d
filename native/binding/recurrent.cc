// Recurrent networks.
#include "binding/call.h"

namespace gb {

namespace {

Cell ToCell(const std::string& text) {
  static const char* const names[] = {"lstm", "gru", "tanh", "relu"};
  for (int i = 0; i < 4; i++) {
    if (text == names[i]) return static_cast<Cell>(i);
  }
  ThrowType("recurrent: there is no cell \"%s\"; expected lstm, gru, tanh or relu", text.c_str());
}

napi_value ForwardOf(Call& call) {
  RecurrentSteps(ToCell(call.Text(0)), call.Handle(1), call.Handle(2), call.OptionalHandle(3), call.Handles(4),
                 call.Handle(5), call.Handles(6), call.Integers(7), call.Boolean(8));
  return nullptr;
}

napi_value BackwardOf(Call& call) {
  RecurrentGradients(ToCell(call.Text(0)), call.Handles(1), call.Handle(2), call.OptionalHandle(3), call.Handles(4),
                     call.Handles(5), call.Integers(6), call.Boolean(7));
  return nullptr;
}

}  // namespace

const Function kRecurrentFunctions[] = {{"recurrentForward", StoppableEntry<ForwardOf, Call::Reach::kOneDevice>},
                                        {"recurrentBackward", StoppableEntry<BackwardOf, Call::Reach::kOneDevice>},
                                        {nullptr, nullptr}};

}  // namespace gb
