// Softmax and log-softmax along one dim, and their gradients from the output.
//
// Rows are walked in blocks of kPad elements, one or more vectors; the last, partial block is padded in a buffer (with
// -infinity, whose exponential is 0), so rows of ten classes cost one block. Three passes: maximum, exponentials with
// their sum, scaling. Where the last dim is another one than the softmax's, its elements make vectors: blocks of
// columns go through the same passes side by side. Other rows that are not contiguous are gathered first. Limited by
// the exponential for rows that fit the cache, by memory for longer ones.
#include <cstring>

#include "core/storage.h"
#include "core/threads.h"
#include "cpu/isa.h"
#include "cpu/tables.h"
#include "cpu/vector.h"
#include "cpu/vmath.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kPad = 16;  // elements; a multiple of every vector width

constexpr int64_t kBlock = 256;

// Joins the lanes of a vector pairwise.
template <class T, class F>
GB_FORCE_INLINE T Join(Vector<T> v, const F& join) {
  T lanes[kWidth<T>];
  StoreVector<T>(lanes, v);
  for (int width = kWidth<T> / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) lanes[lane] = join(lanes[lane], lanes[lane + width]);
  }
  return lanes[0];
}

// n is a multiple of kPad here and below.
template <class T>
GB_FORCE_INLINE T SumOf(const T* p, int64_t n) {
  Vector<T> sum = Load(p);
  for (int64_t i = kWidth<T>; i < n; i += kWidth<T>) sum += Load(p + i);
  return Join<T>(sum, [](T a, T b) { return a + b; });
}

template <class T>
GB_FORCE_INLINE T HighestOf(const T* p, int64_t n) {
  Vector<T> highest = Load(p);
  for (int64_t i = kWidth<T>; i < n; i += kWidth<T>) {
    Vector<T> x = Load(p + i);
    highest = ((x > highest) | (x != x)) ? x : highest;
  }
  return Join<T>(highest, [](T a, T b) { return maximum(a, b); });
}

template <class T>
GB_FORCE_INLINE void Exponentials(const T* from, T* to, T highest, int64_t n) {
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) to[i] = exp(from[i] - highest);
}

// The elements after the last whole block, padded.
template <class T>
struct Tail {
  T x[kPad];
  int64_t begin, n;

  GB_FORCE_INLINE Tail(const T* row, int64_t length, T pad) : begin(length / kPad * kPad), n(length - begin) {
    for (int64_t j = 0; j < kPad; j++) x[j] = pad;
    for (int64_t j = 0; j < n; j += kWidth<T>) CopyFew(x + j, row + begin + j, Min<int64_t>(kWidth<T>, n - j));
  }
  GB_FORCE_INLINE void Store(T* row) const {
    for (int64_t j = 0; j < n; j += kWidth<T>) CopyFew(row + begin + j, x + j, Min<int64_t>(kWidth<T>, n - j));
  }
};

// `in` and `out` may be the same.
template <class T>
void SoftmaxRow(const T* in, T* out, int64_t n, bool log_form) {
  Tail<T> tail(in, n, static_cast<T>(-kInfinity));
  T highest = tail.n ? HighestOf(tail.x, kPad) : in[0];
  if (tail.begin) highest = maximum(HighestOf(in, tail.begin), highest);
  T sum = 0, buffer[kBlock];
  for (int64_t i = 0; i < tail.begin; i += kBlock) {
    T* to = log_form ? buffer : out + i;
    const int64_t length = Min(kBlock, tail.begin - i);
    Exponentials(in + i, to, highest, length);
    sum += SumOf(to, length);
  }
  if (tail.n) {
    T* to = log_form ? buffer : tail.x;
    Exponentials(tail.x, to, highest, kPad);
    sum += SumOf(to, kPad);
  }
  if (log_form) {
    const T shift = log(sum);
    GB_INDEPENDENT
    for (int64_t i = 0; i < tail.begin; i++) out[i] = in[i] - highest - shift;
    for (int64_t j = 0; j < kPad; j++) tail.x[j] = tail.x[j] - highest - shift;
  } else {
    const T scale = T(1) / sum;
    GB_INDEPENDENT
    for (int64_t i = 0; i < tail.begin; i++) out[i] *= scale;
    for (int64_t j = 0; j < kPad; j++) tail.x[j] *= scale;
  }
  tail.Store(out);
}

template <class T>
GB_FORCE_INLINE void Products(const T* a, const T* b, T* to, int64_t n) {
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) to[i] = a[i] * b[i];
}

template <class T>
GB_FORCE_INLINE void Gradient(const T* dy, const T* y, T* dx, T sum, int64_t n, bool log_form) {
  if (log_form) {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) dx[i] = dy[i] - exp(y[i]) * sum;
  } else {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - sum);
  }
}

