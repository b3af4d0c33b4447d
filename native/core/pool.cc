// Size classes: multiples of 64 bytes up to 512, then eight steps per power of two (at most 12.5 % waste). Blocks below
// kLarge are cut from 1 MiB slabs that stay; larger ones are mappings of their own that EmptyCache can return. When a
// large class has nothing cached, a cached block up to a quarter larger serves; when more memory lies idle in the cache
// than is in use (and more than kIdle), fresh mappings are paid for by returning idle ones, so changing shapes cannot
// make the cache grow without bound.
#include "core/pool.h"

#include <sys/mman.h>

#include <algorithm>

#include "core/errors.h"

namespace gb {

namespace {

constexpr size_t kSlab = size_t{1} << 20;
constexpr size_t kLarge = size_t{1} << 18;
constexpr size_t kHuge = size_t{2} << 20;
constexpr int64_t kIdle = int64_t{128} << 20;

long long Long(int64_t value) { return static_cast<long long>(value); }

size_t WholePages(size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

class Host final : public MemorySource {
 public:
  void* Map(size_t size) override {
    // Mapped a little too long and trimmed, so that blocks of 2 MiB and more start on a huge page.
    size_t length = WholePages(size);
    size_t slack = length >= kHuge ? kHuge : 0;
    void* mapped = mmap(nullptr, length + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return nullptr;
    if (!slack) return mapped;
    char* base = static_cast<char*>(mapped);
    size_t before = (kHuge - reinterpret_cast<uintptr_t>(base) % kHuge) % kHuge;
    if (before) munmap(base, before);
    if (slack > before) munmap(base + before + length, slack - before);
#ifdef MADV_HUGEPAGE
    madvise(base + before, length, MADV_HUGEPAGE);
#endif
    return base + before;
  }

  void Unmap(void* data, size_t size) override { munmap(data, WholePages(size)); }

  const char* name() const override { return "the system"; }
};

}  // namespace

// Rounds up to the class's size and gives the class's number.
int Pool::ClassOf(size_t bytes, size_t* rounded) {
  if (bytes <= 512) {
    size_t steps = std::max<size_t>(1, (bytes + 63) / 64);
    *rounded = steps * 64;
    return static_cast<int>(steps) - 1;
  }
  int exponent = 63 - __builtin_clzll(bytes - 1);  // 2^exponent <= bytes - 1 < 2^(exponent + 1)
  size_t step = size_t{1} << (exponent - 3);
  size_t steps = (bytes - (size_t{1} << exponent) + step - 1) / step;  // 1 .. 8
  *rounded = (size_t{1} << exponent) + steps * step;
  return 8 + (exponent - 9) * 8 + static_cast<int>(steps) - 1;
}

size_t Pool::SizeOf(int index) {
  if (index < 8) return static_cast<size_t>(index + 1) * 64;
  int exponent = 9 + (index - 8) / 8;
  return (size_t{1} << exponent) + static_cast<size_t>((index - 8) % 8 + 1) * (size_t{1} << (exponent - 3));
}

Block Pool::Allocate(size_t bytes) {
  if (bytes > (size_t{1} << 47)) Throw("cannot allocate %zu bytes: more than any machine has", bytes);
  size_t size;
  int index = ClassOf(bytes, &size);
  std::lock_guard<std::mutex> lock(mutex_);
  Block block{nullptr, size};
  if (!free_[index].empty()) {
    block.data = Pop(index, size);
  } else if (size < kLarge) {
    block.data = Cut(size);
  } else {
    for (int larger = index + 1; larger <= std::min(index + 2, kClasses - 1) && !block.data; larger++) {
      if (free_[larger].empty()) continue;
      block.bytes = SizeOf(larger);
      block.data = Pop(larger, block.bytes);
    }
    if (!block.data) block.data = Map(size);
  }
  statistics_.allocated += static_cast<int64_t>(block.bytes);
  statistics_.peak = std::max(statistics_.peak, statistics_.allocated);
  return block;
}

void Pool::Free(Block block) {
  size_t size;
  int index = ClassOf(block.bytes, &size);
  std::lock_guard<std::mutex> lock(mutex_);
  statistics_.allocated -= static_cast<int64_t>(block.bytes);
  free_[index].push_back(block.data);
  if (size >= kLarge) idle_ += static_cast<int64_t>(size);
}

PoolStatistics Pool::Statistics() {
  std::lock_guard<std::mutex> lock(mutex_);
  return statistics_;
}

void Pool::EmptyCache() {
  std::lock_guard<std::mutex> lock(mutex_);
  Shrink(0);
}

void Pool::ResetPeak() {
  std::lock_guard<std::mutex> lock(mutex_);
  statistics_.peak = statistics_.allocated;
}

void* Pool::Pop(int index, size_t size) {
  void* data = free_[index].back();
  free_[index].pop_back();
  if (size >= kLarge) idle_ -= static_cast<int64_t>(size);
  return data;
}

void* Pool::Cut(size_t size) {
  if (slab_left_ < size) {
    slab_ = static_cast<char*>(Map(kSlab));
    slab_left_ = kSlab;
  }
  void* data = slab_;
  slab_ += size;
  slab_left_ -= size;
  return data;
}

void* Pool::Map(size_t size) {
  if (idle_ > std::max(kIdle, statistics_.allocated)) Shrink(std::max<int64_t>(0, idle_ - static_cast<int64_t>(size)));
  void* data = source_.Map(size);
  if (!data) {
    Shrink(0);
    data = source_.Map(size);
  }
  if (!data) {
    Throw("out of memory: %s refused %zu bytes (%lld in use)", source_.name(), size, Long(statistics_.allocated));
  }
  statistics_.reserved += static_cast<int64_t>(size);
  return data;
}

// Returns cached mappings, largest classes first, until at most `target` bytes lie idle.
void Pool::Shrink(int64_t target) {
  for (int index = kClasses - 1; index >= 0 && idle_ > target; index--) {
    size_t size = SizeOf(index);
    if (size < kLarge) break;
    while (!free_[index].empty() && idle_ > target) {
      source_.Unmap(Pop(index, size), size);
      statistics_.reserved -= static_cast<int64_t>(size);
    }
  }
}

// Never destroyed: storages may outlive static destructors.
Pool& HostPool() {
  static Pool* pool = new Pool(*new Host);
  return *pool;
}

}  // namespace gb
