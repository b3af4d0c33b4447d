// Launches of kernels/elementwise.cl. What OpenCL and CUDA compilers take longest for is to start, so a program holds
// the kernels of several ops for one dtype.
#include "gpu/elementwise.h"

#include <algorithm>
#include <cstring>
#include <iterator>
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

Nest NestWithout(int dim, std::initializer_list<const Tensor*> operands) {
  Tensor views[kMaxOperands];
  const Tensor* list[kMaxOperands] = {};
  const Tensor& first = **operands.begin();
  int count = 0;
  for (const Tensor* operand : operands) {
    if (operand) {
      Tensor& view = views[count];
      view = *operand;
      std::copy(first.sizes, first.sizes + first.dims, view.sizes);
      if (dim >= 0 && view.dims > 0) view.sizes[dim] = 1;
      list[count] = &view;
    }
    count++;
  }
  return NestOf(MakeLoop(list, count, "walk"));
}

namespace {

struct Expression {
  const char* name;
  int inputs;
  const char* text;   // a C expression over x, or a and b, or a, b and c, and p0, p1
  const char* types;  // as ElementwiseKernel in lib/ops/registry.ts
  bool to_bool;
};

const Expression kExpressions[] = {
#include "gpu_elementwise.inc"
};

// Neighbours among the expressions, which are declared by topic, share a program.
constexpr size_t kTogether = 24;

bool IsDefined(const Expression& expression, DType dtype) {
  if (std::strcmp(expression.types, "all") == 0) return true;
  if (dtype == DType::kBool) return false;
  return std::strcmp(expression.types, "number") == 0 ||
         (std::strcmp(expression.types, "float") == 0) == IsFloat(dtype);
}

std::string Define(const char* name, const std::string& text) {
  return std::string("#define ") + name + " " + text + "\n";
}

// kernels/elementwise.cl as the kernel of that name.
std::string Kernel(const std::string& name, int inputs, const std::string& op, const char* first, const char* result,
                   bool to_bool) {
  return Define("NAME", name) + Define("INPUTS", std::to_string(inputs)) + Define("OP", op) + Define("FIRST", first) +
         Define("R", result) + Define("RESULT(y)", to_bool ? "((y) != 0)" : "(y)") + SourceOf("elementwise");
}

// The kernels of the expressions of a chunk that are defined for the dtype. Elements of the dtype bool are bytes, of
// which only 0 and 1 occur.
std::string ChunkText(size_t chunk, DType dtype) {
  static const char* const parameters[] = {"", "T x", "T a, T b", "T a, T b, T c"};
  const size_t end = std::min(std::size(kExpressions), (chunk + 1) * kTogether);
  std::string text = SourceOf("math");
  if (IsFloat(dtype)) text += SourceOf("special");
  for (size_t i = chunk * kTogether; i < end; i++) {
    const Expression& e = kExpressions[i];
    if (!IsDefined(e, dtype)) continue;
    const std::string op = std::string("op_") + e.name;
    text += std::string("FUNCTION ") + (e.to_bool ? "int " : "T ") + op + "(" + parameters[e.inputs] +
            ", T p0, T p1) { return " + e.text + "; }\n";
    const bool to_bool = e.to_bool || dtype == DType::kBool;
    text += Kernel(std::string("run_") + e.name, e.inputs, op, "T", to_bool ? "uchar" : "T", to_bool);
  }
  return text;
}

// Copies of a dtype as any other, fills and choices.
std::string MoveText(DType dtype) {
  static const char* const kinds[kDTypes] = {"float32", "float64", "int32", "int64", "uint8", "bool"};
  std::string text = Define("IDENTITY(x, p0, p1)", "(x)") + Define("NUMBER(x, p0, p1)", "(p0)") +
                     Define("CHOICE(x, y, z, p0, p1)", "((x) ? (y) : (z))");
  for (int i = 0; i < kDTypes; i++) {
    const DType to = static_cast<DType>(i);
    if (to == DType::kFloat64 && dtype != DType::kFloat64) text += "#if FLOAT64\n";
    text += Kernel(std::string("to_") + kinds[i], 1, "IDENTITY", "T", TypeOf(to), to == DType::kBool);
    if (to == DType::kFloat64 && dtype != DType::kFloat64) text += "#endif\n";
  }
  text += Kernel("fill", 1, "NUMBER", "T", "T", false);
  return text + Kernel("where", 3, "CHOICE", "uchar", "T", false);
}

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

// One launch. operands[0] is the output; a null operand is a number.
struct Run {
  const char* name;  // for messages
  std::string kernel;
  DType dtype;  // T
  int inputs;
  const Tensor* operands[kMaxOperands];
  double numbers[2], p0, p1;

