// Maximum and average pooling over windows of one size, and their gradients.
//
// A maximum is remembered as its position in the window, one byte in all but huge windows: an eighth of what an index
// takes, and the gradient finds the element without a division. Output columns whose window lies inside the row are
// computed in vectors (the last one overlaps the one before), the others one by one; windows of 2 x 2 with stride 2
// have a loop of their own. Limited by memory: 2 x 2 reads the input once, its gradient writes it once.
#include "cpu/pooling.h"

#include <utility>

#include "core/storage.h"
#include "core/threads.h"
#include "cpu/isa.h"
#include "cpu/tables.h"
#include "cpu/vector.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kGrain = 32768;  // elements for one thread

template <class T, int kLanes>
struct LanesOf {
  typedef T Type __attribute__((vector_size(kLanes * sizeof(T))));
};
template <class T, int kLanes>
using Lanes = typename LanesOf<T, kLanes>::Type;

template <class T>
struct CodeLane {
  using Type = int32_t;
};
template <>
struct CodeLane<double> {
  using Type = int64_t;
};
template <class T>
using Code = typename CodeLane<T>::Type;

template <class V, class T>
GB_FORCE_INLINE V LoadLanes(const T* from) {
  V v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

template <class V, class T>
GB_FORCE_INLINE void StoreLanes(T* to, V v) {
  __builtin_memcpy(to, &v, sizeof v);
}

// Lanes 0, 2, 4 … of a and b together; lanes 1, 3, 5 …; and of pairs from a and b one after the other.
template <int kLanes>
struct Mix {
  template <class V, int... I>
  static GB_FORCE_INLINE V Even(V a, V b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (2 * I)...);
  }
  template <class V, int... I>
  static GB_FORCE_INLINE V Odd(V a, V b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (2 * I + 1)...);
  }
  // As Even, where b overlaps a by one element.
  template <class V, int... I>
  static GB_FORCE_INLINE V EvenOverlapped(V a, V b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (2 * I < kLanes ? 2 * I : 2 * I + 1)...);
  }
  template <class V, int... I>
  static GB_FORCE_INLINE V Low(V a, V b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (I / 2 + I % 2 * kLanes)...);
  }
  template <class V, int... I>
  static GB_FORCE_INLINE V High(V a, V b, std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (kLanes / 2 + I / 2 + I % 2 * kLanes)...);
  }
};

template <int kLanes>
using Sequence = std::make_integer_sequence<int, kLanes>;

// Elements 0, kStep, 2 * kStep … from p; reads nothing behind the last of them.
template <class T, int kLanes, int kStep>
GB_FORCE_INLINE Lanes<T, kLanes> LoadSteps(const T* p) {
  using V = Lanes<T, kLanes>;
  if constexpr (kStep == 1) {
    return LoadLanes<V>(p);
  } else {
    return Mix<kLanes>::EvenOverlapped(LoadLanes<V>(p), LoadLanes<V>(p + kLanes - 1), Sequence<kLanes>{});
  }
}

// Calls body with the widest vector (its lanes) that a row of n columns fills; false when none does.
template <class T, class F>
GB_FORCE_INLINE bool WithLanes(int64_t n, const F& body) {
  constexpr int kFull = kWidth<T> < 4 ? 4 : kWidth<T>;
  if (n >= kFull) {
    body(std::integral_constant<int, kFull>{});
    return true;
  }
  if constexpr (kFull >= 8) {
    if (n >= kFull / 2) {
      body(std::integral_constant<int, kFull / 2>{});
      return true;
    }
  }
  if constexpr (kFull >= 16) {
    if (n >= kFull / 4) {
      body(std::integral_constant<int, kFull / 4>{});
      return true;
    }
  }
  return false;
}

// Calls body(j) for steps of kLanes columns that cover [begin, end), the last one overlapping.
template <int kLanes, class F>
GB_FORCE_INLINE void ForColumns(int64_t begin, int64_t end, const F& body) {
  for (int64_t j = begin; j < end; j += kLanes) body(Min(j, end - kLanes));
}

template <class T>
GB_FORCE_INLINE bool Beats(T x, T best) {
  return x > best || x != x;
}

