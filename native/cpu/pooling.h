// What the pooling kernels need to know of a call: sizes of one plane and the window that walks over it.
#pragma once

#include <cstdint>

namespace gb {

// Dims are depth, height and width; 1-D and 2-D pooling have 1 in front. All tensors are contiguous.
struct PoolGeometry {
  int64_t planes;
  int64_t in[3], out[3];
  int64_t kernel[3], stride[3], padding[3], dilation[3];

  int64_t Volume() const { return kernel[0] * kernel[1] * kernel[2]; }
  int64_t PlaneIn() const { return in[0] * in[1] * in[2]; }
  int64_t PlaneOut() const { return out[0] * out[1] * out[2]; }
  bool Is2x2() const {
    return kernel[0] == 1 && stride[0] == 1 && kernel[1] == 2 && kernel[2] == 2 && stride[1] == 2 && stride[2] == 2 &&
           padding[0] + padding[1] + padding[2] == 0 && dilation[1] == 1 && dilation[2] == 1 && out[0] == in[0] &&
           out[1] * 2 <= in[1] && out[2] * 2 <= in[2];
  }
};

// Which elements of the window count in the divisor of an average.
struct AverageOptions {
  bool count_padding;
  int64_t divisor;  // 0: the number of elements
};

// The part of a window that lies inside one dim of the plane: positions begin + i * dilation for i in [first, last).
struct Reach {
  int64_t begin, first, last;

  Reach(const PoolGeometry& g, int dim, int64_t at) : begin(at * g.stride[dim] - g.padding[dim]), first(0), last(0) {
    const int64_t step = g.dilation[dim];
    if (begin < 0) first = (-begin + step - 1) / step;
    const int64_t left = g.in[dim] - begin;  // from the window's begin to the plane's end
    last = left <= 0 ? 0 : (left + step - 1) / step;
    if (last > g.kernel[dim]) last = g.kernel[dim];
    if (first > last) first = last;
  }
};

}  // namespace gb
