// Batch and group normalisation and their gradients.
//
// Values are scaled while their channel is still in the second-level cache. Results do not depend on the threads: sums
// over channels belong to one task, sums over rows are cut into chunks of one size. Limited by memory.
#include "cpu/norm.h"

#include "core/storage.h"
#include "core/threads.h"
#include "cpu/norm_sums.h"
#include "cpu/tables.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kColumns = 64;
constexpr int64_t kRows = 64;  // of one chunk

// ---- batch ----------------------------------------------------------------------------------------------------------

// With one element for each sample and channel, channels are the columns of a matrix: a vector of them at a time, so
// that their rows stay in the first-level cache between the passes.
template <class T, class F>
void ForColumns(const NormSizes& s, const F& body) {
  constexpr int64_t kFull = kWidth<T>;
  const int64_t blocks = (s.channels + kFull - 1) / kFull;
  ParallelFor(blocks, Max(int64_t{1}, kGrain / Max(int64_t{1}, s.samples * kFull)), [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block++) {
      int64_t c = block * kFull;
      if (c + kFull <= s.channels) {
        body(std::integral_constant<int, kWidth<T>>{}, c);
        continue;
      }
      for (; c + 4 <= s.channels; c += 4) body(std::integral_constant<int, 4>{}, c);
      for (; c < s.channels; c++) body(std::integral_constant<int, 1>{}, c);
    }
  });
}

template <class V, class T>
GB_FORCE_INLINE V LoadOr(const void* values, int64_t i, T otherwise) {
  return values ? LoadLanes<V>(static_cast<const T*>(values) + i) : otherwise - V{};
}

template <class T, int kLanes>
void BatchColumns(const NormSizes& s, const NormTensors& t, int64_t c, bool given, double eps, double* variances) {
  using V = Lanes<T, kLanes>;
  using Wide = Lanes<double, kLanes>;
  const T* x = static_cast<const T*>(t.x) + c;
  T *y = static_cast<T*>(t.y) + c, *means = static_cast<T*>(t.mean) + c, *scales = static_cast<T*>(t.scale) + c;
  if (!given) {
    const double count = static_cast<double>(s.samples);
    Wide sum{}, squares{};
    for (int64_t n = 0; n < s.samples; n++) sum += __builtin_convertvector(LoadLanes<V>(x + n * s.channels), Wide);
    const Wide mean = sum / count;
    for (int64_t n = 0; n < s.samples; n++) {
      const Wide off = __builtin_convertvector(LoadLanes<V>(x + n * s.channels), Wide) - mean;
      squares += off * off;
    }
    for (int lane = 0; lane < kLanes; lane++) {
      variances[c + lane] = squares[lane] / count;
      means[lane] = static_cast<T>(mean[lane]);
      scales[lane] = static_cast<T>(InverseRoot(variances[c + lane] + eps));
    }
  }
  const V mean = LoadLanes<V>(means), bias = LoadOr<V>(t.bias, c, T(0));
  const V factor = LoadLanes<V>(scales) * LoadOr<V>(t.weight, c, T(1));
  for (int64_t n = 0; n < s.samples; n++) {
    const int64_t at = n * s.channels;
    StoreLanes<V>(y + at, (LoadLanes<V>(x + at) - mean) * factor + bias);
  }
}

template <class F>
void ForChannels(const NormSizes& s, const F& body) {
  ParallelFor(s.channels, Max(int64_t{1}, kGrain / Max(int64_t{1}, s.samples * s.inner)),
              [&](int64_t begin, int64_t end) {
                for (int64_t c = begin; c < end; c++) body(c);
              });
}

// `given`: mean and scale are not computed but used. Otherwise the (biased) variances go out too.
template <class T>
void BatchTyped(const NormSizes& s, const NormTensors& t, bool given, double eps, double* variances) {
  if (s.inner == 1) {
    return ForColumns<T>(
        s, [&](auto lanes, int64_t c) { BatchColumns<T, decltype(lanes)::value>(s, t, c, given, eps, variances); });
  }
  const T* x = static_cast<const T*>(t.x);
  T *y = static_cast<T*>(t.y), *means = static_cast<T*>(t.mean), *scales = static_cast<T*>(t.scale);
  const int64_t step = s.channels * s.inner;
  ForChannels(s, [&](int64_t c) {
    const int64_t first = c * s.inner;
    if (!given) {
      Moments moments;
      for (int64_t n = 0; n < s.samples; n++) moments.Add(x + n * step + first, s.inner);
      variances[c] = moments.Variance();
      means[c] = static_cast<T>(moments.mean);
      scales[c] = static_cast<T>(InverseRoot(variances[c] + eps));
    }
    const T factor = scales[c] * At<T>(t.weight, c, 1), bias = At<T>(t.bias, c, 0);
    for (int64_t n = 0; n < s.samples; n++) {
      Scale(x + n * step + first, y + n * step + first, s.inner, means[c], factor, bias);
    }
  });
}

