// Maximum and average pooling and their gradients.
#include "gpu/pool.h"

#include "gpu/device.h"
#include "gpu/structural.h"

namespace gb::gpu {

namespace {

const char* Least(DType dtype) {
  switch (dtype) {
    case DType::kInt32:
      return "INT_MIN";
    case DType::kInt64:
      return "LONG_MIN";
    case DType::kUint8:
    case DType::kBool:
      return "0";
    default:
      return "(-INFINITY)";
  }
}

}  // namespace

PoolShape ShapeOf(const PoolGeometry& g) {
  PoolShape s{};
  s.planes = g.planes;
  for (int dim = 0; dim < 3; dim++) {
    s.in[dim] = g.in[dim];
    s.out[dim] = g.out[dim];
    s.kernel[dim] = g.kernel[dim];
    s.stride[dim] = g.stride[dim];
    s.padding[dim] = g.padding[dim];
    s.dilation[dim] = g.dilation[dim];
  }
  return s;
}

std::string PoolOptions(DType dtype, bool small_codes) {
  return std::string(" -DT=") + TypeOf(dtype) + " -DLEAST=" + Least(dtype) + " -DC=" + (small_codes ? "uchar" : "int");
}

namespace {

const Function& Variant(GpuDevice& device, const char* kernel, DType dtype, const PoolGeometry& g) {
  return device.Kernel("pool", kernel, PoolOptions(dtype, g.Volume() <= 256));
}

}  // namespace

void MaxPool(const PoolGeometry& g, const Tensor& out, const Tensor* codes, const Tensor& x) {
  GpuDevice& device = Of(DeviceOf(out));
  const PoolShape s = ShapeOf(g);
  const int32_t with_codes = codes != nullptr;
  Arguments arguments;
  arguments.Of(out).Address(codes ? codes->data : nullptr).Of(x).Value(with_codes).Value(s);
  LaunchItems(device, Variant(device, "max_pool", x.dtype, g), Count(out), arguments);
}

void MaxPoolTake(const PoolGeometry& g, const Tensor& out, const Tensor& x, const Tensor& codes) {
  GpuDevice& device = Of(DeviceOf(out));
  const PoolShape s = ShapeOf(g);
  Arguments arguments;
  arguments.Of(out).Of(x).Of(codes).Value(s);
  LaunchItems(device, Variant(device, "max_pool_take", x.dtype, g), Count(out), arguments);
}

void MaxPoolGradient(const PoolGeometry& g, const Tensor& dx, const Tensor& dy, const Tensor& codes) {
  GpuDevice& device = Of(DeviceOf(dx));
  const PoolShape s = ShapeOf(g);
  const int32_t maximum = 1;
  Arguments arguments;
  arguments.Of(dx).Of(dy).Of(codes).Value(maximum).Value(s);
  LaunchItems(device, Variant(device, "pool_gradient", dx.dtype, g), Count(dx), arguments);
}

void AveragePool(const PoolGeometry& g, const Tensor& out, const Tensor& x, const AverageOptions& options) {
  GpuDevice& device = Of(DeviceOf(out));
  PoolShape s = ShapeOf(g);
  s.count_padding = options.count_padding;
  s.divisor = options.divisor;
  Arguments arguments;
  arguments.Of(out).Of(x).Value(s);
  LaunchItems(device, Variant(device, "average_pool", x.dtype, g), Count(out), arguments);
}

void AveragePoolGradient(const PoolGeometry& g, const Tensor& dx, const Tensor& dy, const AverageOptions& options) {
  GpuDevice& device = Of(DeviceOf(dx));
  PoolShape s = ShapeOf(g);
  s.count_padding = options.count_padding;
  s.divisor = options.divisor;
  const int32_t maximum = 0;
  Arguments arguments;
  arguments.Of(dx).Of(dy).Address(nullptr).Value(maximum).Value(s);
  LaunchItems(device, Variant(device, "pool_gradient", dx.dtype, g), Count(dx), arguments);
}

}  // namespace gb::gpu
