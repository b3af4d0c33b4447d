// Two ways through a chunk of the linear index space. Long innermost rows: run by run, each operand direct where its
// inner stride is one element. Short rows: blocks of kBlock elements across rows, gathered as a whole, because a call
// for each row of ten elements would cost more than the copy. Limited by memory for all but the transcendental kernels.
#include "cpu/blocks.h"

#include <algorithm>
#include <cstring>

#include "core/threads.h"
#include "cpu/kernels.h"

namespace gb {

namespace {

constexpr int64_t kBlock = 1024;
constexpr int64_t kLongRow = 64;
constexpr int64_t kGrain = 32768;

struct Buffers {
  alignas(64) char bytes[kMaxOperands][kBlock * 8];
};

// n elements at a stride, and as many packed ones.
void Gather(void* to, const char* from, int64_t stride, int64_t item, int64_t n) {
  kernels().copy_plane(static_cast<char*>(to), from, Plane{{n, 1}, {item, 0}, {stride, 0}}, item);
}

void Scatter(char* to, int64_t stride, const void* from, int64_t item, int64_t n) {
  kernels().copy_plane(to, static_cast<const char*>(from), Plane{{n, 1}, {stride, 0}, {item, 0}}, item);
}

// A position in the loop nest.
struct Position {
  int64_t index[kMaxDims];

  Position(const Loop& loop, int64_t linear) {
    for (int dim = 0; dim < loop.dims; dim++) {
      index[dim] = linear % loop.sizes[dim];
      linear /= loop.sizes[dim];
    }
  }

  // Moves on by n elements, not past the end of the innermost row.
  void Advance(const Loop& loop, int64_t n) {
    index[0] += n;
    for (int dim = 0; dim + 1 < loop.dims && index[dim] == loop.sizes[dim]; dim++) {
      index[dim] = 0;
      index[dim + 1]++;
    }
  }

  char* Address(const Loop& loop, int operand) const {
    char* address = loop.data[operand];
    for (int dim = 0; dim < loop.dims; dim++) address += index[dim] * loop.strides[operand][dim];
    return address;
  }
};

class Chunk {
 public:
  Chunk(const Loop& loop, BlockFunction function, double p0, double p1)
      : loop_(loop), function_(function), p0_(p0), p1_(p1) {
    for (int operand = 0; operand < loop.operands; operand++) {
      linear_[operand] = IsLinear(loop, operand);
      constant_[operand] = !linear_[operand] && IsConstant(loop, operand);
      filled_[operand] = 0;
    }
  }

  void Run(int64_t begin, int64_t end) {
    bool simple = true, constants = false;
    for (int operand = 0; operand < loop_.operands; operand++) {
      simple = simple && (linear_[operand] || constant_[operand]);
      constants = constants || constant_[operand];
    }
    if (simple) {
      RunSimple(begin, end, constants ? kBlock : end - begin);
    } else if (loop_.sizes[0] >= kLongRow) {
      RunRows(begin, end);
    } else {
      RunShort(begin, end);
    }
  }

 private:
  void Call(char* const* pointers, int64_t n) {
    function_(pointers[0], loop_.operands > 1 ? pointers[1] : nullptr, loop_.operands > 2 ? pointers[2] : nullptr,
              loop_.operands > 3 ? pointers[3] : nullptr, n, p0_, p1_);
  }

  // A buffer of at least n copies of the constant operand.
  char* Constant(int operand, int64_t n) {
    char* buffer = buffers_.bytes[operand];
    if (filled_[operand] < n) {
      Gather(buffer, loop_.data[operand], 0, loop_.item[operand], n);
      filled_[operand] = n;
    }
    return buffer;
  }

