// Sums of elements chosen by a sparse matrix or by positions.
#include "gpu/device.h"
#include "gpu/structural.h"

namespace gb::gpu {

namespace {

std::string Options(DType dtype) {
  return std::string(" -DT=") + TypeOf(dtype) + " -DIS_FLOAT=" + (IsFloat(dtype) ? "1" : "0") +
         " -DW=" + (IsFloat(dtype) ? TypeOf(dtype) : "long");
}

}  // namespace

void Resample(const Tensor& out, const Tensor& a, int dim, const Tensor& starts, const Tensor& columns,
              const Tensor* weights) {
  GpuDevice& device = Of(DeviceOf(out));
  int64_t inner = 1;
  for (int d = dim + 1; d < a.dims; d++) inner *= a.sizes[d];
  const int64_t count = Count(out);
  const int32_t what = static_cast<int32_t>(Reporter::kResample), weighted = weights != nullptr;
  Arguments arguments;
  arguments.Of(out).Of(a).Of(starts).Of(columns).Address(weights ? weights->data : nullptr).Address(device.fault());
  arguments.Value(what).Value(out.sizes[dim]).Value(a.sizes[dim]).Value(inner).Value(count).Value(weighted);
  LaunchItems(device, device.Kernel("taps", "resample", Options(a.dtype)), count, arguments);
}

void SumTaps(TapsForm form, const TapsShape& s, const Tensor& x, const Tensor& y, const Tensor& positions,
             const Tensor& weights) {
  static const char* const names[] = {"taps_gather", "taps_scatter", "taps_dot"};
  const int64_t counts[] = {s.batch * s.channels * s.outputs, s.batch * s.channels, s.taps * s.batch * s.outputs};
  const int at = static_cast<int>(form);
  GpuDevice& device = Of(DeviceOf(x));
  const int32_t what = static_cast<int32_t>(Reporter::kTaps);
  Arguments arguments;
  arguments.Of(x).Of(y).Of(positions).Of(weights).Address(device.fault()).Value(what);
  arguments.Value(s.batch).Value(s.channels).Value(s.size).Value(s.outputs).Value(s.taps);
  LaunchItems(device, device.Kernel("taps", names[at], Options(x.dtype)), counts[at], arguments);
}

}  // namespace gb::gpu