template <class T>
constexpr T kLeast = T(-1) > T(0) ? T(0) : static_cast<T>(uint64_t{1} << (sizeof(T) * 8 - 1));
template <>
constexpr float kLeast<float> = -__builtin_inff();
template <>
constexpr double kLeast<double> = -__builtin_inf();

// The output columns whose window lies inside the row.
struct Interior {
  int64_t begin, end;

  explicit Interior(const PoolGeometry& g) {
    const int64_t s = g.stride[2], p = g.padding[2];
    begin = Min((p + s - 1) / s, g.out[2]);
    const int64_t room = g.in[2] + p - (g.kernel[2] - 1) * g.dilation[2] - 1;
    end = room < 0 ? begin : Max(begin, Min(room / s + 1, g.out[2]));
  }
};

// ---- maximum --------------------------------------------------------------------------------------------------------

// One row of outputs.
template <class T, class C>
struct MaxRow {
  const PoolGeometry& g;
  const T* x;  // the plane
  T* y;
  C* codes;  // null when nobody wants them
  Reach depth, height;

  const T* Line(int64_t kd, int64_t kh) const {
    return x + ((depth.begin + kd * g.dilation[0]) * g.in[1] + height.begin + kh * g.dilation[1]) * g.in[2];
  }
  int64_t CodeOf(int64_t kd, int64_t kh) const { return (kd * g.kernel[1] + kh) * g.kernel[2]; }

  void Single(int64_t j) const {
    const Reach width(g, 2, j);
    T best = kLeast<T>;
    int64_t code = CodeOf(depth.first, height.first) + width.first;
    for (int64_t kd = depth.first; kd < depth.last; kd++) {
      for (int64_t kh = height.first; kh < height.last; kh++) {
        const T* line = Line(kd, kh) + width.begin;
        for (int64_t kw = width.first; kw < width.last; kw++) {
          const T value = line[kw * g.dilation[2]];
          if (Beats(value, best)) {
            best = value;
            code = CodeOf(kd, kh) + kw;
          }
        }
      }
    }
    y[j] = best;
    if (codes) codes[j] = static_cast<C>(code);
  }

  template <int kLanes, int kStep>
  void Vectors(int64_t begin, int64_t end) const {
    using V = Lanes<T, kLanes>;
    using I = Lanes<Code<T>, kLanes>;
    ForColumns<kLanes>(begin, end, [&](int64_t j) {
      V best = kLeast<T> - V{};
      I code = static_cast<Code<T>>(CodeOf(depth.first, height.first)) - I{};
      for (int64_t kd = depth.first; kd < depth.last; kd++) {
        for (int64_t kh = height.first; kh < height.last; kh++) {
          const T* line = Line(kd, kh) + j * kStep - g.padding[2];
          const int64_t number = CodeOf(kd, kh);
          for (int64_t kw = 0; kw < g.kernel[2]; kw++) {
            const V value = LoadSteps<T, kLanes, kStep>(line + kw * g.dilation[2]);
            const I better = (value > best) | (value != value);
            best = better ? value : best;
            code = better ? static_cast<Code<T>>(number + kw) - I{} : code;
          }
        }
      }
      StoreLanes(y + j, best);
      if (codes) StoreLanes(codes + j, __builtin_convertvector(code, Lanes<C, kLanes>));
    });
  }

  // The same for windows of 2 x 2: each element is loaded once.
  template <int kLanes>
  void Vectors2x2() const {
    using V = Lanes<T, kLanes>;
    using I = Lanes<Code<T>, kLanes>;
    const T *top = Line(0, 0), *bottom = Line(0, 1);
    ForColumns<kLanes>(0, g.out[2], [&](int64_t j) {
      const V a = LoadLanes<V>(top + 2 * j), b = LoadLanes<V>(top + 2 * j + kLanes);
      const V c = LoadLanes<V>(bottom + 2 * j), d = LoadLanes<V>(bottom + 2 * j + kLanes);
      V best = Mix<kLanes>::Even(a, b, Sequence<kLanes>{});
      I code{};
      auto compare = [&](V value, Code<T> number) {
        const I better = (value > best) | (value != value);
        best = better ? value : best;
        code = better ? number - I{} : code;
      };
      compare(Mix<kLanes>::Odd(a, b, Sequence<kLanes>{}), 1);
      compare(Mix<kLanes>::Even(c, d, Sequence<kLanes>{}), 2);
      compare(Mix<kLanes>::Odd(c, d, Sequence<kLanes>{}), 3);
      StoreLanes(y + j, best);
      if (codes) StoreLanes(codes + j, __builtin_convertvector(code, Lanes<C, kLanes>));
    });
  }

