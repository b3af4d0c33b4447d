// Tensors on their way from one JavaScript thread to another. Threads share the engine's memory, so what one puts here
// the other takes without another copy; a message carries only the numbers by which it is found. Whoever opened an
// exchange closes it, which frees what nobody took.
#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace gb {

// All thread-safe.
int64_t OpenExchange();
// Frees what lies there; nothing can be put there any more. Closing twice is harmless.
void CloseExchange(int64_t exchange);

// Takes over one reference of the tensor's storage. Returns its ticket, or 0 where the exchange is closed.
int64_t PutIntoExchange(int64_t exchange, const Tensor& tensor);
// Gives one reference of the storage to the caller; `keep`: others may take the same tensor. Throws RangeError when
// there is no such ticket.
Tensor TakeFromExchange(int64_t exchange, int64_t ticket, bool keep);

}  // namespace gb
