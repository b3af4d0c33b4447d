// Convolutions and their gradients: launches of kernels/gemm.cl over images (kernels/conv.cl).
#include <algorithm>
#include <iterator>

#include "gpu/device.h"
#include "gpu/nest.h"
#include "gpu/structural.h"
#include "gpu/temporary.h"

namespace gb::gpu {

namespace {

ConvShape ShapeOf(const ConvGeometry& g) {
  ConvShape s{};
  s.images = g.images;
  s.groups = g.groups;
  s.in_channels = g.in_channels;
  s.out_channels = g.out_channels;
  s.taps = s.in_plane = s.out_plane = 1;
  for (int dim = 0; dim < 3; dim++) {
    s.input[dim] = g.input[dim];
    s.output[dim] = g.output[dim];
    s.kernel[dim] = g.kernel[dim];
    s.stride[dim] = g.stride[dim];
    s.padding[dim] = g.padding[dim];
    s.dilation[dim] = g.dilation[dim];
    s.taps *= g.kernel[dim];
    s.in_plane *= g.input[dim];
    s.out_plane *= g.output[dim];
  }
  return s;
}

enum class Form { kForward, kInput, kWeight };

void Run(Device* on, Form form, DType dtype, const ConvShape& s, int64_t batches, void* out, const void* a,
         const void* b, const void* bias) {
  GpuDevice& device = Of(on);
  const auto groups_of = [&](int tile) { return (s.m + tile - 1) / tile * ((s.n + tile - 1) / tile) * batches; };
  const bool large =
      s.m > 32 && groups_of(64) >= device.properties().compute_units && device.properties().max_group >= 256;
  const int tile = large ? 64 : 32, per = 4, side = tile / per;
  static const char* const names[] = {"FORWARD", "INPUT", "WEIGHT"};
  const std::string options = std::string(" -DT=") + TypeOf(dtype) + " -DTILE=" + std::to_string(tile) +
                              " -DPER=" + std::to_string(per) + " -DSTEP=16 -D" + names[static_cast<int>(form)] + "=1";
  const Function& function =
      device.Kernel("conv", "gemm", options, [] { return std::string(SourceOf("conv")) + SourceOf("gemm"); });
  const size_t groups[3] = {static_cast<size_t>((s.n + tile - 1) / tile), static_cast<size_t>((s.m + tile - 1) / tile),
                            static_cast<size_t>(batches)};
  const size_t items[3] = {static_cast<size_t>(side), static_cast<size_t>(side), 1};
  Arguments arguments;
  arguments.Address(out).Address(a).Address(b).Address(bias).Value(s);
  device.driver().Launch(function, 3, groups, items, arguments.data(), arguments.count());
}

}  // namespace

void Convolve(const ConvGeometry& g, const Tensor& y, const Tensor& x, const Tensor& weight, const Tensor* bias) {
  const Dense images(x, true), weights(weight, true), biases(bias ? *bias : weight, bias != nullptr);
  ConvShape s = ShapeOf(g);
  s.m = s.out_channels;
  s.n = s.out_plane;
  s.k = s.in_channels * s.taps;
  s.has_bias = bias != nullptr;
  Run(DeviceOf(y), Form::kForward, y.dtype, s, s.images * s.groups, y.data, (*weights).data, (*images).data,
      bias ? (*biases).data : nullptr);
}

void ConvolveInputGradient(const ConvGeometry& g, const Tensor& dx, const Tensor& dy, const Tensor& weight,
                           const Tensor* bias) {
  const Dense gradients(dy, true), weights(weight, true), biases(bias ? *bias : weight, bias != nullptr);
  ConvShape s = ShapeOf(g);
  s.m = s.in_channels;
  s.n = s.in_plane;
  s.k = s.out_channels * s.taps;
  s.has_bias = bias != nullptr;
  Run(DeviceOf(dx), Form::kInput, dx.dtype, s, s.images * s.groups, dx.data, (*weights).data, (*gradients).data,
      bias ? (*biases).data : nullptr);
}

void ConvolveWeightGradient(const ConvGeometry& g, const Tensor& dw, const Tensor& x, const Tensor& dy) {
  const Dense images(x, true), gradients(dy, true);
  ConvShape s = ShapeOf(g);
  s.m = s.out_channels;
  s.n = s.in_channels * s.taps;
  s.k = s.images * s.out_plane;
  // Few outputs and a long sum: parts of it keep all compute units busy.
  constexpr int64_t kShortest = 256, kMostParts = 64;
  s.parts = std::clamp<int64_t>(s.k / kShortest, 1, kMostParts);
  s.part = (s.k + s.parts - 1) / s.parts;
  s.parts = (s.k + s.part - 1) / s.part;
  if (s.parts == 1) {
    return Run(DeviceOf(dw), Form::kWeight, dw.dtype, s, s.groups, dw.data, (*gradients).data, (*images).data, nullptr);
  }
  const int64_t count = s.groups * s.m * s.n, sizes[] = {s.parts, count}, one[] = {1, count};
  Temporary parts(NewTensor(dw.dtype, 2, sizes, DeviceOf(dw)));
  Run(DeviceOf(dw), Form::kWeight, dw.dtype, s, s.parts * s.groups, (*parts).data, (*gradients).data, (*images).data,
      nullptr);
  Tensor flat = dw;
  flat.dims = 2;
  std::copy(std::begin(one), std::end(one), flat.sizes);
  SetContiguous(&flat);
  const bool first_dim[kMaxDims] = {true};
  Reduce(ReduceOp::kSum, flat, *parts, first_dim);
}

}  // namespace gb::gpu
