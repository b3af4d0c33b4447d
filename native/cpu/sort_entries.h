// Elements as unsigned keys whose order is the elements' order, with the positions from which they come. Comparing and
// sorting keys needs no case for NaN or for descending order, and equal keys are told apart by position: every sort of
// entries is stable and has one result only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/threads.h"

namespace gb {

template <class T>
using KeyOf = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

template <class T>
constexpr KeyOf<T> kNanKey = ~KeyOf<T>{0};

template <class T>
inline KeyOf<T> MakeKey(T x) {
  using Key = KeyOf<T>;
  constexpr Key kSign = Key{1} << (sizeof(Key) * 8 - 1);
  if constexpr (std::is_floating_point_v<T>) {
    if (x != x) return kNanKey<T>;
    Key bits;
    std::memcpy(&bits, &x, sizeof bits);
    if (x == 0) bits = 0;  // −0 equals 0
    return bits & kSign ? ~bits : bits | kSign;
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<Key>(x) ^ kSign;
  } else {
    return x;
  }
}

// A key of 32 bits shares a word with its position: one comparison serves for both.
struct SmallEntry {
  uint64_t word;
  SmallEntry() = default;
  SmallEntry(uint32_t key, int64_t position) : word(uint64_t{key} << 32 | static_cast<uint32_t>(position)) {}
  uint32_t key() const { return static_cast<uint32_t>(word >> 32); }
  int64_t position() const { return static_cast<int64_t>(word & 0xffffffffu); }
  bool operator<(const SmallEntry& other) const { return word < other.word; }
};

struct LargeEntry {
  uint64_t key_;
  int64_t position_;
  LargeEntry() = default;
  LargeEntry(uint64_t key, int64_t position) : key_(key), position_(position) {}
  uint64_t key() const { return key_; }
  int64_t position() const { return position_; }
  bool operator<(const LargeEntry& other) const {
    return key_ != other.key_ ? key_ < other.key_ : position_ < other.position_;
  }
};

template <class T>
using EntryOf = std::conditional_t<sizeof(T) == 8, LargeEntry, SmallEntry>;

// Calls f(0) … f(n − 1) and looks at the stop button now and then.
template <class F>
void ForEachLooking(size_t n, const F& f) {
  constexpr size_t kBetween = size_t{1} << 20;
  for (size_t begin = 0; begin < n; begin += kBetween) {
    CheckStop();
    const size_t end = std::min(n, begin + kBetween);
    for (size_t i = begin; i < end; i++) f(i);
  }
}

// Sorts entries whose positions ascend: digit by digit when there are many, where no comparison mispredicts.
template <class Entry>
void SortEntries(std::vector<Entry>* entries, std::vector<Entry>* scratch) {
  constexpr size_t kFew = 512;
  constexpr int kDigit = 8;
  constexpr int kDigits = static_cast<int>(sizeof(decltype(std::declval<Entry>().key())));
  const size_t n = entries->size();
  if (n < kFew) {
    std::sort(entries->begin(), entries->end());
    return;
  }
  scratch->resize(n);
  std::vector<size_t> counts(size_t{kDigits} << kDigit);
  ForEachLooking(n, [&](size_t i) {
    const auto key = (*entries)[i].key();
    for (int d = 0; d < kDigits; d++) counts[(size_t(d) << kDigit) + ((key >> (d * kDigit)) & 0xff)]++;
  });
  for (int d = 0; d < kDigits; d++) {
    size_t* count = &counts[size_t(d) << kDigit];
    // A digit that all have in common changes nothing.
    if (count[((*entries)[0].key() >> (d * kDigit)) & 0xff] == n) continue;
    size_t sum = 0;
    for (int value = 0; value < 1 << kDigit; value++) sum += std::exchange(count[value], sum);
    ForEachLooking(n, [&](size_t i) {
      const Entry entry = (*entries)[i];
      (*scratch)[count[(entry.key() >> (d * kDigit)) & 0xff]++] = entry;
    });
    entries->swap(*scratch);
  }
}

}  // namespace gb
