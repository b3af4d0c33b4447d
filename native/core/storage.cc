// Counting is atomic because the finalizer of an ArrayBuffer may run on another thread than the tensors' own.
#include "core/storage.h"

#include <mutex>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

namespace gb {

namespace {

#ifdef __SANITIZE_ADDRESS__
// The sanitizer does not know where a block of the pool ends, so each is followed by bytes that nobody may touch.
Block AllocateGuarded(size_t bytes) {
  constexpr size_t kGuard = 64;
  Block block = HostPool().Allocate(bytes + kGuard);
  ASAN_POISON_MEMORY_REGION(static_cast<char*>(block.data) + bytes, block.bytes - bytes);
  return block;
}

void FreeGuarded(Block block) {
  ASAN_UNPOISON_MEMORY_REGION(block.data, block.bytes);
  HostPool().Free(block);
}
#else
Block AllocateGuarded(size_t bytes) { return HostPool().Allocate(bytes); }
void FreeGuarded(Block block) { HostPool().Free(block); }
#endif

// Headers are kept for reuse: tensors come and go by the million, and the C library's allocator is slow at that.
class Headers {
 public:
  Storage* Take() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (free_.empty()) return new Storage;
    Storage* header = free_.back();
    free_.pop_back();
    return header;
  }

  void Give(Storage* header) {
    std::lock_guard<std::mutex> lock(mutex_);
    free_.push_back(header);
  }

 private:
  std::mutex mutex_;
  std::vector<Storage*> free_;
};

// Never destroyed: storages may outlive static destructors.
Headers& Instance() {
  static Headers* headers = new Headers;
  return *headers;
}

}  // namespace

Storage* NewStorage(int64_t bytes, Device* device) {
  const size_t size = static_cast<size_t>(bytes);
  Block block = device ? device->pool().Allocate(size) : AllocateGuarded(size);
  Storage* storage = Instance().Take();
  storage->bytes = bytes;
  storage->block = block;
  storage->device = device;
  storage->references.store(1, std::memory_order_relaxed);
  return storage;
}

void Retain(Storage* storage) { storage->references.fetch_add(1, std::memory_order_relaxed); }

int64_t Release(Storage* storage) {
  if (storage->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return 0;
  int64_t bytes = static_cast<int64_t>(storage->block.bytes);
  if (storage->device) {
    storage->device->pool().Free(storage->block);
  } else {
    FreeGuarded(storage->block);
  }
  Instance().Give(storage);
  return bytes;
}

Scratch::Scratch(int64_t bytes) : block_{nullptr, 0} {
  if (bytes > kSmall) block_ = AllocateGuarded(static_cast<size_t>(bytes));
}

Scratch::~Scratch() {
  if (block_.data) FreeGuarded(block_);
}

void* Scratch::data() { return block_.data ? block_.data : small_; }

}  // namespace gb
