// Reading of arguments and making of results.
#include "binding/call.h"

#include <cmath>
#include <new>

namespace gb {

Call::Call(napi_env env, napi_callback_info info, Reach reach) : env_(env), reach_(reach) {
  void* data = nullptr;
  Check(napi_get_cb_info(env, info, &count_, arguments_, nullptr, &data));
  environment_ = static_cast<Environment*>(data);
}

void Call::Check(napi_status status) const {
  if (status == napi_ok) return;
  if (status == napi_pending_exception) throw PendingException();
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env_, &info);
  Throw("the JavaScript engine refused a call: %s", info && info->error_message ? info->error_message : "unknown");
}

void Call::Wrong(size_t i, const char* expected) const {
  static const char* const kinds[] = {"undefined", "null",       "a boolean",
                                      "a number",  "a string",   "a symbol",
                                      "an object", "a function", "a tensor or generator",
                                      "a bigint"};
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, arguments_[i], &type);
  ThrowType("argument %zu: expected %s, found %s", i + 1, expected, kinds[type]);
}

TensorRecord* Call::FindRecord(napi_value value) const {
  void* data = nullptr;
  if (napi_get_value_external(env_, value, &data) != napi_ok || !data) return nullptr;
  TensorRecord* record = static_cast<TensorRecord*>(data);
  return record->magic == kTensorMagic ? record : nullptr;
}

TensorRecord* Call::RecordOf(napi_value value, size_t i) const {
  TensorRecord* record = FindRecord(value);
  if (!record) Wrong(i, "a tensor handle");
  return record;
}

TensorRecord* Call::Record(size_t i) const { return RecordOf(arguments_[i], i); }

const Tensor& Call::HandleOf(napi_value value, size_t i) const {
  TensorRecord* record = RecordOf(value, i);
  if (record->released) {
    Throw("argument %zu: this tensor was disposed of and cannot be used any more", i + 1);
  }
  CheckDevice(record->tensor, i);
  return record->tensor;
}

void Call::CheckDevice(const Tensor& tensor, size_t i) const {
  Device* device = tensor.storage->device;
  if (!device && !device_) {
    if (first_ == kMaxArguments) first_ = i;
    return;
  }
  if (reach_ == Reach::kAnywhere) return;
  if (reach_ == Reach::kHost && device) {
    Throw("argument %zu is on %s, and this operation exists for the CPU alone: move the tensor with .cpu()", i + 1,
          device->name());
  }
  if (first_ == kMaxArguments) {
    first_ = i;
    device_ = device;
  } else if (device != device_) {
    Throw(
        "expected all tensors on one device, found argument %zu on %s and argument %zu on %s: move one with .to('%s')",
        first_ + 1, NameOf(device_), i + 1, NameOf(device), NameOf(device_));
  }
}

const Tensor& Call::Handle(size_t i) const { return HandleOf(arguments_[i], i); }

bool Call::IsMissing(size_t i) const {
  if (i >= count_) return true;
  napi_valuetype type;
  Check(napi_typeof(env_, arguments_[i], &type));
  return type == napi_undefined || type == napi_null;
}

const Tensor* Call::OptionalHandle(size_t i) const { return IsMissing(i) ? nullptr : &Handle(i); }

Operand Call::OperandAt(size_t i) const {
  Operand operand;
  if (FindRecord(arguments_[i]) || napi_get_value_double(env_, arguments_[i], &operand.number) != napi_ok) {
    operand.tensor = &Handle(i);
  }
  return operand;
}

std::optional<Operand> Call::OptionalOperand(size_t i) const {
  if (IsMissing(i)) return std::nullopt;
  return OperandAt(i);
}

Generator& Call::GeneratorAt(size_t i) const {
  void* data = nullptr;
  if (napi_get_value_external(env_, arguments_[i], &data) != napi_ok || !data) Wrong(i, "a generator handle");
  GeneratorRecord* record = static_cast<GeneratorRecord*>(data);
  if (record->magic != kGeneratorMagic) Wrong(i, "a generator handle");
  return record->generator;
}

double Call::Number(size_t i) const {
  double value;
  if (napi_get_value_double(env_, arguments_[i], &value) != napi_ok) Wrong(i, "a number");
  return value;
}

double Call::Number(size_t i, double otherwise) const {
  if (i >= count_) return otherwise;
  double value;
  if (napi_get_value_double(env_, arguments_[i], &value) == napi_ok) return value;
  if (!IsMissing(i)) Wrong(i, "a number");
  return otherwise;
}

namespace {

bool IsWhole(double value) { return value == std::trunc(value) && std::fabs(value) <= 9007199254740992.0; }

}  // namespace

int64_t Call::Integer(size_t i) const {
  double value = Number(i);
  if (!IsWhole(value)) ThrowType("argument %zu: expected a whole number, found %g", i + 1, value);
  return static_cast<int64_t>(value);
}

