// Elementwise functions, copies and fills on a device. The operands have been checked by cpu/api_elementwise.cc.
#pragma once

#include "cpu/api.h"
#include "gpu/device.h"

namespace gb::gpu {

void Elementwise(const char* name, const Tensor& out, const Tensor& a, const Operand* const* more, double p0,
                 double p1);
void Where(const Tensor& out, const Tensor& condition, const Operand& a, const Operand& b);
void Fill(const Tensor& out, double value);
// Between any two places: within a device, from and to the processor's memory; converts dtypes and broadcasts.
void Copy(const Tensor& out, const Tensor& a);
double Item(const Tensor& from);

}  // namespace gb::gpu
