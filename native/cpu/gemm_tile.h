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
constexpr int64_t kAhead = 8;    // steps of k between prefetch and use of B
constexpr int64_t kAheadA = 16;  // and of A

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

// A's rows are one element apart: packed, or a transposed matrix. Both operands stream from the second-level cache, and
// the hardware alone fetches them too late. C's lines are fetched a row at a time over the whole loop: all at once they
// would occupy the buffers that the operands' lines come through.
template <class T, int kRows, int kVectors>
static GB_FORCE_INLINE void MultiplyColumns(const TileTask<T>& t, Accumulators<T, kRows, kVectors>& acc) {
  const T* a = t.a;
  const T* b = t.b;
  const T* c = t.c;
  const int64_t a_k = t.a_k, b_k = t.b_k;
  const int64_t step = t.k / kRows + 1;
  for (int64_t left = t.k; left > 0; left -= step) {
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) __builtin_prefetch(c + j * kWidth<T>, 1);
    c += t.c_row;
    for (int64_t k = Min(left, step); k > 0; k--) {
      __builtin_prefetch(a + kAheadA * kRows);
      Vector<T> v[kVectors];
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) {
        v[j] = Load(b + j * kWidth<T>);
        __builtin_prefetch(b + (kAhead * kVectors + j) * kWidth<T>);
      }
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
    for (int j = 0; j < kVectors; j++) {
      v[j] = Load(b + j * kWidth<T>);
      // B streams from the second-level cache; the hardware alone fetches it too late.
      __builtin_prefetch(b + kAhead * b_k + j * kWidth<T>);
    }
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

// Writes n <= kWidth elements to C: adds what it holds and applies ReLU first.
template <class T>
static GB_FORCE_INLINE void Finish(const TileTask<T>& t, T* c, Vector<T> x, int64_t n) {
  alignas(64) T lanes[kWidth<T>] = {};
  if (t.load) {
    CopyFew(lanes, c, n);
    x += Load(lanes);
  }
  const Vector<T> zero{};
  if (t.relu) x = x < zero ? zero : x;
  StoreVector<T>(lanes, x);
  CopyFew(c, lanes, n);
}

// Adds bias and what C holds, applies ReLU and stores a tile that was put down as [rows][kVectors * width]. One
// function for all tile heights: it costs little beside the products and would be large if unrolled into each.
template <class T, int kVectors>
__attribute__((noinline)) void FinishTile(const TileTask<T>& t, T* tile, int rows) {
  constexpr int64_t kColumns = kVectors * kWidth<T>;
  if (t.bias_kind != Bias::kNone) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < kVectors; j++) {
        T* at = tile + i * kColumns + j * kWidth<T>;
        Vector<T> bias = t.bias_kind == Bias::kRows ? Splat<T>(t.bias[i]) : Load(t.bias + j * kWidth<T>);
        StoreVector<T>(at, Load(at) + bias);
      }
    }
  }
  if (t.c_column == 1) {
    const Vector<T> zero{};
    for (int i = 0; i < rows; i++) {
      const T* from = tile + i * kColumns;
      T* c = t.c + i * t.c_row;
      int64_t j = 0;
      for (; j + kWidth<T> <= t.columns; j += kWidth<T>) {
        Vector<T> x = Load(from + j);
        if (t.load) x += Load(c + j);
        if (t.relu) x = x < zero ? zero : x;
        StoreVector<T>(c + j, x);
      }
      if (j < t.columns) Finish(t, c + j, Load(from + j), t.columns - j);
    }
  } else if (t.c_row == 1) {
    // C is the transposed output: its columns are contiguous.
    for (int64_t i = 0; i < rows; i += kWidth<T>) {
      const int64_t height = Min<int64_t>(kWidth<T>, rows - i);
      for (int64_t j = 0; j < t.columns; j += kWidth<T>) {
        Vector<T> block[kWidth<T>];
        for (int r = 0; r < kWidth<T>; r++) block[r] = r < height ? Load(tile + (i + r) * kColumns + j) : Vector<T>{};
        TransposeSquare<T>(block);
        const int64_t width = Min<int64_t>(kWidth<T>, t.columns - j);
        for (int64_t r = 0; r < width; r++) Finish(t, t.c + (j + r) * t.c_column + i, block[r], height);
      }
    }
  } else {
    for (int i = 0; i < rows; i++) {
      for (int64_t j = 0; j < t.columns; j++) {
        T* c = t.c + i * t.c_row + j * t.c_column;
        T x = tile[i * kColumns + j] + (t.load ? *c : T(0));
        *c = t.relu && x < T(0) ? T(0) : x;
      }
    }
  }
}

template <class T, int kRows, int kVectors, bool kByRows>
void Tile(const TileTask<T>& t) {
  Accumulators<T, kRows, kVectors> acc = {};
  if (kByRows) {
    for (int i = 0; i < kRows; i++) {
      __builtin_prefetch(t.c + i * t.c_row, 1);
      __builtin_prefetch(t.c + i * t.c_row + kWidth<T>, 1);
    }
    MultiplyRows<T, kRows, kVectors>(t, acc);
  } else {
    MultiplyColumns<T, kRows, kVectors>(t, acc);
  }
  constexpr int kColumns = kVectors * kWidth<T>;
  alignas(64) T tile[kRows * kColumns];
  const bool plain = t.c_column == 1 && t.columns == kColumns && t.bias_kind == Bias::kNone && !t.relu;
  if (plain && t.load) {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) acc[i][j] += Load(t.c + i * t.c_row + j * kWidth<T>);
    }
  }
  T* to = plain ? t.c : tile;
  const int64_t step = plain ? t.c_row : kColumns;
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) StoreVector<T>(to + i * step + j * kWidth<T>, acc[i][j]);
  }
  if (!plain) FinishTile<T, kVectors>(t, tile, kRows);
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
