// Pooling. One item for each output forward, for each input backward: there it adds up the windows that cover it, in order, so
// the result is the same in every run. C: type of the codes, the position of a maximum in its window.
FUNCTION long first_tap(const PoolShape *s, int dim, long at) {
  long begin = at * s->stride[dim] - s->padding[dim], step = s->dilation[dim];
  return begin < 0 ? (-begin + step - 1) / step : 0;
}
FUNCTION long end_tap(const PoolShape *s, int dim, long at) {
  long left = s->in[dim] - (at * s->stride[dim] - s->padding[dim]), step = s->dilation[dim];
  long end = left <= 0 ? 0 : (left + step - 1) / step;
  return end > s->window[dim] ? s->window[dim] : end;
}
FUNCTION long place_of(const PoolShape *s, int dim, long at, long tap) {
  return at * s->stride[dim] - s->padding[dim] + tap * s->dilation[dim];
}
FUNCTION void split(long i, const long *sizes, long *plane, long *at) {
  at[2] = i % sizes[2];
  at[1] = i / sizes[2] % sizes[1];
  at[0] = i / sizes[2] / sizes[1] % sizes[0];
  *plane = i / sizes[2] / sizes[1] / sizes[0];
}
// What an average is divided by.
FUNCTION T divisor_of(const PoolShape *s, const long *at, long inside) {
  if (s->divisor != 0) return (T)s->divisor;
  if (!s->count_padding) return (T)inside;
  long count = 1;
  for (int dim = 0; dim < 3; dim++) {
    long begin = at[dim] * s->stride[dim] - s->padding[dim], end = begin + s->window[dim];
    long most = s->in[dim] + s->padding[dim];
    count *= (end < most ? end : most) - begin;
  }
  return (T)count;
}

KERNEL max_pool(POINTER(out), POINTER(codes), POINTER(a), int with_codes, PoolShape s) {
  long i = (long)GLOBAL_ITEM(0), plane, at[3], sizes[3] = {s.out[0], s.out[1], s.out[2]};
  if (i >= s.planes * s.out[0] * s.out[1] * s.out[2]) return;
  split(i, sizes, &plane, at);
  MEMORY const T *x = AT(const T, a) + plane * s.in[0] * s.in[1] * s.in[2];
  T best = LEAST;
  long code = (first_tap(&s, 0, at[0]) * s.window[1] + first_tap(&s, 1, at[1])) * s.window[2] + first_tap(&s, 2, at[2]);
  for (long d = first_tap(&s, 0, at[0]); d < end_tap(&s, 0, at[0]); d++) {
    for (long h = first_tap(&s, 1, at[1]); h < end_tap(&s, 1, at[1]); h++) {
      for (long w = first_tap(&s, 2, at[2]); w < end_tap(&s, 2, at[2]); w++) {
        T value = x[(place_of(&s, 0, at[0], d) * s.in[1] + place_of(&s, 1, at[1], h)) * s.in[2] + place_of(&s, 2, at[2], w)];
        if (value > best || value != value) {
          best = value;
          code = (d * s.window[1] + h) * s.window[2] + w;
        }
      }
    }
  }
  AT(T, out)[i] = best;
  if (with_codes) AT(C, codes)[i] = (C)code;
}

// The gradient of the maximum (dy counts where the code says that this element was chosen) or of the average.
KERNEL pool_gradient(POINTER(dx), POINTER(dy), POINTER(codes), int maximum, PoolShape s) {
  long i = (long)GLOBAL_ITEM(0), plane, at[3], sizes[3] = {s.in[0], s.in[1], s.in[2]};
  if (i >= s.planes * s.in[0] * s.in[1] * s.in[2]) return;
  split(i, sizes, &plane, at);
  long base = plane * s.out[0] * s.out[1] * s.out[2];
  T sum = 0;
  for (long d = 0; d < s.window[0]; d++) {
    for (long h = 0; h < s.window[1]; h++) {
      for (long w = 0; w < s.window[2]; w++) {
        long tap[3] = {d, h, w}, reader[3], ok = 1;
        for (int dim = 0; dim < 3; dim++) {
          long p = at[dim] + s.padding[dim] - tap[dim] * s.dilation[dim];
          ok = ok && p >= 0 && p % s.stride[dim] == 0 && p / s.stride[dim] < s.out[dim];
          reader[dim] = p / s.stride[dim];
        }
        if (!ok) continue;
        long from = base + (reader[0] * s.out[1] + reader[1]) * s.out[2] + reader[2];
        if (maximum) {
          if ((long)AT(const C, codes)[from] == (d * s.window[1] + h) * s.window[2] + w) sum += AT(const T, dy)[from];
          continue;
        }
        long inside = 1;
        for (int dim = 0; dim < 3; dim++) inside *= end_tap(&s, dim, reader[dim]) - first_tap(&s, dim, reader[dim]);
        sum += AT(const T, dy)[from] / divisor_of(&s, reader, inside);
      }
    }
  }
  AT(T, dx)[i] = sum;
}

KERNEL average_pool(POINTER(out), POINTER(a), PoolShape s) {
  long i = (long)GLOBAL_ITEM(0), plane, at[3], sizes[3] = {s.out[0], s.out[1], s.out[2]};
  if (i >= s.planes * s.out[0] * s.out[1] * s.out[2]) return;
  split(i, sizes, &plane, at);
  MEMORY const T *x = AT(const T, a) + plane * s.in[0] * s.in[1] * s.in[2];
  T sum = 0;
  long inside = 1;
  for (int dim = 0; dim < 3; dim++) inside *= end_tap(&s, dim, at[dim]) - first_tap(&s, dim, at[dim]);
  for (long d = first_tap(&s, 0, at[0]); d < end_tap(&s, 0, at[0]); d++) {
    for (long h = first_tap(&s, 1, at[1]); h < end_tap(&s, 1, at[1]); h++) {
      for (long w = first_tap(&s, 2, at[2]); w < end_tap(&s, 2, at[2]); w++)
        sum += x[(place_of(&s, 0, at[0], d) * s.in[1] + place_of(&s, 1, at[1], h)) * s.in[2] + place_of(&s, 2, at[2], w)];
    }
  }
  AT(T, out)[i] = sum / divisor_of(&s, at, inside);
}

// out = the element of a's window that its code names.
KERNEL max_pool_take(POINTER(out), POINTER(a), POINTER(codes), PoolShape s) {
  long i = (long)GLOBAL_ITEM(0), plane, at[3], sizes[3] = {s.out[0], s.out[1], s.out[2]};
  if (i >= s.planes * s.out[0] * s.out[1] * s.out[2]) return;
  split(i, sizes, &plane, at);
  long code = (long)AT(const C, codes)[i], w = code % s.window[2], h = code / s.window[2] % s.window[1];
  long d = code / s.window[2] / s.window[1];
  long from = (place_of(&s, 0, at[0], d) * s.in[1] + place_of(&s, 1, at[1], h)) * s.in[2] + place_of(&s, 2, at[2], w);
  AT(T, out)[i] = AT(const T, a)[plane * s.in[0] * s.in[1] * s.in[2] + from];
}
