// Adaptive, fractional and stochastic pooling, and moving elements by their index in a plane.
#include "cpu/pool_windows.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/errors.h"
#include "core/threads.h"

namespace gb {

namespace {

constexpr int64_t kGrain = 16384;  // elements for one thread

struct Span {
  int64_t begin, end;
};

// The windows of each dim, one after the other.
struct Windows {
  std::vector<Span> spans[3];
};

Windows AdaptiveWindows(const PoolGeometry& g) {
  Windows windows;
  for (int dim = 0; dim < 3; dim++) {
    const int64_t in = g.in[dim], out = g.out[dim];
    for (int64_t i = 0; i < out; i++) windows.spans[dim].push_back({i * in / out, ((i + 1) * in + out - 1) / out});
  }
  return windows;
}

int64_t PlanesPerTask(const PoolGeometry& g) {
  return std::max<int64_t>(1, kGrain / std::max<int64_t>(1, std::max(g.PlaneIn(), g.PlaneOut())));
}

template <class F>
void ForPlanes(const PoolGeometry& g, const F& body) {
  ParallelFor(g.planes, PlanesPerTask(g), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; plane++) body(plane);
  });
}

// Calls body(d, h, w) for all windows in order.
template <class F>
void ForWindows(const Windows& windows, const F& body) {
  for (const Span& d : windows.spans[0]) {
    for (const Span& h : windows.spans[1]) {
      for (const Span& w : windows.spans[2]) body(d, h, w);
    }
  }
}

template <class T>
void MaxOfPlane(const PoolGeometry& g, const Windows& windows, const T* x, T* y, int64_t* indices) {
  ForWindows(windows, [&](const Span& d, const Span& h, const Span& w) {
    int64_t index = (d.begin * g.in[1] + h.begin) * g.in[2] + w.begin;
    T best = x[index];
    for (int64_t i = d.begin; i < d.end; i++) {
      for (int64_t j = h.begin; j < h.end; j++) {
        const int64_t line = (i * g.in[1] + j) * g.in[2];
        for (int64_t k = w.begin; k < w.end; k++) {
          const T value = x[line + k];
          if (value > best || value != value) {
            best = value;
            index = line + k;
          }
        }
      }
    }
    *y++ = best;
    *indices++ = index;
  });
}

template <class T>
struct As {
  using Type = T;
};

// Calls body(As<T>{}) with the type of the dtype.
template <class F>
void WithType(DType dtype, const F& body) {
  switch (dtype) {
    case DType::kFloat32:
      return body(As<float>{});
    case DType::kFloat64:
      return body(As<double>{});
    case DType::kInt32:
      return body(As<int32_t>{});
    case DType::kInt64:
      return body(As<int64_t>{});
    default:
      return body(As<uint8_t>{});
  }
}

template <class F>
void WithFloat(DType dtype, const F& body) {
  dtype == DType::kFloat32 ? body(As<float>{}) : body(As<double>{});
}

// Begins of windows that cover `in` elements by `out` windows of `kernel` at steps that a number of [0, 1) places.
template <class T>
std::vector<Span> FractionalSpans(T sample, int64_t in, int64_t out, int64_t kernel) {
  std::vector<Span> spans(static_cast<size_t>(out));
  if (out > 1) {
    const T alpha = static_cast<T>(in - kernel) / static_cast<T>(out - 1);
    for (int64_t i = 0; i < out - 1; i++) {
      const int64_t exact =
          static_cast<int64_t>((static_cast<T>(i) + sample) * alpha) - static_cast<int64_t>(sample * alpha);
      const int64_t begin = std::min(exact, in - kernel);  // where the type's numbers round up
      spans[static_cast<size_t>(i)] = {begin, begin + kernel};
    }
  }
  if (out > 0) spans[static_cast<size_t>(out - 1)] = {in - kernel, in};
  return spans;
}

// Calls body(position in the window, index in the plane) for the elements of a window that lie inside the plane.
template <class F>
void ForElements(const PoolGeometry& g, int64_t od, int64_t oh, int64_t ow, const F& body) {
  const Reach depth(g, 0, od), height(g, 1, oh), width(g, 2, ow);
  for (int64_t d = depth.first; d < depth.last; d++) {
    for (int64_t h = height.first; h < height.last; h++) {
      for (int64_t w = width.first; w < width.last; w++) {
        const int64_t at = ((depth.begin + d * g.dilation[0]) * g.in[1] + height.begin + h * g.dilation[1]) * g.in[2] +
                           width.begin + w * g.dilation[2];
        body((d * g.kernel[1] + h) * g.kernel[2] + w, at);
      }
    }
  }
}

