// Reductions, matrix products, softmax, losses, indexing and the fused optimizers.
#include "binding/call.h"

namespace gb {

namespace {

ReduceOp ToReduceOp(const std::string& text) {
  static const char* const names[] = {"sum", "mean", "prod", "max", "min", "any", "all", "norm"};
  for (int i = 0; i < 8; i++) {
    if (text == names[i]) return static_cast<ReduceOp>(i);
  }
  ThrowType("reduce: there is no reduction \"%s\"", text.c_str());
}

Reduction ToReduction(const std::string& text) {
  if (text == "none") return Reduction::kNone;
  if (text == "mean") return Reduction::kMean;
  if (text == "sum") return Reduction::kSum;
  ThrowType("nllLoss: there is no reduction \"%s\"; expected none, mean or sum", text.c_str());
}

napi_value ReduceOf(Call& call) {
  ReduceDims(ToReduceOp(call.Text(0)), call.Handle(1), call.Handle(2), call.Integers(3));
  return nullptr;
}

napi_value ReduceWithIndexOf(Call& call) {
  std::string op = call.Text(0);
  if (op != "max" && op != "min") ThrowType("reduceWithIndex: expected max or min, found \"%s\"", op.c_str());
  ReduceIndexed(op == "max", call.OptionalHandle(1), call.OptionalHandle(2), call.Handle(3), call.Integer(4));
  return nullptr;
}

// Queries, keys and values.
struct Three {
  std::vector<Tensor> tensors;

  Three(Call& call, size_t i) : tensors(call.Handles(i)) {
    if (tensors.size() != 3) ThrowType("argument %zu: expected three tensor handles, found %zu", i + 1, tensors.size());
  }
  AttentionInputs Inputs(const Tensor* mask, bool causal, double scale) const {
    return {tensors[0], tensors[1], tensors[2], mask, causal, scale};
  }
};

napi_value AttentionOf(Call& call) {
  const Three given(call, 1);
  Attention(call.Handle(0), given.Inputs(call.OptionalHandle(2), call.Boolean(3), call.Number(4)));
  return nullptr;
}

napi_value AttentionBackwardOf(Call& call) {
  const Three out(call, 0), given(call, 2);
  AttentionGradient({out.tensors[0], out.tensors[1], out.tensors[2]}, call.Handle(1),
                    given.Inputs(call.OptionalHandle(3), call.Boolean(4), call.Number(5)));
  return nullptr;
}

napi_value NllLossOf(Call& call) {
  NllLoss(call.Handle(0), call.Handle(1), call.Handle(2), call.Handle(3), call.OptionalHandle(4), call.Integer(5),
          ToReduction(call.Text(6)));
  return nullptr;
}

napi_value NllLossBackwardOf(Call& call) {
  NllLossGradient(call.Handle(0), call.Handle(1), call.Handle(2), call.Handle(3), call.OptionalHandle(4),
                  call.Integer(5), ToReduction(call.Text(6)));
  return nullptr;
}

napi_value NonzeroOf(Call& call) {
  const Tensor positions = Nonzero(call.Handle(0));
  napi_value result;
  const napi_value handle = call.NewHandle(positions, true);
  call.Check(napi_create_array_with_length(call.env(), 2, &result));
  call.Check(napi_set_element(call.env(), result, 0, handle));
  call.Check(napi_set_element(call.env(), result, 1, call.MakeNumber(static_cast<double>(positions.sizes[0]))));
  return result;
}

napi_value SgdOf(Call& call) {
  SgdOptions options;
  options.lr = call.NumberOption(3, "lr");
  options.momentum = call.NumberOption(3, "momentum");
  options.dampening = call.NumberOption(3, "dampening");
  options.weight_decay = call.NumberOption(3, "weightDecay");
  options.nesterov = call.BooleanOption(3, "nesterov");
  options.maximize = call.BooleanOption(3, "maximize");
  options.first = call.BooleanOption(3, "first");
  SgdStep(call.Handles(0), call.Handles(1), call.Handles(2), options);
  return nullptr;
}

napi_value AdamOf(Call& call) {
  AdamOptions options;
  options.step = call.NumberOption(5, "step");
  options.lr = call.NumberOption(5, "lr");
  options.beta1 = call.NumberOption(5, "beta1");
  options.beta2 = call.NumberOption(5, "beta2");
  options.eps = call.NumberOption(5, "eps");
  options.weight_decay = call.NumberOption(5, "weightDecay");
  options.decoupled = call.BooleanOption(5, "decoupled");
  options.maximize = call.BooleanOption(5, "maximize");
  AdamStep(call.Handles(0), call.Handles(1), call.Handles(2), call.Handles(3), call.Handles(4), options);
  return nullptr;
}

}  // namespace

const Function kStructuralFunctions[] = {{"reduce", Entry<ReduceOf, Call::Reach::kOneDevice>},
                                         {"reduceWithIndex", Entry<ReduceWithIndexOf, Call::Reach::kOneDevice>},
                                         {"gemm", StoppableEntry<Direct<MatrixMultiply>, Call::Reach::kOneDevice>},
                                         {"softmax", Entry<Direct<SoftmaxAlong>, Call::Reach::kOneDevice>},
                                         {"softmaxBackward", Entry<Direct<SoftmaxGradient>, Call::Reach::kOneDevice>},
                                         {"attention", Entry<AttentionOf>},
                                         {"attentionBackward", Entry<AttentionBackwardOf>},
                                         {"nllLoss", Entry<NllLossOf, Call::Reach::kOneDevice>},
                                         {"nllLossBackward", Entry<NllLossBackwardOf, Call::Reach::kOneDevice>},
                                         {"indexSelect", Entry<Direct<IndexSelect>, Call::Reach::kOneDevice>},
                                         {"gather", Entry<Direct<Gather>, Call::Reach::kOneDevice>},
                                         {"nonzero", Entry<NonzeroOf, Call::Reach::kOneDevice>},
                                         {"sgd", Entry<SgdOf, Call::Reach::kOneDevice>},
                                         {"adam", Entry<AdamOf, Call::Reach::kOneDevice>},
                                         {nullptr, nullptr}};

}  // namespace gb
