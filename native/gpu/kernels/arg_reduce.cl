// The first largest or smallest element along a dim with its position; a NaN wins. One group for each output; nest walks values
// (0), a without the dim (1) and indices (2). outputs: 1 values, 2 indices, 3 both.
FUNCTION int wins(int largest, T x, long at, T other, long other_at) {
  if (other_at < 0) return at >= 0;
  if (at < 0) return 0;
  int nan = x != x, other_nan = other != other;
  if (nan || other_nan) return nan && (!other_nan || at < other_at);
  if (x == other) return at < other_at;
  return largest ? x > other : x < other;
}

KERNEL arg_reduce(POINTER(values), POINTER(indices), POINTER(a), int largest, int outputs, long size, long step, Nest nest) {
  SHARED T best[GROUP_ITEMS];
  SHARED long best_at[GROUP_ITEMS];
  int item = (int)ITEM(0);
  long at[4], found = -1;
  walk(&nest, (long)GROUP(0), at);
  T kept = 0;
  for (long i = item; i < size; i += GROUP_ITEMS) {
    T x = *(MEMORY const T *)(a_buffer + a_offset + at[1] + i * step);
    if (!wins(largest, x, i, kept, found)) continue;
    kept = x;
    found = i;
  }
  best[item] = kept;
  best_at[item] = found;
  BARRIER;
  for (int apart = GROUP_ITEMS / 2; apart > 0; apart /= 2) {
    if (item < apart && wins(largest, best[item + apart], best_at[item + apart], best[item], best_at[item])) {
      best[item] = best[item + apart];
      best_at[item] = best_at[item + apart];
    }
    BARRIER;
  }
  if (item > 0) return;
  if (outputs & 1) *(MEMORY T *)(values_buffer + values_offset + at[0]) = best[0];
  if (outputs & 2) *(MEMORY long *)(indices_buffer + indices_offset + at[2]) = best_at[0];
}
