// The caching pool behind every storage, one for each kind of memory. Fresh pages cost more than the arithmetic done on
// them (zeroing 40 MB of fresh 4 KiB pages takes 15 ms, reusing them 1.5 ms), so freed blocks are kept, by size class,
// and handed out again. Blocks of the processor's memory are 64-byte aligned; large ones are mapped on 2 MiB boundaries
// and advised to use huge pages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace gb {

struct Block {
  void* data;
  size_t bytes;  // of the size class: what must be given back
};

struct PoolStatistics {
  int64_t allocated;  // bytes in blocks handed out
  int64_t reserved;   // bytes held from the system
  int64_t peak;       // highest `allocated` so far
};

// Where a pool's memory comes from.
class MemorySource {
 public:
  virtual ~MemorySource() = default;
  // Null when there is none left.
  virtual void* Map(size_t bytes) = 0;
  virtual void Unmap(void* data, size_t bytes) = 0;
  // For messages: "the system", "gpu:0".
  virtual const char* name() const = 0;
};

// Thread-safe.
class Pool {
 public:
  explicit Pool(MemorySource& source) : source_(source) {}

  // Throws Error when the source has no memory left.
  Block Allocate(size_t bytes);
  void Free(Block block);
  PoolStatistics Statistics();
  // Returns every cached block that is a mapping of its own to the source.
  void EmptyCache();
  // `peak` starts again from what is in use.
  void ResetPeak();

 private:
  static constexpr int kClasses = 8 + 8 * 40;

  static int ClassOf(size_t bytes, size_t* rounded);
  static size_t SizeOf(int index);
  void* Pop(int index, size_t size);
  void* Cut(size_t size);
  void* Map(size_t size);
  void Shrink(int64_t target);

  MemorySource& source_;
  std::mutex mutex_;
  std::vector<void*> free_[kClasses];
  char* slab_ = nullptr;
  size_t slab_left_ = 0;
  int64_t idle_ = 0;
  PoolStatistics statistics_{0, 0, 0};
};

// The processor's memory.
Pool& HostPool();

}  // namespace gb
