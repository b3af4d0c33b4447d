// The driver under every elementwise function: it walks a loop nest and hands contiguous runs to a block function, so a
// kernel needs one loop, the vectorised contiguous one. Operands that are not contiguous are gathered into (and the
// output scattered from) a small buffer that stays in the first-level cache.
#pragma once

#include <cstdint>

#include "core/loop.h"

namespace gb {

// out, a, b, c point at n contiguous elements each; absent operands are null. p0 and p1 are the op's parameters.
using BlockFunction = void (*)(void* out, const void* a, const void* b, const void* c, int64_t n, double p0, double p1);

void RunBlocks(const Loop& loop, BlockFunction function, double p0, double p1);

}  // namespace gb
