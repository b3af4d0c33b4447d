// Maximum or minimum along one dim with the index of its first occurrence; NaN counts as the extreme value. Contiguous
// rows: a vectorised pass finds the value, a second one the place. Otherwise columns are scanned a block at a time, so
// that reads follow memory. Limited by memory.
#include "core/threads.h"
#include "cpu/isa.h"
#include "cpu/tables.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kColumns = 64;

template <class T, bool kMax>
GB_FORCE_INLINE bool Beats(T x, T best) {
  return kMax ? x > best : x < best;
}

template <class T, bool kMax>
int64_t ArgRow(const T* p, int64_t n, int64_t stride) {
  T best = p[0];
  int64_t at = 0;
  if (stride == 1 && n >= 16) {
    // Lanes of their own, joined at the end; a NaN makes every comparison false, so it is looked for by itself.
    constexpr int64_t kLanes = 16;
    T lanes[kLanes];
    uint8_t nan = 0;
    for (int64_t j = 0; j < kLanes; j++) lanes[j] = p[j];
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      for (int64_t j = 0; j < kLanes; j++) lanes[j] = Beats<T, kMax>(p[i + j], lanes[j]) ? p[i + j] : lanes[j];
      for (int64_t j = 0; j < kLanes; j++) nan |= p[i + j] != p[i + j];
    }
    best = lanes[0];
    for (int64_t j = 1; j < kLanes; j++) best = Beats<T, kMax>(lanes[j], best) ? lanes[j] : best;
    for (; i < n; i++) {
      best = Beats<T, kMax>(p[i], best) ? p[i] : best;
      nan |= p[i] != p[i];
    }
    if (!nan) {
      while (p[at] != best) at++;
      return at;
    }
    at = 0;
    best = p[0];
  }
  for (int64_t i = 0; i < n; i++) {
    T x = p[i * stride];
    if (x != x) return i;
    if (Beats<T, kMax>(x, best)) {
      best = x;
      at = i;
    }
  }
  return at;
}

template <class T, bool kMax>
void ArgColumns(const T* p, int64_t n, int64_t stride, int64_t columns, T* best, int64_t* at) {
  for (int64_t j = 0; j < columns; j++) {
    best[j] = p[j];
    at[j] = 0;
  }
  for (int64_t i = 1; i < n; i++) {
    const T* row = p + i * stride;
    GB_INDEPENDENT
    for (int64_t j = 0; j < columns; j++) {
      bool wins = (Beats<T, kMax>(row[j], best[j]) | (row[j] != row[j])) & (best[j] == best[j]);
      best[j] = wins ? row[j] : best[j];
      at[j] = wins ? i : at[j];
    }
  }
}

struct Place {
  int64_t a, values, indices;
};

template <class T, bool kMax>
void ArgReduce(const Tensor* values, const Tensor* indices, const Tensor& a, int dim) {
  const T* in = reinterpret_cast<const T*>(a.data);
  T* to = values ? reinterpret_cast<T*>(values->data) : nullptr;
  int64_t* at = indices ? reinterpret_cast<int64_t*>(indices->data) : nullptr;
  const int64_t n = a.dims ? a.sizes[dim] : 1, stride = a.dims ? a.strides[dim] : 1;
  // The innermost other dim is walked in blocks of columns where it is contiguous and the reduced one is not.
  int inner = a.dims - 1 == dim ? dim - 1 : a.dims - 1;
  const bool columns = inner >= 0 && a.strides[inner] == 1 && stride != 1;
  int64_t count = 1;
  for (int d = 0; d < a.dims; d++) count *= d == dim || (columns && d == inner) ? 1 : a.sizes[d];
  const int64_t width = columns ? a.sizes[inner] : 1;
  auto locate = [&](int64_t index) {
    Place place{0, 0, 0};
    for (int d = a.dims - 1; d >= 0; d--) {
      if (d == dim || (columns && d == inner)) continue;
      int64_t i = index % a.sizes[d];
      index /= a.sizes[d];
      place.a += i * a.strides[d];
      if (values) place.values += i * values->strides[d];
      if (indices) place.indices += i * indices->strides[d];
    }
    return place;
  };
  if (!columns) {
    ParallelFor(count, Max(int64_t{1}, 16384 / n), [&](int64_t begin, int64_t end) {
      for (int64_t index = begin; index < end; index++) {
        Place place = locate(index);
        int64_t best = ArgRow<T, kMax>(in + place.a, n, stride);
        if (to) to[place.values] = in[place.a + best * stride];
        if (at) at[place.indices] = best;
      }
    });
    return;
  }
  const int64_t blocks = (width + kColumns - 1) / kColumns;
  ParallelFor(count * blocks, Max(int64_t{1}, 16384 / (n * Min(width, kColumns))), [&](int64_t begin, int64_t end) {
    T best[kColumns];
    int64_t best_at[kColumns];
    for (int64_t task = begin; task < end; task++) {
      Place place = locate(task / blocks);
      int64_t first = task % blocks * kColumns, wide = Min(kColumns, width - first);
      ArgColumns<T, kMax>(in + place.a + first, n, stride, wide, best, best_at);
      for (int64_t j = 0; j < wide; j++) {
        if (to) to[place.values + (first + j) * values->strides[inner]] = best[j];
        if (at) at[place.indices + (first + j) * indices->strides[inner]] = best_at[j];
      }
    }
  });
}

template <class T>
void ArgReduceTyped(bool max, const Tensor* values, const Tensor* indices, const Tensor& a, int dim) {
  if (max) {
    ArgReduce<T, true>(values, indices, a, dim);
  } else {
    ArgReduce<T, false>(values, indices, a, dim);
  }
}

}  // namespace

void ReduceWithIndex(bool max, const Tensor* values, const Tensor* indices, const Tensor& a, int dim) {
  switch (a.dtype) {
    case DType::kFloat32:
      return ArgReduceTyped<float>(max, values, indices, a, dim);
    case DType::kFloat64:
      return ArgReduceTyped<double>(max, values, indices, a, dim);
    case DType::kInt32:
      return ArgReduceTyped<int32_t>(max, values, indices, a, dim);
    case DType::kInt64:
      return ArgReduceTyped<int64_t>(max, values, indices, a, dim);
    case DType::kUint8:
    case DType::kBool:
      return ArgReduceTyped<uint8_t>(max, values, indices, a, dim);
  }
}

}  // namespace GB_ISA
}  // namespace gb
