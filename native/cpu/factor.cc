// Blocks of kBlock rows or columns: inside a block everything is sums of neighbouring rows; what is right of it and
// below it follows by matrix products, which take most of the time of large matrices. Householder's reflections are
// applied one by one: limited by the second-level cache.
#include "cpu/factor.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "cpu/kernels.h"

namespace gb {

namespace {

constexpr int64_t kBlock = 16;

// to += factor · from.
void AddRow(double* to, const double* from, double factor, int64_t n) {
  for (int64_t j = 0; j < n; j++) to[j] += factor * from[j];
}

// A part of a matrix.
struct Part {
  double* data;
  int64_t rows, columns, row, column;  // sizes and strides

  Tensor View() const {
    Tensor view{};
    view.data = reinterpret_cast<char*>(data);
    view.dtype = DType::kFloat64;
    view.dims = 2;
    view.sizes[0] = rows;
    view.sizes[1] = columns;
    view.strides[0] = row;
    view.strides[1] = column;
    return view;
  }
};

// c −= a · b.
void SubtractProduct(const Part& c, const Part& a, const Part& b) {
  if (c.rows == 0 || c.columns == 0 || a.columns == 0) return;
  std::vector<double> negative(static_cast<size_t>(a.rows * a.columns));
  for (int64_t i = 0; i < a.rows; i++) {
    for (int64_t j = 0; j < a.columns; j++) {
      negative[static_cast<size_t>(i * a.columns + j)] = -a.data[i * a.row + j * a.column];
    }
  }
  GemmOptions options{};
  options.accumulate = true;
  const Part minus{negative.data(), a.rows, a.columns, a.columns, 1};
  kernels().gemm(c.View(), minus.View(), b.View(), nullptr, options);
}

}  // namespace

void FactorLu(double* a, int64_t rows, int64_t columns, int32_t* exchanges) {
  auto at = [&](int64_t i, int64_t j) { return a + i * columns + j; };
  const int64_t steps = std::min(rows, columns);
  for (int64_t begin = 0; begin < steps; begin += kBlock) {
    const int64_t end = std::min(begin + kBlock, steps);
    for (int64_t j = begin; j < end; j++) {
      int64_t pivot = j;
      for (int64_t i = j + 1; i < rows; i++) {
        if (std::fabs(*at(i, j)) > std::fabs(*at(pivot, j))) pivot = i;
      }
      exchanges[j] = static_cast<int32_t>(pivot + 1);
      if (pivot != j) std::swap_ranges(at(j, 0), at(j, 0) + columns, at(pivot, 0));
      if (*at(j, j) == 0) continue;
      for (int64_t i = j + 1; i < rows; i++) {
        *at(i, j) /= *at(j, j);
        AddRow(at(i, j + 1), at(j, j + 1), -*at(i, j), end - j - 1);
      }
    }
    const int64_t right = columns - end;
    for (int64_t i = begin + 1; i < end; i++) {
      for (int64_t p = begin; p < i; p++) AddRow(at(i, end), at(p, end), -*at(i, p), right);
    }
    SubtractProduct({at(end, end), rows - end, right, columns, 1},
                    {at(end, begin), rows - end, end - begin, columns, 1},
                    {at(begin, end), end - begin, right, columns, 1});
  }
}

int64_t FactorCholesky(double* a, int64_t n) {
  auto at = [&](int64_t i, int64_t j) { return a + i * n + j; };
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t end = std::min(begin + kBlock, n);
    for (int64_t j = begin; j < end; j++) {
      if (!(*at(j, j) > 0)) return j + 1;
      const double root = std::sqrt(*at(j, j));
      for (int64_t i = j; i < n; i++) *at(j, i) /= root;
      for (int64_t i = j + 1; i < end; i++) AddRow(at(i, i), at(j, i), -*at(j, i), n - i);
    }
    // Of the symmetric rest the lower half is computed in vain: a product takes less time than half of it in sums.
    SubtractProduct({at(end, end), n - end, n - end, n, 1}, {at(begin, end), n - end, end - begin, 1, n},
                    {at(begin, end), end - begin, n - end, n, 1});
  }
  return 0;
}

