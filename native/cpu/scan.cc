// Scans: each result depends on the one before it along a dim, so the parallelism is in the other dims. Where these are
// inner ones, a block of neighbouring lines advances together, with its running values in registers or the first cache:
// memory is read in its order. Floats run in double, as in PyTorch. Limited by memory, along the last dim by latency.
#include "cpu/scan.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "core/threads.h"
#include "cpu/lines.h"
#include "gpu/structural.h"

namespace gb {

namespace {

constexpr int64_t kBlock = 256;   // lines that advance together
constexpr int64_t kTogether = 8;  // the same for lines along the last dim: as many as hide a sum's latency

void RequireAlike(const Tensor& a, const Tensor& b, const char* what) {
  RequireSameDType(a, b, what);
  if (!SameSizes(a, b) || !IsContiguous(a)) {
    Throw("%s: expected contiguous tensors of the same sizes, found %s and %s", what, Sizes(a).c_str(),
          Sizes(b).c_str());
  }
}

// Calls body(offset of the first element, lines in the block) for blocks of neighbouring lines.
template <class F>
void ForBlocks(const Lines& lines, const F& body) {
  const int64_t blocks = (lines.inner + kBlock - 1) / kBlock;
  const int64_t width = std::min(lines.inner, kBlock);
  ParallelFor(lines.outer * blocks, LineGrain(lines.length * width), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t first = task % blocks * kBlock;
      body(task / blocks * lines.length * lines.inner + first, std::min(kBlock, lines.inner - first));
    }
  });
}

// Lines along the last dim.
template <class T, class A, class F>
void ScanRows(T* to, const T* from, const Lines& lines, A start, const F& step) {
  const int64_t n = lines.length;
  ParallelFor(lines.outer, std::max(kTogether, LineGrain(n)), [&](int64_t begin, int64_t end) {
    int64_t line = begin;
    for (; line + kTogether <= end; line += kTogether) {
      A running[kTogether];
      std::fill(running, running + kTogether, start);
      for (int64_t at = line * n; at < (line + 1) * n; at++) {
        for (int64_t j = 0; j < kTogether; j++)
          to[at + j * n] = static_cast<T>(running[j] = step(running[j], from[at + j * n]));
      }
    }
    for (; line < end; line++) {
      A running = start;
      for (int64_t at = line * n; at < (line + 1) * n; at++) to[at] = static_cast<T>(running = step(running, from[at]));
    }
  });
}

template <class T, class A, class F>
void ScanLines(T* to, const T* from, const Lines& lines, A start, const F& step) {
  if (lines.inner == 1) return ScanRows(to, from, lines, start, step);
  ForBlocks(lines, [&](int64_t offset, int64_t width) {
    const int64_t end = offset + lines.length * lines.inner;
    A running[kBlock];
    for (int64_t j = 0; j < width; j++) running[j] = start;
    for (int64_t at = offset; at < end; at += lines.inner) {
      for (int64_t j = 0; j < width; j++) to[at + j] = static_cast<T>(running[j] = step(running[j], from[at + j]));
    }
  });
}

double LogAddExp(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
  const double low = std::min(a, b), high = std::max(a, b);
  return low == high && std::isinf(low) ? low : high + std::log1p(std::exp(low - high));
}

}  // namespace

void Scan(ScanOp op, const Tensor& out, const Tensor& a, int64_t dim) {
  RequireAlike(out, a, "scan");
  const Lines lines = LinesOf(a, ResolveDim(a, dim, "scan"), "scan");
  if (op == ScanOp::kLogSumExp && !IsFloat(a.dtype)) {
    Throw("logcumsumexp: expected a float32 or float64 tensor, found %s", Name(a.dtype));
  }
  if (DeviceOf(out)) return gpu::Scan(op, out, a, lines);
  ForDType(a.dtype, [&](auto zero) {
    using T = decltype(zero);
    using A = std::conditional_t<std::is_floating_point_v<T>, double, int64_t>;
    T* to = reinterpret_cast<T*>(out.data);
    const T* from = reinterpret_cast<const T*>(a.data);
    if (op == ScanOp::kSum) {
      ScanLines(to, from, lines, A{0}, [](A sum, T x) { return sum + static_cast<A>(x); });
    } else if (op == ScanOp::kProd) {
      ScanLines(to, from, lines, A{1}, [](A product, T x) { return product * static_cast<A>(x); });
    } else if constexpr (std::is_floating_point_v<T>) {
      ScanLines(to, from, lines, -std::numeric_limits<double>::infinity(),
                [](double sum, T x) { return LogAddExp(sum, static_cast<double>(x)); });
    }
  });
}

