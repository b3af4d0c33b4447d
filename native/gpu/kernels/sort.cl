// Orders: a bitonic network sorts the positions of each line's elements in global memory. Equal elements are ordered by their
// positions, so the result is that of a stable sort. A line has `padded` places, a power of two; positions from `size` on stand
// for nothing and go to the end. Elements of a line lie `step` apart and are compared as `width` numbers each.
FUNCTION int compared(T x, T y) {
  if (x != x || y != y) return (x != x) - (y != y);  // NaN is greater than every number
  return (x > y) - (x < y);
}

FUNCTION int precedes(MEMORY const T *line, long p, long q, long size, long step, long width, int descending) {
  if (p >= size || q >= size) return p < q;
  for (long i = 0; i < width; i++) {
    int sign = compared(line[p * step + i], line[q * step + i]);
    if (sign != 0) return descending ? sign > 0 : sign < 0;
  }
  return p < q;
}

FUNCTION long begin_of(long line, long size, long inner) { return line / inner * size * inner + line % inner; }

KERNEL order_start(POINTER(order), long padded, long count) {
  long i = (long)GLOBAL_ITEM(0);
  if (i < count) AT(long, order)[i] = i % padded;
}

KERNEL order_step(POINTER(order), POINTER(a), long size, long inner, long step, long width, long padded, long count,
                  long block, long apart, int descending) {
  long i = (long)GLOBAL_ITEM(0), other = i ^ apart;
  if (i >= count || other <= i) return;
  MEMORY const T *line = AT(const T, a) + begin_of(i / padded, size, inner);
  MEMORY long *places = AT(long, order);
  long p = places[i], q = places[other];
  int upwards = (i % padded & block) == 0;
  if (precedes(line, q, p, size, step, width, descending) == upwards) {
    places[i] = q;
    places[other] = p;
  }
}

// The first `kept` of each line; `outputs`: 1 values, 2 indices, 3 both.
KERNEL order_write(POINTER(values), POINTER(indices), POINTER(order), POINTER(a), long size, long inner, long padded,
                   long kept, long count, int outputs) {
  long i = (long)GLOBAL_ITEM(0);
  if (i >= count) return;
  long line = i / kept, rank = i % kept, to = begin_of(line, kept, inner) + rank * inner;
  long from = AT(const long, order)[line * padded + rank];
  if (outputs & 1) AT(T, values)[to] = AT(const T, a)[begin_of(line, size, inner) + from * inner];
  if (outputs & 2) AT(long, indices)[to] = from;
}

// One element of each line of an ascending order. selection: 0 the k-th, 1 median, 2 median of what is no NaN, 3 the most
// frequent, of several the smallest, and there the last.
KERNEL order_select(POINTER(values), POINTER(indices), POINTER(order), POINTER(a), long size, long inner, long padded,
                    long lines, int selection, long k, int outputs) {
  long l = (long)GLOBAL_ITEM(0);
  if (l >= lines) return;
  MEMORY const T *line = AT(const T, a) + begin_of(l, size, inner);
  MEMORY const long *places = AT(const long, order) + l * padded;
  long rank = k - 1;
  if (selection == 1 || selection == 2) {
    long numbers = size;
    while (numbers > 0 && line[places[numbers - 1] * inner] != line[places[numbers - 1] * inner]) numbers--;
    rank = numbers > 0 ? (numbers - 1) / 2 : 0;
    if (selection == 1 && numbers < size) rank = numbers;
  }
  if (selection == 3) {
    long longest = 0, run = 0;
    for (long i = 0; i < size; i++) {
      run++;
      if (i + 1 < size && line[places[i] * inner] == line[places[i + 1] * inner]) continue;
      if (run > longest) {
        longest = run;
        rank = i;
      }
      run = 0;
    }
  }
  if (outputs & 1) AT(T, values)[l] = line[places[rank] * inner];
  if (outputs & 2) AT(long, indices)[l] = places[rank];
}

// Where values would be inserted into ascending lines of `size` elements: before equal ones, or after them (right). R: type of
// the output.
KERNEL search_sorted(POINTER(out), POINTER(sorted), POINTER(values), POINTER(sorter), POINTER(fault), int what, long size,
                     long per_line, long count, int right, int has_sorter) {
  long i = (long)GLOBAL_ITEM(0);
  if (i >= count) return;
  long begin = per_line == 0 ? 0 : i / per_line * size, low = 0, high = size;
  T value = AT(const T, values)[i];
  while (low < high) {
    long middle = low + (high - low) / 2, at = middle;
    if (has_sorter) at = AT(const long, sorter)[begin + middle];
    if (at < 0 || at >= size) {
      report(AT(long, fault), what, middle, at, size);
      return;
    }
    T x = AT(const T, sorted)[begin + at];
    // Negated, so that what cannot be compared goes to the end.
    if (right ? !(x > value) : !(x >= value)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  AT(R, out)[i] = (R)low;
}
