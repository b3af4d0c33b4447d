// Chooses the instruction set by what the processor reports. GRADBOOK_ISA names a lesser one, for tests. A build with
// GB_ONLY has that set alone.
#include <cstdlib>
#include <cstring>

#include "cpu/kernels.h"

namespace gb {

#if defined(GB_ONLY)
namespace GB_ONLY {
const Kernels& Table();
}
#elif defined(__x86_64__)
namespace avx512 {
const Kernels& Table();
}
namespace avx2 {
const Kernels& Table();
}
namespace baseline {
const Kernels& Table();
}
#else
namespace neon {
const Kernels& Table();
}
#endif

namespace {

const Kernels& Choose() {
#if defined(GB_ONLY)
  return GB_ONLY::Table();
#elif defined(__x86_64__)
  const char* wanted = std::getenv("GRADBOOK_ISA");
  auto allowed = [wanted](const char* name) { return !wanted || !*wanted || std::strcmp(wanted, name) == 0; };
  __builtin_cpu_init();
  if (allowed("avx512") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma")) {
    return avx512::Table();
  }
  if (allowed("avx2") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2")) {
    return avx2::Table();
  }
  return baseline::Table();
#else
  return neon::Table();
#endif
}

}  // namespace

const Kernels& kernels() {
  static const Kernels& chosen = Choose();
  return chosen;
}

}  // namespace gb
