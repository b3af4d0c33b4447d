// Gathering and scattering along one dim. Before scattering the whole index is checked, so that a wrong position leaves
// the output as it was and the loops need no test. Every output element is computed by one thread in the order of the
// index: repeated positions are safe, and results do not depend on the number of threads. Where one index serves a
// whole row (its last stride is 0, as in an embedding's gradient) each thread has a range of the output's rows, and
// rows are added as vectors; elsewhere each has a part of another dim. Limited by memory.
#include "cpu/scatter.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "core/errors.h"
#include "core/threads.h"
#include "cpu/api.h"
#include "cpu/lines.h"
#include "cpu/require.h"
#include "gpu/structural.h"

namespace gb {

namespace {

constexpr int64_t kWorthThreads = 32768;  // elements

int64_t ReadIndex(const char* index, bool wide, int64_t offset) {
  return wide ? reinterpret_cast<const int64_t*>(index)[offset] : reinterpret_cast<const int32_t*>(index)[offset];
}

// A 0-d tensor as one with a single element.
Tensor AsRow(const Tensor& tensor) {
  Tensor row = tensor;
  if (row.dims > 0) return row;
  row.dims = 1;
  row.sizes[0] = row.strides[0] = 1;
  return row;
}

// Positions begin … end of a dim.
Tensor Narrow(const Tensor& tensor, int dim, int64_t begin, int64_t end) {
  Tensor part = tensor;
  part.data += begin * tensor.strides[dim] * ItemSize(tensor.dtype);
  part.sizes[dim] = end - begin;
  return part;
}

// Calls visit(offset of each tensor) for the rows along the last dim of `shape`, in row-major order; dim `skip` of the
// first tensor does not move it.
template <class F>
void ForRows(const Tensor& shape, const Tensor& first, int skip, const Tensor& second, const Tensor& third,
             const F& visit) {
  const int last = shape.dims - 1;
  int64_t at[kMaxDims] = {};
  for (;;) {
    int64_t a = 0, b = 0, c = 0;
    for (int d = 0; d < last; d++) {
      if (d != skip) a += at[d] * first.strides[d];
      b += at[d] * second.strides[d];
      c += at[d] * third.strides[d];
    }
    visit(a, b, c);
    int d = last - 1;
    for (; d >= 0 && ++at[d] == shape.sizes[d]; d--) at[d] = 0;
    if (d < 0) return;
  }
}

// Throws for an index that is no integer tensor or that is larger than what it indexes.
void RequireIndexFits(const Tensor& index, const Tensor& indexed, int dim, const Tensor& walked, const char* what) {
  if (index.dtype != DType::kInt64 && index.dtype != DType::kInt32) {
    Throw("%s: the index must be int64 or int32, found %s", what, Name(index.dtype));
  }
  bool fits = index.dims == indexed.dims && walked.dims == index.dims;
  for (int d = 0; fits && d < index.dims; d++) {
    fits = index.sizes[d] <= walked.sizes[d] && (d == dim || index.sizes[d] <= indexed.sizes[d]);
  }
  if (!fits) {
    Throw("%s: an index of sizes %s does not fit tensors of sizes %s and %s", what, Sizes(index).c_str(),
          Sizes(indexed).c_str(), Sizes(walked).c_str());
  }
}

// Throws for an index that points outside.
void RequireIndexInside(const Tensor& index, const Tensor& indexed, int dim, const char* what) {
  // Dims that repeat the same positions need one look.
  Tensor once = index;
  for (int d = 0; d < index.dims; d++) {
    if (index.strides[d] == 0 && index.sizes[d] > 1) once.sizes[d] = 1;
  }
  const int last = once.dims - 1;
  const bool wide = index.dtype == DType::kInt64;
  const int64_t size = indexed.sizes[dim], length = once.sizes[last], step = once.strides[last];
  int64_t row = 0;
  ForRows(once, once, -1, once, once, [&](int64_t start, int64_t, int64_t) {
    bool inside = true;
    for (int64_t j = 0; j < length; j++) {
      inside &= static_cast<uint64_t>(ReadIndex(index.data, wide, start + j * step)) < static_cast<uint64_t>(size);
    }
    for (int64_t j = 0; !inside && j < length; j++) {
      const int64_t value = ReadIndex(index.data, wide, start + j * step);
      if (value >= 0 && value < size) continue;
      ThrowRange("%s: index[%lld] is %lld, but the dim has %lld elements: expected 0 to %lld", what,
                 Long(row * length + j), Long(value), Long(size), Long(size - 1));
    }
    row++;
  });
}

// Throws where writing to `out` could change the index while it is read: positions are checked once, before.
void RequireSeparate(const Tensor& out, const Tensor& index, const char* what) {
  if (out.storage != index.storage) return;
  auto end = [](const Tensor& tensor) {
    int64_t last = 0;
    for (int d = 0; d < tensor.dims; d++) last += (tensor.sizes[d] - 1) * tensor.strides[d];
    return tensor.data + (last + 1) * ItemSize(tensor.dtype);
  };
  if (out.data < end(index) && index.data < end(out)) {
    Throw("%s: the index of sizes %s shares memory with the output of sizes %s", what, Sizes(index).c_str(),
          Sizes(out).c_str());
  }
}

// The dim other than `skip` with the most positions, or -1.
int WidestDim(const Tensor& index, int skip) {
  int widest = -1;
  for (int d = 0; d < index.dims; d++) {
    if (d != skip && (widest < 0 || index.sizes[d] > index.sizes[widest])) widest = d;
  }
  return widest;
}

// Calls work(parts of indexed, walked and index) on the threads, cut along dim `cut`, or once when there is none.
template <class F>
void ForParts(const Tensor& indexed, int dim, const Tensor& walked, const Tensor& index, int cut, const F& work) {
  const int64_t count = Count(index);
  if (cut < 0 || count < 2 * kWorthThreads) return work(indexed, walked, index);
  const int64_t positions = index.sizes[cut];
  // Neighbouring elements share cache lines: a part has at least four of these.
  const int64_t grain = std::max<int64_t>(64, kWorthThreads / std::max<int64_t>(1, count / positions));
  ParallelFor(positions, grain, [&](int64_t begin, int64_t end) {
    work(cut == dim ? indexed : Narrow(indexed, cut, begin, end), Narrow(walked, cut, begin, end),
         Narrow(index, cut, begin, end));
  });
}

// Returns false, with part of the output written, where a position is outside of the dim.
template <class T, class I>
bool GatherPart(const Tensor& a, int dim, const Tensor& out, const Tensor& index) {
  const int last = index.dims - 1;
  const int64_t along = a.strides[dim], length = index.sizes[last], step = index.strides[last];
  const int64_t step_a = dim == last ? 0 : a.strides[last], step_out = out.strides[last];
  const uint64_t size = static_cast<uint64_t>(a.sizes[dim]);
  const T* from = reinterpret_cast<const T*>(a.data);
  T* to = reinterpret_cast<T*>(out.data);
  const I* positions = reinterpret_cast<const I*>(index.data);
  bool inside = true;
  ForRows(index, a, dim, out, index, [&](int64_t at_a, int64_t at_out, int64_t at_index) {
    for (int64_t j = 0; inside && j < length; j++) {
      const int64_t value = positions[at_index + j * step];
      inside = static_cast<uint64_t>(value) < size;
      if (inside) to[at_out + j * step_out] = from[at_a + value * along + j * step_a];
    }
  });
  return inside;
}

template <class T>
bool GatherTyped(const Tensor& a, int dim, const Tensor& out, const Tensor& index) {
  return index.dtype == DType::kInt64 ? GatherPart<T, int64_t>(a, dim, out, index)
                                      : GatherPart<T, int32_t>(a, dim, out, index);
}

template <class T, class I, class F>
void ScatterElements(const Tensor& out, int dim, const Tensor& source, const Tensor& index, const F& combine) {
  const int last = index.dims - 1;
  const I* positions = reinterpret_cast<const I*>(index.data);
  const int64_t along = out.strides[dim], length = index.sizes[last], step = index.strides[last];
  const int64_t step_out = dim == last ? 0 : out.strides[last], step_source = source.strides[last];
  const T* from = reinterpret_cast<const T*>(source.data);
  T* to = reinterpret_cast<T*>(out.data);
  ForRows(index, out, dim, source, index, [&](int64_t at_out, int64_t at_source, int64_t at_index) {
    for (int64_t j = 0; j < length; j++) {
      const int64_t value = positions[at_index + j * step];
      T* target = to + at_out + value * along + j * step_out;
      *target = combine(*target, from[at_source + j * step_source]);
    }
  });
}

// One index for each row: only rows with positions begin … end are written.
template <class T, class F>
void ScatterRows(ScatterOp op, const Tensor& out, int dim, const Tensor& source, const Tensor& index, int64_t begin,
                 int64_t end, const F& combine) {
  const int last = index.dims - 1;
  const bool wide = index.dtype == DType::kInt64;
  const int64_t along = out.strides[dim], length = index.sizes[last];
  const int64_t step_out = out.strides[last], step_source = source.strides[last];
  const bool dense = step_out == 1 && step_source == 1;
  const T* all = reinterpret_cast<const T*>(source.data);
  T* data = reinterpret_cast<T*>(out.data);
  ForRows(index, out, dim, source, index, [&](int64_t at_out, int64_t at_source, int64_t at_index) {
    const int64_t value = ReadIndex(index.data, wide, at_index);
    if (value < begin || value >= end) return;
    T* to = data + at_out + value * along;
    const T* from = all + at_source;
    if (dense && op == ScatterOp::kSet) {
      std::memcpy(to, from, static_cast<size_t>(length) * sizeof(T));
    } else if (dense && op == ScatterOp::kAdd) {
      kernels().add_rows(reinterpret_cast<char*>(to), reinterpret_cast<const char*>(from), length, out.dtype);
    } else {
      for (int64_t j = 0; j < length; j++) to[j * step_out] = combine(to[j * step_out], from[j * step_source]);
    }
  });
}

template <class T, class F>
void ScatterTyped(ScatterOp op, const Tensor& out, int dim, const Tensor& source, const Tensor& index,
                  const F& combine) {
  const int last = index.dims - 1;
  if (dim != last && index.strides[last] == 0 && index.sizes[last] > 1) {
    const int64_t rows = out.sizes[dim];
    const int64_t parts = Count(index) < 2 * kWorthThreads ? 1 : Threads();
    ParallelFor(rows, (rows + parts - 1) / parts,
                [&](int64_t begin, int64_t end) { ScatterRows<T>(op, out, dim, source, index, begin, end, combine); });
    return;
  }
  ForParts(out, dim, source, index, WidestDim(index, dim), [&](const Tensor& to, const Tensor& from, const Tensor& at) {
    if (at.dtype == DType::kInt64) {
      ScatterElements<T, int64_t>(to, dim, from, at, combine);
    } else {
      ScatterElements<T, int32_t>(to, dim, from, at, combine);
    }
  });
}

template <class T>
void ScatterBy(ScatterOp op, const Tensor& out, int dim, const Tensor& source, const Tensor& index) {
  switch (op) {
    case ScatterOp::kSet:
      return ScatterTyped<T>(op, out, dim, source, index, [](T, T x) { return x; });
    case ScatterOp::kAdd:
      return ScatterTyped<T>(op, out, dim, source, index, [](T a, T x) { return static_cast<T>(a + x); });
    case ScatterOp::kMultiply:
      return ScatterTyped<T>(op, out, dim, source, index, [](T a, T x) { return static_cast<T>(a * x); });
    // NaN wins on either side.
    case ScatterOp::kMax:
      return ScatterTyped<T>(op, out, dim, source, index, [](T a, T x) { return x != x || x > a ? x : a; });
    case ScatterOp::kMin:
      return ScatterTyped<T>(op, out, dim, source, index, [](T a, T x) { return x != x || x < a ? x : a; });
  }
}

void ScatterInto(ScatterOp op, const Tensor& given, int dim, const Tensor& given_index, const Operand& source,
                 gpu::Reporter reporter, const char* what) {
  const Tensor out = AsRow(given), index = AsRow(given_index);
  Tensor from;
  // A number is a tensor all elements of which are the same memory.
  alignas(8) char constant[8];
  if (source.tensor) {
    RequireSameDType(out, *source.tensor, what);
    from = AsRow(*source.tensor);
  } else {
    from = index;
    from.dtype = out.dtype;
    from.data = constant;
    std::fill(from.strides, from.strides + from.dims, int64_t{0});
    const uint64_t bits = BitsOf(source.number, out.dtype);
    std::memcpy(constant, &bits, sizeof bits);
  }
  if (Count(index) == 0) return;
  RequireSeparate(out, index, what);
  RequireIndexFits(index, out, dim, from, what);
  // Among bools, a sum says whether any is true, a product whether all are.
  if (out.dtype == DType::kBool && op == ScatterOp::kAdd) op = ScatterOp::kMax;
  if (out.dtype == DType::kBool && op == ScatterOp::kMultiply) op = ScatterOp::kMin;
  if (DeviceOf(out)) {
    return gpu::Scatter(static_cast<int32_t>(op), out, dim, from, source.number, !source.tensor, index, reporter);
  }
  RequireIndexInside(index, out, dim, what);
  ForDType(out.dtype, [&](auto zero) { ScatterBy<decltype(zero)>(op, out, dim, from, index); });
}

}  // namespace

void Gather(const Tensor& given_out, const Tensor& given, int64_t dim, const Tensor& given_index) {
  RequireSameDType(given_out, given, "gather");
  const int at = ResolveDim(given, dim, "gather");
  if (!SameSizes(given_out, given_index)) {
    Throw("gather: expected an output of the index's sizes %s, found %s", Sizes(given_index).c_str(),
          Sizes(given_out).c_str());
  }
  const Tensor out = AsRow(given_out), a = AsRow(given), index = AsRow(given_index);
  if (Count(index) == 0) return;
  RequireIndexFits(index, a, at, out, "gather");
  if (DeviceOf(out)) return gpu::Take(out, a, at, index, gpu::Reporter::kGather);
  std::atomic<bool> inside{true};
  ForParts(a, at, out, index, WidestDim(index, -1), [&](const Tensor& from, const Tensor& to, const Tensor& part) {
    const int64_t item = ItemSize(out.dtype);
    const bool fine = item == 4   ? GatherTyped<uint32_t>(from, at, to, part)
                      : item == 8 ? GatherTyped<uint64_t>(from, at, to, part)
                                  : GatherTyped<uint8_t>(from, at, to, part);
    if (!fine) inside = false;
  });
  // Says which position it is.
  if (!inside) RequireIndexInside(index, a, at, "gather");
}

void Scatter(ScatterOp op, const Tensor& out, int64_t dim, const Tensor& index, const Operand& source) {
  ScatterInto(op, out, ResolveDim(out, dim, "scatter"), index, source, gpu::Reporter::kScatter, "scatter");
}

void IndexWrite(ScatterOp op, const Tensor& out, int64_t dim, const Tensor& index, const Operand& source) {
  const int at = ResolveDim(out, dim, "indexWrite");
  if (index.dims != 1) Throw("indexWrite: expected a 1-D index, found sizes %s", Sizes(index).c_str());
  Tensor spread = AsRow(out);
  spread.dtype = index.dtype;
  spread.storage = index.storage;
  spread.data = index.data;
  std::fill(spread.strides, spread.strides + spread.dims, int64_t{0});
  spread.sizes[at] = index.sizes[0];
  spread.strides[at] = index.strides[0];
  if (source.tensor && !SameSizes(AsRow(*source.tensor), spread)) {
    Throw("indexWrite: a source of sizes %s does not fit an index of %lld elements along dim %d of %s",
          Sizes(*source.tensor).c_str(), Long(index.sizes[0]), at, Sizes(out).c_str());
  }
  ScatterInto(op, out, at, spread, source, gpu::Reporter::kIndexWrite, "indexWrite");
}

}  // namespace gb
