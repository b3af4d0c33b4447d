// Checks for sums of elements chosen by a sparse matrix or by positions, and the forms of the matrix that its kernel
// reads.
#include <cstring>

#include "core/errors.h"
#include "cpu/api.h"
#include "cpu/require.h"
#include "gpu/structural.h"

namespace gb {

namespace {

void RequireVector(const Tensor& tensor, DType dtype, int64_t count, const char* what) {
  RequireContiguous(tensor, what);
  if (tensor.dtype != dtype || tensor.dims != 1 || tensor.sizes[0] != count) {
    Throw("%s: expected %lld elements of %s, found sizes %s of %s", what, Long(count), Name(dtype),
          Sizes(tensor).c_str(), Name(tensor.dtype));
  }
}

// The entries of a matrix whose rows all have `taps`, all first entries before all second ones, and so on.
template <class T>
void SortByTap(const T* entries, int64_t rows, int64_t taps, std::vector<char>* sorted) {
  sorted->resize(static_cast<size_t>(rows * taps) * sizeof(T));
  T* to = reinterpret_cast<T*>(sorted->data());
  for (int64_t tap = 0; tap < taps; tap++) {
    for (int64_t i = 0; i < rows; i++) to[tap * rows + i] = entries[i * taps + tap];
  }
}

// Neighbouring rows that copy neighbouring elements, as (output, input, length); empty where copying is no gain.
std::vector<int64_t> Runs(const int32_t* columns, int64_t rows) {
  std::vector<int64_t> runs;
  for (int64_t i = 0; i < rows; i++) {
    if (i > 0 && columns[i] == columns[i - 1] + 1) {
      runs.back()++;
      continue;
    }
    runs.insert(runs.end(), {i, columns[i], 1});
    if (static_cast<int64_t>(runs.size()) > 3 * (rows / 4 + 4)) return {};
  }
  return runs;
}

}  // namespace

void ResampleAlong(const Tensor& out, const Tensor& a, int64_t dim, const Tensor& starts, const Tensor& columns,
                   const Tensor* weights) {
  RequireSameDType(out, a, "resample");
  RequireContiguous(out, "resample");
  RequireContiguous(a, "resample");
  const int at = ResolveDim(a, dim, "resample");
  bool fits = a.dims == out.dims && a.dims > 0;
  for (int d = 0; fits && d < a.dims; d++) fits = d == at || a.sizes[d] == out.sizes[d];
  if (!fits) {
    Throw("resample: sizes %s and %s differ in more than dim %d", Sizes(a).c_str(), Sizes(out).c_str(), at);
  }
  const int64_t rows = out.sizes[at], entries = Count(columns);
  RequireVector(starts, DType::kInt32, rows + 1, "resample: starts");
  RequireVector(columns, DType::kInt32, entries, "resample: columns");
  if (weights) RequireVector(*weights, a.dtype, entries, "resample: weights");
  if (DeviceOf(out)) return gpu::Resample(out, a, at, starts, columns, weights);

  SparseRows matrix{};
  matrix.rows = rows;
  const int32_t* given = reinterpret_cast<const int32_t*>(starts.data);
  const std::vector<int64_t> wide(given, given + rows + 1);
  matrix.starts = wide.data();
  matrix.columns = reinterpret_cast<const int32_t*>(columns.data);
  matrix.weights = weights ? weights->data : nullptr;
  matrix.taps = rows > 0 ? matrix.starts[1] : 0;
  if (matrix.starts[0] != 0 || matrix.starts[rows] != entries) {
    Throw("resample: starts go from %lld to %lld, expected 0 to %lld", Long(matrix.starts[0]),
          Long(matrix.starts[rows]), Long(entries));
  }
  for (int64_t i = 0; i < rows; i++) {
    const int64_t count = matrix.starts[i + 1] - matrix.starts[i];
    if (count < 0) Throw("resample: starts[%lld] is below the one before", Long(i + 1));
    if (count != matrix.taps) matrix.taps = 0;
  }
  for (int64_t k = 0; k < entries; k++) {
    if (matrix.columns[k] < 0 || matrix.columns[k] >= a.sizes[at]) {
      ThrowRange("resample: columns[%lld] is %d, but the dim has %lld elements", Long(k), matrix.columns[k],
                 Long(a.sizes[at]));
    }
  }
  if (Count(out) == 0) return;

  int64_t inner = 1;
  for (int d = at + 1; d < a.dims; d++) inner *= a.sizes[d];
  std::vector<char> columns_by_tap, weights_by_tap;
  std::vector<int64_t> runs;
  if (inner == 1 && matrix.taps == 1 && !weights) {
    runs = Runs(matrix.columns, rows);
    if (!runs.empty()) {
      matrix.runs = runs.data();
      matrix.run_count = static_cast<int64_t>(runs.size()) / 3;
    }
  } else if (inner == 1 && weights && (matrix.taps == 2 || matrix.taps == 4)) {
    SortByTap(matrix.columns, rows, matrix.taps, &columns_by_tap);
    if (ItemSize(a.dtype) == 4) {
      SortByTap(static_cast<const uint32_t*>(matrix.weights), rows, matrix.taps, &weights_by_tap);
    } else {
      SortByTap(static_cast<const uint64_t*>(matrix.weights), rows, matrix.taps, &weights_by_tap);
    }
    matrix.columns_by_tap = reinterpret_cast<const int32_t*>(columns_by_tap.data());
    matrix.weights_by_tap = weights_by_tap.data();
  }
  kernels().resample(out, a, at, matrix);
}

void SumTaps(TapsForm form, const Tensor& x, const Tensor& y, const Tensor& positions, const Tensor& weights) {
  if (!IsFloat(x.dtype)) Throw("taps: expected float32 or float64, found %s", Name(x.dtype));
  RequireSameDType(x, y, "taps");
  RequireSameDType(x, weights, "taps");
  for (const Tensor* tensor : {&x, &y, &positions, &weights}) RequireContiguous(*tensor, "taps");
  const bool fits = x.dims == 3 && y.dims == 3 && positions.dims == 3 && positions.dtype == DType::kInt64 &&
                    SameSizes(positions, weights) && x.sizes[0] == y.sizes[0] && x.sizes[1] == y.sizes[1] &&
                    positions.sizes[1] == x.sizes[0] && positions.sizes[2] == y.sizes[2];
  if (!fits) {
    Throw(
        "taps: sizes %s, %s, %s and %s do not fit: expected [N, C, S], [N, C, O] and twice [K, N, O], positions int64",
        Sizes(x).c_str(), Sizes(y).c_str(), Sizes(positions).c_str(), Sizes(weights).c_str());
  }
  const TapsShape shape{x.sizes[0], x.sizes[1], x.sizes[2], y.sizes[2], positions.sizes[0]};
  if (DeviceOf(x)) return gpu::SumTaps(form, shape, x, y, positions, weights);
  const int64_t* at = reinterpret_cast<const int64_t*>(positions.data);
  const int64_t count = Count(positions);
  for (int64_t i = 0; i < count; i++) {
    if (at[i] >= shape.size) {
      ThrowRange("taps: position %lld is %lld, but a plane has %lld elements", Long(i), Long(at[i]), Long(shape.size));
    }
  }
  kernels().taps(form, shape, x.dtype, x.data, y.data, at, weights.data);
}

}  // namespace gb
