// The special functions of gpu/kernels/special.cl, in double, for elementwise expressions in C++.
#pragma once

#include <cstdint>

#include "cpu/isa.h"

namespace gb {
namespace GB_ISA {
namespace special {

// The C library's functions, for these alone: the expressions have their own, of vectors.
#define GB_LIBRARY1(name) \
  inline double name(double x) { return __builtin_##name(x); }
#define GB_LIBRARY2(name) \
  inline double name(double x, double y) { return __builtin_##name(x, y); }
GB_LIBRARY1(erf)
GB_LIBRARY1(erfc)
GB_LIBRARY1(exp)
GB_LIBRARY1(fabs)
GB_LIBRARY1(floor)
GB_LIBRARY1(log)
GB_LIBRARY1(log1p)
GB_LIBRARY1(sin)
GB_LIBRARY1(sqrt)
GB_LIBRARY1(tan)
GB_LIBRARY1(tgamma)
GB_LIBRARY1(trunc)
GB_LIBRARY2(copysign)
GB_LIBRARY2(fmod)
GB_LIBRARY2(pow)
#undef GB_LIBRARY1
#undef GB_LIBRARY2
inline double frexp(double x, int* exponent) { return __builtin_frexp(x, exponent); }

#define REAL double
#define FUNCTION inline
#define CONSTANT constexpr
#define INFINITY __builtin_inf()
#define NAN __builtin_nan("")
#include "gpu/kernels/special.cl"
#undef REAL
#undef FUNCTION
#undef CONSTANT
#undef INFINITY
#undef NAN
#undef PI
#undef ROOT_HALF

}  // namespace special

#define GB_SPECIAL1(name)                                                                     \
  static GB_FORCE_INLINE float name(float x) { return static_cast<float>(special::name(x)); } \
  static GB_FORCE_INLINE double name(double x) { return special::name(x); }
#define GB_SPECIAL2(name)                                                                                 \
  static GB_FORCE_INLINE float name(float a, float b) { return static_cast<float>(special::name(a, b)); } \
  static GB_FORCE_INLINE double name(double a, double b) { return special::name(a, b); }

GB_SPECIAL1(digamma)
GB_SPECIAL1(erfcx)
GB_SPECIAL1(ndtri)
GB_SPECIAL1(logndtr)
GB_SPECIAL1(i0)
GB_SPECIAL1(i0e)
GB_SPECIAL1(i1)
GB_SPECIAL1(i1e)
GB_SPECIAL1(frexp_mantissa)
GB_SPECIAL1(frexp_exponent)
GB_SPECIAL2(zeta)
GB_SPECIAL2(polygamma)

static GB_FORCE_INLINE double erfinv(double x) { return special::erfinv(x); }  // of floats: vmath.h

#undef GB_SPECIAL1
#undef GB_SPECIAL2

}  // namespace GB_ISA
}  // namespace gb
