// Images read through maps of the plane, one for each image of a batch or one for all: rotations, affine maps,
// perspectives, cuts and mirror images. Coordinates are computed in the order in which torchvision's grids are sampled,
// a row of the output at a time and vectorised; then the pixels are fetched. A map that only moves by whole pixels
// copies rows.
//
// Rows of the output run on the threads; each pixel is computed by itself, so results do not depend on their number.
// Limited by the gathers.
#include <cstring>
#include <vector>

#include "core/threads.h"
#include "cpu/isa.h"
#include "cpu/tables.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kPiece = 256;    // columns
constexpr int64_t kGrain = 16384;  // pixels

// Adding and taking away this number rounds to the nearest integer, halves to the even one.
template <class C>
constexpr C kRounder = sizeof(C) == 4 ? C(12582912) : C(6755399441055744);

template <class C>
GB_FORCE_INLINE C Rounded(C x) {
  return (x + kRounder<C>)-kRounder<C>;
}

// Kept near the image, so that all that follows is small; NaN lies outside.
template <class C>
GB_FORCE_INLINE C NearImage(C x, C size) {
  x = x > C(-2) ? x : C(-2);
  return x < size + 1 ? x : size + 1;
}

// A map in the coordinates of torchvision's grids: from −1 to 1 over the image that is read.
template <class C>
struct Map {
  C x[3], y[3], w[3];  // for (column, row, 1); w is the divisor of a perspective
  C first_column, first_row;
  C half_width, half_height;
  bool divides;
  bool shifts;  // by whole pixels:
  int64_t shift_column, shift_row;
};

template <class C>
Map<C> MapOf(const WarpShape& s, const double* m) {
  Map<C> map{};
  map.half_width = C(0.5) * C(s.width);
  map.half_height = C(0.5) * C(s.height);
  map.divides = s.terms == 8;
  for (int i = 0; i < 3; i++) {
    map.x[i] = C(m[i]) / map.half_width;
    map.y[i] = C(m[3 + i]) / map.half_height;
    map.w[i] = map.divides && i < 2 ? C(m[6 + i]) : C(i == 2);
  }
  map.first_column = map.divides ? C(0.5) : C(0.5 - 0.5 * static_cast<double>(s.out_width));
  map.first_row = map.divides ? C(0.5) : C(0.5 - 0.5 * static_cast<double>(s.out_height));
  // With origins in the middle, a difference of sizes moves, too.
  const double column = m[2] + (map.divides ? 0 : 0.5 * static_cast<double>(s.width - s.out_width));
  const double row = m[5] + (map.divides ? 0 : 0.5 * static_cast<double>(s.height - s.out_height));
  constexpr double kFar = 1 << 30;
  const bool keeps = m[0] == 1 && m[1] == 0 && m[3] == 0 && m[4] == 1 && map.w[0] == 0 && map.w[1] == 0;
  if (keeps && column > -kFar && column < kFar && row > -kFar && row < kFar) {
    map.shift_column = static_cast<int64_t>(column);
    map.shift_row = static_cast<int64_t>(row);
    map.shifts = static_cast<double>(map.shift_column) == column && static_cast<double>(map.shift_row) == row;
  }
  return map;
}

// Where the pixels of a piece of a row are read, in pixels of the image.
template <class C>
GB_FORCE_INLINE void Places(const Map<C>& map, const WarpShape& s, int64_t row, int64_t first, int64_t n, C* xs,
                            C* ys) {
  const C y = map.first_row + C(row), width = C(s.width), height = C(s.height);
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) {
    const C x = map.first_column + C(static_cast<int32_t>(first + i));
    C gx = x * map.x[0] + y * map.x[1] + map.x[2];
    C gy = x * map.y[0] + y * map.y[1] + map.y[2];
    if (map.divides) {
      const C w = x * map.w[0] + y * map.w[1] + map.w[2];
      gx = gx / w - 1;
      gy = gy / w - 1;
    }
    xs[i] = NearImage<C>((gx + 1) * map.half_width - C(0.5), width);
    ys[i] = NearImage<C>((gy + 1) * map.half_height - C(0.5), height);
  }
}

