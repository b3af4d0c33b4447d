// Checks for recurrent networks.
#include "core/errors.h"
#include "cpu/api.h"
#include "cpu/require.h"
#include "gpu/structural.h"

namespace gb {

namespace {

void Require(const Tensor& t, DType dtype, int64_t rows, int64_t columns, const char* what) {
  const bool vector = rows < 0;
  const bool fits =
      vector ? t.dims == 1 && t.sizes[0] == columns : t.dims == 2 && t.sizes[0] == rows && t.sizes[1] == columns;
  if (!fits && vector) Throw("%s: expected sizes [%lld], found %s", what, Long(columns), Sizes(t).c_str());
  if (!fits) Throw("%s: expected sizes [%lld, %lld], found %s", what, Long(rows), Long(columns), Sizes(t).c_str());
  RequireDType(t, dtype, what);
  RequireContiguous(t, what);
}

size_t SavedCount(Cell cell) { return cell == Cell::kLstm ? 3 : cell == Cell::kGru ? 2 : 1; }

RecurrentLayer Describe(Cell cell, const Tensor& weight, const Tensor* bias, const std::vector<Tensor>& state,
                        const std::vector<int64_t>& sizes, bool reverse, const char* what) {
  RecurrentLayer r{};
  r.cell = cell;
  r.reverse = reverse;
  r.gates = cell == Cell::kLstm ? 4 : cell == Cell::kGru ? 3 : 1;
  if (!IsFloat(weight.dtype)) Throw("%s: expected float32 or float64, found %s", what, Name(weight.dtype));
  if (weight.dims != 2) Throw("%s: expected a weight matrix, found sizes %s", what, Sizes(weight).c_str());
  r.dtype = weight.dtype;
  r.hidden = weight.sizes[1];
  Require(weight, r.dtype, r.gates * r.hidden, r.hidden, what);
  if (bias) Require(*bias, r.dtype, -1, r.gates * r.hidden, what);
  const size_t states = cell == Cell::kLstm ? 2 : 1;
  if (state.size() != states) Throw("%s: expected %zu states, found %zu", what, states, state.size());
  r.batch = state[0].dims == 2 ? state[0].sizes[0] : 0;
  for (const Tensor& t : state) Require(t, r.dtype, r.batch, r.hidden, what);
  int64_t before = r.batch;
  for (int64_t size : sizes) {
    if (size < 0 || size > before) {
      Throw("%s: a step of %lld rows cannot follow one of %lld", what, Long(size), Long(before));
    }
    before = size;
    r.rows += size;
  }
  r.steps = static_cast<int64_t>(sizes.size());
  r.sizes = sizes.data();
  r.weight = weight.data;
  r.bias = bias ? bias->data : nullptr;
  return r;
}

void RequireCount(const std::vector<Tensor>& list, size_t count, const char* what) {
  if (list.size() != count) Throw("%s: expected %zu tensors, found %zu", what, count, list.size());
}

}  // namespace

void RecurrentSteps(Cell cell, const Tensor& gates, const Tensor& weight, const Tensor* bias,
                    const std::vector<Tensor>& state, const Tensor& output, const std::vector<Tensor>& saved,
                    const std::vector<int64_t>& sizes, bool reverse) {
  const char* what = "recurrentForward";
  const RecurrentLayer r = Describe(cell, weight, bias, state, sizes, reverse, what);
  Require(gates, r.dtype, r.rows, r.gates * r.hidden, what);
  Require(output, r.dtype, r.rows, r.hidden, what);
  if (!saved.empty()) RequireCount(saved, SavedCount(cell), what);
  for (const Tensor& t : saved) Require(t, r.dtype, r.rows, r.hidden, what);
  if (DeviceOf(gates)) {
    if (r.hidden > 0) gpu::RecurrentSteps(cell, gates, weight, bias, state, output, saved, sizes, reverse);
    return;
  }
  RecurrentState s{};
  s.gates = gates.data;
  s.output = output.data;
  s.h = state[0].data;
  s.c = cell == Cell::kLstm ? state[1].data : nullptr;
  if (!saved.empty()) {
    s.previous_h = saved[0].data;
    s.previous_c = cell == Cell::kLstm ? saved[1].data : nullptr;
    s.extra = saved.size() > 1 ? saved.back().data : nullptr;
  }
  if (r.hidden > 0) kernels().recurrent_forward(r, s);
}

void RecurrentGradients(Cell cell, const std::vector<Tensor>& saved, const Tensor& weight, const Tensor* d_output,
                        const std::vector<Tensor>& d_state, const std::vector<Tensor>& d_gates,
                        const std::vector<int64_t>& sizes, bool reverse) {
  const char* what = "recurrentBackward";
  const RecurrentLayer r = Describe(cell, weight, nullptr, d_state, sizes, reverse, what);
  RequireCount(saved, SavedCount(cell) + 1, what);
  RequireCount(d_gates, cell == Cell::kGru ? 2 : 1, what);
  for (size_t i = 0; i < saved.size(); i++) {
    Require(saved[i], r.dtype, r.rows, i == 0 ? r.gates * r.hidden : r.hidden, what);
  }
  for (const Tensor& t : d_gates) Require(t, r.dtype, r.rows, r.gates * r.hidden, what);
  if (d_output) Require(*d_output, r.dtype, r.rows, r.hidden, what);
  if (DeviceOf(weight)) {
    if (r.hidden > 0) gpu::RecurrentGradients(cell, saved, weight, d_output, d_state, d_gates, sizes, reverse);
    return;
  }
  RecurrentGradient s{};
  s.gates = saved[0].data;
  s.previous_h = saved[1].data;
  s.previous_c = cell == Cell::kLstm ? saved[2].data : nullptr;
  s.extra = saved.back().data;
  s.d_output = d_output ? d_output->data : nullptr;
  s.dh = d_state[0].data;
  s.dc = cell == Cell::kLstm ? d_state[1].data : nullptr;
  s.d_gates = d_gates[0].data;
  s.d_state = cell == Cell::kGru ? d_gates[1].data : nullptr;
  if (r.hidden > 0) kernels().recurrent_backward(r, s);
}

}  // namespace gb
