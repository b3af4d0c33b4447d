// A graphics card (or any device behind the same interface): its memory as a caching pool, and its compiled kernels.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/device.h"
#include "core/tensor.h"
#include "gpu/driver.h"

namespace gb::gpu {

// Who reports an index out of range.
enum class Reporter : int32_t {
  kNone,
  kNllLoss,
  kIndexSelect,
  kGather,
  kScatter,
  kIndexWrite,
  kBincount,
  kSearchSorted,
  kResample,
  kTaps,
  kPlane
};

// The kernel sources, embedded at build time from gpu/kernels.
struct Source {
  const char* name;
  const char* text;
};
const char* SourceOf(const char* name);

class GpuDevice final : public Device {
 public:
  GpuDevice(std::unique_ptr<Driver> driver, int index);

  Pool& pool() override { return pool_; }
  const char* name() const override { return name_.c_str(); }
  Driver& driver() { return *driver_; }
  const Properties& properties() const { return driver_->properties(); }

  // Share of the device's memory that may be held from the driver.
  void SetMemoryFraction(double fraction) { fraction_ = fraction; }

  // Four words in which a kernel reports an index out of range (`report` in kernels/prelude.cl).
  void* fault();
  // Throws what was reported since it last looked. Whoever waits for the device calls it.
  void CheckFault();

  // A kernel of a program, which is compiled with these options (-D…) when the first of its kernels is used. Its text
  // is that of a file in kernels/ or, where given, what `text` makes, behind the prelude; file and options tell
  // programs apart. What is used together should be in one: starting a compiler costs more than a few kernels more.
  const Function& Kernel(const std::string& file, const std::string& kernel, const std::string& options,
                         const std::function<std::string()>& text = {});

 private:
  class Memory final : public MemorySource {
   public:
    explicit Memory(GpuDevice& device) : device_(device) {}
    void* Map(size_t bytes) override;
    void Unmap(void* data, size_t bytes) override;
    const char* name() const override { return device_.name(); }

   private:
    GpuDevice& device_;
    std::atomic<size_t> held_{0};
  };

  std::unique_ptr<Driver> driver_;
  std::string name_;
  Memory memory_;
  Pool pool_;
  std::atomic<double> fraction_{1};
  void* fault_ = nullptr;
  bool watched_ = false;  // whether a kernel that could report has run since CheckFault
  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<Program>> programs_;    // by file and options
  std::unordered_map<std::string, std::unique_ptr<Function>> functions_;  // by program and kernel
};

// All devices of this machine, found on first use.
const std::vector<GpuDevice*>& Devices();
// Why there is none.
const std::string& WhyNot();
// Where compiled programs are kept between runs; empty: nowhere.
void SetCacheFolder(const std::string& folder);

inline GpuDevice& Of(Device* device) { return *static_cast<GpuDevice*>(device); }

// The element type in kernels; bool is stored as a byte.
const char* TypeOf(DType dtype);

// The arguments of one launch.
class Arguments {
 public:
  Arguments& Address(const void* address) { return Push({address, 0}); }
  Arguments& Of(const Tensor& tensor) { return Address(tensor.data); }
  // The value must outlive the launch.
  template <class T>
  Arguments& Value(const T& value) {
    return Push({&value, sizeof value});
  }
  Arguments& Bytes(const void* data, size_t bytes) { return Push({data, bytes}); }
  const Argument* data() const { return list_; }
  int count() const { return count_; }

 private:
  static constexpr int kMost = 24;

  Arguments& Push(Argument argument) {
    list_[count_++] = argument;
    return *this;
  }

  Argument list_[kMost];
  int count_ = 0;
};

// Runs `count` work-items, or a few more, along one dim.
void LaunchItems(GpuDevice& device, const Function& function, int64_t count, const Arguments& arguments);
// Runs that many groups of `items` work-items along one dim.
void LaunchGroups(GpuDevice& device, const Function& function, int64_t groups, int items, const Arguments& arguments);

}  // namespace gb::gpu
