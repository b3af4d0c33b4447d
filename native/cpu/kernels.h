// The table of kernels that one instruction set offers. The sources of this folder are compiled once for each set, in a
// namespace of its own (GB_ISA), and export one table; isa.cc chooses at run time. To keep the sets apart in one
// library, these sources use no function of the standard library that could be instantiated as a shared symbol: only
// plain structs, functions declared in core/, templates and inline functions inside their own namespace.
#pragma once

#include <cstdint>

#include "core/blocks.h"
#include "core/tensor.h"

namespace gb {

enum class ReduceOp : int32_t { kSum, kMean, kProd, kMax, kMin, kAny, kAll };
enum class Reduction : int32_t { kNone, kMean, kSum };

struct ElementwiseOp {
  const char* name;
  int inputs;
  bool to_bool;                   // a predicate: the output is bool
  BlockFunction blocks[kDTypes];  // by dtype of the inputs; null where the op is not defined
};

struct GemmOptions {
  bool accumulate;
  bool relu;
};

struct SgdOptions {
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize, first;
};

struct AdamOptions {
  double step, lr, beta1, beta2, eps, weight_decay;
  bool decoupled, maximize;
};

// One parameter of a fused optimizer: contiguous, all of one dtype and count.
struct SgdParameter {
  void* param;
  const void* grad;
  void* momentum;  // null without momentum
};

struct AdamParameter {
  void* param;
  const void* grad;
  void* exp_avg;
  void* exp_avg_sq;
  void* max_exp_avg_sq;  // null without amsgrad
};

// All operands of a function have been checked (dtypes, sizes) by its caller, declared in cpu/api.h.
struct Kernels {
  const char* name;
  const ElementwiseOp* elementwise;
  int elementwise_count;
  BlockFunction convert[kDTypes][kDTypes];  // [from][to]
  BlockFunction where[9];                   // by item size: out, condition, a, b
  void (*fill)(void* out, int64_t item, uint64_t bits, int64_t n);
  void (*transpose)(char* out, int64_t out_stride, const char* in, int64_t in_stride, int64_t rows, int64_t columns,
                    int64_t item);
  void (*reduce)(ReduceOp op, const Tensor& out, const Tensor& a, const bool* reduced);
  void (*reduce_with_index)(bool max, const Tensor* values, const Tensor* indices, const Tensor& a, int dim);
  void (*gemm)(const Tensor& out, const Tensor& a, const Tensor& b, const Tensor* bias, const GemmOptions& options);
  void (*softmax)(const Tensor& out, const Tensor& a, int dim, bool log);
  void (*softmax_backward)(const Tensor& out, const Tensor& dy, const Tensor& y, int dim, bool log);
  void (*add_rows)(void* to, const void* from, int64_t n, DType dtype);
  void (*sgd)(const SgdParameter& parameter, DType dtype, int64_t begin, int64_t end, const SgdOptions& options);
  void (*adam)(const AdamParameter& parameter, DType dtype, int64_t begin, int64_t end, const AdamOptions& options);
  void (*normal_fill)(float* data, int64_t blocks, float mean, float std);
};

// The best set that this processor can run, chosen on first use.
const Kernels& kernels();

}  // namespace gb
