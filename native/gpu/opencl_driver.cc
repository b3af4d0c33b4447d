// A device behind OpenCL. Buffers there are objects, not addresses, and kernels cannot be given a pointer into one; so
// each buffer takes a range of made-up addresses, and an address in a launch is turned back into its buffer and an
// offset.
#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "core/errors.h"
#include "gpu/driver.h"
#include "gpu/opencl_api.h"

namespace gb::gpu {

namespace {

// Far above every real address, so that a mix-up ends in a fault and not in somebody's memory.
constexpr uintptr_t kFirstAddress = uintptr_t{1} << 60;
constexpr uintptr_t kAddressStep = uintptr_t{1} << 21;

struct OpenClProgram final : Program {
  cl::Program program;
};

struct OpenClFunction final : Function {
  cl::Kernel kernel;
};

class OpenClDriver final : public Driver {
 public:
  OpenClDriver(const cl::Api& api, cl::Device device, Properties properties)
      : api_(api), device_(device), properties_(std::move(properties)) {
    cl::Int code;
    context_ = api_.CreateContext(nullptr, 1, &device, nullptr, nullptr, &code);
    Check(code, "clCreateContext");
    queue_ = api_.CreateCommandQueue(context_, device, cl::kProfilingEnable, &code);
    Check(code, "clCreateCommandQueue");
  }

  const Properties& properties() const override { return properties_; }

  void* Reserve(size_t bytes) override {
    std::lock_guard<std::mutex> lock(mutex_);
    cl::Int code;
    cl::Memory memory = api_.CreateBuffer(context_, cl::kReadWrite, bytes, nullptr, &code);
    if (code == cl::kAllocationFailure || code == cl::kOutOfResources || code == cl::kInvalidBufferSize) return nullptr;
    Check(code, "clCreateBuffer");
    const uintptr_t address = next_;
    next_ += (bytes / kAddressStep + 2) * kAddressStep;  // a gap follows: an overrun finds no buffer
    buffers_[address] = {memory, bytes};
    return reinterpret_cast<void*>(address);
  }

  void Return(void* address, size_t) override {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = buffers_.find(reinterpret_cast<uintptr_t>(address));
    // The driver keeps the memory until the commands that use it are done.
    api_.ReleaseMemObject(found->second.memory);
    buffers_.erase(found);
  }

  void Upload(void* to, const void* from, size_t bytes) override {
    std::lock_guard<std::mutex> lock(mutex_);
    const Place place = PlaceOf(to);
    Check(api_.EnqueueWriteBuffer(queue_, place.memory, cl::kTrue, place.offset, bytes, from, 0, nullptr, nullptr),
          "clEnqueueWriteBuffer");
  }

  void Download(void* to, const void* from, size_t bytes) override {
    std::lock_guard<std::mutex> lock(mutex_);
    const Place place = PlaceOf(from);
    Check(api_.EnqueueReadBuffer(queue_, place.memory, cl::kTrue, place.offset, bytes, to, 0, nullptr, nullptr),
          "clEnqueueReadBuffer");
  }

  std::unique_ptr<Program> Compile(const std::string& source, const std::string& options,
                                   std::string* binary) override {
    std::lock_guard<std::mutex> lock(mutex_);
    auto program = std::make_unique<OpenClProgram>();
    program->program = binary && !binary->empty() ? FromBinary(*binary, options) : nullptr;
    if (program->program) return program;
    program->program = FromSource(source, options);
    if (binary) *binary = BinaryOf(program->program);
    return program;
  }

  std::unique_ptr<Function> Find(const Program& program, const char* kernel) override {
    std::lock_guard<std::mutex> lock(mutex_);
    auto function = std::make_unique<OpenClFunction>();
    cl::Int code;
    function->kernel = api_.CreateKernel(static_cast<const OpenClProgram&>(program).program, kernel, &code);
    Check(code, "clCreateKernel");
    size_t group = 1;
    Check(api_.GetKernelWorkGroupInfo(function->kernel, device_, cl::kKernelGroup, sizeof group, &group, nullptr),
          "clGetKernelWorkGroupInfo");
    function->max_group = static_cast<int>(group);
    return function;
  }

