// Entry of the addon: makes the functions of every family for the environment that loads it (the main thread or a
// worker), and ends with that environment. Only this file and binding/ speak Node-API.
#include "binding/call.h"

namespace {

void Define(napi_env env, napi_value exports, const gb::Function* functions, gb::Environment* environment) {
  for (; functions->name; functions++) {
    napi_value function;
    if (napi_create_function(env, functions->name, NAPI_AUTO_LENGTH, functions->callback, environment, &function) !=
            napi_ok ||
        napi_set_named_property(env, exports, functions->name, function) != napi_ok) {
      napi_throw_error(env, nullptr, "gradbook: cannot define the native functions");
      return;
    }
  }
}

// Runs while references can still be deleted. Finalizers of ArrayBuffers come later and use the environment still.
void EndRecords(void* data) { static_cast<gb::Environment*>(data)->Clear(); }

void EndEnvironment(napi_env, void* data, void*) { delete static_cast<gb::Environment*>(data); }

}  // namespace

extern "C" NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  gb::Environment* environment = new gb::Environment(env);
  if (napi_set_instance_data(env, environment, EndEnvironment, nullptr) != napi_ok ||
      napi_add_env_cleanup_hook(env, EndRecords, environment) != napi_ok) {
    napi_throw_error(env, nullptr, "gradbook: cannot start the native engine in this environment");
    return nullptr;
  }
  Define(env, exports, gb::kMemoryFunctions, environment);
  Define(env, exports, gb::kElementwiseFunctions, environment);
  Define(env, exports, gb::kStructuralFunctions, environment);
  Define(env, exports, gb::kRandomFunctions, environment);
  return exports;
}

extern "C" NAPI_MODULE_EXPORT int32_t node_api_module_get_api_version_v1() { return 8; }
