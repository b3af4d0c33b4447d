// Each sample is a function of uniform or normal numbers in double. Poisson and binomial variables with large means
// come from Hörmann's transformed rejection (1993), small ones from products of uniform and sums of geometric numbers.
#include "core/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/errors.h"
#include "core/random_fill.h"

namespace gb {

namespace {

constexpr double kPi = 3.14159265358979323846;

// Calls next() for every element and stores it in the tensor's dtype.
template <class F>
void FillNumbers(const Tensor& out, const F& next) {
  switch (out.dtype) {
    case DType::kFloat32:
      return FillWith<float>(out, [&] { return static_cast<float>(next()); });
    case DType::kFloat64:
      return FillWith<double>(out, [&] { return static_cast<double>(next()); });
    case DType::kInt32:
      return FillWith<int32_t>(out, [&] { return static_cast<int32_t>(next()); });
    case DType::kInt64:
      return FillWith<int64_t>(out, [&] { return static_cast<int64_t>(next()); });
    case DType::kUint8:
      return FillWith<uint8_t>(out, [&] { return static_cast<uint8_t>(next()); });
    case DType::kBool:
      return FillWith<uint8_t>(out, [&] { return static_cast<uint8_t>(next() != 0); });
  }
}

void RequireFloat(const Tensor& out, const char* what) {
  if (!IsFloat(out.dtype)) Throw("%s: expected a float32 or float64 tensor, found %s", what, Name(out.dtype));
}

int64_t Poisson(double rate, Generator* generator) {
  if (rate < 10) {
    const double limit = std::exp(-rate);
    int64_t count = 0;
    if (rate == 0) return count;
    for (double product = generator->Uniform64(); product > limit; product *= generator->Uniform64()) count++;
    return count;
  }
  const double root = std::sqrt(rate), log_rate = std::log(rate);
  const double b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = generator->Uniform64() - 0.5, v = generator->Uniform64();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= v_r) return static_cast<int64_t>(k);
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <=
        -rate + k * log_rate - std::lgamma(k + 1)) {
      return static_cast<int64_t>(k);
    }
  }
}

// What Stirling's formula lacks of ln k!.
double StirlingRest(double k) {
  static const double exact[] = {0.0810614667953272,  0.0413406959554092, 0.0276779256849983, 0.0207906721037650,
                                 0.0166446911898211,  0.0138761288230707, 0.0118967099458917, 0.0104112652619720,
                                 0.00925546218271273, 0.00833056343336287};
  if (k <= 9) return exact[static_cast<int>(k)];
  const double next = k + 1, square = next * next;
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / next;
}

double BinomialByRejection(double n, double p, Generator* generator) {
  const double deviation = std::sqrt(n * p * (1 - p));
  const double b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * p, c = n * p + 0.5;
  const double v_r = 0.92 - 4.2 / b, ratio = p / (1 - p), alpha = (2.83 + 5.1 / b) * deviation;
  const double mode = std::floor((n + 1) * p);
  for (;;) {
    const double u = generator->Uniform64() - 0.5;
    double v = generator->Uniform64();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + c);
    if (us >= 0.07 && v <= v_r) return k;
    if (k < 0 || k > n) continue;
    v = std::log(v * alpha / (a / (us * us) + b));
    const double bound = (mode + 0.5) * std::log((mode + 1) / (ratio * (n - mode + 1))) +
                         (n + 1) * std::log((n - mode + 1) / (n - k + 1)) +
                         (k + 0.5) * std::log(ratio * (n - k + 1) / (k + 1)) + StirlingRest(mode) +
                         StirlingRest(n - mode) - StirlingRest(k) - StirlingRest(n - k);
    if (v <= bound) return k;
  }
}

double BinomialByGaps(double n, double p, Generator* generator) {
  const double log_miss = std::log1p(-p);
  double successes = 0;
  for (double trials = 0;; successes++) {
    trials += std::ceil(std::log(generator->Uniform64()) / log_miss);
    if (trials > n) return successes;
  }
}

