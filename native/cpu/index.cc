// Selection by index or by truth. Rows (everything after the indexed dim) are copied whole, several at once on the
// threads; of what is true, each thread counts its part first and then knows where its positions go. Limited by memory.
#include <algorithm>
#include <cstring>

#include "core/errors.h"
#include "core/loop.h"
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/api.h"
#include "cpu/require.h"
#include "gpu/structural.h"

namespace gb {

namespace {

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
  ParallelFor(index.sizes[0], 65536, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t value = ReadIndex(index, i * index.strides[0]);
      if (value < 0 || value >= size) OutOfRange(what, i, value, size);
      values[static_cast<size_t>(i)] = value;
    }
  });
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

// Rows of one element, the chosen ones of `outer` lines of `length`.
template <class T>
void SelectElements(const Tensor& out, const Tensor& a, const std::vector<int64_t>& chosen, int64_t outer,
                    int64_t length) {
  const int64_t n = static_cast<int64_t>(chosen.size());
  const int64_t piece = std::min<int64_t>(n, 32768), pieces = (n + piece - 1) / piece;
  ParallelFor(outer * pieces, std::max<int64_t>(1, 32768 / piece), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t line = task / pieces, first = task % pieces * piece;
      const T* from = reinterpret_cast<const T*>(a.data) + line * length;
      T* to = reinterpret_cast<T*>(out.data) + line * n;
      for (int64_t i = first; i < std::min(n, first + piece); i++) to[i] = from[chosen[static_cast<size_t>(i)]];
    }
  });
}

constexpr int64_t kScan = 65536;  // elements of one task

// Writes the positions of the elements begin … end that are set.
void WritePositions(const Tensor& a, const uint8_t* flag, int64_t begin, int64_t end, int64_t* to) {
  if (a.dims == 1) {
    for (int64_t i = begin; i < end; i++) {
      if (flag[i]) *to++ = i;
    }
    return;
  }
  if (a.dims == 0) return;
  int64_t at[kMaxDims] = {};
  int64_t rest = begin;
  for (int dim = a.dims - 1; dim >= 0; dim--) {
    at[dim] = rest % a.sizes[dim];
    rest /= a.sizes[dim];
  }
  const int last = a.dims - 1;
  for (int64_t i = begin; i < end;) {
    const int64_t row = std::min(end - i, a.sizes[last] - at[last]);
    for (int64_t j = 0; j < row; j++) {
      if (!flag[i + j]) continue;
      for (int dim = 0; dim < last; dim++) to[dim] = at[dim];
      to[last] = at[last] + j;
      to += a.dims;
    }
    i += row;
    at[last] += row;
    for (int dim = last; dim > 0 && at[dim] == a.sizes[dim]; dim--) {
      at[dim] = 0;
      at[dim - 1]++;
    }
  }
}

// A device's kernels look at the positions themselves.
void SelectOnDevice(const Tensor& out, const Tensor& a, int dim, const Tensor& index) {
  RequireIndex(index, "indexSelect");
  if (index.dims != 1) Throw("indexSelect: expected a 1-D index, found sizes %s", Sizes(index).c_str());
  RequireRows(out, a, dim, index.sizes[0], "indexSelect");
  if (Count(out) == 0) return;
  Tensor spread = out;
  spread.dtype = index.dtype;
  spread.data = index.data;
  std::fill(spread.strides, spread.strides + spread.dims, int64_t{0});
  spread.strides[dim] = index.strides[0];
  gpu::Take(out, a, dim, spread, gpu::Reporter::kIndexSelect);
}

}  // namespace

void IndexSelect(const Tensor& out, const Tensor& a, int64_t dim, const Tensor& index) {
  RequireSameDType(out, a, "indexSelect");
  int at = ResolveDim(a, dim, "indexSelect");
  if (DeviceOf(a)) return SelectOnDevice(out, a, at, index);
  std::vector<int64_t> chosen = ReadIndices(index, a.dims ? a.sizes[at] : 1, "indexSelect");
  const int64_t n = static_cast<int64_t>(chosen.size());
  RequireRows(out, a, at, n, "indexSelect");
  if (Count(out) == 0) return;
  if (!IsContiguous(a) || !IsContiguous(out)) {
    for (int64_t i = 0; i < n; i++) Copy(Slice(out, at, i), Slice(a, at, chosen[static_cast<size_t>(i)]));
    return;
  }
  int64_t outer = 1, row = ItemSize(out.dtype);
  for (int dim = 0; dim < a.dims; dim++) {
    if (dim != at) (dim < at ? outer : row) *= a.sizes[dim];
  }
  const int64_t length = a.sizes[at];
  if (row == 4) return SelectElements<uint32_t>(out, a, chosen, outer, length);
  if (row == 8) return SelectElements<uint64_t>(out, a, chosen, outer, length);
  if (row == 1) return SelectElements<uint8_t>(out, a, chosen, outer, length);
  ParallelFor(outer * n, std::max<int64_t>(1, 65536 / row), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t from = task / n * length + chosen[static_cast<size_t>(task % n)];
      std::memcpy(out.data + task * row, a.data + from * row, static_cast<size_t>(row));
    }
  });
}

Tensor Nonzero(const Tensor& a) {
  if (DeviceOf(a)) return gpu::Nonzero(a);
  const int64_t count = Count(a), pieces = (count + kScan - 1) / kScan;
  // As bool and contiguous first: one scan serves all dtypes and strides.
  const bool direct = a.dtype == DType::kBool && IsContiguous(a);
  Tensor flags = direct ? a : NewTensor(DType::kBool, a.dims, a.sizes);
  try {
    if (!direct) Copy(flags, a);
    const uint8_t* flag = reinterpret_cast<const uint8_t*>(flags.data);
    std::vector<int64_t> before(static_cast<size_t>(pieces) + 1, 0);
    ParallelFor(pieces, 1, [&](int64_t begin, int64_t end) {
      for (int64_t piece = begin; piece < end; piece++) {
        int64_t found = 0;
        for (int64_t i = piece * kScan; i < std::min(count, (piece + 1) * kScan); i++) found += flag[i] != 0;
        before[static_cast<size_t>(piece) + 1] = found;
      }
    });
    for (size_t piece = 0; piece < before.size() - 1; piece++) before[piece + 1] += before[piece];
    const int64_t sizes[2] = {before.back(), a.dims};
    Tensor out = NewTensor(DType::kInt64, 2, sizes);
    int64_t* to = reinterpret_cast<int64_t*>(out.data);
    ParallelFor(pieces, 1, [&](int64_t begin, int64_t end) {
      for (int64_t piece = begin; piece < end; piece++) {
        const int64_t last = std::min(count, (piece + 1) * kScan);
        WritePositions(a, flag, piece * kScan, last, to + before[static_cast<size_t>(piece)] * a.dims);
      }
    });
    if (!direct) Release(flags.storage);
    return out;
  } catch (...) {
    if (!direct) Release(flags.storage);
    throw;
  }
}

}  // namespace gb