void ScanExtreme(bool max, const Tensor& values, const Tensor& indices, const Tensor& a, int64_t dim) {
  const char* what = max ? "cummax" : "cummin";
  RequireAlike(values, a, what);
  if (indices.dtype != DType::kInt64 || !SameSizes(indices, a) || !IsContiguous(indices)) {
    Throw("%s: expected contiguous int64 indices of sizes %s", what, Sizes(a).c_str());
  }
  const Lines lines = LinesOf(a, ResolveDim(a, dim, what), what);
  if (DeviceOf(a)) return gpu::ScanExtreme(max, values, indices, a, lines);
  int64_t* positions = reinterpret_cast<int64_t*>(indices.data);
  ForDType(a.dtype, [&](auto zero) {
    using T = decltype(zero);
    T* to = reinterpret_cast<T*>(values.data);
    const T* from = reinterpret_cast<const T*>(a.data);
    // The latest of equal extremes counts; a NaN stays, and later ones replace it.
    auto replaces = [max](T x, T kept) { return x != x || (kept == kept && (max ? x >= kept : x <= kept)); };
    ForBlocks(lines, [&](int64_t offset, int64_t width) {
      if (lines.inner == 1) {
        T kept = from[offset];
        int64_t position = 0;
        for (int64_t i = 0; i < lines.length; i++) {
          if (replaces(from[offset + i], kept)) {
            kept = from[offset + i];
            position = i;
          }
          to[offset + i] = kept;
          positions[offset + i] = position;
        }
        return;
      }
      for (int64_t i = 0; i < lines.length; i++) {
        const int64_t row = offset + i * lines.inner, before = row - lines.inner;
        for (int64_t j = 0; j < width; j++) {
          const bool replace = i == 0 || replaces(from[row + j], to[before + j]);
          to[row + j] = replace ? from[row + j] : to[before + j];
          positions[row + j] = replace ? i : positions[before + j];
        }
      }
    });
  });
}

void Recurrence(const Tensor& out, const Tensor& factors, const Tensor& terms, int64_t dim, bool reverse) {
  RequireAlike(out, factors, "recurrence");
  RequireAlike(terms, factors, "recurrence");
  if (!IsFloat(out.dtype)) Throw("recurrence: expected float32 or float64 tensors, found %s", Name(out.dtype));
  const Lines lines = LinesOf(out, ResolveDim(out, dim, "recurrence"), "recurrence");
  if (DeviceOf(out)) return gpu::Recurrence(out, factors, terms, lines, reverse);
  ForDType(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    T* to = reinterpret_cast<T*>(out.data);
    const T* a = reinterpret_cast<const T*>(factors.data);
    const T* b = reinterpret_cast<const T*>(terms.data);
    const int64_t step = reverse ? -lines.inner : lines.inner;
    ForBlocks(lines, [&](int64_t offset, int64_t width) {
      double running[kBlock];
      std::fill(running, running + width, 0.0);
      int64_t row = reverse ? offset + (lines.length - 1) * lines.inner : offset;
      for (int64_t i = 0; i < lines.length; i++, row += step) {
        for (int64_t j = 0; j < width; j++) {
          // Reversed, a value is multiplied by the factor of the one that follows it.
          const double factor = i == 0 ? 0 : static_cast<double>(a[reverse ? row + lines.inner + j : row + j]);
          running[j] = (i == 0 ? 0 : factor * running[j]) + static_cast<double>(b[row + j]);
          to[row + j] = static_cast<T>(running[j]);
        }
      }
    });
  });
}

}  // namespace gb
