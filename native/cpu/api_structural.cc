// Checks and dispatch for reductions, matrix products, softmax and the fused optimizers.
#include <algorithm>
#include <memory>

#include "core/errors.h"
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/api.h"
#include "cpu/require.h"
#include "gpu/structural.h"

namespace gb {

namespace {

DType ReducedType(ReduceOp op, DType dtype) {
  switch (op) {
    case ReduceOp::kSum:
    case ReduceOp::kProd:
      return IsFloat(dtype) ? dtype : DType::kInt64;
    case ReduceOp::kAny:
    case ReduceOp::kAll:
      return DType::kBool;
    default:
      return dtype;
  }
}

// The sizes of `a` with the flagged dims as 1 must be the output's.
void RequireKeptDims(const Tensor& out, const Tensor& a, const bool* reduced, const char* what) {
  bool fits = out.dims == a.dims;
  for (int dim = 0; fits && dim < a.dims; dim++) fits = out.sizes[dim] == (reduced[dim] ? 1 : a.sizes[dim]);
  if (!fits) {
    Throw("%s: an output of sizes %s does not fit an input of sizes %s; reduced dims are kept as 1", what,
          Sizes(out).c_str(), Sizes(a).c_str());
  }
}

// Contiguous stand-ins for tensors that are not: fetched before the step, written back after it.
class Contiguous {
 public:
  Contiguous(const Tensor& tensor, bool write_back) : original_(tensor), write_back_(write_back) {
    if (IsContiguous(tensor)) {
      data_ = tensor.data;
      return;
    }
    copy_ = NewTensor(tensor.dtype, tensor.dims, tensor.sizes, DeviceOf(tensor));
    owned_ = true;
    data_ = copy_.data;
    Copy(copy_, tensor);
  }
  ~Contiguous() {
    if (owned_) Release(copy_.storage);
  }
  Contiguous(const Contiguous&) = delete;
  Contiguous& operator=(const Contiguous&) = delete;

  void Finish() {
    if (owned_ && write_back_) Copy(original_, copy_);
  }
  void* data() const { return data_; }

 private:
  Tensor original_;
  Tensor copy_;
  char* data_;
  bool write_back_;
  bool owned_ = false;
};

class ContiguousList {
 public:
  void* Add(const Tensor& tensor, bool write_back) {
    list_.push_back(std::make_unique<Contiguous>(tensor, write_back));
    return list_.back()->data();
  }
  void Finish() {
    for (auto& item : list_) item->Finish();
  }