template <class C>
GB_FORCE_INLINE bool Within(C x, C size) {
  return x >= 0 && x < size;
}

// A row of the output of one image, for all channels, of a map that shifts; `fill` has an element for each channel.
template <class C, class T>
void ShiftRow(const WarpShape& s, const Map<C>& map, int64_t row, const T* from, T* to, const T* fill) {
  const int64_t source = row + map.shift_row, column = map.shift_column;
  const int64_t begin = Min(Max<int64_t>(-column, 0), s.out_width);
  const int64_t end = source < 0 || source >= s.height ? begin : Max(begin, Min(s.width - column, s.out_width));
  for (int64_t c = 0; c < s.channels; c++) {
    for (int64_t i = 0; i < begin; i++) to[i] = fill[c];
    if (end > begin) {
      std::memcpy(to + begin, from + source * s.width + column + begin, static_cast<size_t>(end - begin) * sizeof(T));
    }
    for (int64_t i = end; i < s.out_width; i++) to[i] = fill[c];
    from += s.height * s.width;
    to += s.out_height * s.out_width;
  }
}

template <class C, class T>
void NearestRow(const WarpShape& s, const Map<C>& map, int64_t row, const T* from, T* to, const T* fill) {
  const int64_t plane = s.height * s.width, out_plane = s.out_height * s.out_width;
  to += row * s.out_width;
  if (map.shifts) return ShiftRow<C, T>(s, map, row, from, to, fill);
  C xs[kPiece], ys[kPiece];
  int32_t columns[kPiece], rows[kPiece];
  const C width = C(s.width), height = C(s.height);
  for (int64_t first = 0; first < s.out_width; first += kPiece) {
    const int64_t n = Min(kPiece, s.out_width - first);
    Places<C>(map, s, row, first, n, xs, ys);
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) {
      const C x = Rounded<C>(xs[i]), y = Rounded<C>(ys[i]);
      const bool inside = Within<C>(x, width) & Within<C>(y, height);
      columns[i] = inside ? static_cast<int32_t>(x) : -1;
      rows[i] = static_cast<int32_t>(y);
    }
    for (int64_t c = 0; c < s.channels; c++) {
      const T* source = from + c * plane;
      T* target = to + c * out_plane + first;
      for (int64_t i = 0; i < n; i++) {
        target[i] = columns[i] >= 0 ? source[rows[i] * s.width + columns[i]] : fill[c];
      }
    }
  }
}

// What a computed value becomes as an element: bytes are rounded.
GB_FORCE_INLINE void Put(float* to, float value) { *to = value; }
GB_FORCE_INLINE void Put(double* to, double value) { *to = value; }
GB_FORCE_INLINE void Put(uint8_t* to, float value) {
  const float whole = Rounded<float>(value);
  *to = static_cast<uint8_t>(whole > 0 ? (whole < 255 ? whole : 255.0f) : 0.0f);
}

// `fill` may be null: then what lies outside is 0. Else it is mixed in by the share of the pixel that lies outside;
// `border` is the same as elements.
template <class C, class T>
void BilinearRow(const WarpShape& s, const Map<C>& map, int64_t row, const T* from, T* to, const C* fill,
                 const T* border) {
  const int64_t plane = s.height * s.width, out_plane = s.out_height * s.out_width;
  to += row * s.out_width;
  if (map.shifts) return ShiftRow<C, T>(s, map, row, from, to, border);
  C xs[kPiece], ys[kPiece], x0s[kPiece], y0s[kPiece];
  for (int64_t first = 0; first < s.out_width; first += kPiece) {
    const int64_t n = Min(kPiece, s.out_width - first);
    Places<C>(map, s, row, first, n, xs, ys);
    GB_INDEPENDENT
    for (int64_t i = 0; i < n; i++) {
      const C x = Rounded<C>(xs[i]), y = Rounded<C>(ys[i]);
      x0s[i] = x > xs[i] ? x - 1 : x;
      y0s[i] = y > ys[i] ? y - 1 : y;
    }
    for (int64_t i = 0; i < n; i++) {
      const int64_t x0 = static_cast<int64_t>(x0s[i]), y0 = static_cast<int64_t>(y0s[i]);
      const C right = xs[i] - x0s[i], below = ys[i] - y0s[i];
      const C left = 1 - right, above = 1 - below;
      const C weights[4] = {above * left, above * right, below * left, below * right};
      const bool columns[2] = {x0 >= 0 && x0 < s.width, x0 >= -1 && x0 < s.width - 1};
      const bool rows[2] = {y0 >= 0 && y0 < s.height, y0 >= -1 && y0 < s.height - 1};
      const bool inside[4] = {rows[0] && columns[0], rows[0] && columns[1], rows[1] && columns[0],
                              rows[1] && columns[1]};
      const int64_t at = y0 * s.width + x0;
      const int64_t places[4] = {at, at + 1, at + s.width, at + s.width + 1};
      C share = 0;
      for (int k = 0; k < 4; k++) share += inside[k] ? weights[k] : 0;
      for (int64_t c = 0; c < s.channels; c++) {
        const T* source = from + c * plane;
        C sum = 0;
        for (int k = 0; k < 4; k++) {
          if (inside[k]) sum += weights[k] * static_cast<C>(source[places[k]]);
        }
        if (fill) sum = sum * share + (1 - share) * fill[c];
        Put(to + c * out_plane + first + i, sum);
      }
    }
  }
}

