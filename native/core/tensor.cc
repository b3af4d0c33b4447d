// Facts about descriptors.
#include "core/tensor.h"

#include "core/errors.h"

namespace gb {

int64_t ItemSize(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
    case DType::kInt32:
      return 4;
    case DType::kFloat64:
    case DType::kInt64:
      return 8;
    case DType::kUint8:
    case DType::kBool:
      return 1;
  }
  return 0;
}

const char* Name(DType dtype) {
  static const char* const names[kDTypes] = {"float32", "float64", "int32", "int64", "uint8", "bool"};
  return names[static_cast<int>(dtype)];
}

bool IsFloat(DType dtype) { return dtype == DType::kFloat32 || dtype == DType::kFloat64; }

int64_t Count(const Tensor& tensor) {
  int64_t count = 1;
  for (int dim = 0; dim < tensor.dims; dim++) count *= tensor.sizes[dim];
  return count;
}

bool IsContiguous(const Tensor& tensor) {
  int64_t expected = 1;
  for (int dim = tensor.dims - 1; dim >= 0; dim--) {
    if (tensor.sizes[dim] == 0) return true;
    if (tensor.sizes[dim] == 1) continue;
    if (tensor.strides[dim] != expected) return false;
    expected *= tensor.sizes[dim];
  }
  return true;
}

bool SameSizes(const Tensor& a, const Tensor& b) {
  if (a.dims != b.dims) return false;
  for (int dim = 0; dim < a.dims; dim++) {
    if (a.sizes[dim] != b.sizes[dim]) return false;
  }
  return true;
}

std::string Sizes(const Tensor& tensor) {
  std::string text = "[";
  for (int dim = 0; dim < tensor.dims; dim++) {
    if (dim) text += ", ";
    text += std::to_string(tensor.sizes[dim]);
  }
  return text + "]";
}

void SetContiguous(Tensor* tensor) {
  int64_t stride = 1;
  for (int dim = tensor->dims - 1; dim >= 0; dim--) {
    tensor->strides[dim] = stride;
    stride *= tensor->sizes[dim] > 0 ? tensor->sizes[dim] : 1;
  }
}

void RequireSameDType(const Tensor& a, const Tensor& b, const char* what) {
  if (a.dtype != b.dtype) {
    Throw("%s: expected dtype %s, found %s; convert one of them first", what, Name(a.dtype), Name(b.dtype));
  }
}

int ResolveDim(const Tensor& tensor, int64_t dim, const char* what) {
  int64_t dims = tensor.dims > 0 ? tensor.dims : 1;
  if (dim < -dims || dim >= dims) {
    ThrowRange("%s: dim %lld is out of range for sizes %s; expected %lld to %lld", what, static_cast<long long>(dim),
               Sizes(tensor).c_str(), static_cast<long long>(-dims), static_cast<long long>(dims - 1));
  }
  return static_cast<int>(dim < 0 ? dim + dims : dim);
}

}  // namespace gb
