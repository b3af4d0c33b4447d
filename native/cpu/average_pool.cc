// Average pooling over windows of one size, and its gradient. Limited by memory.
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/pool_rows.h"
#include "cpu/tables.h"

namespace gb {
namespace GB_ISA {
namespace {

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
