// Batch, group and layer normalisation and their gradients.
//
// Mean and squared deviation are taken block by block: a block is read from memory once, for its mean, and again from
// the first-level cache, for the deviations from that mean; blocks are joined in double. So nothing cancels, whatever
// the mean. Then the values are scaled while the channel (or row) is still in the second-level cache. Results do not
// depend on the threads: sums over channels belong to one task, sums over rows are cut into chunks of one size. Limited
// by memory.
#include "cpu/norm.h"

#include <utility>

#include "core/storage.h"
#include "core/threads.h"
#include "cpu/isa.h"
#include "cpu/tables.h"
#include "cpu/vector.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kBlock = 4096;   // elements
constexpr int64_t kGrain = 32768;  // elements for one thread
constexpr int64_t kColumns = 64;
constexpr int64_t kRows = 64;  // of one chunk

template <class T, int kLanes>
struct LanesOf {
  typedef T Type __attribute__((vector_size(kLanes * sizeof(T))));
};
template <class T, int kLanes>
using Lanes = typename LanesOf<T, kLanes>::Type;

// One half of a vector's lanes, from the given one on.
template <int kFirst, class V, int... I>
GB_FORCE_INLINE auto Half(V v, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(v, v, (kFirst + I)...);
}

// Sum of the lanes, the halves added pairwise.
template <class T, int kLanes = kWidth<T>>
GB_FORCE_INLINE T Total(Lanes<T, kLanes> v) {
  if constexpr (kLanes == 2) {
    return v[0] + v[1];
  } else {
    using Sequence = std::make_integer_sequence<int, kLanes / 2>;
    return Total<T, kLanes / 2>(Half<0>(v, Sequence{}) + Half<kLanes / 2>(v, Sequence{}));
  }
}

// Adds term(i), a vector from element i, and last(i), a single one, over n elements.
template <class T, class F, class G>
GB_FORCE_INLINE T AddUp(int64_t n, const F& term, const G& last) {
  constexpr int64_t kStep = kWidth<T>;
  Vector<T> a{}, b{}, c{}, d{};
  int64_t i = 0;
  for (; i + kStep * 4 <= n; i += kStep * 4) {
    a += term(i);
    b += term(i + kStep);
    c += term(i + kStep * 2);
    d += term(i + kStep * 3);
  }
  for (; i + kStep <= n; i += kStep) a += term(i);
  T sum = i > 0 ? Total<T>((a + b) + (c + d)) : T(0);
  for (; i < n; i++) sum += last(i);
  return sum;
}

// Count, mean and squared deviations of what was seen so far.
struct Moments {
  double count = 0, mean = 0, squares = 0;

  void Join(double n, double its_mean, double its_squares) {
    if (count == 0) {
      count = n;
      mean = its_mean;
      squares = its_squares;
      return;
    }
    const double total = count + n, step = its_mean - mean;
    squares += its_squares + step * step * (count * n / total);
    mean += step * (n / total);
    count = total;
  }

  template <class T>
  void Add(const T* x, int64_t n) {
    for (int64_t begin = 0; begin < n; begin += kBlock) {
      const T* p = x + begin;
      const int64_t length = Min(kBlock, n - begin);
      const double sum = AddUp<T>(
          length, [&](int64_t i) { return Load(p + i); }, [&](int64_t i) { return p[i]; });
      const double exact = sum / static_cast<double>(length);
      const T near = static_cast<T>(exact);
      const double about = AddUp<T>(
          length,
          [&](int64_t i) {
            const Vector<T> off = Load(p + i) - near;
            return off * off;
          },
          [&](int64_t i) { return (p[i] - near) * (p[i] - near); });
      const double shift = exact - static_cast<double>(near);
      Join(static_cast<double>(length), exact, Max(0.0, about - shift * shift * static_cast<double>(length)));
    }
  }

  double Variance() const { return squares / count; }
};

