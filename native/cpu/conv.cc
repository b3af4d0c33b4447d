// Convolution, and its gradient by the input (which is the transposed convolution), as implicit matrix products
// (conv_product.h): no matrix of taps is ever made. Here the shapes become tables of tap offsets. The gradient by the
// input of a strided convolution splits into one product for each phase of the stride. Limited by the multiply-add
// units but where there are few channels, by packing for small images.
#include "cpu/conv_product.h"
#include "cpu/tables.h"

namespace gb {
namespace GB_ISA {
namespace {

int64_t GridSize() { return static_cast<int64_t>(sizeof(Grid)); }

// Rows of the output that follow one another in both memories are one long row.
void Merge(Grid* g) {
  for (int round = 0; round < 2; round++) {
    if (g->source_y == g->size[2] && g->target[1] == g->size[2] * g->target[2]) {
      g->size[2] *= g->size[1];
      g->size[1] = g->size[0];
      g->size[0] = 1;
      g->source_y = g->source_z;
      g->target[1] = g->target[0];
    }
  }
}

template <class T>
void Forward(const ConvGeometry& g, T* y, const T* x, const T* weight, const T* bias) {
  const int64_t taps = Product(g.kernel), k = g.in_channels * taps;
  Convolution<T> c;
  c.layout = InputLayout(g);
  Scratch tables((2 * k + 1) * static_cast<int64_t>(sizeof(int64_t)));
  c.a_at = static_cast<int64_t*>(tables.data());
  c.b_at = c.a_at + k;
  Grid grid;
  grid.k = k;
  grid.first = grid.start = grid.far = 0;
  int64_t at = 0, tap[3];
  for (int64_t channel = 0; channel < g.in_channels; channel++) {
    for (tap[0] = 0; tap[0] < g.kernel[0]; tap[0]++) {
      for (tap[1] = 0; tap[1] < g.kernel[1]; tap[1]++) {
        for (tap[2] = 0; tap[2] < g.kernel[2]; tap[2]++, at++) {
          c.a_at[at] = at;
          c.b_at[at] = channel * c.layout.Channel() + InputOffset(g, c.layout, tap);
          grid.far = Max(grid.far, c.b_at[at]);
        }
      }
    }
  }
  for (int d = 0; d < 3; d++) grid.size[d] = g.output[d];
  grid.source_z = c.layout.Plane();
  grid.source_y = c.layout.Pitch();
  grid.target[0] = g.output[1] * g.output[2];
  grid.target[1] = g.output[2];
  grid.target[2] = 1;
  Merge(&grid);
  c.images = g.images;
  c.groups = g.groups;
  c.rows = g.out_channels;
  c.out_size = Product(g.output);
  c.a_row = k;
  c.contiguous_a = true;
  c.a_group = g.out_channels * k;
  c.grid_count = 1;
  c.grids = &grid;
  c.operands = {y, x, weight, bias};
  c.Run();
}

// The taps of one dim that reach positions of one phase of the input, and the distances at which they read.
struct Reach {
  int64_t phase, size;  // how many positions of the input have the phase
  int64_t low, high;    // smallest and largest distance of a tap
  bool any;
};

Reach ReachOf(const ConvGeometry& g, int d, int64_t phase) {
  Reach r{phase, DivideUp(g.input[d] - phase, g.stride[d]), 0, 0, false};
  for (int64_t tap = 0; tap < g.kernel[d]; tap++) {
    const int64_t at = phase + g.padding[d] - tap * g.dilation[d];
    if (at % g.stride[d] != 0) continue;
    const int64_t distance = at / g.stride[d];
    r.low = r.any ? Min(r.low, distance) : distance;
    r.high = r.any ? Max(r.high, distance) : distance;
    r.any = true;
  }
  return r;
}

template <class T>
void BackwardInput(const ConvGeometry& g, T* dx, const T* dy, const T* weight, const T* bias) {
  const int64_t taps = Product(g.kernel), k = g.out_channels * taps;
  Convolution<T> c;
  ImageLayout& l = c.layout;
  l.channels = g.out_channels;
  int64_t phases[3];
  for (int d = 0; d < 3; d++) {
    phases[d] = Min(g.stride[d], g.input[d]);
    int64_t low = 0, last = 0;
    for (int64_t phase = 0; phase < phases[d]; phase++) {
      const Reach r = ReachOf(g, d, phase);
      if (!r.any) continue;
      low = Max(low, -r.low);
      last = Max(last, r.size - 1 + r.high);
    }
    l.size[d] = g.output[d];
    l.stride[d] = l.phases[d] = 1;
    l.low[d] = low;
    l.padded[d] = low + last + 1;
  }
  Scratch tables((2 * k + 1) * static_cast<int64_t>(sizeof(int64_t)));
  c.a_at = static_cast<int64_t*>(tables.data());
  c.b_at = c.a_at + k;
  Scratch grids(Product(phases) * GridSize());
  c.grids = static_cast<Grid*>(grids.data());
  c.grid_count = 0;
  const int64_t plane = g.input[1] * g.input[2];
  int64_t at = 0, phase[3];
  for (phase[0] = 0; phase[0] < phases[0]; phase[0]++) {
    for (phase[1] = 0; phase[1] < phases[1]; phase[1]++) {
      for (phase[2] = 0; phase[2] < phases[2]; phase[2]++) {
        Grid& grid = c.grids[c.grid_count++];
        grid.first = at;
        grid.far = 0;
        for (int64_t channel = 0; channel < g.out_channels; channel++) {
          for (int64_t tap = 0; tap < taps; tap++) {
            const int64_t taps3[3] = {tap / (g.kernel[1] * g.kernel[2]), tap / g.kernel[2] % g.kernel[1],
                                      tap % g.kernel[2]};
            int64_t position = 0;
            bool reaches = true;
            for (int d = 0; d < 3; d++) {
              const int64_t from = phase[d] + g.padding[d] - taps3[d] * g.dilation[d];
              reaches = reaches && from % g.stride[d] == 0;
              position = position * l.padded[d] + from / g.stride[d] + l.low[d];
            }
            if (!reaches) continue;
            c.a_at[at] = channel * g.in_channels * taps + tap;
            c.b_at[at] = channel * l.Channel() + position;
            grid.far = Max(grid.far, c.b_at[at]);
            at++;
          }
        }
        grid.k = at - grid.first;
        for (int d = 0; d < 3; d++) grid.size[d] = DivideUp(g.input[d] - phase[d], g.stride[d]);
        grid.source_z = l.Plane();
        grid.source_y = l.Pitch();
        grid.start = phase[0] * plane + phase[1] * g.input[2] + phase[2];
        grid.target[0] = g.stride[0] * plane;
        grid.target[1] = g.stride[1] * g.input[2];
        grid.target[2] = g.stride[2];
        Merge(&grid);
      }
    }
  }
  c.images = g.images;
  c.groups = g.groups;
  c.rows = g.in_channels;
  c.out_size = Product(g.input);
  c.a_row = taps;
  c.contiguous_a = false;
  c.a_group = g.out_channels * g.in_channels * taps;
  c.operands = {dx, dy, weight, bias};
  c.Run();
}

}  // namespace

void ConvForward(const ConvGeometry& g, DType dtype, void* y, const void* x, const void* weight, const void* bias) {
  if (dtype == DType::kFloat32) {
    Forward(g, static_cast<float*>(y), static_cast<const float*>(x), static_cast<const float*>(weight),
            static_cast<const float*>(bias));
  } else {
    Forward(g, static_cast<double*>(y), static_cast<const double*>(x), static_cast<const double*>(weight),
            static_cast<const double*>(bias));
  }
}

void ConvBackwardInput(const ConvGeometry& g, DType dtype, void* dx, const void* dy, const void* weight,
                       const void* bias) {
  if (dtype == DType::kFloat32) {
    BackwardInput(g, static_cast<float*>(dx), static_cast<const float*>(dy), static_cast<const float*>(weight),
                  static_cast<const float*>(bias));
  } else {
    BackwardInput(g, static_cast<double*>(dx), static_cast<const double*>(dy), static_cast<const double*>(weight),
                  static_cast<const double*>(bias));
  }
}

}  // namespace GB_ISA
}  // namespace gb
