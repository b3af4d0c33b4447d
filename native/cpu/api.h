// The engine's functions as the binding calls them: they check every argument (dtypes, sizes, ranges), throw what
// core/errors.h declares, and call the kernels of the chosen instruction set. Meanings are those of
// lib/device/addon.ts.
#pragma once

#include <vector>

#include "core/storage.h"
#include "core/tensor.h"
#include "cpu/kernels.h"

namespace gb {

// An input tensor, or a number that takes the first operand's dtype.
struct Operand {
  const Tensor* tensor = nullptr;
  double number = 0;
};

// A new contiguous tensor; the caller owns one reference of its storage.
Tensor NewTensor(DType dtype, int dims, const int64_t* sizes, Device* device = nullptr);
// Where the tensor lies; null for the processor's memory.
inline Device* DeviceOf(const Tensor& tensor) { return tensor.storage ? tensor.storage->device : nullptr; }

// cpu/api_elementwise.cc
void Elementwise(int64_t id, const Tensor& out, const Tensor& a, const Operand* b, const Operand* c, double p0,
                 double p1);
void Copy(const Tensor& out, const Tensor& a);
// One element of a number in the given dtype, as bits. Integers that do not fit become the nearest that does, NaN 0;
// uint8 wraps around.
uint64_t BitsOf(double value, DType dtype);
void Fill(const Tensor& out, double value);
void Where(const Tensor& out, const Tensor& condition, const Operand& a, const Operand& b);
void Arange(const Tensor& out, double start, double step);
void Linspace(const Tensor& out, double start, double end);
double Item(const Tensor& from);

// cpu/api_structural.cc
void ReduceDims(ReduceOp op, const Tensor& out, const Tensor& a, const std::vector<int64_t>& dims);
void ReduceIndexed(bool max, const Tensor* values, const Tensor* indices, const Tensor& a, int64_t dim);
void MatrixMultiply(const Tensor& out, const Tensor& a, const Tensor& b, const Tensor* bias, bool accumulate,
                    bool relu);
void SoftmaxAlong(const Tensor& out, const Tensor& a, int64_t dim, bool log);
void SoftmaxGradient(const Tensor& out, const Tensor& dy, const Tensor& y, int64_t dim, bool log);
void SgdStep(const std::vector<Tensor>& params, const std::vector<Tensor>& grads, const std::vector<Tensor>& momentum,
             const SgdOptions& options);
void AdamStep(const std::vector<Tensor>& params, const std::vector<Tensor>& grads, const std::vector<Tensor>& averages,
              const std::vector<Tensor>& squares, const std::vector<Tensor>& largest, const AdamOptions& options);

// cpu/api_attention.cc: queries [..., L, E], keys [..., S, E], values [..., S, Ev], mask [..., L, S], any strides.
struct AttentionInputs {
  const Tensor& query;
  const Tensor& key;
  const Tensor& value;
  const Tensor* mask;  // added to the scores; may be null
  bool causal;         // query i sees only the keys up to i
  double scale;
};
struct AttentionGradients {
  const Tensor& query;
  const Tensor& key;
  const Tensor& value;
};
void Attention(const Tensor& out, const AttentionInputs& in);
void AttentionGradient(const AttentionGradients& out, const Tensor& dy, const AttentionInputs& in);

// cpu/api_resample.cc
void ResampleAlong(const Tensor& out, const Tensor& a, int64_t dim, const Tensor& starts, const Tensor& columns,
                   const Tensor* weights);
// Writes y (gather), x (scatter) or weights (dot).
void SumTaps(TapsForm form, const Tensor& x, const Tensor& y, const Tensor& positions, const Tensor& weights);
// cpu/api_warp.cc
void WarpImages(const Tensor& out, const Tensor& in, const Tensor& maps, bool bilinear, const Tensor* fill);

// cpu/api_recurrent.cc
void RecurrentSteps(Cell cell, const Tensor& gates, const Tensor& weight, const Tensor* bias,
                    const std::vector<Tensor>& state, const Tensor& output, const std::vector<Tensor>& saved,
                    const std::vector<int64_t>& sizes, bool reverse);
void RecurrentGradients(Cell cell, const std::vector<Tensor>& saved, const Tensor& weight, const Tensor* d_output,
                        const std::vector<Tensor>& d_state, const std::vector<Tensor>& d_gates,
                        const std::vector<int64_t>& sizes, bool reverse);

// cpu/api_conv.cc: x [N, C, …], weight [O, C / groups, …], y [N, O, …]; settings are the strides, paddings and
// dilations of all dims, then the number of groups.
void Convolve(const Tensor& y, const Tensor& x, const Tensor& weight, const Tensor* bias,
              const std::vector<int64_t>& settings);
void ConvolveInputGradient(const Tensor& dx, const Tensor& dy, const Tensor& weight, const Tensor* bias,
                           const std::vector<int64_t>& settings);
void ConvolveWeightGradient(const Tensor& dw, const Tensor& x, const Tensor& dy, const std::vector<int64_t>& settings);

// cpu/api_pooling.cc; `window`: kernel, stride, padding and dilation of each spatial dim, one group after the other
void MaxPoolForward(const Tensor& out, const Tensor* codes, const Tensor& x, const std::vector<int64_t>& window);
void MaxPoolGradient(const Tensor& dx, const Tensor& dy, const Tensor& codes, const std::vector<int64_t>& window);
void MaxPoolTake(const Tensor& out, const Tensor& x, const Tensor& codes, const std::vector<int64_t>& window);
void MaxPoolIndices(const Tensor& indices, const Tensor& codes, const Tensor& x, const std::vector<int64_t>& window);
void StochasticPoolForward(const Tensor& out, const Tensor& codes, const Tensor& x, const Tensor& noise,
                           const std::vector<int64_t>& window);
void AveragePoolForward(const Tensor& out, const Tensor& x, const std::vector<int64_t>& window, bool count_padding,
                        int64_t divisor);
void AveragePoolGradient(const Tensor& dx, const Tensor& dy, const std::vector<int64_t>& window, bool count_padding,
                         int64_t divisor);
void AdaptiveMaxPoolForward(const Tensor& out, const Tensor& indices, const Tensor& x, int64_t spatial);
void AdaptiveAveragePoolForward(const Tensor& out, const Tensor& x, int64_t spatial);
void AdaptiveAveragePoolGradient(const Tensor& dx, const Tensor& dy, int64_t spatial);
void FractionalMaxPoolForward(const Tensor& out, const Tensor& indices, const Tensor& x, const Tensor& samples,
                              const std::vector<int64_t>& kernel);
void PlaneTakeFrom(const Tensor& out, const Tensor& x, const Tensor& indices, int64_t spatial);
void PlanePutInto(const Tensor& out, const Tensor& y, const Tensor& indices, int64_t spatial, bool add);

// cpu/api_norm.cc
struct BatchNormOptions {
  bool training;
  double momentum, eps;
};
// The last four may be null.
struct NormGradientTensors {
  const Tensor* dy;
  const Tensor* statistics;
  const Tensor* weight;
  const Tensor* dx;
  const Tensor* dweight;
  const Tensor* dbias;
};
void BatchNormForward(const Tensor& y, const Tensor& statistics, const Tensor& x, const Tensor* weight,
                      const Tensor* bias, const Tensor* running_mean, const Tensor* running_variance,
                      const BatchNormOptions& options);
void BatchNormGradient(const NormGradientTensors& given, const Tensor& x, bool training);
void GroupNormForward(const Tensor& y, const Tensor& statistics, const Tensor& x, const Tensor* weight,
                      const Tensor* bias, int64_t groups, double eps);
void GroupNormGradient(const NormGradientTensors& given, const Tensor& x, int64_t groups);
void LayerNormForward(const Tensor& y, const Tensor& statistics, const Tensor& x, const Tensor* weight,
                      const Tensor* bias, int64_t features, bool root, double eps);
void LayerNormGradient(const NormGradientTensors& given, const Tensor& x, int64_t features, bool root);

// cpu/loss.cc
void NllLoss(const Tensor& out, const Tensor& total_weight, const Tensor& input, const Tensor& target,
             const Tensor* weight, int64_t ignore, Reduction reduction);
void NllLossGradient(const Tensor& out, const Tensor& dy, const Tensor& total_weight, const Tensor& target,
                     const Tensor* weight, int64_t ignore, Reduction reduction);

// cpu/index.cc
void IndexSelect(const Tensor& out, const Tensor& a, int64_t dim, const Tensor& index);
// The result is new: the caller owns one reference of its storage.
Tensor Nonzero(const Tensor& a);

// cpu/scatter.cc
void Gather(const Tensor& out, const Tensor& a, int64_t dim, const Tensor& index);

}  // namespace gb
