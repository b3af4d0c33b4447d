// Copies between any two orders of memory. The loop nest is cut into planes of two dims: the output's innermost one and
// that along which the input's elements lie closest. The planes, or strips of large ones, are spread over the threads.
#include <algorithm>
#include <cstdlib>

#include "core/threads.h"
#include "cpu/api.h"
#include "cpu/blocks.h"
#include "gpu/elementwise.h"

namespace gb {

namespace {

constexpr int64_t kStrip = 64;     // rows of the output: a multiple of every tile, so that their pages stay known
constexpr int64_t kPiece = 16384;  // elements of one dim
constexpr int64_t kWorth = 32768;  // elements for a thread

// The dim that makes a plane with dim 0.
int SecondDim(const Loop& loop) {
  int second = 1;
  const int64_t inner = std::llabs(loop.strides[1][0]);
  if (inner == loop.item[1]) return second;
  int64_t least = inner == 0 ? INT64_MAX : inner;
  for (int dim = 1; dim < loop.dims; dim++) {
    const int64_t stride = std::llabs(loop.strides[1][dim]);
    if (stride == 0 || stride >= least) continue;
    least = stride;
    second = dim;
  }
  return second;
}

// Walks the pieces of a loop nest in order: every dim has `counts` of them.
class Pieces {
 public:
  Pieces(const Loop& loop, int second) : loop_(loop), second_(second) {
    const bool transposes = loop.strides[1][0] != loop.item[1];
    for (int dim = 0; dim < loop.dims; dim++) step_[dim] = 1;
    step_[0] = std::min(loop.sizes[0], kPiece);
    if (second < loop.dims) {
      const int64_t rows = std::max<int64_t>(1, kPiece / step_[0]);
      step_[second] = std::min(loop.sizes[second], transposes ? std::max(kStrip, rows) : rows);
    }
    for (int dim = 0; dim < loop.dims; dim++) {
      counts_[dim] = (loop.sizes[dim] + step_[dim] - 1) / step_[dim];
      total_ *= counts_[dim];
    }
  }

  int64_t total() const { return total_; }
  int64_t elements() const { return step_[0] * (second_ < loop_.dims ? step_[second_] : 1); }

  void Copy(int64_t begin, int64_t end) const {
    int64_t at[kMaxDims];
    int64_t rest = begin;
    for (int dim = 0; dim < loop_.dims; dim++) {
      at[dim] = rest % counts_[dim] * step_[dim];
      rest /= counts_[dim];
    }
    const auto copy = kernels().copy_plane;
    for (int64_t piece = begin; piece < end; piece++) {
      char* to = loop_.data[0];
      const char* from = loop_.data[1];
      for (int dim = 0; dim < loop_.dims; dim++) {
        to += at[dim] * loop_.strides[0][dim];
        from += at[dim] * loop_.strides[1][dim];
      }
      Plane plane{{std::min(step_[0], loop_.sizes[0] - at[0]), 1}, {loop_.strides[0][0], 0}, {loop_.strides[1][0], 0}};
      if (second_ < loop_.dims) {
        plane.sizes[1] = std::min(step_[second_], loop_.sizes[second_] - at[second_]);
        plane.to[1] = loop_.strides[0][second_];
        plane.from[1] = loop_.strides[1][second_];
      }
      copy(to, from, plane, loop_.item[0]);
      for (int dim = 0; dim < loop_.dims && (at[dim] += step_[dim]) >= loop_.sizes[dim]; dim++) at[dim] = 0;
    }
  }

 private:
  const Loop& loop_;
  int second_;  // loop.dims where there is none
  int64_t step_[kMaxDims], counts_[kMaxDims];
  int64_t total_ = 1;
};

}  // namespace

void Copy(const Tensor& out, const Tensor& a) {
  if (DeviceOf(out) || DeviceOf(a)) return gpu::Copy(out, a);
  const Tensor* operands[] = {&out, &a};
  const Loop loop = MakeLoop(operands, 2, "copy");
  if (loop.count == 0) return;
  if (out.dtype != a.dtype) {
    return RunBlocks(loop, kernels().convert[static_cast<int>(a.dtype)][static_cast<int>(out.dtype)], 0, 0);
  }
  const bool same = std::equal(loop.strides[0], loop.strides[0] + loop.dims, loop.strides[1]);
  if (same && out.data == a.data) return;
  const Pieces pieces(loop, SecondDim(loop));
  ParallelFor(pieces.total(), std::max<int64_t>(1, kWorth / pieces.elements()),
              [&](int64_t begin, int64_t end) { pieces.Copy(begin, end); });
}

}  // namespace gb
