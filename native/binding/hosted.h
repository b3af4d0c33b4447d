// Functions whose results the processor computes wherever they go: what is drawn from a generator, so that a seed gives
// the same numbers on every device, and short sequences.
#pragma once

#include "binding/call.h"
#include "gpu/temporary.h"

namespace gb {

// An argument as the processor reads it: tensors of a device are fetched.
template <class P>
struct Local {
  P value;
  explicit Local(P given) : value(given) {}
  P get() const { return value; }
};
template <>
struct Local<const Tensor&> {
  gpu::Temporary tensor;
  explicit Local(const Tensor& given) : tensor(NewTensor(given.dtype, given.dims, given.sizes)) {
    Copy(*tensor, given);
  }
  const Tensor& get() const { return *tensor; }
};

// F's first parameter is its output, contiguous or not.
template <auto F>
struct Hosted;
template <class... P, void (*F)(const Tensor&, P...)>
struct Hosted<F> {
  static void Run(const Tensor& out, P... rest) {
    if (!DeviceOf(out)) return F(out, rest...);
    gpu::Temporary host(NewTensor(out.dtype, out.dims, out.sizes));
    F(*host, Local<P>(rest).get()...);
    Copy(out, *host);
  }
};

}  // namespace gb
