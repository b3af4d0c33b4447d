// Reading and writing at positions that an index names, and positions of what is true.
#include <vector>

#include "core/errors.h"
#include "gpu/device.h"
#include "gpu/nest.h"
#include "gpu/structural.h"
#include "gpu/temporary.h"

namespace gb::gpu {

namespace {

std::string Options(const char* type, const Tensor& index) {
  return std::string(" -DT=") + type + " -DI=" + TypeOf(index.dtype);
}

// A type of as many bytes: moving elements needs no more.
const char* StoredAs(DType dtype) {
  const int64_t item = ItemSize(dtype);
  return item == 8 ? "long" : item == 4 ? "int" : "uchar";
}

}  // namespace

// `index` has out's sizes; where it is the same along other dims than `dim`, its strides there are 0.
void Take(const Tensor& out, const Tensor& a, int dim, const Tensor& index, Reporter reporter) {
  GpuDevice& device = Of(DeviceOf(out));
  Tensor from = a;
  const int64_t size = a.dims ? a.sizes[dim] : 1, step = a.dims ? a.strides[dim] * ItemSize(a.dtype) : 0;
  if (a.dims) from.strides[dim] = 0;
  const Nest nest = NestWithout(-1, {&out, &from, &index});
  const int32_t what = static_cast<int32_t>(reporter);
  Arguments arguments;
  arguments.Of(out).Of(a).Of(index).Address(device.fault()).Value(what).Value(size).Value(step).Value(nest);
  LaunchItems(device, device.Kernel("index", "take", Options(StoredAs(out.dtype), index)), nest.count, arguments);
}

void Scatter(int32_t op, const Tensor& out, int dim, const Tensor& source, double number, bool is_number,
             const Tensor& index, Reporter reporter) {
  GpuDevice& device = Of(DeviceOf(out));
  const int64_t length = index.sizes[dim], size = out.sizes[dim], item = ItemSize(out.dtype);
  const int64_t out_step = out.strides[dim] * item, index_step = index.strides[dim] * ItemSize(index.dtype),
                source_step = is_number ? 0 : source.strides[dim] * item;
  // Walked by the index's sizes, which may be the smallest.
  Tensor to = out;
  std::copy(index.sizes, index.sizes + index.dims, to.sizes);
  const Nest nest = NestWithout(dim, {&to, &index, is_number ? nullptr : &source});
  const int32_t what = static_cast<int32_t>(reporter), numbered = is_number;
  const uint64_t bits = BitsOf(number, out.dtype);
  Arguments arguments;
  arguments.Of(out).Of(index).Address(is_number ? nullptr : source.data).Address(device.fault());
  arguments.Bytes(&bits, static_cast<size_t>(item)).Value(op).Value(what).Value(numbered);
  arguments.Value(length).Value(size).Value(out_step).Value(index_step).Value(source_step).Value(nest);
  LaunchItems(device, device.Kernel("index", "scatter", Options(TypeOf(out.dtype), index)), nest.count, arguments);
}

// The number of true elements decides the result's size, so this waits for the device.
Tensor Nonzero(const Tensor& a) {
  constexpr int64_t kPiece = 1024;
  Device* on = DeviceOf(a);
  GpuDevice& device = Of(on);
  Temporary flags(NewTensor(DType::kBool, a.dims, a.sizes, on));
  gpu::Copy(*flags, a);
  const int64_t count = Count(a), piece = kPiece, pieces = (count + kPiece - 1) / kPiece;
  Temporary there(NewTensor(DType::kInt64, 1, &pieces, on));
  const std::string options = " -DT=uchar -DI=long";
  Arguments arguments;
  arguments.Of(*there).Of(*flags).Value(count).Value(piece);
  LaunchItems(device, device.Kernel("index", "count_true", options), pieces, arguments);
  std::vector<int64_t> starts(static_cast<size_t>(pieces));
  const size_t bytes = static_cast<size_t>(pieces) * sizeof(int64_t);
  if (pieces > 0) device.driver().Download(starts.data(), (*there).data, bytes);
  int64_t total = 0;
  for (int64_t& start : starts) {
    const int64_t found = start;
    start = total;
    total += found;
  }
  const int64_t sizes[2] = {total, a.dims};
  Tensor out = NewTensor(DType::kInt64, 2, sizes, on);
  if (Count(out) == 0) return out;
  device.driver().Upload((*there).data, starts.data(), bytes);
  Nest nest{};
  nest.dims = a.dims;
  for (int dim = 0; dim < a.dims; dim++) nest.sizes[a.dims - 1 - dim] = a.sizes[dim];
  Arguments second;
  second.Of(out).Of(*there).Of(*flags).Value(count).Value(piece).Value(nest);
  LaunchItems(device, device.Kernel("index", "write_true", options), pieces, second);
  return out;
}

}  // namespace gb::gpu
