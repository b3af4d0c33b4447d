// Entry of the addon: makes the functions of every family for the environment that loads it (the main thread or a
// worker), and ends with that environment. The module itself is declared with node-addon-api; the functions in binding/
// use the C interface below it, because a call must cost tens of nanoseconds. Nothing else speaks Node-API.
#include <napi.h>

#include "binding/call.h"

namespace {

void Define(Napi::Env env, Napi::Object exports, const gb::Function* functions, gb::Environment* environment) {
  for (; functions->name; functions++) {
    napi_value function;
    napi_status status =
        napi_create_function(env, functions->name, NAPI_AUTO_LENGTH, functions->callback, environment, &function);
    if (status != napi_ok) throw Napi::Error::New(env);
    exports.Set(functions->name, function);
  }
}

Napi::Object Start(Napi::Env env, Napi::Object exports) {
  auto* environment = new gb::Environment(env);
  // Deleted with the environment, after the finalizers of ArrayBuffers, which use it still.
  env.SetInstanceData(environment);
  // Runs earlier, while references can still be deleted.
  env.AddCleanupHook([](gb::Environment* ending) { ending->Clear(); }, environment);
  constexpr size_t kSizes = 2 * gb::kMaxDims;
  auto memory = Napi::ArrayBuffer::New(env, environment->sizes(), kSizes * sizeof(double));
  exports.Set("sizes", Napi::Float64Array::New(env, kSizes, memory, 0));
  Define(env, exports, gb::kMemoryFunctions, environment);
  Define(env, exports, gb::kElementwiseFunctions, environment);
  Define(env, exports, gb::kStructuralFunctions, environment);
  Define(env, exports, gb::kConvFunctions, environment);
  Define(env, exports, gb::kPoolingFunctions, environment);
  Define(env, exports, gb::kNormFunctions, environment);
  Define(env, exports, gb::kRandomFunctions, environment);
  Define(env, exports, gb::kResampleFunctions, environment);
  Define(env, exports, gb::kScanFunctions, environment);
  Define(env, exports, gb::kScatterFunctions, environment);
  Define(env, exports, gb::kDistributionFunctions, environment);
  Define(env, exports, gb::kRecurrentFunctions, environment);
  Define(env, exports, gb::kOutputFunctions, environment);
  Define(env, exports, gb::kGpuFunctions, environment);
  Define(env, exports, gb::kHeapFunctions, environment);
  Define(env, exports, gb::kBreakFunctions, environment);
  Define(env, exports, gb::kFactorFunctions, environment);
  return exports;
}

}  // namespace

NODE_API_MODULE(gradbook, Start)
