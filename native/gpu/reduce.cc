// Reductions: a group for each output.
#include <cstring>
#include <iterator>

#include "core/errors.h"
#include "gpu/device.h"
#include "gpu/nest.h"
#include "gpu/structural.h"

namespace gb::gpu {

namespace {

struct Rule {
  const char *name, *start, *step, *join, *end;
};

// Floats add up in their own type: items' shares are short, and their results are joined pairwise.
const Rule kRules[] = {
    {"sum", "0", "((s) + (W)(x))", "((a) + (b))", "(s)"},
    {"mean", "0", "((s) + (W)(x))", "((a) + (b))", "((s) / (W)(n))"},
    {"prod", "1", "((s) * (W)(x))", "((a) * (b))", "(s)"},
    {"max", "LOWEST", "((x) > (s) || (x) != (x) ? (W)(x) : (s))", "((b) > (a) || (b) != (b) ? (b) : (a))", "(s)"},
    {"min", "HIGHEST", "((x) < (s) || (x) != (x) ? (W)(x) : (s))", "((b) < (a) || (b) != (b) ? (b) : (a))", "(s)"},
    {"any", "0", "((s) || (x) != 0)", "((a) || (b))", "(s)"},
    {"all", "1", "((s) && (x) != 0)", "((a) && (b))", "(s)"},
    {"norm", "0", "((s) + (W)(x) * (W)(x))", "((a) + (b))", "sqrt(s)"},
};

const char* Limits(DType dtype) {
  switch (dtype) {
    case DType::kInt32:
      return "#define LOWEST INT_MIN\n#define HIGHEST INT_MAX\n";
    case DType::kInt64:
      return "#define LOWEST LONG_MIN\n#define HIGHEST LONG_MAX\n";
    case DType::kUint8:
    case DType::kBool:
      return "#define LOWEST 0\n#define HIGHEST 255\n";
    default:
      return "#define LOWEST (-INFINITY)\n#define HIGHEST INFINITY\n";
  }
}

// The type in which elements of `type` are reduced.
const char* WideOf(ReduceOp op, DType dtype) {
  if (op == ReduceOp::kSum || op == ReduceOp::kProd) return IsFloat(dtype) ? TypeOf(dtype) : "long";
  if (op == ReduceOp::kAny || op == ReduceOp::kAll) return "int";
  if (op == ReduceOp::kNorm) return "REAL";  // squares must not overflow
  return TypeOf(dtype);
}

const char* ResultOf(ReduceOp op, DType dtype) {
  if (op == ReduceOp::kSum || op == ReduceOp::kProd) return IsFloat(dtype) ? TypeOf(dtype) : "long";
  if (op == ReduceOp::kAny || op == ReduceOp::kAll) return "uchar";
  return TypeOf(dtype);
}

// kernels/reduce.cl for every operation.
std::string Text(DType dtype) {
  std::string text = Limits(dtype);
  for (size_t i = 0; i < std::size(kRules); i++) {
    const ReduceOp op = static_cast<ReduceOp>(i);
    const Rule& rule = kRules[i];
    if (op == ReduceOp::kNorm && !IsFloat(dtype)) continue;
    text += std::string("#define NAME reduce_") + rule.name + "\n#define W " + WideOf(op, dtype) + "\n#define R " +
            ResultOf(op, dtype) + "\n#define START ((W)" + rule.start + ")\n#define STEP(s, x) " + rule.step +
            "\n#define JOIN(a, b) " + rule.join + "\n#define END(s, n) " + rule.end + "\n" + SourceOf("reduce");
  }
  return text;
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
  const Function& function =
      device.Kernel("reduce", std::string("reduce_") + kRules[static_cast<int>(op)].name,
                    std::string(" -DT=") + TypeOf(a.dtype) + " -DGROUP_ITEMS=" + std::to_string(items),
                    [&] { return Text(a.dtype); });
  Arguments arguments;
  arguments.Of(out).Of(a).Value(shape);
  LaunchGroups(device, function, shape.kept.count, items, arguments);
}

void ReduceIndexed(bool max, const Tensor* values, const Tensor* indices, const Tensor& a, int dim) {
  GpuDevice& device = Of(DeviceOf(a));
  const int64_t size = a.dims ? a.sizes[dim] : 1, step = a.dims ? a.strides[dim] * ItemSize(a.dtype) : 0;
  const Tensor& out = values ? *values : *indices;
  const Nest nest = NestWithout(dim, {&out, &a, indices});
  const int items = size <= 64 ? 32 : 256;
  const int32_t largest = max, outputs = (values ? 1 : 0) | (indices ? 2 : 0);
  Arguments arguments;
  arguments.Address(values ? values->data : nullptr).Address(indices ? indices->data : nullptr).Of(a);
  arguments.Value(largest).Value(outputs).Value(size).Value(step).Value(nest);
  const std::string options = std::string(" -DT=") + TypeOf(a.dtype) + " -DGROUP_ITEMS=" + std::to_string(items);
  LaunchGroups(device, device.Kernel("arg_reduce", "arg_reduce", options), nest.count, items, arguments);
}

}  // namespace gb::gpu
