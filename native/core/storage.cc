// Counting is atomic because the finalizer of an ArrayBuffer may run on another thread than the tensors' own.
#include "core/storage.h"

namespace gb {

Storage* NewStorage(int64_t bytes) {
  Block block = Allocate(static_cast<size_t>(bytes));
  return new Storage{bytes, block, {1}};
}

void Retain(Storage* storage) { storage->references.fetch_add(1, std::memory_order_relaxed); }

int64_t Release(Storage* storage) {
  if (storage->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return 0;
  int64_t bytes = static_cast<int64_t>(storage->block.bytes);
  Free(storage->block);
  delete storage;
  return bytes;
}

Scratch::Scratch(int64_t bytes) : block_(Allocate(static_cast<size_t>(bytes))) {}
Scratch::~Scratch() { Free(block_); }
void* Scratch::data() const { return block_.data; }

}  // namespace gb
