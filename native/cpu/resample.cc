// Rows of a sparse matrix along one dim: every element of the output is a weighted sum of few elements of the input
// (interpolation, borders, windows), and so is every gradient, by way of the transposed matrix.
//
// Where elements follow the dim in memory, whole runs are combined with one pair of weights at a time, in pieces that
// stay in the first cache; along the last dim, the entries are sorted by their place in the row, so that the loop over
// outputs has a constant number of gathers. Limited by memory, along the last dim by the gathers.
#include <cstring>

#include "core/threads.h"
#include "cpu/isa.h"
#include "cpu/tables.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kPiece = 1024;   // elements
constexpr int64_t kGrain = 32768;  // elements of the output

template <class T>
GB_FORCE_INLINE void Pair(T* to, const T* x, const T* y, T wx, T wy, int64_t n, bool first) {
  if (first) {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) to[i] = static_cast<T>(wx * x[i] + wy * y[i]);
  } else {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) to[i] = static_cast<T>(to[i] + (wx * x[i] + wy * y[i]));
  }
}

template <class T>
GB_FORCE_INLINE void Single(T* to, const T* x, T w, int64_t n, bool first) {
  if (first) {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) to[i] = static_cast<T>(w * x[i]);
  } else {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) to[i] = static_cast<T>(to[i] + w * x[i]);
  }
}

// to = the sum of `count` runs of `inner` elements.
template <class T>
void CombineRuns(T* to, const T* a, int64_t inner, const int32_t* columns, const T* weights, int64_t count) {
  if (count == 0) {
    std::memset(to, 0, static_cast<size_t>(inner) * sizeof(T));
    return;
  }
  if (count == 1 && !weights) {
    std::memcpy(to, a + columns[0] * inner, static_cast<size_t>(inner) * sizeof(T));
    return;
  }
  for (int64_t begin = 0; begin < inner; begin += kPiece) {
    const int64_t n = Min(kPiece, inner - begin);
    const T* from = a + begin;
    int64_t k = 0;
    for (; k + 1 < count; k += 2) {
      Pair<T>(to + begin, from + columns[k] * inner, from + columns[k + 1] * inner, weights ? weights[k] : T(1),
              weights ? weights[k + 1] : T(1), n, k == 0);
    }
    if (k < count) Single<T>(to + begin, from + columns[k] * inner, weights ? weights[k] : T(1), n, k == 0);
  }
}

// One row of the output where the dim is the last and every output has kTaps entries, sorted by tap.
template <class T, int kTaps>
GB_FORCE_INLINE void GatherRow(T* to, const T* a, const int32_t* columns, const T* weights, int64_t n) {
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) {
    T sum = static_cast<T>(weights[i] * a[columns[i]]);
    for (int tap = 1; tap < kTaps; tap++) {
      sum = static_cast<T>(sum + weights[tap * n + i] * a[columns[tap * n + i]]);
    }
    to[i] = sum;
  }
}

template <class T>
void LastDimRow(T* to, const T* a, const SparseRows& matrix) {
  const int64_t n = matrix.rows;
  if (matrix.runs) {
    for (int64_t run = 0; run < matrix.run_count; run++) {
      const int64_t* at = matrix.runs + 3 * run;
      if (at[2] == 1) {
        to[at[0]] = a[at[1]];
      } else {
        std::memcpy(to + at[0], a + at[1], static_cast<size_t>(at[2]) * sizeof(T));
      }
    }
    return;
  }
  const T* weights = static_cast<const T*>(matrix.weights);
  if (matrix.taps == 1 && !weights) {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) to[i] = a[matrix.columns[i]];
    return;
  }
  if (weights && matrix.columns_by_tap) {
    const T* by_tap = static_cast<const T*>(matrix.weights_by_tap);
    if (matrix.taps == 2) return GatherRow<T, 2>(to, a, matrix.columns_by_tap, by_tap, n);
    if (matrix.taps == 4) return GatherRow<T, 4>(to, a, matrix.columns_by_tap, by_tap, n);
  }
  for (int64_t i = 0; i < n; i++) {
    T sum = 0;
    for (int64_t k = matrix.starts[i]; k < matrix.starts[i + 1]; k++) {
      const T x = a[matrix.columns[k]];
      sum = static_cast<T>(sum + (weights ? weights[k] * x : x));
    }
    to[i] = sum;
  }
}

template <class T>
void ResampleTyped(const Tensor& out, const Tensor& a, int dim, const SparseRows& matrix) {
  T* to = reinterpret_cast<T*>(out.data);
  const T* from = reinterpret_cast<const T*>(a.data);
  const T* weights = static_cast<const T*>(matrix.weights);
  int64_t outer = 1, inner = 1;
  for (int d = 0; d < dim; d++) outer *= out.sizes[d];
  for (int d = dim + 1; d < out.dims; d++) inner *= out.sizes[d];
  const int64_t rows = matrix.rows, columns = a.sizes[dim];
  if (inner == 1) {
    ParallelFor(outer, Max<int64_t>(1, kGrain / rows), [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; o++) LastDimRow<T>(to + o * rows, from + o * columns, matrix);
    });
    return;
  }
  ParallelFor(outer * rows, Max<int64_t>(1, kGrain / inner), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t o = task / rows, i = task % rows, start = matrix.starts[i];
      CombineRuns<T>(to + task * inner, from + o * columns * inner, inner, matrix.columns + start,
                     weights ? weights + start : nullptr, matrix.starts[i + 1] - start);
    }
  });
}

}  // namespace

void Resample(const Tensor& out, const Tensor& a, int dim, const SparseRows& matrix) {
  switch (out.dtype) {
    case DType::kFloat32:
      return ResampleTyped<float>(out, a, dim, matrix);
    case DType::kFloat64:
      return ResampleTyped<double>(out, a, dim, matrix);
    case DType::kInt32:
      return ResampleTyped<int32_t>(out, a, dim, matrix);
    case DType::kInt64:
      return ResampleTyped<int64_t>(out, a, dim, matrix);
    case DType::kUint8:
    case DType::kBool:
      return ResampleTyped<uint8_t>(out, a, dim, matrix);
  }
}

}  // namespace GB_ISA
}  // namespace gb
