// Normalisation and its gradients: statistics of each set of elements first, then every element on its own.
#include "gpu/device.h"
#include "gpu/nest.h"
#include "gpu/structural.h"
#include "gpu/temporary.h"

namespace gb::gpu {

namespace {

constexpr int kItems = 256;

struct Launch {
  GpuDevice& device;
  std::string options;
  NormShape shape;

  Launch(Device* on, DType dtype, const NormSizes& s, int64_t groups, bool by_channel)
      : device(Of(on)),
        options(std::string(" -DT=") + TypeOf(dtype) + " -DGROUP_ITEMS=" + std::to_string(kItems)),
        shape{s.samples, s.channels, s.inner, groups, by_channel, 0} {}

  int64_t sets() const { return shape.by_channel ? shape.channels : shape.samples * shape.groups; }
  const Function& Kernel(const char* name) const { return device.Kernel("norm", name, options); }
  void ForGroups(const char* name, int64_t groups, const Arguments& arguments) const {
    LaunchGroups(device, Kernel(name), groups, kItems, arguments);
  }
  void ForElements(const char* name, const Arguments& arguments) const {
    LaunchItems(device, Kernel(name), shape.samples * shape.channels * shape.inner, arguments);
  }
};

// A number as the kernels' REAL.
class Real {
 public:
  Real(const GpuDevice& device, double value) : wide_(value), narrow_(static_cast<float>(value)) {
    is_wide_ = device.properties().float64;
  }
  void AddTo(Arguments* arguments) const { is_wide_ ? arguments->Value(wide_) : arguments->Value(narrow_); }

 private:
  double wide_;
  float narrow_;
  bool is_wide_;
};

}  // namespace

void NormForward(Device* on, DType dtype, const NormSizes& s, const NormTensors& t, const NormWay& way) {
  const Launch launch(on, dtype, s, way.groups, way.by_channel);
  const int32_t weighted = t.weight != nullptr, biased = t.bias != nullptr, root = way.root;
  const Real momentum(launch.device, way.momentum), eps(launch.device, way.eps);
  if (way.given) {
    Arguments arguments;
    arguments.Address(t.mean).Address(t.scale).Address(way.running_mean).Address(way.running_variance);
    eps.AddTo(&arguments);
    arguments.Value(s.channels);
    LaunchItems(launch.device, launch.Kernel("use_running"), s.channels, arguments);
  } else {
    const int32_t running = (way.running_mean ? 1 : 0) | (way.running_variance ? 2 : 0);
    Arguments arguments;
    arguments.Address(t.mean).Address(t.scale).Address(t.x).Address(way.running_mean).Address(way.running_variance);
    momentum.AddTo(&arguments);
    eps.AddTo(&arguments);
    arguments.Value(root).Value(running).Value(launch.shape);
    launch.ForGroups("moments", launch.sets(), arguments);
  }
  Arguments arguments;
  arguments.Address(t.y).Address(t.x).Address(t.mean).Address(t.scale).Address(t.weight).Address(t.bias);
  arguments.Value(weighted).Value(biased).Value(launch.shape);
  launch.ForElements("norm_apply", arguments);
}

void NormBackward(Device* on, DType dtype, const NormSizes& s, const NormGradients& t, const NormWay& way) {
  const Launch launch(on, dtype, s, way.groups, way.by_channel);
  const int32_t weighted = t.weight != nullptr, root = way.root, given = way.given;
  const int32_t wanted = (t.dweight ? 1 : 0) | (t.dbias ? 2 : 0);
  if (wanted) {
    Arguments arguments;
    arguments.Address(t.dweight).Address(t.dbias).Address(t.dy).Address(t.x).Address(t.mean).Address(t.scale);
    arguments.Value(wanted).Value(launch.shape);
    launch.ForGroups("norm_factors", s.channels, arguments);
  }
  if (!t.dx) return;
  const int64_t room = 2 * launch.sets();
  Temporary sums(NewTensor(DType::kFloat64, 1, &room, on));
  if (!given) {
    Arguments arguments;
    arguments.Of(*sums).Address(t.dy).Address(t.x).Address(t.mean).Address(t.weight).Value(weighted).Value(
        launch.shape);
    launch.ForGroups("norm_sums", launch.sets(), arguments);
  }
  Arguments arguments;
  arguments.Address(t.dx).Address(t.dy).Address(t.x).Address(t.mean).Address(t.scale).Address(t.weight).Of(*sums);
  arguments.Value(weighted).Value(root).Value(given).Value(launch.shape);
  launch.ForElements("norm_gradient", arguments);
}

}  // namespace gb::gpu
