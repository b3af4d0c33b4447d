// One layer and direction of a recurrent network over all steps, forward and backward.
//
// The caller has multiplied all inputs by the input weights in one product; what is left for each step is a product of
// the state with the recurrent weights, added to that step's rows, and the gates, all of a row in one pass. The weights
// are transposed once per call into rows that lie a little further apart than a power of two, so that the products read
// them in place instead of packing them again at every step. Forward leaves behind what backward reads: the gates after
// their activation, and for each row what came before it. Limited by the products for wide layers, by the exponentials
// of the gates for narrow ones.
//
// Sequences of different lengths are sorted, longest first: step t has rows for the first sizes[t] of them. The state
// has a row for each sequence and changes in place, so that in the end a finished one holds its last step.
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/isa.h"
#include "cpu/tables.h"
#include "cpu/vmath.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kGateWork = 2048;  // elements of state worth a task of their own

Tensor Matrix(const void* data, DType dtype, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride) {
  Tensor t{};
  t.data = static_cast<char*>(const_cast<void*>(data));
  t.dtype = dtype;
  t.dims = 2;
  t.sizes[0] = rows;
  t.sizes[1] = columns;
  t.strides[0] = row_stride;
  t.strides[1] = column_stride;
  return t;
}

Tensor VectorOfSize(const void* data, DType dtype, int64_t n) {
  Tensor t{};
  t.data = static_cast<char*>(const_cast<void*>(data));
  t.dtype = dtype;
  t.dims = 1;
  t.sizes[0] = n;
  t.strides[0] = 1;
  return t;
}

template <class T>
T* Row(void* data, int64_t row, int64_t width) {
  return data ? static_cast<T*>(data) + row * width : nullptr;
}

template <class T>
const T* Row(const void* data, int64_t row, int64_t width) {
  return data ? static_cast<const T*>(data) + row * width : nullptr;
}

template <class T>
GB_FORCE_INLINE T Sigmoid(T x) {
  return T(1) / (T(1) + exp(-x));
}

template <class T>
GB_FORCE_INLINE void CopyRow(T* to, const T* from, int64_t n) {
  GB_INDEPENDENT
  for (int64_t j = 0; j < n; j++) to[j] = from[j];
}

// Calls rows(begin, end) for the rows of one step on the threads.
template <class F>
void ForRows(int64_t rows, int64_t width, const F& run) {
  ParallelFor(rows, Max(int64_t{1}, kGateWork / Max(int64_t{1}, width)), run);
}

// Calls step(first row, rows) for every step in the order of the recurrence, or against it.
template <class F>
void ForSteps(const RecurrentLayer& r, bool against, const F& step) {
  const bool down = r.reverse != against;
  int64_t at = down ? r.rows : 0;
  for (int64_t i = 0; i < r.steps; i++) {
    const int64_t size = r.sizes[down ? r.steps - 1 - i : i];
    if (down) at -= size;
    if (size > 0) step(at, size);
    if (!down) at += size;
  }
}

// ---- the gates of one row, forward ----------------------------------------------------------------------------------

template <class T>
GB_FORCE_INLINE void LstmRow(T* gates, T* h, T* c, T* output, T* tanh_c, int64_t n) {
  T *input = gates, *forget = gates + n, *cell = gates + 2 * n, *out = gates + 3 * n;
  GB_INDEPENDENT
  for (int64_t j = 0; j < n; j++) {
    const T i = Sigmoid(input[j]), f = Sigmoid(forget[j]), g = tanh(cell[j]), o = Sigmoid(out[j]);
    const T state = f * c[j] + i * g;
    const T squashed = tanh(state);
    const T result = o * squashed;
    input[j] = i;
    forget[j] = f;
    cell[j] = g;
    out[j] = o;
    c[j] = state;
    h[j] = result;
    output[j] = result;
    tanh_c[j] = squashed;
  }
}

