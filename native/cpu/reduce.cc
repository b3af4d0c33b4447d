// Sum, mean, product, maximum, minimum, any, all and Euclidean norm over any set of dims.
//
// Two orders of the loops. When the smallest stride belongs to a reduced dim, each output element reads runs of it with
// four vector accumulators. When it belongs to a kept dim, rows are added into a block of columns that stays in the
// first-level cache. float32 is summed in double. The reduced elements are always cut into the same chunks, whose
// totals are joined in order, so results do not depend on the number of threads. Limited by memory.
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/isa.h"
#include "cpu/reduce_ops.h"
#include "cpu/tables.h"
#include "cpu/vector.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kChunk = 32768;
constexpr int64_t kColumns = 256;

// ---- the loop nest --------------------------------------------------------------------------------------------------

struct Axis {
  int64_t size;
  int64_t stride;  // of the input, in elements
  int64_t out;     // of the output, in elements
};

struct Axes {
  int dims = 0;
  int64_t count = 1;
  Axis axis[kMaxDims];  // innermost first

  void Add(int64_t size, int64_t stride, int64_t out) {
    count *= size;
    if (size == 1) return;
    int at = dims++;
    while (at > 0 && axis[at - 1].stride > stride) {
      axis[at] = axis[at - 1];
      at--;
    }
    axis[at] = {size, stride, out};
  }

  void Merge() {
    int merged = 0;
    for (int dim = 1; dim < dims; dim++) {
      Axis& inner = axis[merged];
      if (axis[dim].stride == inner.stride * inner.size && axis[dim].out == inner.out * inner.size) {
        inner.size *= axis[dim].size;
      } else {
        axis[++merged] = axis[dim];
      }
    }
    dims = dims ? merged + 1 : 0;
  }

  // Offsets of a linear index into input and output.
  void Locate(int64_t index, int64_t* in, int64_t* out) const {
    *in = 0;
    *out = 0;
    for (int dim = 0; dim < dims; dim++) {
      int64_t at = index % axis[dim].size;
      index /= axis[dim].size;
      *in += at * axis[dim].stride;
      *out += at * axis[dim].out;
    }
  }
};

struct Nest {
  Axes kept, reduced;
  const char* in;
  char* out;
  DType out_dtype;
  double divisor;
  bool root;  // of the total
};

template <class Total>
GB_FORCE_INLINE double Final(const Nest& nest, Total total) {
  const double value = static_cast<double>(total) / nest.divisor;
  return nest.root ? __builtin_sqrt(value) : value;
}

template <class Total>
GB_FORCE_INLINE void Finish(const Nest& nest, int64_t at, Total total) {
  switch (nest.out_dtype) {
    case DType::kFloat32:
      reinterpret_cast<float*>(nest.out)[at] = static_cast<float>(Final(nest, total));
      break;
    case DType::kFloat64:
      reinterpret_cast<double*>(nest.out)[at] = Final(nest, total);
      break;
    case DType::kInt32:
      reinterpret_cast<int32_t*>(nest.out)[at] = static_cast<int32_t>(total);
      break;
    case DType::kInt64:
      reinterpret_cast<int64_t*>(nest.out)[at] = static_cast<int64_t>(total);
      break;
    case DType::kUint8:
    case DType::kBool:
      reinterpret_cast<uint8_t*>(nest.out)[at] = static_cast<uint8_t>(total);
      break;
  }
}

// ---- runs of a reduced dim ------------------------------------------------------------------------------------------

// A vector of accumulators' worth of elements.
template <class Total, class T>
GB_FORCE_INLINE Vector<Total> LoadAs(const T* from) {
  typedef T Narrow __attribute__((vector_size(kWidth<Total> * sizeof(T))));
  Narrow v;
  __builtin_memcpy(&v, from, sizeof v);
  return __builtin_convertvector(v, Vector<Total>);
}

template <class Op, class T>
GB_FORCE_INLINE typename Op::Total Run(const T* p, int64_t n, int64_t stride) {
  using Total = typename Op::Total;
  Total acc = Op::Start();
  int64_t i = 0;
  if constexpr (Op::kVectors) {
    constexpr int64_t kLanes = kWidth<Total>;
    if (stride == 1 && n >= kLanes) {
      Vector<Total> a0 = Splat<Total>(acc), a1 = a0, a2 = a0, a3 = a0;
      for (; i + kLanes * 4 <= n; i += kLanes * 4) {
        a0 = Op::Step(a0, LoadAs<Total>(p + i));
        a1 = Op::Step(a1, LoadAs<Total>(p + i + kLanes));
        a2 = Op::Step(a2, LoadAs<Total>(p + i + kLanes * 2));
        a3 = Op::Step(a3, LoadAs<Total>(p + i + kLanes * 3));
      }
      for (; i + kLanes <= n; i += kLanes) a0 = Op::Step(a0, LoadAs<Total>(p + i));
      a0 = Join<Op>(Join<Op>(a0, a1), Join<Op>(a2, a3));
      Total lanes[kLanes];
      StoreVector<Total>(lanes, a0);
      for (int64_t width = kLanes / 2; width > 0; width /= 2) {
        for (int64_t lane = 0; lane < width; lane++) lanes[lane] = Join<Op>(lanes[lane], lanes[lane + width]);
      }
      acc = lanes[0];
    }
  }
  if (stride == 1) {
    for (; i < n; i++) acc = Op::Step(acc, p[i]);
  } else {
    for (; i < n; i++) acc = Op::Step(acc, p[i * stride]);
  }
  return acc;
}

