// Fused optimizer steps.
#include <cmath>

#include "gpu/device.h"
#include "gpu/structural.h"

namespace gb::gpu {

namespace {

template <class T>
void SgdTyped(GpuDevice& device, const Function& function, const SgdParameter& p, int64_t count, const SgdOptions& o) {
  const T sign = o.maximize ? -1 : 1, decay = static_cast<T>(o.weight_decay), lr = static_cast<T>(o.lr),
          keep = static_cast<T>(o.momentum), take = static_cast<T>(1 - o.dampening),
          ahead = o.nesterov ? static_cast<T>(o.momentum) : T(1), direct = o.nesterov ? 1 : 0;
  const int32_t first = o.first, with_state = p.momentum != nullptr;
  Arguments arguments;
  arguments.Address(p.param).Address(p.grad).Address(p.momentum).Value(count);
  for (const T* number : {&sign, &decay, &lr, &keep, &take, &ahead, &direct}) arguments.Value(*number);
  arguments.Value(first).Value(with_state);
  LaunchItems(device, function, count, arguments);
}

template <class T>
void AdamTyped(GpuDevice& device, const Function& function, const AdamParameter& p, int64_t count,
               const AdamOptions& o) {
  const T step_size = static_cast<T>(o.lr / (1 - std::pow(o.beta1, o.step))),
          root2 = static_cast<T>(std::sqrt(1 - std::pow(o.beta2, o.step))), sign = o.maximize ? -1 : 1,
          decay = static_cast<T>(o.decoupled ? 0 : o.weight_decay),
          shrink = static_cast<T>(o.decoupled ? 1 - o.lr * o.weight_decay : 1), weight1 = static_cast<T>(1 - o.beta1),
          beta2 = static_cast<T>(o.beta2), weight2 = static_cast<T>(1 - o.beta2), eps = static_cast<T>(o.eps);
  Arguments arguments;
  arguments.Address(p.param).Address(p.grad).Address(p.exp_avg).Address(p.exp_avg_sq).Address(p.max_exp_avg_sq);
  arguments.Value(count);
  for (const T* number : {&step_size, &root2, &sign, &decay, &shrink, &weight1, &beta2, &weight2, &eps}) {
    arguments.Value(*number);
  }
  const int32_t with_state = p.max_exp_avg_sq != nullptr;
  arguments.Value(with_state);
  LaunchItems(device, function, count, arguments);
}

}  // namespace

void Sgd(Device* on, const SgdParameter& parameter, DType dtype, int64_t count, const SgdOptions& options) {
  GpuDevice& device = Of(on);
  const Function& function = device.Kernel("optim", "sgd", std::string(" -DT=") + TypeOf(dtype));
  (dtype == DType::kFloat32 ? SgdTyped<float> : SgdTyped<double>)(device, function, parameter, count, options);
}

void Adam(Device* on, const AdamParameter& parameter, DType dtype, int64_t count, const AdamOptions& options) {
  GpuDevice& device = Of(on);
  const Function& function = device.Kernel("optim", "adam", std::string(" -DT=") + TypeOf(dtype));
  (dtype == DType::kFloat32 ? AdamTyped<float> : AdamTyped<double>)(device, function, parameter, count, options);
}

}  // namespace gb::gpu
