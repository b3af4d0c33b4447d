// What the pooling kernels share.
#pragma once

#include <string>

#include "cpu/pooling.h"
#include "gpu/nest.h"

namespace gb::gpu {

PoolShape ShapeOf(const PoolGeometry& g);
// Of kernels/pool.cl; small codes fit a byte.
std::string PoolOptions(DType dtype, bool small_codes);

}  // namespace gb::gpu
