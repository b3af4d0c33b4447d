// Checks and dispatch for normalisation.
#include "core/errors.h"
#include "core/storage.h"
#include "cpu/api.h"
#include "cpu/require.h"
#include "gpu/structural.h"

namespace gb {

namespace {

void Require(const Tensor& tensor, DType dtype, int64_t count, const char* what) {
  if (tensor.dtype != dtype || Count(tensor) != count || !IsContiguous(tensor)) {
    Throw("%s: expected a contiguous %s tensor of %lld elements, found %s of sizes %s", what, Name(dtype),
          static_cast<long long>(count), Name(tensor.dtype), Sizes(tensor).c_str());
  }
}

void* Data(const Tensor* tensor, DType dtype, int64_t count, const char* what) {
  if (!tensor) return nullptr;
  Require(*tensor, dtype, count, what);
  return tensor->data;
}

// x as [samples, channels, inner], contiguous and floating.
NormSizes SizesOf(const Tensor& x, const char* what) {
  RequireFloat(x, what);
  if (x.dims < 2) Throw("%s: expected at least two dims, found sizes %s", what, Sizes(x).c_str());
  Require(x, x.dtype, Count(x), what);
  NormSizes sizes{x.sizes[0], x.sizes[1], 1};
  for (int dim = 2; dim < x.dims; dim++) sizes.inner *= x.sizes[dim];
  return sizes;
}

// The two rows of `statistics`: means and scales.
void SetStatistics(const Tensor& statistics, DType dtype, int64_t count, const char* what, void** mean, void** scale) {
  Require(statistics, dtype, 2 * count, what);
  *mean = statistics.data;
  *scale = statistics.data + count * ItemSize(dtype);
}

template <class T>
void UpdateRunning(const Tensor* mean, const Tensor* variance, const void* means, const double* variances,
                   int64_t channels, double count, double momentum) {
  for (int64_t c = 0; c < channels; c++) {
    auto blend = [&](T* running, double value) {
      *running = static_cast<T>((1 - momentum) * static_cast<double>(*running) + momentum * value);
    };
    if (mean) blend(reinterpret_cast<T*>(mean->data) + c, static_cast<double>(static_cast<const T*>(means)[c]));
    if (variance) blend(reinterpret_cast<T*>(variance->data) + c, variances[c] * count / (count - 1));
  }
}

template <class T>
void UseRunning(const Tensor& mean, const Tensor& variance, int64_t channels, double eps, void* means, void* scales) {
  for (int64_t c = 0; c < channels; c++) {
    static_cast<T*>(means)[c] = reinterpret_cast<const T*>(mean.data)[c];
    const double value = static_cast<double>(reinterpret_cast<const T*>(variance.data)[c]);
    static_cast<T*>(scales)[c] = static_cast<T>(1 / __builtin_sqrt(value + eps));
  }
}

NormTensors Tensors(const Tensor& y, const Tensor& statistics, const Tensor& x, const Tensor* weight,
                    const Tensor* bias, int64_t count, int64_t features, const char* what) {
  Require(y, x.dtype, Count(x), what);
  NormTensors t{};
  t.x = x.data;
  t.y = y.data;
  t.weight = Data(weight, x.dtype, features, what);
  t.bias = Data(bias, x.dtype, features, what);
  SetStatistics(statistics, x.dtype, count, what, &t.mean, &t.scale);
  return t;
}

NormGradients Gradients(const NormGradientTensors& given, const Tensor& x, int64_t count, int64_t features,
                        const char* what) {
  Require(*given.dy, x.dtype, Count(x), what);
  NormGradients t{};
  t.dy = given.dy->data;
  t.x = x.data;
  t.weight = Data(given.weight, x.dtype, features, what);
  t.dx = Data(given.dx, x.dtype, Count(x), what);
  t.dweight = Data(given.dweight, x.dtype, features, what);
  t.dbias = Data(given.dbias, x.dtype, features, what);
  void *mean, *scale;
  SetStatistics(*given.statistics, x.dtype, count, what, &mean, &scale);
  t.mean = mean;
  t.scale = scale;
  return t;
}

// On a device rows, too, are samples with one group.
gpu::NormWay ByGroup(int64_t groups, bool root, double eps) {
  return {false, groups, root, false, eps, 0, nullptr, nullptr};
}

}  // namespace

void BatchNormForward(const Tensor& y, const Tensor& statistics, const Tensor& x, const Tensor* weight,
                      const Tensor* bias, const Tensor* running_mean, const Tensor* running_variance,
                      const BatchNormOptions& options) {
  const char* what = "batchNorm";
  const NormSizes s = SizesOf(x, what);
  NormTensors t = Tensors(y, statistics, x, weight, bias, s.channels, s.channels, what);
  if (running_mean) Require(*running_mean, x.dtype, s.channels, what);
  if (running_variance) Require(*running_variance, x.dtype, s.channels, what);
  const gpu::NormWay way{true,
                         1,
                         false,
                         !options.training,
                         options.eps,
                         options.momentum,
                         running_mean ? running_mean->data : nullptr,
                         running_variance ? running_variance->data : nullptr};
  const bool narrow = x.dtype == DType::kFloat32;
  if (!options.training) {
    if (!running_mean || !running_variance) Throw("%s: running statistics are needed when not training", what);
    if (DeviceOf(x)) return gpu::NormForward(DeviceOf(x), x.dtype, s, t, way);
    narrow ? UseRunning<float>(*running_mean, *running_variance, s.channels, options.eps, t.mean, t.scale)
           : UseRunning<double>(*running_mean, *running_variance, s.channels, options.eps, t.mean, t.scale);
    if (Count(x) > 0) kernels().batch_norm(s, x.dtype, t, true, options.eps, nullptr);
    return;
  }
  if (Count(x) == 0) return;
  if (DeviceOf(x)) return gpu::NormForward(DeviceOf(x), x.dtype, s, t, way);
  Scratch scratch(s.channels * static_cast<int64_t>(sizeof(double)));
  double* variances = static_cast<double*>(scratch.data());
  kernels().batch_norm(s, x.dtype, t, false, options.eps, variances);
  const double count = static_cast<double>(s.samples * s.inner);
  narrow
      ? UpdateRunning<float>(running_mean, running_variance, t.mean, variances, s.channels, count, options.momentum)
      : UpdateRunning<double>(running_mean, running_variance, t.mean, variances, s.channels, count, options.momentum);
}

void BatchNormGradient(const NormGradientTensors& given, const Tensor& x, bool training) {
  const char* what = "batchNorm gradient";
  const NormSizes s = SizesOf(x, what);
  const NormGradients t = Gradients(given, x, s.channels, s.channels, what);
  if (DeviceOf(x))
    return gpu::NormBackward(DeviceOf(x), x.dtype, s, t, {true, 1, false, !training, 0, 0, nullptr, nullptr});
  kernels().batch_norm_backward(s, x.dtype, t, !training);
}

void GroupNormForward(const Tensor& y, const Tensor& statistics, const Tensor& x, const Tensor* weight,
                      const Tensor* bias, int64_t groups, double eps) {
  const char* what = "groupNorm";
  const NormSizes s = SizesOf(x, what);
  if (groups < 1 || s.channels % groups) {
    Throw("%s: %lld channels are no multiple of %lld groups", what, static_cast<long long>(s.channels),
          static_cast<long long>(groups));
  }
  const NormTensors t = Tensors(y, statistics, x, weight, bias, s.samples * groups, s.channels, what);
  if (Count(x) == 0) return;
  if (DeviceOf(x)) return gpu::NormForward(DeviceOf(x), x.dtype, s, t, ByGroup(groups, false, eps));
  kernels().group_norm(s, groups, x.dtype, t, eps);
}

void GroupNormGradient(const NormGradientTensors& given, const Tensor& x, int64_t groups) {
  const char* what = "groupNorm gradient";
  const NormSizes s = SizesOf(x, what);
  if (groups < 1 || s.channels % groups) Throw("%s: wrong number of groups", what);
  const NormGradients t = Gradients(given, x, s.samples * groups, s.channels, what);
  if (DeviceOf(x)) return gpu::NormBackward(DeviceOf(x), x.dtype, s, t, ByGroup(groups, false, 0));
  kernels().group_norm_backward(s, groups, x.dtype, t);
}

void LayerNormForward(const Tensor& y, const Tensor& statistics, const Tensor& x, const Tensor* weight,
                      const Tensor* bias, int64_t features, bool root, double eps) {
  const char* what = "layerNorm";
  RequireFloat(x, what);
  Require(x, x.dtype, Count(x), what);
  if (features < 1 || Count(x) % features) Throw("%s: wrong number of features", what);
  const int64_t rows = Count(x) / features;
  const NormTensors t = Tensors(y, statistics, x, weight, bias, rows, features, what);
  if (rows == 0) return;
  if (DeviceOf(x)) return gpu::NormForward(DeviceOf(x), x.dtype, {rows, features, 1}, t, ByGroup(1, root, eps));
  kernels().layer_norm(rows, features, x.dtype, t, root, eps);
}

void LayerNormGradient(const NormGradientTensors& given, const Tensor& x, int64_t features, bool root) {
  const char* what = "layerNorm gradient";
  RequireFloat(x, what);
  Require(x, x.dtype, Count(x), what);
  if (features < 1 || Count(x) % features) Throw("%s: wrong number of features", what);
  const int64_t rows = Count(x) / features;
  const NormGradients t = Gradients(given, x, rows, features, what);
  if (DeviceOf(x)) return gpu::NormBackward(DeviceOf(x), x.dtype, {rows, features, 1}, t, ByGroup(1, root, 0));
  kernels().layer_norm_backward(rows, features, x.dtype, t, root);
}

}  // namespace gb
