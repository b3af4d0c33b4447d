// Reductions, products, softmax, losses and optimizers on a device: what cpu/api_*.cc calls once it has checked
// everything.
#pragma once

#include "cpu/api.h"

namespace gb::gpu {

void Reduce(ReduceOp op, const Tensor& out, const Tensor& a, const bool* reduced);
void MatrixMultiply(const Tensor& out, const Tensor& a, const Tensor& b, const Tensor* bias,
                    const GemmOptions& options);
void Convolve(const ConvGeometry& g, const Tensor& y, const Tensor& x, const Tensor& weight, const Tensor* bias);
void ConvolveInputGradient(const ConvGeometry& g, const Tensor& dx, const Tensor& dy, const Tensor& weight,
                           const Tensor* bias);
void ConvolveWeightGradient(const ConvGeometry& g, const Tensor& dw, const Tensor& x, const Tensor& dy);
void MaxPool(const PoolGeometry& g, const Tensor& out, const Tensor* codes, const Tensor& x);
void MaxPoolTake(const PoolGeometry& g, const Tensor& out, const Tensor& x, const Tensor& codes);
void MaxPoolGradient(const PoolGeometry& g, const Tensor& dx, const Tensor& dy, const Tensor& codes);
void AveragePool(const PoolGeometry& g, const Tensor& out, const Tensor& x, const AverageOptions& options);
void AveragePoolGradient(const PoolGeometry& g, const Tensor& dx, const Tensor& dy, const AverageOptions& options);
void Softmax(const Tensor& out, const Tensor& a, int dim, bool log);
void SoftmaxGradient(const Tensor& out, const Tensor& dy, const Tensor& y, int dim, bool log);
void NllLoss(const Tensor& out, const Tensor& total, const Tensor& input, const Tensor& target, const Tensor* weight,
             int64_t ignore, Reduction reduction);
void NllLossGradient(const Tensor& out, const Tensor& dy, const Tensor& total, const Tensor& target,
                     const Tensor* weight, int64_t ignore, Reduction reduction);
void Sgd(Device* device, const SgdParameter& parameter, DType dtype, int64_t count, const SgdOptions& options);
void Adam(Device* device, const AdamParameter& parameter, DType dtype, int64_t count, const AdamOptions& options);

}  // namespace gb::gpu
