// Life and death of tensor handles. Most die young, so V8 is asked to collect its young objects, which takes a fraction
// of a millisecond, after so few bytes that the memory of the dead is used again while it is in the cache. The period
// grows with what is held: the tensors of a step that holds much would else grow old within the step. The old are found
// when the held memory outgrows a limit: a whole collection is asked for by announcing, for a moment, far more memory
// than any limit of V8 allows. Otherwise V8 is told nothing of the memory: it would mark its whole heap every 64 MB, on
// the processors that compute. A poll costs about 30 ns a record.
#include "binding/environment.h"

#include <algorithm>

#include "core/errors.h"
#include "core/storage.h"

namespace gb {

namespace {

constexpr int64_t kPollBytes = int64_t{32} << 20;
constexpr int64_t kPollRecords = 4000;
constexpr int64_t kBytesPerRecord = 512;  // a poll of one record costs about as much as touching these many bytes
constexpr int64_t kLeastLimit = int64_t{192} << 20;
constexpr int64_t kPressure = int64_t{1} << 40;
constexpr size_t kScope = 1024;  // records polled in one handle scope

}  // namespace

Environment::Environment(napi_env env) : env_(env), limit_(kLeastLimit) {}

Environment::~Environment() {
  for (TensorRecord* record : spare_) delete record;
}

TensorRecord* Environment::NewRecord(const Tensor& tensor) {
  if (spare_.empty()) return new TensorRecord{kTensorMagic, false, nullptr, tensor};
  TensorRecord* record = spare_.back();
  spare_.pop_back();
  record->released = false;
  record->tensor = tensor;
  return record;
}

void Environment::InstallCollector(napi_value collect) {
  if (collect_young_) napi_delete_reference(env_, collect_young_);
  collect_young_ = nullptr;
  napi_create_reference(env_, collect, 1, &collect_young_);
}

// Where it fails, what is dead is found later, beyond the limit.
void Environment::CollectYoung() {
  napi_handle_scope scope;
  if (!collect_young_ || napi_open_handle_scope(env_, &scope) != napi_ok) return;
  napi_value collect, receiver;
  if (napi_get_reference_value(env_, collect_young_, &collect) == napi_ok &&
      napi_get_undefined(env_, &receiver) == napi_ok) {
    napi_call_function(env_, receiver, collect, 0, nullptr, nullptr);
  }
  napi_close_handle_scope(env_, scope);
}

void Environment::CollectAll() {
  int64_t total;
  napi_adjust_external_memory(env_, kPressure, &total);
  napi_adjust_external_memory(env_, -kPressure, &total);
}

void Environment::Tidy() {
  const int64_t live_records = static_cast<int64_t>(records_.size());
  if (new_bytes_ > std::max(kPollBytes, held_ / 4) + live_records * kBytesPerRecord ||
      new_records_ > kPollRecords + live_records / 2) {
    CollectYoung();
    Poll();
  }
  if (held_ <= limit_) return;
  Poll();
  if (held_ > limit_) {
    CollectAll();
    Poll();
  }
  limit_ = std::max(kLeastLimit, held_ + held_ / 2);
}

napi_value Environment::NewHandle(const Tensor& tensor, bool fresh) {
  Tidy();
  TensorRecord* record = NewRecord(tensor);
  napi_value handle;
  if (napi_create_external(env_, record, nullptr, nullptr, &handle) != napi_ok ||
      napi_create_reference(env_, handle, 0, &record->weak) != napi_ok) {
    Release(tensor.storage);
    record->magic = 0;  // the External may exist, so the record must too
    Throw("cannot make a tensor handle: this JavaScript environment is shutting down");
  }
  records_.push_back(record);
  live_++;
  new_records_++;
  if (fresh) {
    int64_t bytes = static_cast<int64_t>(tensor.storage->block.bytes);
    new_bytes_ += bytes;
    held_ += bytes;
  }
  return handle;
}

void Environment::Drop(TensorRecord* record) {
  if (record->released) return;
  record->released = true;
  live_--;
  DropStorage(record->tensor.storage);
}

void Environment::DropStorage(Storage* storage) { held_ -= Release(storage); }

void Environment::Poll() {
  new_bytes_ = 0;
  new_records_ = 0;
  size_t kept = 0;
  for (size_t begin = 0; begin < records_.size(); begin += kScope) {
    napi_handle_scope scope;
    if (napi_open_handle_scope(env_, &scope) != napi_ok) {
      // Polling is impossible now: keep the rest as it is.
      for (size_t i = begin; i < records_.size(); i++) records_[kept++] = records_[i];
      break;
    }
    size_t end = std::min(begin + kScope, records_.size());
    for (size_t i = begin; i < end; i++) {
      TensorRecord* record = records_[i];
      napi_value handle = nullptr;
      if (napi_get_reference_value(env_, record->weak, &handle) != napi_ok || handle != nullptr) {
        records_[kept++] = record;
        continue;
      }
      napi_delete_reference(env_, record->weak);
      Drop(record);
      spare_.push_back(record);
    }
    napi_close_handle_scope(env_, scope);
  }
  records_.resize(kept);
}

void Environment::InstallStop(const std::atomic<int32_t>* flag, napi_value raise) {
  if (raise_stop_) napi_delete_reference(env_, raise_stop_);
  raise_stop_ = nullptr;
  stop_flag_ = nullptr;
  if (napi_create_reference(env_, raise, 1, &raise_stop_) == napi_ok) stop_flag_ = flag;
}

bool Environment::RaiseStop() {
  napi_value raise, receiver;
  if (napi_get_reference_value(env_, raise_stop_, &raise) != napi_ok) return false;
  if (napi_get_undefined(env_, &receiver) != napi_ok) return false;
  return napi_call_function(env_, receiver, raise, 0, nullptr, nullptr) == napi_pending_exception;
}

void Environment::Clear() {
  if (raise_stop_) napi_delete_reference(env_, raise_stop_);
  if (collect_young_) napi_delete_reference(env_, collect_young_);
  raise_stop_ = collect_young_ = nullptr;
  stop_flag_ = nullptr;
  for (TensorRecord* record : records_) {
    napi_delete_reference(env_, record->weak);
    if (!record->released) Release(record->tensor.storage);
    delete record;
  }
  records_.clear();
  live_ = 0;
}

}  // namespace gb
