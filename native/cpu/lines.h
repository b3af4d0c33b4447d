// A contiguous tensor seen along one dim: outer × length × inner. What scans, sorts and selects works line by line.
#pragma once

#include <algorithm>
#include <cstdint>

#include "cpu/require.h"

namespace gb {

struct Lines {
  int64_t outer = 1;
  int64_t length = 1;
  int64_t inner = 1;

  int64_t count() const { return outer * inner; }
  // Of the first element of a line; its elements are `inner` apart.
  int64_t start(int64_t line) const { return line / inner * length * inner + line % inner; }
};

// Throws Error unless the tensor is contiguous. A 0-d tensor is one line of length 1.
inline Lines LinesOf(const Tensor& tensor, int dim, const char* what) {
  RequireContiguous(tensor, what);
  Lines lines;
  for (int d = 0; d < tensor.dims; d++) {
    (d < dim ? lines.outer : d == dim ? lines.length : lines.inner) *= tensor.sizes[d];
  }
  return lines;
}

// So many lines for one task that a task is worth its start.
inline int64_t LineGrain(int64_t length) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, length)); }

// Calls body with a value of the C++ type that holds the dtype's elements.
template <class F>
void ForDType(DType dtype, const F& body) {
  switch (dtype) {
    case DType::kFloat32:
      return body(float{});
    case DType::kFloat64:
      return body(double{});
    case DType::kInt32:
      return body(int32_t{});
    case DType::kInt64:
      return body(int64_t{});
    case DType::kUint8:
    case DType::kBool:
      return body(uint8_t{});
  }
}

}  // namespace gb
