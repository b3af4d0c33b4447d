// Negative log likelihood and its gradient. Reads one element per row of the input: nothing to vectorise; limited by
// the cache misses of those reads.
#include <cstring>

#include "core/errors.h"
#include "cpu/api.h"
#include "gpu/structural.h"

namespace gb {

namespace {

int64_t ReadInteger(const Tensor& tensor, int64_t offset) {
  switch (tensor.dtype) {
    case DType::kInt64:
      return reinterpret_cast<const int64_t*>(tensor.data)[offset];
    case DType::kInt32:
      return reinterpret_cast<const int32_t*>(tensor.data)[offset];
    default:
      return reinterpret_cast<const uint8_t*>(tensor.data)[offset];
  }
}

// Walks the target [N, ...]: calls visit(class, input offset without the class dim, out offset) for each position.
// `input` has the class dim second (or first when it has one dim); `out` is walked like the target when given.
template <class F>
void ForTargets(const Tensor& input, const Tensor& target, const Tensor* out, int64_t ignore, const F& visit) {
  const int class_dim = input.dims > 1 ? 1 : 0;
  const int64_t classes = input.sizes[class_dim];
  const int64_t count = Count(target);
  int64_t index[kMaxDims] = {};
  for (int64_t position = 0; position < count; position++) {
    int64_t at_target = 0, at_input = 0, at_out = 0;
    for (int dim = 0; dim < target.dims; dim++) {
      at_target += index[dim] * target.strides[dim];
      at_input += index[dim] * input.strides[dim < class_dim ? dim : dim + 1];
      if (out) at_out += index[dim] * out->strides[dim];
    }
    int64_t label = ReadInteger(target, at_target);
    if (label != ignore && (label < 0 || label >= classes)) {
      ThrowRange("nllLoss: target[%lld] is %lld, but there are %lld classes: expected 0 to %lld",
                 static_cast<long long>(position), static_cast<long long>(label), static_cast<long long>(classes),
                 static_cast<long long>(classes - 1));
    }
    visit(label, at_input, at_out);
    for (int dim = target.dims - 1; dim >= 0 && ++index[dim] == target.sizes[dim]; dim--) index[dim] = 0;
  }
}

void Check(const Tensor& input, const Tensor& target, const Tensor* weight, const Tensor& total_weight,
           const Tensor& loss, Reduction reduction) {
  if (!IsFloat(input.dtype)) Throw("nllLoss: expected float32 or float64, found %s", Name(input.dtype));
  if (IsFloat(target.dtype) || target.dtype == DType::kBool) {
    Throw("nllLoss: the target holds class numbers: expected int64, found %s", Name(target.dtype));
  }
  RequireSameDType(input, loss, "nllLoss");
  RequireSameDType(input, total_weight, "nllLoss");
  const int class_dim = input.dims > 1 ? 1 : 0;
  bool fits = input.dims >= 1 && target.dims == input.dims - 1;
  for (int dim = 0; fits && dim < target.dims; dim++) {
    fits = target.sizes[dim] == input.sizes[dim < class_dim ? dim : dim + 1];
  }
  if (!fits) {
    Throw("nllLoss: a target of sizes %s does not fit an input of sizes %s: expected [N, C, ...] and [N, ...]",
          Sizes(target).c_str(), Sizes(input).c_str());
  }
  if (weight) {
    RequireSameDType(input, *weight, "nllLoss");
    if (weight->dims != 1 || weight->sizes[0] != input.sizes[class_dim]) {
      Throw("nllLoss: expected a weight for each of the %lld classes, found sizes %s",
            static_cast<long long>(input.sizes[class_dim]), Sizes(*weight).c_str());
    }
  }
  if (reduction == Reduction::kNone) {
    if (!SameSizes(loss, target)) {
      Throw("nllLoss: expected a loss of sizes %s, found %s", Sizes(target).c_str(), Sizes(loss).c_str());
    }
  } else if (Count(loss) != 1) {
    Throw("nllLoss: expected a loss of one element, found sizes %s", Sizes(loss).c_str());
  }
  if (Count(total_weight) != 1) {
    Throw("nllLoss: expected a total weight of one element, found sizes %s", Sizes(total_weight).c_str());
  }
}

template <class T>
struct Weights {
  const T* data;
  int64_t stride;

