// Checks of arguments that several families share; `what` names the function.
#pragma once

#include "core/errors.h"
#include "core/tensor.h"

namespace gb {

inline long long Long(int64_t value) { return static_cast<long long>(value); }

inline void RequireContiguous(const Tensor& tensor, const char* what) {
  if (!IsContiguous(tensor)) Throw("%s: expected a contiguous tensor, found sizes %s", what, Sizes(tensor).c_str());
}

inline void RequireFloat(const Tensor& tensor, const char* what) {
  if (!IsFloat(tensor.dtype)) Throw("%s: expected float32 or float64, found %s", what, Name(tensor.dtype));
}

inline void RequireDType(const Tensor& tensor, DType dtype, const char* what) {
  if (tensor.dtype != dtype) Throw("%s: expected dtype %s, found %s", what, Name(dtype), Name(tensor.dtype));
}

inline void RequireSizes(const Tensor& found, const Tensor& like, const char* what) {
  if (!SameSizes(found, like)) {
    Throw("%s: expected sizes %s, found %s", what, Sizes(like).c_str(), Sizes(found).c_str());
  }
}

}  // namespace gb
