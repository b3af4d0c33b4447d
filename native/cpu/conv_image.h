// The images that a convolution reads, laid out so that each tap of the kernel is one constant offset: padded with
// zeros, and with a stride s split into its s phases (every s-th position from each start), so that neighbouring
// outputs read neighbouring elements whatever the stride. Images that need neither are read where they are.
#pragma once

#include "cpu/isa.h"
#include "cpu/kernels.h"
#include "cpu/vector.h"

namespace gb {
namespace GB_ISA {

static inline int64_t DivideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }
static inline int64_t RoundUp(int64_t a, int64_t b) { return DivideUp(a, b) * b; }
static inline int64_t Product(const int64_t (&sizes)[3]) { return sizes[0] * sizes[1] * sizes[2]; }

struct ImageLayout {
  int64_t channels;   // of a group
  int64_t size[3];    // of an image in memory
  int64_t stride[3];  // of the reader
  int64_t low[3];     // zeros before the first position
  int64_t phases[3];  // that are read: no more than the stride
  int64_t padded[3];  // size of one phase

  bool InPlace() const {
    for (int d = 0; d < 3; d++) {
      if (stride[d] != 1 || low[d] != 0 || padded[d] != size[d]) return false;
    }
    return true;
  }
  int64_t Pitch() const { return padded[2]; }
  int64_t Plane() const { return padded[1] * padded[2]; }
  int64_t Channel() const { return Product(phases) * Product(padded); }
  int64_t Image() const { return channels * Channel(); }
};

// Written with vectors: the compiler would call the C library for a handful of elements.
template <class T>
static inline void FillZeros(T* to, int64_t n) {
  int64_t i = 0;
  for (; i + kWidth<T> <= n; i += kWidth<T>) StoreVector<T>(to + i, Vector<T>{});
  StorePart(to + i, Vector<T>{}, n - i);
}

template <class T>
static inline void CopyLine(T* to, const T* from, int64_t n) {
  int64_t i = 0;
  for (; i + kWidth<T> <= n; i += kWidth<T>) StoreVector<T>(to + i, Load(from + i));
  StorePart(to + i, LoadPart(from + i, n - i), n - i);
}

// One row of one phase: every stride-th position from `phase` on, counted from the padding's first.
template <class T>
static void PrepareRow(const ImageLayout& l, T* to, const T* from, int64_t phase) {
  const int64_t n = l.padded[2], s = l.stride[2], first = phase - l.low[2];
  const int64_t begin = Min(n, first < 0 ? DivideUp(-first, s) : 0);
  const int64_t end = Max(begin, Min(n, DivideUp(l.size[2] - first, s)));
  FillZeros(to, begin);
  from += first;
  if (s == 1) {
    if (end > begin) CopyLine(to + begin, from + begin, end - begin);
  } else if (s == 2) {
    for (int64_t x = begin; x < end; x++) to[x] = from[x * 2];
  } else {
    for (int64_t x = begin; x < end; x++) to[x] = from[x * s];
  }
  FillZeros(to + end, n - end);
}

// All phases of one channel.
template <class T>
static void PrepareChannel(const ImageLayout& l, T* to, const T* from) {
  for (int64_t phase = 0; phase < Product(l.phases); phase++) {
    const int64_t px = phase % l.phases[2], rest = phase / l.phases[2];
    const int64_t py = rest % l.phases[1], pz = rest / l.phases[1];
    for (int64_t z = 0; z < l.padded[0]; z++) {
      const int64_t at_z = z * l.stride[0] + pz - l.low[0];
      for (int64_t y = 0; y < l.padded[1]; y++, to += l.padded[2]) {
        const int64_t at_y = y * l.stride[1] + py - l.low[1];
        if (at_z < 0 || at_z >= l.size[0] || at_y < 0 || at_y >= l.size[1]) {
          FillZeros(to, l.padded[2]);
        } else {
          PrepareRow(l, to, from + (at_z * l.size[1] + at_y) * l.size[2], px);
        }
      }
    }
  }
}

// What the forward pass, and the gradient of the weight, read of x.
static inline ImageLayout InputLayout(const ConvGeometry& g) {
  ImageLayout l;
  l.channels = g.in_channels;
  for (int d = 0; d < 3; d++) {
    const int64_t reach = (g.kernel[d] - 1) * g.dilation[d];
    l.size[d] = g.input[d];
    l.stride[d] = g.stride[d];
    l.low[d] = g.padding[d];
    l.phases[d] = Min(g.stride[d], reach + 1);
    l.padded[d] = g.output[d] + reach / g.stride[d];
  }
  return l;
}

// Offset of a tap in a prepared channel of x, for the output at 0.
static inline int64_t InputOffset(const ConvGeometry& g, const ImageLayout& l, const int64_t (&tap)[3]) {
  int64_t phase = 0, position = 0;
  for (int d = 0; d < 3; d++) {
    const int64_t at = tap[d] * g.dilation[d];
    phase = phase * l.phases[d] + at % g.stride[d];
    position = position * l.padded[d] + at / g.stride[d];
  }
  return phase * Product(l.padded) + position;
}

}  // namespace GB_ISA
}  // namespace gb