  void Launch(const Function& function, int dims, const size_t* groups, const size_t* items, const Argument* arguments,
              int count) override {
    const cl::Kernel kernel = static_cast<const OpenClFunction&>(function).kernel;
    size_t global[3];
    for (int dim = 0; dim < dims; dim++) global[dim] = groups[dim] * items[dim];
    // A kernel object holds its arguments until the launch.
    std::lock_guard<std::mutex> lock(mutex_);
    uint32_t at = 0;
    for (int i = 0; i < count; i++) {
      if (arguments[i].bytes) {
        Check(api_.SetKernelArg(kernel, at++, arguments[i].bytes, arguments[i].data), "clSetKernelArg");
        continue;
      }
      const Place place = arguments[i].data ? PlaceOf(arguments[i].data) : Place{nullptr, 0};
      const uint64_t offset = place.offset;
      Check(api_.SetKernelArg(kernel, at++, sizeof place.memory, place.memory ? &place.memory : nullptr),
            "clSetKernelArg");
      Check(api_.SetKernelArg(kernel, at++, sizeof offset, &offset), "clSetKernelArg");
    }
    Check(api_.EnqueueNDRangeKernel(queue_, kernel, static_cast<uint32_t>(dims), nullptr, global, items, 0, nullptr,
                                    nullptr),
          "clEnqueueNDRangeKernel");
    // Drivers may hold commands back until they are asked to begin.
    if (++waiting_ % kFlushEvery == 0) api_.Flush(queue_);
  }

  uint64_t Mark() override {
    std::lock_guard<std::mutex> lock(mutex_);
    cl::Event event;
    Check(api_.EnqueueMarkerWithWaitList(queue_, 0, nullptr, &event), "clEnqueueMarkerWithWaitList");
    api_.Flush(queue_);
    marks_.push_back(event);
    return marks_.size() - 1;
  }

  double Seconds(uint64_t from, uint64_t to) override { return (TimeOf(marks_[to]) - TimeOf(marks_[from])) * 1e-9; }

  void Finish() override {
    std::lock_guard<std::mutex> lock(mutex_);
    Check(api_.Finish(queue_), "clFinish");
  }

  void Lose() override { lost_ = true; }

 private:
  struct Buffer {
    cl::Memory memory;
    size_t bytes;
  };
  struct Place {
    cl::Memory memory;
    size_t offset;
  };
  static constexpr int kFlushEvery = 16;

  void Check(cl::Int code, const char* what) const {
    if (lost_) code = cl::kDeviceNotAvailable;
    if (code == cl::kSuccess) return;
    Throw("the device %s failed: %s says %s. Tensors on it may be lost; those on the CPU are not touched",
          properties_.name.c_str(), what, cl::NameOf(code).c_str());
  }

  Place PlaceOf(const void* address) const {
    const uintptr_t at = reinterpret_cast<uintptr_t>(address);
    auto next = buffers_.upper_bound(at);
    if (next == buffers_.begin()) Throw("%s: an address that is not of this device", properties_.name.c_str());
    const auto& [begin, buffer] = *--next;
    if (at - begin > buffer.bytes) Throw("%s: an address outside of every buffer", properties_.name.c_str());
    return {buffer.memory, at - begin};
  }

  cl::Program FromBinary(const std::string& binary, const std::string& options) {
    const unsigned char* data = reinterpret_cast<const unsigned char*>(binary.data());
    const size_t size = binary.size();
    cl::Int status, code;
    cl::Program program = api_.CreateProgramWithBinary(context_, 1, &device_, &size, &data, &status, &code);
    if (code != cl::kSuccess) return nullptr;
    if (api_.BuildProgram(program, 1, &device_, options.c_str(), nullptr, nullptr) == cl::kSuccess) return program;
    api_.ReleaseProgram(program);
    return nullptr;
  }

  cl::Program FromSource(const std::string& source, const std::string& options) {
    const char* text = source.c_str();
    const size_t length = source.size();
    cl::Int code;
    cl::Program program = api_.CreateProgramWithSource(context_, 1, &text, &length, &code);
    Check(code, "clCreateProgramWithSource");
    if (api_.BuildProgram(program, 1, &device_, options.c_str(), nullptr, nullptr) == cl::kSuccess) return program;
    size_t size = 0;
    api_.GetProgramBuildInfo(program, device_, cl::kBuildLog, 0, nullptr, &size);
    std::string log(size, ' ');
    api_.GetProgramBuildInfo(program, device_, cl::kBuildLog, size, log.data(), nullptr);
    api_.ReleaseProgram(program);
    Throw("%s cannot compile a kernel of gradbook (options %s):\n%s", properties_.name.c_str(), options.c_str(),
          log.c_str());
  }

