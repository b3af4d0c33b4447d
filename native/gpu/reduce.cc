// Reductions: a group for each output.
#include <cstring>

#include "core/errors.h"
#include "gpu/device.h"
#include "gpu/nest.h"
#include "gpu/structural.h"

namespace gb::gpu {

namespace {

struct Rule {
  const char *start, *step, *join, *end;
};

// Floats add up in their own type: items' shares are short, and their results are joined pairwise.
Rule RuleOf(ReduceOp op, bool is_float) {
  switch (op) {
    case ReduceOp::kSum:
      return {"0", "((s) + (W)(x))", "((a) + (b))", "(s)"};
    case ReduceOp::kMean:
      return {"0", "((s) + (W)(x))", "((a) + (b))", "((s) / (W)(n))"};
    case ReduceOp::kProd:
      return {"1", "((s) * (W)(x))", "((a) * (b))", "(s)"};
    case ReduceOp::kMax:
      return {is_float ? "(-INFINITY)" : "LOWEST", "((x) > (s) || (x) != (x) ? (W)(x) : (s))",
              "((b) > (a) || (b) != (b) ? (b) : (a))", "(s)"};
    case ReduceOp::kMin:
      return {is_float ? "INFINITY" : "HIGHEST", "((x) < (s) || (x) != (x) ? (W)(x) : (s))",
              "((b) < (a) || (b) != (b) ? (b) : (a))", "(s)"};
    case ReduceOp::kAny:
      return {"0", "((s) || (x) != 0)", "((a) || (b))", "(s)"};
    case ReduceOp::kAll:
      return {"1", "((s) && (x) != 0)", "((a) && (b))", "(s)"};
  }
  return {};
}

const char* Limits(DType dtype) {
  switch (dtype) {
    case DType::kInt32:
      return "#define LOWEST INT_MIN\n#define HIGHEST INT_MAX\n";
    case DType::kInt64:
      return "#define LOWEST LONG_MIN\n#define HIGHEST LONG_MAX\n";
    default:
      return "#define LOWEST 0\n#define HIGHEST 255\n";
  }
}

// The type in which the dtype is reduced.
DType WideOf(ReduceOp op, DType dtype) {
  if (op == ReduceOp::kSum || op == ReduceOp::kProd) return IsFloat(dtype) ? dtype : DType::kInt64;
  if (op == ReduceOp::kAny || op == ReduceOp::kAll) return DType::kInt32;
  return dtype;
}

Nest Part(const Tensor& out, const Tensor& a, const bool* reduced, bool wanted) {
  Tensor to = out, from = a;
  for (int dim = 0; dim < a.dims; dim++) {
    if (reduced[dim] != wanted) to.sizes[dim] = from.sizes[dim] = 1;
    if (wanted) to.sizes[dim] = from.sizes[dim];
    if (wanted) to.strides[dim] = 1;  // walked for the input's sake alone
  }
  const Tensor* operands[] = {&to, &from};
  return NestOf(MakeLoop(operands, 2, "reduce"));
}

}  // namespace

void Reduce(ReduceOp op, const Tensor& out, const Tensor& a, const bool* reduced) {
  if (Count(out) == 0) return;
  GpuDevice& device = Of(DeviceOf(out));
  const ReduceShape shape{Part(out, a, reduced, false), Part(out, a, reduced, true)};
  const int items = shape.reduced.count <= 64 ? 32 : 256;
  const std::string key = "reduce " + std::to_string(static_cast<int>(op)) + " " +
                          std::to_string(static_cast<int>(a.dtype)) + " " + std::to_string(items);
  const Function* function = device.Find(key);
  if (!function) {
    const Rule rule = RuleOf(op, IsFloat(a.dtype));
    const std::string text = std::string(Limits(a.dtype)) + "#define START ((W)" + rule.start +
                             ")\n#define STEP(s, x) " + rule.step + "\n#define JOIN(a, b) " + rule.join +
                             "\n#define END(s, n) " + rule.end + "\n";
    const std::string options = std::string(" -DT=") + TypeOf(a.dtype) + " -DW=" + TypeOf(WideOf(op, a.dtype)) +
                                " -DR=" + TypeOf(out.dtype) + " -DGROUP_ITEMS=" + std::to_string(items);
    function = &device.Make(key, "reduce", "reduce", options, text);
  }
  Arguments arguments;
  arguments.Of(out).Of(a).Value(shape);
  LaunchGroups(device, *function, shape.kept.count, items, arguments);
}

}  // namespace gb::gpu