namespace {

// Householder's reflection 1 − tau · v vᵀ.
struct Reflection {
  std::vector<double> v;  // the first element is 1
  double tau;

  // Of the rows of a matrix, `columns` of each.
  void Apply(double* a, int64_t stride, int64_t columns) const {
    if (tau == 0 || columns <= 0) return;
    std::vector<double> sums(static_cast<size_t>(columns));
    for (size_t i = 0; i < v.size(); i++) AddRow(sums.data(), a + static_cast<int64_t>(i) * stride, v[i], columns);
    for (size_t i = 0; i < v.size(); i++) {
      AddRow(a + static_cast<int64_t>(i) * stride, sums.data(), -tau * v[i], columns);
    }
  }
};

// The reflection that turns a column into one whose elements but the first are 0, which it becomes.
Reflection Reflect(double* column, int64_t stride, int64_t n) {
  Reflection reflection{std::vector<double>(static_cast<size_t>(n)), 0};
  double largest = 0;
  for (int64_t i = 1; i < n; i++) largest = std::max(largest, std::fabs(column[i * stride]));
  reflection.v[0] = 1;
  if (largest == 0) return reflection;  // nothing to do: LAPACK reflects neither
  double squares = 0;                   // scaled, so that they neither overflow nor vanish
  for (int64_t i = 1; i < n; i++) squares += (column[i * stride] / largest) * (column[i * stride] / largest);
  const double first = column[0], length = std::hypot(first, largest * std::sqrt(squares));
  const double now = first > 0 || (first == 0 && !std::signbit(first)) ? -length : length;
  reflection.tau = (now - first) / now;
  for (int64_t i = 1; i < n; i++) {
    reflection.v[static_cast<size_t>(i)] = column[i * stride] / (first - now);
    column[i * stride] = 0;
  }
  column[0] = now;
  return reflection;
}

}  // namespace

void FactorQr(double* a, int64_t rows, int64_t columns, double* q, int64_t width) {
  std::vector<Reflection> reflections;
  for (int64_t j = 0; j < std::min(rows, columns); j++) {
    double* corner = a + j * columns + j;
    reflections.push_back(Reflect(corner, columns, rows - j));
    reflections.back().Apply(corner + 1, columns, columns - j - 1);
  }
  for (int64_t i = 0; i < rows * width; i++) q[i] = i / width == i % width ? 1 : 0;
  for (int64_t j = static_cast<int64_t>(reflections.size()) - 1; j >= 0; j--) {
    reflections[static_cast<size_t>(j)].Apply(q + j * width + j, width, width - j);
  }
}

void SolveTriangle(const double* t, int64_t n, double* b, int64_t columns, bool upper, bool unit) {
  for (int64_t done = 0; done < n; done += kBlock) {
    const int64_t size = std::min(kBlock, n - done);
    const int64_t begin = upper ? n - done - size : done, end = begin + size;
    const int64_t from = upper ? end : 0;  // the rows that are solved
    SubtractProduct({b + begin * columns, size, columns, columns, 1},
                    {const_cast<double*>(t) + begin * n + from, size, done, n, 1},
                    {b + from * columns, done, columns, columns, 1});
    for (int64_t step = 0; step < size; step++) {
      const int64_t i = upper ? end - 1 - step : begin + step;
      for (int64_t p = upper ? i + 1 : begin; p < (upper ? end : i); p++) {
        AddRow(b + i * columns, b + p * columns, -t[i * n + p], columns);
      }
      if (unit) continue;
      for (int64_t j = 0; j < columns; j++) b[i * columns + j] /= t[i * n + i];
    }
  }
}

}  // namespace gb
