// One call from JavaScript: typed access to its arguments, and the frame that turns C++ exceptions into JavaScript
// errors. A wrong argument throws TypeError with its position; nothing that JavaScript passes can end the process.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "binding/environment.h"
#include "core/errors.h"
#include "core/tensor.h"
#include "core/threads.h"
#include "cpu/api.h"

namespace gb {

class Call {
 public:
  static constexpr size_t kMaxArguments = 9;

  // What a function does with tensors on devices.
  enum class Reach { kHost, kOneDevice, kAnywhere };

  Call(napi_env env, napi_callback_info info, Reach reach);

  napi_env env() const { return env_; }
  Environment& environment() const { return *environment_; }

  // Arguments, by position. Handles must not have been released.
  TensorRecord* Record(size_t i) const;
  const Tensor& Handle(size_t i) const;
  const Tensor* OptionalHandle(size_t i) const;  // null for null and undefined
  Operand OperandAt(size_t i) const;
  std::optional<Operand> OptionalOperand(size_t i) const;  // nothing for null and undefined
  bool IsMissing(size_t i) const;                          // undefined or null
  Generator& GeneratorAt(size_t i) const;
  double Number(size_t i) const;
  double Number(size_t i, double otherwise) const;
  int64_t Integer(size_t i) const;
  bool Boolean(size_t i) const;
  uint64_t BigInteger(size_t i) const;
  std::string Text(size_t i) const;  // of at most 63 bytes
  std::string LongText(size_t i) const;
  std::vector<int64_t> Integers(size_t i) const;
  // How many dims an argument announces, and whole numbers from the environment's sizes().
  int32_t Dims(size_t i) const;
  void ReadSizes(size_t from, int32_t count, int64_t* to) const;
  std::vector<Tensor> Handles(size_t i) const;
  napi_value Value(size_t i) const { return arguments_[i]; }
  // A property of an options object.
  double NumberOption(size_t i, const char* name) const;
  bool BooleanOption(size_t i, const char* name) const;

  // Results.
  napi_value NewHandle(const Tensor& tensor, bool fresh) { return environment_->NewHandle(tensor, fresh); }
  napi_value MakeNumber(double value) const;
  napi_value MakeBoolean(bool value) const;
  napi_value MakeText(const char* text) const;

  // Throws unless the Node-API call succeeded.
  void Check(napi_status status) const;

 private:
  const Tensor& HandleOf(napi_value value, size_t i) const;
  void CheckDevice(const Tensor& tensor, size_t i) const;
  TensorRecord* FindRecord(napi_value value) const;  // null for what is no tensor handle
  TensorRecord* RecordOf(napi_value value, size_t i) const;
  napi_value Option(size_t i, const char* name) const;
  [[noreturn]] void Wrong(size_t i, const char* expected) const;

  napi_env env_;
  Environment* environment_;
  Reach reach_;
  mutable size_t first_ = kMaxArguments;  // the argument with the first tensor
  mutable Device* device_ = nullptr;      // where that lies
  size_t count_ = kMaxArguments;          // of the arguments given: the others are undefined
  napi_value arguments_[kMaxArguments];
};

// Thrown when JavaScript already has an exception pending.
struct PendingException {};

void ThrowToJavaScript(napi_env env);

// The native function that JavaScript calls for F. A function that reads the processor's memory is kHost: tensors on a
// device are refused before it could.
template <napi_value (*F)(Call&), Call::Reach R = Call::Reach::kHost>
napi_value Entry(napi_env env, napi_callback_info info) {
  try {
    Call call(env, info, R);
    return F(call);
  } catch (...) {
    ThrowToJavaScript(env);
    return nullptr;
  }
}

// The same for an F that may run long and whose output nobody has seen yet: the stop button ends it.
template <napi_value (*F)(Call&), Call::Reach R = Call::Reach::kHost>
napi_value StoppableEntry(napi_env env, napi_callback_info info) {
  try {
    Call call(env, info, R);
    Stoppable stoppable(
        call.environment().stop_flag(),
        [](void* environment) { return static_cast<Environment*>(environment)->RaiseStop(); }, &call.environment());
    return F(call);
  } catch (const Stopped&) {
    return nullptr;  // JavaScript has the exception
  } catch (...) {
    ThrowToJavaScript(env);
    return nullptr;
  }
}

// How an argument is read, by the type of the parameter that takes it.
template <class T>
struct Argument;
template <>
struct Argument<const Tensor&> {
  static const Tensor& Read(Call& call, size_t i) { return call.Handle(i); }
};
template <>
struct Argument<const Tensor*> {
  static const Tensor* Read(Call& call, size_t i) { return call.OptionalHandle(i); }
};
template <>
struct Argument<const Operand&> {
  static Operand Read(Call& call, size_t i) { return call.OperandAt(i); }
};
template <>
struct Argument<Generator*> {
  static Generator* Read(Call& call, size_t i) { return &call.GeneratorAt(i); }
};
template <>
struct Argument<const std::vector<int64_t>&> {
  static std::vector<int64_t> Read(Call& call, size_t i) { return call.Integers(i); }
};
template <>
struct Argument<int64_t> {
  static int64_t Read(Call& call, size_t i) { return call.Integer(i); }
};
template <>
struct Argument<double> {
  static double Read(Call& call, size_t i) { return call.Number(i); }
};
template <>
struct Argument<bool> {
  static bool Read(Call& call, size_t i) { return call.Boolean(i); }
};

template <class... P, size_t... I>
void Apply(Call& call, void (*function)(P...), std::index_sequence<I...>) {
  function(Argument<P>::Read(call, I)...);
}

template <class... P>
void Apply(Call& call, void (*function)(P...)) {
  Apply(call, function, std::index_sequence_for<P...>{});
}

// The native function for one of the engine's whose parameters are the arguments in their order, without a result.
template <auto F>
napi_value Direct(Call& call) {
  Apply(call, F);
  return nullptr;
}

struct Function {
  const char* name;
  napi_callback callback;
};

// The functions of each family, ended by a null name.
extern const Function kMemoryFunctions[];
extern const Function kElementwiseFunctions[];
extern const Function kStructuralFunctions[];
extern const Function kConvFunctions[];
extern const Function kPoolingFunctions[];
extern const Function kNormFunctions[];
extern const Function kRandomFunctions[];
extern const Function kResampleFunctions[];
extern const Function kScanFunctions[];
extern const Function kScatterFunctions[];
extern const Function kDistributionFunctions[];
extern const Function kRecurrentFunctions[];
extern const Function kOutputFunctions[];
extern const Function kGpuFunctions[];
extern const Function kHeapFunctions[];
extern const Function kBreakFunctions[];
extern const Function kFactorFunctions[];

// The device with the number that argument i gives; null, the processor's memory, for a missing or negative number.
Device* DeviceFor(Call& call, size_t i);

}  // namespace gb
