// Functions of elementwise expressions that the language lacks, or has for floats alone. IS_FLOAT says what T is.
#if IS_FLOAT
FUNCTION T modulo(T a, T b) {
  T r = fmod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
FUNCTION T floordiv(T a, T b) {
  if (b == 0) return a / b;
  T r = fmod(a, b), q = (a - r) / b;
  q = rint(r != 0 && (r < 0) != (b < 0) ? q - 1 : q);
  return q == 0 ? copysign(q, a / b) : q;
}
FUNCTION T truncdiv(T a, T b) { return trunc(a / b); }
FUNCTION T maximum(T a, T b) { return a != a ? a : (b != b ? b : (a > b ? a : b)); }
FUNCTION T minimum(T a, T b) { return a != a ? a : (b != b ? b : (a < b ? a : b)); }
#else
FUNCTION T int_abs(T x) { return x < 1 ? (T)(0 - x) : x; }
FUNCTION T int_divide(T a, T b) { return b == 0 ? (T)0 : (b == (T)-1 && (T)-1 < 0 ? (T)(0 - a) : (T)(a / b)); }
FUNCTION T int_mod(T a, T b) { return (T)(a - int_divide(a, b) * b); }
FUNCTION T modulo(T a, T b) {
  T r = int_mod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? (T)(r + b) : r;
}
FUNCTION T floordiv(T a, T b) {
  T r = int_mod(a, b), q = int_divide(a, b);
  return r != 0 && (r < 0) != (b < 0) ? (T)(q - 1) : q;
}
FUNCTION T truncdiv(T a, T b) { return int_divide(a, b); }
FUNCTION T maximum(T a, T b) { return a > b ? a : b; }
FUNCTION T minimum(T a, T b) { return a < b ? a : b; }
FUNCTION T gcd(T a, T b) {
  while (b != 0) {
    T r = int_mod(a, b);
    a = b;
    b = r;
  }
  return int_abs(a);
}
FUNCTION T lcm(T a, T b) {
  T g = gcd(a, b);
  return g == 0 ? g : int_abs((T)(int_divide(a, g) * b));
}
FUNCTION T shiftleft(T a, T b) { return b < 0 || b >= (T)(8 * sizeof(T)) ? (T)0 : (T)(a << b); }
FUNCTION T shiftright(T a, T b) {
  int bits = (int)(8 * sizeof(T)), is_signed = (T)-1 < 0;
  int most = is_signed ? bits - 1 : bits;
  if (b < 0 || b >= (T)most) return most == bits ? (T)0 : (T)(a >> (bits - 1));
  return (T)(a >> b);
}
FUNCTION T int_power(T a, T b) {
  if (b < 0) return a == 1 ? (T)1 : (a == (T)-1 ? (b % 2 != 0 ? (T)-1 : (T)1) : (T)0);
  T y = 1;
  for (T base = a; b > 0; b = (T)(b / 2)) {
    if (b % 2 != 0) y = (T)(y * base);
    base = (T)(base * base);
  }
  return y;
}
#define fabs int_abs
#define fmod int_mod
#define pow int_power
#define fmax maximum
#define fmin minimum
#define floor(x) (x)
#define ceil(x) (x)
#define rint(x) (x)
#define trunc(x) (x)
#define signbit(x) ((x) < 0)
#define isnan(x) 0
#define isinf(x) 0
#endif
