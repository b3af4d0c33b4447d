// Filling a tensor with one drawn number after the other, in the order of its memory.
#pragma once

#include <cstdint>

#include "core/loop.h"
#include "core/tensor.h"
#include "core/threads.h"

namespace gb {

constexpr int64_t kFillsBetweenLooks = 65536;  // at the stop button: well below a millisecond

template <class T, class F>
void FillWith(const Tensor& out, const F& next) {
  const Tensor* operands[] = {&out};
  Loop loop = MakeLoop(operands, 1, "random");
  int64_t index[kMaxDims] = {};
  for (int64_t left = loop.count; left > 0;) {
    char* row = loop.data[0];
    for (int dim = 1; dim < loop.dims; dim++) row += index[dim] * loop.strides[0][dim];
    for (int64_t i = 0; i < loop.sizes[0]; i++) {
      if (i % kFillsBetweenLooks == 0) CheckStop();
      *reinterpret_cast<T*>(row + i * loop.strides[0][0]) = next();
    }
    left -= loop.sizes[0];
    for (int dim = 1; dim < loop.dims && ++index[dim] == loop.sizes[dim]; dim++) index[dim] = 0;
  }
}

}  // namespace gb
