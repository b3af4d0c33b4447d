// The inner kernel of matrix multiplication: a tile of C, kRows x (kVectors registers), accumulated in registers over
// one block of k. A's elements are broadcast from memory, so A may have any strides; B's rows are vectors.
#pragma once

#include "cpu/isa.h"
#include "cpu/vector.h"

namespace gb {
namespace GB_ISA {

// Registers decide the tile: accumulators, kTileVectors vectors of B and one broadcast element of A.
#if GB_VECTOR == 64
constexpr int kTileRows = 14;
#elif GB_VECTOR == 32
constexpr int kTileRows = 6;
#elif defined(__aarch64__)
constexpr int kTileRows = 8;
#else
constexpr int kTileRows = 4;
#endif
constexpr int kTileVectors = 2;

enum class Bias : int32_t { kNone, kColumns, kRows };

template <class T>
struct TileTask {
  int64_t k;
  const T* a;
  int64_t a_row, a_k;  // strides
  const T* b;
  int64_t b_k;  // stride between rows of B
  T* c;
  int64_t c_row, c_column;  // strides
  int64_t columns;          // valid columns of the tile
  bool load;                // add to what C holds
  bool relu;
  Bias bias_kind;
  const T* bias;  // readable for whole vectors
};

template <class T, int kRows, int kVectors>
using Accumulators = Vector<T>[kRows][kVectors];

// A's rows are one element apart: packed, or a transposed matrix.
template <class T, int kRows, int kVectors>
static GB_FORCE_INLINE void MultiplyColumns(const TileTask<T>& t, Accumulators<T, kRows, kVectors>& acc) {
  const T* a = t.a;
  const T* b = t.b;
  int64_t a_k = t.a_k, b_k = t.b_k;
  for (int64_t k = t.k; k > 0; k--) {
    Vector<T> v[kVectors];
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) v[j] = Load(b + j * kWidth<T>);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
      Vector<T> x = Splat<T>(a[i]);
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) acc[i][j] += x * v[j];
    }
    a += a_k;
    b += b_k;
  }
}

// A's rows are a_row elements apart. Every fourth row has a pointer of its own, so that four pointers and two
// multiples of the stride address all of them.
template <class T, int kRows, int kVectors>
static GB_FORCE_INLINE void MultiplyRows(const TileTask<T>& t, Accumulators<T, kRows, kVectors>& acc) {
  constexpr int kPointers = (kRows + 3) / 4;
  const int64_t a_row = t.a_row;
  const int64_t a_row3 = a_row * 3;
  const T* a[kPointers];
  for (int i = 0; i < kPointers; i++) a[i] = t.a + i * 4 * a_row;
  const T* b = t.b;
  int64_t a_k = t.a_k, b_k = t.b_k;
  for (int64_t k = t.k; k > 0; k--) {
    Vector<T> v[kVectors];
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) v[j] = Load(b + j * kWidth<T>);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
      const T* p = a[i / 4];
      Vector<T> x = Splat<T>(i % 4 == 0 ? p[0] : i % 4 == 1 ? p[a_row] : i % 4 == 2 ? p[a_row * 2] : p[a_row3]);
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) acc[i][j] += x * v[j];
    }
#pragma GCC unroll 4
    for (int i = 0; i < kPointers; i++) a[i] += a_k;
    b += b_k;
  }
}

// C's rows are contiguous.
template <class T, int kRows, int kVectors>
static GB_FORCE_INLINE void StoreRows(const TileTask<T>& t, Accumulators<T, kRows, kVectors>& acc) {
  const int64_t rest = t.columns - (kVectors - 1) * kWidth<T>;  // valid elements of the last vector
  const Vector<T> zero{};
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
    T* c = t.c + i * t.c_row;
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++, c += kWidth<T>) {
      Vector<T> x = acc[i][j];
      bool whole = j + 1 < kVectors || rest == kWidth<T>;
      if (t.bias_kind == Bias::kColumns) x += Load(t.bias + j * kWidth<T>);
      if (t.bias_kind == Bias::kRows) x += Splat<T>(t.bias[i]);
      if (whole) {
        if (t.load) x += Load(c);
        if (t.relu) x = x < zero ? zero : x;
        StoreVector<T>(c, x);
      } else {
        T lanes[kWidth<T>];
        StoreVector<T>(lanes, x);
        for (int64_t lane = 0; lane < rest; lane++) {
          T y = t.load ? lanes[lane] + c[lane] : lanes[lane];
          c[lane] = t.relu && y < T(0) ? T(0) : y;
        }
      }
    }
  }
}

// C has any strides; written column by column, which is along memory when C is the transposed output.
template <class T, int kRows, int kVectors>
static GB_FORCE_INLINE void StoreStrided(const TileTask<T>& t, Accumulators<T, kRows, kVectors>& acc) {
  T tile[kRows][kVectors * kWidth<T>];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) {
      Vector<T> x = acc[i][j];
      if (t.bias_kind == Bias::kColumns) x += Load(t.bias + j * kWidth<T>);
      if (t.bias_kind == Bias::kRows) x += Splat<T>(t.bias[i]);
      StoreVector<T>(&tile[i][j * kWidth<T>], x);
    }
  }
  for (int64_t j = 0; j < t.columns; j++) {
    T* c = t.c + j * t.c_column;
    for (int i = 0; i < kRows; i++) {
      T y = tile[i][j];
      if (t.load) y += c[i * t.c_row];
      c[i * t.c_row] = t.relu && y < T(0) ? T(0) : y;
    }
  }
}

template <class T, int kRows, int kVectors, bool kByRows>
void Tile(const TileTask<T>& t) {
  Accumulators<T, kRows, kVectors> acc = {};
  if (kByRows) {
    MultiplyRows<T, kRows, kVectors>(t, acc);
  } else {
    MultiplyColumns<T, kRows, kVectors>(t, acc);
  }
  if (t.c_column == 1) {
    StoreRows<T, kRows, kVectors>(t, acc);
  } else {
    StoreStrided<T, kRows, kVectors>(t, acc);
  }
}

template <class T>
using TileFunction = void (*)(const TileTask<T>&);

// The tile functions by rows - 1, vectors - 1, and whether A is read by rows.
template <class T>
struct TileTable {
  TileFunction<T> by_columns[kTileRows][kTileVectors];
  TileFunction<T> by_rows[kTileRows][kTileVectors];

  template <int kRows>
  constexpr void Fill() {
    by_columns[kRows - 1][0] = Tile<T, kRows, 1, false>;
    by_columns[kRows - 1][1] = Tile<T, kRows, 2, false>;
    by_rows[kRows - 1][0] = Tile<T, kRows, 1, true>;
    by_rows[kRows - 1][1] = Tile<T, kRows, 2, true>;
    if constexpr (kRows > 1) Fill<kRows - 1>();
  }

  constexpr TileTable() : by_columns{}, by_rows{} { Fill<kTileRows>(); }
};

}  // namespace GB_ISA
}  // namespace gb
