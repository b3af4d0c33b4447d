// Orders along a dim of contiguous tensors, and what is read off them.
#include "gpu/device.h"
#include "gpu/structural.h"
#include "gpu/temporary.h"

namespace gb::gpu {

namespace {

std::string Options(DType dtype, DType result = DType::kInt64) {
  return std::string(" -DT=") + TypeOf(dtype) + " -DR=" + TypeOf(result);
}

// The positions of each line's elements in order, [lines, padded].
class Order {
 public:
  // Elements lie `step` apart and are compared as `width` numbers.
  Order(const Tensor& a, const Lines& lines, int64_t step, int64_t width, bool descending)
      : padded_(Padded(lines.length)), positions_(New(lines.count(), padded_, DeviceOf(a))) {
    GpuDevice& device = Of(DeviceOf(a));
    const int64_t count = lines.count() * padded_;
    const int32_t downwards = descending;
    Arguments start;
    start.Of(*positions_).Value(padded_).Value(count);
    LaunchItems(device, device.Kernel("sort", "order_start", Options(a.dtype)), count, start);
    const Function& pass = device.Kernel("sort", "order_step", Options(a.dtype));
    for (int64_t block = 2; block <= padded_; block *= 2) {
      for (int64_t apart = block / 2; apart > 0; apart /= 2) {
        Arguments arguments;
        arguments.Of(*positions_).Of(a).Value(lines.length).Value(lines.inner).Value(step).Value(width);
        arguments.Value(padded_).Value(count).Value(block).Value(apart).Value(downwards);
        LaunchItems(device, pass, count, arguments);
      }
    }
  }

  const int64_t& padded() const { return padded_; }
  const Tensor& positions() const { return *positions_; }

  // The first `kept` of each line.
  void Write(const Tensor* values, const Tensor* indices, const Tensor& a, const Lines& lines, int64_t kept) const {
    GpuDevice& device = Of(DeviceOf(a));
    const int64_t count = lines.count() * kept;
    const int32_t outputs = (values ? 1 : 0) | (indices ? 2 : 0);
    Arguments arguments;
    arguments.Address(values ? values->data : nullptr).Address(indices ? indices->data : nullptr);
    arguments.Of(*positions_).Of(a).Value(lines.length).Value(lines.inner).Value(padded_).Value(kept).Value(count);
    arguments.Value(outputs);
    LaunchItems(device, device.Kernel("sort", "order_write", Options(a.dtype)), count, arguments);
  }

 private:
  static int64_t Padded(int64_t length) {
    int64_t padded = 1;
    while (padded < length) padded *= 2;
    return padded;
  }
  static Tensor New(int64_t lines, int64_t padded, Device* device) {
    const int64_t sizes[2] = {lines, padded};
    return NewTensor(DType::kInt64, 2, sizes, device);
  }

  int64_t padded_;
  Temporary positions_;
};

}  // namespace

void SortAlong(const Tensor* values, const Tensor* indices, const Tensor& a, const Lines& lines, int64_t kept,
               bool descending) {
  if (lines.count() == 0 || kept == 0) return;
  Order(a, lines, lines.inner, 1, descending).Write(values, indices, a, lines, kept);
}

void SelectAlong(Selection selection, const Tensor* values, const Tensor* indices, const Tensor& a, const Lines& lines,
                 int64_t k) {
  if (lines.count() == 0) return;
  const Order order(a, lines, lines.inner, 1, false);
  GpuDevice& device = Of(DeviceOf(a));
  const int64_t count = lines.count();
  const int32_t which = static_cast<int32_t>(selection), outputs = (values ? 1 : 0) | (indices ? 2 : 0);
  Arguments arguments;
  arguments.Address(values ? values->data : nullptr).Address(indices ? indices->data : nullptr);
  arguments.Of(order.positions()).Of(a).Value(lines.length).Value(lines.inner).Value(order.padded()).Value(count);
  arguments.Value(which).Value(k).Value(outputs);
  LaunchItems(device, device.Kernel("sort", "order_select", Options(a.dtype)), count, arguments);
}

void SortRows(const Tensor& indices, const Tensor& a) {
  if (a.sizes[0] == 0) return;
  Lines rows;
  rows.length = a.sizes[0];
  const Order order(a, rows, a.sizes[1], a.sizes[1], false);
  order.Write(nullptr, &indices, a, rows, rows.length);
}

void SearchSorted(const Tensor& out, const Tensor& sorted, const Tensor& values, bool right, const Tensor* sorter) {
  GpuDevice& device = Of(DeviceOf(out));
  const int64_t length = sorted.sizes[sorted.dims - 1], count = Count(values);
  const int64_t per_line = sorted.dims == 1 ? 0 : values.sizes[values.dims - 1];
  const int32_t what = static_cast<int32_t>(Reporter::kSearchSorted), behind = right, has_sorter = sorter != nullptr;
  Arguments arguments;
  arguments.Of(out).Of(sorted).Of(values).Address(sorter ? sorter->data : nullptr).Address(device.fault());
  arguments.Value(what).Value(length).Value(per_line).Value(count).Value(behind).Value(has_sorter);
  LaunchItems(device, device.Kernel("sort", "search_sorted", Options(values.dtype, out.dtype)), count, arguments);
}

}  // namespace gb::gpu
