// Recurrent networks: for each step a matrix product with the state and one kernel for the cells.
#include <vector>

#include "gpu/device.h"
#include "gpu/structural.h"
#include "gpu/temporary.h"

namespace gb::gpu {

namespace {

// Rows `first` … of a matrix.
Tensor Rows(const Tensor& matrix, int64_t first, int64_t count) {
  Tensor rows = matrix;
  rows.data += first * matrix.strides[0] * ItemSize(matrix.dtype);
  rows.sizes[0] = count;
  return rows;
}

Tensor Transposed(const Tensor& matrix) {
  Tensor t = matrix;
  std::swap(t.sizes[0], t.sizes[1]);
  std::swap(t.strides[0], t.strides[1]);
  return t;
}

const void* At(const Tensor* matrix, int64_t row) {
  return matrix ? matrix->data + row * matrix->strides[0] * ItemSize(matrix->dtype) : nullptr;
}

// Steps in the order in which they are computed: their numbers of rows and where these begin.
struct Step {
  int64_t rows, first;
};
std::vector<Step> StepsOf(const std::vector<int64_t>& sizes, bool backwards) {
  std::vector<Step> steps;
  int64_t first = 0;
  for (int64_t rows : sizes) {
    steps.push_back({rows, first});
    first += rows;
  }
  if (backwards) std::reverse(steps.begin(), steps.end());
  return steps;
}

const Function& CellKernel(GpuDevice& device, const char* name, DType dtype) {
  return device.Kernel("recurrent", name, std::string(" -DT=") + TypeOf(dtype));
}

}  // namespace

void RecurrentSteps(Cell cell, const Tensor& gates, const Tensor& weight, const Tensor* bias,
                    const std::vector<Tensor>& state, const Tensor& output, const std::vector<Tensor>& saved,
                    const std::vector<int64_t>& sizes, bool reverse) {
  Device* on = DeviceOf(gates);
  GpuDevice& device = Of(on);
  const int64_t hidden = weight.sizes[1], width = weight.sizes[0];
  const bool gru = cell == Cell::kGru, lstm = cell == Cell::kLstm;
  const int64_t room[2] = {gru ? state[0].sizes[0] : 0, width};
  Temporary from_state(NewTensor(gates.dtype, 2, room, on));
  const Tensor* previous_h = saved.empty() ? nullptr : &saved[0];
  const Tensor* previous_c = lstm && !saved.empty() ? &saved[1] : nullptr;
  const Tensor* extra = saved.size() > 1 ? &saved.back() : nullptr;
  const int32_t which = static_cast<int32_t>(cell), saves = !saved.empty();
  const Function& kernel = CellKernel(device, "cell_forward", gates.dtype);
  for (const Step& step : StepsOf(sizes, reverse)) {
    if (step.rows == 0) continue;
    const Tensor own = Rows(gates, step.first, step.rows), h = Rows(state[0], 0, step.rows);
    const Tensor product = gru ? Rows(*from_state, 0, step.rows) : own;
    MatrixMultiply(product, h, Transposed(weight), gru ? bias : nullptr, GemmOptions{!gru, false});
    const int64_t count = step.rows * hidden;
    Arguments arguments;
    arguments.Of(own).Address(gru ? product.data : nullptr).Of(h).Address(lstm ? state[1].data : nullptr);
    arguments.Address(At(&output, step.first)).Address(At(previous_h, step.first));
    arguments.Address(At(previous_c, step.first)).Address(At(extra, step.first));
    arguments.Value(which).Value(saves).Value(hidden).Value(count);
    LaunchItems(device, kernel, count, arguments);
  }
}

void RecurrentGradients(Cell cell, const std::vector<Tensor>& saved, const Tensor& weight, const Tensor* d_output,
                        const std::vector<Tensor>& d_state, const std::vector<Tensor>& d_gates,
                        const std::vector<int64_t>& sizes, bool reverse) {
  GpuDevice& device = Of(DeviceOf(weight));
  const int64_t hidden = weight.sizes[1];
  const bool gru = cell == Cell::kGru, lstm = cell == Cell::kLstm;
  const Tensor* previous_c = lstm ? &saved[2] : nullptr;
  const int32_t which = static_cast<int32_t>(cell), has_output = d_output != nullptr;
  const Function& kernel = CellKernel(device, "cell_backward", weight.dtype);
  for (const Step& step : StepsOf(sizes, !reverse)) {
    if (step.rows == 0) continue;
    const int64_t count = step.rows * hidden;
    Arguments arguments;
    arguments.Address(At(&d_gates[0], step.first)).Address(gru ? At(&d_gates[1], step.first) : nullptr);
    arguments.Address(At(&saved[0], step.first)).Address(At(&saved[1], step.first));
    arguments.Address(At(previous_c, step.first)).Address(saved.size() > 2 ? At(&saved.back(), step.first) : nullptr);
    arguments.Address(At(d_output, step.first)).Of(d_state[0]).Address(lstm ? d_state[1].data : nullptr);
    arguments.Value(which).Value(has_output).Value(hidden).Value(count);
    LaunchItems(device, kernel, count, arguments);
    const Tensor dh = Rows(d_state[0], 0, step.rows);
    MatrixMultiply(dh, Rows(d_gates[gru ? 1 : 0], step.first, step.rows), weight, nullptr, GemmOptions{gru, false});
  }
}

}  // namespace gb::gpu
