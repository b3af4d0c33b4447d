// The loop nest shared by everything that walks several tensors of one broadcast shape: dims of size 1 dropped, sorted
// so that the output is written in memory order, neighbours merged where all operands allow it.
#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace gb {

constexpr int kMaxOperands = 4;

struct Loop {
  int operands;
  int dims;       // at least 1; dim 0 is the innermost
  int64_t count;  // of elements
  int64_t sizes[kMaxDims];
  int64_t strides[kMaxOperands][kMaxDims];  // in bytes
  char* data[kMaxOperands];
  int64_t item[kMaxOperands];  // bytes per element
};

// operands[0] is the output and gives the sizes; the others broadcast to it or Error is thrown, naming `what`. A null
// operand is a constant: its data and item size are filled in by the caller.
Loop MakeLoop(const Tensor* const* operands, int count, const char* what);

// Kinds of an operand's walk over the whole loop nest.
bool IsLinear(const Loop& loop, int operand);
bool IsConstant(const Loop& loop, int operand);

}  // namespace gb
