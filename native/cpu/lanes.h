// Vectors of any number of lanes, for loops whose rows may be shorter than a register.
#pragma once

#include "cpu/isa.h"

namespace gb {
namespace GB_ISA {

template <class T, int kLanes>
struct LanesOf {
  typedef T Type __attribute__((vector_size(kLanes * sizeof(T))));
};
template <class T, int kLanes>
using Lanes = typename LanesOf<T, kLanes>::Type;

// Unaligned access.
template <class V, class T>
static GB_FORCE_INLINE V LoadLanes(const T* from) {
  V v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

template <class V, class T>
static GB_FORCE_INLINE void StoreLanes(T* to, V v) {
  __builtin_memcpy(to, &v, sizeof v);
}

}  // namespace GB_ISA
}  // namespace gb
