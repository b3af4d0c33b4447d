// Everything but elementwise functions on a device: what cpu/ calls once it has checked all but the values of indices.
#pragma once

#include "cpu/api.h"
#include "cpu/count.h"
#include "cpu/lines.h"
#include "cpu/scan.h"
#include "cpu/sort.h"
#include "gpu/device.h"

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

void ReduceIndexed(bool max, const Tensor* values, const Tensor* indices, const Tensor& a, int dim);
void Take(const Tensor& out, const Tensor& a, int dim, const Tensor& index, Reporter reporter);
// op as ScatterOp in cpu/scatter.h.
void Scatter(int32_t op, const Tensor& out, int dim, const Tensor& source, double number, bool is_number,
             const Tensor& index, Reporter reporter);
Tensor Nonzero(const Tensor& a);
void Scan(ScanOp op, const Tensor& out, const Tensor& a, const Lines& lines);
void ScanExtreme(bool max, const Tensor& values, const Tensor& indices, const Tensor& a, const Lines& lines);
void Recurrence(const Tensor& out, const Tensor& factors, const Tensor& terms, const Lines& lines, bool reverse);
// The first `kept` of each line in order.
void SortAlong(const Tensor* values, const Tensor* indices, const Tensor& a, const Lines& lines, int64_t kept,
               bool descending);
void SelectAlong(Selection selection, const Tensor* values, const Tensor* indices, const Tensor& a, const Lines& lines,
                 int64_t k);
void SortRows(const Tensor& indices, const Tensor& a);
void SearchSorted(const Tensor& out, const Tensor& sorted, const Tensor& values, bool right, const Tensor* sorter);
void CountIntegers(const Tensor& out, const Tensor& a, const Tensor* weights);
void CountInBins(const Tensor& out, const Tensor& a, const Tensor& edges, const Tensor* weights, BinSearch search);
void Resample(const Tensor& out, const Tensor& a, int dim, const Tensor& starts, const Tensor& columns,
              const Tensor* weights);
void SumTaps(TapsForm form, const TapsShape& shape, const Tensor& x, const Tensor& y, const Tensor& positions,
             const Tensor& weights);
void RecurrentSteps(Cell cell, const Tensor& gates, const Tensor& weight, const Tensor* bias,
                    const std::vector<Tensor>& state, const Tensor& output, const std::vector<Tensor>& saved,
                    const std::vector<int64_t>& sizes, bool reverse);
void RecurrentGradients(Cell cell, const std::vector<Tensor>& saved, const Tensor& weight, const Tensor* d_output,
                        const std::vector<Tensor>& d_state, const std::vector<Tensor>& d_gates,
                        const std::vector<int64_t>& sizes, bool reverse);

// Which elements share statistics, and how these are had.
struct NormWay {
  bool by_channel;  // else by sample and group of channels
  int64_t groups;
  bool root;   // by the root of the mean square, about 0
  bool given;  // the statistics do not depend on x: forward, they are the running ones
  double eps, momentum;
  void *running_mean, *running_variance;  // null where there are none
};
void NormForward(Device* device, DType dtype, const NormSizes& sizes, const NormTensors& tensors, const NormWay& way);
void NormBackward(Device* device, DType dtype, const NormSizes& sizes, const NormGradients& tensors,
                  const NormWay& way);

void AdaptiveMaxPool(const PoolGeometry& g, const Tensor& out, const Tensor& indices, const Tensor& x);
void AdaptiveAveragePool(const PoolGeometry& g, const Tensor& out, const Tensor& x);
void AdaptiveAveragePoolGradient(const PoolGeometry& g, const Tensor& dx, const Tensor& dy);
void FractionalMaxPool(const PoolGeometry& g, int spatial, const Tensor& out, const Tensor& indices, const Tensor& x,
                       const Tensor& samples);
void StochasticPool(const PoolGeometry& g, const Tensor& out, const Tensor& codes, const Tensor& x,
                    const Tensor& noise);
void PoolIndices(const PoolGeometry& g, const Tensor& indices, const Tensor& codes);
void PlaneTake(const Tensor& out, const Tensor& x, const Tensor& indices, int64_t plane_x, int64_t plane_y);
void PlanePut(const Tensor& out, const Tensor& y, const Tensor& indices, int64_t planes, int64_t plane_x,
              int64_t plane_y, bool add);

}  // namespace gb::gpu
