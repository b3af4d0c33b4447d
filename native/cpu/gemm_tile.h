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
constexpr int kAheadCycles = 112;  // between prefetch and use of B
constexpr int64_t kAhead = 8;      // steps of k between prefetch and use of B
constexpr int64_t kAheadA = 16;    // and of A

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

// Runs the k steps in as many turns as the tile has rows and fetches a row of C in each: all at once they would occupy
// the buffers that the operands' lines come through. Few steps are not worth it.
template <class T, int kRows, int kVectors, class Step>
static GB_FORCE_INLINE void FetchingC(const TileTask<T>& t, const Step& step) {
  const T* c = t.c;
  const int64_t turn = t.k < 4 * kRows ? t.k : t.k / kRows + 1;
  for (int64_t left = t.k; left > 0; left -= turn) {
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) __builtin_prefetch(c + j * kWidth<T>, 1);
    c += t.c_row;
    for (int64_t k = Min(left, turn); k > 0; k--) step();
  }
}

// Vector j of a row of B; the last one of the tile may not be whole.
template <class T>
static GB_FORCE_INLINE Vector<T> LoadColumns(const T* b, int j, bool last, int64_t lanes) {
  return kMaskedMoves && last ? LoadPart(b + j * kWidth<T>, lanes) : Load(b + j * kWidth<T>);
}

// A's rows are one element apart: packed, or a transposed matrix. Both operands stream from the second-level cache, and
// the hardware alone fetches them too late.
template <class T, int kRows, int kVectors>
static GB_FORCE_INLINE void MultiplyColumns(const TileTask<T>& t, Accumulators<T, kRows, kVectors>& acc) {
  const T* a = t.a;
  const T* b = t.b;
  const int64_t a_k = t.a_k, b_k = t.b_k;
  const int64_t lanes = t.columns - (kVectors - 1) * kWidth<T>;
  FetchingC<T, kRows, kVectors>(
      t, [&]() __attribute__((always_inline)) {
        __builtin_prefetch(a + kAheadA * a_k);
        Vector<T> v[kVectors];
#pragma GCC unroll 2
        for (int j = 0; j < kVectors; j++) {
          v[j] = LoadColumns(b, j, j == kVectors - 1, lanes);
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
      });
}

// A's rows are a_row elements apart, each row contiguous. Every fourth row has a pointer of its own, so that four
// pointers and two multiples of the stride address all of them. (Not an array of pointers: it would end up in a vector
// register and be put down in every step.)
template <class T, int kRows, int kVectors>
static GB_FORCE_INLINE void MultiplyRows(const TileTask<T>& t, Accumulators<T, kRows, kVectors>& acc) {
  const int64_t a_row = t.a_row, a_row3 = a_row * 3;
  const T* a0 = t.a;
  const T* a4 = t.a + Min(kRows - 1, 4) * a_row;
  const T* a8 = t.a + Min(kRows - 1, 8) * a_row;
  const T* a12 = t.a + Min(kRows - 1, 12) * a_row;
  const T* b = t.b;
  const int64_t b_k = t.b_k, ahead = kAheadCycles / kRows * b_k;
  const int64_t lanes = t.columns - (kVectors - 1) * kWidth<T>;
  FetchingC<T, kRows, kVectors>(
      t, [&]() __attribute__((always_inline)) {
        Vector<T> v[kVectors];
#pragma GCC unroll 2
        for (int j = 0; j < kVectors; j++) {
          v[j] = LoadColumns(b, j, j == kVectors - 1, lanes);
          __builtin_prefetch(b + ahead + j * kWidth<T>);
        }
#pragma GCC unroll 16
        for (int i = 0; i < kRows; i++) {
          const T* p = i < 4 ? a0 : i < 8 ? a4 : i < 12 ? a8 : a12;
          Vector<T> x = Splat<T>(i % 4 == 0 ? p[0] : i % 4 == 1 ? p[a_row] : i % 4 == 2 ? p[a_row * 2] : p[a_row3]);
#pragma GCC unroll 2
          for (int j = 0; j < kVectors; j++) acc[i][j] += x * v[j];
        }
        a0++;
        a4++;
        a8++;
        a12++;
        b += b_k;
      });
}

// Stores a tile whose rows are contiguous in C, from the registers.
template <class T, int kRows, int kVectors>
static GB_FORCE_INLINE void StoreTile(const TileTask<T>& t, Accumulators<T, kRows, kVectors>& acc) {
  constexpr int kLast = kVectors - 1;
  const int64_t lanes = t.columns - kLast * kWidth<T>;  // of the last vector
  const bool whole = lanes == kWidth<T>;
  const int64_t c_row = t.c_row;
  T* const begin = t.c;
  if (t.load) {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
      const T* c = begin + i * c_row;
      if (kLast > 0) acc[i][0] += Load(c);
      acc[i][kLast] += whole ? Load(c + kLast * kWidth<T>) : LoadPart(c + kLast * kWidth<T>, lanes);
    }
  }
  if (t.relu) {
    const Vector<T> zero{};
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) acc[i][j] = acc[i][j] < zero ? zero : acc[i][j];
    }
  }
  if (whole) {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) StoreVector<T>(begin + i * c_row + j * kWidth<T>, acc[i][j]);
    }
  } else {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
      T* c = begin + i * c_row;
      if (kLast > 0) StoreVector<T>(c, acc[i][0]);
      StorePart(c + kLast * kWidth<T>, acc[i][kLast], lanes);
    }
  }
}

