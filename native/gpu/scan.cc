// Scans along a dim of contiguous tensors.
#include "gpu/device.h"
#include "gpu/structural.h"

namespace gb::gpu {

namespace {

constexpr int kItems = 256;

std::string Options(DType dtype) {
  return std::string(" -DT=") + TypeOf(dtype) + " -DIS_FLOAT=" + (IsFloat(dtype) ? "1" : "0") +
         " -DW=" + (IsFloat(dtype) ? "REAL" : "long") + " -DGROUP_ITEMS=" + std::to_string(kItems);
}

}  // namespace

void Scan(ScanOp op, const Tensor& out, const Tensor& a, const Lines& lines) {
  GpuDevice& device = Of(DeviceOf(out));
  const int32_t code = static_cast<int32_t>(op);
  Arguments arguments;
  arguments.Of(out).Of(a).Value(code).Value(lines.length).Value(lines.inner);
  if (lines.length == 0) return;
  LaunchGroups(device, device.Kernel("scan", "scan", Options(a.dtype)), lines.count(), kItems, arguments);
}

void ScanExtreme(bool max, const Tensor& values, const Tensor& indices, const Tensor& a, const Lines& lines) {
  GpuDevice& device = Of(DeviceOf(a));
  const int32_t largest = max;
  const int64_t count = lines.count();
  Arguments arguments;
  arguments.Of(values).Of(indices).Of(a).Value(largest).Value(lines.length).Value(lines.inner).Value(count);
  LaunchItems(device, device.Kernel("scan", "scan_extreme", Options(a.dtype)), count, arguments);
}

void Recurrence(const Tensor& out, const Tensor& factors, const Tensor& terms, const Lines& lines, bool reverse) {
  GpuDevice& device = Of(DeviceOf(out));
  const int32_t backwards = reverse;
  const int64_t count = lines.count();
  Arguments arguments;
  arguments.Of(out).Of(factors).Of(terms).Value(backwards).Value(lines.length).Value(lines.inner).Value(count);
  LaunchItems(device, device.Kernel("scan", "recurrence", Options(out.dtype)), count, arguments);
}

}  // namespace gb::gpu
