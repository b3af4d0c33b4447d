// The reductions as steps of an accumulator, on scalars and, where kVectors says so, on vectors.
#pragma once

#include "cpu/isa.h"

namespace gb {
namespace GB_ISA {
namespace {

// Total: the type that accumulates. Step works on scalars and, where kVectors says so, on vectors of Total.
template <class T>
struct Wide {
  static constexpr bool kVectors = false;
  using Total = int64_t;
};
template <>
struct Wide<float> {
  static constexpr bool kVectors = true;
  using Total = double;
};
template <>
struct Wide<double> {
  static constexpr bool kVectors = true;
  using Total = double;
};

template <class T>
struct Sum : Wide<T> {
  static GB_FORCE_INLINE typename Wide<T>::Total Start() { return 0; }
  template <class L, class X>
  static GB_FORCE_INLINE L Step(L acc, X x) {
    return acc + x;
  }
};

template <class T>
struct Squares : Wide<T> {
  static GB_FORCE_INLINE typename Wide<T>::Total Start() { return 0; }
  template <class L, class X>
  static GB_FORCE_INLINE L Step(L acc, X x) {
    const L wide = static_cast<L>(x);
    return acc + wide * wide;
  }
};

template <class T>
struct Prod : Wide<T> {
  static GB_FORCE_INLINE typename Wide<T>::Total Start() { return 1; }
  template <class L, class X>
  static GB_FORCE_INLINE L Step(L acc, X x) {
    return acc * x;
  }
};

template <class T>
constexpr T Lowest() {
  return T(-1) > T(0) ? T(0) : static_cast<T>(uint64_t{1} << (sizeof(T) * 8 - 1));
}
template <>
constexpr float Lowest<float>() {
  return -__builtin_inff();
}
template <>
constexpr double Lowest<double>() {
  return -__builtin_inf();
}
template <class T>
constexpr T Highest() {
  return static_cast<T>(~Lowest<T>());
}
template <>
constexpr float Highest<float>() {
  return __builtin_inff();
}
template <>
constexpr double Highest<double>() {
  return __builtin_inf();
}

// NaN wins.
template <class T>
struct Largest {
  static constexpr bool kVectors = true;
  using Total = T;
  static GB_FORCE_INLINE T Start() { return Lowest<T>(); }
  template <class L, class X>
  static GB_FORCE_INLINE L Step(L acc, X x) {
    return ((x > acc) | (x != x)) ? x : acc;
  }
};

template <class T>
struct Smallest {
  static constexpr bool kVectors = true;
  using Total = T;
  static GB_FORCE_INLINE T Start() { return Highest<T>(); }
  template <class L, class X>
  static GB_FORCE_INLINE L Step(L acc, X x) {
    return ((x < acc) | (x != x)) ? x : acc;
  }
};

template <class T>
struct Any {
  static constexpr bool kVectors = false;
  using Total = uint8_t;
  static GB_FORCE_INLINE uint8_t Start() { return 0; }
  template <class L, class X>
  static GB_FORCE_INLINE L Step(L acc, X x) {
    return static_cast<L>(acc | (x != X(0)));
  }
};

template <class T>
struct All {
  static constexpr bool kVectors = false;
  using Total = uint8_t;
  static GB_FORCE_INLINE uint8_t Start() { return 1; }
  template <class L, class X>
  static GB_FORCE_INLINE L Step(L acc, X x) {
    return static_cast<L>(acc & (x != X(0)));
  }
};

// How two totals become one: as an element joins a total, but for squares.
template <class Op>
struct Joining {
  using Type = Op;
};
template <class T>
struct Joining<Squares<T>> {
  using Type = Sum<T>;
};

template <class Op, class L>
GB_FORCE_INLINE L Join(L a, L b) {
  return Joining<Op>::Type::Step(a, b);
}

}  // namespace

}  // namespace GB_ISA
}  // namespace gb