template <class T, int kLanes>
void BatchColumnsBackward(const NormSizes& s, const NormGradients& t, int64_t c, bool given) {
  using V = Lanes<T, kLanes>;
  using Wide = Lanes<double, kLanes>;
  const T *dy = static_cast<const T*>(t.dy) + c, *x = static_cast<const T*>(t.x) + c;
  const V mean = LoadLanes<V>(static_cast<const T*>(t.mean) + c);
  const V scale = LoadLanes<V>(static_cast<const T*>(t.scale) + c);
  Wide sum{}, product{};
  for (int64_t n = 0; n < s.samples; n++) {
    const V grad = LoadLanes<V>(dy + n * s.channels);
    sum += __builtin_convertvector(grad, Wide);
    product += __builtin_convertvector(grad * (LoadLanes<V>(x + n * s.channels) - mean), Wide);
  }
  const Wide wide = __builtin_convertvector(scale, Wide);
  if (t.dweight) StoreLanes<V>(static_cast<T*>(t.dweight) + c, __builtin_convertvector(product * wide, V));
  if (t.dbias) StoreLanes<V>(static_cast<T*>(t.dbias) + c, __builtin_convertvector(sum, V));
  if (!t.dx) return;
  const double count = static_cast<double>(s.samples);
  const V offset = given ? V{} : __builtin_convertvector(sum / count, V);
  const V slope = given ? V{} : __builtin_convertvector(product / count * wide * wide, V);
  const V factor = scale * LoadOr<V>(t.weight, c, T(1));
  T* dx = static_cast<T*>(t.dx) + c;
  for (int64_t n = 0; n < s.samples; n++) {
    const int64_t at = n * s.channels;
    const V grad = LoadLanes<V>(dy + at) - offset - (LoadLanes<V>(x + at) - mean) * slope;
    StoreLanes<V>(dx + at, grad * factor);
  }
}

template <class T>
void BatchBackwardTyped(const NormSizes& s, const NormGradients& t, bool given) {
  if (s.inner == 1) {
    return ForColumns<T>(
        s, [&](auto lanes, int64_t c) { BatchColumnsBackward<T, decltype(lanes)::value>(s, t, c, given); });
  }
  const T *dy = static_cast<const T*>(t.dy), *x = static_cast<const T*>(t.x);
  const T *means = static_cast<const T*>(t.mean), *scales = static_cast<const T*>(t.scale);
  T *dx = static_cast<T*>(t.dx), *dweight = static_cast<T*>(t.dweight), *dbias = static_cast<T*>(t.dbias);
  const int64_t step = s.channels * s.inner;
  const double count = static_cast<double>(s.samples * s.inner);
  ForChannels(s, [&](int64_t c) {
    const int64_t first = c * s.inner;
    const T mean = means[c], factor = scales[c] * At<T>(t.weight, c, 1);
    const double scale = static_cast<double>(scales[c]);
    Products sums;
    if (!given || dweight || dbias) {
      for (int64_t n = 0; n < s.samples; n++) sums.Add(dy + n * step + first, x + n * step + first, s.inner, mean);
    }
    if (dweight) dweight[c] = static_cast<T>(sums.product * scale);
    if (dbias) dbias[c] = static_cast<T>(sums.dy);
    if (!dx) return;
    const T offset = given ? T(0) : static_cast<T>(sums.dy / count);
    const T slope = given ? T(0) : static_cast<T>(sums.product / count * scale * scale);
    for (int64_t n = 0; n < s.samples; n++) {
      const int64_t at = n * step + first;
      Gradient(dy + at, x + at, dx + at, s.inner, T(1), mean, offset, slope, factor);
    }
  });
}

// ---- group ----------------------------------------------------------------------------------------------------------

