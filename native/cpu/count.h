// Counting, as the binding calls it. Meanings are those of lib/device/addon.ts; tensors are contiguous.
#pragma once

#include "core/tensor.h"

namespace gb {

// `out` is int64, or of the weights' dtype; it has room for the largest element.
void CountIntegers(const Tensor& out, const Tensor& a, const Tensor* weights);

// How an element finds its bin: among edges of any distance, or computed from equal widths, or computed and then
// compared with the neighbouring edges.
enum class BinSearch { kEdges, kWidth, kWidthThenEdges };

// `edges` and `out` have a's dtype; elements outside the edges are not counted; the last bin holds its right edge.
void CountInBins(const Tensor& out, const Tensor& a, const Tensor& edges, const Tensor* weights, BinSearch search);

}  // namespace gb
