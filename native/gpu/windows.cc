// Adaptive, fractional and stochastic pooling, and moving elements by their index in a plane.
#include "gpu/device.h"
#include "gpu/nest.h"
#include "gpu/pool.h"
#include "gpu/structural.h"

namespace gb::gpu {

namespace {

const Function& Variant(GpuDevice& device, const char* kernel, DType dtype, bool small_codes = true) {
  const std::string options = PoolOptions(dtype, small_codes) + " -DIS_FLOAT=" + (IsFloat(dtype) ? "1" : "0");
  return device.Kernel("windows", kernel, options, [] { return std::string(SourceOf("pool")) + SourceOf("windows"); });
}

}  // namespace

void AdaptiveMaxPool(const PoolGeometry& g, const Tensor& out, const Tensor& indices, const Tensor& x) {
  GpuDevice& device = Of(DeviceOf(out));
  const PoolShape s = ShapeOf(g);
  Arguments arguments;
  arguments.Of(out).Of(indices).Of(x).Value(s);
  LaunchItems(device, Variant(device, "adaptive_max", x.dtype), Count(out), arguments);
}

void AdaptiveAveragePool(const PoolGeometry& g, const Tensor& out, const Tensor& x) {
  GpuDevice& device = Of(DeviceOf(out));
  const PoolShape s = ShapeOf(g);
  Arguments arguments;
  arguments.Of(out).Of(x).Value(s);
  LaunchItems(device, Variant(device, "adaptive_average", x.dtype), Count(out), arguments);
}

void AdaptiveAveragePoolGradient(const PoolGeometry& g, const Tensor& dx, const Tensor& dy) {
  GpuDevice& device = Of(DeviceOf(dx));
  const PoolShape s = ShapeOf(g);
  Arguments arguments;
  arguments.Of(dx).Of(dy).Value(s);
  LaunchItems(device, Variant(device, "adaptive_average_gradient", dx.dtype), Count(dx), arguments);
}

void FractionalMaxPool(const PoolGeometry& g, int spatial, const Tensor& out, const Tensor& indices, const Tensor& x,
                       const Tensor& samples) {
  GpuDevice& device = Of(DeviceOf(out));
  const PoolShape s = ShapeOf(g);
  const int32_t dims = spatial;
  Arguments arguments;
  arguments.Of(out).Of(indices).Of(x).Of(samples).Value(dims).Value(s);
  LaunchItems(device, Variant(device, "fractional_max", x.dtype), Count(out), arguments);
}

void StochasticPool(const PoolGeometry& g, const Tensor& out, const Tensor& codes, const Tensor& x,
                    const Tensor& noise) {
  GpuDevice& device = Of(DeviceOf(out));
  const PoolShape s = ShapeOf(g);
  Arguments arguments;
  arguments.Of(out).Of(codes).Of(x).Of(noise).Value(s);
  LaunchItems(device, Variant(device, "stochastic_pool", x.dtype, g.Volume() <= 256), Count(out), arguments);
}

void PoolIndices(const PoolGeometry& g, const Tensor& indices, const Tensor& codes) {
  GpuDevice& device = Of(DeviceOf(indices));
  const PoolShape s = ShapeOf(g);
  Arguments arguments;
  arguments.Of(indices).Of(codes).Value(s);
  LaunchItems(device, Variant(device, "pool_indices", DType::kFloat32, g.Volume() <= 256), Count(indices), arguments);
}

void PlaneTake(const Tensor& out, const Tensor& x, const Tensor& indices, int64_t plane_x, int64_t plane_y) {
  GpuDevice& device = Of(DeviceOf(out));
  const int32_t what = static_cast<int32_t>(Reporter::kPlane);
  const int64_t count = Count(out);
  Arguments arguments;
  arguments.Of(out).Of(x).Of(indices).Address(device.fault()).Value(what).Value(plane_x).Value(plane_y).Value(count);
  LaunchItems(device, Variant(device, "plane_take", out.dtype), count, arguments);
}

void PlanePut(const Tensor& out, const Tensor& y, const Tensor& indices, int64_t planes, int64_t plane_x,
              int64_t plane_y, bool add) {
  GpuDevice& device = Of(DeviceOf(out));
  const int32_t what = static_cast<int32_t>(Reporter::kPlane), adds = add;
  Arguments arguments;
  arguments.Of(out).Of(y).Of(indices).Address(device.fault()).Value(what).Value(plane_x).Value(plane_y);
  arguments.Value(planes).Value(adds);
  LaunchItems(device, Variant(device, "plane_put", out.dtype), planes, arguments);
}

}  // namespace gb::gpu
