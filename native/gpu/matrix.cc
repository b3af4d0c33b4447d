// Matrix products. The tile follows the device: 64 x 64 with 4 x 4 elements in each item's registers where its groups
// are large enough, else smaller ones; small outputs take smaller tiles, so that there are groups for every compute
// unit.
#include <algorithm>
#include <cstdlib>

#include "core/errors.h"
#include "gpu/device.h"
#include "gpu/nest.h"
#include "gpu/structural.h"

namespace gb::gpu {

namespace {

// Drops dims of size 1: strides of the batch dims of a side whose size is 1 there are 0.
void SetBatch(GemmShape* s, const Tensor& out, const Tensor& a, const Tensor& b, int64_t* batches) {
  *batches = 1;
  for (int dim = out.dims - 3; dim >= 0; dim--) {
    if (out.sizes[dim] == 1) continue;
    const int at = s->batch_dims++;
    s->batch_sizes[at] = out.sizes[dim];
    *batches *= out.sizes[dim];
    const Tensor* sides[3] = {&out, &a, &b};
    for (int i = 0; i < 3; i++) {
      const int own = dim - (out.dims - sides[i]->dims);
      s->batch_strides[i][at] = own < 0 || sides[i]->sizes[own] == 1 ? 0 : sides[i]->strides[own];
    }
  }
}

const Function& Variant(GpuDevice& device, DType dtype, int tile, int per) {
  const std::string options = std::string(" -DT=") + TypeOf(dtype) + " -DTILE=" + std::to_string(tile) +
                              " -DPER=" + std::to_string(per) + " -DSTEP=16";
  return device.Kernel("matrix", "gemm", options, [] { return std::string(SourceOf("matrix")) + SourceOf("gemm"); });
}

}  // namespace

void MatrixMultiply(const Tensor& out, const Tensor& a, const Tensor& b, const Tensor* bias,
                    const GemmOptions& options) {
  GpuDevice& device = Of(DeviceOf(out));
  GemmShape s{};
  s.m = out.sizes[out.dims - 2];
  s.n = out.sizes[out.dims - 1];
  s.k = a.sizes[a.dims - 1];
  s.a_row = a.strides[a.dims - 2];
  s.a_column = a.strides[a.dims - 1];
  s.b_row = b.strides[b.dims - 2];
  s.b_column = b.strides[b.dims - 1];
  s.out_row = out.strides[out.dims - 2];
  s.out_column = out.strides[out.dims - 1];
  s.bias_stride = bias ? bias->strides[0] : 0;
  s.a_along_k = std::llabs(s.a_column) <= std::llabs(s.a_row);
  s.b_along_k = std::llabs(s.b_row) < std::llabs(s.b_column);
  s.has_bias = bias != nullptr;
  s.accumulate = options.accumulate;
  s.relu = options.relu;
  int64_t batches;
  SetBatch(&s, out, a, b, &batches);
  if (s.m == 0 || s.n == 0 || batches == 0) return;
  const auto groups_of = [&](int tile) { return (s.m + tile - 1) / tile * ((s.n + tile - 1) / tile) * batches; };
  const bool large = groups_of(64) >= device.properties().compute_units && device.properties().max_group >= 256;
  const int tile = large ? 64 : 32, per = 4, side = tile / per;
  const Function& function = Variant(device, out.dtype, tile, per);
  const size_t groups[3] = {static_cast<size_t>((s.n + tile - 1) / tile), static_cast<size_t>((s.m + tile - 1) / tile),
                            static_cast<size_t>(batches)};
  const size_t items[3] = {static_cast<size_t>(side), static_cast<size_t>(side), 1};
  Arguments arguments;
  arguments.Of(out).Of(a).Of(b).Address(bias ? bias->data : nullptr).Value(s);
  device.driver().Launch(function, 3, groups, items, arguments.data(), arguments.count());
}

}  // namespace gb::gpu
