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

// What the loss and its gradient both need to know of the scores' classes; it must outlive the launch.
struct Classes {
  int64_t count, stride, weight_stride, ignore;
  int32_t mean, weighted, separate;
  Nest nest;

  Classes(const Tensor& scores, const Tensor* weight, int64_t ignored, Reduction reduction, const Nest& positions)
      : ignore(ignored),
        mean(reduction == Reduction::kMean),
        weighted(weight != nullptr),
        separate(reduction == Reduction::kNone),
        nest(positions) {
    const int dim = scores.dims > 1 ? 1 : 0;
    count = scores.sizes[dim];
    stride = scores.strides[dim] * ItemSize(scores.dtype);
    weight_stride = weight ? weight->strides[0] : 0;
  }

  void AddTo(Arguments& arguments) const {
    arguments.Value(count)
        .Value(stride)
        .Value(weight_stride)
        .Value(ignore)
        .Value(mean)
        .Value(weighted)
        .Value(separate)
        .Value(nest);
  }
};

}  // namespace

void NllLoss(const Tensor& out, const Tensor& total, const Tensor& input, const Tensor& target, const Tensor* weight,
             int64_t ignore, Reduction reduction) {
  GpuDevice& device = Of(DeviceOf(out));
  const Classes classes(input, weight, ignore, reduction, Positions(out, target, input, reduction == Reduction::kNone));
  Arguments arguments;
  arguments.Of(out).Of(total).Of(input).Of(target).Address(weight ? weight->data : nullptr).Address(device.fault());
  classes.AddTo(arguments);
  LaunchGroups(device, Variant(device, "nll", "nll", LabelOption(input, target)), 1, kItems, arguments);
}

void NllLossGradient(const Tensor& out, const Tensor& dy, const Tensor& total, const Tensor& target,
                     const Tensor* weight, int64_t ignore, Reduction reduction) {
  GpuDevice& device = Of(DeviceOf(out));
  const Classes classes(out, weight, ignore, reduction, Positions(dy, target, out, reduction == Reduction::kNone));
  Arguments arguments;
  arguments.Of(out).Of(dy).Of(total).Of(target).Address(weight ? weight->data : nullptr);
  classes.AddTo(arguments);
  LaunchItems(device, Variant(device, "nll", "nll_gradient", LabelOption(out, target)), classes.nest.count, arguments);
}

}  // namespace gb::gpu
