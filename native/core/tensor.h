// The tensor descriptor: a view of a storage. Plain data, so that kernels compiled for several instruction sets can
// share it; everything that computes on it is out of line for the same reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace gb {

struct Storage;

// The codes are those of dtypeCodes in lib/device/addon.ts.
enum class DType : int32_t { kFloat32 = 0, kFloat64 = 1, kInt32 = 2, kInt64 = 3, kUint8 = 4, kBool = 5 };
constexpr int kDTypes = 6;
constexpr int kMaxDims = 12;

struct Tensor {
  Storage* storage;
  char* data;      // the element at index 0, 0, …; on a device an address there
  int64_t offset;  // of that element from the storage's start, in elements
  DType dtype;
  int32_t dims;
  int64_t sizes[kMaxDims];
  int64_t strides[kMaxDims];  // in elements
};

int64_t ItemSize(DType dtype);
const char* Name(DType dtype);
bool IsFloat(DType dtype);
// Number of elements; 1 for a 0-d tensor.
int64_t Count(const Tensor& tensor);
bool IsContiguous(const Tensor& tensor);
bool SameSizes(const Tensor& a, const Tensor& b);
// "[2, 3]", for messages.
std::string Sizes(const Tensor& tensor);
// Sets row-major strides from the sizes.
void SetContiguous(Tensor* tensor);
// Throws Error unless the two have the same dtype; `what` names the function and the second operand.
void RequireSameDType(const Tensor& a, const Tensor& b, const char* what);
// Resolves a possibly negative dim; throws RangeError. A 0-d tensor counts as having one dim.
int ResolveDim(const Tensor& tensor, int64_t dim, const char* what);

}  // namespace gb