bool Call::Boolean(size_t i) const {
  bool value;
  if (napi_get_value_bool(env_, arguments_[i], &value) != napi_ok) Wrong(i, "a boolean");
  return value;
}

uint64_t Call::BigInteger(size_t i) const {
  uint64_t value;
  bool lossless;
  if (napi_get_value_bigint_uint64(env_, arguments_[i], &value, &lossless) != napi_ok) Wrong(i, "a bigint");
  return value;
}

std::string Call::Text(size_t i) const {
  char text[64];
  size_t length;
  if (napi_get_value_string_utf8(env_, arguments_[i], text, sizeof text, &length) != napi_ok) Wrong(i, "a string");
  return std::string(text, length);
}

int32_t Call::Dims(size_t i) const {
  const int64_t dims = Integer(i);
  if (dims < 0 || dims > kMaxDims) {
    ThrowRange("a tensor has at most %d dims, found %lld", kMaxDims, static_cast<long long>(dims));
  }
  return static_cast<int32_t>(dims);
}

void Call::ReadSizes(size_t from, int32_t count, int64_t* to) const {
  const double* values = environment_->sizes() + from;
  for (int32_t i = 0; i < count; i++) {
    if (!IsWhole(values[i])) ThrowType("dim %d: expected a whole number, found %g", i, values[i]);
    to[i] = static_cast<int64_t>(values[i]);
  }
}

std::string Call::LongText(size_t i) const {
  size_t length;
  if (napi_get_value_string_utf8(env_, arguments_[i], nullptr, 0, &length) != napi_ok) Wrong(i, "a string");
  std::string text(length + 1, '\0');
  Check(napi_get_value_string_utf8(env_, arguments_[i], text.data(), text.size(), &length));
  text.resize(length);
  return text;
}

std::vector<int64_t> Call::Integers(size_t i) const {
  uint32_t length;
  if (napi_get_array_length(env_, arguments_[i], &length) != napi_ok) Wrong(i, "an array of whole numbers");
  std::vector<int64_t> values(length);
  for (uint32_t at = 0; at < length; at++) {
    napi_value element;
    double value;
    Check(napi_get_element(env_, arguments_[i], at, &element));
    if (napi_get_value_double(env_, element, &value) != napi_ok) Wrong(i, "an array of whole numbers");
    if (!IsWhole(value)) ThrowType("argument %zu[%u]: expected a whole number, found %g", i + 1, at, value);
    values[at] = static_cast<int64_t>(value);
  }
  return values;
}

std::vector<Tensor> Call::Handles(size_t i) const {
  uint32_t length;
  if (napi_get_array_length(env_, arguments_[i], &length) != napi_ok) Wrong(i, "an array of tensor handles");
  std::vector<Tensor> tensors;
  tensors.reserve(length);
  for (uint32_t at = 0; at < length; at++) {
    napi_value element;
    Check(napi_get_element(env_, arguments_[i], at, &element));
    tensors.push_back(HandleOf(element, i));
  }
  return tensors;
}

napi_value Call::Option(size_t i, const char* name) const {
  napi_value value;
  napi_status status = napi_get_named_property(env_, arguments_[i], name, &value);
  if (status == napi_object_expected) Wrong(i, "an options object");
  Check(status);
  return value;
}

double Call::NumberOption(size_t i, const char* name) const {
  double value;
  if (napi_get_value_double(env_, Option(i, name), &value) != napi_ok) {
    ThrowType("argument %zu: the option %s must be a number", i + 1, name);
  }
  return value;
}

bool Call::BooleanOption(size_t i, const char* name) const {
  bool value;
  if (napi_get_value_bool(env_, Option(i, name), &value) != napi_ok) {
    ThrowType("argument %zu: the option %s must be a boolean", i + 1, name);
  }
  return value;
}

napi_value Call::MakeNumber(double value) const {
  napi_value result;
  Check(napi_create_double(env_, value, &result));
  return result;
}

napi_value Call::MakeBoolean(bool value) const {
  napi_value result;
  Check(napi_get_boolean(env_, value, &result));
  return result;
}

napi_value Call::MakeText(const char* text) const {
  napi_value result;
  Check(napi_create_string_utf8(env_, text, NAPI_AUTO_LENGTH, &result));
  return result;
}

void ThrowToJavaScript(napi_env env) {
  try {
    throw;
  } catch (const PendingException&) {
    // JavaScript has it already.
  } catch (const TypeError& error) {
    napi_throw_type_error(env, nullptr, error.what());
  } catch (const RangeError& error) {
    napi_throw_range_error(env, nullptr, error.what());
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, nullptr, "out of memory");
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  } catch (...) {
    napi_throw_error(env, nullptr, "unknown error in the native engine");
  }
}

}  // namespace gb
