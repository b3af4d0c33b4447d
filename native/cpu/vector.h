// Vector types of the compiler's extension: one source serves every register width.
#pragma once

#include <cstdint>
#include <cstring>

#include "cpu/isa.h"

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

}  // namespace GB_ISA
}  // namespace gb
