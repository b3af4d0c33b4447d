// The inner kernel of a convolution and of its gradient by the input: a tile of the result, kRows channels by kVectors
// vectors of positions, accumulated in registers over the taps. Each vector has a pointer of its own and the taps are
// offsets common to all of them, so the images are read where they lie and need not be packed.
#pragma once

#include "cpu/gemm_tile.h"
#include "cpu/isa.h"
#include "cpu/vector.h"

namespace gb {
namespace GB_ISA {

// One or two channels alone cannot keep the multiply-add units busy, so their tiles are wider.
constexpr int kWideVectors = GB_VECTOR == 64 ? 8 : 4;
constexpr int kWideRows = 2;

template <class T>
struct ConvTile {
  int64_t k;            // taps times channels
  const T* a;           // weights: packed as [k][rows], or where they are
  const int64_t* a_at;  // offsets of the taps, if the weights are not packed
  int64_t a_row;        // from row to row, likewise
  const T* b[kWideVectors];
  const int64_t* b_at;  // offsets of the taps
  const T* bias;        // of the rows, or null
  // Where the vectors go, if each goes to one place: pointers for the first row, valid lanes.
  T* c[kWideVectors];
  int64_t lanes[kWideVectors];
  int64_t c_row;
  bool load;  // add to what C holds
  T* tile;    // not null: put the tile down here as [kRows][kVectors vectors]
};

template <class T, int kRows, int kVectors, bool kPacked>
void MultiplyTaps(const ConvTile<T>& t) {
  constexpr int kPointers = (kRows + 3) / 4;
  Vector<T> acc[kRows][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
    const Vector<T> start = t.bias ? Splat<T>(t.bias[i]) : Vector<T>{};
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; j++) acc[i][j] = start;
  }
  if (!t.tile) {
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; j++) {
#pragma GCC unroll 16
      for (int i = 0; i < kRows; i++) __builtin_prefetch(t.c[j] + i * t.c_row, 1);
    }
  }
  const T* b[kVectors];
#pragma GCC unroll 8
  for (int j = 0; j < kVectors; j++) b[j] = t.b[j];
  const T* a = t.a;
  const int64_t a_row = t.a_row, a_row3 = a_row * 3;
  const T* rows[kPointers];
  for (int i = 0; i < kPointers; i++) rows[i] = t.a + i * 4 * a_row;
  const int64_t* a_at = t.a_at;
  const int64_t* b_at = t.b_at;
  const int64_t* const end = b_at + t.k;
  for (; b_at != end; b_at++) {
    const int64_t at = *b_at;
    Vector<T> v[kVectors];
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; j++) v[j] = Load(b[j] + at);
    if (kPacked) {
#pragma GCC unroll 16
      for (int i = 0; i < kRows; i++) {
        const Vector<T> x = Splat<T>(a[i]);
#pragma GCC unroll 8
        for (int j = 0; j < kVectors; j++) acc[i][j] += x * v[j];
      }
      a += kRows;
    } else {
      const int64_t tap = *a_at++;
#pragma GCC unroll 16
      for (int i = 0; i < kRows; i++) {
        const T* p = rows[i / 4] + tap;
        const Vector<T> x = Splat<T>(i % 4 == 0 ? p[0] : i % 4 == 1 ? p[a_row] : i % 4 == 2 ? p[a_row * 2] : p[a_row3]);
#pragma GCC unroll 8
        for (int j = 0; j < kVectors; j++) acc[i][j] += x * v[j];
      }
    }
  }
  if (t.tile) {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; j++) StoreVector<T>(t.tile + (i * kVectors + j) * kWidth<T>, acc[i][j]);
    }
    return;
  }
#pragma GCC unroll 8
  for (int j = 0; j < kVectors; j++) {
    T* c = t.c[j];
    const int64_t lanes = t.lanes[j];
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++, c += t.c_row) {
      StorePart(c, t.load ? acc[i][j] + LoadPart(c, lanes) : acc[i][j], lanes);
    }
  }
}

template <class T>
using ConvTileFunction = void (*)(const ConvTile<T>&);

// The tile functions by rows - 1, and vectors - 1 or, for few rows, wide.
template <class T>
struct ConvTileTable {
  ConvTileFunction<T> packed[kTileRows][kTileVectors];
  ConvTileFunction<T> in_place[kTileRows][kTileVectors];
  ConvTileFunction<T> wide[kWideRows];

  template <int kRows>
  constexpr void Fill() {
    packed[kRows - 1][0] = MultiplyTaps<T, kRows, 1, true>;
    packed[kRows - 1][1] = MultiplyTaps<T, kRows, 2, true>;
    in_place[kRows - 1][0] = MultiplyTaps<T, kRows, 1, false>;
    in_place[kRows - 1][1] = MultiplyTaps<T, kRows, 2, false>;
    if constexpr (kRows <= kWideRows) wide[kRows - 1] = MultiplyTaps<T, kRows, kWideVectors, true>;
    if constexpr (kRows > 1) Fill<kRows - 1>();
  }

  constexpr ConvTileTable() : packed{}, in_place{}, wide{} { Fill<kTileRows>(); }
};

}  // namespace GB_ISA
}  // namespace gb
