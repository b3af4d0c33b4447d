// Sorting, selecting and searching along one dim, line by line on the threads. The elements become keys with positions
// (cpu/sort_entries.h), the order of which decides everything; values are then read from where the positions point.
#include "cpu/sort.h"

#include <numeric>
#include <vector>

#include "core/threads.h"
#include "cpu/lines.h"
#include "cpu/sort_entries.h"
#include "gpu/structural.h"

namespace gb {

namespace {

// The outputs must be contiguous, with a's sizes but for `length` at dim.
void RequireOutputs(const Tensor* values, const Tensor* indices, const Tensor& a, int dim, int64_t length,
                    const char* what) {
  auto fits = [&](const Tensor& out) {
    bool same = out.dims == a.dims && IsContiguous(out);
    for (int d = 0; same && d < a.dims; d++) same = out.sizes[d] == (d == dim ? length : a.sizes[d]);
    return same;
  };
  if (values) RequireSameDType(*values, a, what);
  if (indices && indices->dtype != DType::kInt64) Throw("%s: the indices must be int64", what);
  if ((values && !fits(*values)) || (indices && !fits(*indices))) {
    Throw("%s: expected contiguous outputs with %lld elements along dim %d of %s", what, static_cast<long long>(length),
          dim, Sizes(a).c_str());
  }
}

template <class T>
std::vector<EntryOf<T>> ReadLine(const T* from, int64_t length, int64_t step, bool descending) {
  std::vector<EntryOf<T>> entries(static_cast<size_t>(length));
  for (int64_t i = 0; i < length; i++) {
    const KeyOf<T> key = MakeKey(from[i * step]);
    entries[static_cast<size_t>(i)] = EntryOf<T>(descending ? ~key : key, i);
  }
  return entries;
}

// The k smallest entries in order. Most elements of a long line are passed over by one comparison with the worst of the
// best so far.
template <class T>
std::vector<EntryOf<T>> Smallest(const T* from, int64_t length, int64_t step, int64_t k, bool descending) {
  using Entry = EntryOf<T>;
  const size_t wanted = static_cast<size_t>(k), room = std::max<size_t>(2 * wanted, 64);
  std::vector<Entry> best;
  best.reserve(std::min(room, static_cast<size_t>(length)));
  KeyOf<T> limit = kNanKey<T>;
  for (int64_t i = 0; i < length; i++) {
    const KeyOf<T> raw = MakeKey(from[i * step]), key = descending ? ~raw : raw;
    if (key > limit) continue;
    if (best.size() == room) {
      std::nth_element(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(wanted) - 1, best.end());
      best.resize(wanted);
      limit = best.back().key();
      if (key > limit) continue;
    }
    best.emplace_back(key, i);
  }
  const auto middle = best.begin() + k;
  if (best.size() > wanted) std::nth_element(best.begin(), middle - 1, best.end());
  std::sort(best.begin(), middle);
  best.resize(wanted);
  return best;
}

// Writes the elements at the entries' positions and these positions.
template <class T>
struct Writer {
  T* values;
  int64_t* indices;

  Writer(const Tensor* to_values, const Tensor* to_indices)
      : values(to_values ? reinterpret_cast<T*>(to_values->data) : nullptr),
        indices(to_indices ? reinterpret_cast<int64_t*>(to_indices->data) : nullptr) {}

