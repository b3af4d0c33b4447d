// Building of loop nests.
#include "core/loop.h"

#include <cstdlib>
#include <utility>

#include "core/errors.h"

namespace gb {

namespace {

// Whether dim a should be outside dim b: the output's larger stride, then the next operands'.
bool Outer(const Loop& loop, int a, int b) {
  for (int operand = 0; operand < loop.operands; operand++) {
    int64_t x = std::llabs(loop.strides[operand][a]), y = std::llabs(loop.strides[operand][b]);
    if (x == 0 || y == 0) continue;
    if (x != y) return x > y;
  }
  return false;
}

void Swap(Loop* loop, int a, int b) {
  std::swap(loop->sizes[a], loop->sizes[b]);
  for (int operand = 0; operand < loop->operands; operand++) {
    std::swap(loop->strides[operand][a], loop->strides[operand][b]);
  }
}

bool Merges(const Loop& loop, int inner, int outer) {
  for (int operand = 0; operand < loop.operands; operand++) {
    if (loop.strides[operand][outer] != loop.strides[operand][inner] * loop.sizes[inner]) return false;
  }
  return true;
}

}  // namespace

Loop MakeLoop(const Tensor* const* operands, int count, const char* what) {
  const Tensor& out = *operands[0];
  Loop loop;
  loop.operands = count;
  loop.dims = 0;
  loop.count = 1;
  for (int operand = 0; operand < count; operand++) {
    const Tensor* tensor = operands[operand];
    loop.data[operand] = tensor ? tensor->data : nullptr;
    loop.item[operand] = tensor ? ItemSize(tensor->dtype) : 0;
    if (!tensor || operand == 0) continue;
    bool fits = tensor->dims <= out.dims;
    for (int dim = 1; fits && dim <= tensor->dims; dim++) {
      int64_t size = tensor->sizes[tensor->dims - dim];
      fits = size == 1 || size == out.sizes[out.dims - dim];
    }
    if (!fits) {
      Throw("%s: sizes %s do not broadcast to the output's sizes %s", what, Sizes(*tensor).c_str(), Sizes(out).c_str());
    }
  }
  for (int dim = out.dims - 1; dim >= 0; dim--) {
    loop.count *= out.sizes[dim];
    if (out.sizes[dim] == 1) continue;
    if (out.strides[dim] == 0 && out.sizes[dim] > 1) {
      Throw("%s: the output's elements overlap (stride 0 in dim %d of sizes %s); make it contiguous first", what, dim,
            Sizes(out).c_str());
    }
    int at = loop.dims++;
    loop.sizes[at] = out.sizes[dim];
    for (int operand = 0; operand < count; operand++) {
      const Tensor* tensor = operands[operand];
      int own = tensor ? dim - (out.dims - tensor->dims) : -1;
      bool walks = own >= 0 && tensor->sizes[own] != 1;
      loop.strides[operand][at] = walks ? tensor->strides[own] * loop.item[operand] : 0;
    }
  }
  // Insertion sort: innermost first.
  for (int i = 1; i < loop.dims; i++) {
    for (int j = i; j > 0 && Outer(loop, j - 1, j); j--) Swap(&loop, j, j - 1);
  }
  int merged = 0;
  for (int dim = 1; dim < loop.dims; dim++) {
    if (Merges(loop, merged, dim)) {
      loop.sizes[merged] *= loop.sizes[dim];
    } else {
      merged++;
      loop.sizes[merged] = loop.sizes[dim];
      for (int operand = 0; operand < count; operand++) {
        loop.strides[operand][merged] = loop.strides[operand][dim];
      }
    }
  }
  if (loop.dims > 0) {
    loop.dims = merged + 1;
  } else {
    loop.dims = 1;
    loop.sizes[0] = 1;
    for (int operand = 0; operand < count; operand++) loop.strides[operand][0] = 0;
    for (int operand = 0; operand < count; operand++) {
      if (operands[operand]) loop.strides[operand][0] = loop.item[operand];
    }
  }
  return loop;
}

bool IsLinear(const Loop& loop, int operand) {
  int64_t expected = loop.item[operand];
  for (int dim = 0; dim < loop.dims; dim++) {
    if (loop.strides[operand][dim] != expected) return false;
    expected *= loop.sizes[dim];
  }
  return true;
}

bool IsConstant(const Loop& loop, int operand) {
  for (int dim = 0; dim < loop.dims; dim++) {
    if (loop.strides[operand][dim] != 0) return false;
  }
  return true;
}

}  // namespace gb