// The reduced elements [begin, end) of the output whose input starts at `base`.
template <class Op, class T>
typename Op::Total Part(const Axes& reduced, const T* base, int64_t begin, int64_t end) {
  typename Op::Total total = Op::Start();
  if (reduced.dims == 0) return end > begin ? Op::Step(total, *base) : total;
  const Axis& inner = reduced.axis[0];
  while (begin < end) {
    int64_t offset, unused;
    reduced.Locate(begin, &offset, &unused);
    int64_t n = Min(end - begin, inner.size - begin % inner.size);
    total = Join<Op>(total, Run<Op>(base + offset, n, inner.stride));
    begin += n;
  }
  return total;
}

template <class Op, class T>
void ReduceRuns(const Nest& nest) {
  using Total = typename Op::Total;
  const T* in = reinterpret_cast<const T*>(nest.in);
  int64_t length = nest.reduced.count;
  int64_t chunks = (length + kChunk - 1) / kChunk;
  if (chunks <= 1) {
    const Axis *kept = nest.kept.axis, *reduced = nest.reduced.axis;
    const bool plain = nest.kept.dims == 1 && nest.reduced.dims == 1;
    ParallelFor(nest.kept.count, Max(int64_t{1}, kChunk / Max(int64_t{1}, length)), [&](int64_t begin, int64_t end) {
      // Rows may be so short that finding them would take longer than adding them up.
      for (int64_t index = begin; plain && index < end; index++) {
        const Total run = Run<Op>(in + index * kept->stride, reduced->size, reduced->stride);
        Finish(nest, index * kept->out, Join<Op>(Op::Start(), run));
      }
      if (plain) return;
      for (int64_t index = begin; index < end; index++) {
        int64_t from, to;
        nest.kept.Locate(index, &from, &to);
        Finish(nest, to, Part<Op>(nest.reduced, in + from, 0, length));
      }
    });
    return;
  }
  Scratch scratch(nest.kept.count * chunks * static_cast<int64_t>(sizeof(Total)));
  Total* totals = static_cast<Total*>(scratch.data());
  ParallelFor(nest.kept.count * chunks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      int64_t from, to;
      nest.kept.Locate(task / chunks, &from, &to);
      int64_t start = task % chunks * kChunk;
      totals[task] = Part<Op>(nest.reduced, in + from, start, Min(start + kChunk, length));
    }
  });
  for (int64_t index = 0; index < nest.kept.count; index++) {
    int64_t from, to;
    nest.kept.Locate(index, &from, &to);
    Total total = totals[index * chunks];
    for (int64_t chunk = 1; chunk < chunks; chunk++) total = Join<Op>(total, totals[index * chunks + chunk]);
    Finish(nest, to, total);
  }
}

// ---- columns of a kept dim ------------------------------------------------------------------------------------------

// Reduces rows [begin, end) of `width` columns from `base` into totals.
template <class Op, class T>
void Columns(const Axes& reduced, const T* base, int64_t width, int64_t begin, int64_t end,
             typename Op::Total* totals) {
  const Axis& inner = reduced.axis[0];
  for (int64_t j = 0; j < width; j++) totals[j] = Op::Start();
  while (begin < end) {
    int64_t offset, unused;
    reduced.Locate(begin, &offset, &unused);
    int64_t n = Min(end - begin, inner.size - begin % inner.size);
    const T* p = base + offset;
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
      const T *r0 = p + i * inner.stride, *r1 = r0 + inner.stride, *r2 = r1 + inner.stride, *r3 = r2 + inner.stride;
      GB_INDEPENDENT
      for (int64_t j = 0; j < width; j++) {
        totals[j] = Op::Step(Op::Step(Op::Step(Op::Step(totals[j], r0[j]), r1[j]), r2[j]), r3[j]);
      }
    }
    for (; i < n; i++) {
      const T* r = p + i * inner.stride;
      GB_INDEPENDENT
      for (int64_t j = 0; j < width; j++) totals[j] = Op::Step(totals[j], r[j]);
    }
    begin += n;
  }
}