  void Put(int64_t at, const T* line, int64_t step, int64_t position) const {
    if (values) values[at] = line[position * step];
    if (indices) indices[at] = position;
  }
};

// The position in the line of its most frequent element, of several the smallest, and there the last.
template <class T>
int64_t MostFrequent(std::vector<EntryOf<T>>* entries) {
  std::vector<EntryOf<T>> scratch;
  SortEntries(entries, &scratch);
  size_t longest = 0, run = 0;
  int64_t found = 0;
  for (size_t i = 0; i < entries->size(); i++) {
    run++;
    const auto key = (*entries)[i].key();
    const bool last = i + 1 == entries->size() || (*entries)[i + 1].key() != key;
    // No NaN equals another.
    if (!last && !(std::is_floating_point_v<T> && key == kNanKey<T>)) continue;
    if (run > longest) {
      longest = run;
      found = (*entries)[i].position();
    }
    run = 0;
  }
  return found;
}

template <class T>
int64_t SelectIn(Selection selection, const T* line, int64_t length, int64_t step, int64_t k) {
  auto entries = ReadLine(line, length, step, false);
  if (selection == Selection::kMode) return MostFrequent<T>(&entries);
  int64_t at = k - 1;
  if (selection != Selection::kKth) {
    int64_t nans = 0;
    for (int64_t i = length - 1; i >= 0; i--) {
      if (line[i * step] == line[i * step]) continue;
      nans++;
      at = i;
    }
    if (nans > 0 && selection == Selection::kMedian) return at;
    at = std::max<int64_t>(0, (length - 1 - nans) / 2);
  }
  std::nth_element(entries.begin(), entries.begin() + at, entries.end());
  return entries[static_cast<size_t>(at)].position();
}

void RequirePositions(int64_t length, const char* what) {
  if (length > 0xffffffff) ThrowRange("%s: a line of %lld elements is too long", what, static_cast<long long>(length));
}

}  // namespace

void SortAlong(const Tensor* values, const Tensor* indices, const Tensor& a, int64_t dim, bool descending) {
  const int at = ResolveDim(a, dim, "sort");
  const Lines lines = LinesOf(a, at, "sort");
  RequireOutputs(values, indices, a, at, lines.length, "sort");
  RequirePositions(lines.length, "sort");
  if (DeviceOf(a)) return gpu::SortAlong(values, indices, a, lines, lines.length, descending);
  ForDType(a.dtype, [&](auto zero) {
    using T = decltype(zero);
    const Writer<T> writer(values, indices);
    ParallelFor(lines.count(), LineGrain(lines.length * 8), [&](int64_t begin, int64_t end) {
      std::vector<EntryOf<T>> scratch;
      for (int64_t line = begin; line < end; line++) {
        const int64_t start = lines.start(line);
        const T* from = reinterpret_cast<const T*>(a.data) + start;
        auto entries = ReadLine(from, lines.length, lines.inner, descending);
        SortEntries(&entries, &scratch);
        ForEachLooking(entries.size(), [&](size_t i) {
          writer.Put(start + static_cast<int64_t>(i) * lines.inner, from, lines.inner, entries[i].position());
        });
      }
    });
  });
}

void TopK(const Tensor* values, const Tensor* indices, const Tensor& a, int64_t dim, int64_t k, bool largest) {
  const int at = ResolveDim(a, dim, "topk");
  const Lines lines = LinesOf(a, at, "topk");
  if (k < 0 || k > lines.length) {
    ThrowRange("topk: k = %lld does not lie between 0 and the %lld elements along dim %d", static_cast<long long>(k),
               static_cast<long long>(lines.length), at);
  }
  RequireOutputs(values, indices, a, at, k, "topk");
  RequirePositions(lines.length, "topk");
  if (k == 0) return;
  if (DeviceOf(a)) return gpu::SortAlong(values, indices, a, lines, k, largest);
  Lines result = lines;
  result.length = k;
  ForDType(a.dtype, [&](auto zero) {
    using T = decltype(zero);
    const Writer<T> writer(values, indices);
    ParallelFor(lines.count(), LineGrain(lines.length * 2), [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; line++) {
        const T* from = reinterpret_cast<const T*>(a.data) + lines.start(line);
        const auto entries = Smallest(from, lines.length, lines.inner, k, largest);
        for (int64_t i = 0; i < k; i++) {
          writer.Put(result.start(line) + i * lines.inner, from, lines.inner,
                     entries[static_cast<size_t>(i)].position());
        }
      }
    });
  });
}

void SelectAlong(Selection selection, const Tensor* values, const Tensor* indices, const Tensor& a, int64_t dim,
                 int64_t k) {
  const int at = ResolveDim(a, dim, "select");
  const Lines lines = LinesOf(a, at, "select");
  if (lines.length == 0) Throw("select: there is nothing to choose from along dim %d of %s", at, Sizes(a).c_str());
  if (selection == Selection::kKth && (k < 1 || k > lines.length)) {
    ThrowRange("kthvalue: k = %lld does not lie between 1 and the %lld elements along dim %d",
               static_cast<long long>(k), static_cast<long long>(lines.length), at);
  }
  RequireOutputs(values, indices, a, at, 1, "select");
  RequirePositions(lines.length, "select");
  if (DeviceOf(a)) return gpu::SelectAlong(selection, values, indices, a, lines, k);
  ForDType(a.dtype, [&](auto zero) {
    using T = decltype(zero);
    const Writer<T> writer(values, indices);
    ParallelFor(lines.count(), LineGrain(lines.length * 4), [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; line++) {
        const T* from = reinterpret_cast<const T*>(a.data) + lines.start(line);
        writer.Put(line, from, lines.inner, SelectIn(selection, from, lines.length, lines.inner, k));
      }
    });
  });
}