// Statistics of each sample's groups; weight and bias of each channel.
template <class T>
void GroupTyped(const NormSizes& s, int64_t groups, const NormTensors& t, double eps) {
  const int64_t members = s.channels / groups, length = members * s.inner;
  T *means = static_cast<T*>(t.mean), *scales = static_cast<T*>(t.scale);
  ParallelFor(s.samples * groups, Max(int64_t{1}, kGrain / Max(int64_t{1}, length)), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const T* x = static_cast<const T*>(t.x) + task * length;
      T* y = static_cast<T*>(t.y) + task * length;
      Moments moments;
      moments.Add(x, length);
      const T mean = static_cast<T>(moments.mean), scale = static_cast<T>(InverseRoot(moments.Variance() + eps));
      means[task] = mean;
      scales[task] = scale;
      const int64_t first = task % groups * members;
      for (int64_t c = 0; c < members; c++) {
        const T factor = scale * At<T>(t.weight, first + c, 1);
        Scale(x + c * s.inner, y + c * s.inner, s.inner, mean, factor, At<T>(t.bias, first + c, 0));
      }
    }
  });
}

template <class T>
void GroupBackwardTyped(const NormSizes& s, int64_t groups, const NormGradients& t) {
  const int64_t members = s.channels / groups, length = members * s.inner;
  const T *means = static_cast<const T*>(t.mean), *scales = static_cast<const T*>(t.scale);
  T *dweight = static_cast<T*>(t.dweight), *dbias = static_cast<T*>(t.dbias);
  // Of each sample and channel, for the sums over samples afterwards.
  Scratch scratch(s.samples * s.channels * static_cast<int64_t>(sizeof(Products)));
  Products* all = static_cast<Products*>(scratch.data());
  ParallelFor(s.samples * groups, Max(int64_t{1}, kGrain / Max(int64_t{1}, length)), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const T* dy = static_cast<const T*>(t.dy) + task * length;
      const T* x = static_cast<const T*>(t.x) + task * length;
      const int64_t first = task % groups * members;
      Products* sums = all + task * members;
      double total = 0, product = 0;
      for (int64_t c = 0; c < members; c++) {
        sums[c] = Products();
        sums[c].Add(dy + c * s.inner, x + c * s.inner, s.inner, means[task]);
        const double weight = static_cast<double>(At<T>(t.weight, first + c, 1));
        total += weight * sums[c].dy;
        product += weight * sums[c].product;
      }
      if (!t.dx) continue;
      T* dx = static_cast<T*>(t.dx) + task * length;
      const double scale = static_cast<double>(scales[task]), count = static_cast<double>(length);
      const T offset = static_cast<T>(total / count), slope = static_cast<T>(product / count * scale * scale);
      for (int64_t c = 0; c < members; c++) {
        Gradient(dy + c * s.inner, x + c * s.inner, dx + c * s.inner, s.inner, At<T>(t.weight, first + c, 1),
                 means[task], offset, slope, scales[task]);
      }
    }
  });
  if (!dweight && !dbias) return;
  for (int64_t c = 0; c < s.channels; c++) {
    double weight = 0, bias = 0;
    for (int64_t n = 0; n < s.samples; n++) {
      const Products& sums = all[n * s.channels + c];
      weight += sums.product * static_cast<double>(scales[n * groups + c / members]);
      bias += sums.dy;
    }
    if (dweight) dweight[c] = static_cast<T>(weight);
    if (dbias) dbias[c] = static_cast<T>(bias);
  }
}

}  // namespace

void BatchNorm(const NormSizes& s, DType dtype, const NormTensors& t, bool given, double eps, double* variances) {
  dtype == DType::kFloat32 ? BatchTyped<float>(s, t, given, eps, variances)
                           : BatchTyped<double>(s, t, given, eps, variances);
}

void BatchNormBackward(const NormSizes& s, DType dtype, const NormGradients& t, bool given) {
  dtype == DType::kFloat32 ? BatchBackwardTyped<float>(s, t, given) : BatchBackwardTyped<double>(s, t, given);
}

void GroupNorm(const NormSizes& s, int64_t groups, DType dtype, const NormTensors& t, double eps) {
  dtype == DType::kFloat32 ? GroupTyped<float>(s, groups, t, eps) : GroupTyped<double>(s, groups, t, eps);
}

void GroupNormBackward(const NormSizes& s, int64_t groups, DType dtype, const NormGradients& t) {
  dtype == DType::kFloat32 ? GroupBackwardTyped<float>(s, groups, t) : GroupBackwardTyped<double>(s, groups, t);
}

}  // namespace GB_ISA
}  // namespace gb
