// Devices and their programs. A program's binary is kept in a file named after a hash of device, driver, source and
// options; it is written under a temporary name and renamed, so several processes can share the folder, and one that
// the driver refuses is compiled again.
#include "gpu/device.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/errors.h"

namespace gb::gpu {

namespace {

const Source kSources[] = {
#include "gpu_kernels.inc"
};

std::string cache_folder;

// FNV-1a; what it names is compared by nothing else, so 64 bits are kept.
uint64_t Hash(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3ULL;
  return hash;
}

// Drivers may crash on a damaged program, so a file begins with the hash of the rest.
constexpr size_t kHashBytes = 16;

std::string HashText(const std::string& text) {
  char digits[kHashBytes + 1];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(Hash(text)));
  return digits;
}

std::string CacheFile(const Properties& p, const std::string& source, const std::string& options) {
  if (cache_folder.empty()) return {};
  return cache_folder + "/" + HashText(p.name + '\n' + p.driver + '\n' + p.interface + '\n' + options + source) +
         ".program";
}

std::string ReadFile(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  std::ostringstream stream;
  stream << file.rdbuf();
  const std::string text = stream.str();
  if (text.size() <= kHashBytes || text.compare(0, kHashBytes, HashText(text.substr(kHashBytes))) != 0) return {};
  return text.substr(kHashBytes);
}

// Failing to keep a program costs time at the next start, nothing else.
void WriteFile(const std::string& path, const std::string& text) {
  if (path.empty() || text.empty()) return;
  static std::atomic<int> count{0};
  const std::string temporary = path + "." + std::to_string(getpid()) + "." + std::to_string(count++);
  {
    std::ofstream file(temporary, std::ios::binary);
    file << HashText(text) << text;
    if (!file.flush()) return void(std::remove(temporary.c_str()));
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) std::remove(temporary.c_str());
}

struct Found {
  std::vector<GpuDevice*> devices;
  std::string why;
};

// Never destroyed: storages may outlive static destructors.
const Found& Search() {
  static const Found* found = [] {
    Found* all = new Found;
    for (auto& driver : OpenClDevices(&all->why)) {
      all->devices.push_back(new GpuDevice(std::move(driver), static_cast<int>(all->devices.size())));
    }
    if (!all->devices.empty()) all->why.clear();
    return all;
  }();
  return *found;
}

}  // namespace

const char* SourceOf(const char* name) {
  for (const Source& source : kSources) {
    if (std::strcmp(source.name, name) == 0) return source.text;
  }
  Throw("there is no kernel source %s", name);
}

const std::vector<GpuDevice*>& Devices() { return Search().devices; }
const std::string& WhyNot() { return Search().why; }

void SetCacheFolder(const std::string& folder) { cache_folder = folder; }

GpuDevice::GpuDevice(std::unique_ptr<Driver> driver, int index)
    : driver_(std::move(driver)), name_("gpu:" + std::to_string(index)), memory_(*this), pool_(memory_) {}

void* GpuDevice::Memory::Map(size_t bytes) {
  const double most = device_.fraction_ * static_cast<double>(device_.properties().memory);
  if (static_cast<double>(held_ + bytes) > most) return nullptr;
  void* data = device_.driver_->Reserve(bytes);
  if (data) held_ += bytes;
  return data;
}

void GpuDevice::Memory::Unmap(void* data, size_t bytes) {
  held_ -= bytes;
  device_.driver_->Return(data, bytes);
}

void* GpuDevice::fault() {
  if (!fault_) {
    const int64_t none[4] = {};
    fault_ = pool_.Allocate(sizeof none).data;
    driver_->Upload(fault_, none, sizeof none);
  }
  watched_ = true;
  return fault_;
}

void GpuDevice::CheckFault() {
  static const char* const names[] = {"",         "nllLoss",      "indexSelect", "gather", "scatter", "indexWrite",
                                      "bincount", "searchsorted", "resample",    "taps",   "pooling"};
  if (!watched_) return;
  watched_ = false;
  int64_t found[4];
  driver_->Download(found, fault_, sizeof found);
  if (found[0] == 0) return;
  const int64_t none[4] = {};
  driver_->Upload(fault_, none, sizeof none);
  ThrowRange(
      "%s on %s: index[%lld] is %lld, expected 0 to %lld. A device reports this when its values are read: the "
      "operation ran earlier",
      names[found[0]], name(), static_cast<long long>(found[1]), static_cast<long long>(found[2]),
      static_cast<long long>(found[3] - 1));
}

const Function& GpuDevice::Kernel(const std::string& file, const std::string& kernel, const std::string& options,
                                  const std::function<std::string()>& text) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string name = file + options;
  auto& function = functions_[name + '/' + kernel];
  if (function) return *function;
  auto& program = programs_[name];
  if (!program) {
    const std::string source = std::string(SourceOf("prelude")) + (text ? text() : std::string(SourceOf(file.c_str())));
    const std::string all = std::string("-cl-std=CL1.2 ") +
                            (properties().float64 ? "-DFLOAT64=1" : "-DFLOAT64=0 -cl-single-precision-constant") +
                            options;
    const std::string path = CacheFile(properties(), source, all);
    std::string binary = ReadFile(path);
    const std::string known = binary;
    program = driver_->Compile(source, all, path.empty() ? nullptr : &binary);
    if (binary != known) WriteFile(path, binary);
  }
  function = driver_->Find(*program, kernel.c_str());
  return *function;
}

const char* TypeOf(DType dtype) {
  static const char* const names[kDTypes] = {"float", "double", "int", "long", "uchar", "uchar"};
  return names[static_cast<int>(dtype)];
}

namespace {

constexpr int kItems = 256;

}  // namespace

void LaunchItems(GpuDevice& device, const Function& function, int64_t count, const Arguments& arguments) {
  if (count <= 0) return;
  const int items = std::min({kItems, function.max_group, device.properties().max_group});
  LaunchGroups(device, function, (count + items - 1) / items, items, arguments);
}

void LaunchGroups(GpuDevice& device, const Function& function, int64_t groups, int items, const Arguments& arguments) {
  if (groups <= 0) return;
  const size_t group_count = static_cast<size_t>(groups), item_count = static_cast<size_t>(items);
  device.driver().Launch(function, 1, &group_count, &item_count, arguments.data(), arguments.count());
}

}  // namespace gb::gpu
