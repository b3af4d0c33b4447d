// Packing for matrix multiplication: panels of A's rows or of B's columns, "lines" here, become [k][lines], as the
// inner kernel reads them.
#pragma once

#include "cpu/isa.h"
#include "cpu/vector.h"

namespace gb {
namespace GB_ISA {

template <class T>
struct Panel {
  const T* from;     // the first line's first element
  int64_t lines;     // in the panel
  int64_t readable;  // lines of the matrix from the first one on
  T* to;
  int64_t stride;  // elements from one k to the next in `to`: at least `lines`. Whole vectors are written, from k = 0
                   // on, which reach into the next k and at the end beyond the panel, by less than a vector
};

// Lines that run along k with stride 1, at most one vector's width of them, through squares in registers.
template <class T>
void PackLines(T* to, int64_t to_stride, const T* from, int64_t from_stride, int64_t lines, int64_t k) {
  int64_t i = 0;
  for (; i + kWidth<T> <= k; i += kWidth<T>) {
    Vector<T> block[kWidth<T>];
#pragma GCC unroll 16
    for (int line = 0; line < kWidth<T>; line++) {
      block[line] = line < lines ? Load(from + line * from_stride + i) : Vector<T>{};
      __builtin_prefetch(from + (line + lines) * from_stride + i);  // of the next panel
    }
    TransposeSquare<T>(block);
#pragma GCC unroll 16
    for (int j = 0; j < kWidth<T>; j++) StoreVector<T>(to + (i + j) * to_stride, block[j]);
  }
  for (; i < k; i++) {
    for (int64_t line = 0; line < kWidth<T>; line++) {
      to[i * to_stride + line] = line < lines ? from[line * from_stride + i] : T(0);
    }
  }
}

// Lines that are one element apart: all panels at once, because each k lies in another page and is best read whole.
template <class T>
void PackSteps(const Panel<T>* panels, int64_t count, int64_t k, int64_t k_stride) {
  for (int64_t i = 0; i < k; i++) {
    for (int64_t p = 0; p < count; p++) {
      const Panel<T>& panel = panels[p];
      const T* from = panel.from + i * k_stride;
      T* to = panel.to + i * panel.stride;
      for (int64_t j = 0; j < panel.lines; j += kWidth<T>) {
        const int64_t left = panel.readable - j;
        StoreVector<T>(to + j, left < kWidth<T> ? LoadPart(from + j, left) : Load(from + j));
      }
    }
  }
}

// k and line_stride: of the matrix.
template <class T>
void PackPanels(const Panel<T>* panels, int64_t count, int64_t k, int64_t k_stride, int64_t line_stride) {
  if (line_stride == 1) return PackSteps(panels, count, k, k_stride);
  for (int64_t p = 0; p < count; p++) {
    const Panel<T>& panel = panels[p];
    if (k_stride == 1) {
      // The last lines first: they may be written over by vectors of those before, not the other way round.
      for (int64_t j = (panel.lines - 1) / kWidth<T> * kWidth<T>; j >= 0; j -= kWidth<T>) {
        PackLines(panel.to + j, panel.stride, panel.from + j * line_stride, line_stride,
                  Min<int64_t>(kWidth<T>, panel.lines - j), k);
      }
    } else {
      for (int64_t i = 0; i < k; i++) {
        const T* from = panel.from + i * k_stride;
        T* to = panel.to + i * panel.stride;
        for (int64_t j = 0; j < panel.stride; j++) to[j] = j < panel.lines ? from[j * line_stride] : T(0);
      }
    }
  }
}

}  // namespace GB_ISA
}  // namespace gb