template <class T>
int64_t Pick(const PoolGeometry& g, const T* x, int64_t od, int64_t oh, int64_t ow, double noise, T* value) {
  double total = 0;
  ForElements(g, od, oh, ow, [&](int64_t, int64_t at) { total += x[at] > 0 ? static_cast<double>(x[at]) : 0; });
  const double target = noise * total;
  double sum = 0;
  // Rounding may leave the target beyond the sum of all: then the last positive one is taken.
  int64_t code = -1, last = 0;
  *value = 0;
  ForElements(g, od, oh, ow, [&](int64_t number, int64_t at) {
    if (code >= 0 || !(x[at] > 0)) return;
    sum += static_cast<double>(x[at]);
    last = number;
    *value = x[at];
    if (sum > target) code = number;
  });
  return code >= 0 ? code : last;
}

// The index in the plane of each output's chosen element.
template <class C, class F>
void ForChosen(const PoolGeometry& g, const void* codes, const F& body) {
  std::vector<int64_t> offsets(static_cast<size_t>(g.Volume()));
  for (int64_t code = 0; code < g.Volume(); code++) {
    const int64_t kw = code % g.kernel[2], kh = code / g.kernel[2] % g.kernel[1], kd = code / g.kernel[2] / g.kernel[1];
    offsets[static_cast<size_t>(code)] =
        (kd * g.dilation[0] * g.in[1] + kh * g.dilation[1]) * g.in[2] + kw * g.dilation[2];
  }
  ForPlanes(g, [&](int64_t plane) {
    int64_t at = plane * g.PlaneOut();
    for (int64_t d = 0; d < g.out[0]; d++) {
      for (int64_t h = 0; h < g.out[1]; h++) {
        int64_t start =
            ((d * g.stride[0] - g.padding[0]) * g.in[1] + h * g.stride[1] - g.padding[1]) * g.in[2] - g.padding[2];
        for (int64_t w = 0; w < g.out[2]; w++, at++, start += g.stride[2]) {
          body(plane, at, start + offsets[static_cast<size_t>(static_cast<const C*>(codes)[at])]);
        }
      }
    }
  });
}

template <class F>
void ForChosen(const PoolGeometry& g, const void* codes, const F& body) {
  g.Volume() <= 256 ? ForChosen<uint8_t>(g, codes, body) : ForChosen<int32_t>(g, codes, body);
}

void CheckIndices(int64_t planes, int64_t plane_x, int64_t plane_y, const int64_t* indices) {
  for (int64_t i = 0; i < planes * plane_y; i++) {
    if (indices[i] < 0 || indices[i] >= plane_x) {
      ThrowRange("indices[%lld] is %lld, but a plane has %lld elements: expected 0 to %lld", static_cast<long long>(i),
                 static_cast<long long>(indices[i]), static_cast<long long>(plane_x),
                 static_cast<long long>(plane_x - 1));
    }
  }
}

}  // namespace

void AdaptiveMaxPool(const PoolGeometry& g, DType dtype, const void* x, void* y, int64_t* indices) {
  const Windows windows = AdaptiveWindows(g);
  WithType(dtype, [&](auto type) {
    using T = typename decltype(type)::Type;
    ForPlanes(g, [&](int64_t plane) {
      MaxOfPlane(g, windows, static_cast<const T*>(x) + plane * g.PlaneIn(), static_cast<T*>(y) + plane * g.PlaneOut(),
                 indices + plane * g.PlaneOut());
    });
  });
}

void AdaptiveAveragePool(const PoolGeometry& g, DType dtype, const void* x, void* y) {
  const Windows windows = AdaptiveWindows(g);
  WithFloat(dtype, [&](auto type) {
    using T = typename decltype(type)::Type;
    ForPlanes(g, [&](int64_t plane) {
      const T* from = static_cast<const T*>(x) + plane * g.PlaneIn();
      T* to = static_cast<T*>(y) + plane * g.PlaneOut();
      ForWindows(windows, [&](const Span& d, const Span& h, const Span& w) {
        double sum = 0;
        for (int64_t i = d.begin; i < d.end; i++) {
          for (int64_t j = h.begin; j < h.end; j++) {
            const T* line = from + (i * g.in[1] + j) * g.in[2];
            for (int64_t k = w.begin; k < w.end; k++) sum += line[k];
          }
        }
        const int64_t count = (d.end - d.begin) * (h.end - h.begin) * (w.end - w.begin);
        *to++ = static_cast<T>(sum / static_cast<double>(count));
      });
    });
  });
}

