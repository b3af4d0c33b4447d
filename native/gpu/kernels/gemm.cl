// out[m, n] = Σ a(m, k) · b(k, n) for every matrix of a batch (dim 2 of the groups). A group computes a TILE x TILE part of the
// output; each work-item PER x PER elements of it in registers. Slices of STEP columns of a and rows of b pass through shared
// memory, so an element is fetched from memory TILE times less often than it is used.
// What a(m, k) and b(k, n) are, and where a result goes, stands before this text: Shape with sizes m, n, k; PLACE, which sets
// up what the batch number means; A_AT(m, k), B_AT(k, n) for indices inside the sizes; FIRST_K and END_K; A_ALONG_K and
// B_ALONG_K: whether elements lie closest along k; PUT(m, n, value).
#define SIDE (TILE / PER)

KERNEL gemm(POINTER(out), POINTER(a), POINTER(b), POINTER(bias), Shape s) {
  SHARED T a_slice[STEP][TILE + 1];
  SHARED T b_slice[STEP][TILE + 1];
  int x = (int)ITEM(0), y = (int)ITEM(1), item = y * SIDE + x;
  long row0 = (long)GROUP(1) * TILE, column0 = (long)GROUP(0) * TILE, batch = (long)GROUP(2);
  PLACE;
  T sums[PER][PER];
  for (int i = 0; i < PER; i++) {
    for (int j = 0; j < PER; j++) sums[i][j] = 0;
  }
  for (long k0 = FIRST_K; k0 < END_K; k0 += STEP) {
    // Neighbouring items fetch neighbouring elements, whichever way the matrix lies.
    for (int e = item; e < STEP * TILE; e += SIDE * SIDE) {
      int i = A_ALONG_K ? e % STEP : e / TILE, m = A_ALONG_K ? e / STEP : e % TILE;
      a_slice[i][m] = row0 + m < s.m && k0 + i < END_K ? A_AT((row0 + m), (k0 + i)) : (T)0;
      i = B_ALONG_K ? e % STEP : e / TILE;
      int n = B_ALONG_K ? e / STEP : e % TILE;
      b_slice[i][n] = column0 + n < s.n && k0 + i < END_K ? B_AT((k0 + i), (column0 + n)) : (T)0;
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
      if (m < s.m && n < s.n) PUT(m, n, sums[i][j]);
    }
  }
}