template <class C, class Row>
void EachRow(const WarpShape& s, const double* maps, const Row& row) {
  const int64_t grain = Max<int64_t>(1, kGrain / Max<int64_t>(1, s.out_width * s.channels));
  ParallelFor(s.images * s.out_height, grain, [&](int64_t begin, int64_t end) {
    int64_t image = -1;
    Map<C> map;
    for (int64_t task = begin; task < end; task++) {
      if (task / s.out_height != image) {
        image = task / s.out_height;
        map = MapOf<C>(s, maps + (s.maps == 1 ? 0 : image * s.terms));
      }
      row(image, map, task % s.out_height);
    }
  });
}

template <class C, class T>
void Nearest(const WarpShape& s, void* out, const void* in, const double* maps, const void* fill) {
  const int64_t size = s.channels * s.height * s.width, out_size = s.channels * s.out_height * s.out_width;
  EachRow<C>(s, maps, [&](int64_t image, const Map<C>& map, int64_t row) {
    NearestRow<C, T>(s, map, row, static_cast<const T*>(in) + image * size, static_cast<T*>(out) + image * out_size,
                     static_cast<const T*>(fill));
  });
}

template <class C, class T>
void Bilinear(const WarpShape& s, void* out, const void* in, const double* maps, const void* fill) {
  const int64_t size = s.channels * s.height * s.width, out_size = s.channels * s.out_height * s.out_width;
  std::vector<T> border(static_cast<size_t>(s.channels));
  if (fill) {
    for (size_t c = 0; c < border.size(); c++) Put(&border[c], static_cast<const C*>(fill)[c]);
  }
  EachRow<C>(s, maps, [&](int64_t image, const Map<C>& map, int64_t row) {
    BilinearRow<C, T>(s, map, row, static_cast<const T*>(in) + image * size, static_cast<T*>(out) + image * out_size,
                      static_cast<const C*>(fill), border.data());
  });
}

}  // namespace

void WarpNearest(const WarpShape& shape, DType dtype, void* out, const void* in, const double* maps, const void* fill) {
  if (dtype == DType::kFloat64) return Nearest<double, uint64_t>(shape, out, in, maps, fill);
  const int64_t item = ItemSize(dtype);
  if (item == 8) return Nearest<float, uint64_t>(shape, out, in, maps, fill);
  if (item == 4) return Nearest<float, uint32_t>(shape, out, in, maps, fill);
  Nearest<float, uint8_t>(shape, out, in, maps, fill);
}

void WarpBilinear(const WarpShape& shape, DType dtype, void* out, const void* in, const double* maps,
                  const void* fill) {
  if (dtype == DType::kFloat64) return Bilinear<double, double>(shape, out, in, maps, fill);
  if (dtype == DType::kFloat32) return Bilinear<float, float>(shape, out, in, maps, fill);
  Bilinear<float, uint8_t>(shape, out, in, maps, fill);
}

}  // namespace GB_ISA
}  // namespace gb
