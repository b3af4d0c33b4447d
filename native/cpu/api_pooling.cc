// Checks and dispatch for pooling.
#include <cstring>

#include "core/errors.h"
#include "cpu/api.h"
#include "cpu/pool_windows.h"
#include "cpu/require.h"
#include "gpu/structural.h"

namespace gb {

namespace {

// The sizes of the planes; the window is left at 1.
PoolGeometry Planes(const Tensor& in, const Tensor& out, int64_t spatial, const char* what) {
  RequireContiguous(in, what);
  RequireContiguous(out, what);
  RequireSameDType(out, in, what);
  if (in.dtype == DType::kBool) Throw("%s: bool tensors cannot be pooled; convert them first", what);
  if (spatial < 1 || spatial > 3)
    Throw("%s: expected 1 to 3 spatial dims, found %lld", what, static_cast<long long>(spatial));
  bool fits = in.dims == out.dims && in.dims >= spatial;
  PoolGeometry g;
  g.planes = 1;
  for (int dim = 0; dim < 3; dim++) {
    g.in[dim] = g.out[dim] = g.kernel[dim] = g.stride[dim] = g.dilation[dim] = 1;
    g.padding[dim] = 0;
  }
  for (int dim = 0; fits && dim < in.dims; dim++) {
    const int64_t at = dim - (in.dims - spatial);
    if (at < 0) {
      fits = in.sizes[dim] == out.sizes[dim];
      g.planes *= in.sizes[dim];
    } else {
      g.in[3 - spatial + at] = in.sizes[dim];
      g.out[3 - spatial + at] = out.sizes[dim];
    }
  }
  if (!fits) Throw("%s: sizes %s and %s do not fit", what, Sizes(in).c_str(), Sizes(out).c_str());
  return g;
}

// `window` holds kernel, stride, padding and dilation of each spatial dim, one after the other.
PoolGeometry Geometry(const Tensor& in, const Tensor& out, const std::vector<int64_t>& window, const char* what) {
  const int64_t spatial = static_cast<int64_t>(window.size() / 4);
  if (window.size() % 4) Throw("%s: expected four numbers for each spatial dim, found %zu", what, window.size());
  PoolGeometry g = Planes(in, out, spatial, what);
  constexpr int64_t kLargest = int64_t{1} << 20;
  for (int64_t i = 0; i < spatial; i++) {
    const int64_t dim = 3 - spatial + i;
    auto number = [&](int64_t group, int64_t least) {
      const int64_t value = window[static_cast<size_t>(group * spatial + i)];
      if (value < least || value > kLargest)
        ThrowRange("%s: %lld is out of range", what, static_cast<long long>(value));
      return value;
    };
    g.kernel[dim] = number(0, 1);
    g.stride[dim] = number(1, 1);
    g.padding[dim] = number(2, 0);
    g.dilation[dim] = number(3, 1);
    if (g.padding[dim] * 2 > (g.kernel[dim] - 1) * g.dilation[dim] + 1) {
      ThrowRange("%s: padding %lld is more than half of the window", what, static_cast<long long>(g.padding[dim]));
    }
    // Every window must begin inside the plane, or at its padding.
    if (g.out[dim] > 0 && (g.out[dim] - 1) * g.stride[dim] >= g.in[dim] + g.padding[dim]) {
      Throw("%s: %lld outputs are too many for %lld elements", what, static_cast<long long>(g.out[dim]),
            static_cast<long long>(g.in[dim]));
    }
  }
  if (g.Volume() > INT32_MAX) ThrowRange("%s: the window is too large", what);
  return g;
}

void RequireLike(const Tensor& tensor, const Tensor& out, DType dtype, const char* what) {
  RequireContiguous(tensor, what);
  if (tensor.dtype != dtype || !SameSizes(tensor, out)) {
    Throw("%s: expected %s of sizes %s, found %s of %s", what, Name(dtype), Sizes(out).c_str(), Name(tensor.dtype),
          Sizes(tensor).c_str());
  }
}

// Every position must lie in the window: the kernels trust it.
void RequireCodes(const Tensor& codes, const Tensor& out, const PoolGeometry& g, bool written, const char* what) {
  const bool bytes = g.Volume() <= 256;
  RequireLike(codes, out, bytes ? DType::kUint8 : DType::kInt32, what);
  if (written || DeviceOf(codes)) return;  // a device's kernels look for themselves
  const int64_t count = Count(codes), volume = g.Volume();
  bool inside = true;
  if (bytes) {
    const uint8_t* code = reinterpret_cast<const uint8_t*>(codes.data);
    uint8_t highest = 0;
    for (int64_t i = 0; i < count; i++) highest = code[i] > highest ? code[i] : highest;
    inside = highest < volume;
  } else {
    const int32_t* code = reinterpret_cast<const int32_t*>(codes.data);
    for (int64_t i = 0; i < count; i++) inside &= code[i] >= 0 && code[i] < volume;
  }
  if (!inside) ThrowRange("%s: a position lies outside of the window of %lld", what, static_cast<long long>(volume));
}

struct PlaneSizes {
  int64_t planes, x, y;
};

PlaneSizes MatchPlanes(const Tensor& x, const Tensor& y, const Tensor& indices, int64_t spatial, const char* what) {
  const PoolGeometry g = Planes(x, y, spatial, what);
  RequireLike(indices, y, DType::kInt64, what);
  return {g.planes, g.PlaneIn(), g.PlaneOut()};
}

const int64_t* Integers(const Tensor& tensor) { return reinterpret_cast<const int64_t*>(tensor.data); }

}  // namespace

void MaxPoolForward(const Tensor& out, const Tensor* codes, const Tensor& x, const std::vector<int64_t>& window) {
  const PoolGeometry g = Geometry(x, out, window, "maxPool");
  if (codes) RequireCodes(*codes, out, g, true, "maxPool");
  if (Count(out) == 0) return;
  if (DeviceOf(out)) return gpu::MaxPool(g, out, codes, x);
  kernels().max_pool(g, x.dtype, x.data, out.data, codes ? codes->data : nullptr);
}

void MaxPoolGradient(const Tensor& dx, const Tensor& dy, const Tensor& codes, const std::vector<int64_t>& window) {
  RequireFloat(dx, "maxPool gradient");
  const PoolGeometry g = Geometry(dx, dy, window, "maxPool gradient");
  RequireCodes(codes, dy, g, false, "maxPool gradient");
  if (Count(dx) == 0) return;
  if (DeviceOf(dx)) return gpu::MaxPoolGradient(g, dx, dy, codes);
  kernels().max_pool_backward(g, dx.dtype, dy.data, codes.data, dx.data);
}

void MaxPoolTake(const Tensor& out, const Tensor& x, const Tensor& codes, const std::vector<int64_t>& window) {
  RequireFloat(x, "maxPool take");
  const PoolGeometry g = Geometry(x, out, window, "maxPool take");
  RequireCodes(codes, out, g, false, "maxPool take");
  if (Count(out) == 0) return;
  if (DeviceOf(out)) return gpu::MaxPoolTake(g, out, x, codes);
  PoolTake(g, x.dtype, x.data, codes.data, out.data);
}

void MaxPoolIndices(const Tensor& indices, const Tensor& codes, const Tensor& x, const std::vector<int64_t>& window) {
  Tensor like = x;  // Geometry wants one dtype on both sides
  like.dtype = indices.dtype;
  const PoolGeometry g = Geometry(like, indices, window, "maxPool indices");
  RequireLike(indices, indices, DType::kInt64, "maxPool indices");
  RequireCodes(codes, indices, g, false, "maxPool indices");
  if (Count(indices) == 0) return;
  if (DeviceOf(indices)) return gpu::PoolIndices(g, indices, codes);
  PoolIndices(g, codes.data, reinterpret_cast<int64_t*>(indices.data));
}

void StochasticPoolForward(const Tensor& out, const Tensor& codes, const Tensor& x, const Tensor& noise,
                           const std::vector<int64_t>& window) {
  RequireFloat(x, "stochasticPool");
  const PoolGeometry g = Geometry(x, out, window, "stochasticPool");
  RequireCodes(codes, out, g, true, "stochasticPool");
  RequireLike(noise, out, out.dtype, "stochasticPool");
  if (Count(out) == 0) return;
  if (DeviceOf(out)) return gpu::StochasticPool(g, out, codes, x, noise);
  StochasticPool(g, x.dtype, x.data, noise.data, out.data, codes.data);
}

void AveragePoolForward(const Tensor& out, const Tensor& x, const std::vector<int64_t>& window, bool count_padding,
                        int64_t divisor) {
  if (x.dtype != DType::kInt64) RequireFloat(x, "avgPool");
  const PoolGeometry g = Geometry(x, out, window, "avgPool");
  if (Count(out) == 0) return;
  if (DeviceOf(out)) return gpu::AveragePool(g, out, x, AverageOptions{count_padding, divisor});
  kernels().average_pool(g, x.dtype, x.data, out.data, AverageOptions{count_padding, divisor});
}

void AveragePoolGradient(const Tensor& dx, const Tensor& dy, const std::vector<int64_t>& window, bool count_padding,
                         int64_t divisor) {
  RequireFloat(dx, "avgPool gradient");
  const PoolGeometry g = Geometry(dx, dy, window, "avgPool gradient");
  if (Count(dx) == 0) return;
  if (DeviceOf(dx)) return gpu::AveragePoolGradient(g, dx, dy, AverageOptions{count_padding, divisor});
  kernels().average_pool_backward(g, dx.dtype, dy.data, dx.data, AverageOptions{count_padding, divisor});
}

void AdaptiveMaxPoolForward(const Tensor& out, const Tensor& indices, const Tensor& x, int64_t spatial) {
  const PoolGeometry g = Planes(x, out, spatial, "adaptiveMaxPool");
  RequireLike(indices, out, DType::kInt64, "adaptiveMaxPool");
  if (Count(out) == 0) return;
  if (g.PlaneIn() == 0) Throw("adaptiveMaxPool: a plane of sizes %s is empty", Sizes(x).c_str());
  if (DeviceOf(out)) return gpu::AdaptiveMaxPool(g, out, indices, x);
  AdaptiveMaxPool(g, x.dtype, x.data, out.data, reinterpret_cast<int64_t*>(indices.data));
}

void AdaptiveAveragePoolForward(const Tensor& out, const Tensor& x, int64_t spatial) {
  RequireFloat(x, "adaptiveAvgPool");
  const PoolGeometry g = Planes(x, out, spatial, "adaptiveAvgPool");
  if (Count(out) == 0) return;
  if (DeviceOf(out)) return gpu::AdaptiveAveragePool(g, out, x);
  AdaptiveAveragePool(g, x.dtype, x.data, out.data);
}

void AdaptiveAveragePoolGradient(const Tensor& dx, const Tensor& dy, int64_t spatial) {
  RequireFloat(dx, "adaptiveAvgPool gradient");
  const PoolGeometry g = Planes(dx, dy, spatial, "adaptiveAvgPool gradient");
  if (Count(dx) == 0) return;
  if (DeviceOf(dx)) return gpu::AdaptiveAveragePoolGradient(g, dx, dy);
  AdaptiveAveragePoolBackward(g, dx.dtype, dy.data, dx.data);
}

void FractionalMaxPoolForward(const Tensor& out, const Tensor& indices, const Tensor& x, const Tensor& samples,
                              const std::vector<int64_t>& kernel) {
  RequireFloat(x, "fractionalMaxPool");
  const int64_t spatial = static_cast<int64_t>(kernel.size());
  PoolGeometry g = Planes(x, out, spatial, "fractionalMaxPool");
  RequireLike(indices, out, DType::kInt64, "fractionalMaxPool");
  RequireContiguous(samples, "fractionalMaxPool");
  RequireSameDType(samples, x, "fractionalMaxPool");
  if (Count(samples) != g.planes * spatial) {
    Throw("fractionalMaxPool: expected %lld samples, found sizes %s", static_cast<long long>(g.planes * spatial),
          Sizes(samples).c_str());
  }
  for (int64_t i = 0; i < Count(samples) && !DeviceOf(samples); i++) {
    const double sample = x.dtype == DType::kFloat32 ? reinterpret_cast<const float*>(samples.data)[i]
                                                     : reinterpret_cast<const double*>(samples.data)[i];
    if (!(sample >= 0 && sample <= 1)) ThrowRange("fractionalMaxPool: a sample is %g, expected 0 to 1", sample);
  }
  for (int64_t i = 0; i < spatial; i++) {
    const int64_t dim = 3 - spatial + i;
    g.kernel[dim] = kernel[static_cast<size_t>(i)];
    if (g.kernel[dim] < 1 || g.out[dim] < 1 || g.out[dim] + g.kernel[dim] - 1 > g.in[dim]) {
      Throw("fractionalMaxPool: %lld windows of %lld do not fit %lld elements", static_cast<long long>(g.out[dim]),
            static_cast<long long>(g.kernel[dim]), static_cast<long long>(g.in[dim]));
    }
  }
  if (Count(out) == 0) return;
  if (DeviceOf(out)) return gpu::FractionalMaxPool(g, static_cast<int>(spatial), out, indices, x, samples);
  FractionalMaxPool(g, static_cast<int>(spatial), x.dtype, x.data, samples.data, out.data,
                    reinterpret_cast<int64_t*>(indices.data));
}

void PlaneTakeFrom(const Tensor& out, const Tensor& x, const Tensor& indices, int64_t spatial) {
  const PlaneSizes sizes = MatchPlanes(x, out, indices, spatial, "planeTake");
  if (DeviceOf(out)) return gpu::PlaneTake(out, x, indices, sizes.x, sizes.y);
  PlaneTake(x.dtype, sizes.planes, sizes.x, sizes.y, x.data, Integers(indices), out.data);
}

void PlanePutInto(const Tensor& out, const Tensor& y, const Tensor& indices, int64_t spatial, bool add) {
  const PlaneSizes sizes = MatchPlanes(out, y, indices, spatial, "planePut");
  if (DeviceOf(out)) return gpu::PlanePut(out, y, indices, sizes.planes, sizes.x, sizes.y, add);
  PlanePut(out.dtype, sizes.planes, sizes.x, sizes.y, y.data, Integers(indices), out.data, add);
}

}  // namespace gb
