// The part of the OpenCL 1.2 interface that the device uses, declared here because no SDK is needed to build: the
// library of the machine's drivers is opened at run time. Names, types and numbers are those of the Khronos
// specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace gb::gpu::cl {

using Int = int32_t;
using Bitfield = uint64_t;
using Platform = struct PlatformObject*;
using Device = struct DeviceObject*;
using Context = struct ContextObject*;
using Queue = struct QueueObject*;
using Memory = struct MemoryObject*;
using Program = struct ProgramObject*;
using Kernel = struct KernelObject*;
using Event = struct EventObject*;

constexpr Int kSuccess = 0, kDeviceNotFound = -1, kDeviceNotAvailable = -2, kAllocationFailure = -4,
              kOutOfResources = -5, kOutOfHostMemory = -6, kInvalidBufferSize = -61;
constexpr uint32_t kTrue = 1;
constexpr Bitfield kAllDevices = 0xFFFFFFFF, kReadWrite = 1, kProfilingEnable = 2;
constexpr uint32_t kPlatformVersion = 0x0901, kPlatformName = 0x0902;
constexpr uint32_t kDeviceType = 0x1000, kComputeUnits = 0x1002, kMaxGroup = 0x1004, kMaxAllocation = 0x1010,
                   kGlobalBytes = 0x101F, kLocalBytes = 0x1023, kDeviceName = 0x102B, kDeviceVendor = 0x102C,
                   kDriverVersion = 0x102D, kDeviceVersion = 0x102F, kExtensions = 0x1030, kAvailable = 0x1027,
                   kCompilerAvailable = 0x1028;
constexpr uint32_t kBinarySizes = 0x1165, kBinaries = 0x1166, kBuildLog = 0x1183;
constexpr uint32_t kKernelGroup = 0x11B0;
constexpr uint32_t kStarted = 0x1282, kEnded = 0x1283;

// The functions, under their names without "cl".
struct Api {
  Int (*GetPlatformIDs)(uint32_t, Platform*, uint32_t*);
  Int (*GetPlatformInfo)(Platform, uint32_t, size_t, void*, size_t*);
  Int (*GetDeviceIDs)(Platform, Bitfield, uint32_t, Device*, uint32_t*);
  Int (*GetDeviceInfo)(Device, uint32_t, size_t, void*, size_t*);
  Context (*CreateContext)(const intptr_t*, uint32_t, const Device*, void (*)(const char*, const void*, size_t, void*),
                           void*, Int*);
  Queue (*CreateCommandQueue)(Context, Device, Bitfield, Int*);
  Memory (*CreateBuffer)(Context, Bitfield, size_t, void*, Int*);
  Int (*ReleaseMemObject)(Memory);
  Int (*EnqueueWriteBuffer)(Queue, Memory, uint32_t, size_t, size_t, const void*, uint32_t, const Event*, Event*);
  Int (*EnqueueReadBuffer)(Queue, Memory, uint32_t, size_t, size_t, void*, uint32_t, const Event*, Event*);
  Int (*EnqueueCopyBuffer)(Queue, Memory, Memory, size_t, size_t, size_t, uint32_t, const Event*, Event*);
  Program (*CreateProgramWithSource)(Context, uint32_t, const char**, const size_t*, Int*);
  Program (*CreateProgramWithBinary)(Context, uint32_t, const Device*, const size_t*, const unsigned char**, Int*,
                                     Int*);
  Int (*BuildProgram)(Program, uint32_t, const Device*, const char*, void (*)(Program, void*), void*);
  Int (*GetProgramInfo)(Program, uint32_t, size_t, void*, size_t*);
  Int (*GetProgramBuildInfo)(Program, Device, uint32_t, size_t, void*, size_t*);
  Int (*ReleaseProgram)(Program);
  Kernel (*CreateKernel)(Program, const char*, Int*);
  Int (*GetKernelWorkGroupInfo)(Kernel, Device, uint32_t, size_t, void*, size_t*);
  Int (*SetKernelArg)(Kernel, uint32_t, size_t, const void*);
  Int (*EnqueueNDRangeKernel)(Queue, Kernel, uint32_t, const size_t*, const size_t*, const size_t*, uint32_t,
                              const Event*, Event*);
  Int (*EnqueueMarkerWithWaitList)(Queue, uint32_t, const Event*, Event*);
  Int (*WaitForEvents)(uint32_t, const Event*);
  Int (*GetEventProfilingInfo)(Event, uint32_t, size_t, void*, size_t*);
  Int (*ReleaseEvent)(Event);
  Int (*Flush)(Queue);
  Int (*Finish)(Queue);
};

// The functions of this machine's OpenCL library; null with the reason in `why` when there is none.
const Api* Load(std::string* why);

// The specification's name of an error code.
std::string NameOf(Int code);

}  // namespace gb::gpu::cl