template <class T>
GB_FORCE_INLINE void GruRow(T* gates, const T* from_state, T* h, T* output, int64_t n) {
  T *reset = gates, *update = gates + n, *fresh = gates + 2 * n;
  GB_INDEPENDENT
  for (int64_t j = 0; j < n; j++) {
    const T r = Sigmoid(reset[j] + from_state[j]);
    const T z = Sigmoid(update[j] + from_state[n + j]);
    const T candidate = tanh(fresh[j] + r * from_state[2 * n + j]);
    const T result = candidate + z * (h[j] - candidate);
    reset[j] = r;
    update[j] = z;
    fresh[j] = candidate;
    h[j] = result;
    output[j] = result;
  }
}

template <class T>
GB_FORCE_INLINE void TanhRow(T* gates, T* h, T* output, int64_t n) {
  GB_INDEPENDENT
  for (int64_t j = 0; j < n; j++) h[j] = output[j] = gates[j] = tanh(gates[j]);
}

template <class T>
GB_FORCE_INLINE void ReluRow(T* gates, T* h, T* output, int64_t n) {
  GB_INDEPENDENT
  for (int64_t j = 0; j < n; j++) h[j] = output[j] = gates[j] = maximum(gates[j], T(0));
}

// ---- the gates of one row, backward ---------------------------------------------------------------------------------

// dh arrives with the gradient of this step's result.
template <class T>
GB_FORCE_INLINE void LstmRowBackward(const T* gates, const T* previous_c, const T* tanh_c, const T* dh, T* dc,
                                     T* d_gates, int64_t n) {
  GB_INDEPENDENT
  for (int64_t j = 0; j < n; j++) {
    const T i = gates[j], f = gates[n + j], g = gates[2 * n + j], o = gates[3 * n + j];
    const T squashed = tanh_c[j];
    const T d = dc[j] + dh[j] * o * (T(1) - squashed * squashed);
    d_gates[j] = d * g * i * (T(1) - i);
    d_gates[n + j] = d * previous_c[j] * f * (T(1) - f);
    d_gates[2 * n + j] = d * i * (T(1) - g * g);
    d_gates[3 * n + j] = dh[j] * squashed * o * (T(1) - o);
    dc[j] = d * f;
  }
}

template <class T>
GB_FORCE_INLINE void GruRowBackward(const T* gates, const T* previous_h, const T* from_state, T* dh, T* d_gates,
                                    T* d_state, int64_t n) {
  GB_INDEPENDENT
  for (int64_t j = 0; j < n; j++) {
    const T r = gates[j], z = gates[n + j], candidate = gates[2 * n + j];
    const T d_fresh = dh[j] * (T(1) - z) * (T(1) - candidate * candidate);
    const T d_reset = d_fresh * from_state[j] * r * (T(1) - r);
    const T d_update = dh[j] * (previous_h[j] - candidate) * z * (T(1) - z);
    d_gates[j] = d_state[j] = d_reset;
    d_gates[n + j] = d_state[n + j] = d_update;
    d_gates[2 * n + j] = d_fresh;
    d_state[2 * n + j] = d_fresh * r;
    dh[j] *= z;
  }
}

template <class T>
GB_FORCE_INLINE void AddRow(T* to, const T* from, int64_t n) {
  GB_INDEPENDENT
  for (int64_t j = 0; j < n; j++) to[j] += from[j];
}

// ---- whole sequences ------------------------------------------------------------------------------------------------

