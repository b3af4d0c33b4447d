// Random number generators and the fills that draw from them.
#include <cstring>

#include "binding/call.h"
#include "binding/hosted.h"

namespace gb {

namespace {

// Generators are few and small, so an ordinary finalizer does for them.
void FreeGenerator(napi_env, void* data, void*) { delete static_cast<GeneratorRecord*>(data); }

napi_value NewGenerator(Call& call) {
  GeneratorRecord* record = new GeneratorRecord{kGeneratorMagic, Generator(call.BigInteger(0))};
  napi_value handle;
  napi_status status = napi_create_external(call.env(), record, FreeGenerator, nullptr, &handle);
  if (status != napi_ok) {
    delete record;
    call.Check(status);
  }
  return handle;
}

napi_value Seed(Call& call) {
  call.GeneratorAt(0).Seed(call.BigInteger(1));
  return nullptr;
}

napi_value State(Call& call) {
  const Generator& generator = call.GeneratorAt(0);
  void* data;
  napi_value buffer, array;
  call.Check(napi_create_arraybuffer(call.env(), Generator::kStateBytes, &data, &buffer));
  generator.Save(static_cast<uint8_t*>(data));
  call.Check(napi_create_typedarray(call.env(), napi_uint8_array, Generator::kStateBytes, buffer, 0, &array));
  return array;
}

napi_value SetState(Call& call) {
  Generator& generator = call.GeneratorAt(0);
  napi_typedarray_type type;
  size_t length;
  void* data;
  napi_status status = napi_get_typedarray_info(call.env(), call.Value(1), &type, &length, &data, nullptr, nullptr);
  if (status != napi_ok || type != napi_uint8_array) ThrowType("generatorSetState: expected a Uint8Array");
  if (length != static_cast<size_t>(Generator::kStateBytes)) {
    ThrowRange("generatorSetState: expected %lld bytes, found %zu", static_cast<long long>(Generator::kStateBytes),
               length);
  }
  generator.Restore(static_cast<const uint8_t*>(data));
  return nullptr;
}

napi_value Random32(Call& call) { return call.MakeNumber(call.GeneratorAt(0).Random32()); }

napi_value Random64(Call& call) {
  napi_value result;
  call.Check(napi_create_bigint_uint64(call.env(), call.GeneratorAt(0).Random64(), &result));
  return result;
}

}  // namespace

const Function kRandomFunctions[] = {
    {"generator", Entry<NewGenerator>},
    {"generatorSeed", Entry<Seed>},
    {"generatorState", Entry<State>},
    {"generatorSetState", Entry<SetState>},
    {"random32", Entry<Random32>},
    {"random64", Entry<Random64>},
    {"uniform", StoppableEntry<Direct<Hosted<FillUniform>::Run>, Call::Reach::kOneDevice>},
    {"normal", StoppableEntry<Direct<Hosted<FillNormal>::Run>, Call::Reach::kOneDevice>},
    {"randint", StoppableEntry<Direct<Hosted<FillIntegers>::Run>, Call::Reach::kOneDevice>},
    {"randperm", StoppableEntry<Direct<Hosted<FillPermutation>::Run>, Call::Reach::kOneDevice>},
    {"bernoulli", StoppableEntry<Direct<Hosted<FillBernoulli>::Run>, Call::Reach::kOneDevice>},
    {nullptr, nullptr}};

}  // namespace gb