 private:
  std::vector<std::unique_ptr<Contiguous>> list_;
};

void CheckOptimizer(const std::vector<Tensor>& params, const std::vector<Tensor>& others, const char* what,
                    bool may_be_empty) {
  if (may_be_empty && others.empty()) return;
  if (others.size() != params.size()) {
    Throw("%s: expected as many tensors as parameters (%zu), found %zu", what, params.size(), others.size());
  }
  for (size_t i = 0; i < params.size(); i++) {
    RequireFloat(params[i], what);
    RequireDType(others[i], params[i].dtype, what);
    RequireSizes(others[i], params[i], what);
  }
}

constexpr int64_t kOptimizerChunk = 16384;

// Calls step(parameter, begin, end) for chunks of all parameters on the threads.
template <class F>
void ForParameterChunks(const std::vector<Tensor>& params, const F& step) {
  std::vector<int64_t> first(params.size() + 1, 0);  // chunk numbers
  for (size_t i = 0; i < params.size(); i++) {
    first[i + 1] = first[i] + (Count(params[i]) + kOptimizerChunk - 1) / kOptimizerChunk;
  }
  ParallelFor(first.back(), 1, [&](int64_t begin, int64_t end) {
    size_t i = static_cast<size_t>(std::upper_bound(first.begin(), first.end(), begin) - first.begin()) - 1;
    for (int64_t chunk = begin; chunk < end; chunk++) {
      while (chunk >= first[i + 1]) i++;
      int64_t from = (chunk - first[i]) * kOptimizerChunk;
      step(i, from, std::min(from + kOptimizerChunk, Count(params[i])));
    }
  });
}

}  // namespace

void ReduceDims(ReduceOp op, const Tensor& out, const Tensor& a, const std::vector<int64_t>& dims) {
  static const char* const names[] = {"sum", "mean", "prod", "max", "min", "any", "all", "norm"};
  const char* name = names[static_cast<int>(op)];
  bool reduced[kMaxDims] = {};
  for (int64_t dim : dims) {
    int at = ResolveDim(a, dim, name);
    if (a.dims == 0) continue;
    if (reduced[at]) Throw("%s: dim %lld is listed twice", name, static_cast<long long>(dim));
    reduced[at] = true;
  }
  RequireKeptDims(out, a, reduced, name);
  if (op == ReduceOp::kMean || op == ReduceOp::kNorm) RequireFloat(a, name);
  RequireDType(out, ReducedType(op, a.dtype), name);
  if ((op == ReduceOp::kMax || op == ReduceOp::kMin) && Count(a) == 0 && Count(out) > 0) {
    Throw("%s: an empty dim has no extreme value (sizes %s)", name, Sizes(a).c_str());
  }
  if (DeviceOf(out)) return gpu::Reduce(op, out, a, reduced);
  kernels().reduce(op, out, a, reduced);
}

void ReduceIndexed(bool max, const Tensor* values, const Tensor* indices, const Tensor& a, int64_t dim) {
  const char* name = max ? "max" : "min";
  int at = ResolveDim(a, dim, name);
  bool reduced[kMaxDims] = {};
  if (a.dims > 0) reduced[at] = true;
  if (values) {
    RequireDType(*values, a.dtype, name);
    RequireKeptDims(*values, a, reduced, name);
  }
  if (indices) {
    RequireDType(*indices, DType::kInt64, name);
    RequireKeptDims(*indices, a, reduced, name);
  }
  if (a.dims > 0 && a.sizes[at] == 0) {
    Throw("%s: dim %d is empty and has no extreme value (sizes %s)", name, at, Sizes(a).c_str());
  }
  if (Count(a) == 0) return;
  if (DeviceOf(a)) return gpu::ReduceIndexed(max, values, indices, a, at);
  kernels().reduce_with_index(max, values, indices, a, at);
}

void MatrixMultiply(const Tensor& out, const Tensor& a, const Tensor& b, const Tensor* bias, bool accumulate,
                    bool relu) {
  RequireSameDType(out, a, "gemm");
  RequireSameDType(out, b, "gemm");
  if (out.dtype == DType::kBool) Throw("gemm: bool matrices cannot be multiplied; convert them first");
  auto fits = [&] {
    if (a.dims < 2 || b.dims < 2 || out.dims < 2 || a.dims > out.dims || b.dims > out.dims) return false;
    int64_t m = a.sizes[a.dims - 2], k = a.sizes[a.dims - 1], n = b.sizes[b.dims - 1];
    if (b.sizes[b.dims - 2] != k || out.sizes[out.dims - 2] != m || out.sizes[out.dims - 1] != n) return false;
    for (const Tensor* side : {&a, &b}) {
      for (int dim = 0; dim < side->dims - 2; dim++) {
        int64_t size = side->sizes[dim];
        if (size != 1 && size != out.sizes[dim + out.dims - side->dims]) return false;
      }
    }
    return true;
  };
  if (!fits()) {
    Throw("gemm: cannot multiply %s by %s into %s: expected [..., m, k] · [..., k, n] = [..., m, n]", Sizes(a).c_str(),
          Sizes(b).c_str(), Sizes(out).c_str());
  }
  if (bias) {
    RequireSameDType(out, *bias, "gemm");
    if (bias->dims != 1 || bias->sizes[0] != out.sizes[out.dims - 1]) {
      Throw("gemm: expected a bias of sizes [%lld], found %s", static_cast<long long>(out.sizes[out.dims - 1]),
            Sizes(*bias).c_str());
    }
  }
  if (DeviceOf(out)) return gpu::MatrixMultiply(out, a, b, bias, GemmOptions{accumulate, relu});
  kernels().gemm(out, a, b, bias, GemmOptions{accumulate, relu});
}

void SoftmaxAlong(const Tensor& out, const Tensor& a, int64_t dim, bool log) {
  const char* name = log ? "logSoftmax" : "softmax";
  RequireFloat(a, name);
  RequireSameDType(out, a, name);
  RequireSizes(out, a, name);
  int at = ResolveDim(a, dim, name);
  if (Count(out) == 0) return;
  if (DeviceOf(out)) return gpu::Softmax(out, a, at, log);
  kernels().softmax(out, a, at, log);
}

void SoftmaxGradient(const Tensor& out, const Tensor& dy, const Tensor& y, int64_t dim, bool log) {
  const char* name = log ? "logSoftmax gradient" : "softmax gradient";
  RequireFloat(y, name);
  RequireSameDType(out, dy, name);
  RequireSameDType(out, y, name);
  RequireSizes(dy, y, name);
  RequireSizes(out, y, name);
  int at = ResolveDim(y, dim, name);
  if (Count(out) == 0) return;
  if (DeviceOf(out)) return gpu::SoftmaxGradient(out, dy, y, at, log);
  kernels().softmax_backward(out, dy, y, at, log);
}

void SgdStep(const std::vector<Tensor>& params, const std::vector<Tensor>& grads, const std::vector<Tensor>& momentum,
             const SgdOptions& options) {
  CheckOptimizer(params, grads, "sgd: gradients", false);
  CheckOptimizer(params, momentum, "sgd: momentum buffers", options.momentum == 0);
  const bool with_momentum = options.momentum != 0;
  ContiguousList list;
  std::vector<SgdParameter> parameters;
  for (size_t i = 0; i < params.size(); i++) {
    parameters.push_back(
        {list.Add(params[i], true), list.Add(grads[i], false), with_momentum ? list.Add(momentum[i], true) : nullptr});
  }
  for (size_t i = 0; i < params.size() && DeviceOf(params[i]); i++) {
    gpu::Sgd(DeviceOf(params[i]), parameters[i], params[i].dtype, Count(params[i]), options);
  }
  if (params.empty() || DeviceOf(params[0])) return list.Finish();
  ForParameterChunks(params, [&](size_t i, int64_t begin, int64_t end) {
    kernels().sgd(parameters[i], params[i].dtype, begin, end, options);
  });
  list.Finish();
}

void AdamStep(const std::vector<Tensor>& params, const std::vector<Tensor>& grads, const std::vector<Tensor>& averages,
              const std::vector<Tensor>& squares, const std::vector<Tensor>& largest, const AdamOptions& options) {
  CheckOptimizer(params, grads, "adam: gradients", false);
  CheckOptimizer(params, averages, "adam: running averages", false);
  CheckOptimizer(params, squares, "adam: running averages of squares", false);
  CheckOptimizer(params, largest, "adam: largest averages", true);
  if (!(options.step >= 1)) ThrowRange("adam: step counts from 1, found %g", options.step);
  ContiguousList list;
  std::vector<AdamParameter> parameters;
  for (size_t i = 0; i < params.size(); i++) {
    parameters.push_back({list.Add(params[i], true), list.Add(grads[i], false), list.Add(averages[i], true),
                          list.Add(squares[i], true), largest.empty() ? nullptr : list.Add(largest[i], true)});
  }
  for (size_t i = 0; i < params.size() && DeviceOf(params[i]); i++) {
    gpu::Adam(DeviceOf(params[i]), parameters[i], params[i].dtype, Count(params[i]), options);
  }
  if (params.empty() || DeviceOf(params[0])) return list.Finish();
  ForParameterChunks(params, [&](size_t i, int64_t begin, int64_t end) {
    kernels().adam(parameters[i], params[i].dtype, begin, end, options);
  });
  list.Finish();
}

}  // namespace gb
