// Launches of kernels/elementwise.cl. Each op, dtype and layout is a program of its own, compiled when it is first
// used.
#include "gpu/elementwise.h"

#include <cstring>
#include <limits>

#include "core/errors.h"
#include "core/loop.h"
#include "core/storage.h"
#include "gpu/nest.h"
#include "gpu/temporary.h"

namespace gb::gpu {

Nest NestOf(const Loop& loop) {
  Nest nest{};
  nest.count = loop.count;
  nest.dims = loop.dims;
  std::memcpy(nest.sizes, loop.sizes, sizeof(int64_t) * static_cast<size_t>(loop.dims));
  for (int i = 0; i < loop.operands; i++) {
    std::memcpy(nest.strides[i], loop.strides[i], sizeof(int64_t) * static_cast<size_t>(loop.dims));
  }
  return nest;
}

namespace {

struct Expression {
  const char* name;
  const char* text;  // a C expression over x, or a and b, or a, b and c, and p0, p1
  bool special;      // it calls a function that devices do not have
};

const Expression kExpressions[] = {
#include "gpu_elementwise.inc"
};

// Whether a position in any operand, in bytes, needs 64 bits.
bool IsWide(const Loop& loop) {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max() / 2;
  if (loop.count > kMost) return true;
  for (int i = 0; i < loop.operands; i++) {
    int64_t reach = 0;
    for (int dim = 0; dim < loop.dims; dim++) reach += std::abs(loop.strides[i][dim]) * loop.sizes[dim];
    if (reach > kMost) return true;
  }
  return false;
}

void RequireFloat64(const GpuDevice& device, DType dtype) {
  if (dtype != DType::kFloat64 || device.properties().float64) return;
  Throw("%s (%s) has no float64 arithmetic: convert with .float() first", device.name(),
        device.properties().name.c_str());
}

// One program: what stands before kernels/elementwise.cl, and how its tensors lie.
struct Variant {
  const char* name;
  DType first, from, to;  // of the first input, the others, the output
  int inputs;
  std::string text;  // OP and RESULT and what they need
};

// operands[0] is the output; a null operand is a number.
void Run(const Variant& variant, const Tensor* const* operands, const double* numbers, double p0, double p1) {
  const Tensor& out = *operands[0];
  GpuDevice& device = Of(DeviceOf(out));
  const Loop loop = MakeLoop(operands, variant.inputs + 1, variant.name);
  if (loop.count == 0) return;
  bool linear = true;
  for (int i = 0; i <= variant.inputs; i++) linear = linear && (!operands[i] || IsLinear(loop, i));
  const bool wide = IsWide(loop);
  char key[96];
  const int numbered = (operands[1] ? 0 : 1) | (variant.inputs > 1 && !operands[2] ? 2 : 0) |
                       (variant.inputs > 2 && !operands[3] ? 4 : 0);
  std::snprintf(key, sizeof key, "elementwise %s %d %d %d %d%d%d", variant.name, static_cast<int>(variant.first),
                static_cast<int>(variant.from), static_cast<int>(variant.to), linear, wide, numbered);
  const Function* function = device.Find(key);
  if (!function) {
    RequireFloat64(device, variant.first);
    RequireFloat64(device, variant.from);
    RequireFloat64(device, variant.to);
    const std::string options = std::string(" -DFIRST=") + TypeOf(variant.first) + " -DT=" + TypeOf(variant.from) +
                                " -DR=" + TypeOf(variant.to) + " -DIS_FLOAT=" + std::to_string(IsFloat(variant.from)) +
                                " -DINPUTS=" + std::to_string(variant.inputs) + " -DLINEAR=" + std::to_string(linear) +
                                " -DWIDE=" + std::to_string(wide) + " -DB_IS=" + std::to_string((numbered >> 1) & 1) +
                                " -DC_IS=" + std::to_string((numbered >> 2) & 1);
    function = &device.Make(key, "elementwise", "elementwise", options, SourceOf("math") + variant.text);
  }
  const uint64_t bits[4] = {BitsOf(numbers[0], variant.from), BitsOf(numbers[1], variant.from),
                            BitsOf(p0, variant.from), BitsOf(p1, variant.from)};
  const size_t item = static_cast<size_t>(ItemSize(variant.from));
  const Nest nest = NestOf(loop);
  Arguments arguments;
  for (int i = 0; i < 4; i++) arguments.Address(i <= variant.inputs && operands[i] ? operands[i]->data : nullptr);
  for (const uint64_t& number : bits) arguments.Bytes(&number, item);
  arguments.Value(loop.count);
  if (!linear) arguments.Value(nest);
  LaunchItems(device, *function, loop.count, arguments);
}

const Expression& Find(const char* name) {
  for (const Expression& expression : kExpressions) {
    if (std::strcmp(expression.name, name) == 0) return expression;
  }
  Throw("%s: there is no expression for devices", name);
}

// Brings a tensor of the processor's memory to a device, as it is.
Tensor Upload(const Tensor& a, Device* device) {
  Tensor copy = NewTensor(a.dtype, a.dims, a.sizes, device);
  Of(device).driver().Upload(copy.data, a.data, static_cast<size_t>(Count(a) * ItemSize(a.dtype)));
  return copy;
}

void Convert(const Tensor& out, const Tensor& a) {
  const Variant variant{"copy",
                        a.dtype,
                        a.dtype,
                        out.dtype,
                        1,
                        out.dtype == DType::kBool ? "#define OP(x, p0, p1) ((x) != 0)\n#define RESULT(y) (y)\n"
                                                  : "#define OP(x, p0, p1) (x)\n#define RESULT(y) ((R)(y))\n"};
  const Tensor* operands[kMaxOperands] = {&out, &a, nullptr, nullptr};
  const double none[2] = {0, 0};
  Run(variant, operands, none, 0, 0);
}

}  // namespace

void Elementwise(const char* name, const Tensor& out, const Tensor& a, const Operand* const* more, int inputs,
                 bool to_bool, double p0, double p1) {
  const Expression& expression = Find(name);
  if (expression.special) {
    Throw("%s exists for the CPU alone, because devices lack a function that it needs: move the tensor with .cpu()",
          name);
  }
  static const char* const parameters[] = {"", "T x", "T a, T b", "T a, T b, T c"};
  // The dtype bool has bytes as elements, of which only 0 and 1 occur.
  const DType result = out.dtype;
  Variant variant{name, a.dtype, a.dtype, result, inputs, {}};
  variant.text = std::string("FUNCTION ") + (to_bool ? "int" : "T") + " OP(" + parameters[inputs] +
                 ", T p0, T p1) { return " + expression.text + "; }\n" +
                 (result == DType::kBool ? "#define RESULT(y) ((y) != 0)\n" : "#define RESULT(y) (y)\n");
  const Tensor* operands[kMaxOperands] = {&out, &a, nullptr, nullptr};
  double numbers[2] = {0, 0};
  for (int i = 0; i + 1 < inputs; i++) {
    operands[i + 2] = more[i]->tensor;
    numbers[i] = more[i]->number;
  }
  Run(variant, operands, numbers, p0, p1);
}

void Where(const Tensor& out, const Tensor& condition, const Operand& a, const Operand& b) {
  const Variant variant{"where",   DType::kBool,
                        out.dtype, out.dtype,
                        3,         "#define OP(x, y, z, p0, p1) ((x) ? (y) : (z))\n#define RESULT(y) (y)\n"};
  const Tensor* operands[kMaxOperands] = {&out, &condition, a.tensor, b.tensor};
  const double numbers[2] = {a.number, b.number};
  Run(variant, operands, numbers, 0, 0);
}

void Fill(const Tensor& out, double value) {
  const Variant variant{"fill",    out.dtype, out.dtype,
                        out.dtype, 1,         "#define OP(x, p0, p1) (p0)\n#define RESULT(y) (y)\n"};
  const Tensor* operands[kMaxOperands] = {&out, &out, nullptr, nullptr};
  const double none[2] = {0, 0};
  Run(variant, operands, none, value, 0);
}

void Copy(const Tensor& out, const Tensor& a) {
  Device *to = DeviceOf(out), *from = DeviceOf(a);
  if (to == from) return Convert(out, a);
  if (Count(out) == 0) return;
  if (!from) {
    const bool dense = IsContiguous(a) && a.dtype == out.dtype;
    Temporary host(dense ? Shared(a) : NewTensor(out.dtype, a.dims, a.sizes));
    if (!dense) gb::Copy(*host, a);
    if (IsContiguous(out) && SameSizes(out, *host)) {
      return Of(to).driver().Upload(out.data, (*host).data, static_cast<size_t>(Count(out) * ItemSize(out.dtype)));
    }
    Temporary there(Upload(*host, to));
    return Convert(out, *there);
  }
  if (to) {
    Temporary host(NewTensor(a.dtype, a.dims, a.sizes));
    gpu::Copy(*host, a);
    return gpu::Copy(out, *host);
  }
  Temporary dense(IsContiguous(a) ? Shared(a) : NewTensor(a.dtype, a.dims, a.sizes, from));
  if (!IsContiguous(a)) Convert(*dense, a);
  const size_t bytes = static_cast<size_t>(Count(a) * ItemSize(a.dtype));
  if (IsContiguous(out) && SameSizes(out, a) && out.dtype == a.dtype) {
    return Of(from).driver().Download(out.data, (*dense).data, bytes);
  }
  Temporary host(NewTensor(a.dtype, a.dims, a.sizes));
  Of(from).driver().Download((*host).data, (*dense).data, bytes);
  gb::Copy(out, *host);
}

double Item(const Tensor& from) {
  Tensor host = from;
  uint64_t bits = 0;
  host.storage = nullptr;
  host.data = reinterpret_cast<char*>(&bits);
  Of(DeviceOf(from)).driver().Download(&bits, from.data, static_cast<size_t>(ItemSize(from.dtype)));
  return gb::Item(host);
}

}  // namespace gb::gpu