double Binomial(double n, double p, Generator* generator) {
  if (std::isnan(p)) return p;
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  const double rarer = p <= 0.5 ? p : 1 - p;
  const double found = n * rarer >= 10 ? BinomialByRejection(n, rarer, generator) : BinomialByGaps(n, rarer, generator);
  return p <= 0.5 ? found : n - found;
}

void RequireParameters(const Tensor& out, const Tensor& parameters, const char* what) {
  RequireFloat(out, what);
  RequireSameDType(out, parameters, what);
  if (!SameSizes(out, parameters) || !IsContiguous(out) || !IsContiguous(parameters)) {
    Throw("%s: expected contiguous tensors of the same sizes, found %s and %s", what, Sizes(out).c_str(),
          Sizes(parameters).c_str());
  }
}

// Calls body with a typed null pointer for the floating dtype.
template <class F>
void ForFloat(DType dtype, const F& body) {
  if (dtype == DType::kFloat32) {
    body(float{});
  } else {
    body(double{});
  }
}

template <class T>
void DrawCategories(const Tensor& out, Generator* generator, const Tensor& weights) {
  const int64_t rows = weights.sizes[0], categories = weights.sizes[1], draws = out.sizes[1];
  std::vector<T> reached(static_cast<size_t>(categories));
  for (int64_t row = 0; row < rows; row++) {
    const T* weight = reinterpret_cast<const T*>(weights.data) + row * categories;
    T sum = 0;
    for (int64_t i = 0; i < categories; i++) {
      if (!(weight[i] >= 0) || std::isinf(weight[i])) {
        ThrowRange("multinomial: weight %g at position %lld of row %lld is negative, infinite or NaN",
                   static_cast<double>(weight[i]), static_cast<long long>(i), static_cast<long long>(row));
      }
      sum += weight[i];
      reached[static_cast<size_t>(i)] = sum;
    }
    if (!(sum > 0)) ThrowRange("multinomial: the weights of row %lld sum to 0", static_cast<long long>(row));
    for (T& value : reached) value /= sum;
    reached.back() = 1;
    int64_t* drawn = reinterpret_cast<int64_t*>(out.data) + row * draws;
    for (int64_t i = 0; i < draws; i++) {
      if (i % kFillsBetweenLooks == 0) CheckStop();
      const double uniform = generator->Uniform64();
      drawn[i] = std::lower_bound(reached.begin(), reached.end(), uniform,
                                  [](T value, double wanted) { return static_cast<double>(value) < wanted; }) -
                 reached.begin();
    }
  }
}

}  // namespace

void FillExponential(const Tensor& out, Generator* generator, double lambda) {
  RequireFloat(out, "exponential");
  if (!(lambda >= 0)) Throw("exponential: lambda = %g must not be negative", lambda);
  FillNumbers(out, [&] { return -1.0 / lambda * std::log1p(-generator->Uniform64()); });
}

void FillGeometric(const Tensor& out, Generator* generator, double p) {
  if (!(p > 0 && p < 1)) Throw("geometric: p = %g must lie between 0 and 1", p);
  FillNumbers(out, [&] { return std::ceil(std::log(generator->Uniform64()) / std::log1p(-p)); });
}

void FillCauchy(const Tensor& out, Generator* generator, double median, double sigma) {
  RequireFloat(out, "cauchy");
  if (!(sigma > 0)) Throw("cauchy: sigma = %g must be positive", sigma);
  constexpr double kEdge = std::numeric_limits<double>::epsilon();
  FillNumbers(out, [&] {
    const double uniform = std::min(std::max(generator->Uniform64(), kEdge), 1 - kEdge);
    return median + sigma * std::tan(kPi * (uniform - 0.5));
  });
}

void FillLogNormal(const Tensor& out, Generator* generator, double mean, double std) {
  RequireFloat(out, "logNormal");
  if (!(std > 0)) Throw("logNormal: std = %g must be positive", std);
  FillNumbers(out, [&] { return std::exp(generator->Normal() * std + mean); });
}

