// Counting is atomic because the finalizer of an ArrayBuffer may run on another thread than the tensors' own.
#include "core/storage.h"

#include <mutex>
#include <vector>

namespace gb {

namespace {

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

Storage* NewStorage(int64_t bytes) {
  Block block = Allocate(static_cast<size_t>(bytes));
  Storage* storage = Instance().Take();
  storage->bytes = bytes;
  storage->block = block;
  storage->references.store(1, std::memory_order_relaxed);
  return storage;
}

void Retain(Storage* storage) { storage->references.fetch_add(1, std::memory_order_relaxed); }

int64_t Release(Storage* storage) {
  if (storage->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return 0;
  int64_t bytes = static_cast<int64_t>(storage->block.bytes);
  Free(storage->block);
  Instance().Give(storage);
  return bytes;
}

Scratch::Scratch(int64_t bytes) : block_{nullptr, 0} {
  if (bytes > kSmall) block_ = Allocate(static_cast<size_t>(bytes));
}

Scratch::~Scratch() {
  if (block_.data) Free(block_);
}

void* Scratch::data() { return block_.data ? block_.data : small_; }

}  // namespace gb
