// Checks and dispatch for the elementwise functions and fills.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "core/errors.h"
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/api.h"
#include "cpu/blocks.h"
#include "gpu/elementwise.h"

namespace gb {

namespace {

// The nearest integer towards 0 that the type holds; 0 for NaN.
template <class T>
T Saturated(double value) {
  using Limits = std::numeric_limits<T>;
  if (value != value) return 0;
  // The largest int64 rounds up to 2^63 as a double, which is the first that does not fit.
  if (value >= static_cast<double>(Limits::max())) return Limits::max();
  if (value <= static_cast<double>(Limits::min())) return Limits::min();
  return static_cast<T>(value);
}

// Puts a number operand into the loop as a constant.
void SetConstant(Loop* loop, int operand, uint64_t* bits, double number, DType dtype) {
  *bits = BitsOf(number, dtype);
  loop->data[operand] = reinterpret_cast<char*>(bits);
  loop->item[operand] = ItemSize(dtype);
}

// Whether neighbouring elements of the output come from different cache lines of the operand, and many of them.
bool LiesAcross(const Loop& loop, int operand) {
  if (loop.count < 4096 || loop.sizes[0] < 16 || std::llabs(loop.strides[operand][0]) < 64) return false;
  return std::find(loop.strides[operand], loop.strides[operand] + loop.dims, 0) == loop.strides[operand] + loop.dims;
}

// A contiguous copy of an operand that lies across: made tile by tile, it costs less than walking such an operand.
class Reordered {
 public:
  Reordered() = default;
  ~Reordered() {
    if (used_) Release(copy_.storage);
  }
  Reordered(const Reordered&) = delete;
  Reordered& operator=(const Reordered&) = delete;

  const Tensor* Of(const Tensor& tensor) {
    copy_ = NewTensor(tensor.dtype, tensor.dims, tensor.sizes);
    used_ = true;
    Copy(copy_, tensor);
    return &copy_;
  }

