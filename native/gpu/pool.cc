// Maximum and average pooling and their gradients.
#include "gpu/device.h"
#include "gpu/nest.h"
#include "gpu/structural.h"

namespace gb::gpu {

namespace {

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

const Function& Variant(GpuDevice& device, const char* kernel, DType dtype, const PoolGeometry& g, bool maximum,
                        bool with_codes) {
  const std::string options = std::string(" -DT=") + TypeOf(dtype) + " -DLEAST=" + Least(dtype) +
                              " -DC=" + (g.Volume() <= 256 ? "uchar" : "int") +
                              " -DMAXIMUM=" + std::to_string(maximum) + " -DWITH_CODES=" + std::to_string(with_codes);
  const std::string key = kernel + options;
  if (const Function* known = device.Find(key)) return *known;
  return device.Make(key, "pool", kernel, options);
}

}  // namespace

void MaxPool(const PoolGeometry& g, const Tensor& out, const Tensor* codes, const Tensor& x) {
  GpuDevice& device = Of(DeviceOf(out));
  const PoolShape s = ShapeOf(g);
  Arguments arguments;
  arguments.Of(out).Address(codes ? codes->data : nullptr).Of(x).Value(s);
  LaunchItems(device, Variant(device, "max_pool", x.dtype, g, true, codes != nullptr), Count(out), arguments);
}

void MaxPoolTake(const PoolGeometry& g, const Tensor& out, const Tensor& x, const Tensor& codes) {
  GpuDevice& device = Of(DeviceOf(out));
  const PoolShape s = ShapeOf(g);
  Arguments arguments;
  arguments.Of(out).Of(x).Of(codes).Value(s);
  LaunchItems(device, Variant(device, "max_pool_take", x.dtype, g, true, true), Count(out), arguments);
}

void MaxPoolGradient(const PoolGeometry& g, const Tensor& dx, const Tensor& dy, const Tensor& codes) {
  GpuDevice& device = Of(DeviceOf(dx));
  const PoolShape s = ShapeOf(g);
  Arguments arguments;
  arguments.Of(dx).Of(dy).Of(codes).Value(s);
  LaunchItems(device, Variant(device, "pool_gradient", dx.dtype, g, true, true), Count(dx), arguments);
}

void AveragePool(const PoolGeometry& g, const Tensor& out, const Tensor& x, const AverageOptions& options) {
  GpuDevice& device = Of(DeviceOf(out));
  PoolShape s = ShapeOf(g);
  s.count_padding = options.count_padding;
  s.divisor = options.divisor;
  Arguments arguments;
  arguments.Of(out).Of(x).Value(s);
  LaunchItems(device, Variant(device, "average_pool", x.dtype, g, false, false), Count(out), arguments);
}

void AveragePoolGradient(const PoolGeometry& g, const Tensor& dx, const Tensor& dy, const AverageOptions& options) {
  GpuDevice& device = Of(DeviceOf(dx));
  PoolShape s = ShapeOf(g);
  s.count_padding = options.count_padding;
  s.divisor = options.divisor;
  Arguments arguments;
  arguments.Of(dx).Of(dy).Address(nullptr).Value(s);
  LaunchItems(device, Variant(device, "pool_gradient", dx.dtype, g, false, false), Count(dx), arguments);
}

}  // namespace gb::gpu
