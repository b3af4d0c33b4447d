// One step of a recurrent network, one item for each element of the state; the products with the state's weights are made
// before (forward) or after it (backward). Offsets point at the step's rows. cell: 0 LSTM, 1 GRU, 2 tanh, 3 ReLU.
FUNCTION T sigmoid(T x) { return (T)1 / ((T)1 + exp(-x)); }

// gates: what comes from the input and, but for the GRU, from the state; then activated. from_state: GRU. saves: whether the
// last three are wanted.
KERNEL cell_forward(POINTER(gates), POINTER(from_state), POINTER(h), POINTER(c), POINTER(output), POINTER(previous_h),
                    POINTER(previous_c), POINTER(extra), int cell, int saves, long hidden, long count) {
  long i = (long)GLOBAL_ITEM(0), row = i / hidden, unit = i % hidden;
  if (i >= count) return;
  T before = AT(const T, h)[i], result;
  if (saves) AT(T, previous_h)[i] = before;
  if (cell == 0) {
    MEMORY T *g = AT(T, gates) + row * 4 * hidden + unit;
    T in = sigmoid(g[0]), forget = sigmoid(g[hidden]), candidate = tanh(g[2 * hidden]), open = sigmoid(g[3 * hidden]);
    T old = AT(const T, c)[i], next = forget * old + in * candidate, bounded = tanh(next);
    g[0] = in;
    g[hidden] = forget;
    g[2 * hidden] = candidate;
    g[3 * hidden] = open;
    AT(T, c)[i] = next;
    if (saves) {
      AT(T, previous_c)[i] = old;
      AT(T, extra)[i] = bounded;
    }
    result = open * bounded;
  } else if (cell == 1) {
    MEMORY T *g = AT(T, gates) + row * 3 * hidden + unit;
    MEMORY const T *s = AT(const T, from_state) + row * 3 * hidden + unit;
    T reset = sigmoid(g[0] + s[0]), update = sigmoid(g[hidden] + s[hidden]), own = s[2 * hidden];
    T candidate = tanh(g[2 * hidden] + reset * own);
    g[0] = reset;
    g[hidden] = update;
    g[2 * hidden] = candidate;
    if (saves) AT(T, extra)[i] = own;
    result = ((T)1 - update) * candidate + update * before;
  } else {
    T x = AT(const T, gates)[i];
    result = cell == 2 ? tanh(x) : (x > 0 || x != x ? x : (T)0);
    AT(T, gates)[i] = result;
  }
  AT(T, h)[i] = result;
  AT(T, output)[i] = result;
}

// dh, dc: gradients of the state behind the step, which become those of the state before it, but for what goes through the
// product with the weights: d_gates and, for the GRU, d_state are multiplied with them afterwards.
KERNEL cell_backward(POINTER(d_gates), POINTER(d_state), POINTER(gates), POINTER(previous_h), POINTER(previous_c),
                     POINTER(extra), POINTER(d_output), POINTER(dh), POINTER(dc), int cell, int has_output, long hidden,
                     long count) {
  long i = (long)GLOBAL_ITEM(0), row = i / hidden, unit = i % hidden;
  if (i >= count) return;
  T d = AT(const T, dh)[i];
  if (has_output) d += AT(const T, d_output)[i];
  if (cell == 0) {
    MEMORY const T *g = AT(const T, gates) + row * 4 * hidden + unit;
    MEMORY T *to = AT(T, d_gates) + row * 4 * hidden + unit;
    T in = g[0], forget = g[hidden], candidate = g[2 * hidden], open = g[3 * hidden], bounded = AT(const T, extra)[i];
    T inner = AT(const T, dc)[i] + d * open * ((T)1 - bounded * bounded);
    to[0] = inner * candidate * in * ((T)1 - in);
    to[hidden] = inner * AT(const T, previous_c)[i] * forget * ((T)1 - forget);
    to[2 * hidden] = inner * in * ((T)1 - candidate * candidate);
    to[3 * hidden] = d * bounded * open * ((T)1 - open);
    AT(T, dc)[i] = inner * forget;
  } else if (cell == 1) {
    MEMORY const T *g = AT(const T, gates) + row * 3 * hidden + unit;
    MEMORY T *to = AT(T, d_gates) + row * 3 * hidden + unit;
    MEMORY T *state = AT(T, d_state) + row * 3 * hidden + unit;
    T reset = g[0], update = g[hidden], candidate = g[2 * hidden];
    T dn = d * ((T)1 - update) * ((T)1 - candidate * candidate);
    T dr = dn * AT(const T, extra)[i] * reset * ((T)1 - reset);
    T dz = d * (AT(const T, previous_h)[i] - candidate) * update * ((T)1 - update);
    to[0] = state[0] = dr;
    to[hidden] = state[hidden] = dz;
    to[2 * hidden] = dn;
    state[2 * hidden] = dn * reset;
    AT(T, dh)[i] = d * update;
  } else {
    T y = AT(const T, gates)[i];
    AT(T, d_gates)[i] = cell == 2 ? d * ((T)1 - y * y) : (y > 0 ? d : (T)0);
  }
}