  // `text` makes what the program holds beside the prelude.
  template <class F>
  void operator()(const std::string& program, const F& text) const {
    const Tensor& out = *operands[0];
    GpuDevice& device = Of(DeviceOf(out));
    const Loop loop = MakeLoop(operands, inputs + 1, name);
    if (loop.count == 0) return;
    int32_t dense = 1;
    for (int i = 0; i <= inputs; i++) dense = dense && (!operands[i] || IsLinear(loop, i));
    const int32_t numbered = (inputs > 1 && !operands[2] ? 1 : 0) | (inputs > 2 && !operands[3] ? 2 : 0);
    RequireFloat64(device, dtype);
    RequireFloat64(device, out.dtype);
    const std::string options = std::string(" -DT=") + TypeOf(dtype) + " -DIS_FLOAT=" + (IsFloat(dtype) ? "1" : "0") +
                                " -DWIDE=" + (IsWide(loop) ? "1" : "0");
    const Function& function = device.Kernel(program, kernel, options, text);
    const uint64_t bits[4] = {BitsOf(numbers[0], dtype), BitsOf(numbers[1], dtype), BitsOf(p0, dtype),
                              BitsOf(p1, dtype)};
    const Nest nest = NestOf(loop);
    Arguments arguments;
    for (int i = 0; i < 4; i++) arguments.Address(i <= inputs && operands[i] ? operands[i]->data : nullptr);
    for (const uint64_t& number : bits) arguments.Bytes(&number, static_cast<size_t>(ItemSize(dtype)));
    arguments.Value(dense).Value(numbered).Value(nest);
    LaunchItems(device, function, loop.count, arguments);
  }
};

// Brings a tensor of the processor's memory to a device, as it is.
Tensor Upload(const Tensor& a, Device* device) {
  Tensor copy = NewTensor(a.dtype, a.dims, a.sizes, device);
  Of(device).driver().Upload(copy.data, a.data, static_cast<size_t>(Count(a) * ItemSize(a.dtype)));
  return copy;
}

void Move(const Run& run) {
  run("moves", [&] { return MoveText(run.dtype); });
}

void Convert(const Tensor& out, const Tensor& a) {
  static const char* const kernels[kDTypes] = {"to_float32", "to_float64", "to_int32",
                                               "to_int64",   "to_uint8",   "to_bool"};
  Move({"copy", kernels[static_cast<int>(out.dtype)], a.dtype, 1, {&out, &a}, {}, 0, 0});
}

}  // namespace

void Elementwise(const char* name, const Tensor& out, const Tensor& a, const Operand* const* more, double p0,
                 double p1) {
  size_t id = 0;
  while (id < std::size(kExpressions) && std::strcmp(kExpressions[id].name, name) != 0) id++;
  if (id == std::size(kExpressions)) Throw("%s: there is no expression for devices", name);
  const int inputs = kExpressions[id].inputs;
  Run run{name, std::string("run_") + name, a.dtype, inputs, {&out, &a}, {}, p0, p1};
  for (int i = 0; i + 1 < inputs; i++) {
    run.operands[i + 2] = more[i]->tensor;
    run.numbers[i] = more[i]->number;
  }
  run("expressions " + std::to_string(id / kTogether), [&] { return ChunkText(id / kTogether, a.dtype); });
}

void Where(const Tensor& out, const Tensor& condition, const Operand& a, const Operand& b) {
  Move({"where", "where", out.dtype, 3, {&out, &condition, a.tensor, b.tensor}, {a.number, b.number}, 0, 0});
}

void Fill(const Tensor& out, double value) { Move({"fill", "fill", out.dtype, 1, {&out, &out}, {}, value, 0}); }

void Copy(const Tensor& out, const Tensor& a) {
  Device *to = DeviceOf(out), *from = DeviceOf(a);
  if (to == from) return Convert(out, a);
  if (Count(out) == 0) return;
  if (!from) {
    // What JavaScript hands over has no storage.
    if (!IsContiguous(a) || a.dtype != out.dtype) {
      Temporary host(NewTensor(out.dtype, a.dims, a.sizes));
      gb::Copy(*host, a);
      return gpu::Copy(out, *host);
    }
    if (IsContiguous(out) && SameSizes(out, a)) {
      return Of(to).driver().Upload(out.data, a.data, static_cast<size_t>(Count(out) * ItemSize(out.dtype)));
    }
    Temporary there(Upload(a, to));
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
    Of(from).driver().Download(out.data, (*dense).data, bytes);
    return Of(from).CheckFault();
  }
  Temporary host(NewTensor(a.dtype, a.dims, a.sizes));
  Of(from).driver().Download((*host).data, (*dense).data, bytes);
  Of(from).CheckFault();
  gb::Copy(out, *host);
}

double Item(const Tensor& from) {
  Tensor host = from;
  uint64_t bits = 0;
  host.storage = nullptr;
  host.data = reinterpret_cast<char*>(&bits);
  Of(DeviceOf(from)).driver().Download(&bits, from.data, static_cast<size_t>(ItemSize(from.dtype)));
  Of(DeviceOf(from)).CheckFault();
  return gb::Item(host);
}

}  // namespace gb::gpu
