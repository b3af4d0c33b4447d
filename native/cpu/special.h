// Special functions that the C library lacks: Bessel, gamma and normal-distribution functions for elementwise
// expressions.
//
// Each is computed in double by its series, its asymptotic expansion or Newton's method, to about 1e-14 relative;
// float32 takes the double's result. They are called element by element: clarity counts here, they are rarely a
// program's cost.
#pragma once

#include <cstdint>

#include "cpu/isa.h"

namespace gb {
namespace GB_ISA {
namespace special {

constexpr double kPi = 3.14159265358979323846;
constexpr double kInf = __builtin_inf();
constexpr double kNot = __builtin_nan("");
constexpr double kRootHalf = 0.70710678118654752440;

// Bernoulli's numbers B2, B4, … B20.
constexpr double kBernoulli[] = {1.0 / 6,       -1.0 / 30, 1.0 / 42,      -1.0 / 30,     5.0 / 66,
                                 -691.0 / 2730, 7.0 / 6,   -3617.0 / 510, 43867.0 / 798, -174611.0 / 330};

// ψ(x) = d/dx ln Γ(x): upward to x >= 10, then the asymptotic series; reflected for negative x.
inline double digamma(double x) {
  if (x == 0) return __builtin_copysign(kInf, -x);
  double y = 0;
  if (x < 0) {
    if (x == __builtin_trunc(x)) return kNot;
    // The period of the tangent, so that large arguments keep their fraction.
    double fraction = x - __builtin_trunc(x);
    y = -kPi / __builtin_tan(kPi * fraction);
    x = 1 - x;
  }
  for (; x < 10; x += 1) y -= 1 / x;
  double square = 1 / (x * x), power = square, tail = 0;
  for (int i = 0; i < 8; i++, power *= square) tail += kBernoulli[i] / (2 * (i + 1)) * power;
  return y + __builtin_log(x) - 0.5 / x - tail;
}

// Hurwitz's ζ(s, q) = Σ (q + k)^-s for s > 1, by the Euler-Maclaurin formula.
inline double zeta(double s, double q) {
  if (s == 1) return kInf;
  if (!(s > 1) || q != q) return kNot;
  if (q <= 0) {
    if (q == __builtin_floor(q)) return kInf;
    if (s != __builtin_floor(s) || q < -1e7) return kNot;
  }
  double sum = 0, w = q;
  for (int k = 0; k < 10 || w < 10; k++, w += 1) sum += __builtin_pow(w, -s);
  double power = __builtin_pow(w, -s);
  sum += power * w / (s - 1) + 0.5 * power;
  double factor = s / w;  // s (s+1) … (s+2i) / (2i+2)! w^(2i+1)
  double factorial = 2;
  for (int i = 0; i < 10; i++) {
    double term = kBernoulli[i] / factorial * factor * power;
    sum += term;
    if (__builtin_fabs(term) < 1e-17 * __builtin_fabs(sum)) break;
    factor *= (s + 2 * i + 1) * (s + 2 * i + 2) / (w * w);
    factorial *= (2.0 * i + 3) * (2.0 * i + 4);
  }
  return sum;
}

// The n-th derivative of digamma.
inline double polygamma(double n, double x) {
  if (n == 0) return digamma(x);
  if (n == 1 && x < 0.5) {
    if (x == __builtin_floor(x)) return kInf;
    // By the nearest integer: x - floor(x) would round to 1 just below one.
    double sine = __builtin_sin(kPi * (x - __builtin_floor(x + 0.5)));
    return kPi * kPi / (sine * sine) - zeta(2, 1 - x);
  }
  double sign = __builtin_fmod(n, 2) == 0 ? -1 : 1;
  return sign * __builtin_tgamma(n + 1) * zeta(n + 1, x);
}

// e^(x²) erfc(x).
inline double erfcx(double x) {
  if (x < 25) return __builtin_exp(x * x) * __builtin_erfc(x);
  double r = 0.5 / (x * x), term = 1, sum = 1;
  for (int k = 1; k < 12; k++) {
    term *= -(2 * k - 1) * r;
    sum += term;
  }
  return sum / (x * __builtin_sqrt(kPi));
}

// The y with erfc(y) = q, 0 < q <= 1: a closed approximation, then Newton on ln erfc, which is nearly a parabola.
inline double erfcinv_upper(double q) {
  double l = __builtin_log(q * (2 - q));
  double t = 4.3307467508 + l / 2;
  double y = __builtin_sqrt(__builtin_sqrt(t * t - l / 0.147) - t);
  double target = __builtin_log(q);
  for (int i = 0; i < 4; i++) {
    // erfc / erfc' without the factor e^(-y²), which may be tiny
    double scaled = erfcx(y);
    double error = __builtin_log(scaled) - y * y - target;
    y += error * scaled * __builtin_sqrt(kPi) / 2;
  }
  return y;
}

inline double erfinv(double x) {
  double a = __builtin_fabs(x);
  if (!(a < 1)) return a == 1 ? x * kInf : kNot;
  if (a < 0.5) {
    double l = __builtin_log1p(-a * a);
    double t = 4.3307467508 + l / 2;
    double y = a == 0 ? 0 : __builtin_sqrt(__builtin_sqrt(t * t - l / 0.147) - t);
    for (int i = 0; i < 3; i++) y -= (__builtin_erf(y) - a) * __builtin_exp(y * y) * __builtin_sqrt(kPi) / 2;
    return __builtin_copysign(y, x);
  }
  return __builtin_copysign(erfcinv_upper(1 - a), x);
}

// The quantile of the normal distribution.
inline double ndtri(double p) {
  if (p == 0) return -kInf;
  if (p == 1) return kInf;
  if (!(p > 0 && p < 1)) return kNot;
  if (p > 0.25 && p < 0.75) return erfinv(2 * p - 1) / kRootHalf;
  return (p < 0.5 ? -erfcinv_upper(2 * p) : erfcinv_upper(2 * (1 - p))) / kRootHalf;
}

// ln of the normal distribution function, also where that is tiny.
inline double logndtr(double x) {
  if (x < -1) return __builtin_log(erfcx(-x * kRootHalf) / 2) - x * x / 2;
  return __builtin_log1p(-__builtin_erfc(x * kRootHalf) / 2);
}

// e^-|x| I_n(x), the modified Bessel functions of order 0 and 1: power series (all terms positive), then the asymptotic
// one.
inline double bessel(int order, double x) {
  double a = __builtin_fabs(x);
  double sign = order == 1 && x < 0 ? -1 : 1;
  if (a != a) return a;
  if (a == kInf) return 0;
  if (a < 25) {
    double quarter = a * a / 4, term = order == 0 ? 1 : a / 2, sum = term;
    for (int k = 1; k < 90 && term > 1e-18 * sum; k++) {
      term *= quarter / (static_cast<double>(k) * (k + order));
      sum += term;
    }
    return sign * sum * __builtin_exp(-a);
  }
  double mu = 4.0 * order * order, term = 1, sum = 1;
  for (int k = 1; k < 40 && __builtin_fabs(term) > 1e-18; k++) {
    double odd = 2 * k - 1;
    term *= -(mu - odd * odd) / (k * 8 * a);
    sum += term;
  }
  return sign * sum / __builtin_sqrt(2 * kPi * a);
}

// The exponential in two factors: e^|x| alone overflows a little before the product does.
inline double grown(double scaled, double x) {
  double half = __builtin_exp(__builtin_fabs(x) / 2);
  return scaled * half * half;
}

inline double i0e(double x) { return bessel(0, x); }
inline double i1e(double x) { return bessel(1, x); }
inline double i0(double x) { return x - x == 0 ? grown(bessel(0, x), x) : __builtin_fabs(x); }
inline double i1(double x) { return x - x == 0 ? grown(bessel(1, x), x) : x; }

inline double frexp_mantissa(double x) {
  int exponent;
  return __builtin_frexp(x, &exponent);
}

inline double frexp_exponent(double x) {
  int exponent = 0;
  if (x - x == 0) (void)__builtin_frexp(x, &exponent);
  return exponent;
}

}  // namespace special

#define GB_SPECIAL1(name)                                                                     \
  static GB_FORCE_INLINE float name(float x) { return static_cast<float>(special::name(x)); } \
  static GB_FORCE_INLINE double name(double x) { return special::name(x); }
#define GB_SPECIAL2(name)                                                                                 \
  static GB_FORCE_INLINE float name(float a, float b) { return static_cast<float>(special::name(a, b)); } \
  static GB_FORCE_INLINE double name(double a, double b) { return special::name(a, b); }

GB_SPECIAL1(digamma)
GB_SPECIAL1(erfcx)
GB_SPECIAL1(erfinv)
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

#undef GB_SPECIAL1
#undef GB_SPECIAL2

}  // namespace GB_ISA
}  // namespace gb
