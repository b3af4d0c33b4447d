// Reading and writing at positions that an index names. T: elements as they are stored, whatever they mean, but for scatter;
// I: type of the index. A position that is out of range is reported, and nothing is read or written there.

// out = a at the index's position: nest walks out (0), a without the indexed dim (1) and the index (2).
KERNEL take(POINTER(out), POINTER(a), POINTER(index), POINTER(fault), int what, long size, long step, Nest nest) {
  long i = (long)GLOBAL_ITEM(0), at[4];
  if (i >= nest.count) return;
  walk(&nest, i, at);
  long position = (long)*(MEMORY const I *)(index_buffer + index_offset + at[2]);
  if (position < 0 || position >= size) {
    report(AT(long, fault), what, i, position, size);
    return;
  }
  *(MEMORY T *)(out_buffer + out_offset + at[0]) = *(MEMORY const T *)(a_buffer + a_offset + at[1] + position * step);
}

// Writes `length` elements along a dim in the index's order: one item for each line, so that repeated positions meet in that
// order. op: 0 set, 1 add, 2 multiply, 3 maximum, 4 minimum. nest walks out (0), index (1) and source (2) without the dim.
KERNEL scatter(POINTER(out), POINTER(index), POINTER(source), POINTER(fault), T number, int op, int what, int is_number,
               long length, long size, long out_step, long index_step, long source_step, Nest nest) {
  long i = (long)GLOBAL_ITEM(0), at[4];
  if (i >= nest.count) return;
  walk(&nest, i, at);
  for (long j = 0; j < length; j++) {
    long position = (long)*(MEMORY const I *)(index_buffer + index_offset + at[1] + j * index_step);
    if (position < 0 || position >= size) {
      report(AT(long, fault), what, j, position, size);
      continue;
    }
    MEMORY T *to = (MEMORY T *)(out_buffer + out_offset + at[0] + position * out_step);
    T value = number;
    if (!is_number) value = *(MEMORY const T *)(source_buffer + source_offset + at[2] + j * source_step);
    T old = *to;
    if (op == 1) value = (T)(old + value);
    if (op == 2) value = (T)(old * value);
    if (op == 3) value = value > old || value != value ? value : old;
    if (op == 4) value = value < old || value != value ? value : old;
    *to = value;
  }
}

// How many elements of each piece of a bool tensor are true.
KERNEL count_true(POINTER(counts), POINTER(a), long count, long piece) {
  long first = (long)GLOBAL_ITEM(0) * piece, end = first + piece < count ? first + piece : count, sum = 0;
  if (first >= count) return;
  for (long i = first; i < end; i++) sum += AT(const uchar, a)[i] != 0;
  AT(long, counts)[GLOBAL_ITEM(0)] = sum;
}

// Their positions, [n, dims]; `starts` says where those of each piece begin. nest holds the sizes, innermost first.
KERNEL write_true(POINTER(out), POINTER(starts), POINTER(a), long count, long piece, Nest nest) {
  long first = (long)GLOBAL_ITEM(0) * piece, end = first + piece < count ? first + piece : count;
  if (first >= count) return;
  MEMORY long *to = AT(long, out) + AT(const long, starts)[GLOBAL_ITEM(0)] * nest.dims;
  for (long i = first; i < end; i++) {
    if (!AT(const uchar, a)[i]) continue;
    long rest = i;
    for (int dim = 0; dim < nest.dims; dim++) {
      to[nest.dims - 1 - dim] = rest % nest.sizes[dim];
      rest /= nest.sizes[dim];
    }
    to += nest.dims;
  }
}