// dx may be dy.
template <class T>
void SoftmaxBackwardRow(const T* dy, const T* y, T* dx, int64_t n, bool log_form) {
  Tail<T> tail_dy(dy, n, T(0)), tail_y(y, n, T(0));
  T sum = 0, buffer[kBlock];
  auto add = [&](const T* a, const T* b, int64_t length) {
    if (!log_form) Products(a, b, buffer, length);
    sum += SumOf(log_form ? a : buffer, length);
  };
  for (int64_t i = 0; i < tail_y.begin; i += kBlock) add(dy + i, y + i, Min(kBlock, tail_y.begin - i));
  if (tail_y.n) add(tail_dy.x, tail_y.x, kPad);
  if (tail_y.begin) Gradient(dy, y, dx, sum, tail_y.begin, log_form);
  if (!tail_y.n) return;
  Gradient(tail_dy.x, tail_y.x, tail_dy.x, sum, kPad, log_form);
  tail_dy.Store(dx);
}

// A row as contiguous memory: itself, or gathered into the buffer.
template <class T>
const T* Contiguous(const T* row, int64_t stride, int64_t n, T* buffer) {
  if (stride == 1) return row;
  for (int64_t i = 0; i < n; i++) buffer[i] = row[i * stride];
  return buffer;
}

template <class T>
void Scatter(T* row, int64_t stride, const T* buffer, int64_t n) {
  for (int64_t i = 0; i < n; i++) row[i * stride] = buffer[i];
}

// Offsets of row `index` (all dims but `dim`) in tensor t.
int64_t RowOffset(const Tensor& t, int dim, int64_t index) {
  int64_t offset = 0;
  for (int d = t.dims - 1; d >= 0; d--) {
    if (d == dim) continue;
    offset += index % t.sizes[d] * t.strides[d];
    index /= t.sizes[d];
  }
  return offset;
}

constexpr int64_t kColumns = 128;

// n elements apart by a stride, in `columns` neighbouring columns.
template <class T>
void SoftmaxColumns(const T* in, int64_t in_stride, T* out, int64_t out_stride, int64_t n, int64_t columns,
                    bool log_form) {
  T highest[kColumns], sum[kColumns];
  std::memcpy(highest, in, static_cast<size_t>(columns) * sizeof(T));
  std::memset(sum, 0, sizeof sum);
  for (int64_t i = 1; i < n; i++) {
    const T* x = in + i * in_stride;
    GB_INDEPENDENT
    for (int64_t j = 0; j < columns; j++) highest[j] = x[j] > highest[j] || x[j] != x[j] ? x[j] : highest[j];
  }
  for (int64_t i = 0; i < n; i++) {
    const T* x = in + i * in_stride;
    T* y = out + i * out_stride;
    if (log_form) {
      GB_INDEPENDENT
      for (int64_t j = 0; j < columns; j++) sum[j] += exp(x[j] - highest[j]);
      continue;
    }
    GB_INDEPENDENT
    for (int64_t j = 0; j < columns; j++) {
      y[j] = exp(x[j] - highest[j]);
      sum[j] += y[j];
    }
  }
  GB_INDEPENDENT
  for (int64_t j = 0; j < columns; j++) sum[j] = log_form ? log(sum[j]) : T(1) / sum[j];
  for (int64_t i = 0; i < n; i++) {
    const T* x = in + i * in_stride;
    T* y = out + i * out_stride;
    if (log_form) {
      GB_INDEPENDENT
      for (int64_t j = 0; j < columns; j++) y[j] = x[j] - highest[j] - sum[j];
    } else {
      GB_INDEPENDENT
      for (int64_t j = 0; j < columns; j++) y[j] *= sum[j];
    }
  }
}

template <class T>
void SoftmaxBackwardColumns(const T* dy, int64_t dy_stride, const T* y, int64_t y_stride, T* dx, int64_t dx_stride,
                            int64_t n, int64_t columns, bool log_form) {
  T sum[kColumns];
  std::memset(sum, 0, sizeof sum);
  for (int64_t i = 0; i < n; i++) {
    const T *a = dy + i * dy_stride, *b = y + i * y_stride;
    GB_INDEPENDENT
    for (int64_t j = 0; j < columns; j++) sum[j] += log_form ? a[j] : a[j] * b[j];
  }
  for (int64_t i = 0; i < n; i++) {
    const T *a = dy + i * dy_stride, *b = y + i * y_stride;
    T* to = dx + i * dx_stride;
    if (log_form) {
      GB_INDEPENDENT
      for (int64_t j = 0; j < columns; j++) to[j] = a[j] - exp(b[j]) * sum[j];
    } else {
      GB_INDEPENDENT
      for (int64_t j = 0; j < columns; j++) to[j] = b[j] * (a[j] - sum[j]);
    }
  }
}

// Whether the last dim is another one than `dim` and makes vectors.
bool HasColumns(const Tensor& t, int dim) {
  return t.dims > 1 && dim != t.dims - 1 && t.strides[t.dims - 1] == 1 && t.sizes[t.dims - 1] >= 8;
}

struct Rows {
  int64_t count, n;

