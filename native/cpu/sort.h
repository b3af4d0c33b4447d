// Orders and what is read off them, as the binding calls it. Meanings are those of lib/device/addon.ts; tensors are
// contiguous. NaN is greater than every number.
#pragma once

#include "core/tensor.h"

namespace gb {

// `values` has a's dtype and `indices` is int64, both with a's sizes but for `dim`; either may be null.
void SortAlong(const Tensor* values, const Tensor* indices, const Tensor& a, int64_t dim, bool descending);
void TopK(const Tensor* values, const Tensor* indices, const Tensor& a, int64_t dim, int64_t k, bool largest);

enum class Selection { kKth, kMedian, kNanMedian, kMode };

// One element of each line; `k` counts from 1 and is read for kKth only. The outputs have size 1 at `dim`.
void SelectAlong(Selection selection, const Tensor* values, const Tensor* indices, const Tensor& a, int64_t dim,
                 int64_t k);

// The order of a matrix's rows, compared element after element.
void SortRows(const Tensor& indices, const Tensor& a);

// Where each value would be inserted into the ascending last dim of `sorted` (1-D, or of the values' sizes before it).
void SearchSorted(const Tensor& out, const Tensor& sorted, const Tensor& values, bool right, const Tensor* sorter);

}  // namespace gb
