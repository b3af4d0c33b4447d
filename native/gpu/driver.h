// What the device asks of a driver interface such as OpenCL: memory at addresses, transfers, programs, launches
// on one in-order queue. Nothing waits but Download and Finish.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gb::gpu {

struct Properties {
  std::string name;
  std::string vendor;
  std::string driver;  // its version
  std::string interface;
  int64_t memory;     // bytes
  int64_t local;      // bytes that a work-group shares
  int64_t max_block;  // bytes of one allocation
  int compute_units;
  int max_group;  // work-items
  bool float64;
  bool is_gpu;  // false for a processor behind the same interface
};

// Compiled kernels, found by their names; neither is ever freed.
struct Program {
  virtual ~Program() = default;
};
struct Function {
  virtual ~Function() = default;
  int max_group = 1;
};

// An argument of a kernel: bytes as they are, or an address in device memory, which takes two parameters (POINTER in
// kernels/prelude.cl).
struct Argument {
  const void* data;
  size_t bytes;  // 0: an address
};

class Driver {
 public:
  virtual ~Driver() = default;

  virtual const Properties& properties() const = 0;

  // Addresses can be counted on from, as pointers can, within one block; they mean nothing to the processor.
  // Null when the device has no room.
  virtual void* Reserve(size_t bytes) = 0;
  virtual void Return(void* address, size_t bytes) = 0;

  // Later commands see what was uploaded; `from` may be reused at once.
  virtual void Upload(void* to, const void* from, size_t bytes) = 0;
  virtual void Download(void* to, const void* from, size_t bytes) = 0;

  // `binary`, which may be null, holds what an earlier run compiled, or is empty, and receives what was compiled.
  // Throws Error with the compiler's messages.
  virtual std::unique_ptr<Program> Compile(const std::string& source, const std::string& options,
                                           std::string* binary) = 0;
  virtual std::unique_ptr<Function> Find(const Program& program, const char* kernel) = 0;
  // groups · items work-items along each of `dims` dims.
  virtual void Launch(const Function& function, int dims, const size_t* groups, const size_t* items,
                      const Argument* arguments, int count) = 0;

  // Seconds on the device's clock at this point of the queue: what is returned is asked for its value later.
  virtual uint64_t Mark() = 0;
  virtual double Seconds(uint64_t from, uint64_t to) = 0;
  virtual void Finish() = 0;
  // For tests: from now on the device answers as one that was lost.
  virtual void Lose() = 0;
};

// All devices that OpenCL offers, graphics cards first; empty with the reason in `why`.
std::vector<std::unique_ptr<Driver>> OpenClDevices(std::string* why);

}  // namespace gb::gpu
