// Descriptors and memory: making, viewing, releasing, reading and writing tensors, and the settings of the engine.
#include <cstring>

#include "binding/call.h"
#include "core/exchange.h"
#include "core/storage.h"
#include "core/threads.h"

namespace gb {

namespace {

DType ToDType(int64_t code) {
  if (code < 0 || code >= kDTypes) {
    ThrowRange("there is no dtype with the code %lld; expected 0 to %d", static_cast<long long>(code), kDTypes - 1);
  }
  return static_cast<DType>(code);
}

// Reads the sizes of a tensor about to be made.
void ReadShape(Call& call, int32_t dims, int64_t* sizes) {
  call.ReadSizes(0, dims, sizes);
  for (int32_t i = 0; i < dims; i++) {
    if (sizes[i] < 0) ThrowRange("size %d is negative: %lld", i, static_cast<long long>(sizes[i]));
  }
}

napi_value Empty(Call& call) {
  const DType dtype = ToDType(call.Integer(0));
  const int32_t dims = call.Dims(1);
  int64_t shape[kMaxDims];
  ReadShape(call, dims, shape);
  return call.NewHandle(NewTensor(dtype, dims, shape, DeviceFor(call, 2)), true);
}

napi_value EmptyLike(Call& call) {
  const Tensor& like = call.Handle(0);
  return call.NewHandle(NewTensor(ToDType(call.Integer(1)), like.dims, like.sizes, DeviceOf(like)), true);
}

napi_value View(Call& call) {
  const Tensor& of = call.Handle(0);
  Tensor view = of;
  view.dims = call.Dims(1);
  const int64_t offset = call.Integer(2);
  ReadShape(call, view.dims, view.sizes);
  call.ReadSizes(kMaxDims, view.dims, view.strides);
  const int64_t item = ItemSize(of.dtype);
  const int64_t elements = of.storage->bytes / item;
  // The first and the last element that the view reaches, in 128 bits: no product overflows.
  __int128 low = offset, high = offset;
  bool empty = false;
  for (int32_t i = 0; i < view.dims; i++) {
    empty = empty || view.sizes[i] == 0;
    __int128 reach = static_cast<__int128>(view.sizes[i] - 1) * view.strides[i];
    (reach < 0 ? low : high) += reach;
  }
  if (offset < 0 || offset > elements || (!empty && (low < 0 || high >= elements))) {
    ThrowRange("view: sizes %s at offset %lld reach beyond the storage of %lld elements", Sizes(view).c_str(),
               static_cast<long long>(offset), static_cast<long long>(elements));
  }
  view.offset = offset;
  view.data = static_cast<char*>(of.storage->block.data) + offset * item;
  Retain(view.storage);
  return call.NewHandle(view, false);
}

napi_value RetainHandle(Call& call) {
  const Tensor& of = call.Handle(0);
  Retain(of.storage);
  return call.NewHandle(of, false);
}

napi_value ReleaseHandle(Call& call) {
  call.environment().Drop(call.Record(0));
  return nullptr;
}

napi_value IsReleased(Call& call) { return call.MakeBoolean(call.Record(0)->released); }

// The elements of a typed array as a contiguous tensor of the dtype that the array must match.
Tensor ArrayOf(Call& call, size_t i, const Tensor& tensor) {
  static constexpr struct {
    napi_typedarray_type type;
    const char* name;
  } kArrays[kDTypes] = {{napi_float32_array, "Float32Array"}, {napi_float64_array, "Float64Array"},
                        {napi_int32_array, "Int32Array"},     {napi_bigint64_array, "BigInt64Array"},
                        {napi_uint8_array, "Uint8Array"},     {napi_uint8_array, "Uint8Array"}};
  const auto& expected = kArrays[static_cast<int>(tensor.dtype)];
  napi_typedarray_type type;
  size_t length, offset;
  void* data;
  napi_status status = napi_get_typedarray_info(call.env(), call.Value(i), &type, &length, &data, nullptr, &offset);
  if (status != napi_ok || type != expected.type) {
    ThrowType("argument %zu: expected a %s for a %s tensor", i + 1, expected.name, Name(tensor.dtype));
  }
  if (static_cast<int64_t>(length) != Count(tensor)) {
    ThrowRange("argument %zu: expected %lld elements for sizes %s, found %zu", i + 1,
               static_cast<long long>(Count(tensor)), Sizes(tensor).c_str(), length);
  }
  Tensor array = tensor;
  array.storage = nullptr;
  array.data = static_cast<char*>(data);
  SetContiguous(&array);
  return array;
}

napi_value Write(Call& call) {
  const Tensor& into = call.Handle(0);
  Tensor source = ArrayOf(call, 1, into);
  if (into.dtype == DType::kBool) source.dtype = DType::kUint8;  // so that every non-zero value becomes 1
  Copy(into, source);
  return nullptr;
}

napi_value Read(Call& call) {
  const Tensor& from = call.Handle(0);
  Copy(ArrayOf(call, 1, from), from);
  return nullptr;
}

napi_value ItemOf(Call& call) { return call.MakeNumber(Item(call.Handle(0))); }

struct BufferHold {
  Environment* environment;
  Storage* storage;
};

void ReleaseBuffer(napi_env, void*, void* hint) {
  BufferHold* hold = static_cast<BufferHold*>(hint);
  hold->environment->DropStorage(hold->storage);
  delete hold;
}

napi_value Buffer(Call& call) {
  const Tensor& from = call.Handle(0);
  if (DeviceOf(from)) {
    Throw("asTypedArray: the tensor is on %s, where JavaScript cannot read: use .cpu().asTypedArray()",
          NameOf(DeviceOf(from)));
  }
  if (!IsContiguous(from)) Throw("buffer: the tensor of sizes %s is not contiguous", Sizes(from).c_str());
  const size_t bytes = static_cast<size_t>(Count(from) * ItemSize(from.dtype));
  napi_value result;
  if (bytes == 0) {
    void* unused;
    call.Check(napi_create_arraybuffer(call.env(), 0, &unused, &result));
    return result;
  }
  Retain(from.storage);
  BufferHold* hold = new BufferHold{&call.environment(), from.storage};
  napi_status status = napi_create_external_arraybuffer(call.env(), from.data, bytes, ReleaseBuffer, hold, &result);
  if (status != napi_ok) {
    ReleaseBuffer(call.env(), nullptr, hold);
    call.Check(status);
  }
  return result;
}

napi_value Memory(Call& call) {
  // Tensors that were collected count no longer.
  call.environment().Poll();
  PoolStatistics statistics = HostPool().Statistics();
  napi_value result;
  call.Check(napi_create_object(call.env(), &result));
  auto set = [&](const char* name, int64_t value) {
    call.Check(napi_set_named_property(call.env(), result, name, call.MakeNumber(static_cast<double>(value))));
  };
  set("allocated", statistics.allocated);
  set("reserved", statistics.reserved);
  set("peak", statistics.peak);
  set("tensors", call.environment().live());
  return result;
}

napi_value EmptyCacheOf(Call&) {
  HostPool().EmptyCache();
  return nullptr;
}

// Argument 0: an Int32Array over shared memory that outlives this environment.
napi_value InstallStopOf(Call& call) {
  napi_typedarray_type type;
  size_t length;
  void* data;
  napi_status status = napi_get_typedarray_info(call.env(), call.Value(0), &type, &length, &data, nullptr, nullptr);
  if (status != napi_ok || type != napi_int32_array || length == 0) ThrowType("installStop: expected an Int32Array");
  static_assert(sizeof(std::atomic<int32_t>) == sizeof(int32_t));
  call.environment().InstallStop(static_cast<const std::atomic<int32_t>*>(data), call.Value(1));
  return nullptr;
}

napi_value InstallCollectorOf(Call& call) {
  call.environment().InstallCollector(call.Value(0));
  return nullptr;
}

napi_value SetThreadsOf(Call& call) {
  double threads = call.Number(0);
  if (!(threads >= 1 && threads <= 256)) ThrowRange("setThreads: %g is out of range; expected 1 to 256", threads);
  SetThreads(static_cast<int>(threads));
  return nullptr;
}

napi_value ThreadsOf(Call& call) { return call.MakeNumber(Threads()); }

napi_value ComputeAloneOf(Call&) {
  ComputeAlone();
  return nullptr;
}

napi_value OpenExchangeOf(Call& call) { return call.MakeNumber(static_cast<double>(OpenExchange())); }

napi_value CloseExchangeOf(Call& call) {
  CloseExchange(call.Integer(0));
  return nullptr;
}

// A copy is given away, so that the two threads never write into the same elements.
napi_value Give(Call& call) {
  const Tensor& from = call.Handle(1);
  const Tensor copy = NewTensor(from.dtype, from.dims, from.sizes);
  Copy(copy, from);
  return call.MakeNumber(static_cast<double>(PutIntoExchange(call.Integer(0), copy)));
}

napi_value Take(Call& call) {
  const bool keep = call.Boolean(2);
  return call.NewHandle(TakeFromExchange(call.Integer(0), call.Integer(1), keep), !keep);
}

napi_value Isa(Call& call) { return call.MakeText(kernels().name); }

}  // namespace

const Function kMemoryFunctions[] = {{"emptySized", Entry<Empty>},
                                     {"emptyLike", Entry<EmptyLike, Call::Reach::kAnywhere>},
                                     {"viewSized", Entry<View, Call::Reach::kAnywhere>},
                                     {"retain", Entry<RetainHandle, Call::Reach::kAnywhere>},
                                     {"release", Entry<ReleaseHandle>},
                                     {"isReleased", Entry<IsReleased>},
                                     {"write", Entry<Write, Call::Reach::kAnywhere>},
                                     {"read", Entry<Read, Call::Reach::kAnywhere>},
                                     {"item", Entry<ItemOf, Call::Reach::kAnywhere>},
                                     {"buffer", Entry<Buffer, Call::Reach::kAnywhere>},
                                     {"memory", Entry<Memory>},
                                     {"emptyCache", Entry<EmptyCacheOf>},
                                     {"setThreads", Entry<SetThreadsOf>},
                                     {"threads", Entry<ThreadsOf>},
                                     {"computeAlone", Entry<ComputeAloneOf>},
                                     {"openExchange", Entry<OpenExchangeOf>},
                                     {"closeExchange", Entry<CloseExchangeOf>},
                                     {"give", Entry<Give>},
                                     {"take", Entry<Take>},
                                     {"isa", Entry<Isa>},
                                     {"installStop", Entry<InstallStopOf>},
                                     {"installCollector", Entry<InstallCollectorOf>},
                                     {nullptr, nullptr}};

}  // namespace gb
