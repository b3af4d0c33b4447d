// Conversion between dtypes, selection, addition and filling of contiguous runs. All are limited by memory.
#include <cstdint>
#include <cstring>

#include "cpu/isa.h"
#include "cpu/tables.h"

namespace gb {
namespace GB_ISA {
namespace {

// C's conversions, except that floats reach uint8 by way of a wider integer (negative values wrap, as in PyTorch).
template <class To, class From, bool kBool>
GB_FORCE_INLINE To ConvertOne(From x) {
  if (kBool) return static_cast<To>(x != From(0));
  if (sizeof(To) == 1 && sizeof(From) >= 4) return static_cast<To>(static_cast<int32_t>(x));
  return static_cast<To>(x);
}

template <class To, class From, bool kBool>
void ConvertRun(void* out, const void* a, const void*, const void*, int64_t n, double, double) {
  To* to = static_cast<To*>(out);
  const From* from = static_cast<const From*>(a);
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) to[i] = ConvertOne<To, From, kBool>(from[i]);
}

template <class T>
void CopyRun(void* out, const void* a, const void*, const void*, int64_t n, double, double) {
  if (out != a) std::memcpy(out, a, static_cast<size_t>(n) * sizeof(T));
}

template <class From>
void ConvertRow(BlockFunction* row, DType from) {
  row[0] = ConvertRun<float, From, false>;
  row[1] = ConvertRun<double, From, false>;
  row[2] = ConvertRun<int32_t, From, false>;
  row[3] = ConvertRun<int64_t, From, false>;
  row[4] = ConvertRun<uint8_t, From, false>;
  row[5] = ConvertRun<uint8_t, From, true>;
  row[static_cast<int>(from)] = CopyRun<From>;
}

template <class T>
GB_FORCE_INLINE void WhereRun(void* out, const void* condition, const void* a, const void* b, int64_t n) {
  T* to = static_cast<T*>(out);
  const uint8_t* c = static_cast<const uint8_t*>(condition);
  const T* x = static_cast<const T*>(a);
  const T* y = static_cast<const T*>(b);
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) to[i] = c[i] ? x[i] : y[i];
}

template <class T>
void FillRun(void* out, T value, int64_t n) {
  T* to = static_cast<T*>(out);
  for (int64_t i = 0; i < n; i++) to[i] = value;
}

template <class T>
void AddTyped(void* to, const void* from, int64_t n) {
  T* y = static_cast<T*>(to);
  const T* x = static_cast<const T*>(from);
  GB_INDEPENDENT
  for (int64_t i = 0; i < n; i++) y[i] = static_cast<T>(y[i] + x[i]);
}

}  // namespace

void Convert(BlockFunction (*table)[kDTypes]) {
  ConvertRow<float>(table[0], DType::kFloat32);
  ConvertRow<double>(table[1], DType::kFloat64);
  ConvertRow<int32_t>(table[2], DType::kInt32);
  ConvertRow<int64_t>(table[3], DType::kInt64);
  ConvertRow<uint8_t>(table[4], DType::kUint8);
  ConvertRow<uint8_t>(table[5], DType::kBool);
}

void Where1(void* out, const void* condition, const void* a, const void* b, int64_t n, double, double) {
  WhereRun<uint8_t>(out, condition, a, b, n);
}

void Where4(void* out, const void* condition, const void* a, const void* b, int64_t n, double, double) {
  WhereRun<uint32_t>(out, condition, a, b, n);
}

void Where8(void* out, const void* condition, const void* a, const void* b, int64_t n, double, double) {
  WhereRun<uint64_t>(out, condition, a, b, n);
}

void FillElements(void* out, int64_t item, uint64_t bits, int64_t n) {
  if (item == 4) {
    FillRun<uint32_t>(out, static_cast<uint32_t>(bits), n);
  } else if (item == 8) {
    FillRun<uint64_t>(out, bits, n);
  } else {
    std::memset(out, static_cast<int>(bits & 255), static_cast<size_t>(n));
  }
}

void AddRows(void* to, const void* from, int64_t n, DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return AddTyped<float>(to, from, n);
    case DType::kFloat64:
      return AddTyped<double>(to, from, n);
    case DType::kInt32:
      return AddTyped<int32_t>(to, from, n);
    case DType::kInt64:
      return AddTyped<int64_t>(to, from, n);
    case DType::kUint8:
    case DType::kBool:
      return AddTyped<uint8_t>(to, from, n);
  }
}

}  // namespace GB_ISA
}  // namespace gb
