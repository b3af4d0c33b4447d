// Selection by index or by truth. Rows (everything after the indexed dim) are copied whole, several at once on the
// threads. Limited by memory.
#include <algorithm>
#include <cstring>

#include "core/errors.h"
#include "core/loop.h"
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/api.h"

namespace gb {

namespace {

long long Long(int64_t value) { return static_cast<long long>(value); }

void RequireIndex(const Tensor& index, const char* what) {
  if (index.dtype != DType::kInt64 && index.dtype != DType::kInt32) {
    Throw("%s: the index must be int64 or int32, found %s", what, Name(index.dtype));
  }
}

int64_t ReadIndex(const Tensor& index, int64_t offset) {
  return index.dtype == DType::kInt64 ? reinterpret_cast<const int64_t*>(index.data)[offset]
                                      : reinterpret_cast<const int32_t*>(index.data)[offset];
}

[[noreturn]] void OutOfRange(const char* what, int64_t position, int64_t value, int64_t size) {
  ThrowRange("%s: index[%lld] is %lld, but the dim has %lld elements: expected 0 to %lld", what, Long(position),
             Long(value), Long(size), Long(size - 1));
}

// Reads and checks a 1-D index.
std::vector<int64_t> ReadIndices(const Tensor& index, int64_t size, const char* what) {
  RequireIndex(index, what);
  if (index.dims != 1) Throw("%s: expected a 1-D index, found sizes %s", what, Sizes(index).c_str());
  std::vector<int64_t> values(static_cast<size_t>(index.sizes[0]));
  for (int64_t i = 0; i < index.sizes[0]; i++) {
    int64_t value = ReadIndex(index, i * index.strides[0]);
    if (value < 0 || value >= size) OutOfRange(what, i, value, size);
    values[static_cast<size_t>(i)] = value;
  }
  return values;
}

// `many` must have sizes like `one` but in dim, where it has `count`.
void RequireRows(const Tensor& many, const Tensor& one, int dim, int64_t count, const char* what) {
  bool fits = many.dims == one.dims && one.dims > 0;
  for (int d = 0; fits && d < one.dims; d++) fits = many.sizes[d] == (d == dim ? count : one.sizes[d]);
  if (!fits) {
    Throw("%s: sizes %s and %s do not fit an index of %lld elements along dim %d", what, Sizes(many).c_str(),
          Sizes(one).c_str(), Long(count), dim);
  }
}

// The slice at position `at` of a dim, with that dim of size 1.
Tensor Slice(const Tensor& tensor, int dim, int64_t at) {
  Tensor slice = tensor;
  slice.sizes[dim] = 1;
  slice.data += at * tensor.strides[dim] * ItemSize(tensor.dtype);
  return slice;
}

// Elements of one contiguous row after `dim`, or 0 when the dims after it are not contiguous.
int64_t RowLength(const Tensor& tensor, int dim) {
  int64_t length = 1;
  for (int d = tensor.dims - 1; d > dim; d--) {
    if (tensor.sizes[d] != 1 && tensor.strides[d] != length) return 0;
    length *= tensor.sizes[d];
  }
  return length;
}

}  // namespace

void IndexSelect(const Tensor& out, const Tensor& a, int64_t dim, const Tensor& index) {
  RequireSameDType(out, a, "indexSelect");
  int at = ResolveDim(a, dim, "indexSelect");
  std::vector<int64_t> chosen = ReadIndices(index, a.dims ? a.sizes[at] : 1, "indexSelect");
  const int64_t n = static_cast<int64_t>(chosen.size());
  RequireRows(out, a, at, n, "indexSelect");
  const int64_t item = ItemSize(out.dtype);
  const int64_t row = RowLength(a, at);
  if (Count(out) == 0) return;
  if (row == 0 || RowLength(out, at) != row || at > 1) {
    for (int64_t i = 0; i < n; i++) Copy(Slice(out, at, i), Slice(a, at, chosen[static_cast<size_t>(i)]));
    return;
  }
  const int64_t outer = at == 1 ? a.sizes[0] : 1;
  const int64_t outer_a = at == 1 ? a.strides[0] : 0, outer_out = at == 1 ? out.strides[0] : 0;
  ParallelFor(outer * n, std::max<int64_t>(1, 65536 / (row * item)), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      int64_t i = task % n, o = task / n;
      std::memcpy(out.data + (o * outer_out + i * out.strides[at]) * item,
                  a.data + (o * outer_a + chosen[static_cast<size_t>(i)] * a.strides[at]) * item,
                  static_cast<size_t>(row * item));
    }
  });
}

Tensor Nonzero(const Tensor& a) {
  // As bool and contiguous first: one scan serves all dtypes and strides.
  Tensor flags = NewTensor(DType::kBool, a.dims, a.sizes);
  Tensor out;
  try {
    Copy(flags, a);
    const int64_t count = Count(a);
    const uint8_t* flag = reinterpret_cast<const uint8_t*>(flags.data);
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++) found += flag[i];
    const int64_t sizes[2] = {found, a.dims};
    out = NewTensor(DType::kInt64, 2, sizes);
    int64_t* to = reinterpret_cast<int64_t*>(out.data);
    for (int64_t i = 0; i < count; i++) {
      if (!flag[i]) continue;
      int64_t rest = i;
      for (int dim = a.dims - 1; dim >= 0; dim--) {
        to[dim] = rest % a.sizes[dim];
        rest /= a.sizes[dim];
      }
      to += a.dims;
    }
  } catch (...) {
    Release(flags.storage);
    throw;
  }
  Release(flags.storage);
  return out;
}

}  // namespace gb
