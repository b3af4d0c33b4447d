// Histograms.
#include "gpu/device.h"
#include "gpu/structural.h"
#include "gpu/temporary.h"

namespace gb::gpu {

namespace {

constexpr int kItems = 128;

std::string Options(DType element, DType result) {
  return std::string(" -DT=") + TypeOf(element) + " -DR=" + TypeOf(result) +
         " -DW=" + (IsFloat(result) ? "REAL" : "long") + " -DGROUP_ITEMS=" + std::to_string(kItems);
}

// `numbers` holds each element's bin.
void SumBins(const Tensor& out, const Tensor& numbers, const Tensor* weights, DType element, Reporter reporter) {
  GpuDevice& device = Of(DeviceOf(out));
  const int64_t count = Count(numbers), bins = Count(out);
  const int32_t weighted = weights != nullptr, what = static_cast<int32_t>(reporter);
  Arguments arguments;
  arguments.Of(out).Of(numbers).Address(weights ? weights->data : nullptr).Address(device.fault());
  arguments.Value(count).Value(bins).Value(weighted).Value(what);
  LaunchGroups(device, device.Kernel("count", "sum_bins", Options(element, out.dtype)), bins, kItems, arguments);
}

}  // namespace

void CountIntegers(const Tensor& out, const Tensor& a, const Tensor* weights) {
  Temporary numbers(NewTensor(DType::kInt64, a.dims, a.sizes, DeviceOf(a)));
  gpu::Copy(*numbers, a);
  SumBins(out, *numbers, weights, DType::kFloat32, Reporter::kBincount);
}

void CountInBins(const Tensor& out, const Tensor& a, const Tensor& edges, const Tensor* weights, BinSearch search) {
  GpuDevice& device = Of(DeviceOf(a));
  Temporary numbers(NewTensor(DType::kInt64, a.dims, a.sizes, DeviceOf(a)));
  const int64_t count = Count(a), bins = Count(out);
  const int32_t way = static_cast<int32_t>(search);
  Arguments arguments;
  arguments.Of(*numbers).Of(a).Of(edges).Value(bins).Value(count).Value(way);
  LaunchItems(device, device.Kernel("count", "find_bins", Options(a.dtype, a.dtype)), count, arguments);
  SumBins(out, *numbers, weights, a.dtype, Reporter::kNone);
}

}  // namespace gb::gpu
