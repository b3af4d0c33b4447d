// out[m, n] (+)= a[m, k] · b[k, n] (+ bias[n]) (then max with 0), for every matrix of a batch (dim 2 of the groups). A group
// computes a TILE x TILE part of the output; each work-item PER x PER elements of it in registers. Slices of STEP columns of a
// and rows of b pass through shared memory, so an element is fetched from memory TILE times less often than it is used.
// T: element type; A(row, k) and B(k, column) fetch elements, 0 outside; OUT(row, column) names one.
#define SIDE (TILE / PER)

KERNEL gemm(POINTER(out), POINTER(a), POINTER(b), POINTER(bias), GemmShape s) {
  SHARED T a_slice[STEP][TILE + 1];
  SHARED T b_slice[STEP][TILE + 1];
  int x = (int)ITEM(0), y = (int)ITEM(1), item = y * SIDE + x;
  long row0 = (long)GROUP(1) * TILE, column0 = (long)GROUP(0) * TILE;
  long batch = (long)GROUP(2), at_out = 0, at_a = 0, at_b = 0;
  for (int dim = 0; dim < s.batch_dims; dim++) {
    long at = batch % s.batch_sizes[dim];
    batch /= s.batch_sizes[dim];
    at_out += at * s.batch_strides[0][dim];
    at_a += at * s.batch_strides[1][dim];
    at_b += at * s.batch_strides[2][dim];
  }
  MEMORY const T *a_at = AT(const T, a) + at_a;
  MEMORY const T *b_at = AT(const T, b) + at_b;
  MEMORY T *out_at = AT(T, out) + at_out;
  T sums[PER][PER];
  for (int i = 0; i < PER; i++) {
    for (int j = 0; j < PER; j++) sums[i][j] = 0;
  }
  for (long k0 = 0; k0 < s.k; k0 += STEP) {
    // Neighbouring items fetch neighbouring elements, whichever way the matrix lies.
    for (int e = item; e < STEP * TILE; e += SIDE * SIDE) {
      int k = s.a_along_k ? e % STEP : e / TILE, m = s.a_along_k ? e / STEP : e % TILE;
      a_slice[k][m] = row0 + m < s.m && k0 + k < s.k ? a_at[(row0 + m) * s.a_row + (k0 + k) * s.a_column] : (T)0;
      k = s.b_along_k ? e % STEP : e / TILE;
      int n = s.b_along_k ? e / STEP : e % TILE;
      b_slice[k][n] = column0 + n < s.n && k0 + k < s.k ? b_at[(k0 + k) * s.b_row + (column0 + n) * s.b_column] : (T)0;
    }
    BARRIER;
    for (int k = 0; k < STEP; k++) {
      T left[PER], right[PER];
      for (int i = 0; i < PER; i++) left[i] = a_slice[k][y + i * SIDE];
      for (int j = 0; j < PER; j++) right[j] = b_slice[k][x + j * SIDE];
      for (int i = 0; i < PER; i++) {
        for (int j = 0; j < PER; j++) sums[i][j] += left[i] * right[j];
      }
    }
    BARRIER;
  }
  for (int i = 0; i < PER; i++) {
    long m = row0 + y + i * SIDE;
    for (int j = 0; j < PER; j++) {
      long n = column0 + x + j * SIDE;
      if (m >= s.m || n >= s.n) continue;
      T value = sums[i][j];
      MEMORY T *to = out_at + m * s.out_row + n * s.out_column;
      if (s.has_bias) value += AT(const T, bias)[n * s.bias_stride];
      if (s.accumulate) value += *to;
      if (s.relu && value < 0) value = 0;
      *to = value;
    }
  }
}