  void RunSimple(int64_t begin, int64_t end, int64_t step) {
    char* pointers[kMaxOperands];
    for (int64_t at = begin; at < end; at += step) {
      int64_t n = std::min(step, end - at);
      for (int operand = 0; operand < loop_.operands; operand++) {
        pointers[operand] = constant_[operand] ? Constant(operand, n) : loop_.data[operand] + at * loop_.item[operand];
      }
      Call(pointers, n);
    }
  }

  void RunRows(int64_t begin, int64_t end) {
    bool direct = true;
    for (int operand = 0; operand < loop_.operands; operand++) {
      direct = direct && loop_.strides[operand][0] == loop_.item[operand];
    }
    Position position(loop_, begin);
    int64_t left = end - begin;
    char* pointers[kMaxOperands];
    while (left > 0) {
      int64_t n = std::min(left, loop_.sizes[0] - position.index[0]);
      if (!direct) n = std::min(n, kBlock);
      for (int operand = 0; operand < loop_.operands; operand++) {
        int64_t stride = loop_.strides[operand][0], item = loop_.item[operand];
        if (constant_[operand]) {
          pointers[operand] = Constant(operand, n);
          continue;
        }
        char* address = position.Address(loop_, operand);
        pointers[operand] = stride == item ? address : buffers_.bytes[operand];
        if (operand > 0 && stride != item) Gather(pointers[operand], address, stride, item, n);
      }
      Call(pointers, n);
      if (loop_.strides[0][0] != loop_.item[0]) {
        Scatter(position.Address(loop_, 0), loop_.strides[0][0], pointers[0], loop_.item[0], n);
      }
      position.Advance(loop_, n);
      left -= n;
    }
  }

  // Copies n elements between the operand and its buffer, as many whole rows at once as there are.
  void Stage(int operand, Position position, int64_t n, bool store) {
    char* buffer = buffers_.bytes[operand];
    const int64_t item = loop_.item[operand], row = loop_.sizes[0];
    while (n > 0) {
      int64_t run = std::min(n, row - position.index[0]), rows = 1;
      if (run == row && loop_.dims > 1) rows = std::min(n / row, loop_.sizes[1] - position.index[1]);
      char* address = position.Address(loop_, operand);
      const int64_t apart[] = {loop_.strides[operand][0], loop_.dims > 1 ? loop_.strides[operand][1] : 0};
      if (store) {
        kernels().copy_plane(address, buffer, Plane{{run, rows}, {apart[0], apart[1]}, {item, run * item}}, item);
      } else {
        kernels().copy_plane(buffer, address, Plane{{run, rows}, {item, run * item}, {apart[0], apart[1]}}, item);
      }
      buffer += run * rows * item;
      n -= run * rows;
      if (rows > 1) position.index[1] += rows - 1;
      position.Advance(loop_, run);
    }
  }

  void RunShort(int64_t begin, int64_t end) {
    char* pointers[kMaxOperands];
    for (int64_t at = begin; at < end; at += kBlock) {
      int64_t n = std::min(kBlock, end - at);
      Position position(loop_, at);
      for (int operand = 0; operand < loop_.operands; operand++) {
        if (linear_[operand]) {
          pointers[operand] = loop_.data[operand] + at * loop_.item[operand];
        } else if (constant_[operand]) {
          pointers[operand] = Constant(operand, n);
        } else {
          pointers[operand] = buffers_.bytes[operand];
          if (operand > 0) Stage(operand, position, n, false);
        }
      }
      Call(pointers, n);
      if (!linear_[0]) Stage(0, position, n, true);
    }
  }

  const Loop& loop_;
  BlockFunction function_;
  double p0_, p1_;
  bool linear_[kMaxOperands];
  bool constant_[kMaxOperands];
  int64_t filled_[kMaxOperands];
  Buffers buffers_;
};

}  // namespace

void RunBlocks(const Loop& loop, BlockFunction function, double p0, double p1) {
  ParallelFor(loop.count, kGrain, [&](int64_t begin, int64_t end) { Chunk(loop, function, p0, p1).Run(begin, end); });
}

}  // namespace gb
