// Special functions that C, OpenCL C and CUDA lack: Bessel, gamma and normal-distribution functions for elementwise
// expressions. cpu/special.h compiles the same text.
//
// Each is computed in REAL by its series, its asymptotic expansion or Newton's method, in double to about 1e-14 relative;
// float32 takes the double's result where there is one. They are called element by element: clarity counts here, they are
// rarely a program's cost.
#define PI ((REAL)3.14159265358979323846)
#define ROOT_HALF ((REAL)0.70710678118654752440)

// Bernoulli's numbers B2, B4, … B20.
CONSTANT REAL bernoulli[] = {1.0 / 6,       -1.0 / 30, 1.0 / 42,      -1.0 / 30,     5.0 / 66,
                             -691.0 / 2730, 7.0 / 6,   -3617.0 / 510, 43867.0 / 798, -174611.0 / 330};

// ψ(x) = d/dx ln Γ(x): upward to x >= 10, then the asymptotic series; reflected for negative x.
FUNCTION REAL digamma(REAL x) {
  if (x == 0) return copysign((REAL)INFINITY, -x);
  REAL y = 0;
  if (x < 0) {
    if (x == trunc(x)) return NAN;
    // The period of the tangent, so that large arguments keep their fraction.
    REAL fraction = x - trunc(x);
    y = -PI / tan(PI * fraction);
    x = 1 - x;
  }
  for (; x < 10; x += 1) y -= 1 / x;
  REAL square = 1 / (x * x), power = square, tail = 0;
  for (int i = 0; i < 8; i++, power *= square) tail += bernoulli[i] / (2 * (i + 1)) * power;
  return y + log(x) - 0.5 / x - tail;
}

// Hurwitz's ζ(s, q) = Σ (q + k)^-s for s > 1, by the Euler-Maclaurin formula.
FUNCTION REAL zeta(REAL s, REAL q) {
  if (s == 1) return INFINITY;
  if (!(s > 1) || q != q) return NAN;
  if (q <= 0) {
    if (q == floor(q)) return INFINITY;
    if (s != floor(s) || q < -1e7) return NAN;
  }
  REAL sum = 0, w = q;
  for (int k = 0; k < 10 || w < 10; k++, w += 1) sum += pow(w, -s);
  REAL power = pow(w, -s);
  sum += power * w / (s - 1) + 0.5 * power;
  REAL factor = s / w;  // s (s+1) … (s+2i) / (2i+2)! w^(2i+1)
  REAL factorial = 2;
  for (int i = 0; i < 10; i++) {
    REAL term = bernoulli[i] / factorial * factor * power;
    sum += term;
    if (fabs(term) < 1e-17 * fabs(sum)) break;
    factor *= (s + 2 * i + 1) * (s + 2 * i + 2) / (w * w);
    factorial *= (2.0 * i + 3) * (2.0 * i + 4);
  }
  return sum;
}

// The n-th derivative of digamma.
FUNCTION REAL polygamma(REAL n, REAL x) {
  if (n == 0) return digamma(x);
  if (n == 1 && x < 0.5) {
    if (x == floor(x)) return INFINITY;
    // By the nearest integer: x - floor(x) would round to 1 just below one.
    REAL sine = sin(PI * (x - floor(x + 0.5)));
    return PI * PI / (sine * sine) - zeta(2, 1 - x);
  }
  REAL sign = fmod(n, (REAL)2) == 0 ? -1 : 1;
  return sign * tgamma(n + 1) * zeta(n + 1, x);
}

// e^(x²) erfc(x).
FUNCTION REAL erfcx(REAL x) {
  if (x < 25) return exp(x * x) * erfc(x);
  REAL r = 0.5 / (x * x), term = 1, sum = 1;
  for (int k = 1; k < 12; k++) {
    term *= -(2 * k - 1) * r;
    sum += term;
  }
  return sum / (x * sqrt(PI));
}