 private:
  Tensor copy_;
  bool used_ = false;
};

template <class F>
void ForRows(const Loop& loop, const F& row) {
  int64_t index[kMaxDims] = {};
  for (int64_t left = loop.count; left > 0; left -= loop.sizes[0]) {
    char* address = loop.data[0];
    for (int dim = 1; dim < loop.dims; dim++) address += index[dim] * loop.strides[0][dim];
    row(address);
    for (int dim = 1; dim < loop.dims && ++index[dim] == loop.sizes[dim]; dim++) index[dim] = 0;
  }
}

void RequireOneDim(const Tensor& out, const char* what) {
  if (out.dims != 1) Throw("%s: expected a 1-D output, found sizes %s", what, Sizes(out).c_str());
}

// Writes value(i) for i in [0, n) through a double buffer, so that every dtype shares one formula.
template <class F>
void FillSequence(const Tensor& out, const F& value) {
  constexpr int64_t kBlock = 256;
  ParallelFor(out.sizes[0], 128 * kBlock, [&](int64_t first, int64_t end) {
    double buffer[kBlock];
    Tensor from{}, to = out;
    from.dtype = DType::kFloat64;
    from.dims = 1;
    from.strides[0] = 1;
    from.data = reinterpret_cast<char*>(buffer);
    for (int64_t begin = first; begin < end; begin += kBlock) {
      const int64_t n = std::min(kBlock, end - begin);
      for (int64_t i = 0; i < n; i++) buffer[i] = value(begin + i);
      from.sizes[0] = to.sizes[0] = n;
      to.data = out.data + begin * out.strides[0] * ItemSize(out.dtype);
      Copy(to, from);
    }
  });
}

}  // namespace

uint64_t BitsOf(double value, DType dtype) {
  uint64_t bits = 0;
  switch (dtype) {
    case DType::kFloat32: {
      float x = static_cast<float>(value);
      std::memcpy(&bits, &x, sizeof x);
      break;
    }
    case DType::kFloat64:
      std::memcpy(&bits, &value, sizeof value);
      break;
    case DType::kBool:
      bits = value != 0 ? 1 : 0;
      break;
    case DType::kInt32:
      bits = static_cast<uint32_t>(Saturated<int32_t>(value));
      break;
    case DType::kInt64:
      bits = static_cast<uint64_t>(Saturated<int64_t>(value));
      break;
    case DType::kUint8:
      bits = static_cast<uint8_t>(Saturated<int64_t>(value));
      break;
  }
  return bits;
}

Tensor NewTensor(DType dtype, int dims, const int64_t* sizes, Device* device) {
  if (dims > kMaxDims) ThrowRange("a tensor has at most %d dims, found %d", kMaxDims, dims);
  Tensor tensor;
  tensor.dtype = dtype;
  tensor.dims = dims;
  tensor.offset = 0;
  int64_t bytes = ItemSize(dtype);
  bool empty = false;
  for (int dim = 0; dim < dims; dim++) {
    tensor.sizes[dim] = sizes[dim];
    empty = empty || sizes[dim] == 0;
  }
  for (int dim = 0; dim < dims && !empty; dim++) {
    if (__builtin_mul_overflow(bytes, sizes[dim], &bytes)) {
      ThrowRange("a tensor of sizes %s is larger than any memory", Sizes(tensor).c_str());
    }
  }
  SetContiguous(&tensor);
  tensor.storage = NewStorage(empty ? 0 : bytes, device);
  tensor.data = static_cast<char*>(tensor.storage->block.data);
  return tensor;
}

namespace {

int64_t IdOf(const char* name) {
  const Kernels& k = kernels();
  for (int id = 0; id < k.elementwise_count; id++) {
    if (std::strcmp(k.elementwise[id].name, name) == 0) return id;
  }
  return -1;
}

constexpr Operand kTwo{nullptr, 2};

// The op of one operand that a power with this exponent is, as in PyTorch, or -1.
int64_t SimplePower(double exponent, DType dtype) {
  static const int64_t square = IdOf("square"), root = IdOf("sqrt"), reciprocal = IdOf("reciprocal");
  if (exponent == 2) return square;
  if (!IsFloat(dtype)) return -1;
  return exponent == 0.5 ? root : exponent == -1 ? reciprocal : -1;
}

}  // namespace

void Elementwise(int64_t id, const Tensor& out, const Tensor& a, const Operand* b, const Operand* c, double p0,
                 double p1) {
  const Kernels& k = kernels();
  if (id < 0 || id >= k.elementwise_count) {
    ThrowRange("elementwise: there is no op %lld; expected 0 to %d", static_cast<long long>(id),
               k.elementwise_count - 1);
  }
  static const int64_t power = IdOf("pow");
  if (id == power && b && !b->tensor) {
    const int64_t simple = SimplePower(b->number, a.dtype);
    if (simple >= 0) id = simple;
    if (b->number == 3 && out.storage != a.storage) {
      static const int64_t product = IdOf("mul");
      const Operand base{&a, 0};
      Elementwise(id, out, a, &kTwo, nullptr, 0, 0);
      return Elementwise(product, out, out, &base, nullptr, 0, 0);
    }
  }
  const ElementwiseOp& op = k.elementwise[id];
  int given = 1 + (b ? 1 : 0) + (c ? 1 : 0);
  if (given < op.inputs) ThrowType("%s: expected %d inputs, found %d", op.name, op.inputs, given);
  BlockFunction function = op.blocks[static_cast<int>(a.dtype)];
  if (!function) Throw("%s: not defined for dtype %s; convert the tensor first", op.name, Name(a.dtype));
  DType result = op.to_bool ? DType::kBool : a.dtype;
  if (out.dtype != result) {
    Throw("%s: expected an output of dtype %s, found %s", op.name, Name(result), Name(out.dtype));
  }
  const Operand* inputs[] = {b, c};
  const Tensor* operands[kMaxOperands] = {&out, &a, nullptr, nullptr};
  for (int i = 0; i + 1 < op.inputs; i++) {
    operands[i + 2] = inputs[i]->tensor;
    if (inputs[i]->tensor) RequireSameDType(a, *inputs[i]->tensor, op.name);
  }
  if (DeviceOf(out)) return gpu::Elementwise(op.name, out, a, inputs, p0, p1);
  Loop loop = MakeLoop(operands, op.inputs + 1, op.name);
  Reordered reordered[kMaxOperands];
  bool across = false;
  for (int i = 1; IsContiguous(out) && i <= op.inputs; i++) {
    if (!operands[i] || !LiesAcross(loop, i)) continue;
    operands[i] = reordered[i].Of(*operands[i]);
    across = true;
  }
  if (across) loop = MakeLoop(operands, op.inputs + 1, op.name);
  uint64_t bits[2];
  for (int i = 0; i + 1 < op.inputs; i++) {
    if (!inputs[i]->tensor) SetConstant(&loop, i + 2, &bits[i], inputs[i]->number, a.dtype);
  }
  RunBlocks(loop, function, p0, p1);
}

void Fill(const Tensor& out, double value) {
  if (DeviceOf(out)) return gpu::Fill(out, value);
  const Tensor* operands[] = {&out};
  Loop loop = MakeLoop(operands, 1, "fill");
  const uint64_t bits = BitsOf(value, out.dtype);
  const int64_t item = loop.item[0];
  if (loop.dims == 1 && loop.strides[0][0] == item) {
    ParallelFor(loop.count, 262144, [&](int64_t begin, int64_t end) {
      kernels().fill(loop.data[0] + begin * item, item, bits, end - begin);
    });
    return;
  }
  ForRows(loop, [&](char* row) {
    if (loop.strides[0][0] == item) {
      kernels().fill(row, item, bits, loop.sizes[0]);
    } else {
      for (int64_t i = 0; i < loop.sizes[0]; i++) kernels().fill(row + i * loop.strides[0][0], item, bits, 1);
    }
  });
}

void Where(const Tensor& out, const Tensor& condition, const Operand& a, const Operand& b) {
  if (condition.dtype != DType::kBool) {
    Throw("where: the condition must be bool, found %s; compare it with something", Name(condition.dtype));
  }
  if (a.tensor) RequireSameDType(out, *a.tensor, "where");
  if (b.tensor) RequireSameDType(out, *b.tensor, "where");
  if (DeviceOf(out)) return gpu::Where(out, condition, a, b);
  const Tensor* operands[] = {&out, &condition, a.tensor, b.tensor};
  Loop loop = MakeLoop(operands, 4, "where");
  uint64_t bits[2];
  if (!a.tensor) SetConstant(&loop, 2, &bits[0], a.number, out.dtype);
  if (!b.tensor) SetConstant(&loop, 3, &bits[1], b.number, out.dtype);
  RunBlocks(loop, kernels().where[ItemSize(out.dtype)], 0, 0);
}

void Arange(const Tensor& out, double start, double step) {
  RequireOneDim(out, "arange");
  FillSequence(out, [&](int64_t i) { return start + static_cast<double>(i) * step; });
}

void Linspace(const Tensor& out, double start, double end) {
  RequireOneDim(out, "linspace");
  const int64_t n = out.sizes[0], half = n / 2;
  const double intervals = static_cast<double>(n > 1 ? n - 1 : 1);
  if (out.dtype == DType::kFloat32) {
    // PyTorch computes in the output's precision.
    const float first = static_cast<float>(start), last = static_cast<float>(end);
    const float step = (last - first) / static_cast<float>(intervals);
    FillSequence(out, [&](int64_t i) -> double {
      return i < half ? first + step * static_cast<float>(i)
             : n == 1 ? first
                      : last - step * static_cast<float>(n - 1 - i);
    });
    return;
  }
  const double step = (end - start) / intervals;
  FillSequence(out, [&](int64_t i) {
    return i < half ? start + step * static_cast<double>(i)
           : n == 1 ? start
                    : end - step * static_cast<double>(n - 1 - i);
  });
}

double Item(const Tensor& from) {
  if (Count(from) != 1) Throw("item: expected one element, found sizes %s", Sizes(from).c_str());
  if (DeviceOf(from)) return gpu::Item(from);
  switch (from.dtype) {
    case DType::kFloat32:
      return *reinterpret_cast<const float*>(from.data);
    case DType::kFloat64:
      return *reinterpret_cast<const double*>(from.data);
    case DType::kInt32:
      return *reinterpret_cast<const int32_t*>(from.data);
    case DType::kInt64:
      return static_cast<double>(*reinterpret_cast<const int64_t*>(from.data));
    case DType::kUint8:
    case DType::kBool:
      return *reinterpret_cast<const uint8_t*>(from.data);
  }
  return 0;
}

}  // namespace gb
