// A device with a memory of its own. The processor is none: a storage without a device lies in the processor's memory.
#pragma once

#include "core/pool.h"

namespace gb {

class Device {
 public:
  virtual ~Device() = default;
  virtual Pool& pool() = 0;
  // "gpu:0".
  virtual const char* name() const = 0;
};

// "cpu" for none.
inline const char* NameOf(const Device* device) { return device ? device->name() : "cpu"; }

}  // namespace gb
