// Copies of a plane, two dims of a tensor, between two orders of memory. Four ways: rows that are contiguous on both
// sides, short ones by two overlapping moves; tiles that are transposed in registers, so that every cache line is read
// once and written once; else lines along the longer dim, gathered or scattered. Limited by memory, but for planes of
// few elements.
#include <cstring>

#include "cpu/isa.h"
#include "cpu/tables.h"
#include "cpu/vector.h"

namespace gb {
namespace GB_ISA {
namespace {

// Rows of kChunk to 2 kChunk bytes.
template <int kChunk>
void ShortRows(char* to, const char* from, const Plane& p, int64_t bytes) {
  const int64_t rest = bytes - kChunk;
  for (int64_t j = 0; j < p.sizes[1]; j++, to += p.to[1], from += p.from[1]) {
    char first[kChunk], last[kChunk];
    __builtin_memcpy(first, from, kChunk);
    __builtin_memcpy(last, from + rest, kChunk);
    __builtin_memcpy(to, first, kChunk);
    __builtin_memcpy(to + rest, last, kChunk);
  }
}

void Rows(char* to, const char* from, const Plane& p, int64_t bytes) {
  if (bytes >= 128) {
    for (int64_t j = 0; j < p.sizes[1]; j++) {
      std::memcpy(to + j * p.to[1], from + j * p.from[1], static_cast<size_t>(bytes));
    }
  } else if (bytes >= 64) {
    ShortRows<64>(to, from, p, bytes);
  } else if (bytes >= 32) {
    ShortRows<32>(to, from, p, bytes);
  } else if (bytes >= 16) {
    ShortRows<16>(to, from, p, bytes);
  } else if (bytes >= 8) {
    ShortRows<8>(to, from, p, bytes);
  } else if (bytes >= 4) {
    ShortRows<4>(to, from, p, bytes);
  } else if (bytes >= 2) {
    ShortRows<2>(to, from, p, bytes);
  } else {
    ShortRows<1>(to, from, p, bytes);
  }
}

template <class T>
GB_FORCE_INLINE void Move(char* to, const char* from) {
  __builtin_memcpy(to, from, sizeof(T));
}

// The usual steps are constants to the compiler, which has fast ways for some.
template <class T>
void Line(char* to, int64_t to_step, const char* from, int64_t from_step, int64_t n) {
  constexpr int64_t kItem = sizeof(T);
  if (to_step == kItem) {
    if (from_step == kItem) {
      std::memcpy(to, from, static_cast<size_t>(n * kItem));
    } else if (from_step == 0) {
      uint64_t bits = 0;
      __builtin_memcpy(&bits, from, sizeof(T));
      FillElements(to, kItem, bits, n);
    } else if (from_step == -kItem) {
      GB_INDEPENDENT
      for (int64_t i = 0; i < n; i++) Move<T>(to + i * kItem, from - i * kItem);
    } else if (from_step == 2 * kItem) {
      GB_INDEPENDENT
      for (int64_t i = 0; i < n; i++) Move<T>(to + i * kItem, from + i * (2 * kItem));
    } else {
      for (int64_t i = 0; i < n; i++) Move<T>(to + i * kItem, from + i * from_step);
    }
  } else if (from_step == kItem) {
    for (int64_t i = 0; i < n; i++) Move<T>(to + i * to_step, from + i * kItem);
  } else {
    for (int64_t i = 0; i < n; i++) Move<T>(to + i * to_step, from + i * from_step);
  }
}

template <class T>
void Lines(char* to, const char* from, const Plane& p) {
  const int along = p.sizes[0] >= p.sizes[1] ? 0 : 1, across = 1 - along;
  for (int64_t j = 0; j < p.sizes[across]; j++) {
    Line<T>(to + j * p.to[across], p.to[along], from + j * p.from[across], p.from[along], p.sizes[along]);
  }
}

// The input's rows lie along dim 1, the output's along dim 0. V holds kLanes elements, of which the last rows and
// columns of tiles have fewer.
template <class T, class V, int kLanes>
void Tiles(char* to, const char* from, const Plane& p) {
  constexpr int64_t kItem = sizeof(T);
  for (int64_t i = 0; i < p.sizes[0]; i += kLanes) {
    const int64_t height = Min<int64_t>(kLanes, p.sizes[0] - i);
    for (int64_t j = 0; j < p.sizes[1]; j += kLanes) {
      const int64_t width = Min<int64_t>(kLanes, p.sizes[1] - j);
      const char* in = from + i * p.from[0] + j * kItem;
      char* out = to + j * p.to[1] + i * kItem;
      if (height < kLanes || width < kLanes) {
        const Plane rest{{height, width}, {p.to[0], p.to[1]}, {p.from[0], p.from[1]}};
        Lines<T>(out, in, rest);
        continue;
      }
      V rows[kLanes];
      for (int r = 0; r < kLanes; r++) __builtin_memcpy(&rows[r], in + r * p.from[0], sizeof(V));
      TransposeLanes<V, kLanes>(rows);
      for (int r = 0; r < kLanes; r++) __builtin_memcpy(out + r * p.to[1], &rows[r], sizeof(V));
    }
  }
}

typedef uint8_t Bytes __attribute__((vector_size(16)));

void TilesOf(char* to, const char* from, const Plane& p, int64_t item) {
  if (item == 4) {
    Tiles<uint32_t, Vector<uint32_t>, kWidth<uint32_t>>(to, from, p);
  } else if (item == 8) {
    Tiles<uint64_t, Vector<uint64_t>, kWidth<uint64_t>>(to, from, p);
  } else {
    Tiles<uint8_t, Bytes, 16>(to, from, p);
  }
}

}  // namespace

void CopyPlane(char* to, const char* from, const Plane& p, int64_t item) {
  if (p.to[0] == item && p.from[0] == item) return Rows(to, from, p, p.sizes[0] * item);
  const int64_t least = Min<int64_t>(p.sizes[0], p.sizes[1]);
  if (p.to[0] == item && p.from[1] == item && p.from[0] != 0 && least >= 8) return TilesOf(to, from, p, item);
  if (item == 4) {
    Lines<uint32_t>(to, from, p);
  } else if (item == 8) {
    Lines<uint64_t>(to, from, p);
  } else {
    Lines<uint8_t>(to, from, p);
  }
}

void Transpose(char* out, int64_t out_stride, const char* in, int64_t in_stride, int64_t rows, int64_t columns,
               int64_t item) {
  CopyPlane(out, in, Plane{{rows, columns}, {item, out_stride}, {in_stride, item}}, item);
}

}  // namespace GB_ISA
}  // namespace gb
