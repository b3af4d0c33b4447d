// Devices: what there is, their memory and clocks.
#include "binding/call.h"
#include "gpu/device.h"

namespace gb {

namespace {

using gpu::GpuDevice;

GpuDevice& DeviceAt(Call& call, size_t i) {
  const auto& devices = gpu::Devices();
  const int64_t index = call.Integer(i);
  if (devices.empty()) Throw("there is no GPU: %s", gpu::WhyNot().c_str());
  if (index < 0 || index >= static_cast<int64_t>(devices.size())) {
    ThrowRange("there is no device gpu:%lld; there are %zu", static_cast<long long>(index), devices.size());
  }
  return *devices[static_cast<size_t>(index)];
}

napi_value Count(Call& call) { return call.MakeNumber(static_cast<double>(gpu::Devices().size())); }

napi_value WhyNot(Call& call) { return call.MakeText(gpu::WhyNot().c_str()); }

void Set(Call& call, napi_value object, const char* name, napi_value value) {
  call.Check(napi_set_named_property(call.env(), object, name, value));
}

napi_value PropertiesOf(Call& call) {
  const gpu::Properties& p = DeviceAt(call, 0).properties();
  napi_value result;
  call.Check(napi_create_object(call.env(), &result));
  Set(call, result, "name", call.MakeText(p.name.c_str()));
  Set(call, result, "vendor", call.MakeText(p.vendor.c_str()));
  Set(call, result, "driver", call.MakeText(p.driver.c_str()));
  Set(call, result, "interface", call.MakeText(p.interface.c_str()));
  Set(call, result, "totalMemory", call.MakeNumber(static_cast<double>(p.memory)));
  Set(call, result, "sharedMemory", call.MakeNumber(static_cast<double>(p.local)));
  Set(call, result, "multiProcessorCount", call.MakeNumber(p.compute_units));
  Set(call, result, "maxThreadsPerBlock", call.MakeNumber(p.max_group));
  Set(call, result, "float64", call.MakeBoolean(p.float64));
  Set(call, result, "isGpu", call.MakeBoolean(p.is_gpu));
  return result;
}

napi_value MemoryOf(Call& call) {
  const PoolStatistics statistics = DeviceAt(call, 0).pool().Statistics();
  napi_value result;
  call.Check(napi_create_object(call.env(), &result));
  Set(call, result, "allocated", call.MakeNumber(static_cast<double>(statistics.allocated)));
  Set(call, result, "reserved", call.MakeNumber(static_cast<double>(statistics.reserved)));
  Set(call, result, "peak", call.MakeNumber(static_cast<double>(statistics.peak)));
  return result;
}

napi_value EmptyCacheOf(Call& call) {
  DeviceAt(call, 0).pool().EmptyCache();
  return nullptr;
}

napi_value ResetPeakOf(Call& call) {
  DeviceAt(call, 0).pool().ResetPeak();
  return nullptr;
}

napi_value SynchronizeOf(Call& call) {
  GpuDevice& device = DeviceAt(call, 0);
  device.driver().Finish();
  device.CheckFault();
  return nullptr;
}

napi_value MarkOf(Call& call) { return call.MakeNumber(static_cast<double>(DeviceAt(call, 0).driver().Mark())); }

napi_value SecondsOf(Call& call) {
  return call.MakeNumber(DeviceAt(call, 0).driver().Seconds(static_cast<uint64_t>(call.Integer(1)),
                                                            static_cast<uint64_t>(call.Integer(2))));
}

napi_value CacheFolderOf(Call& call) {
  gpu::SetCacheFolder(call.LongText(0));
  return nullptr;
}

napi_value MemoryFractionOf(Call& call) {
  DeviceAt(call, 0).SetMemoryFraction(call.Number(1));
  return nullptr;
}

napi_value LoseOf(Call& call) {
  DeviceAt(call, 0).driver().Lose();
  return nullptr;
}

}  // namespace

Device* DeviceFor(Call& call, size_t i) {
  if (call.IsMissing(i) || call.Integer(i) < 0) return nullptr;
  return &DeviceAt(call, i);
}

const Function kGpuFunctions[] = {{"gpuCount", Entry<Count>},
                                  {"gpuWhyNot", Entry<WhyNot>},
                                  {"gpuProperties", Entry<PropertiesOf>},
                                  {"gpuMemory", Entry<MemoryOf>},
                                  {"gpuEmptyCache", Entry<EmptyCacheOf>},
                                  {"gpuResetPeak", Entry<ResetPeakOf>},
                                  {"gpuSynchronize", Entry<SynchronizeOf>},
                                  {"gpuMark", Entry<MarkOf>},
                                  {"gpuSeconds", Entry<SecondsOf>},
                                  {"gpuCacheFolder", Entry<CacheFolderOf>},
                                  {"gpuMemoryFraction", Entry<MemoryFractionOf>},
                                  {"gpuLose", Entry<LoseOf>},
                                  {nullptr, nullptr}};

}  // namespace gb
