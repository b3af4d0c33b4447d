// The text is repeated for each operation, behind the definitions of NAME and what follows below. One group reduces the elements of one output: each item its share in order, then the items' results pairwise in shared
// memory. The order depends on sizes alone, so results are the same in every run. T: input, W: in which it is computed, R: output;
// START, STEP(sum, x), JOIN(a, b), END(sum, count).
KERNEL NAME(POINTER(out), POINTER(a), ReduceShape s) {
  SHARED W shared[GROUP_ITEMS];
  long at[4], inside[4];
  walk(&s.kept, (long)GROUP(0), at);
  int item = (int)ITEM(0);
  W sum = START;
  for (long i = item; i < s.reduced.count; i += GROUP_ITEMS) {
    walk(&s.reduced, i, inside);
    T x = *(MEMORY const T *)(a_buffer + a_offset + at[1] + inside[1]);
    sum = STEP(sum, x);
  }
  shared[item] = sum;
  BARRIER;
  for (int apart = GROUP_ITEMS / 2; apart > 0; apart /= 2) {
    if (item < apart) shared[item] = JOIN(shared[item], shared[item + apart]);
    BARRIER;
  }
  if (item == 0) *(MEMORY R *)(out_buffer + out_offset + at[0]) = (R)END(shared[0], s.reduced.count);
}
#undef NAME
#undef W
#undef R
#undef START
#undef STEP
#undef JOIN
#undef END