// The y with erfc(y) = q, 0 < q <= 1: a closed approximation, then Newton on ln erfc, which is nearly a parabola.
FUNCTION REAL erfcinv_upper(REAL q) {
  REAL l = log(q * (2 - q));
  REAL t = 4.3307467508 + l / 2;
  REAL y = sqrt(sqrt(t * t - l / 0.147) - t);
  REAL target = log(q);
  for (int i = 0; i < 4; i++) {
    // erfc / erfc' without the factor e^(-y²), which may be tiny
    REAL scaled = erfcx(y);
    REAL error = log(scaled) - y * y - target;
    y += error * scaled * sqrt(PI) / 2;
  }
  return y;
}

FUNCTION REAL erfinv(REAL x) {
  REAL a = fabs(x);
  if (!(a < 1)) return a == 1 ? x * INFINITY : NAN;
  if (a < 0.5) {
    REAL l = log1p(-a * a);
    REAL t = 4.3307467508 + l / 2;
    REAL y = a == 0 ? 0 : sqrt(sqrt(t * t - l / 0.147) - t);
    for (int i = 0; i < 3; i++) y -= (erf(y) - a) * exp(y * y) * sqrt(PI) / 2;
    return copysign(y, x);
  }
  return copysign(erfcinv_upper(1 - a), x);
}

// The quantile of the normal distribution.
FUNCTION REAL ndtri(REAL p) {
  if (p == 0) return -INFINITY;
  if (p == 1) return INFINITY;
  if (!(p > 0 && p < 1)) return NAN;
  if (p > 0.25 && p < 0.75) return erfinv(2 * p - 1) / ROOT_HALF;
  return (p < 0.5 ? -erfcinv_upper(2 * p) : erfcinv_upper(2 * (1 - p))) / ROOT_HALF;
}

// ln of the normal distribution function, also where that is tiny.
FUNCTION REAL logndtr(REAL x) {
  if (x < -1) return log(erfcx(-x * ROOT_HALF) / 2) - x * x / 2;
  return log1p(-erfc(x * ROOT_HALF) / 2);
}

// e^-|x| I_n(x), the modified Bessel functions of order 0 and 1: power series (all terms positive), then the asymptotic
// one.
FUNCTION REAL bessel(int order, REAL x) {
  REAL a = fabs(x);
  REAL sign = order == 1 && x < 0 ? -1 : 1;
  if (a != a) return a;
  if (a == INFINITY) return 0;
  if (a < 25) {
    REAL quarter = a * a / 4, term = order == 0 ? 1 : a / 2, sum = term;
    for (int k = 1; k < 90 && term > 1e-18 * sum; k++) {
      term *= quarter / ((REAL)k * (k + order));
      sum += term;
    }
    return sign * sum * exp(-a);
  }
  REAL mu = 4.0 * order * order, term = 1, sum = 1;
  for (int k = 1; k < 40 && fabs(term) > 1e-18; k++) {
    REAL odd = 2 * k - 1;
    term *= -(mu - odd * odd) / (k * 8 * a);
    sum += term;
  }
  return sign * sum / sqrt(2 * PI * a);
}

// The exponential in two factors: e^|x| alone overflows a little before the product does.
FUNCTION REAL grown(REAL scaled, REAL x) {
  REAL root = exp(fabs(x) / 2);
  return scaled * root * root;
}

FUNCTION REAL i0e(REAL x) { return bessel(0, x); }
FUNCTION REAL i1e(REAL x) { return bessel(1, x); }
FUNCTION REAL i0(REAL x) { return x - x == 0 ? grown(bessel(0, x), x) : fabs(x); }
FUNCTION REAL i1(REAL x) { return x - x == 0 ? grown(bessel(1, x), x) : x; }

FUNCTION REAL frexp_mantissa(REAL x) {
  int exponent;
  return frexp(x, &exponent);
}

FUNCTION REAL frexp_exponent(REAL x) {
  int exponent = 0;
  if (x - x == 0) (void)frexp(x, &exponent);
  return exponent;
}
