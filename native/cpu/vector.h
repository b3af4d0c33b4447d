// Vector types of the compiler's extension: one source serves every register width.
#pragma once

#include <cstdint>
#include <cstring>

#include "cpu/isa.h"

#if GB_VECTOR == 64
#include <immintrin.h>  // for moves under a mask, which the vector extension lacks
#endif

namespace gb {
namespace GB_ISA {

template <class T>
struct VectorOf {
  typedef T Type __attribute__((vector_size(GB_VECTOR)));
};

template <class T>
using Vector = typename VectorOf<T>::Type;

template <class T>
constexpr int kWidth = GB_VECTOR / static_cast<int>(sizeof(T));

// Unaligned access.
template <class T>
static GB_FORCE_INLINE Vector<T> Load(const T* from) {
  Vector<T> v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

template <class T>
static GB_FORCE_INLINE void StoreVector(T* to, Vector<T> v) {
  __builtin_memcpy(to, &v, sizeof v);
}

template <class T>
static GB_FORCE_INLINE Vector<T> Splat(T x) {
  return x - Vector<T>{};
}

// ---- transposition of square blocks ---------------------------------------------------------------------------------

// The lower and upper half of a0 b0 a1 b1 …
template <class V, int kLanes>
struct Zip;

template <class V>
struct Zip<V, 16> {
  static GB_FORCE_INLINE V Low(V a, V b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  }
  static GB_FORCE_INLINE V High(V a, V b) {
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }
};

template <class V>
struct Zip<V, 8> {
  static GB_FORCE_INLINE V Low(V a, V b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
  static GB_FORCE_INLINE V High(V a, V b) { return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
};

template <class V>
struct Zip<V, 4> {
  static GB_FORCE_INLINE V Low(V a, V b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
  static GB_FORCE_INLINE V High(V a, V b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
};

template <class V>
struct Zip<V, 2> {
  static GB_FORCE_INLINE V Low(V a, V b) { return __builtin_shufflevector(a, b, 0, 2); }
  static GB_FORCE_INLINE V High(V a, V b) { return __builtin_shufflevector(a, b, 1, 3); }
};

// Transposes kLanes x kLanes elements in registers: each round interleaves the first half of the rows with the second.
template <class V, int kLanes>
static GB_FORCE_INLINE void TransposeLanes(V (&rows)[kLanes]) {
  constexpr int kHalf = kLanes / 2;
#pragma GCC unroll 4
  for (int round = 1; round < kLanes; round *= 2) {
    V next[kLanes];
#pragma GCC unroll 8
    for (int i = 0; i < kHalf; i++) {
      next[2 * i] = Zip<V, kLanes>::Low(rows[i], rows[i + kHalf]);
      next[2 * i + 1] = Zip<V, kLanes>::High(rows[i], rows[i + kHalf]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; i++) rows[i] = next[i];
  }
}

template <class T>
static GB_FORCE_INLINE void TransposeSquare(Vector<T> (&rows)[kWidth<T>]) {
  TransposeLanes<Vector<T>, kWidth<T>>(rows);
}

// Copies n <= kWidth elements by two overlapping moves, without a call.
template <class T>
static GB_FORCE_INLINE void CopyFew(T* to, const T* from, int64_t n) {
  struct Two {
    T x[2];
  };
  struct Four {
    T x[4];
  };
  struct Eight {
    T x[8];
  };
  auto ends = [&](auto chunk) {
    using Chunk = decltype(chunk);
    constexpr int64_t kLength = static_cast<int64_t>(sizeof(Chunk) / sizeof(T));
    Chunk first, last;
    __builtin_memcpy(&first, from, sizeof first);
    __builtin_memcpy(&last, from + n - kLength, sizeof last);
    __builtin_memcpy(to, &first, sizeof first);
    __builtin_memcpy(to + n - kLength, &last, sizeof last);
  };
  if (kWidth<T> >= 8 && n >= 8) {
    ends(Eight{});
  } else if (kWidth<T> >= 4 && n >= 4) {
    ends(Four{});
  } else if (n >= 2) {
    ends(Two{});
  } else if (n == 1) {
    *to = *from;
  }
}

// Whether LoadPart and StorePart take one instruction.
constexpr bool kMaskedMoves = GB_VECTOR == 64;

// The first n <= kWidth elements, zeros in the other lanes; nothing behind them is touched.
template <class T>
static GB_FORCE_INLINE Vector<T> LoadPart(const T* from, int64_t n) {
#if GB_VECTOR == 64
  if constexpr (sizeof(T) == 4) {
    return reinterpret_cast<Vector<T>>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), from));
  } else {
    return reinterpret_cast<Vector<T>>(_mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << n) - 1), from));
  }
#else
  alignas(64) T lanes[kWidth<T>] = {};
  CopyFew(lanes, from, n);
  return Load(lanes);
#endif
}

// Writes the first n <= kWidth lanes.
template <class T>
static GB_FORCE_INLINE void StorePart(T* to, Vector<T> v, int64_t n) {
#if GB_VECTOR == 64
  if constexpr (sizeof(T) == 4) {
    _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << n) - 1), reinterpret_cast<__m512>(v));
  } else {
    _mm512_mask_storeu_pd(to, static_cast<__mmask8>((1u << n) - 1), reinterpret_cast<__m512d>(v));
  }
#else
  alignas(64) T lanes[kWidth<T>];
  StoreVector<T>(lanes, v);
  CopyFew(to, lanes, n);
#endif
}

}  // namespace GB_ISA
}  // namespace gb