// Writes n <= kWidth elements to C: adds what it holds and applies ReLU first.
template <class T>
static GB_FORCE_INLINE void Finish(const TileTask<T>& t, T* c, Vector<T> x, int64_t n) {
  if (t.load) x += LoadPart(c, n);
  const Vector<T> zero{};
  if (t.relu) x = x < zero ? zero : x;
  StorePart(c, x, n);
}

// The same for any strides of C, from a tile that was put down as [rows][kVectors * width]. One function for all tile
// heights: it costs little beside the products and would be large if unrolled into each.
template <class T, int kVectors>
__attribute__((noinline)) void FinishTile(const TileTask<T>& t, const T* tile, int rows) {
  constexpr int64_t kColumns = kVectors * kWidth<T>;
  if (t.c_column == 1) {
    for (int i = 0; i < rows; i++) {
      for (int64_t j = 0; j < t.columns; j += kWidth<T>) {
        Finish(t, t.c + i * t.c_row + j, Load(tile + i * kColumns + j), Min<int64_t>(kWidth<T>, t.columns - j));
      }
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
  constexpr int kColumns = kVectors * kWidth<T>;
  Accumulators<T, kRows, kVectors> acc;
#pragma GCC unroll 2
  for (int j = 0; j < kVectors; j++) {
    const Vector<T> start = t.bias_kind == Bias::kColumns ? Load(t.bias + j * kWidth<T>) : Vector<T>{};
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) acc[i][j] = start;
  }
  if (t.bias_kind == Bias::kRows) {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) acc[i][j] = Splat<T>(t.bias[i]);
    }
  }
  if (kByRows) {
    MultiplyRows<T, kRows, kVectors>(t, acc);
  } else {
    MultiplyColumns<T, kRows, kVectors>(t, acc);
  }
  // Without moves under a mask, storing part of a vector takes too much code to be unrolled.
  if (t.c_column == 1 && (kMaskedMoves || t.columns == kColumns)) return StoreTile<T, kRows, kVectors>(t, acc);
  alignas(64) T tile[kRows * kColumns];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) StoreVector<T>(tile + i * kColumns + j * kWidth<T>, acc[i][j]);
  }
  FinishTile<T, kVectors>(t, tile, kRows);
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
