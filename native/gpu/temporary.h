// Tensors on a device that live as long as a block of code.
#pragma once

#include "cpu/api.h"
#include "gpu/elementwise.h"

namespace gb::gpu {

// Takes over one reference of its storage.
class Temporary {
 public:
  explicit Temporary(Tensor tensor) : tensor_(tensor) {}
  ~Temporary() { Release(tensor_.storage); }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  const Tensor& operator*() const { return tensor_; }

 private:
  Tensor tensor_;
};

inline Tensor Shared(const Tensor& tensor) {
  Retain(tensor.storage);
  return tensor;
}

// The tensor itself if it is contiguous, else a stand-in that is, with its contents if they are read.
class Dense {
 public:
  Dense(const Tensor& tensor, bool read)
      : original_(tensor),
        tensor_(IsContiguous(tensor) ? Shared(tensor)
                                     : NewTensor(tensor.dtype, tensor.dims, tensor.sizes, DeviceOf(tensor))) {
    if (read && !IsContiguous(tensor)) gpu::Copy(*tensor_, tensor);
  }
  const Tensor& operator*() const { return *tensor_; }
  void WriteBack() const {
    if (!IsContiguous(original_)) gpu::Copy(original_, *tensor_);
  }

 private:
  const Tensor& original_;
  Temporary tensor_;
};

}  // namespace gb::gpu
