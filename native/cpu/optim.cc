// Fused optimizer steps: one pass over a parameter, its gradient and its state, with PyTorch's formulas in PyTorch's
// order of operations. The caller cuts the parameters into chunks for the threads. Limited by memory.
#include "cpu/isa.h"
#include "cpu/tables.h"
#include "cpu/vmath.h"

namespace gb {
namespace GB_ISA {
namespace {

template <class T>
void SgdTyped(const SgdParameter& p, int64_t begin, int64_t end, const SgdOptions& o) {
  T* param = static_cast<T*>(p.param);
  const T* grad = static_cast<const T*>(p.grad);
  T* buffer = static_cast<T*>(p.momentum);
  const T sign = o.maximize ? T(-1) : T(1);
  const T decay = static_cast<T>(o.weight_decay), lr = static_cast<T>(o.lr);
  if (!buffer) {
    GB_INDEPENDENT
    for (int64_t i = begin; i < end; i++) {
      T d = grad[i] * sign + decay * param[i];
      param[i] -= lr * d;
    }
    return;
  }
  // The first step takes the gradient itself, without dampening.
  const T keep = o.first ? T(0) : static_cast<T>(o.momentum);
  const T take = o.first ? T(1) : static_cast<T>(1 - o.dampening);
  const T ahead = o.nesterov ? static_cast<T>(o.momentum) : T(1);
  const T direct = o.nesterov ? T(1) : T(0);
  const bool first = o.first;
  GB_INDEPENDENT
  for (int64_t i = begin; i < end; i++) {
    T d = grad[i] * sign + decay * param[i];
    T b = first ? d : keep * buffer[i] + take * d;
    buffer[i] = b;
    param[i] -= lr * (direct * d + ahead * b);
  }
}

template <class T, bool kAmsgrad>
void AdamTyped(const AdamParameter& p, int64_t begin, int64_t end, const AdamOptions& o) {
  T* param = static_cast<T*>(p.param);
  const T* grad = static_cast<const T*>(p.grad);
  T* average = static_cast<T*>(p.exp_avg);
  T* square = static_cast<T*>(p.exp_avg_sq);
  T* largest = static_cast<T*>(p.max_exp_avg_sq);
  const double correction1 = 1 - __builtin_pow(o.beta1, o.step);
  const double correction2 = 1 - __builtin_pow(o.beta2, o.step);
  const T step_size = static_cast<T>(o.lr / correction1);
  const T root2 = static_cast<T>(__builtin_sqrt(correction2));
  const T sign = o.maximize ? T(-1) : T(1);
  const T decay = static_cast<T>(o.decoupled ? 0 : o.weight_decay);
  const T shrink = static_cast<T>(o.decoupled ? 1 - o.lr * o.weight_decay : 1);
  const T weight1 = static_cast<T>(1 - o.beta1), beta2 = static_cast<T>(o.beta2);
  const T weight2 = static_cast<T>(1 - o.beta2), eps = static_cast<T>(o.eps);
  GB_INDEPENDENT
  for (int64_t i = begin; i < end; i++) {
    T w = param[i] * shrink;
    T g = grad[i] * sign + decay * w;
    T m = average[i] + weight1 * (g - average[i]);
    T v = square[i] * beta2 + weight2 * g * g;
    average[i] = m;
    square[i] = v;
    if (kAmsgrad) {
      v = maximum(largest[i], v);
      largest[i] = v;
    }
    param[i] = w - step_size * (m / (sqrt(v) / root2 + eps));
  }
}

}  // namespace

void Sgd(const SgdParameter& parameter, DType dtype, int64_t begin, int64_t end, const SgdOptions& options) {
  if (dtype == DType::kFloat32) {
    SgdTyped<float>(parameter, begin, end, options);
  } else {
    SgdTyped<double>(parameter, begin, end, options);
  }
}

void Adam(const AdamParameter& parameter, DType dtype, int64_t begin, int64_t end, const AdamOptions& options) {
  const bool amsgrad = parameter.max_exp_avg_sq != nullptr;
  if (dtype == DType::kFloat32) {
    (amsgrad ? AdamTyped<float, true> : AdamTyped<float, false>)(parameter, begin, end, options);
  } else {
    (amsgrad ? AdamTyped<double, true> : AdamTyped<double, false>)(parameter, begin, end, options);
  }
}

}  // namespace GB_ISA
}  // namespace gb
