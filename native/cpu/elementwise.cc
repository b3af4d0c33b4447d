// The elementwise ops, rendered from the registry by lib/ops/render.ts: for every op and dtype one loop over contiguous
// elements, which the compiler vectorises; core/blocks.cc brings everything else into that form. Limited by memory
// bandwidth except for the transcendental functions, which cost 5 to 30 cycles a vector.
#include <cstdint>
#include <type_traits>

#include "cpu/isa.h"
#include "cpu/special.h"
#include "cpu/tables.h"
#include "cpu/vmath.h"

namespace gb {
namespace GB_ISA {
namespace {

// Elements whose size is looked at before their sine is taken: they fit the first cache.
constexpr int64_t kAngles = 2048;

// The largest |x|, or NaN if there is one. As integers, which GCC vectorises without leave to reorder floats.
inline float LargestMagnitude(const float* x, int64_t n) {
  int32_t largest = 0;
  for (int64_t i = 0; i < n; i++) {
    int32_t magnitude = static_cast<int32_t>(Bits(x[i]) & 0x7fffffffu);
    largest = magnitude > largest ? magnitude : largest;
  }
  return FromBits(static_cast<uint32_t>(largest));
}

// S is how an element is stored, V how the expression sees it, R how the result is stored.
template <class Op, class S, class V, class R, bool kBool>
void Unary(void* out, const void* a, const void*, const void*, int64_t n, double p0, double p1) {
  R* to = static_cast<R*>(out);
  const S* x = static_cast<const S*>(a);
  const V q0 = static_cast<S>(p0), q1 = static_cast<S>(p1);
  if constexpr (Op::kReducesAngles && std::is_same_v<S, float>) {
    if (n > kAngles) {
      for (int64_t i = 0; i < n; i += kAngles)
        Unary<Op, S, V, R, kBool>(to + i, x + i, nullptr, nullptr, n - i < kAngles ? n - i : kAngles, p0, p1);
      return;
    }
    if (!(LargestMagnitude(x, n) < kLargestAngle)) {
      for (int64_t i = 0; i < n; i++)
        to[i] = __builtin_fabsf(x[i]) < kLargestAngle ? Op::template Apply<float>(x[i], q0, q1)
                                                      : static_cast<float>(Op::template Apply<double>(x[i], p0, p1));
      return;
    }
  }
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) {
    auto y = Op::template Apply<V>(V(x[i]), q0, q1);
    to[i] = kBool ? static_cast<R>(y != 0) : static_cast<R>(y);
  }
}

template <class Op, class S, class V, class R, bool kBool>
void Binary(void* out, const void* a, const void* b, const void*, int64_t n, double p0, double p1) {
  R* to = static_cast<R*>(out);
  const S* x = static_cast<const S*>(a);
  const S* y = static_cast<const S*>(b);
  const V q0 = static_cast<S>(p0), q1 = static_cast<S>(p1);
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) {
    auto z = Op::template Apply<V>(V(x[i]), V(y[i]), q0, q1);
    to[i] = kBool ? static_cast<R>(z != 0) : static_cast<R>(z);
  }
}

template <class Op, class S, class V, class R, bool kBool>
void Ternary(void* out, const void* a, const void* b, const void* c, int64_t n, double p0, double p1) {
  R* to = static_cast<R*>(out);
  const S* x = static_cast<const S*>(a);
  const S* y = static_cast<const S*>(b);
  const S* z = static_cast<const S*>(c);
  const V q0 = static_cast<S>(p0), q1 = static_cast<S>(p1);
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) {
    auto w = Op::template Apply<V>(V(x[i]), V(y[i]), V(z[i]), q0, q1);
    to[i] = kBool ? static_cast<R>(w != 0) : static_cast<R>(w);
  }
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wtype-limits"
#include "elementwise.inc"
#pragma GCC diagnostic pop

}  // namespace

const ElementwiseOp* ElementwiseTable(int* count) {
  *count = static_cast<int>(sizeof kElementwise / sizeof kElementwise[0]);
  return kElementwise;
}

}  // namespace GB_ISA
}  // namespace gb
