// Checks and dispatch for convolutions.
#include <algorithm>
#include <string>

#include "core/errors.h"
#include "core/storage.h"
#include "cpu/api.h"
#include "gpu/structural.h"

namespace gb {

namespace {

// The tensor itself when it is contiguous, else a copy that lives as long as this.
class Packed {
 public:
  explicit Packed(const Tensor& tensor) : data_(tensor.data) {
    if (IsContiguous(tensor)) return;
    copy_ = NewTensor(tensor.dtype, tensor.dims, tensor.sizes);
    owned_ = true;
    data_ = copy_.data;
    Copy(copy_, tensor);
  }
  ~Packed() {
    if (owned_) Release(copy_.storage);
  }
  Packed(const Packed&) = delete;
  Packed& operator=(const Packed&) = delete;
  const void* data() const { return data_; }

 private:
  Tensor copy_;
  const char* data_;
  bool owned_ = false;
};

// The kernels lay images out with their padding and all that the taps reach. Throws where that is more than any memory
// has, so that no size in them overflows.
void RequireFitting(const char* what, const ConvGeometry& g) {
  constexpr int64_t kLimit = int64_t{1} << 48;  // elements
  int64_t all = std::max(g.in_channels, g.out_channels);
  bool fits = true;
  for (int d = 0; d < 3 && fits; d++) {
    int64_t reach, extent;
    fits = !__builtin_mul_overflow(g.kernel[d] - 1, g.dilation[d], &reach) &&
           !__builtin_add_overflow(g.input[d] + g.output[d] + g.padding[d], reach, &extent);
    // Read forward, in phases; backward, gradients lie between as many zeros as the padding and the taps reach.
    int64_t forward = 0;
    fits =
        fits && !__builtin_mul_overflow(std::min(g.stride[d], reach + 1), g.output[d] + reach / g.stride[d], &forward);
    fits = fits && !__builtin_mul_overflow(all, std::max<int64_t>(1, std::max(extent, forward)), &all) && all <= kLimit;
  }
  if (fits) return;
  auto list = [](const int64_t(&numbers)[3]) {
    return std::to_string(numbers[0]) + ", " + std::to_string(numbers[1]) + ", " + std::to_string(numbers[2]);
  };
  Throw(
      "%s: images of sizes [%s] under padding [%s] and a kernel of [%s] with dilation [%s] are more than memory can "
      "hold",
      what, list(g.input).c_str(), list(g.padding).c_str(), list(g.kernel).c_str(), list(g.dilation).c_str());
}

// Reads sizes of `x` [N, C, …], `weight` [O, C / groups, …] and `y` [N, O, …]; settings are strides, paddings and
// dilations of all dims, then the number of groups.
ConvGeometry GeometryOf(const char* what, const Tensor& x, const Tensor& weight, const Tensor& y,
                        const std::vector<int64_t>& settings) {
  for (const Tensor* tensor : {&weight, &y}) {
    if (tensor->dtype != x.dtype) {
      Throw("%s: expected one dtype, found %s and %s", what, Name(x.dtype), Name(tensor->dtype));
    }
  }
  if (!IsFloat(x.dtype)) Throw("%s: expected float32 or float64, found %s", what, Name(x.dtype));
  const int dims = x.dims - 2;
  if (dims < 1 || dims > 3 || weight.dims != x.dims || y.dims != x.dims) {
    Throw("%s: expected images, weight and result of 3 to 5 dims, found %s, %s and %s", what, Sizes(x).c_str(),
          Sizes(weight).c_str(), Sizes(y).c_str());
  }
  if (settings.size() != static_cast<size_t>(3 * dims + 1)) {
    Throw("%s: expected %d settings for %d dims, found %zu", what, 3 * dims + 1, dims, settings.size());
  }
  ConvGeometry g;
  g.images = x.sizes[0];
  g.groups = settings.back();
  if (g.groups < 1 || x.sizes[1] % g.groups || weight.sizes[0] % g.groups || y.sizes[1] != weight.sizes[0] ||
      y.sizes[0] != g.images || x.sizes[1] / g.groups != weight.sizes[1]) {
    Throw("%s: sizes %s, %s and %s do not fit together in %lld groups", what, Sizes(x).c_str(), Sizes(weight).c_str(),
          Sizes(y).c_str(), static_cast<long long>(g.groups));
  }
  g.in_channels = weight.sizes[1];
  g.out_channels = weight.sizes[0] / g.groups;
  for (int d = 0; d < 3; d++) {
    const int own = d - (3 - dims);
    const size_t at = static_cast<size_t>(own), step = static_cast<size_t>(dims);
    g.input[d] = own < 0 ? 1 : x.sizes[own + 2];
    g.kernel[d] = own < 0 ? 1 : weight.sizes[own + 2];
    g.output[d] = own < 0 ? 1 : y.sizes[own + 2];
    g.stride[d] = own < 0 ? 1 : settings[at];
    g.padding[d] = own < 0 ? 0 : settings[at + step];
    g.dilation[d] = own < 0 ? 1 : settings[at + 2 * step];
    constexpr int64_t kLimit = int64_t{1} << 24;
    if (g.stride[d] < 1 || g.dilation[d] < 1 || g.padding[d] < 0 || g.stride[d] > kLimit || g.dilation[d] > kLimit ||
        g.padding[d] > kLimit || g.kernel[d] < 1) {
      Throw("%s: stride %lld, padding %lld, dilation %lld or kernel size %lld is out of range", what,
            static_cast<long long>(g.stride[d]), static_cast<long long>(g.padding[d]),
            static_cast<long long>(g.dilation[d]), static_cast<long long>(g.kernel[d]));
    }
  }
  RequireFitting(what, g);
  return g;
}

void RequireOutput(const char* what, const Tensor& out) {
  if (!IsContiguous(out)) Throw("%s: the result of sizes %s must be contiguous", what, Sizes(out).c_str());
}

void RequireBias(const char* what, const Tensor* bias, const Tensor& out) {
  if (!bias) return;
  RequireSameDType(out, *bias, what);
  if (bias->dims != 1 || bias->sizes[0] != out.sizes[1]) {
    Throw("%s: expected a bias of sizes [%lld], found %s", what, static_cast<long long>(out.sizes[1]),
          Sizes(*bias).c_str());
  }
}

}  // namespace

void Convolve(const Tensor& y, const Tensor& x, const Tensor& weight, const Tensor* bias,
              const std::vector<int64_t>& settings) {
  const ConvGeometry g = GeometryOf("convolution", x, weight, y, settings);
  RequireOutput("convolution", y);
  RequireBias("convolution", bias, y);
  if (Count(y) == 0) return;
  if (DeviceOf(y)) return gpu::Convolve(g, y, x, weight, bias);
  const Packed images(x), weights(weight), biases(bias ? *bias : weight);
  kernels().conv_forward(g, x.dtype, y.data, images.data(), weights.data(), bias ? biases.data() : nullptr);
}

void ConvolveInputGradient(const Tensor& dx, const Tensor& dy, const Tensor& weight, const Tensor* bias,
                           const std::vector<int64_t>& settings) {
  const ConvGeometry g = GeometryOf("convolution gradient", dx, weight, dy, settings);
  RequireOutput("convolution gradient", dx);
  RequireBias("convolution gradient", bias, dx);
  if (Count(dx) == 0) return;
  if (DeviceOf(dx)) return gpu::ConvolveInputGradient(g, dx, dy, weight, bias);
  const Packed images(dy), weights(weight), biases(bias ? *bias : weight);
  kernels().conv_backward_input(g, dx.dtype, dx.data, images.data(), weights.data(), bias ? biases.data() : nullptr);
}

void ConvolveWeightGradient(const Tensor& dw, const Tensor& x, const Tensor& dy, const std::vector<int64_t>& settings) {
  const ConvGeometry g = GeometryOf("convolution weight gradient", x, dw, dy, settings);
  RequireOutput("convolution weight gradient", dw);
  if (Count(dw) == 0) return;
  if (Count(dy) == 0 || Count(x) == 0) return Fill(dw, 0);
  if (DeviceOf(dw)) return gpu::ConvolveWeightGradient(g, dw, x, dy);
  const Packed images(x), gradients(dy);
  kernels().conv_backward_weight(g, dw.dtype, dw.data, images.data(), gradients.data());
}

}  // namespace gb