  std::string BinaryOf(cl::Program program) {
    size_t size = 0;
    if (api_.GetProgramInfo(program, cl::kBinarySizes, sizeof size, &size, nullptr) != cl::kSuccess) return {};
    std::string binary(size, ' ');
    char* data = binary.data();
    if (api_.GetProgramInfo(program, cl::kBinaries, sizeof data, &data, nullptr) != cl::kSuccess) return {};
    return binary;
  }

  double TimeOf(cl::Event event) {
    uint64_t nanoseconds = 0;
    Check(api_.WaitForEvents(1, &event), "clWaitForEvents");
    Check(api_.GetEventProfilingInfo(event, cl::kEnded, sizeof nanoseconds, &nanoseconds, nullptr),
          "clGetEventProfilingInfo");
    return static_cast<double>(nanoseconds);
  }

  const cl::Api& api_;
  cl::Device device_;
  Properties properties_;
  cl::Context context_;
  cl::Queue queue_;
  std::mutex mutex_;
  std::map<uintptr_t, Buffer> buffers_;  // by first address
  uintptr_t next_ = kFirstAddress;
  std::vector<cl::Event> marks_;
  int waiting_ = 0;
  bool lost_ = false;
};

template <class T>
T Number(const cl::Api& api, cl::Device device, uint32_t what) {
  T value{};
  api.GetDeviceInfo(device, what, sizeof value, &value, nullptr);
  return value;
}

std::string Text(const cl::Api& api, cl::Device device, uint32_t what) {
  size_t size = 0;
  if (api.GetDeviceInfo(device, what, 0, nullptr, &size) != cl::kSuccess || size == 0) return {};
  std::string text(size, '\0');
  api.GetDeviceInfo(device, what, size, text.data(), nullptr);
  text.resize(std::strlen(text.c_str()));
  return text;
}

constexpr cl::Bitfield kGpuType = 4;

Properties PropertiesOf(const cl::Api& api, cl::Device device) {
  Properties p;
  p.name = Text(api, device, cl::kDeviceName);
  p.vendor = Text(api, device, cl::kDeviceVendor);
  p.driver = Text(api, device, cl::kDriverVersion);
  p.interface = Text(api, device, cl::kDeviceVersion);
  p.memory = static_cast<int64_t>(Number<uint64_t>(api, device, cl::kGlobalBytes));
  p.local = static_cast<int64_t>(Number<uint64_t>(api, device, cl::kLocalBytes));
  p.max_block = static_cast<int64_t>(Number<uint64_t>(api, device, cl::kMaxAllocation));
  p.compute_units = static_cast<int>(Number<uint32_t>(api, device, cl::kComputeUnits));
  p.max_group = static_cast<int>(Number<size_t>(api, device, cl::kMaxGroup));
  p.float64 = Text(api, device, cl::kExtensions).find("cl_khr_fp64") != std::string::npos;
  p.is_gpu = Number<cl::Bitfield>(api, device, cl::kDeviceType) & kGpuType;
  return p;
}

}  // namespace

std::vector<std::unique_ptr<Driver>> OpenClDevices(std::string* why) {
  std::vector<std::unique_ptr<Driver>> devices;
  const cl::Api* api = cl::Load(why);
  if (!api) return devices;
  uint32_t count = 0;
  const cl::Int code = api->GetPlatformIDs(0, nullptr, &count);
  if (code != cl::kSuccess || count == 0) {
    *why = "there is an OpenCL library, but no driver behind it (" + cl::NameOf(code) + ")";
    return devices;
  }
  std::vector<cl::Platform> platforms(count);
  api->GetPlatformIDs(count, platforms.data(), nullptr);
  *why = "no OpenCL driver knows a device";
  for (cl::Platform platform : platforms) {
    uint32_t found = 0;
    if (api->GetDeviceIDs(platform, cl::kAllDevices, 0, nullptr, &found) != cl::kSuccess) continue;
    std::vector<cl::Device> ids(found);
    api->GetDeviceIDs(platform, cl::kAllDevices, found, ids.data(), nullptr);
    for (cl::Device id : ids) {
      if (!Number<uint32_t>(*api, id, cl::kAvailable) || !Number<uint32_t>(*api, id, cl::kCompilerAvailable)) continue;
      try {
        devices.push_back(std::make_unique<OpenClDriver>(*api, id, PropertiesOf(*api, id)));
      } catch (const Error& error) {
        *why = error.what();
      }
    }
  }
  std::stable_sort(devices.begin(), devices.end(),
                   [](const auto& a, const auto& b) { return a->properties().is_gpu > b->properties().is_gpu; });
  return devices;
}

}  // namespace gb::gpu
