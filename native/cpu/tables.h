// The functions that the sources of one instruction set give one another and their table (see kernels.h for meanings).
#pragma once

#include "cpu/isa.h"
#include "cpu/kernels.h"

namespace gb {
namespace GB_ISA {

const ElementwiseOp* ElementwiseTable(int* count);
void Convert(BlockFunction (*table)[kDTypes]);
void FillElements(void* out, int64_t item, uint64_t bits, int64_t n);
void Where1(void* out, const void* condition, const void* a, const void* b, int64_t n, double, double);
void Where4(void* out, const void* condition, const void* a, const void* b, int64_t n, double, double);
void Where8(void* out, const void* condition, const void* a, const void* b, int64_t n, double, double);
void CopyPlane(char* to, const char* from, const Plane& plane, int64_t item);
// out [columns, rows] = in [rows, columns], rows apart by the strides (in bytes).
void Transpose(char* out, int64_t out_stride, const char* in, int64_t in_stride, int64_t rows, int64_t columns,
               int64_t item);
void Reduce(ReduceOp op, const Tensor& out, const Tensor& a, const bool* reduced);
void ReduceWithIndex(bool max, const Tensor* values, const Tensor* indices, const Tensor& a, int dim);
void Gemm(const Tensor& out, const Tensor& a, const Tensor& b, const Tensor* bias, const GemmOptions& options);
void Softmax(const Tensor& out, const Tensor& a, int dim, bool log);
void SoftmaxBackward(const Tensor& out, const Tensor& dy, const Tensor& y, int dim, bool log);
void AddRows(void* to, const void* from, int64_t n, DType dtype);
void Resample(const Tensor& out, const Tensor& a, int dim, const SparseRows& matrix);
void Taps(TapsForm form, const TapsShape& shape, DType dtype, void* x, void* y, const int64_t* positions,
          void* weights);
void WarpNearest(const WarpShape& shape, DType dtype, void* out, const void* in, const double* maps, const void* fill);
void WarpBilinear(const WarpShape& shape, DType dtype, void* out, const void* in, const double* maps, const void* fill);
void Sgd(const SgdParameter& parameter, DType dtype, int64_t begin, int64_t end, const SgdOptions& options);
void Adam(const AdamParameter& parameter, DType dtype, int64_t begin, int64_t end, const AdamOptions& options);
void ConvForward(const ConvGeometry& geometry, DType dtype, void* y, const void* x, const void* weight,
                 const void* bias);
void ConvBackwardInput(const ConvGeometry& geometry, DType dtype, void* dx, const void* dy, const void* weight,
                       const void* bias);
void ConvBackwardWeight(const ConvGeometry& geometry, DType dtype, void* dw, const void* x, const void* dy);
void MaxPool(const PoolGeometry& g, DType dtype, const void* x, void* y, void* codes);
void MaxPoolBackward(const PoolGeometry& g, DType dtype, const void* dy, const void* codes, void* dx);
void AveragePool(const PoolGeometry& g, DType dtype, const void* x, void* y, const AverageOptions& options);
void AveragePoolBackward(const PoolGeometry& g, DType dtype, const void* dy, void* dx, const AverageOptions& options);
void BatchNorm(const NormSizes& s, DType dtype, const NormTensors& t, bool given, double eps, double* variances);
void BatchNormBackward(const NormSizes& s, DType dtype, const NormGradients& t, bool given);
void GroupNorm(const NormSizes& s, int64_t groups, DType dtype, const NormTensors& t, double eps);
void GroupNormBackward(const NormSizes& s, int64_t groups, DType dtype, const NormGradients& t);
void LayerNorm(int64_t rows, int64_t n, DType dtype, const NormTensors& t, bool root, double eps);
void LayerNormBackward(int64_t rows, int64_t n, DType dtype, const NormGradients& t, bool root);
void RecurrentForward(const RecurrentLayer& recurrence, const RecurrentState& state);
void RecurrentBackward(const RecurrentLayer& recurrence, const RecurrentGradient& gradient);
void NormalFill(float* data, int64_t blocks, float mean, float std);

}  // namespace GB_ISA
}  // namespace gb
