// The engine and the distributions. Serial by nature: each number depends on the one before. A contiguous output of at
// least 16 floats takes its normal numbers in blocks of 16 from as many uniform ones, everything else one by one, just
// as PyTorch does; an output that is not contiguous is filled in the order of its memory.
#include "core/random.h"

#include <cmath>
#include <cstring>

#include "core/errors.h"
#include "core/random_fill.h"
#include "cpu/kernels.h"

namespace gb {

namespace {

constexpr uint32_t kWords = 624;
constexpr uint32_t kShift = 397;
constexpr double kTwoPi = 6.28318530717958647692;

void RequireFloat(const Tensor& out, const char* what) {
  if (!IsFloat(out.dtype)) Throw("%s: expected a float32 or float64 tensor, found %s", what, Name(out.dtype));
}

// PyTorch's pairing in double precision: see NormalFill in cpu/normal.cc for float.
void NormalBlock(double* data, double mean, double std) {
  for (int j = 0; j < 8; j++) {
    double radius = std::sqrt(-2 * std::log(1 - data[j]));
    double angle = kTwoPi * data[j + 8];
    data[j] = radius * std::cos(angle) * std + mean;
    data[j + 8] = radius * std::sin(angle) * std + mean;
  }
}

}  // namespace

void Generator::Seed(uint64_t seed) {
  words_[0] = static_cast<uint32_t>(seed);
  for (uint32_t i = 1; i < kWords; i++) words_[i] = 1812433253u * (words_[i - 1] ^ (words_[i - 1] >> 30)) + i;
  next_ = kWords;
  has_normal_ = false;
  normal_ = 0;
}

void Generator::Refill() {
  auto twist = [](uint32_t high, uint32_t low) {
    return (((high & 0x80000000u) | (low & 0x7fffffffu)) >> 1) ^ ((low & 1u) ? 0x9908b0dfu : 0u);
  };
  uint32_t i = 0;
  for (; i < kWords - kShift; i++) words_[i] = words_[i + kShift] ^ twist(words_[i], words_[i + 1]);
  for (; i < kWords - 1; i++) words_[i] = words_[i + kShift - kWords] ^ twist(words_[i], words_[i + 1]);
  words_[i] = words_[kShift - 1] ^ twist(words_[i], words_[0]);
  next_ = 0;
}

uint32_t Generator::Random32() {
  if (next_ == kWords) Refill();
  uint32_t y = words_[next_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

uint64_t Generator::Random64() {
  uint64_t high = Random32();
  return high << 32 | Random32();
}

double Generator::Uniform64() {
  constexpr uint64_t kSize = uint64_t{1} << 53;
  return static_cast<double>(Random64() & (kSize - 1)) * (1.0 / static_cast<double>(kSize));
}

float Generator::Uniform32() {
  constexpr uint32_t kSize = 1u << 24;
  return static_cast<float>(Random32() & (kSize - 1)) * (1.0f / static_cast<float>(kSize));
}

double Generator::Normal() {
  if (has_normal_) {
    has_normal_ = false;
    return normal_;
  }
  double angle = kTwoPi * Uniform64();
  double radius = std::sqrt(-2 * std::log1p(-Uniform64()));
  normal_ = radius * std::sin(angle);
  has_normal_ = true;
  return radius * std::cos(angle);
}

void Generator::Save(uint8_t* state) const {
  std::memcpy(state, words_, sizeof words_);
  std::memcpy(state + sizeof words_, &next_, sizeof next_);
  state[kWords * 4 + 4] = has_normal_ ? 1 : 0;
  std::memcpy(state + kWords * 4 + 5, &normal_, sizeof normal_);
}

void Generator::Restore(const uint8_t* state) {
  uint32_t next;
  std::memcpy(&next, state + sizeof words_, sizeof next);
  if (next > kWords || state[kWords * 4 + 4] > 1) {
    Throw("generatorSetState: these bytes are not a generator's state (position %u of at most %u)", next, kWords);
  }
  std::memcpy(words_, state, sizeof words_);
  next_ = next;
  has_normal_ = state[kWords * 4 + 4] == 1;
  std::memcpy(&normal_, state + kWords * 4 + 5, sizeof normal_);
}

void FillUniform(const Tensor& out, Generator* generator, double from, double to) {
  RequireFloat(out, "uniform");
  if (!(from <= to)) Throw("uniform: from = %g must not be larger than to = %g", from, to);
  if (out.dtype == DType::kFloat32) {
    float low = static_cast<float>(from), range = static_cast<float>(to) - low;
    FillWith<float>(out, [&] { return std::fma(generator->Uniform32(), range, low); });
  } else {
    double range = to - from;
    FillWith<double>(out, [&] { return std::fma(generator->Uniform64(), range, from); });
  }
}

void FillNormal(const Tensor& out, Generator* generator, double mean, double std) {
  RequireFloat(out, "normal");
  if (!(std >= 0)) Throw("normal: std = %g must not be negative", std);
  int64_t count = Count(out);
  bool blocks = count >= 16 && IsContiguous(out);
  // The last 16 numbers are drawn anew when the count is not a multiple of 16.
  if (blocks && out.dtype == DType::kFloat32) {
    float* data = reinterpret_cast<float*>(out.data);
    float m = static_cast<float>(mean), s = static_cast<float>(std);
    for (int64_t i = 0; i < count; i++) {
      if (i % kFillsBetweenLooks == 0) CheckStop();
      data[i] = generator->Uniform32();
    }
    kernels().normal_fill(data, count / 16, m, s);
    if (count % 16 == 0) return;
    for (int64_t i = count - 16; i < count; i++) data[i] = generator->Uniform32();
    kernels().normal_fill(data + count - 16, 1, m, s);
  } else if (blocks) {
    double* data = reinterpret_cast<double*>(out.data);
    for (int64_t i = 0; i < count; i++) {
      if (i % kFillsBetweenLooks == 0) CheckStop();
      data[i] = generator->Uniform64();
    }
    for (int64_t i = 0; i + 16 <= count; i += 16) NormalBlock(data + i, mean, std);
    if (count % 16 == 0) return;
    for (int64_t i = count - 16; i < count; i++) data[i] = generator->Uniform64();
    NormalBlock(data + count - 16, mean, std);
  } else if (out.dtype == DType::kFloat32) {
    FillWith<float>(out, [&] { return static_cast<float>(generator->Normal() * std + mean); });
  } else {
    FillWith<double>(out, [&] { return generator->Normal() * std + mean; });
  }
}

void FillIntegers(const Tensor& out, Generator* generator, double from, double to) {
  constexpr double kExact = 9007199254740992.0;
  if (!(from < to) || from < -kExact || to > kExact || from != std::trunc(from) || to != std::trunc(to)) {
    Throw("randint: expected whole numbers from < to within ±2^53, found from = %g, to = %g", from, to);
  }
  int64_t base = static_cast<int64_t>(from);
  uint64_t range = static_cast<uint64_t>(static_cast<int64_t>(to) - base);
  // Larger ranges take 64 bits, so that the remainder stays even.
  bool wide = range >= (uint64_t{1} << 28);
  auto next = [&] {
    uint64_t word = wide ? generator->Random64() : generator->Random32();
    return static_cast<int64_t>(word % range) + base;
  };
  switch (out.dtype) {
    case DType::kFloat32:
      return FillWith<float>(out, [&] { return static_cast<float>(next()); });
    case DType::kFloat64:
      return FillWith<double>(out, [&] { return static_cast<double>(next()); });
    case DType::kInt32:
      return FillWith<int32_t>(out, [&] { return static_cast<int32_t>(next()); });
    case DType::kInt64:
      return FillWith<int64_t>(out, next);
    case DType::kUint8:
      return FillWith<uint8_t>(out, [&] { return static_cast<uint8_t>(next()); });
    case DType::kBool:
      return FillWith<uint8_t>(out, [&] { return static_cast<uint8_t>(next() != 0); });
  }
}

namespace {

template <class T>
void Permute(const Tensor& out, Generator* generator) {
  T* data = reinterpret_cast<T*>(out.data);
  int64_t n = out.sizes[0], stride = out.strides[0];
  for (int64_t i = 0; i < n; i++) {
    if (i % kFillsBetweenLooks == 0) CheckStop();
    data[i * stride] = static_cast<T>(i);
  }
  for (int64_t i = 0; i < n - 1; i++) {
    if (i % kFillsBetweenLooks == 0) CheckStop();
    int64_t other = i + static_cast<int64_t>(generator->Random32() % static_cast<uint64_t>(n - i));
    T kept = data[i * stride];
    data[i * stride] = data[other * stride];
    data[other * stride] = kept;
  }
}

}  // namespace

void FillPermutation(const Tensor& out, Generator* generator) {
  if (out.dims != 1) Throw("randperm: expected a 1-D tensor, found sizes %s", Sizes(out).c_str());
  switch (out.dtype) {
    case DType::kFloat32:
      return Permute<float>(out, generator);
    case DType::kFloat64:
      return Permute<double>(out, generator);
    case DType::kInt32:
      return Permute<int32_t>(out, generator);
    case DType::kInt64:
      return Permute<int64_t>(out, generator);
    case DType::kUint8:
      return Permute<uint8_t>(out, generator);
    case DType::kBool:
      Throw("randperm: a bool tensor cannot hold indices");
  }
}

void FillBernoulli(const Tensor& out, Generator* generator, double p) {
  if (!(p >= 0 && p <= 1)) Throw("bernoulli: p = %g is not a probability; expected 0 to 1", p);
  auto next = [&] { return generator->Uniform64() < p; };
  switch (out.dtype) {
    case DType::kFloat32:
      return FillWith<float>(out, [&] { return next() ? 1.0f : 0.0f; });
    case DType::kFloat64:
      return FillWith<double>(out, [&] { return next() ? 1.0 : 0.0; });
    case DType::kInt32:
      return FillWith<int32_t>(out, [&] { return next() ? 1 : 0; });
    case DType::kInt64:
      return FillWith<int64_t>(out, [&] { return int64_t{next()}; });
    case DType::kUint8:
    case DType::kBool:
      return FillWith<uint8_t>(out, [&] { return static_cast<uint8_t>(next()); });
  }
}

}  // namespace gb
