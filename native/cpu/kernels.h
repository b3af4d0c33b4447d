// The table of kernels that one instruction set offers. The sources of this folder are compiled once for each set, in a
// namespace of its own (GB_ISA), and export one table; isa.cc chooses at run time. To keep the sets apart in one
// library, these sources use no function of the standard library that could be instantiated as a shared symbol: only
// plain structs, functions declared in core/, templates and inline functions inside their own namespace.
#pragma once

#include <cstdint>

#include "core/tensor.h"
#include "cpu/blocks.h"
#include "cpu/norm.h"
#include "cpu/pooling.h"

namespace gb {

enum class ReduceOp : int32_t { kSum, kMean, kProd, kMax, kMin, kAny, kAll, kNorm };
enum class Reduction : int32_t { kNone, kMean, kSum };

struct ElementwiseOp {
  const char* name;
  int inputs;
  bool to_bool;                   // a predicate: the output is bool
  BlockFunction blocks[kDTypes];  // by dtype of the inputs; null where the op is not defined
};

// Two dims of two tensors; strides are in bytes. The output's smaller stride is that of dim 0.
struct Plane {
  int64_t sizes[2];
  int64_t to[2];
  int64_t from[2];
};

struct GemmOptions {
  bool accumulate;
  bool relu;
};

// The rows of a sparse matrix that is applied along one dim, and other forms of it where a kernel gains by them.
struct SparseRows {
  int64_t rows;
  const int64_t* starts;          // rows + 1 numbers: where each row's entries begin
  const int32_t* columns;         // of each entry
  const void* weights;            // of each entry, in the tensors' dtype; null: all 1
  int64_t taps;                   // entries of every row, 0 where rows differ
  const int32_t* columns_by_tap;  // null, or sorted by the entry's place in its row
  const void* weights_by_tap;
  const int64_t* runs;  // null, or (output, input, length) of neighbours that are copied together
  int64_t run_count;
};

enum class TapsForm : int32_t { kGather, kScatter, kDot };

struct TapsShape {
  int64_t batch, channels, size, outputs, taps;
};

// Images [images, channels, height, width] read through maps, each given by 6 numbers (affine: see api_warp.cc) or 8.
struct WarpShape {
  int64_t images, channels, height, width, out_height, out_width;
  int64_t maps;   // images or 1
  int64_t terms;  // 6 or 8
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

// A convolution in one to three dimensions; leading ones that are not there have size 1. Names are those of the forward
// pass: it reads images of `input` positions and writes images of `output` positions. Channels count within a group.
struct ConvGeometry {
  int64_t images, groups, in_channels, out_channels;
  int64_t input[3], output[3], kernel[3], stride[3], dilation[3];
  int64_t padding[3];  // before the first position; behind the last one follow as many zeros as are read
};

enum class Cell : int32_t { kLstm, kGru, kTanh, kRelu };

// One layer and direction of a recurrent network; all tensors are contiguous and of one dtype.
struct RecurrentLayer {
  Cell cell;
  DType dtype;
  bool reverse;    // from the last step to the first
  int64_t gates;   // 4, 3 or 1
  int64_t hidden;  // elements of state
  int64_t batch;   // sequences
  int64_t rows;    // of all steps
  int64_t steps;
  const int64_t* sizes;  // rows of each step, never growing
  const void* weight;    // [gates * hidden, hidden]
  const void* bias;      // GRU: [gates * hidden] or null
};

// Forward: gates, output, previous_* and extra have a row for each row of the input, h and c for each sequence.
struct RecurrentState {
  void* gates;       // in: what comes from the input; out: activated
  void* output;      // out
  void* h;           // in: initial state; out: final state
  void* c;           // LSTM: the same
  void* previous_h;  // out: states before each step; this and the following may be null
  void* previous_c;
  void* extra;  // out: LSTM: tanh(c); GRU: what comes from the state for the candidate
};

struct RecurrentGradient {
  const void* gates;
  const void* previous_h;  // GRU
  const void* previous_c;  // LSTM
  const void* extra;       // LSTM and GRU
  const void* d_output;    // or null
  void* dh;                // in: gradient of the final state; out: of the initial one
  void* dc;                // LSTM: the same
  void* d_gates;           // out
  void* d_state;           // GRU, out: the gradient of what comes from the state
};

// All operands of a function have been checked (dtypes, sizes) by its caller, declared in cpu/api.h.
struct Kernels {
  const char* name;
  const ElementwiseOp* elementwise;
  int elementwise_count;
  BlockFunction convert[kDTypes][kDTypes];  // [from][to]
  BlockFunction where[9];                   // by item size: out, condition, a, b
  void (*fill)(void* out, int64_t item, uint64_t bits, int64_t n);
  void (*copy_plane)(char* to, const char* from, const Plane& plane, int64_t item);
  void (*reduce)(ReduceOp op, const Tensor& out, const Tensor& a, const bool* reduced);
  void (*reduce_with_index)(bool max, const Tensor* values, const Tensor* indices, const Tensor& a, int dim);
  void (*gemm)(const Tensor& out, const Tensor& a, const Tensor& b, const Tensor* bias, const GemmOptions& options);
  void (*softmax)(const Tensor& out, const Tensor& a, int dim, bool log);
  void (*softmax_backward)(const Tensor& out, const Tensor& dy, const Tensor& y, int dim, bool log);
  void (*add_rows)(void* to, const void* from, int64_t n, DType dtype);
  void (*resample)(const Tensor& out, const Tensor& a, int dim, const SparseRows& matrix);
  void (*taps)(TapsForm form, const TapsShape& shape, DType dtype, void* x, void* y, const int64_t* positions,
               void* weights);
  // fill: an element for each channel; bilinear: of the dtype that is computed with, or null.
  void (*warp_nearest)(const WarpShape& shape, DType dtype, void* out, const void* in, const double* maps,
                       const void* fill);
  void (*warp_bilinear)(const WarpShape& shape, DType dtype, void* out, const void* in, const double* maps,
                        const void* fill);
  void (*sgd)(const SgdParameter& parameter, DType dtype, int64_t begin, int64_t end, const SgdOptions& options);
  void (*adam)(const AdamParameter& parameter, DType dtype, int64_t begin, int64_t end, const AdamOptions& options);
  void (*conv_forward)(const ConvGeometry& geometry, DType dtype, void* y, const void* x, const void* weight,
                       const void* bias);
  void (*conv_backward_input)(const ConvGeometry& geometry, DType dtype, void* dx, const void* dy, const void* weight,
                              const void* bias);
  void (*conv_backward_weight)(const ConvGeometry& geometry, DType dtype, void* dw, const void* x, const void* dy);
  // codes: positions of the maxima in their windows, uint8 for windows of up to 256 elements, else int32; may be null.
  void (*max_pool)(const PoolGeometry& g, DType dtype, const void* x, void* y, void* codes);
  void (*max_pool_backward)(const PoolGeometry& g, DType dtype, const void* dy, const void* codes, void* dx);
  void (*average_pool)(const PoolGeometry& g, DType dtype, const void* x, void* y, const AverageOptions& options);
  void (*average_pool_backward)(const PoolGeometry& g, DType dtype, const void* dy, void* dx,
                                const AverageOptions& options);
  // given: mean and scale are inputs; otherwise they are written, and the biased variances too.
  void (*batch_norm)(const NormSizes& s, DType dtype, const NormTensors& t, bool given, double eps, double* variances);
  void (*batch_norm_backward)(const NormSizes& s, DType dtype, const NormGradients& t, bool given);
  void (*group_norm)(const NormSizes& s, int64_t groups, DType dtype, const NormTensors& t, double eps);
  void (*group_norm_backward)(const NormSizes& s, int64_t groups, DType dtype, const NormGradients& t);
  // root: scaled by the root of the mean square instead of the standard deviation, nothing subtracted.
  void (*layer_norm)(int64_t rows, int64_t n, DType dtype, const NormTensors& t, bool root, double eps);
  void (*layer_norm_backward)(int64_t rows, int64_t n, DType dtype, const NormGradients& t, bool root);
  void (*recurrent_forward)(const RecurrentLayer& recurrence, const RecurrentState& state);
  void (*recurrent_backward)(const RecurrentLayer& recurrence, const RecurrentGradient& gradient);
  void (*normal_fill)(float* data, int64_t blocks, float mean, float std);
};

// The best set that this processor can run, chosen on first use.
const Kernels& kernels();

}  // namespace gb
