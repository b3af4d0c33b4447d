// Pooling whose windows differ in size or are chosen at random, and moving elements by their index in a plane. Scalar
// code: outputs are few (adaptive), or each needs a decision of its own. All tensors are contiguous and checked.
#pragma once

#include "core/tensor.h"
#include "cpu/pooling.h"

namespace gb {

// `kernel`, `stride`, `padding` and `dilation` of the geometry are not used by the adaptive functions.
void AdaptiveMaxPool(const PoolGeometry& g, DType dtype, const void* x, void* y, int64_t* indices);
void AdaptiveAveragePool(const PoolGeometry& g, DType dtype, const void* x, void* y);
void AdaptiveAveragePoolBackward(const PoolGeometry& g, DType dtype, const void* dy, void* dx);
// `samples` holds one number of [0, 1) for each plane and spatial dim (`spatial` of them), the last dim's first in two
// dims and the first dim's first in three, as PyTorch numbers them.
void FractionalMaxPool(const PoolGeometry& g, int spatial, DType dtype, const void* x, const void* samples, void* y,
                       int64_t* indices);
// Picks one element of each window with a probability in proportion to its value (below 0 counts as 0), by one number
// of [0, 1) for each window; the positions in the windows go to `codes`. A window without positive values gives 0.
void StochasticPool(const PoolGeometry& g, DType dtype, const void* x, const void* noise, void* y, void* codes);

// From positions in windows to indices in planes, and elements by their position in the window.
void PoolIndices(const PoolGeometry& g, const void* codes, int64_t* indices);
void PoolTake(const PoolGeometry& g, DType dtype, const void* x, const void* codes, void* y);

// y[p][i] = x[p][indices[p][i]], and the reverse: x[p][indices[p][i]] = or += y[p][i], after x was set to 0. Throws
// RangeError for an index outside of the plane.
void PlaneTake(DType dtype, int64_t planes, int64_t plane_x, int64_t plane_y, const void* x, const int64_t* indices,
               void* y);
void PlanePut(DType dtype, int64_t planes, int64_t plane_x, int64_t plane_y, const void* y, const int64_t* indices,
              void* x, bool add);

}  // namespace gb