  void Run(const Interior& interior, bool is_2x2) const {
    bool done = false;
    if constexpr (T(0.5) != T(0)) {
      if (is_2x2) {
        if (WithLanes<T>(g.out[2], [&](auto lanes) { Vectors2x2<decltype(lanes)::value>(); })) return;
      } else if (g.stride[2] == 1) {
        done = WithLanes<T>(interior.end - interior.begin,
                            [&](auto lanes) { Vectors<decltype(lanes)::value, 1>(interior.begin, interior.end); });
      } else if (g.stride[2] == 2) {
        done = WithLanes<T>(interior.end - interior.begin,
                            [&](auto lanes) { Vectors<decltype(lanes)::value, 2>(interior.begin, interior.end); });
      }
    }
    for (int64_t j = 0; j < (done ? interior.begin : g.out[2]); j++) Single(j);
    for (int64_t j = done ? interior.end : g.out[2]; j < g.out[2]; j++) Single(j);
  }
};

template <class T, class C>
void MaxTyped(const PoolGeometry& g, const void* x, void* y, void* codes) {
  const Interior interior(g);
  const bool is_2x2 = g.Is2x2();
  const int64_t rows = g.out[0] * g.out[1];
  const int64_t cost = g.out[2] * Max(int64_t{4}, g.Volume());
  ParallelFor(g.planes * rows, Max(int64_t{1}, kGrain / Max(int64_t{1}, cost)), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t at = row % rows;
      const MaxRow<T, C> task{g,
                              static_cast<const T*>(x) + row / rows * g.PlaneIn(),
                              static_cast<T*>(y) + row * g.out[2],
                              codes ? static_cast<C*>(codes) + row * g.out[2] : nullptr,
                              Reach(g, 0, at / g.out[1]),
                              Reach(g, 1, at % g.out[1])};
      task.Run(interior, is_2x2);
    }
  });
}

// Gradient of one row of 2 x 2 windows: both input rows are written whole.
template <class T, int kLanes>
GB_FORCE_INLINE void Spread2x2(const T* dy, const uint8_t* codes, T* top, T* bottom, int64_t n) {
  using V = Lanes<T, kLanes>;
  using I = Lanes<Code<T>, kLanes>;
  ForColumns<kLanes>(0, n, [&](int64_t j) {
    const V grad = LoadLanes<V>(dy + j);
    const I code = __builtin_convertvector((LoadLanes<Lanes<uint8_t, kLanes>>(codes + j)), I);
    const V zero{};
    const V a = code == 0 ? grad : zero, b = code == 1 ? grad : zero;
    const V c = code == 2 ? grad : zero, d = code == 3 ? grad : zero;
    StoreLanes(top + 2 * j, Mix<kLanes>::Low(a, b, Sequence<kLanes>{}));
    StoreLanes(top + 2 * j + kLanes, Mix<kLanes>::High(a, b, Sequence<kLanes>{}));
    StoreLanes(bottom + 2 * j, Mix<kLanes>::Low(c, d, Sequence<kLanes>{}));
    StoreLanes(bottom + 2 * j + kLanes, Mix<kLanes>::High(c, d, Sequence<kLanes>{}));
  });
}

template <class T>
GB_FORCE_INLINE void Zero(T* to, int64_t n) {
  __builtin_memset(to, 0, static_cast<size_t>(n) * sizeof(T));
}

template <class T>
void MaxBackward2x2(const PoolGeometry& g, const T* dy, const uint8_t* codes, T* dx) {
  const int64_t w = g.in[2], ow = g.out[2];
  for (int64_t d = 0; d < g.out[0]; d++) {
    T* plane = dx + d * g.in[1] * w;
    for (int64_t i = 0; i < g.out[1]; i++) {
      T *top = plane + 2 * i * w, *bottom = top + w;
      const int64_t at = (d * g.out[1] + i) * ow;
      WithLanes<T>(ow, [&](auto lanes) { Spread2x2<T, decltype(lanes)::value>(dy + at, codes + at, top, bottom, ow); });
      Zero(top + 2 * ow, w - 2 * ow);
      Zero(bottom + 2 * ow, w - 2 * ow);
    }
    Zero(plane + 2 * g.out[1] * w, (g.in[1] - 2 * g.out[1]) * w);
  }
}