double InverseRoot(double x) { return 1 / __builtin_sqrt(x); }

template <class T>
GB_FORCE_INLINE void Scale(const T* x, T* y, int64_t n, T mean, T scale, T bias) {
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * scale + bias;
}

// Σ dy and Σ dy·(x − mean) of a run, added to what is there.
struct Products {
  double dy = 0, product = 0;

  template <class T>
  void Add(const T* grad, const T* x, int64_t n, T mean) {
    for (int64_t begin = 0; begin < n; begin += kBlock) {
      const T *g = grad + begin, *p = x + begin;
      const int64_t length = Min(kBlock, n - begin);
      constexpr int64_t kStep = kWidth<T>;
      Vector<T> a{}, b{}, c{}, d{};
      int64_t i = 0;
      for (; i + kStep * 2 <= length; i += kStep * 2) {
        const Vector<T> g0 = Load(g + i), g1 = Load(g + i + kStep);
        a += g0;
        b += g1;
        c += g0 * (Load(p + i) - mean);
        d += g1 * (Load(p + i + kStep) - mean);
      }
      T sum = i > 0 ? Total<T>(a + b) : T(0), with_x = i > 0 ? Total<T>(c + d) : T(0);
      for (; i < length; i++) {
        sum += g[i];
        with_x += g[i] * (p[i] - mean);
      }
      dy += sum;
      product += with_x;
    }
  }
};

// dx = (dy·weight − offset − (x − mean)·slope)·scale
template <class T>
GB_FORCE_INLINE void Gradient(const T* dy, const T* x, T* dx, int64_t n, T weight, T mean, T offset, T slope, T scale) {
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) dx[i] = (dy[i] * weight - offset - (x[i] - mean) * slope) * scale;
}

template <class T>
T At(const void* values, int64_t i, T otherwise) {
  return values ? static_cast<const T*>(values)[i] : otherwise;
}

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
GB_FORCE_INLINE V LoadLanes(const T* from) {
  V v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

template <class V, class T>
GB_FORCE_INLINE void StoreLanes(T* to, V v) {
  __builtin_memcpy(to, &v, sizeof v);
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

// ---- layer ----------------------------------------------------------------------------------------------------------

// Statistics of each row; weight and bias of each column. `root`: by the root of the mean square, about 0.
template <class T>
void LayerTyped(int64_t rows, int64_t n, const NormTensors& t, bool root, double eps) {
  const T *weight = static_cast<const T*>(t.weight), *bias = static_cast<const T*>(t.bias);
  T *means = static_cast<T*>(t.mean), *scales = static_cast<T*>(t.scale);
  ParallelFor(rows, Max(int64_t{1}, kGrain / Max(int64_t{1}, n)), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const T* x = static_cast<const T*>(t.x) + row * n;
      T* y = static_cast<T*>(t.y) + row * n;
      Moments moments;
      moments.Add(x, n);
      const double about = root ? moments.mean * moments.mean : 0;
      const T mean = root ? T(0) : static_cast<T>(moments.mean);
      const T scale = static_cast<T>(InverseRoot(moments.Variance() + about + eps));
      means[row] = mean;
      scales[row] = scale;
      if (weight && bias) {
        GB_INDEPENDENT
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * scale * weight[i] + bias[i];
      } else if (weight) {
        GB_INDEPENDENT
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * scale * weight[i];
      } else if (bias) {
        GB_INDEPENDENT
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * scale + bias[i];
      } else {
        Scale(x, y, n, mean, scale, T(0));
      }
    }
  });
}

// One row's share of the gradients of weight and bias.
template <class T>
GB_FORCE_INLINE void AddColumns(const T* dy, const T* x, int64_t n, T mean, T scale, T* dweight, T* dbias) {
  if (dweight) {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) dweight[i] += dy[i] * (x[i] - mean) * scale;
  }
  if (dbias) {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) dbias[i] += dy[i];
  }
}

