// Maximum pooling over windows of one size, and its gradient.
//
// A maximum is remembered as its position in the window, one byte in all but huge windows: an eighth of what an index
// takes, and the gradient finds the element without a division. Windows of 2 x 2 with stride 2 have a loop of their
// own. Limited by memory: 2 x 2 reads the input once, its gradient writes it once.
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/pool_rows.h"
#include "cpu/tables.h"

namespace gb {
namespace GB_ISA {
namespace {

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

}  // namespace GB_ISA
}  // namespace gb
