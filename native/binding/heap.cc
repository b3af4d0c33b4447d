// A heap of JavaScript that runs full ends the process and all variables with it. V8 gives a warning first, and room
// for who can make use of it: here for the kernel, to stop the cell that fills the heap.
//
// Node-API does not pass that warning on, and V8's headers would bind the addon to one version of Node. But Node
// exports V8's functions, and these have had the same signature since 2018: they are looked up by name, and
// without them there is no guard.
#include <dlfcn.h>

#include <algorithm>
#include <atomic>

#include "binding/call.h"

namespace gb {

namespace {

using NearHeapLimit = size_t (*)(void* data, size_t limit, size_t initial_limit);

template <typename F>
F FindInNode(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_DEFAULT, name));
}

// What becomes 1 when the heap is full.
struct Signals {
  std::atomic<int32_t>* full;
  std::atomic<int32_t>* stop;
};
thread_local Signals signals;
thread_local size_t first_limit = 0;
thread_local bool guarded = false;

// Runs inside a collection: nothing of JavaScript may be touched. Much room at once, since a table that grows doubles;
// then less, and at three times the first limit none: a heap that still grows belongs to code that nothing stops, and
// the machine has other uses for its memory.
size_t GiveRoom(void* data, size_t limit, size_t initial_limit) {
  first_limit = initial_limit;
  auto* raise = static_cast<const Signals*>(data);
  raise->full->store(1);
  raise->stop->store(1);
  return std::min(std::max(limit + initial_limit / 4, 2 * initial_limit), 3 * initial_limit);
}

// Argument 0: an Int32Array over shared memory that outlives this environment; 1 and 2: the indices that become
// 1 whenever the heap of this thread is full. Whether there is a guard from now on. To be called again once the heap
// was full.
napi_value GuardHeap(Call& call) {
  napi_typedarray_type type;
  size_t length;
  void* data;
  napi_status status = napi_get_typedarray_info(call.env(), call.Value(0), &type, &length, &data, nullptr, nullptr);
  if (status != napi_ok || type != napi_int32_array) ThrowType("guardHeap: expected an Int32Array");
  auto element = [&](int64_t index) {
    if (index < 0 || static_cast<size_t>(index) >= length)
      ThrowRange("guardHeap: there is no element %lld", static_cast<long long>(index));
    return static_cast<std::atomic<int32_t>*>(data) + index;
  };
  signals = {element(call.Integer(1)), element(call.Integer(2))};
  // Members of v8::Isolate take it as their first argument.
  auto current = FindInNode<void* (*)()>("_ZN2v87Isolate10GetCurrentEv");
  auto add = FindInNode<void (*)(void*, NearHeapLimit, void*)>("_ZN2v87Isolate24AddNearHeapLimitCallbackEPFmPvmmES1_");
  auto restore = FindInNode<void (*)(void*, double)>("_ZN2v87Isolate36AutomaticallyRestoreInitialHeapLimitEd");
  auto remove =
      FindInNode<void (*)(void*, NearHeapLimit, size_t)>("_ZN2v87Isolate27RemoveNearHeapLimitCallbackEPFmPvmmEm");
  void* isolate = current && add && remove && restore ? current() : nullptr;
  if (!isolate) return call.MakeBoolean(false);
  // Takes back the room that is not in use: V8 lowers the limit no further than to a quarter above what is.
  if (guarded) remove(isolate, GiveRoom, first_limit);
  add(isolate, GiveRoom, &signals);
  restore(isolate, 0.75);  // V8 does by itself, once a collection has left so much of the first limit
  guarded = true;
  return call.MakeBoolean(true);
}

}  // namespace

const Function kHeapFunctions[] = {{"guardHeap", Entry<GuardHeap>}, {nullptr, nullptr}};

}  // namespace gb