  Rows(const Tensor& out, int dim) : count(1), n(out.dims ? out.sizes[dim] : 1) {
    for (int d = 0; d < out.dims; d++) count *= d == dim ? 1 : out.sizes[d];
  }
  int64_t Grain() const { return Max(int64_t{1}, 8192 / Max(n, kPad)); }

  // Calls body(index of the first row, number of rows) for rows that are neighbours along the last dim.
  template <class F>
  void ForColumns(int64_t last, const F& body) const {
    const int64_t blocks = (last + kColumns - 1) / kColumns;
    ParallelFor(count / last * blocks, Max(int64_t{1}, 8192 / (n * Min(last, kColumns))),
                [&](int64_t begin, int64_t end) {
                  for (int64_t task = begin; task < end; task++) {
                    const int64_t first = task % blocks * kColumns;
                    body(task / blocks * last + first, Min(kColumns, last - first));
                  }
                });
  }
};

int64_t StrideOf(const Tensor& t, int dim) { return t.dims ? t.strides[dim] : 1; }

template <class T>
void SoftmaxTyped(const Tensor& out, const Tensor& a, int dim, bool log_form) {
  const Rows rows(out, dim);
  const T* in = reinterpret_cast<const T*>(a.data);
  T* to = reinterpret_cast<T*>(out.data);
  const int64_t stride = StrideOf(out, dim);
  if (HasColumns(out, dim) && HasColumns(a, dim)) {
    return rows.ForColumns(out.sizes[out.dims - 1], [&](int64_t index, int64_t columns) {
      SoftmaxColumns(in + RowOffset(a, dim, index), a.strides[dim], to + RowOffset(out, dim, index), stride, rows.n,
                     columns, log_form);
    });
  }
  ParallelFor(rows.count, rows.Grain(), [&](int64_t begin, int64_t end) {
    Scratch scratch(rows.n * static_cast<int64_t>(sizeof(T)));
    T* buffer = static_cast<T*>(scratch.data());
    for (int64_t index = begin; index < end; index++) {
      const T* from = Contiguous(in + RowOffset(a, dim, index), StrideOf(a, dim), rows.n, buffer);
      T* target = to + RowOffset(out, dim, index);
      SoftmaxRow(from, stride == 1 ? target : buffer, rows.n, log_form);
      if (stride != 1) Scatter(target, stride, buffer, rows.n);
    }
  });
}

template <class T>
void SoftmaxBackwardTyped(const Tensor& out, const Tensor& dy, const Tensor& y, int dim, bool log_form) {
  const Rows rows(out, dim);
  const T* from_dy = reinterpret_cast<const T*>(dy.data);
  const T* from_y = reinterpret_cast<const T*>(y.data);
  T* to = reinterpret_cast<T*>(out.data);
  const int64_t stride = StrideOf(out, dim);
  if (HasColumns(out, dim) && HasColumns(dy, dim) && HasColumns(y, dim)) {
    return rows.ForColumns(out.sizes[out.dims - 1], [&](int64_t index, int64_t columns) {
      SoftmaxBackwardColumns(from_dy + RowOffset(dy, dim, index), dy.strides[dim], from_y + RowOffset(y, dim, index),
                             y.strides[dim], to + RowOffset(out, dim, index), stride, rows.n, columns, log_form);
    });
  }
  ParallelFor(rows.count, rows.Grain(), [&](int64_t begin, int64_t end) {
    Scratch scratch(rows.n * 2 * static_cast<int64_t>(sizeof(T)));
    T* buffer_dy = static_cast<T*>(scratch.data());
    T* buffer_y = buffer_dy + rows.n;
    for (int64_t index = begin; index < end; index++) {
      const T* row_dy = Contiguous(from_dy + RowOffset(dy, dim, index), StrideOf(dy, dim), rows.n, buffer_dy);
      const T* row_y = Contiguous(from_y + RowOffset(y, dim, index), StrideOf(y, dim), rows.n, buffer_y);
      T* target = to + RowOffset(out, dim, index);
      SoftmaxBackwardRow(row_dy, row_y, stride == 1 ? target : buffer_dy, rows.n, log_form);
      if (stride != 1) Scatter(target, stride, buffer_dy, rows.n);
    }
  });
}

}  // namespace

void Softmax(const Tensor& out, const Tensor& a, int dim, bool log) {
  if (out.dtype == DType::kFloat32) {
    SoftmaxTyped<float>(out, a, dim, log);
  } else {
    SoftmaxTyped<double>(out, a, dim, log);
  }
}

void SoftmaxBackward(const Tensor& out, const Tensor& dy, const Tensor& y, int dim, bool log) {
  if (out.dtype == DType::kFloat32) {
    SoftmaxBackwardTyped<float>(out, dy, y, dim, log);
  } else {
    SoftmaxBackwardTyped<double>(out, dy, y, dim, log);
  }
}

}  // namespace GB_ISA
}  // namespace gb
