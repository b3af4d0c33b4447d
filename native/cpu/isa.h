// Which instruction set these objects are compiled for: CMake defines GB_ISA (the namespace) and GB_VECTOR (bytes in a
// vector register).
#pragma once

#include <cstdint>

#ifndef GB_ISA
#error "compile this source through CMake, which defines GB_ISA and GB_VECTOR for each instruction set"
#endif

#define GB_FORCE_INLINE inline __attribute__((always_inline))

// Promises that a loop's iterations do not depend on one another (in-place operands are the very same elements).
#if defined(__clang__)
#define GB_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define GB_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace gb {
namespace GB_ISA {

template <class T>
static GB_FORCE_INLINE T Min(T a, T b) {
  return b < a ? b : a;
}
template <class T>
static GB_FORCE_INLINE T Max(T a, T b) {
  return b > a ? b : a;
}

}  // namespace GB_ISA
}  // namespace gb
