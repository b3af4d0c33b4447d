// What the normalisation kernels need to know of a call. Element pointers are null where a tensor was left out; all
// tensors are contiguous and of one floating dtype.
#pragma once

#include <cstdint>

namespace gb {

// x as [samples, channels, inner].
struct NormSizes {
  int64_t samples, channels, inner;
};

// Statistics of each channel over samples and inner, or of each sample's group of channels, or of each row.
struct NormTensors {
  const void* x;
  const void* weight;
  const void* bias;
  void* y;
  void* mean;
  void* scale;  // 1 / sqrt(variance + eps)
};

struct NormGradients {
  const void* dy;
  const void* x;
  const void* weight;
  const void* mean;
  const void* scale;
  void* dx;
  void* dweight;
  void* dbias;
};

}  // namespace gb