template <class T, class C>
void MaxBackwardPlane(const PoolGeometry& g, const T* dy, const C* codes, T* dx, const int64_t* offsets) {
  const uint64_t size = static_cast<uint64_t>(g.PlaneIn());
  Zero(dx, g.PlaneIn());
  for (int64_t d = 0; d < g.out[0]; d++) {
    for (int64_t h = 0; h < g.out[1]; h++) {
      // The window's first element may lie in the padding; the code's offset leads back inside.
      int64_t start =
          ((d * g.stride[0] - g.padding[0]) * g.in[1] + h * g.stride[1] - g.padding[1]) * g.in[2] - g.padding[2];
      for (int64_t j = 0; j < g.out[2]; j++, start += g.stride[2]) {
        const uint64_t at = static_cast<uint64_t>(start + offsets[*codes++]);
        const T grad = *dy++;
        // A window that lies in the padding altogether has no element.
        if (at < size) dx[at] += grad;
      }
    }
  }
}

template <class T, class C>
void MaxBackwardTyped(const PoolGeometry& g, const void* dy, const void* codes, void* dx) {
  constexpr bool kBytes = sizeof(C) == 1;
  const bool is_2x2 = kBytes && g.Is2x2() && g.out[2] >= 4;
  const int64_t volume = g.Volume();
  int64_t few[256];
  Scratch scratch(kBytes ? 0 : volume * static_cast<int64_t>(sizeof(int64_t)));
  int64_t* offsets = kBytes ? few : static_cast<int64_t*>(scratch.data());
  for (int64_t code = 0; code < volume; code++) {
    const int64_t kw = code % g.kernel[2], kh = code / g.kernel[2] % g.kernel[1], kd = code / g.kernel[2] / g.kernel[1];
    offsets[code] = (kd * g.dilation[0] * g.in[1] + kh * g.dilation[1]) * g.in[2] + kw * g.dilation[2];
  }
  const int64_t plane_in = g.PlaneIn(), plane_out = g.PlaneOut();
  ParallelFor(g.planes, Max(int64_t{1}, kGrain / Max(int64_t{1}, plane_in)), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; plane++) {
      const T* from = static_cast<const T*>(dy) + plane * plane_out;
      const C* chosen = static_cast<const C*>(codes) + plane * plane_out;
      T* to = static_cast<T*>(dx) + plane * plane_in;
      if constexpr (kBytes) {
        if (is_2x2) {
          MaxBackward2x2(g, from, chosen, to);
          continue;
        }
      }
      MaxBackwardPlane(g, from, chosen, to, offsets);
    }
  });
}

// ---- average --------------------------------------------------------------------------------------------------------

// What the sum of the window at (d, h, w) is divided by. The padded plane ends what counts of a window with ceilMode.
int64_t Divisor(const PoolGeometry& g, const AverageOptions& options, const int64_t (&at)[3]) {
  if (options.divisor) return options.divisor;
  int64_t count = 1;
  for (int dim = 0; dim < 3; dim++) {
    const int64_t begin = at[dim] * g.stride[dim] - g.padding[dim];
    const int64_t end = Min(begin + g.kernel[dim], g.in[dim] + g.padding[dim]);
    count *= options.count_padding ? end - begin : Min(end, g.in[dim]) - Max(begin, int64_t{0});
  }
  return count;
}

template <class T>
struct AverageRow {
  const PoolGeometry& g;
  const AverageOptions& options;
  const T* x;
  T* y;
  int64_t d, h;
  Reach depth, height;

  const T* Line(int64_t kd, int64_t kh) const {
    return x + ((depth.begin + kd) * g.in[1] + height.begin + kh) * g.in[2];
  }
  T DivisorAt(int64_t j) const { return static_cast<T>(Divisor(g, options, {d, h, j})); }