  explicit Weights(const Tensor* weight)
      : data(weight ? reinterpret_cast<const T*>(weight->data) : nullptr), stride(weight ? weight->strides[0] : 0) {}
  double operator[](int64_t label) const { return data ? static_cast<double>(data[label * stride]) : 1.0; }
};

template <class T>
void LossTyped(const Tensor& out, const Tensor& total_weight, const Tensor& input, const Tensor& target,
               const Tensor* weight, int64_t ignore, Reduction reduction) {
  const T* in = reinterpret_cast<const T*>(input.data);
  T* to = reinterpret_cast<T*>(out.data);
  const int64_t stride = input.strides[input.dims > 1 ? 1 : 0];
  const Weights<T> weights(weight);
  const bool each = reduction == Reduction::kNone;
  double loss = 0, total = 0;
  ForTargets(input, target, each ? &out : nullptr, ignore, [&](int64_t label, int64_t at_input, int64_t at_out) {
    double value = 0;
    if (label != ignore) {
      double w = weights[label];
      value = -w * static_cast<double>(in[at_input + label * stride]);
      total += w;
    }
    if (each) to[at_out] = static_cast<T>(value);
    loss += value;
  });
  *reinterpret_cast<T*>(total_weight.data) = static_cast<T>(total);
  if (!each) *to = static_cast<T>(reduction == Reduction::kMean ? loss / total : loss);
}

template <class T>
void GradientTyped(const Tensor& out, const Tensor& dy, const Tensor& total_weight, const Tensor& target,
                   const Tensor* weight, int64_t ignore, Reduction reduction) {
  T* to = reinterpret_cast<T*>(out.data);
  const T* from = reinterpret_cast<const T*>(dy.data);
  const int64_t stride = out.strides[out.dims > 1 ? 1 : 0];
  const Weights<T> weights(weight);
  const bool each = reduction == Reduction::kNone;
  double scale = each ? 1.0 : static_cast<double>(*from);
  if (reduction == Reduction::kMean) scale /= static_cast<double>(*reinterpret_cast<const T*>(total_weight.data));
  ForTargets(out, target, each ? &dy : nullptr, ignore, [&](int64_t label, int64_t at_input, int64_t at_dy) {
    if (label == ignore) return;
    double g = each ? static_cast<double>(from[at_dy]) : scale;
    to[at_input + label * stride] = static_cast<T>(-weights[label] * g);
  });
}

}  // namespace

void NllLoss(const Tensor& out, const Tensor& total_weight, const Tensor& input, const Tensor& target,
             const Tensor* weight, int64_t ignore, Reduction reduction) {
  Check(input, target, weight, total_weight, out, reduction);
  if (DeviceOf(out)) return gpu::NllLoss(out, total_weight, input, target, weight, ignore, reduction);
  if (input.dtype == DType::kFloat32) {
    LossTyped<float>(out, total_weight, input, target, weight, ignore, reduction);
  } else {
    LossTyped<double>(out, total_weight, input, target, weight, ignore, reduction);
  }
}

void NllLossGradient(const Tensor& out, const Tensor& dy, const Tensor& total_weight, const Tensor& target,
                     const Tensor* weight, int64_t ignore, Reduction reduction) {
  Check(out, target, weight, total_weight, dy, reduction);
  Fill(out, 0);
  if (DeviceOf(out)) return gpu::NllLossGradient(out, dy, total_weight, target, weight, ignore, reduction);
  if (out.dtype == DType::kFloat32) {
    GradientTyped<float>(out, dy, total_weight, target, weight, ignore, reduction);
  } else {
    GradientTyped<double>(out, dy, total_weight, target, weight, ignore, reduction);
  }
}

}  // namespace gb
