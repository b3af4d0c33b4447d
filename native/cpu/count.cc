// Histograms of integers and of numbers. One pass over the elements; the bins stay in the cache. Serial, so that sums
// of weights have one order; counts are kept in 64 bits until they are stored.
#include "cpu/count.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "cpu/lines.h"
#include "gpu/structural.h"

namespace gb {

namespace {

template <class T>
int64_t BinOf(T x, const T* edges, int64_t bins, BinSearch search) {
  int64_t bin;
  const T share = (x - edges[0]) * static_cast<T>(bins) / (edges[bins] - edges[0]);
  // Widths that overflow, or are 0, give no number of a bin.
  if (search == BinSearch::kEdges || !(share >= 0 && share <= static_cast<T>(bins))) {
    bin = std::upper_bound(edges, edges + bins + 1, x) - edges - 1;
  } else {
    bin = static_cast<int64_t>(share);
    if (search == BinSearch::kWidthThenEdges) {
      const int64_t low = std::max<int64_t>(0, bin - 1), high = std::min(bin + 2, bins + 1);
      bin = std::upper_bound(edges + low, edges + high, x) - edges - 1;
    }
  }
  return std::min(std::max<int64_t>(bin, 0), bins - 1);
}

}  // namespace

void CountIntegers(const Tensor& out, const Tensor& a, const Tensor* weights) {
  if (IsFloat(a.dtype)) Throw("bincount: expected integers, found %s", Name(a.dtype));
  RequireContiguous(out, "bincount");
  RequireContiguous(a, "bincount");
  if (weights) {
    RequireContiguous(*weights, "bincount");
    RequireSameDType(out, *weights, "bincount");
    if (Count(*weights) != Count(a) || !IsFloat(out.dtype)) {
      Throw("bincount: expected a floating weight for each of %lld elements", static_cast<long long>(Count(a)));
    }
  } else if (out.dtype != DType::kInt64) {
    Throw("bincount: expected an int64 output, found %s", Name(out.dtype));
  }
  if (DeviceOf(out)) return gpu::CountIntegers(out, a, weights);
  const int64_t bins = Count(out), count = Count(a);
  ForDType(a.dtype, [&](auto element) {
    using T = decltype(element);
    const T* from = reinterpret_cast<const T*>(a.data);
    auto add = [&](auto* to, const auto& amount) {
      std::fill(to, to + bins, 0);
      for (int64_t i = 0; i < count; i++) {
        const int64_t value = static_cast<int64_t>(from[i]);
        if (value < 0 || value >= bins) {
          ThrowRange("bincount: element %lld is %lld: expected 0 to %lld", static_cast<long long>(i),
                     static_cast<long long>(value), static_cast<long long>(bins - 1));
        }
        to[value] += amount(i);
      }
    };
    if (!weights) {
      add(reinterpret_cast<int64_t*>(out.data), [](int64_t) { return int64_t{1}; });
    } else if (out.dtype == DType::kFloat32) {
      const float* weight = reinterpret_cast<const float*>(weights->data);
      add(reinterpret_cast<float*>(out.data), [weight](int64_t i) { return weight[i]; });
    } else {
      const double* weight = reinterpret_cast<const double*>(weights->data);
      add(reinterpret_cast<double*>(out.data), [weight](int64_t i) { return weight[i]; });
    }
  });
}

void CountInBins(const Tensor& out, const Tensor& a, const Tensor& edges, const Tensor* weights, BinSearch search) {
  RequireSameDType(out, a, "histogram");
  RequireSameDType(edges, a, "histogram");
  RequireContiguous(out, "histogram");
  RequireContiguous(a, "histogram");
  RequireContiguous(edges, "histogram");
  const int64_t bins = Count(out), count = Count(a);
  if (!IsFloat(a.dtype) || bins < 1 || Count(edges) != bins + 1) {
    Throw("histogram: expected floating tensors and one more edge than bins, found %s, %lld edges and %lld bins",
          Name(a.dtype), static_cast<long long>(Count(edges)), static_cast<long long>(bins));
  }
  if (weights) {
    RequireSameDType(*weights, a, "histogram");
    RequireContiguous(*weights, "histogram");
    if (Count(*weights) != count) {
      Throw("histogram: expected a weight for each of %lld elements", static_cast<long long>(count));
    }
  }
  if (DeviceOf(out)) return gpu::CountInBins(out, a, edges, weights, search);
  auto run = [&](auto element) {
    using T = decltype(element);
    const T* from = reinterpret_cast<const T*>(a.data);
    const T* edge = reinterpret_cast<const T*>(edges.data);
    const T* weight = weights ? reinterpret_cast<const T*>(weights->data) : nullptr;
    std::vector<double> sums(static_cast<size_t>(bins));
    for (int64_t i = 0; i < count; i++) {
      const T x = from[i];
      if (!(x >= edge[0] && x <= edge[bins])) continue;
      sums[static_cast<size_t>(BinOf(x, edge, bins, search))] += weight ? static_cast<double>(weight[i]) : 1.0;
    }
    T* to = reinterpret_cast<T*>(out.data);
    for (int64_t bin = 0; bin < bins; bin++) to[bin] = static_cast<T>(sums[static_cast<size_t>(bin)]);
  };
  if (a.dtype == DType::kFloat32) {
    run(float{});
  } else {
    run(double{});
  }
}

}  // namespace gb
