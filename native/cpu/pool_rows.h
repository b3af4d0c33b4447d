// Rows of windows: output columns whose window lies inside the input's row are computed in vectors (the last one
// overlaps the one before), the others one by one.
#pragma once

#include <utility>

#include "cpu/isa.h"
#include "cpu/lanes.h"
#include "cpu/pooling.h"
#include "cpu/vector.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kGrain = 32768;  // elements for one thread

// Lanes 0, 2, 4 … of a and b together; lanes 1, 3, 5 …; and of pairs from a and b one after the other.
template <int kLanes>
struct Mix {
  template <class V, int... I>
  static GB_FORCE_INLINE V Even(V a, V b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (2 * I)...);
  }
  template <class V, int... I>
  static GB_FORCE_INLINE V Odd(V a, V b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (2 * I + 1)...);
  }
  // As Even, where b overlaps a by one element.
  template <class V, int... I>
  static GB_FORCE_INLINE V EvenOverlapped(V a, V b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (2 * I < kLanes ? 2 * I : 2 * I + 1)...);
  }
  template <class V, int... I>
  static GB_FORCE_INLINE V Low(V a, V b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (I / 2 + I % 2 * kLanes)...);
  }
  template <class V, int... I>
  static GB_FORCE_INLINE V High(V a, V b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (kLanes / 2 + I / 2 + I % 2 * kLanes)...);
  }
};

template <int kLanes>
using Sequence = std::make_integer_sequence<int, kLanes>;

// Elements 0, kStep, 2 * kStep … from p; reads nothing behind the last of them.
template <class T, int kLanes, int kStep>
GB_FORCE_INLINE Lanes<T, kLanes> LoadSteps(const T* p) {
  using V = Lanes<T, kLanes>;
  if constexpr (kStep == 1) {
    return LoadLanes<V>(p);
  } else {
    return Mix<kLanes>::EvenOverlapped(LoadLanes<V>(p), LoadLanes<V>(p + kLanes - 1), Sequence<kLanes>{});
  }
}

// Calls body with the widest vector (its lanes) that a row of n columns fills; false when none does.
template <class T, class F>
GB_FORCE_INLINE bool WithLanes(int64_t n, const F& body) {
  constexpr int kFull = kWidth<T> < 4 ? 4 : kWidth<T>;
  if (n >= kFull) {
    body(std::integral_constant<int, kFull>{});
    return true;
  }
  if constexpr (kFull >= 8) {
    if (n >= kFull / 2) {
      body(std::integral_constant<int, kFull / 2>{});
      return true;
    }
  }
  if constexpr (kFull >= 16) {
    if (n >= kFull / 4) {
      body(std::integral_constant<int, kFull / 4>{});
      return true;
    }
  }
  return false;
}

// Calls body(j) for steps of kLanes columns that cover [begin, end), the last one overlapping.
template <int kLanes, class F>
GB_FORCE_INLINE void ForColumns(int64_t begin, int64_t end, const F& body) {
  for (int64_t j = begin; j < end; j += kLanes) body(Min(j, end - kLanes));
}

template <class T>
GB_FORCE_INLINE void Zero(T* to, int64_t n) {
  __builtin_memset(to, 0, static_cast<size_t>(n) * sizeof(T));
}

// The output columns whose window lies inside the row.
struct Interior {
  int64_t begin, end;

  explicit Interior(const PoolGeometry& g) {
    const int64_t s = g.stride[2], p = g.padding[2];
    begin = Min((p + s - 1) / s, g.out[2]);
    const int64_t room = g.in[2] + p - (g.kernel[2] - 1) * g.dilation[2] - 1;
    end = room < 0 ? begin : Max(begin, Min(room / s + 1, g.out[2]));
  }
};

}  // namespace

}  // namespace GB_ISA
}  // namespace gb