template <class Op, class T>
void ReduceColumns(const Nest& nest) {
  using Total = typename Op::Total;
  const T* in = reinterpret_cast<const T*>(nest.in);
  const Axis& column = nest.kept.axis[0];
  int64_t rows = nest.reduced.count;
  int64_t blocks = (column.size + kColumns - 1) / kColumns;
  int64_t outer = nest.kept.count / column.size;
  int64_t chunk_rows = Max(int64_t{256}, 2 * kChunk / Min(column.size, kColumns));
  int64_t chunks = (rows + chunk_rows - 1) / chunk_rows;
  Axes others = nest.kept;  // the kept dims but the innermost
  for (int dim = 1; dim < others.dims; dim++) others.axis[dim - 1] = others.axis[dim];
  others.dims--;
  Scratch scratch(chunks > 1 ? outer * chunks * column.size * static_cast<int64_t>(sizeof(Total)) : 1);
  Total* totals = static_cast<Total*>(scratch.data());
  int64_t per_task = Min(rows, chunk_rows) * Min(column.size, kColumns);
  ParallelFor(outer * blocks * chunks, Max(int64_t{1}, kChunk / per_task), [&](int64_t begin, int64_t end) {
    Total local[kColumns];
    for (int64_t task = begin; task < end; task++) {
      int64_t chunk = task % chunks, block = task / chunks % blocks, index = task / chunks / blocks;
      int64_t from, to;
      others.Locate(index, &from, &to);
      int64_t first = block * kColumns, width = Min(kColumns, column.size - first);
      int64_t row = chunk * chunk_rows;
      Total* target = chunks > 1 ? totals + (index * chunks + chunk) * column.size + first : local;
      Columns<Op>(nest.reduced, in + from + first, width, row, Min(rows, row + chunk_rows), target);
      if (chunks > 1) continue;
      for (int64_t j = 0; j < width; j++) Finish(nest, to + (first + j) * column.out, local[j]);
    }
  });
  if (chunks <= 1) return;
  for (int64_t index = 0; index < outer; index++) {
    int64_t from, to;
    others.Locate(index, &from, &to);
    Total* first = totals + index * chunks * column.size;
    for (int64_t j = 0; j < column.size; j++) {
      Total total = first[j];
      for (int64_t chunk = 1; chunk < chunks; chunk++) total = Join<Op>(total, first[chunk * column.size + j]);
      Finish(nest, to + j * column.out, total);
    }
  }
}

template <class Op, class T>
void ReduceWith(const Nest& nest) {
  bool columns = nest.kept.dims > 0 && nest.reduced.dims > 0 && nest.kept.axis[0].stride == 1 && nest.reduced.count > 0;
  if (columns) {
    ReduceColumns<Op, T>(nest);
  } else {
    ReduceRuns<Op, T>(nest);
  }
}

template <template <class> class Op>
void ReduceTyped(const Nest& nest, DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return ReduceWith<Op<float>, float>(nest);
    case DType::kFloat64:
      return ReduceWith<Op<double>, double>(nest);
    case DType::kInt32:
      return ReduceWith<Op<int32_t>, int32_t>(nest);
    case DType::kInt64:
      return ReduceWith<Op<int64_t>, int64_t>(nest);
    case DType::kUint8:
    case DType::kBool:
      return ReduceWith<Op<uint8_t>, uint8_t>(nest);
  }
}

}  // namespace

void Reduce(ReduceOp op, const Tensor& out, const Tensor& a, const bool* reduced) {
  Nest nest;
  for (int dim = 0; dim < a.dims; dim++) {
    if (reduced[dim]) {
      nest.reduced.Add(a.sizes[dim], a.strides[dim], 0);
    } else {
      nest.kept.Add(a.sizes[dim], a.strides[dim], out.strides[dim]);
    }
  }
  if (nest.kept.count == 0) return;
  nest.kept.Merge();
  nest.reduced.Merge();
  nest.in = a.data;
  nest.out = out.data;
  nest.out_dtype = out.dtype;
  nest.divisor = op == ReduceOp::kMean ? static_cast<double>(nest.reduced.count) : 1.0;
  nest.root = op == ReduceOp::kNorm;
  switch (op) {
    case ReduceOp::kSum:
    case ReduceOp::kMean:
      return ReduceTyped<Sum>(nest, a.dtype);
    case ReduceOp::kNorm:
      return ReduceTyped<Squares>(nest, a.dtype);
    case ReduceOp::kProd:
      return ReduceTyped<Prod>(nest, a.dtype);
    case ReduceOp::kMax:
      return ReduceTyped<Largest>(nest, a.dtype);
    case ReduceOp::kMin:
      return ReduceTyped<Smallest>(nest, a.dtype);
    case ReduceOp::kAny:
      return ReduceTyped<Any>(nest, a.dtype);
    case ReduceOp::kAll:
      return ReduceTyped<All>(nest, a.dtype);
  }
}

}  // namespace GB_ISA
}  // namespace gb
