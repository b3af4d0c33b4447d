// One group reduces the elements of one output: each item its share in order, then the items' results pairwise in shared
// memory. The order depends on sizes alone, so results are the same in every run. T: input, W: in which it is computed, R: output;
// START, STEP(sum, x), JOIN(a, b), END(sum, count).
KERNEL reduce(POINTER(out), POINTER(a), ReduceShape s) {
  SHARED W shared[GROUP_ITEMS];
  long output = (long)GROUP(0), at_out = 0, at_a = 0, rest = output;
  for (int dim = 0; dim < s.kept.dims; dim++) {
    long at = rest % s.kept.sizes[dim];
    rest /= s.kept.sizes[dim];
    at_out += at * s.kept.strides[0][dim];
    at_a += at * s.kept.strides[1][dim];
  }
  int item = (int)ITEM(0);
  W sum = START;
  for (long i = item; i < s.reduced.count; i += GROUP_ITEMS) {
    long place = at_a, left = i;
    for (int dim = 0; dim < s.reduced.dims; dim++) {
      long at = left % s.reduced.sizes[dim];
      left /= s.reduced.sizes[dim];
      place += at * s.reduced.strides[1][dim];
    }
    T x = *(MEMORY const T *)(a_buffer + a_offset + place);
    sum = STEP(sum, x);
  }
  shared[item] = sum;
  BARRIER;
  for (int apart = GROUP_ITEMS / 2; apart > 0; apart /= 2) {
    if (item < apart) shared[item] = JOIN(shared[item], shared[item + apart]);
    BARRIER;
  }
  if (item == 0) *(MEMORY R *)(out_buffer + out_offset + at_out) = (R)END(shared[0], s.reduced.count);
}