  void Single(int64_t j) const {
    const Reach width(g, 2, j);
    if (depth.first == depth.last || height.first == height.last || width.first == width.last) {
      y[j] = 0;
      return;
    }
    T sum = 0;
    for (int64_t kd = depth.first; kd < depth.last; kd++) {
      for (int64_t kh = height.first; kh < height.last; kh++) {
        const T* line = Line(kd, kh) + width.begin;
        for (int64_t kw = width.first; kw < width.last; kw++) sum += line[kw];
      }
    }
    y[j] = sum / DivisorAt(j);
  }

  template <int kLanes, int kStep>
  void Vectors(int64_t begin, int64_t end) const {
    using V = Lanes<T, kLanes>;
    const T divisor = DivisorAt(begin);
    ForColumns<kLanes>(begin, end, [&](int64_t j) {
      V sum{};
      for (int64_t kd = depth.first; kd < depth.last; kd++) {
        for (int64_t kh = height.first; kh < height.last; kh++) {
          const T* line = Line(kd, kh) + j * kStep - g.padding[2];
          for (int64_t kw = 0; kw < g.kernel[2]; kw++) sum += LoadSteps<T, kLanes, kStep>(line + kw);
        }
      }
      StoreLanes(y + j, sum / divisor);
    });
  }

  void Run(const Interior& interior) const {
    bool done = false;
    if constexpr (T(0.5) != T(0)) {
      if (depth.first < depth.last && height.first < height.last) {
        const int64_t n = interior.end - interior.begin;
        if (g.stride[2] == 1) {
          done = WithLanes<T>(n, [&](auto lanes) { Vectors<decltype(lanes)::value, 1>(interior.begin, interior.end); });
        } else if (g.stride[2] == 2) {
          done = WithLanes<T>(n, [&](auto lanes) { Vectors<decltype(lanes)::value, 2>(interior.begin, interior.end); });
        }
      }
    }
    for (int64_t j = 0; j < (done ? interior.begin : g.out[2]); j++) Single(j);
    for (int64_t j = done ? interior.end : g.out[2]; j < g.out[2]; j++) Single(j);
  }
};

template <class T>
void AverageTyped(const PoolGeometry& g, const void* x, void* y, const AverageOptions& options) {
  const Interior interior(g);
  const int64_t rows = g.out[0] * g.out[1];
  const int64_t cost = g.out[2] * Max(int64_t{4}, g.Volume());
  ParallelFor(g.planes * rows, Max(int64_t{1}, kGrain / Max(int64_t{1}, cost)), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t d = row % rows / g.out[1], h = row % g.out[1];
      const AverageRow<T> task{g,
                               options,
                               static_cast<const T*>(x) + row / rows * g.PlaneIn(),
                               static_cast<T*>(y) + row * g.out[2],
                               d,
                               h,
                               Reach(g, 0, d),
                               Reach(g, 1, h)};
      task.Run(interior);
    }
  });
}

// Adds the row's shares, one for each window, to one input row: element j * stride + first + kw gets share j.
template <class T>
GB_FORCE_INLINE void AddShares(const PoolGeometry& g, const Interior& interior, const T* shares, T* line) {
  for (int64_t j = 0; j < g.out[2]; j++) {
    if (j == interior.begin) j = interior.end;
    if (j >= g.out[2]) break;
    const Reach width(g, 2, j);
    for (int64_t kw = width.first; kw < width.last; kw++) line[width.begin + kw] += shares[j];
  }
  const int64_t step = g.stride[2];
  for (int64_t kw = 0; kw < g.kernel[2]; kw++) {
    T* to = line + kw - g.padding[2];
    if (step == 1) {
      GB_INDEPENDENT
      for (int64_t j = interior.begin; j < interior.end; j++) to[j] += shares[j];
    } else {
      for (int64_t j = interior.begin; j < interior.end; j++) to[j * step] += shares[j];
    }
  }
}

