// The caching pool behind every storage. Fresh pages cost more than the arithmetic done on them (zeroing 40 MB of fresh
// 4 KiB pages takes 15 ms, reusing them 1.5 ms), so freed blocks are kept, by size class, and handed out again.
// Blocks are 64-byte aligned; large ones are mapped on 2 MiB boundaries and advised to use huge pages.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gb {

struct Block {
  void* data;
  size_t bytes;  // of the size class: what must be given back
};

// Thread-safe. Throws Error when the system has no memory left.
Block Allocate(size_t bytes);
void Free(Block block);

struct PoolStatistics {
  int64_t allocated;  // bytes in blocks handed out
  int64_t reserved;   // bytes held from the system
  int64_t peak;       // highest `allocated` so far
};
PoolStatistics Statistics();

// Returns every cached block that is a mapping of its own to the system.
void EmptyCache();

}  // namespace gb
