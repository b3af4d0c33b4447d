// The functions that an elementwise expression may call, in the namespace of the instruction set being compiled.
//
// float32: branch-free polynomials and bit tricks, so that GCC and Clang vectorise any loop that calls them; errors are
// within about 2 units in the last place, infinities, NaN, overflow and denormal numbers behave as in <math.h>. The
// coefficients were fitted for these intervals (Lawson iteration, 40 digits). float64 and the rarely used functions
// call the C library, element by element. Integers have the functions that make sense for them.
#pragma once

#include <cstdint>

#include "cpu/isa.h"

#define GB_MATH static inline __attribute__((always_inline))

namespace gb {
namespace GB_ISA {

GB_MATH uint32_t Bits(float x) { return __builtin_bit_cast(uint32_t, x); }
GB_MATH float FromBits(uint32_t x) { return __builtin_bit_cast(float, x); }
GB_MATH uint64_t Bits(double x) { return __builtin_bit_cast(uint64_t, x); }
GB_MATH double FromBits(uint64_t x) { return __builtin_bit_cast(double, x); }

constexpr float kInfinity = __builtin_inff();
constexpr float kNaN = __builtin_nanf("");
// Adding and subtracting it rounds to an integer, which then stands in the low bits.
constexpr float kRounder = 12582912.0f;
constexpr double kRounder64 = 6755399441055744.0;

// 2^n for -126 <= n <= 127.
GB_MATH float PowerOfTwo(int32_t n) { return FromBits(static_cast<uint32_t>(n + 127) << 23); }

// ---- exp and its family ---------------------------------------------------------------------------------------------

// x = n·ln 2 + r with |r| <= ln 2 / 2.
struct ExpReduction {
  int32_t n;
  float r;
};

GB_MATH ExpReduction ReduceExp(float x) {
  float t = x * 1.44269504f + kRounder;
  float n = t - kRounder;
  float r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  return {static_cast<int32_t>(Bits(t) - Bits(kRounder)), r};
}

// e^r - 1 for a reduced r, accurate relative to itself.
GB_MATH float Expm1Reduced(float r) {
  float p = 1.99164888e-4f;
  p = p * r + 1.39430789e-3f;
  p = p * r + 8.33326927e-3f;
  p = p * r + 4.16663295e-2f;
  p = p * r + 1.66666668e-1f;
  p = p * r + 5.00000005e-1f;
  return p * (r * r) + r;
}

GB_MATH float exp(float x) {
  // Beyond these the result is 0 or infinity either way; comparisons keep NaN.
  float c = x < -105.0f ? -105.0f : x;
  c = c > 90.0f ? 90.0f : c;
  ExpReduction reduced = ReduceExp(c);
  // Two factors, so that results below 2^-126 and just above 2^127 come out by gradual underflow and overflow.
  int32_t half = reduced.n >> 1;
  float y = Expm1Reduced(reduced.r) + 1.0f;
  return y * PowerOfTwo(half) * PowerOfTwo(reduced.n - half);
}

GB_MATH float expm1(float x) {
  float c = x < -20.0f ? -20.0f : x;
  c = c > 90.0f ? 90.0f : c;
  ExpReduction reduced = ReduceExp(c);
  float half = PowerOfTwo((reduced.n > 128 ? 128 : reduced.n) - 1);
  float y = (Expm1Reduced(reduced.r) * half + (half - 0.5f)) * 2.0f;
  y = x > 88.8f ? kInfinity : y;
  return reduced.n == 0 ? Expm1Reduced(c) : y;
}

GB_MATH float tanh(float x) {
  float a = x < 0.0f ? -x : x;
  a = a > 10.0f ? 10.0f : a;
  float t = expm1(2.0f * a);
  float y = t / (t + 2.0f);
  return FromBits(Bits(y) | (Bits(x) & 0x80000000u));
}

GB_MATH float sinh(float x) {
  float a = x < 0.0f ? -x : x;
  float t = expm1(a > 88.0f ? 88.0f : a);
  float small = 0.5f * (t + t / (t + 1.0f));
  float e = exp(a * 0.5f);  // e^a may overflow where sinh does not
  float y = a > 20.0f ? 0.5f * e * e : small;
  return FromBits(Bits(y) | (Bits(x) & 0x80000000u));
}

GB_MATH float cosh(float x) {
  float a = x < 0.0f ? -x : x;
  float e = exp(a * 0.5f);
  float h = 0.5f * e;
  return h * e + 0.5f / (e * e);
}

// ---- log and its family ---------------------------------------------------------------------------------------------

// log(1 + f) for sqrt(1/2) <= 1 + f <= sqrt(2), less f.
GB_MATH float LogTail(float f) {
  float q = 6.92073302e-2f;
  q = q * f - 1.18227838e-1f;
  q = q * f + 1.18869562e-1f;
  q = q * f - 1.23802422e-1f;
  q = q * f + 1.42166075e-1f;
  q = q * f - 1.66693936e-1f;
  q = q * f + 2.00023070e-1f;
  q = q * f - 2.49999852e-1f;
  q = q * f + 3.33333098e-1f;
  float square = f * f;
  return q * f * square - 0.5f * square;
}

GB_MATH float log(float x) {
  bool tiny = x < 1.17549435e-38f;
  float scaled = tiny ? x * 8388608.0f : x;
  uint32_t bits = Bits(scaled);
  // The exponent that leaves the mantissa between sqrt(1/2) and sqrt(2).
  int32_t e = static_cast<int32_t>(bits - 0x3f3504f3u) >> 23;
  float f = FromBits(bits - (static_cast<uint32_t>(e) << 23)) - 1.0f;
  float n = static_cast<float>(e) - (tiny ? 23.0f : 0.0f);
  float y = LogTail(f) + n * -2.12194440e-4f;
  y = (y + f) + n * 0.693359375f;
  y = x == kInfinity ? kInfinity : y;
  y = x == 0.0f ? -kInfinity : y;
  return x >= 0.0f ? y : kNaN;
}

GB_MATH float log1p(float x) {
  // log(u) with u = 1 + x rounded, and what the rounding lost.
  float u = 1.0f + x;
  float lost = (x - (u - 1.0f)) / u;
  float y = log(u) + (u > 0.0f && u < kInfinity ? lost : 0.0f);
  return u == 1.0f ? x : y;
}

// ---- powers ---------------------------------------------------------------------------------------------------------

// Logarithm to base 2 of a positive float in double precision (relative error 3e-14).
GB_MATH double Log2Wide(float x) {
  uint64_t bits = Bits(static_cast<double>(x));
  uint64_t shifted = bits - 0x3fe6a09e00000000u + 0x3ff0000000000000u;  // exponent counted from sqrt(1/2)
  uint64_t biased = shifted >> 52;
  double m = FromBits(bits - ((biased << 52) - 0x3ff0000000000000u));
  double e = FromBits(biased | 0x4330000000000000u) - (4503599627370496.0 + 1023.0);
  double s = (m - 1.0) / (m + 1.0);
  double z = s * s;
  double p = 0.097935976666127494;
  p = p * z + 0.11087995601689324;
  p = p * z + 0.14286056763149238;
  p = p * z + 0.19999997792144153;
  p = p * z + 0.33333333337949717;
  return e + (s + s * z * p) * 2.8853900817779268;
}

// By way of double precision, so that powers of 2 and of 10 have whole logarithms.
GB_MATH float LogToBase(float x, double scale) {
  float y = static_cast<float>(Log2Wide(x) * scale);
  y = x == kInfinity ? kInfinity : y;
  y = x == 0.0f ? -kInfinity : y;
  return x >= 0.0f ? y : kNaN;
}

GB_MATH float log2(float x) { return LogToBase(x, 1.0); }
GB_MATH float log10(float x) { return LogToBase(x, 0.30102999566398119521); }

// 2^t for |t| < 1000 (relative error 1e-12).
GB_MATH double Exp2Wide(double t) {
  double shifted = t + kRounder64;
  double r = t - (shifted - kRounder64);
  double p = 1.3263143106044202e-06;
  p = p * r + 1.5310018771905414e-05;
  p = p * r + 0.00015403417324543275;
  p = p * r + 0.0013333450863607353;
  p = p * r + 0.009618129216400385;
  p = p * r + 0.055504109407676035;
  p = p * r + 0.24022650695569372;
  p = p * r + 0.6931471805461219;
  double y = 1.0 + r * p;
  return FromBits(Bits(y) + ((Bits(shifted) - Bits(kRounder64)) << 52));
}

GB_MATH float pow(float x, float y) {
  float a = FromBits(Bits(x) & 0x7fffffffu);
  double t = static_cast<double>(y) * Log2Wide(a);
  t = t > 300.0 ? 300.0 : t;
  t = t < -300.0 ? -300.0 : t;
  float r = static_cast<float>(Exp2Wide(t));
  // Only & and | below: short-circuit operators would keep the loop from being vectorised.
  float b = FromBits(Bits(y) & 0x7fffffffu);
  bool large = b >= 16777216.0f;  // every such number is an even integer
  bool integer = large | (__builtin_truncf(y) == y);
  bool odd = integer & !large & (__builtin_truncf(y * 0.5f) != y * 0.5f);
  bool grows = (a > 1.0f) == (y > 0.0f);  // of |x|^y as |y| grows
  float limit = grows ? kInfinity : 0.0f;
  r = (a == 0.0f) | (a == kInfinity) | (b == kInfinity) ? limit : r;
  r = a == 1.0f ? 1.0f : r;
  uint32_t sign = odd ? Bits(x) & 0x80000000u : 0u;
  r = FromBits(Bits(r) ^ sign);
  r = (x < 0.0f) & !integer & (a != kInfinity) ? kNaN : r;
  r = (x != x) | (y != y) ? kNaN : r;
  return (x == 1.0f) | (y == 0.0f) ? 1.0f : r;
}

GB_MATH float exp2(float x) {
  double t = static_cast<double>(x);
  t = t > 300.0 ? 300.0 : t;
  t = t < -300.0 ? -300.0 : t;
  float r = static_cast<float>(Exp2Wide(t));
  return x == x ? r : x;
}

// ---- trigonometric --------------------------------------------------------------------------------------------------

// Up to here a multiple of pi/2 has 20 bits, and its product with the 33 bits of pi/2's upper part is exact; larger
// arguments, infinite ones too, are left to the double functions, which reduce any.
constexpr float kLargestAngle = 0x1p20f;

// x = q·pi/2 + r, |r| <= pi/4, for |x| < kLargestAngle, reduced in double precision.
struct Angle {
  uint32_t q;
  float r;
};

GB_MATH Angle ReduceAngle(float x) {
  double wide = static_cast<double>(x);
  double t = wide * 0.63661977236758134 + kRounder64;
  double n = t - kRounder64;
  double r = wide - n * 1.57079632673412561417;
  r = r - n * 6.07710050650619224932e-11;
  return {static_cast<uint32_t>(Bits(t)), static_cast<float>(r)};
}

GB_MATH float SinReduced(float r) {
  float z = r * r;
  float p = 2.71719647e-6f;
  p = p * z - 1.98392175e-4f;
  p = p * z + 8.33332902e-3f;
  p = p * z - 1.66666666e-1f;
  return p * z * r + r;
}

GB_MATH float CosReduced(float r) {
  float z = r * r;
  float p = -2.71998888e-7f;
  p = p * z + 2.47993946e-5f;
  p = p * z - 1.38888833e-3f;
  p = p * z + 4.16666666e-2f;
  return p * (z * z) + (1.0f - 0.5f * z);
}

GB_MATH float sin(float x) {
  Angle angle = ReduceAngle(x);
  float y = (angle.q & 1u) ? CosReduced(angle.r) : SinReduced(angle.r);
  return FromBits(Bits(y) ^ ((angle.q & 2u) << 30));
}

GB_MATH float cos(float x) {
  Angle angle = ReduceAngle(x);
  float y = (angle.q & 1u) ? SinReduced(angle.r) : CosReduced(angle.r);
  return FromBits(Bits(y) ^ (((angle.q + 1u) & 2u) << 30));
}

GB_MATH float tan(float x) {
  Angle angle = ReduceAngle(x);
  float s = SinReduced(angle.r), c = CosReduced(angle.r);
  return (angle.q & 1u) ? -c / s : s / c;
}

// ---- inverse trigonometric and hyperbolic ---------------------------------------------------------------------------

constexpr float kPi = 3.14159274f, kPiRest = -8.74227766e-8f;  // π is their sum

GB_MATH float WithSign(float y, float x) { return FromBits(Bits(y) | (Bits(x) & 0x80000000u)); }

// For 0 <= t <= 1.
GB_MATH float AtanReduced(float t) {
  float z = t * t;
  float p = -1.79359389e-3f;
  p = p * z + 1.0914481e-2f;
  p = p * z - 3.1177613e-2f;
  p = p * z + 5.79573595e-2f;
  p = p * z - 8.40343665e-2f;
  p = p * z + 1.09521811e-1f;
  p = p * z - 1.42642408e-1f;
  p = p * z + 1.99985482e-1f;
  p = p * z - 3.33332991e-1f;
  return p * z * t + t;
}

GB_MATH float atan(float x) {
  float a = FromBits(Bits(x) & 0x7fffffffu);
  bool steep = a > 1.0f;
  float r = AtanReduced(steep ? 1.0f / a : a);
  return WithSign(steep ? 0.5f * kPi - (r - 0.5f * kPiRest) : r, x);
}

GB_MATH float atan2(float y, float x) {
  float a = FromBits(Bits(y) & 0x7fffffffu), b = FromBits(Bits(x) & 0x7fffffffu);
  bool steep = a > b;
  float t = (steep ? b : a) / (steep ? a : b);
  t = a == b ? (a == 0.0f ? 0.0f : 1.0f) : t;
  float r = AtanReduced(t);
  r = steep ? 0.5f * kPi - (r - 0.5f * kPiRest) : r;
  r = Bits(x) >> 31 ? kPi - (r - kPiRest) : r;
  return (x != x) | (y != y) ? kNaN : WithSign(r, y);
}

// asin of |x| below 1/2; otherwise of sqrt((1 - |x|) / 2), which is half of acos |x|.
GB_MATH float AsinReduced(float a) {
  float z = a > 0.5f ? 0.5f - 0.5f * a : a * a;
  float s = a > 0.5f ? __builtin_sqrtf(z) : a;
  float p = 4.21662863e-2f;
  p = p * z + 2.41795264e-2f;
  p = p * z + 4.54703741e-2f;
  p = p * z + 7.49529765e-2f;
  p = p * z + 1.66667525e-1f;
  return p * z * s + s;
}

GB_MATH float asin(float x) {
  float a = FromBits(Bits(x) & 0x7fffffffu);
  float r = AsinReduced(a);
  return WithSign(a > 0.5f ? 0.5f * kPi - (2.0f * r - 0.5f * kPiRest) : r, x);
}

GB_MATH float acos(float x) {
  float a = FromBits(Bits(x) & 0x7fffffffu);
  float r = AsinReduced(a);
  float near = 0.5f * kPi - (WithSign(r, x) - 0.5f * kPiRest);
  float far = x < 0.0f ? kPi - (2.0f * r - kPiRest) : 2.0f * r;
  return a > 0.5f ? far : near;
}

// For large |x| both are ln 2|x|, whose square must not overflow.
GB_MATH float asinh(float x) {
  float a = FromBits(Bits(x) & 0x7fffffffu), square = a * a;
  bool large = a > 1e4f;
  float y = log1p(large ? a - 1.0f : a + square / (1.0f + __builtin_sqrtf(1.0f + square)));
  return WithSign(large ? y + 0.693147181f : y, x);
}

GB_MATH float acosh(float x) {
  float above = x - 1.0f;
  bool large = x > 1e4f;
  float y = log1p(large ? above : above + __builtin_sqrtf(above * (x + 1.0f)));
  y = large ? y + 0.693147181f : y;
  return x >= 1.0f ? y : kNaN;
}

GB_MATH float atanh(float x) {
  float a = FromBits(Bits(x) & 0x7fffffffu);
  return WithSign(0.5f * log1p(2.0f * a / (1.0f - a)), x);
}

// ---- error function -------------------------------------------------------------------------------------------------

GB_MATH float erf(float x) {
  float a = FromBits(Bits(x) & 0x7fffffffu);
  float z = a * a;
  float p = -9.680137e-6f;
  p = p * z + 1.12705447e-4f;
  p = p * z - 8.48471148e-4f;
  p = p * z + 5.22107488e-3f;
  p = p * z - 2.68654458e-2f;
  p = p * z + 1.12837827e-1f;
  p = p * z - 3.76126385e-1f;
  p = p * z + 1.12837917f;
  float c = a > 4.0f ? 4.0f : a;
  float q = -2.32073891e-6f;
  q = q * c + 3.69667156e-5f;
  q = q * c - 2.34445171e-4f;
  q = q * c + 5.72085674e-4f;
  q = q * c + 1.68030693e-3f;
  q = q * c - 2.11017618e-2f;
  q = q * c + 1.04053150e-1f;
  q = q * c + 6.36145810e-1f;
  q = q * c + 1.12845572f;
  float y = a < 0.95f ? a * p : 1.0f - exp(-(c * q));
  y = x == x ? y : x;
  return FromBits(Bits(y) | (Bits(x) & 0x80000000u));
}

// e^(-x²) times a function of (x - 3) / (x + 3), in double precision: the square of x must be exact.
GB_MATH float erfc(float x) {
  double a = FromBits(Bits(x) & 0x7fffffffu);
  a = a > 10.2 ? 10.2 : a;  // from here on the result is 0
  double t = (a - 3.0) / (a + 3.0);
  double p = 5.591617016e-5;
  p = p * t + 2.888079893e-5;
  p = p * t - 5.945694642e-4;
  p = p * t + 7.157307441e-4;
  p = p * t + 4.26887597e-3;
  p = p * t - 2.439423156e-2;
  p = p * t + 7.166586423e-2;
  p = p * t - 0.1501157818;
  p = p * t + 0.2456037976;
  p = p * t - 0.3262335638;
  p = p * t + 0.1790011513;
  double y = p * Exp2Wide(a * a * -1.4426950408889634);
  float r = static_cast<float>(x < 0.0f ? 2.0 - y : y);
  return x == x ? r : x;
}

// x times a function of ln(1 - x²).
GB_MATH float erfinv(float x) {
  float a = FromBits(Bits(x) & 0x7fffffffu);
  float w = -log((1.0f - a) * (1.0f + a));
  float u = w - 2.5f;
  float p = -8.7910923e-9f;
  p = p * u + 2.32325941e-8f;
  p = p * u + 4.66171108e-7f;
  p = p * u - 3.46270414e-6f;
  p = p * u - 4.96334951e-6f;
  p = p * u + 2.18344437e-4f;
  p = p * u - 1.25274188e-3f;
  p = p * u - 4.17738678e-3f;
  p = p * u + 2.46640286e-1f;
  p = p * u + 1.50140936f;
  float v = __builtin_sqrtf(w) - 3.0f;
  float q = 1.13640531e-4f;
  q = q * v - 3.07748465e-4f;
  q = q * v - 5.37638207e-5f;
  q = q * v + 1.48285553e-3f;
  q = q * v - 3.59898765e-3f;
  q = q * v + 5.6878082e-3f;
  q = q * v - 7.6369554e-3f;
  q = q * v + 9.4451924e-3f;
  q = q * v + 1.00167495f;
  q = q * v + 2.8329768f;
  float y = (w < 5.0f ? p : q) * x;
  return a == 1.0f ? WithSign(kInfinity, x) : y;
}

// ---- neighbours -----------------------------------------------------------------------------------------------------

// Floats of one sign are ordered as their bits are.
#define GB_NEXTAFTER(T, U, kSign)                                                          \
  GB_MATH T nextafter(T a, T b) {                                                          \
    U step = (a < b) == (a > T(0)) ? U(1) : ~U(0);                                         \
    T y = FromBits(a == T(0) ? (Bits(b) & kSign) | U(1) : static_cast<U>(Bits(a) + step)); \
    y = a == b ? b : y;                                                                    \
    return (a != a) | (b != b) ? a + b : y;                                                \
  }
GB_NEXTAFTER(float, uint32_t, 0x80000000u)
GB_NEXTAFTER(double, uint64_t, 0x8000000000000000u)
#undef GB_NEXTAFTER

// ---- plain instructions, and the C library for the rest -------------------------------------------------------------

#define GB_BUILTIN1(name)                                        \
  GB_MATH float name(float x) { return __builtin_##name##f(x); } \
  GB_MATH double name(double x) { return __builtin_##name(x); }
#define GB_BUILTIN1_DOUBLE(name) \
  GB_MATH double name(double x) { return __builtin_##name(x); }
#define GB_BUILTIN2(name)                                                    \
  GB_MATH float name(float a, float b) { return __builtin_##name##f(a, b); } \
  GB_MATH double name(double a, double b) { return __builtin_##name(a, b); }

GB_BUILTIN1(sqrt)
GB_BUILTIN1(fabs)
GB_BUILTIN1(floor)
GB_BUILTIN1(ceil)
GB_BUILTIN1(rint)
GB_BUILTIN1(trunc)
GB_BUILTIN1(lgamma)
GB_BUILTIN1_DOUBLE(exp)
GB_BUILTIN1_DOUBLE(exp2)
GB_BUILTIN1_DOUBLE(expm1)
GB_BUILTIN1_DOUBLE(log)
GB_BUILTIN1_DOUBLE(log2)
GB_BUILTIN1_DOUBLE(log10)
GB_BUILTIN1_DOUBLE(log1p)
GB_BUILTIN1_DOUBLE(sin)
GB_BUILTIN1_DOUBLE(cos)
GB_BUILTIN1_DOUBLE(tan)
GB_BUILTIN1_DOUBLE(asin)
GB_BUILTIN1_DOUBLE(acos)
GB_BUILTIN1_DOUBLE(atan)
GB_BUILTIN1_DOUBLE(asinh)
GB_BUILTIN1_DOUBLE(acosh)
GB_BUILTIN1_DOUBLE(atanh)
GB_BUILTIN1_DOUBLE(sinh)
GB_BUILTIN1_DOUBLE(cosh)
GB_BUILTIN1_DOUBLE(tanh)
GB_BUILTIN1_DOUBLE(erf)
GB_BUILTIN1_DOUBLE(erfc)
GB_MATH double atan2(double a, double b) { return __builtin_atan2(a, b); }
GB_BUILTIN2(copysign)
GB_MATH double fmod(double a, double b) { return __builtin_fmod(a, b); }
GB_MATH double hypot(double a, double b) { return __builtin_hypot(a, b); }
GB_MATH double pow(double a, double b) { return __builtin_pow(a, b); }

// In double, a quotient of floats below 2^29 leaves an exact remainder, and the squares of floats neither overflow nor
// vanish.
GB_MATH float fmod(float a, float b) {
  const double x = a, y = b, quotient = __builtin_trunc(x / y);
  if (!(__builtin_fabs(quotient) < 536870912.0) || __builtin_isinf(y)) return __builtin_fmodf(a, b);
  double rest = x - quotient * y;
  // The quotient was rounded up to a whole number.
  if (rest != 0 && (rest < 0) != (x < 0)) rest += __builtin_copysign(y, x);
  return static_cast<float>(__builtin_copysign(rest, x));
}
GB_MATH float hypot(float a, float b) {
  const double x = a, y = b, length = __builtin_sqrt(x * x + y * y);
  return __builtin_isinf(a) || __builtin_isinf(b) ? __builtin_inff() : static_cast<float>(length);
}

#undef GB_BUILTIN1
#undef GB_BUILTIN1_DOUBLE
#undef GB_BUILTIN2

// fmax and fmin ignore a NaN, maximum and minimum pass it on; isnan and its like give bool. modulo has the divisor's
// sign (Python's %), floordiv is rounded down consistently with it.
#define GB_CHOICES(T)                                                         \
  GB_MATH T modulo(T a, T b) {                                                \
    T r = fmod(a, b);                                                         \
    return r != T(0) && (r < T(0)) != (b < T(0)) ? r + b : r;                 \
  }                                                                           \
  GB_MATH T floordiv(T a, T b) {                                              \
    if (b == T(0)) return a / b;                                              \
    T r = fmod(a, b), q = (a - r) / b;                                        \
    q = rint(r != T(0) && (r < T(0)) != (b < T(0)) ? q - T(1) : q);           \
    return q == T(0) ? copysign(q, a / b) : q;                                \
  }                                                                           \
  GB_MATH T truncdiv(T a, T b) { return trunc(a / b); }                       \
  GB_MATH bool signbit(T x) { return copysign(T(1), x) < T(0); }              \
  GB_MATH T rsqrt(T x) { return T(1) / sqrt(x); }                             \
  GB_MATH T fmax(T a, T b) { return a > b || b != b ? a : b; }                \
  GB_MATH T fmin(T a, T b) { return a < b || b != b ? a : b; }                \
  GB_MATH T maximum(T a, T b) { return a > b || a != a ? a : b; }             \
  GB_MATH T minimum(T a, T b) { return a < b || a != a ? a : b; }             \
  GB_MATH bool isnan(T x) { return x != x; }                                  \
  GB_MATH bool isinf(T x) { return x == T(kInfinity) || x == -T(kInfinity); } \
  GB_MATH bool isfinite(T x) { return x - x == T(0); }

GB_CHOICES(float)
GB_CHOICES(double)
#undef GB_CHOICES

// ---- integers -------------------------------------------------------------------------------------------------------

#define GB_INTEGER(T)                                                                               \
  GB_MATH T fabs(T x) { return static_cast<T>(x < T(1) ? T(0) - x : x); }                           \
  /* Division by zero gives 0 instead of ending the process. */                                     \
  GB_MATH T Divide(T a, T b) {                                                                      \
    if (b == T(0)) return T(0);                                                                     \
    return b == T(-1) && T(-1) < T(0) ? static_cast<T>(T(0) - a) : T(a / b);                        \
  }                                                                                                 \
  GB_MATH T fmod(T a, T b) { return static_cast<T>(a - Divide(a, b) * b); }                         \
  GB_MATH bool signbit(T x) { return x < T(0); }                                                    \
  GB_MATH T gcd(T a, T b) {                                                                         \
    while (b != T(0)) {                                                                             \
      T r = fmod(a, b);                                                                             \
      a = b;                                                                                        \
      b = r;                                                                                        \
    }                                                                                               \
    return fabs(a);                                                                                 \
  }                                                                                                 \
  GB_MATH T lcm(T a, T b) {                                                                         \
    T g = gcd(a, b);                                                                                \
    return g == T(0) ? g : fabs(static_cast<T>(a / g * b));                                         \
  }                                                                                                 \
  GB_MATH T modulo(T a, T b) {                                                                      \
    T r = fmod(a, b);                                                                               \
    return r != T(0) && (r < T(0)) != (b < T(0)) ? static_cast<T>(r + b) : r;                       \
  }                                                                                                 \
  GB_MATH T truncdiv(T a, T b) { return Divide(a, b); }                                             \
  GB_MATH T floordiv(T a, T b) {                                                                    \
    T r = fmod(a, b);                                                                               \
    T q = Divide(a, b);                                                                             \
    return r != T(0) && (r < T(0)) != (b < T(0)) ? static_cast<T>(q - T(1)) : q;                    \
  }                                                                                                 \
  /* Beyond the width nothing is left; to the right, the sign. */                                   \
  GB_MATH T shiftleft(T a, T b) {                                                                   \
    constexpr int kBits = static_cast<int>(8 * sizeof(T));                                          \
    return b < T(0) || b >= T(kBits) ? T(0) : static_cast<T>(a << b);                               \
  }                                                                                                 \
  GB_MATH T shiftright(T a, T b) {                                                                  \
    constexpr int kBits = static_cast<int>(8 * sizeof(T));                                          \
    constexpr int kMost = kBits - (T(-1) < T(0) ? 1 : 0);                                           \
    if (b < T(0) || b >= T(kMost)) return kMost == kBits ? T(0) : static_cast<T>(a >> (kBits - 1)); \
    return static_cast<T>(a >> b);                                                                  \
  }                                                                                                 \
  GB_MATH T floor(T x) { return x; }                                                                \
  GB_MATH T ceil(T x) { return x; }                                                                 \
  GB_MATH T rint(T x) { return x; }                                                                 \
  GB_MATH T trunc(T x) { return x; }                                                                \
  GB_MATH T fmax(T a, T b) { return a > b ? a : b; }                                                \
  GB_MATH T fmin(T a, T b) { return a < b ? a : b; }                                                \
  GB_MATH T maximum(T a, T b) { return a > b ? a : b; }                                             \
  GB_MATH T minimum(T a, T b) { return a < b ? a : b; }                                             \
  GB_MATH bool isnan(T) { return false; }                                                           \
  GB_MATH bool isinf(T) { return false; }                                                           \
  GB_MATH bool isfinite(T) { return true; }                                                         \
  GB_MATH T pow(T a, T b) {                                                                         \
    if (b < T(0)) return a == T(1) ? T(1) : a == T(-1) ? T(b % 2 ? -1 : 1) : T(0);                  \
    T y = T(1);                                                                                     \
    for (T base = a; b > T(0); b = static_cast<T>(b / 2)) {                                         \
      if (b % 2) y = static_cast<T>(y * base);                                                      \
      base = static_cast<T>(base * base);                                                           \
    }                                                                                               \
    return y;                                                                                       \
  }

GB_INTEGER(int32_t)
GB_INTEGER(int64_t)
GB_INTEGER(uint8_t)
#undef GB_INTEGER

// The type that stands for an integer in an expression that divides: `/` and `%` by zero give 0.
template <class T>
struct Checked {
  T value;
  GB_FORCE_INLINE Checked(T v) : value(v) {}
  GB_FORCE_INLINE operator T() const { return value; }
  friend GB_FORCE_INLINE Checked operator/(Checked a, Checked b) { return Divide(a.value, b.value); }
  friend GB_FORCE_INLINE Checked operator-(Checked a) { return static_cast<T>(T(0) - a.value); }
  friend GB_FORCE_INLINE Checked operator%(Checked a, Checked b) { return fmod(a.value, b.value); }
};

}  // namespace GB_ISA
}  // namespace gb