template <class T>
void AverageBackwardPlane(const PoolGeometry& g, const Interior& interior, const AverageOptions& options, const T* dy,
                          T* dx, T* shares) {
  Zero(dx, g.PlaneIn());
  for (int64_t d = 0; d < g.out[0]; d++) {
    const Reach depth(g, 0, d);
    for (int64_t h = 0; h < g.out[1]; h++, dy += g.out[2]) {
      const Reach height(g, 1, h);
      const int64_t inner = interior.begin < interior.end ? Divisor(g, options, {d, h, interior.begin}) : 1;
      for (int64_t j = 0; j < interior.begin; j++) shares[j] = dy[j] / static_cast<T>(Divisor(g, options, {d, h, j}));
      for (int64_t j = interior.begin; j < interior.end; j++) shares[j] = dy[j] / static_cast<T>(inner);
      for (int64_t j = interior.end; j < g.out[2]; j++) {
        shares[j] = dy[j] / static_cast<T>(Divisor(g, options, {d, h, j}));
      }
      for (int64_t kd = depth.first; kd < depth.last; kd++) {
        for (int64_t kh = height.first; kh < height.last; kh++) {
          AddShares(g, interior, shares, dx + ((depth.begin + kd) * g.in[1] + height.begin + kh) * g.in[2]);
        }
      }
    }
  }
}

template <class T>
void AverageBackwardTyped(const PoolGeometry& g, const void* dy, void* dx, const AverageOptions& options) {
  const Interior interior(g);
  const int64_t plane_in = g.PlaneIn(), plane_out = g.PlaneOut();
  ParallelFor(g.planes, Max(int64_t{1}, kGrain / Max(int64_t{1}, plane_in)), [&](int64_t begin, int64_t end) {
    Scratch scratch(g.out[2] * static_cast<int64_t>(sizeof(T)));
    for (int64_t plane = begin; plane < end; plane++) {
      AverageBackwardPlane(g, interior, options, static_cast<const T*>(dy) + plane * plane_out,
                           static_cast<T*>(dx) + plane * plane_in, static_cast<T*>(scratch.data()));
    }
  });
}

}  // namespace

void MaxPool(const PoolGeometry& g, DType dtype, const void* x, void* y, void* codes) {
  const bool bytes = g.Volume() <= 256;
  switch (dtype) {
    case DType::kFloat32:
      return bytes ? MaxTyped<float, uint8_t>(g, x, y, codes) : MaxTyped<float, int32_t>(g, x, y, codes);
    case DType::kFloat64:
      return bytes ? MaxTyped<double, uint8_t>(g, x, y, codes) : MaxTyped<double, int32_t>(g, x, y, codes);
    case DType::kInt32:
      return bytes ? MaxTyped<int32_t, uint8_t>(g, x, y, codes) : MaxTyped<int32_t, int32_t>(g, x, y, codes);
    case DType::kInt64:
      return bytes ? MaxTyped<int64_t, uint8_t>(g, x, y, codes) : MaxTyped<int64_t, int32_t>(g, x, y, codes);
    default:
      return bytes ? MaxTyped<uint8_t, uint8_t>(g, x, y, codes) : MaxTyped<uint8_t, int32_t>(g, x, y, codes);
  }
}

void MaxPoolBackward(const PoolGeometry& g, DType dtype, const void* dy, const void* codes, void* dx) {
  const bool bytes = g.Volume() <= 256;
  if (dtype == DType::kFloat32) {
    bytes ? MaxBackwardTyped<float, uint8_t>(g, dy, codes, dx) : MaxBackwardTyped<float, int32_t>(g, dy, codes, dx);
  } else {
    bytes ? MaxBackwardTyped<double, uint8_t>(g, dy, codes, dx) : MaxBackwardTyped<double, int32_t>(g, dy, codes, dx);
  }
}

void AveragePool(const PoolGeometry& g, DType dtype, const void* x, void* y, const AverageOptions& options) {
  switch (dtype) {
    case DType::kFloat32:
      return AverageTyped<float>(g, x, y, options);
    case DType::kFloat64:
      return AverageTyped<double>(g, x, y, options);
    default:
      return AverageTyped<int64_t>(g, x, y, options);
  }
}

void AveragePoolBackward(const PoolGeometry& g, DType dtype, const void* dy, void* dx, const AverageOptions& options) {
  if (dtype == DType::kFloat32) {
    AverageBackwardTyped<float>(g, dy, dx, options);
  } else {
    AverageBackwardTyped<double>(g, dy, dx, options);
  }
}

}  // namespace GB_ISA
}  // namespace gb
