// Sums of elements chosen by a sparse matrix or by positions, and images read through maps.
#include "binding/call.h"

namespace gb {

namespace {

TapsForm ToForm(const std::string& text) {
  if (text == "gather") return TapsForm::kGather;
  if (text == "scatter") return TapsForm::kScatter;
  if (text == "dot") return TapsForm::kDot;
  ThrowType("taps: there is no form \"%s\"; expected gather, scatter or dot", text.c_str());
}

napi_value TapsOf(Call& call) {
  SumTaps(ToForm(call.Text(0)), call.Handle(1), call.Handle(2), call.Handle(3), call.Handle(4));
  return nullptr;
}

}  // namespace

const Function kResampleFunctions[] = {{"resample", Entry<Direct<ResampleAlong>, Call::Reach::kOneDevice>},
                                       {"taps", Entry<TapsOf, Call::Reach::kOneDevice>},
                                       {"warp", Entry<Direct<WarpImages>>},
                                       {nullptr, nullptr}};

}  // namespace gb
