// Sums of elements chosen by a sparse matrix along one dim, or by positions in a plane.

// out[…, i, …] = Σ weights[k] · a[…, columns[k], …] over starts[i] ≤ k < starts[i + 1].
KERNEL resample(POINTER(out), POINTER(a), POINTER(starts), POINTER(columns), POINTER(weights), POINTER(fault), int what,
                long rows, long size, long inner, long count, int weighted) {
  long i = (long)GLOBAL_ITEM(0);
  if (i >= count) return;
  long row = i / inner % rows, line = i / inner / rows * size * inner + i % inner;
  W sum = 0;
  for (int k = AT(const int, starts)[row]; k < AT(const int, starts)[row + 1]; k++) {
    long column = AT(const int, columns)[k];
    if (column < 0 || column >= size) {
      report(AT(long, fault), what, k, column, size);
      continue;
    }
    W x = (W)AT(const T, a)[line + column * inner];
    if (weighted) x *= (W)AT(const T, weights)[k];
    sum += x;
  }
  AT(T, out)[i] = (T)sum;
}

#if IS_FLOAT
// x [N, C, S], y [N, C, O], positions and weights [K, N, O]; positions below 0 contribute nothing.
FUNCTION int is_inside(MEMORY long *fault, int what, long k, long position, long size) {
  if (position >= size) report(fault, what, k, position, size);
  return position >= 0 && position < size;
}

KERNEL taps_gather(POINTER(x), POINTER(y), POINTER(positions), POINTER(weights), POINTER(fault), int what, long batch,
                   long channels, long size, long outputs, long taps) {
  long i = (long)GLOBAL_ITEM(0);
  if (i >= batch * channels * outputs) return;
  long o = i % outputs, plane = i / outputs, n = plane / channels;
  T sum = 0;
  for (long k = 0; k < taps; k++) {
    long at = (k * batch + n) * outputs + o, position = AT(const long, positions)[at];
    if (is_inside(AT(long, fault), what, at, position, size))
      sum += AT(const T, weights)[at] * AT(const T, x)[plane * size + position];
  }
  AT(T, y)[i] = sum;
}

// One item for each plane: what falls on one place is added in one order.
KERNEL taps_scatter(POINTER(x), POINTER(y), POINTER(positions), POINTER(weights), POINTER(fault), int what, long batch,
                    long channels, long size, long outputs, long taps) {
  long plane = (long)GLOBAL_ITEM(0), n = plane / channels;
  if (plane >= batch * channels) return;
  MEMORY T *to = AT(T, x) + plane * size;
  for (long i = 0; i < size; i++) to[i] = 0;
  for (long k = 0; k < taps; k++) {
    for (long o = 0; o < outputs; o++) {
      long at = (k * batch + n) * outputs + o, position = AT(const long, positions)[at];
      if (is_inside(AT(long, fault), what, at, position, size))
        to[position] += AT(const T, weights)[at] * AT(const T, y)[plane * outputs + o];
    }
  }
}

KERNEL taps_dot(POINTER(x), POINTER(y), POINTER(positions), POINTER(weights), POINTER(fault), int what, long batch,
                long channels, long size, long outputs, long taps) {
  long at = (long)GLOBAL_ITEM(0);
  if (at >= taps * batch * outputs) return;
  long o = at % outputs, n = at / outputs % batch, position = AT(const long, positions)[at];
  T sum = 0;
  if (is_inside(AT(long, fault), what, at, position, size)) {
    for (long c = 0; c < channels; c++) {
      long plane = n * channels + c;
      sum += AT(const T, x)[plane * size + position] * AT(const T, y)[plane * outputs + o];
    }
  }
  AT(T, weights)[at] = sum;
}
#endif