template <class T>
void ForwardTyped(const RecurrentLayer& r, const RecurrentState& s) {
  const int64_t n = r.hidden, width = r.gates * n, stride = width + 16;
  constexpr int64_t kItem = static_cast<int64_t>(sizeof(T));
  Scratch weight(n * stride * kItem);
  Transpose(static_cast<char*>(weight.data()), stride * kItem, static_cast<const char*>(r.weight), n * kItem, width, n,
            kItem);
  const Tensor by = Matrix(weight.data(), r.dtype, n, width, stride, 1);
  const bool gru = r.cell == Cell::kGru;
  // A GRU's candidate scales what comes from the state, which is therefore kept apart.
  Scratch products(gru ? r.batch * width * kItem : 0);
  const Tensor bias = VectorOfSize(r.bias, r.dtype, width);
  Scratch unsaved(r.cell == Cell::kLstm && !s.extra ? r.batch * n * kItem : 0);
  ForSteps(r, false, [&](int64_t at, int64_t size) {
    const Tensor before = Matrix(s.h, r.dtype, size, n, n, 1);
    void* target = gru ? products.data() : Row<T>(s.gates, at, width);
    const Tensor out = Matrix(target, r.dtype, size, width, width, 1);
    Gemm(out, before, by, gru && r.bias ? &bias : nullptr, GemmOptions{!gru, false});
    ForRows(size, n, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) {
        T* gates = Row<T>(s.gates, at + row, width);
        T* output = Row<T>(s.output, at + row, n);
        T* h = Row<T>(s.h, row, n);
        if (s.previous_h) CopyRow(Row<T>(s.previous_h, at + row, n), h, n);
        switch (r.cell) {
          case Cell::kLstm: {
            T* c = Row<T>(s.c, row, n);
            if (s.previous_c) CopyRow(Row<T>(s.previous_c, at + row, n), c, n);
            T* squashed = s.extra ? Row<T>(s.extra, at + row, n) : Row<T>(unsaved.data(), row, n);
            LstmRow(gates, h, c, output, squashed, n);
            break;
          }
          case Cell::kGru: {
            const T* from_state = Row<T>(products.data(), row, width);
            if (s.extra) CopyRow(Row<T>(s.extra, at + row, n), from_state + 2 * n, n);
            GruRow(gates, from_state, h, output, n);
            break;
          }
          case Cell::kTanh:
            TanhRow(gates, h, output, n);
            break;
          case Cell::kRelu:
            ReluRow(gates, h, output, n);
            break;
        }
      }
    });
  });
}

template <class T>
void BackwardTyped(const RecurrentLayer& r, const RecurrentGradient& s) {
  const int64_t n = r.hidden, width = r.gates * n;
  const Tensor by = Matrix(r.weight, r.dtype, width, n, n, 1);
  const bool gru = r.cell == Cell::kGru;
  ForSteps(r, true, [&](int64_t at, int64_t size) {
    ForRows(size, n, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) {
        const T* gates = Row<T>(s.gates, at + row, width);
        T* dh = Row<T>(s.dh, row, n);
        T* d_gates = Row<T>(s.d_gates, at + row, width);
        if (s.d_output) AddRow(dh, Row<T>(s.d_output, at + row, n), n);
        switch (r.cell) {
          case Cell::kLstm:
            LstmRowBackward(gates, Row<T>(s.previous_c, at + row, n), Row<T>(s.extra, at + row, n), dh,
                            Row<T>(s.dc, row, n), d_gates, n);
            break;
          case Cell::kGru:
            GruRowBackward(gates, Row<T>(s.previous_h, at + row, n), Row<T>(s.extra, at + row, n), dh, d_gates,
                           Row<T>(s.d_state, at + row, width), n);
            break;
          case Cell::kTanh:
            GB_INDEPENDENT
            for (int64_t j = 0; j < n; j++) d_gates[j] = dh[j] * (T(1) - gates[j] * gates[j]);
            break;
          case Cell::kRelu:
            GB_INDEPENDENT
            for (int64_t j = 0; j < n; j++) d_gates[j] = gates[j] > T(0) ? dh[j] : T(0);
            break;
        }
      }
    });
    const Tensor from = Matrix(Row<T>(gru ? s.d_state : s.d_gates, at, width), r.dtype, size, width, width, 1);
    const Tensor out = Matrix(s.dh, r.dtype, size, n, n, 1);
    Gemm(out, from, by, nullptr, GemmOptions{gru, false});
  });
}

}  // namespace

void RecurrentForward(const RecurrentLayer& recurrence, const RecurrentState& state) {
  if (recurrence.dtype == DType::kFloat32) {
    ForwardTyped<float>(recurrence, state);
  } else {
    ForwardTyped<double>(recurrence, state);
  }
}

void RecurrentBackward(const RecurrentLayer& recurrence, const RecurrentGradient& gradient) {
  if (recurrence.dtype == DType::kFloat32) {
    BackwardTyped<float>(recurrence, gradient);
  } else {
    BackwardTyped<double>(recurrence, gradient);
  }
}

}  // namespace GB_ISA
}  // namespace gb
