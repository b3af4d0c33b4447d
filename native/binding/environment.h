// What one JavaScript environment (the main thread or a worker) holds of the engine: the records behind its tensor
// handles. A handle is an External without a finalizer, because finalizers never run inside a synchronous loop; its
// record holds a weak reference that is polled whenever enough memory was allocated since the last poll. A record whose
// handle was collected drops its share of the storage then.
#pragma once

#include <node_api.h>

#include <atomic>
#include <cstdint>
#include <vector>

#include "core/random.h"
#include "core/tensor.h"

namespace gb {

constexpr uint64_t kTensorMagic = 0x67624f74656e736fULL;
constexpr uint64_t kGeneratorMagic = 0x67624f72616e646fULL;

struct TensorRecord {
  uint64_t magic;
  bool released;
  napi_ref weak;
  Tensor tensor;
};

struct GeneratorRecord {
  uint64_t magic;
  Generator generator;
};

class Environment {
 public:
  explicit Environment(napi_env env);
  ~Environment();

  // A handle for the tensor; takes over one reference of its storage. `fresh` says that the storage is new too.
  napi_value NewHandle(const Tensor& tensor, bool fresh);
  // Drops the tensor but keeps the record, which lives as long as the handle.
  void Drop(TensorRecord* record);
  // An ArrayBuffer was collected that held a reference of the storage.
  void DropStorage(Storage* storage);
  // The environment ends: frees all records.
  void Clear();

  // Drops the tensors whose handles were collected.
  void Poll();

  int64_t live() const { return live_; }

  // Where this environment's stop button is read, and the function that throws what a stop throws.
  void InstallStop(const std::atomic<int32_t>* flag, napi_value raise);
  const std::atomic<int32_t>* stop_flag() const { return stop_flag_; }
  // Calls that function. False when it did not throw: the stop was meant for other code.
  bool RaiseStop();

  // The function that has V8 collect its young objects.
  void InstallCollector(napi_value collect);

 private:
  TensorRecord* NewRecord(const Tensor& tensor);
  void CollectYoung();
  void CollectAll();
  void Tidy();

  napi_env env_;
  const std::atomic<int32_t>* stop_flag_ = nullptr;
  napi_ref raise_stop_ = nullptr;
  napi_ref collect_young_ = nullptr;
  std::vector<TensorRecord*> records_;
  std::vector<TensorRecord*> spare_;  // for reuse
  int64_t held_ = 0;                  // bytes in the storages of this environment
  int64_t limit_;                     // of held_, beyond which a collection is asked for
  int64_t live_ = 0;                  // records not released
  int64_t new_bytes_ = 0;             // allocated since the last poll
  int64_t new_records_ = 0;           // made since the last poll
};

}  // namespace gb
