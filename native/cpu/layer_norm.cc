// Layer and root-mean-square normalisation and their gradients: statistics of each row, factors of each column.
//
// A row is scaled while it is still in the cache. Sums over rows are cut into chunks of one size, so results do not
// depend on the threads. Limited by memory.
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/norm.h"
#include "cpu/norm_sums.h"
#include "cpu/tables.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kColumns = 64;
constexpr int64_t kRows = 64;  // of one chunk

// Statistics of each row; weight and bias of each column. `root`: by the root of the mean square, about 0.
template <class T>
void LayerTyped(int64_t rows, int64_t n, const NormTensors& t, bool root, double eps) {
  const T *weight = static_cast<const T*>(t.weight), *bias = static_cast<const T*>(t.bias);
  T *means = static_cast<T*>(t.mean), *scales = static_cast<T*>(t.scale);
  ParallelFor(rows, Max(int64_t{1}, kGrain / Max(int64_t{1}, n)), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const T* x = static_cast<const T*>(t.x) + row * n;
      T* y = static_cast<T*>(t.y) + row * n;
      Moments moments;
      moments.Add(x, n);
      const double about = root ? moments.mean * moments.mean : 0;
      const T mean = root ? T(0) : static_cast<T>(moments.mean);
      const T scale = static_cast<T>(InverseRoot(moments.Variance() + about + eps));
      means[row] = mean;
      scales[row] = scale;
      if (weight && bias) {
        GB_INDEPENDENT
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * scale * weight[i] + bias[i];
      } else if (weight) {
        GB_INDEPENDENT
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * scale * weight[i];
      } else if (bias) {
        GB_INDEPENDENT
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * scale + bias[i];
      } else {
        Scale(x, y, n, mean, scale, T(0));
      }
    }
  });
}

// One row's share of the gradients of weight and bias.
template <class T>
GB_FORCE_INLINE void AddColumns(const T* dy, const T* x, int64_t n, T mean, T scale, T* dweight, T* dbias) {
  if (dweight) {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) dweight[i] += dy[i] * (x[i] - mean) * scale;
  }
  if (dbias) {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) dbias[i] += dy[i];
  }
}

template <class T>
void LayerBackwardRow(const T* dy, const T* x, const T* weight, T* dx, T* buffer, int64_t n, T mean, T scale,
                      bool root) {
  if (weight) {
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) buffer[i] = dy[i] * weight[i];
  }
  const T* grad = weight ? buffer : dy;
  Products sums;
  sums.Add(grad, x, n, mean);
  const double wide = static_cast<double>(scale), count = static_cast<double>(n);
  const T offset = root ? T(0) : static_cast<T>(sums.dy / count);
  Gradient(grad, x, dx, n, T(1), mean, offset, static_cast<T>(sums.product / count * wide * wide), scale);
}

template <class T>
void LayerBackwardTyped(int64_t rows, int64_t n, const NormGradients& t, bool root) {
  const T *means = static_cast<const T*>(t.mean), *scales = static_cast<const T*>(t.scale);
  T *dweight = static_cast<T*>(t.dweight), *dbias = static_cast<T*>(t.dbias);
  const int64_t chunks = (rows + kRows - 1) / kRows;
  const int64_t each = (dweight ? n : 0) + (dbias ? n : 0);
  Scratch scratch(chunks * each * static_cast<int64_t>(sizeof(T)));
  T* parts = static_cast<T*>(scratch.data());
  ParallelFor(chunks, Max(int64_t{1}, kGrain / Max(int64_t{1}, n * kRows)), [&](int64_t begin, int64_t end) {
    Scratch row_scratch(n * static_cast<int64_t>(sizeof(T)));
    T* buffer = static_cast<T*>(row_scratch.data());
    for (int64_t chunk = begin; chunk < end; chunk++) {
      T* part = parts + chunk * each;
      for (int64_t i = 0; i < each; i++) part[i] = 0;
      for (int64_t row = chunk * kRows; row < Min(rows, (chunk + 1) * kRows); row++) {
        const T *dy = static_cast<const T*>(t.dy) + row * n, *x = static_cast<const T*>(t.x) + row * n;
        AddColumns(dy, x, n, means[row], scales[row], dweight ? part : nullptr,
                   dbias ? part + (dweight ? n : 0) : nullptr);
        if (!t.dx) continue;
        LayerBackwardRow(dy, x, static_cast<const T*>(t.weight), static_cast<T*>(t.dx) + row * n, buffer, n, means[row],
                         scales[row], root);
      }
    }
  });
  ParallelFor(each, Max(int64_t{1}, kGrain / Max(int64_t{1}, chunks)), [&](int64_t begin, int64_t end) {
    for (int64_t first = begin; first < end; first += kColumns) {
      const int64_t width = Min(kColumns, end - first);
      double sums[kColumns] = {};
      for (int64_t chunk = 0; chunk < chunks; chunk++) {
        const T* part = parts + chunk * each + first;
        GB_INDEPENDENT
        for (int64_t j = 0; j < width; j++) sums[j] += static_cast<double>(part[j]);
      }
      for (int64_t j = 0; j < width; j++) {
        const int64_t at = first + j;
        if (dweight && at < n) {
          dweight[at] = static_cast<T>(sums[j]);
        } else {
          dbias[at - (dweight ? n : 0)] = static_cast<T>(sums[j]);
        }
      }
    }
  });
}

}  // namespace

void LayerNorm(int64_t rows, int64_t n, DType dtype, const NormTensors& t, bool root, double eps) {
  dtype == DType::kFloat32 ? LayerTyped<float>(rows, n, t, root, eps) : LayerTyped<double>(rows, n, t, root, eps);
}

void LayerNormBackward(int64_t rows, int64_t n, DType dtype, const NormGradients& t, bool root) {
  dtype == DType::kFloat32 ? LayerBackwardTyped<float>(rows, n, t, root) : LayerBackwardTyped<double>(rows, n, t, root);
}

}  // namespace GB_ISA
}  // namespace gb
