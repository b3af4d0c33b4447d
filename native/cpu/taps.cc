// Weighted sums of elements at free positions, the same for all channels (sampling images on a grid), and both
// gradients. With x [N, C, S], values at outputs y [N, C, O], positions and weights [K, N, O], the three functions are
// the parts of one form Σ w·x[position]·y: each leaves one of its factors out. A position below 0 contributes nothing.
//
// Planes (one n and c) run on the threads, or pieces of outputs where the sum is over channels, so every sum is serial
// and the same for any number of threads. Limited by the gathers.
#include "core/threads.h"
#include "cpu/isa.h"
#include "cpu/tables.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kPiece = 512;    // outputs
constexpr int64_t kGrain = 16384;  // elements

template <class T>
void GatherPlanes(const TapsShape& s, T* y, const T* x, const int64_t* positions, const T* weights) {
  ParallelFor(s.batch * s.channels, Max<int64_t>(1, kGrain / Max<int64_t>(1, s.outputs * s.taps)),
              [&](int64_t begin, int64_t end) {
                for (int64_t plane = begin; plane < end; plane++) {
                  const T* from = x + plane * s.size;
                  T* to = y + plane * s.outputs;
                  for (int64_t o = 0; o < s.outputs; o++) to[o] = 0;
                  for (int64_t k = 0; k < s.taps; k++) {
                    const int64_t row = (k * s.batch + plane / s.channels) * s.outputs;
                    const int64_t* at = positions + row;
                    const T* w = weights + row;
                    for (int64_t o = 0; o < s.outputs; o++) {
                      if (at[o] >= 0) to[o] += w[o] * from[at[o]];
                    }
                  }
                }
              });
}

template <class T>
void ScatterPlanes(const TapsShape& s, T* x, const T* y, const int64_t* positions, const T* weights) {
  ParallelFor(s.batch * s.channels, Max<int64_t>(1, kGrain / Max<int64_t>(1, s.outputs * s.taps + s.size)),
              [&](int64_t begin, int64_t end) {
                for (int64_t plane = begin; plane < end; plane++) {
                  T* to = x + plane * s.size;
                  const T* from = y + plane * s.outputs;
                  for (int64_t i = 0; i < s.size; i++) to[i] = 0;
                  for (int64_t k = 0; k < s.taps; k++) {
                    const int64_t row = (k * s.batch + plane / s.channels) * s.outputs;
                    const int64_t* at = positions + row;
                    const T* w = weights + row;
                    for (int64_t o = 0; o < s.outputs; o++) {
                      if (at[o] >= 0) to[at[o]] += w[o] * from[o];
                    }
                  }
                }
              });
}

template <class T>
void DotPlanes(const TapsShape& s, T* weights, const T* x, const T* y, const int64_t* positions) {
  const int64_t pieces = (s.outputs + kPiece - 1) / kPiece;
  ParallelFor(s.batch * pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t n = task / pieces, first = task % pieces * kPiece, count = Min(kPiece, s.outputs - first);
      for (int64_t k = 0; k < s.taps; k++) {
        const int64_t row = (k * s.batch + n) * s.outputs + first;
        const int64_t* at = positions + row;
        T* to = weights + row;
        for (int64_t o = 0; o < count; o++) to[o] = 0;
        for (int64_t c = 0; c < s.channels; c++) {
          const T* from = x + (n * s.channels + c) * s.size;
          const T* dy = y + (n * s.channels + c) * s.outputs + first;
          for (int64_t o = 0; o < count; o++) {
            if (at[o] >= 0) to[o] += from[at[o]] * dy[o];
          }
        }
      }
    }
  });
}

template <class T>
void Typed(TapsForm form, const TapsShape& shape, void* x, void* y, const int64_t* positions, void* weights) {
  T *tx = static_cast<T*>(x), *ty = static_cast<T*>(y), *tw = static_cast<T*>(weights);
  if (form == TapsForm::kGather) return GatherPlanes<T>(shape, ty, tx, positions, tw);
  if (form == TapsForm::kScatter) return ScatterPlanes<T>(shape, tx, ty, positions, tw);
  DotPlanes<T>(shape, tw, tx, ty, positions);
}

}  // namespace

void Taps(TapsForm form, const TapsShape& shape, DType dtype, void* x, void* y, const int64_t* positions,
          void* weights) {
  if (dtype == DType::kFloat32) {
    Typed<float>(form, shape, x, y, positions, weights);
  } else {
    Typed<double>(form, shape, x, y, positions, weights);
  }
}

}  // namespace GB_ISA
}  // namespace gb
