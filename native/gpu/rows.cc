// Softmax and negative log likelihood.
#include "core/errors.h"
#include "core/loop.h"
#include "gpu/device.h"
#include "gpu/elementwise.h"
#include "gpu/nest.h"
#include "gpu/structural.h"
#include "gpu/temporary.h"

namespace gb::gpu {

namespace {

constexpr int kItems = 128;

const Function& Variant(GpuDevice& device, const char* file, const char* kernel, const std::string& options) {
  return device.Kernel(file, kernel, options + " -DGROUP_ITEMS=" + std::to_string(kItems));
}

std::string TypeOption(const Tensor& tensor) { return std::string(" -DT=") + TypeOf(tensor.dtype); }

}  // namespace

void Softmax(const Tensor& out, const Tensor& a, int dim, bool log) {
  GpuDevice& device = Of(DeviceOf(out));
  const int32_t in_logs = log;
  const Dense from(a, true), to(out, false);
  const Lines lines = LinesOf(*to, dim, "softmax");
  Arguments arguments;
  arguments.Of(*to).Of(*from).Value(lines.length).Value(lines.inner).Value(in_logs);
  LaunchGroups(device, Variant(device, "rows", "softmax", TypeOption(out)), lines.count(), kItems, arguments);
  to.WriteBack();
}

void SoftmaxGradient(const Tensor& out, const Tensor& dy, const Tensor& y, int dim, bool log) {
  GpuDevice& device = Of(DeviceOf(out));
  const int32_t in_logs = log;
  const Dense gradient(dy, true), result(y, true), to(out, false);
  const Lines lines = LinesOf(*to, dim, "softmax");
  Arguments arguments;
  arguments.Of(*to).Of(*gradient).Of(*result).Value(lines.length).Value(lines.inner).Value(in_logs);
  LaunchGroups(device, Variant(device, "rows", "softmax_gradient", TypeOption(out)), lines.count(), kItems, arguments);
  to.WriteBack();
}

namespace {

// The target's positions; operand 0 is the loss (walked like the target when there is one for each), 2 the input
// without its class dim.
Nest Positions(const Tensor& loss, const Tensor& target, const Tensor& input, bool each) {
  const int class_dim = input.dims > 1 ? 1 : 0;
  Nest nest{};
  nest.count = Count(target);
  nest.dims = target.dims;
  for (int i = 0; i < target.dims; i++) {
    const int dim = target.dims - 1 - i;
    const int own = dim < class_dim ? dim : dim + 1;
    nest.sizes[i] = target.sizes[dim];
    nest.strides[0][i] = each ? loss.strides[dim] * ItemSize(loss.dtype) : 0;
    nest.strides[1][i] = target.strides[dim] * ItemSize(target.dtype);
    nest.strides[2][i] = input.strides[own] * ItemSize(input.dtype);
  }
  return nest;
}

std::string LabelOption(const Tensor& input, const Tensor& target) {
  return TypeOption(input) + " -DLABEL=" + TypeOf(target.dtype);
}

}  // namespace

void NllLoss(const Tensor& out, const Tensor& total, const Tensor& input, const Tensor& target, const Tensor* weight,
             int64_t ignore, Reduction reduction) {
  GpuDevice& device = Of(DeviceOf(out));
  const bool each = reduction == Reduction::kNone;
  const Nest nest = Positions(out, target, input, each);
  const int class_dim = input.dims > 1 ? 1 : 0;
  const int64_t classes = input.sizes[class_dim], stride = input.strides[class_dim] * ItemSize(input.dtype),
                weight_stride = weight ? weight->strides[0] : 0;
  const int32_t mean = reduction == Reduction::kMean, weighted = weight != nullptr, separate = each;
  Arguments arguments;
  arguments.Of(out).Of(total).Of(input).Of(target).Address(weight ? weight->data : nullptr).Address(device.fault());
  arguments.Value(classes)
      .Value(stride)
      .Value(weight_stride)
      .Value(ignore)
      .Value(mean)
      .Value(weighted)
      .Value(separate)
      .Value(nest);
  LaunchGroups(device, Variant(device, "nll", "nll", LabelOption(input, target)), 1, kItems, arguments);
}

void NllLossGradient(const Tensor& out, const Tensor& dy, const Tensor& total, const Tensor& target,
                     const Tensor* weight, int64_t ignore, Reduction reduction) {
  GpuDevice& device = Of(DeviceOf(out));
  const bool each = reduction == Reduction::kNone;
  const Nest nest = Positions(dy, target, out, each);
  const int class_dim = out.dims > 1 ? 1 : 0;
  const int64_t classes = out.sizes[class_dim], stride = out.strides[class_dim] * ItemSize(out.dtype),
                weight_stride = weight ? weight->strides[0] : 0;
  const int32_t mean = reduction == Reduction::kMean, weighted = weight != nullptr, separate = each;
  Arguments arguments;
  arguments.Of(out).Of(dy).Of(total).Of(target).Address(weight ? weight->data : nullptr);
  arguments.Value(classes)
      .Value(stride)
      .Value(weight_stride)
      .Value(ignore)
      .Value(mean)
      .Value(weighted)
      .Value(separate)
      .Value(nest);
  LaunchItems(device, Variant(device, "nll", "nll_gradient", LabelOption(out, target)), nest.count, arguments);
}

}  // namespace gb::gpu
