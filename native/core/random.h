// PyTorch's CPU generator: mt19937 with the conversions and algorithms of its distributions, so that one seed gives the
// same numbers here and there.
#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace gb {

class Generator {
 public:
  explicit Generator(uint64_t seed) { Seed(seed); }

  void Seed(uint64_t seed);
  uint32_t Random32();
  uint64_t Random64();  // two draws, the first in the high half
  double Uniform64();   // [0, 1), 53 bits
  float Uniform32();    // [0, 1), 24 bits
  // One sample of the standard normal distribution; every second one comes from the cache.
  double Normal();

  static constexpr int64_t kStateBytes = 625 * 4 + 1 + 8;
  void Save(uint8_t* state) const;
  // Throws Error when the state cannot be one of Save.
  void Restore(const uint8_t* state);

 private:
  void Refill();

  uint32_t words_[624];
  uint32_t next_;  // 624: refill first
  bool has_normal_;
  double normal_;
};

// Fill a tensor of any strides in row-major order. The dtypes are checked; Error names what is not supported.
void FillUniform(const Tensor& out, Generator* generator, double from, double to);
void FillNormal(const Tensor& out, Generator* generator, double mean, double std);
void FillIntegers(const Tensor& out, Generator* generator, double from, double to);
void FillPermutation(const Tensor& out, Generator* generator);
void FillBernoulli(const Tensor& out, Generator* generator, double p);

}  // namespace gb
