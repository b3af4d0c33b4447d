// Opens the OpenCL library that the graphics driver (or PoCL) installed.
#include "gpu/opencl_api.h"

#include <dlfcn.h>

namespace gb::gpu::cl {

namespace {

#ifdef __APPLE__
constexpr const char* kLibraries[] = {"/System/Library/Frameworks/OpenCL.framework/OpenCL"};
#else
constexpr const char* kLibraries[] = {"libOpenCL.so.1", "libOpenCL.so"};
#endif

template <class F>
bool Find(void* library, const char* name, F* function) {
  *function = reinterpret_cast<F>(dlsym(library, name));
  return *function != nullptr;
}

bool FindAll(void* library, Api* api, std::string* missing) {
#define GB_FIND(name) \
  if (!Find(library, "cl" #name, &api->name)) return *missing = "cl" #name, false;
  GB_FIND(GetPlatformIDs)
  GB_FIND(GetPlatformInfo)
  GB_FIND(GetDeviceIDs)
  GB_FIND(GetDeviceInfo)
  GB_FIND(CreateContext)
  GB_FIND(CreateCommandQueue)
  GB_FIND(CreateBuffer)
  GB_FIND(ReleaseMemObject)
  GB_FIND(EnqueueWriteBuffer)
  GB_FIND(EnqueueReadBuffer)
  GB_FIND(EnqueueCopyBuffer)
  GB_FIND(CreateProgramWithSource)
  GB_FIND(CreateProgramWithBinary)
  GB_FIND(BuildProgram)
  GB_FIND(GetProgramInfo)
  GB_FIND(GetProgramBuildInfo)
  GB_FIND(ReleaseProgram)
  GB_FIND(CreateKernel)
  GB_FIND(GetKernelWorkGroupInfo)
  GB_FIND(SetKernelArg)
  GB_FIND(EnqueueNDRangeKernel)
  GB_FIND(EnqueueMarkerWithWaitList)
  GB_FIND(WaitForEvents)
  GB_FIND(GetEventProfilingInfo)
  GB_FIND(ReleaseEvent)
  GB_FIND(Flush)
  GB_FIND(Finish)
#undef GB_FIND
  return true;
}

}  // namespace

const Api* Load(std::string* why) {
  for (const char* name : kLibraries) {
    void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library) continue;
    static Api api;
    std::string missing;
    if (FindAll(library, &api, &missing)) return &api;
    *why = std::string(name) + " is no OpenCL 1.2 library: it has no " + missing;
    return nullptr;
  }
  *why = std::string("no OpenCL library was found (looked for ") + kLibraries[0] + ")";
  return nullptr;
}

std::string NameOf(Int code) {
  switch (code) {
    case kDeviceNotFound:
      return "CL_DEVICE_NOT_FOUND";
    case kDeviceNotAvailable:
      return "CL_DEVICE_NOT_AVAILABLE";
    case -3:
      return "CL_COMPILER_NOT_AVAILABLE";
    case kAllocationFailure:
      return "CL_MEM_OBJECT_ALLOCATION_FAILURE";
    case kOutOfResources:
      return "CL_OUT_OF_RESOURCES";
    case kOutOfHostMemory:
      return "CL_OUT_OF_HOST_MEMORY";
    case -11:
      return "CL_BUILD_PROGRAM_FAILURE";
    case -36:
      return "CL_INVALID_COMMAND_QUEUE";
    case -42:
      return "CL_INVALID_BINARY";
    case -52:
      return "CL_INVALID_KERNEL_ARGS";
    case -54:
      return "CL_INVALID_WORK_GROUP_SIZE";
    case kInvalidBufferSize:
      return "CL_INVALID_BUFFER_SIZE";
    case -1001:
      return "CL_PLATFORM_NOT_FOUND_KHR";
    default:
      return "OpenCL error " + std::to_string(code);
  }
}

}  // namespace gb::gpu::cl
