// What the normalisations share: sums, moments, and the formulas of a run of elements.
//
// Mean and squared deviation are taken block by block: a block is read from memory once, for its mean, and again from
// the first-level cache, for the deviations from that mean; blocks are joined in double. So nothing cancels, whatever
// the mean.
#pragma once

#include <utility>

#include "cpu/isa.h"
#include "cpu/lanes.h"
#include "cpu/vector.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kBlock = 4096;   // elements
constexpr int64_t kGrain = 32768;  // elements for one thread

// One half of a vector's lanes, from the given one on.
template <int kFirst, class V, int... I>
GB_FORCE_INLINE auto Half(V v, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(v, v, (kFirst + I)...);
}

// Sum of the lanes, the halves added pairwise.
template <class T, int kLanes = kWidth<T>>
GB_FORCE_INLINE T Total(Lanes<T, kLanes> v) {
  if constexpr (kLanes == 2) {
    return v[0] + v[1];
  } else {
    using Sequence = std::make_integer_sequence<int, kLanes / 2>;
    return Total<T, kLanes / 2>(Half<0>(v, Sequence{}) + Half<kLanes / 2>(v, Sequence{}));
  }
}

// Adds term(i), a vector from element i, and last(i), a single one, over n elements.
template <class T, class F, class G>
GB_FORCE_INLINE T AddUp(int64_t n, const F& term, const G& last) {
  constexpr int64_t kStep = kWidth<T>;
  Vector<T> a{}, b{}, c{}, d{};
  int64_t i = 0;
  for (; i + kStep * 4 <= n; i += kStep * 4) {
    a += term(i);
    b += term(i + kStep);
    c += term(i + kStep * 2);
    d += term(i + kStep * 3);
  }
  for (; i + kStep <= n; i += kStep) a += term(i);
  T sum = i > 0 ? Total<T>((a + b) + (c + d)) : T(0);
  for (; i < n; i++) sum += last(i);
  return sum;
}

// Count, mean and squared deviations of what was seen so far.
struct Moments {
  double count = 0, mean = 0, squares = 0;

  void Join(double n, double its_mean, double its_squares) {
    if (count == 0) {
      count = n;
      mean = its_mean;
      squares = its_squares;
      return;
    }
    const double total = count + n, step = its_mean - mean;
    squares += its_squares + step * step * (count * n / total);
    mean += step * (n / total);
    count = total;
  }

  template <class T>
  void Add(const T* x, int64_t n) {
    for (int64_t begin = 0; begin < n; begin += kBlock) {
      const T* p = x + begin;
      const int64_t length = Min(kBlock, n - begin);
      const double sum = AddUp<T>(
          length, [&](int64_t i) { return Load(p + i); }, [&](int64_t i) { return p[i]; });
      const double exact = sum / static_cast<double>(length);
      const T near = static_cast<T>(exact);
      const double about = AddUp<T>(
          length,
          [&](int64_t i) {
            const Vector<T> off = Load(p + i) - near;
            return off * off;
          },
          [&](int64_t i) { return (p[i] - near) * (p[i] - near); });
      const double shift = exact - static_cast<double>(near);
      Join(static_cast<double>(length), exact, Max(0.0, about - shift * shift * static_cast<double>(length)));
    }
  }

  double Variance() const { return squares / count; }
};

double InverseRoot(double x) { return 1 / __builtin_sqrt(x); }

template <class T>
GB_FORCE_INLINE void Scale(const T* x, T* y, int64_t n, T mean, T scale, T bias) {
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * scale + bias;
}

// Σ dy and Σ dy·(x − mean) of a run, added to what is there.
struct Products {
  double dy = 0, product = 0;

  template <class T>
  void Add(const T* grad, const T* x, int64_t n, T mean) {
    for (int64_t begin = 0; begin < n; begin += kBlock) {
      const T *g = grad + begin, *p = x + begin;
      const int64_t length = Min(kBlock, n - begin);
      constexpr int64_t kStep = kWidth<T>;
      Vector<T> a{}, b{}, c{}, d{};
      int64_t i = 0;
      for (; i + kStep * 2 <= length; i += kStep * 2) {
        const Vector<T> g0 = Load(g + i), g1 = Load(g + i + kStep);
        a += g0;
        b += g1;
        c += g0 * (Load(p + i) - mean);
        d += g1 * (Load(p + i + kStep) - mean);
      }
      T sum = i > 0 ? Total<T>(a + b) : T(0), with_x = i > 0 ? Total<T>(c + d) : T(0);
      for (; i < length; i++) {
        sum += g[i];
        with_x += g[i] * (p[i] - mean);
      }
      dy += sum;
      product += with_x;
    }
  }
};

// dx = (dy·weight − offset − (x − mean)·slope)·scale
template <class T>
GB_FORCE_INLINE void Gradient(const T* dy, const T* x, T* dx, int64_t n, T weight, T mean, T offset, T slope, T scale) {
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) dx[i] = (dy[i] * weight - offset - (x[i] - mean) * slope) * scale;
}

template <class T>
T At(const void* values, int64_t i, T otherwise) {
  return values ? static_cast<const T*>(values)[i] : otherwise;
}

}  // namespace

}  // namespace GB_ISA
}  // namespace gb
