// Reading and writing at positions named by an index along one dim, as the binding calls it. Meanings are those of
// lib/device/addon.ts; tensors may have any strides, the index also stride 0.
#pragma once

#include "core/tensor.h"
#include "cpu/api.h"

namespace gb {

enum class ScatterOp { kSet, kAdd, kMultiply, kMax, kMin };

void Scatter(ScatterOp op, const Tensor& out, int64_t dim, const Tensor& index, const Operand& source);
// The same with one index for whole slices: 1-D, as long as the source along dim.
void IndexWrite(ScatterOp op, const Tensor& out, int64_t dim, const Tensor& index, const Operand& source);

}  // namespace gb