template <class T>
void LayerBackwardRow(const T* dy, const T* x, const T* weight, T* dx, T* buffer, int64_t n, T mean, T scale,
                      bool root) {
  if (weight) {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) buffer[i] = dy[i] * weight[i];
  }
  const T* grad = weight ? buffer : dy;
  Products sums;
  sums.Add(grad, x, n, mean);
  const double wide = static_cast<double>(scale), count = static_cast<double>(n);
  const T offset = root ? T(0) : static_cast<T>(sums.dy / count);
  Gradient(grad, x, dx, n, T(1), mean, offset, static_cast<T>(sums.product / count * wide * wide), scale);
}

template <class T>
void LayerBackwardTyped(int64_t rows, int64_t n, const NormGradients& t, bool root) {
  const T *means = static_cast<const T*>(t.mean), *scales = static_cast<const T*>(t.scale);
  T *dweight = static_cast<T*>(t.dweight), *dbias = static_cast<T*>(t.dbias);
  const int64_t chunks = (rows + kRows - 1) / kRows;
  const int64_t each = (dweight ? n : 0) + (dbias ? n : 0);
  Scratch scratch(chunks * each * static_cast<int64_t>(sizeof(T)));
  T* parts = static_cast<T*>(scratch.data());
  ParallelFor(chunks, Max(int64_t{1}, kGrain / Max(int64_t{1}, n * kRows)), [&](int64_t begin, int64_t end) {
    Scratch row_scratch(n * static_cast<int64_t>(sizeof(T)));
    T* buffer = static_cast<T*>(row_scratch.data());
    for (int64_t chunk = begin; chunk < end; chunk++) {
      T* part = parts + chunk * each;
      for (int64_t i = 0; i < each; i++) part[i] = 0;
      for (int64_t row = chunk * kRows; row < Min(rows, (chunk + 1) * kRows); row++) {
        const T *dy = static_cast<const T*>(t.dy) + row * n, *x = static_cast<const T*>(t.x) + row * n;
        AddColumns(dy, x, n, means[row], scales[row], dweight ? part : nullptr,
                   dbias ? part + (dweight ? n : 0) : nullptr);
        if (!t.dx) continue;
        LayerBackwardRow(dy, x, static_cast<const T*>(t.weight), static_cast<T*>(t.dx) + row * n, buffer, n, means[row],
                         scales[row], root);
      }
    }
  });
  ParallelFor(each, Max(int64_t{1}, kGrain / Max(int64_t{1}, chunks)), [&](int64_t begin, int64_t end) {
    for (int64_t first = begin; first < end; first += kColumns) {
      const int64_t width = Min(kColumns, end - first);
      double sums[kColumns] = {};
      for (int64_t chunk = 0; chunk < chunks; chunk++) {
        const T* part = parts + chunk * each + first;
        GB_INDEPENDENT
        for (int64_t j = 0; j < width; j++) sums[j] += static_cast<double>(part[j]);
      }
      for (int64_t j = 0; j < width; j++) {
        const int64_t at = first + j;
        if (dweight && at < n) {
          dweight[at] = static_cast<T>(sums[j]);
        } else {
          dbias[at - (dweight ? n : 0)] = static_cast<T>(sums[j]);
        }
      }
    }
  });
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

void LayerNorm(int64_t rows, int64_t n, DType dtype, const NormTensors& t, bool root, double eps) {
  dtype == DType::kFloat32 ? LayerTyped<float>(rows, n, t, root, eps) : LayerTyped<double>(rows, n, t, root, eps);
}

void LayerNormBackward(int64_t rows, int64_t n, DType dtype, const NormGradients& t, bool root) {
  dtype == DType::kFloat32 ? LayerBackwardTyped<float>(rows, n, t, root) : LayerBackwardTyped<double>(rows, n, t, root);
}

}  // namespace GB_ISA
}  // namespace gb