void AdaptiveAveragePoolBackward(const PoolGeometry& g, DType dtype, const void* dy, void* dx) {
  const Windows windows = AdaptiveWindows(g);
  WithFloat(dtype, [&](auto type) {
    using T = typename decltype(type)::Type;
    ForPlanes(g, [&](int64_t plane) {
      const T* from = static_cast<const T*>(dy) + plane * g.PlaneOut();
      T* to = static_cast<T*>(dx) + plane * g.PlaneIn();
      std::fill(to, to + g.PlaneIn(), T(0));
      ForWindows(windows, [&](const Span& d, const Span& h, const Span& w) {
        const int64_t count = (d.end - d.begin) * (h.end - h.begin) * (w.end - w.begin);
        const T share = *from++ / static_cast<T>(count);
        for (int64_t i = d.begin; i < d.end; i++) {
          for (int64_t j = h.begin; j < h.end; j++) {
            T* line = to + (i * g.in[1] + j) * g.in[2];
            for (int64_t k = w.begin; k < w.end; k++) line[k] += share;
          }
        }
      });
    });
  });
}

void FractionalMaxPool(const PoolGeometry& g, int spatial, DType dtype, const void* x, const void* samples, void* y,
                       int64_t* indices) {
  WithFloat(dtype, [&](auto type) {
    using T = typename decltype(type)::Type;
    ForPlanes(g, [&](int64_t plane) {
      const T* sample = static_cast<const T*>(samples) + plane * spatial;
      Windows windows;
      for (int dim = 0; dim < 3; dim++) {
        const int number = spatial == 2 ? 2 - dim : dim;
        windows.spans[dim] = dim < 3 - spatial ? std::vector<Span>{{0, 1}}
                                               : FractionalSpans(sample[number], g.in[dim], g.out[dim], g.kernel[dim]);
      }
      MaxOfPlane(g, windows, static_cast<const T*>(x) + plane * g.PlaneIn(), static_cast<T*>(y) + plane * g.PlaneOut(),
                 indices + plane * g.PlaneOut());
    });
  });
}

void StochasticPool(const PoolGeometry& g, DType dtype, const void* x, const void* noise, void* y, void* codes) {
  const bool bytes = g.Volume() <= 256;
  WithFloat(dtype, [&](auto type) {
    using T = typename decltype(type)::Type;
    ForPlanes(g, [&](int64_t plane) {
      const T* from = static_cast<const T*>(x) + plane * g.PlaneIn();
      int64_t at = plane * g.PlaneOut();
      for (int64_t d = 0; d < g.out[0]; d++) {
        for (int64_t h = 0; h < g.out[1]; h++) {
          for (int64_t w = 0; w < g.out[2]; w++, at++) {
            const double drawn = static_cast<double>(static_cast<const T*>(noise)[at]);
            const int64_t code = Pick(g, from, d, h, w, drawn, static_cast<T*>(y) + at);
            if (bytes) {
              static_cast<uint8_t*>(codes)[at] = static_cast<uint8_t>(code);
            } else {
              static_cast<int32_t*>(codes)[at] = static_cast<int32_t>(code);
            }
          }
        }
      }
    });
  });
}

void PoolIndices(const PoolGeometry& g, const void* codes, int64_t* indices) {
  ForChosen(g, codes, [&](int64_t, int64_t at, int64_t index) { indices[at] = index; });
}

void PoolTake(const PoolGeometry& g, DType dtype, const void* x, const void* codes, void* y) {
  WithFloat(dtype, [&](auto type) {
    using T = typename decltype(type)::Type;
    ForChosen(g, codes, [&](int64_t plane, int64_t at, int64_t index) {
      const bool inside = index >= 0 && index < g.PlaneIn();
      static_cast<T*>(y)[at] = inside ? static_cast<const T*>(x)[plane * g.PlaneIn() + index] : T(0);
    });
  });
}

void PlaneTake(DType dtype, int64_t planes, int64_t plane_x, int64_t plane_y, const void* x, const int64_t* indices,
               void* y) {
  CheckIndices(planes, plane_x, plane_y, indices);
  WithType(dtype, [&](auto type) {
    using T = typename decltype(type)::Type;
    for (int64_t plane = 0; plane < planes; plane++) {
      for (int64_t i = plane * plane_y; i < (plane + 1) * plane_y; i++) {
        static_cast<T*>(y)[i] = static_cast<const T*>(x)[plane * plane_x + indices[i]];
      }
    }
  });
}

void PlanePut(DType dtype, int64_t planes, int64_t plane_x, int64_t plane_y, const void* y, const int64_t* indices,
              void* x, bool add) {
  CheckIndices(planes, plane_x, plane_y, indices);
  WithType(dtype, [&](auto type) {
    using T = typename decltype(type)::Type;
    const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, plane_x));
    ParallelFor(planes, grain, [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; plane++) {
        T* to = static_cast<T*>(x) + plane * plane_x;
        std::fill(to, to + plane_x, T(0));
        for (int64_t i = plane * plane_y; i < (plane + 1) * plane_y; i++) {
          T& target = to[indices[i]];
          target = static_cast<T>((add ? target : T(0)) + static_cast<const T*>(y)[i]);
        }
      }
    });
  });
}

}  // namespace gb
