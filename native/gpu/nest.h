// The structs of kernels/prelude.cl as the host fills them.
#pragma once

#include <initializer_list>

#include "core/loop.h"

namespace gb::gpu {

struct Nest {
  int64_t count;
  int32_t dims, unused;
  int64_t sizes[kMaxDims];
  int64_t strides[kMaxOperands][kMaxDims];
};

Nest NestOf(const Loop& loop);
// What is walked together without dim `dim`, or with every dim where that is -1: each operand has the sizes of the
// first, or may be null.
Nest NestWithout(int dim, std::initializer_list<const Tensor*> operands);

struct GemmShape {
  int64_t m, n, k;
  int64_t a_row, a_column, b_row, b_column, out_row, out_column, bias_stride;
  int32_t a_along_k, b_along_k;
  int32_t has_bias, accumulate, relu, batch_dims;
  int64_t batch_sizes[kMaxDims];
  int64_t batch_strides[3][kMaxDims];
};

struct ConvShape {
  int64_t m, n, k;
  int64_t images, groups, in_channels, out_channels, taps, in_plane, out_plane;
  int64_t input[3], output[3], kernel[3], stride[3], padding[3], dilation[3];
  int64_t parts, part;
  int32_t has_bias, unused;
};

struct PoolShape {
  int64_t planes;
  int64_t in[3], out[3];
  int64_t kernel[3], stride[3], padding[3], dilation[3];
  int64_t divisor;
  int32_t count_padding, unused;
};

struct NormShape {
  int64_t samples, channels, inner, groups;
  int32_t by_channel, unused;
};

struct ReduceShape {
  Nest kept, reduced;
};

}  // namespace gb::gpu
