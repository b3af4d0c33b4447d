// Running sums and the like along lines of `size` elements that lie `inner` apart. T: elements; W: what they are summed in.
FUNCTION W joined(int op, W a, W b) {
  if (op == 0) return a + b;
  if (op == 1) return a * b;
#if IS_FLOAT
  if (a != a || b != b) return NAN;
  W low = a < b ? a : b, high = a < b ? b : a;
  return low == high && isinf(low) ? low : high + log1p(exp(low - high));
#else
  return 0;
#endif
}

// A group for each line: blocks of it are scanned in shared memory. op: 0 sum, 1 product, 2 log of the sum of exponentials.
KERNEL scan(POINTER(out), POINTER(a), int op, long size, long inner) {
  SHARED W shared[GROUP_ITEMS];
  long line = (long)GROUP(0), begin = line / inner * size * inner + line % inner;
  int item = (int)ITEM(0);
  W nothing = op == 1 ? 1 : 0;
#if IS_FLOAT
  if (op == 2) nothing = -INFINITY;
#endif
  W before = nothing;
  for (long first = 0; first < size; first += GROUP_ITEMS) {
    long i = first + item;
    shared[item] = i < size ? (W)AT(const T, a)[begin + i * inner] : nothing;
    BARRIER;
    for (int apart = 1; apart < GROUP_ITEMS; apart *= 2) {
      W left = item >= apart ? shared[item - apart] : nothing;
      BARRIER;
      if (item >= apart) shared[item] = joined(op, left, shared[item]);
      BARRIER;
    }
    if (i < size) AT(T, out)[begin + i * inner] = (T)joined(op, before, shared[item]);
    before = joined(op, before, shared[GROUP_ITEMS - 1]);
    BARRIER;
  }
}

// The latest of equal extremes counts; a NaN stays, and later ones replace it.
FUNCTION int replaces(int largest, T x, T kept) {
  return x != x || (kept == kept && (largest ? x >= kept : x <= kept));
}

// One item for each line.
KERNEL scan_extreme(POINTER(values), POINTER(indices), POINTER(a), int largest, long size, long inner, long lines) {
  long line = (long)GLOBAL_ITEM(0), begin = line / inner * size * inner + line % inner, found = 0;
  if (line >= lines || size == 0) return;
  T kept = AT(const T, a)[begin];
  for (long i = 0; i < size; i++) {
    T x = AT(const T, a)[begin + i * inner];
    if (replaces(largest, x, kept)) {
      kept = x;
      found = i;
    }
    AT(T, values)[begin + i * inner] = kept;
    AT(long, indices)[begin + i * inner] = found;
  }
}

#if IS_FLOAT
// h = a · h before + b, from h = 0; reversed, a is that of the element that follows. One item for each line.
KERNEL recurrence(POINTER(out), POINTER(a), POINTER(b), int reverse, long size, long inner, long lines) {
  long line = (long)GLOBAL_ITEM(0), begin = line / inner * size * inner + line % inner;
  if (line >= lines) return;
  REAL h = 0;
  for (long n = 0; n < size; n++) {
    long i = reverse ? size - 1 - n : n, at = begin + i * inner;
    REAL carried = n == 0 ? (REAL)0 : (REAL)AT(const T, a)[reverse ? at + inner : at] * h;
    h = carried + (REAL)AT(const T, b)[at];
    AT(T, out)[at] = (T)h;
  }
}
#endif