void FillAnyInteger(const Tensor& out, Generator* generator) {
  auto modulo = [&](uint64_t range) {
    return FillNumbers(out, [generator, range] { return static_cast<int64_t>(generator->Random32() % range); });
  };
  switch (out.dtype) {
    case DType::kFloat32:
      return modulo((uint64_t{1} << 24) + 1);
    case DType::kFloat64:
      return FillNumbers(out, [&] { return static_cast<double>(generator->Random64() % ((uint64_t{1} << 53) + 1)); });
    case DType::kInt32:
      return modulo(uint64_t{1} << 31);
    case DType::kInt64:
      return FillNumbers(out, [&] { return static_cast<int64_t>(generator->Random64() % (uint64_t{1} << 63)); });
    case DType::kUint8:
      return modulo(uint64_t{1} << 8);
    case DType::kBool:
      return modulo(2);
  }
}

void FillPoisson(const Tensor& out, Generator* generator, const Tensor& rates) {
  RequireParameters(out, rates, "poisson");
  ForFloat(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* rate = reinterpret_cast<const T*>(rates.data);
    T* to = reinterpret_cast<T*>(out.data);
    for (int64_t i = 0; i < Count(out); i++) {
      if (i % kFillsBetweenLooks == 0) CheckStop();
      const double value = static_cast<double>(rate[i]);
      if (!(value >= 0) || std::isinf(value)) {
        ThrowRange("poisson: rate %g at position %lld is negative, infinite or NaN", value, static_cast<long long>(i));
      }
      to[i] = static_cast<T>(Poisson(value, generator));
    }
  });
}

void FillBinomial(const Tensor& out, Generator* generator, const Tensor& counts, const Tensor& probabilities) {
  RequireParameters(out, counts, "binomial");
  RequireParameters(out, probabilities, "binomial");
  ForFloat(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* n = reinterpret_cast<const T*>(counts.data);
    const T* p = reinterpret_cast<const T*>(probabilities.data);
    T* to = reinterpret_cast<T*>(out.data);
    for (int64_t i = 0; i < Count(out); i++) {
      if (i % kFillsBetweenLooks == 0) CheckStop();
      if (std::isnan(n[i]) || std::isinf(n[i])) {
        ThrowRange("binomial: count %g at position %lld is infinite or NaN", static_cast<double>(n[i]),
                   static_cast<long long>(i));
      }
      to[i] = static_cast<T>(Binomial(static_cast<double>(n[i]), static_cast<double>(p[i]), generator));
    }
  });
}

void FillBernoulliOf(const Tensor& out, Generator* generator, const Tensor& probabilities) {
  RequireParameters(out, probabilities, "bernoulli");
  ForFloat(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* p = reinterpret_cast<const T*>(probabilities.data);
    T* to = reinterpret_cast<T*>(out.data);
    for (int64_t i = 0; i < Count(out); i++) {
      if (i % kFillsBetweenLooks == 0) CheckStop();
      if (!(p[i] >= 0 && p[i] <= 1)) {
        ThrowRange("bernoulli: %g at position %lld is no probability: expected 0 to 1", static_cast<double>(p[i]),
                   static_cast<long long>(i));
      }
      if constexpr (sizeof(T) == 4) {
        to[i] = generator->Uniform32() < p[i] ? 1.0f : 0.0f;
      } else {
        to[i] = generator->Uniform64() < p[i] ? 1.0 : 0.0;
      }
    }
  });
}

void FillMultinomial(const Tensor& out, Generator* generator, const Tensor& weights) {
  RequireFloat(weights, "multinomial");
  if (weights.dims != 2 || out.dims != 2 || out.sizes[0] != weights.sizes[0] || weights.sizes[1] == 0 ||
      out.dtype != DType::kInt64 || !IsContiguous(out) || !IsContiguous(weights)) {
    Throw(
        "multinomial: expected contiguous weights [rows, categories] and int64 draws [rows, n], found sizes %s and "
        "%s",
        Sizes(weights).c_str(), Sizes(out).c_str());
  }
  if (weights.dtype == DType::kFloat32) {
    DrawCategories<float>(out, generator, weights);
  } else {
    DrawCategories<double>(out, generator, weights);
  }
}

}  // namespace gb