void SortRows(const Tensor& indices, const Tensor& a) {
  if (a.dims != 2 || !IsContiguous(a) || indices.dims != 1 || indices.sizes[0] != a.sizes[0] ||
      !IsContiguous(indices) || indices.dtype != DType::kInt64) {
    Throw("sortRows: expected a contiguous matrix and as many int64 indices as it has rows, found sizes %s and %s",
          Sizes(a).c_str(), Sizes(indices).c_str());
  }
  if (DeviceOf(a)) return gpu::SortRows(indices, a);
  int64_t* order = reinterpret_cast<int64_t*>(indices.data);
  std::iota(order, order + a.sizes[0], int64_t{0});
  ForDType(a.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* data = reinterpret_cast<const T*>(a.data);
    const int64_t width = a.sizes[1];
    std::stable_sort(order, order + a.sizes[0], [&](int64_t left, int64_t right) {
      const T *l = data + left * width, *r = data + right * width;
      for (int64_t i = 0; i < width; i++) {
        const auto x = MakeKey(l[i]), y = MakeKey(r[i]);
        if (x != y) return x < y;
      }
      return false;
    });
  });
}

void SearchSorted(const Tensor& out, const Tensor& sorted, const Tensor& values, bool right, const Tensor* sorter) {
  RequireSameDType(values, sorted, "searchsorted");
  const bool shared = sorted.dims == 1;
  bool fits = sorted.dims > 0 && SameSizes(out, values) && (shared || sorted.dims == values.dims);
  for (int d = 0; fits && !shared && d + 1 < sorted.dims; d++) fits = sorted.sizes[d] == values.sizes[d];
  fits = fits && IsContiguous(out) && IsContiguous(values) && IsContiguous(sorted);
  if (!fits || (out.dtype != DType::kInt64 && out.dtype != DType::kInt32)) {
    Throw(
        "searchsorted: expected contiguous tensors, found a sequence of sizes %s, values of sizes %s and an output "
        "of sizes %s",
        Sizes(sorted).c_str(), Sizes(values).c_str(), Sizes(out).c_str());
  }
  if (sorter && (sorter->dtype != DType::kInt64 || !SameSizes(*sorter, sorted) || !IsContiguous(*sorter))) {
    Throw("searchsorted: expected a contiguous int64 sorter of sizes %s", Sizes(sorted).c_str());
  }
  if (DeviceOf(out)) return gpu::SearchSorted(out, sorted, values, right, sorter);
  const int64_t length = sorted.sizes[sorted.dims - 1];
  const int64_t per_line = shared ? Count(values) : values.sizes[values.dims - 1];
  const int64_t* order = sorter ? reinterpret_cast<const int64_t*>(sorter->data) : nullptr;
  for (int64_t i = 0; order && i < Count(*sorter); i++) {
    if (order[i] < 0 || order[i] >= length) {
      ThrowRange("searchsorted: the sorter has %lld at position %lld: expected 0 to %lld",
                 static_cast<long long>(order[i]), static_cast<long long>(i), static_cast<long long>(length - 1));
    }
  }
  ForDType(values.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* all = reinterpret_cast<const T*>(sorted.data);
    const T* wanted = reinterpret_cast<const T*>(values.data);
    ParallelFor(Count(values), 4096, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t line = shared ? 0 : i / per_line * length;
        const T value = wanted[i];
        int64_t low = 0, high = length;
        while (low < high) {
          const int64_t middle = low + (high - low) / 2;
          const T at = all[line + (order ? order[line + middle] : middle)];
          // Negated, so that what cannot be compared goes to the end, as in PyTorch.
          if (right ? !(at > value) : !(at >= value)) {
            low = middle + 1;
          } else {
            high = middle;
          }
        }
        if (out.dtype == DType::kInt64) {
          reinterpret_cast<int64_t*>(out.data)[i] = low;
        } else {
          reinterpret_cast<int32_t*>(out.data)[i] = static_cast<int32_t>(low);
        }
      }
    });
  });
}

}  // namespace gb
