// Checks for images that are read through maps of the plane: (a, b, c, d, e, f) maps the position (x, y) of a new pixel
// to (a·x + b·y + c, d·x + e·y + f) in the image that is read, with both origins in the middle; with g and h, origins
// are the upper left corners and both coordinates are divided by g·x + h·y + 1.
#include "core/errors.h"
#include "cpu/api.h"
#include "cpu/require.h"

namespace gb {

void WarpImages(const Tensor& out, const Tensor& in, const Tensor& maps, bool bilinear, const Tensor* fill) {
  constexpr int64_t kMost = 1 << 22;  // pixels of a side that the coordinates of float32 can tell apart
  RequireSameDType(out, in, "warp");
  RequireContiguous(out, "warp");
  RequireContiguous(in, "warp");
  RequireContiguous(maps, "warp: maps");
  RequireDType(maps, DType::kFloat64, "warp: maps");
  if (out.dims != 4 || in.dims != 4 || out.sizes[0] != in.sizes[0] || out.sizes[1] != in.sizes[1]) {
    Throw("warp: sizes %s and %s do not fit: expected [N, C, H', W'] and [N, C, H, W]", Sizes(out).c_str(),
          Sizes(in).c_str());
  }
  const int64_t images = in.sizes[0], channels = in.sizes[1];
  if (maps.dims != 2 || (maps.sizes[0] != images && maps.sizes[0] != 1) || (maps.sizes[1] != 6 && maps.sizes[1] != 8)) {
    Throw("warp: maps of sizes %s do not fit %lld images: expected [%lld or 1, 6 or 8]", Sizes(maps).c_str(),
          Long(images), Long(images));
  }
  for (int d = 2; d < 4; d++) {
    if (in.sizes[d] < 1 || in.sizes[d] > kMost || out.sizes[d] > kMost) {
      ThrowRange("warp: sides from 1 to %lld pixels can be read, found sizes %s and %s", Long(kMost), Sizes(in).c_str(),
                 Sizes(out).c_str());
    }
  }
  if (bilinear && !IsFloat(in.dtype) && in.dtype != DType::kUint8) {
    Throw("warp: bilinear needs float32, float64 or uint8, found %s", Name(in.dtype));
  }
  if (fill) {
    const DType expected = bilinear && in.dtype == DType::kUint8 ? DType::kFloat32 : in.dtype;
    RequireDType(*fill, expected, "warp: fill");
    RequireContiguous(*fill, "warp: fill");
    if (fill->dims != 1 || fill->sizes[0] != channels) {
      Throw("warp: fill of sizes %s, expected [%lld]", Sizes(*fill).c_str(), Long(channels));
    }
  } else if (!bilinear) {
    Throw("warp: the nearest pixel needs a fill");
  }
  if (Count(out) == 0) return;
  const WarpShape shape{images,       channels,     in.sizes[2],   in.sizes[3],
                        out.sizes[2], out.sizes[3], maps.sizes[0], maps.sizes[1]};
  const auto warp = bilinear ? kernels().warp_bilinear : kernels().warp_nearest;
  warp(shape, in.dtype, out.data, in.data, reinterpret_cast<const double*>(maps.data), fill ? fill->data : nullptr);
}

}  // namespace gb
