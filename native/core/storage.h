// Reference-counted memory: what several views of one tensor share.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/device.h"

namespace gb {

struct Storage {
  int64_t bytes;  // asked for; the block may be larger
  Block block;
  Device* device;  // null: the processor's memory
  std::atomic<int64_t> references;
};

// One reference belongs to the caller.
Storage* NewStorage(int64_t bytes, Device* device = nullptr);
void Retain(Storage* storage);
// Returns the bytes that went back to the pool: 0 while others still hold the storage.
int64_t Release(Storage* storage);

// Scratch memory of a kernel, 64-byte aligned: on the stack when small, else from the same pool.
class Scratch {
 public:
  explicit Scratch(int64_t bytes);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  void* data();

 private:
  static constexpr int64_t kSmall = 4096;

  Block block_;  // null data: the small one serves
  alignas(64) char small_[kSmall];
};

}  // namespace gb
