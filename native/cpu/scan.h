// Scans along one dim, as the binding calls them. Meanings are those of lib/device/addon.ts; tensors are contiguous, of
// one dtype and of the same sizes.
#pragma once

#include "core/tensor.h"

namespace gb {

enum class ScanOp { kSum, kProd, kLogSumExp };

void Scan(ScanOp op, const Tensor& out, const Tensor& a, int64_t dim);
void ScanExtreme(bool max, const Tensor& values, const Tensor& indices, const Tensor& a, int64_t dim);
void Recurrence(const Tensor& out, const Tensor& factors, const Tensor& terms, int64_t dim, bool reverse);

}  // namespace gb
