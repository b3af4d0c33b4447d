// Softmax and log-softmax along one dim, and their gradients from the output.
//
// A row is brought into a contiguous buffer that is padded to whole vectors (with -infinity, whose exponential is 0),
// so rows of ten classes cost one vector; rows that are contiguous and long are read in place. Three passes: maximum,
// exponentials with their sum, scaling. Limited by the exponential for short rows, by memory for long ones.
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/isa.h"
#include "cpu/tables.h"
#include "cpu/vmath.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kPad = 16;  // elements; a multiple of every vector width

template <class T>
GB_FORCE_INLINE T Join(const T* lanes) {
  T sum = 0;
  for (int64_t j = 0; j < kPad; j++) sum += lanes[j];
  return sum;
}

// In place on n elements, n a multiple of kPad.
template <class T>
void SoftmaxRow(T* row, int64_t n, bool log_form) {
  T lanes[kPad];
  for (int64_t j = 0; j < kPad; j++) lanes[j] = row[j];
  for (int64_t i = kPad; i < n; i += kPad) {
    for (int64_t j = 0; j < kPad; j++) lanes[j] = maximum(lanes[j], row[i + j]);
  }
  T highest = lanes[0];
  for (int64_t j = 1; j < kPad; j++) highest = maximum(highest, lanes[j]);
  for (int64_t j = 0; j < kPad; j++) lanes[j] = 0;
  if (log_form) {
    for (int64_t i = 0; i < n; i += kPad) {
      for (int64_t j = 0; j < kPad; j++) {
        T x = row[i + j] - highest;
        row[i + j] = x;
        lanes[j] += exp(x);
      }
    }
    T shift = log(Join(lanes));
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) row[i] -= shift;
    return;
  }
  for (int64_t i = 0; i < n; i += kPad) {
    for (int64_t j = 0; j < kPad; j++) {
      T y = exp(row[i + j] - highest);
      row[i + j] = y;
      lanes[j] += y;
    }
  }
  T scale = T(1) / Join(lanes);
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) row[i] *= scale;
}

// dx into dy's buffer; n a multiple of kPad, padded with 0 in both.
template <class T>
void SoftmaxBackwardRow(T* dy, const T* y, int64_t n, bool log_form) {
  T lanes[kPad];
  for (int64_t j = 0; j < kPad; j++) lanes[j] = 0;
  for (int64_t i = 0; i < n; i += kPad) {
    for (int64_t j = 0; j < kPad; j++) lanes[j] += log_form ? dy[i + j] : dy[i + j] * y[i + j];
  }
  T sum = Join(lanes);
  if (log_form) {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) dy[i] -= exp(y[i]) * sum;
  } else {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) dy[i] = y[i] * (dy[i] - sum);
  }
}

template <class T>
void GatherRow(T* to, const T* from, int64_t stride, int64_t n, int64_t padded, T pad) {
  if (stride == 1) {
    for (int64_t i = 0; i < n; i++) to[i] = from[i];
  } else {
    for (int64_t i = 0; i < n; i++) to[i] = from[i * stride];
  }
  for (int64_t i = n; i < padded; i++) to[i] = pad;
}

template <class T>
void ScatterRow(T* to, int64_t stride, const T* from, int64_t n) {
  if (stride == 1) {
    for (int64_t i = 0; i < n; i++) to[i] = from[i];
  } else {
    for (int64_t i = 0; i < n; i++) to[i * stride] = from[i];
  }
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

struct Rows {
  int64_t count, n, padded;

  Rows(const Tensor& out, int dim) : count(1), n(out.dims ? out.sizes[dim] : 1) {
    for (int d = 0; d < out.dims; d++) count *= d == dim ? 1 : out.sizes[d];
    padded = (n + kPad - 1) / kPad * kPad;
  }
  int64_t Grain() const { return Max(int64_t{1}, 8192 / padded); }
};

int64_t StrideOf(const Tensor& t, int dim) { return t.dims ? t.strides[dim] : 1; }

template <class T>
void SoftmaxTyped(const Tensor& out, const Tensor& a, int dim, bool log_form) {
  const Rows rows(out, dim);
  if (rows.n == 0) return;
  const T* in = reinterpret_cast<const T*>(a.data);
  T* to = reinterpret_cast<T*>(out.data);
  ParallelFor(rows.count, rows.Grain(), [&](int64_t begin, int64_t end) {
    Scratch scratch(rows.padded * static_cast<int64_t>(sizeof(T)));
    T* row = static_cast<T*>(scratch.data());
    for (int64_t index = begin; index < end; index++) {
      GatherRow<T>(row, in + RowOffset(a, dim, index), StrideOf(a, dim), rows.n, rows.padded,
                   static_cast<T>(-kInfinity));
      SoftmaxRow<T>(row, rows.padded, log_form);
      ScatterRow<T>(to + RowOffset(out, dim, index), StrideOf(out, dim), row, rows.n);
    }
  });
}

template <class T>
void SoftmaxBackwardTyped(const Tensor& out, const Tensor& dy, const Tensor& y, int dim, bool log_form) {
  const Rows rows(out, dim);
  if (rows.n == 0) return;
  const T* from_dy = reinterpret_cast<const T*>(dy.data);
  const T* from_y = reinterpret_cast<const T*>(y.data);
  T* to = reinterpret_cast<T*>(out.data);
  ParallelFor(rows.count, rows.Grain(), [&](int64_t begin, int64_t end) {
    Scratch scratch(rows.padded * 2 * static_cast<int64_t>(sizeof(T)));
    T* row_dy = static_cast<T*>(scratch.data());
    T* row_y = row_dy + rows.padded;
    for (int64_t index = begin; index < end; index++) {
      GatherRow<T>(row_dy, from_dy + RowOffset(dy, dim, index), StrideOf(dy, dim), rows.n, rows.padded, T(0));
      GatherRow<T>(row_y, from_y + RowOffset(y, dim, index), StrideOf(y, dim), rows.n, rows.padded, T(0));
      SoftmaxBackwardRow<T>(row_dy, row_y, rows.padded, log_form);
      ScatterRow<T>(to + RowOffset(out, dim, index), StrideOf(out, dim), row_dy, rows.n);
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
